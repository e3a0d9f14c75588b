//! What the owner decides about value: shops are paid out, payments are taken out of suspense.
//!
//! Both follow from an [`Instruction`] that the center signs and keeps: the ledger moves nothing
//! that nobody signed for.

use std::sync::Arc;

use saifu_wire::signed::{Outcome, Receipt};
use saifu_wire::value::{Kind, Unit};
use saifu_wire::{AccountId, CenterId, Digest, ShopId};

use crate::center::Center;
use crate::crypto::{identity, sha256};
use crate::keys::Keys;
use crate::ledger::{Holder, Instruction, InstructionKind, Payable, Statement, StatementAsked};
use crate::refusal::{Refusal, Result};
use crate::store::{
    NewPayout, PayoutRow, Resolution, ResolveFacts, Resolved, Sale, Signature, TokenName,
};

/// The most characters of a payout's reference.
const MAX_REFERENCE: usize = 100;

/// The most lines of one page of a statement.
const MAX_LINES: u32 = 1_000;

impl Center {
    /// A shop's account over a period, and a page of its lines.
    ///
    /// # Errors
    /// `malformed`: no line is asked for, or more than a page has; the store fails.
    pub fn statement(&self, asked: StatementAsked) -> Result<Statement> {
        if asked.limit == 0 || asked.limit > MAX_LINES {
            return Err(Refusal::malformed(format!(
                "a page of a statement has 1 to {MAX_LINES} lines: ask for as many"
            )));
        }
        self.store.statement(asked)
    }

    /// The kinds and units in which a shop was ever paid.
    ///
    /// # Errors
    /// The store fails.
    pub fn shop_units(&self, shop: ShopId) -> Result<Vec<(Kind, Unit)>> {
        self.store.shop_units(shop)
    }

    /// Pays a shop out of the scheme, once for a reference, at most what is settled for it
    /// less the center's fee of all that it ever earned.
    ///
    /// # Errors
    /// `malformed`: no amount or no usable reference; `conflict`: more than is payable, or the
    /// reference is another payout's.
    pub fn pay_out(&self, payout: NewPayout) -> Result<PayoutRow> {
        check(&payout)?;
        let (keys, now, center) = (Arc::clone(&self.keys), self.now(), self.id());
        let asked = payout.clone();
        let make = move |payable: Payable| {
            refuse_unpayable(&asked, payable)?;
            let instruction = Instruction {
                center,
                signer: 0,
                why: InstructionKind::PayOut,
                kind: asked.kind,
                unit: asked.unit,
                amount: asked.amount,
                source: Holder::Settled,
                source_id: asked.shop.0,
                target: Holder::Redeemed,
                target_id: asked.shop.0,
                account: AccountId::ZERO,
                purse: 0,
                cause: Digest(sha256(&[asked.reference.as_bytes()])),
                time: now,
            };
            sign(&keys, instruction)
        };
        self.store.pay_out(payout, now, Box::new(make))
    }

    /// Settles a payment that is in suspense, and gives its second receipt; again, the same.
    ///
    /// # Errors
    /// `not-found`: no such payment; `conflict`: it was settled as it came, or is given back, its
    /// order is settled otherwise, or the card has spent more than it was given.
    pub fn resolve(&self, token: TokenName) -> Result<Resolved> {
        let (keys, now, center) = (Arc::clone(&self.keys), self.now(), self.id());
        let make = move |facts: ResolveFacts| {
            refuse_unsettleable(&facts)?;
            let instruction = sign(&keys, settle(&facts, center, now))?;
            let ResolveFacts { account, token, counter, entry, .. } = facts;
            let outcome = Outcome::Settled;
            let receipt =
                Receipt { center, signer: 0, account, token, counter, outcome, entry, time: now };
            Ok(Resolution { instruction, receipt: keys.sign(receipt)?.to_bytes() })
        };
        self.store.resolve(token, now, Box::new(make))
    }

    /// At most `limit` payments after entry `after` that are in suspense still, oldest first.
    ///
    /// # Errors
    /// The store fails.
    pub fn suspended(&self, after: u64, limit: u32) -> Result<Vec<Sale>> {
        self.store.suspended(after, limit)
    }
}

fn check(payout: &NewPayout) -> Result<()> {
    let length = payout.reference.chars().count();
    if length == 0 || length > MAX_REFERENCE || payout.reference.chars().any(char::is_control) {
        return Err(Refusal::malformed(format!(
            "a payout needs a reference of 1 to {MAX_REFERENCE} characters, by which it is not \
             made twice"
        )));
    }
    if payout.amount == 0 {
        return Err(Refusal::malformed("a payout needs an amount above 0: name one"));
    }
    Ok(())
}

fn refuse_unpayable(asked: &NewPayout, payable: Payable) -> Result<()> {
    let Payable { settled, fee } = payable;
    if payable.amount() < i128::from(asked.amount) {
        let (amount, unit) = (payable.amount(), asked.unit);
        return Err(Refusal::conflict(format!(
            "{amount} {unit} are payable to the shop: {settled} {unit} are settled for it, of \
             which the center keeps its fee of {fee} {unit}: pay out at most what is payable"
        )));
    }
    Ok(())
}

fn refuse_unsettleable(facts: &ResolveFacts) -> Result<()> {
    let refuse = |why: &str| Err(Refusal::conflict(format!("the payment {why}")));
    if facts.settled {
        return refuse("was settled as it came: there is nothing to do");
    }
    if facts.order_settled {
        return refuse("is a second one of its order, which is settled: it is to be given back");
    }
    if facts.given_back {
        return refuse("is given back, or is to be: the shop gets nothing for it");
    }
    if facts.spendable < 0 {
        return refuse(
            "is of more than the card is known to have been given: have it send in what it was \
             credited first",
        );
    }
    Ok(())
}

fn settle(facts: &ResolveFacts, center: CenterId, time: u64) -> Instruction {
    Instruction {
        center,
        signer: 0,
        why: InstructionKind::Settle,
        kind: facts.kind,
        unit: facts.unit,
        amount: facts.amount,
        source: Holder::Suspense,
        source_id: facts.account.0,
        target: Holder::Settled,
        target_id: facts.shop.0,
        account: facts.account,
        purse: facts.purse,
        cause: facts.token,
        time,
    }
}

/// Signs an instruction.
pub(crate) fn sign(keys: &Keys, instruction: Instruction) -> Result<Signature> {
    let signed = keys.sign(instruction)?;
    Ok(Signature {
        instruction: signed.message().clone(),
        identity: identity(&signed),
        signed: signed.to_bytes(),
    })
}
