//! Closings: a terminated card's last word on its account (§12.2).
//!
//! What its last events say is booked, credits that the card has not taken are void, the
//! account begins nothing more, and what the card had is owed to its holder.

use saifu_wire::codec::Wire;
use saifu_wire::signed::{Closing, ClosingPurse, Credit, Signed};
use saifu_wire::{AccountId, Digest, LoadId};

use crate::accounts::signed_by_card;
use crate::center::Center;
use crate::chain::{self, FirstLink};
use crate::crypto::identity;
use crate::evidence::not_forked;
use crate::ledger::{Holder, Instruction, InstructionKind};
use crate::payouts::sign;
use crate::refusal::{Refusal, Result};
use crate::store::{AccountRow, CardPayout, ClosingFacts, ClosingRow, Judged};

impl Center {
    /// Closes an account by its card's Closing, and returns the one that is kept: the first.
    ///
    /// # Errors
    /// `malformed`; `not-found`: no such account; `not-authentic`: another key signed it;
    /// `conflict`: of another card, or its last events do not join what is known;
    /// `card-frozen`: it contradicts the card's chain, or an earlier Closing.
    pub fn take_closing(&self, closing: &[u8]) -> Result<Vec<u8>> {
        let account = self.close_by_card(closing)?;
        let id = account.id;
        account.closing.ok_or_else(|| Refusal::internal(format!("account {id} is not closed")))
    }

    /// Closes an account by its card's Closing, and returns it as it is then.
    ///
    /// # Errors
    /// As [`Center::take_closing`].
    pub fn close_by_card(&self, closing: &[u8]) -> Result<AccountRow> {
        let said = Signed::<Closing>::parse(closing).map_err(|error| {
            Refusal::malformed(format!("this is not a signed Closing: {error}; send it as it is"))
        })?;
        self.refuse_other_center(said.message().center)?;
        let account = self.account(said.message().account)?;
        let signed = signed_by_card::<Closing>(&account, closing, "a signed Closing")?;
        if signed.message().card != account.card {
            return Err(Refusal::conflict("the Closing is of another card: send this card's"));
        }
        for purse in &signed.message().purses.0 {
            if !purse.last.0.is_empty() {
                self.close_by(&account, &purse.last.0, None)?;
            }
        }
        self.close_account(&account, &signed)?;
        self.account(account.id)
    }

    fn close_account(&self, account: &AccountRow, closing: &Signed<Closing>) -> Result<()> {
        let said = closing.message();
        let row = ClosingRow {
            account: account.id,
            counter: said.counter,
            previous: said.previous,
            identity: identity(closing),
            signed: closing.to_bytes(),
            voided: self.never_taken(account, &said.purses.0)?,
        };
        let (first, said) = (chain::first_link(account)?, said.clone());
        let judge = move |facts: ClosingFacts| judge(&said, &facts, first);
        let judged = self.store.close_account(row, self.now(), Box::new(judge))?;
        not_forked(account.id, judged)
    }

    /// Pays what a closed card had out to its holder, purse by purse, once; of a replaced card,
    /// what the new one has no purse for.
    ///
    /// # Errors
    /// `not-found`; `conflict`: the account is neither closed nor replaced, or the ledger says that
    /// its card had less than it claims; a replaced card's value is not due, or nothing is left.
    pub fn pay_out_card(&self, account: AccountId) -> Result<Vec<CardPayout>> {
        let closing = closing_of(&self.account(account)?)?;
        let Some(closing) = closing else {
            let replacement = self.store.replacement_of(account)?.ok_or_else(|| {
                Refusal::conflict(format!(
                    "account {account} is not closed: its card's Closing says what is to be paid \
                     out"
                ))
            })?;
            return self.pay_out_left(&replacement);
        };
        let cause = identity(&closing);
        let owed = closing.message().purses.0.iter().filter(|purse| purse.balance > 0);
        owed.map(|purse| self.pay_out_purse(account, purse, cause)).collect()
    }

    fn pay_out_purse(
        &self,
        account: AccountId,
        purse: &ClosingPurse,
        cause: Digest,
    ) -> Result<CardPayout> {
        let (keys, purse_number, now) = (self.keys.clone(), purse.purse, self.now());
        let instruction = Instruction {
            center: self.id(),
            signer: 0,
            why: InstructionKind::PayOut,
            kind: purse.kind,
            unit: purse.unit,
            amount: purse.balance,
            source: Holder::Card,
            source_id: account.0,
            target: Holder::Redeemed,
            target_id: account.0,
            account,
            purse: purse_number,
            cause,
            time: now,
        };
        let make = move |on_card: i64| {
            if on_card < instruction.amount.cast_signed() {
                return Err(Refusal::conflict(format!(
                    "purse {purse_number}: the card says {}, the ledger {on_card}: nothing is paid \
                     out until that is cleared up",
                    instruction.amount
                )));
            }
            sign(&keys, instruction)
        };
        self.store.pay_out_purse(account, purse_number, now, Box::new(make))
    }

    /// The loads whose credit was given out and is above the card's last sequence.
    fn never_taken(&self, account: &AccountRow, purses: &[ClosingPurse]) -> Result<Vec<LoadId>> {
        let mut voided = Vec::new();
        for purse in purses {
            let load = self.store.load_under_way(account.id, purse.purse)?;
            let Some((load, credit)) = load.and_then(|load| load.credit.map(|c| (load.id, c)))
            else {
                continue;
            };
            let credit = Signed::<Credit>::parse(&credit).map_err(|error| {
                Refusal::internal(format!("a stored credit is damaged: {error}"))
            })?;
            if credit.message().sequence > purse.sequence {
                voided.push(load);
            }
        }
        Ok(voided)
    }
}

/// The Closing with which an account was closed.
///
/// # Errors
/// It is stored damaged.
pub fn closing_of(account: &AccountRow) -> Result<Option<Signed<Closing>>> {
    let Some(closing) = &account.closing else { return Ok(None) };
    let signed = Signed::<Closing>::parse(closing).map_err(|error| {
        Refusal::internal(format!("the Closing of account {} is damaged: {error}", account.id))
    })?;
    Ok(Some(signed))
}

/// Whether a Closing ends the chain as it is known.
fn judge(said: &Closing, facts: &ClosingFacts, first: FirstLink) -> Result<Judged> {
    if let Some(kept) = &facts.kept {
        let kept = Signed::<Closing>::parse(kept)
            .map_err(|error| Refusal::internal(format!("a stored Closing is damaged: {error}")))?;
        let word =
            |closing: &Closing| (closing.counter, closing.previous, closing.purses.to_bytes());
        return Ok(match word(kept.message()) == word(said) {
            true => Judged::Known,
            false => Judged::Fork("two Closings of it say different things".into()),
        });
    }
    let known = if said.counter == 1 { Some(first.or(said.previous)) } else { facts.same };
    if facts.top > said.counter || known.is_some_and(|known| known != said.previous) {
        return Ok(Judged::Fork("its Closing does not end the chain that is known".into()));
    }
    Ok(Judged::Booked)
}
