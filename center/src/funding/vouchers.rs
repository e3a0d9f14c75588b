//! Vouchers: made in batches, sold, redeemed once.

use saifu_wire::value::{Kind, PurseTerms, ScopeKind, Unit};
use saifu_wire::{AccountId, Digest, ShopId};

use super::Code;
use crate::accounts::{purse_of, purses_of, refuse_barred};
use crate::center::Center;
use crate::crypto::{random, sha256};
use crate::ledger::Side;
use crate::money::MAX_AMOUNT;
use crate::orders::check_key;
use crate::refusal::{Refusal, Result};
use crate::store::{
    AccountRow, Batch, BatchId, BatchRow, FundingRow, FundingSource, NewFunding, RedeemFacts,
    Redeemed, VoucherState,
};

/// The most codes of one batch.
pub const MAX_CODES: u32 = 10_000;

/// A batch to be made.
#[derive(Debug, Clone)]
pub struct NewBatch {
    /// How many codes, at most [`MAX_CODES`].
    pub count: u32,
    /// The kind of the purses that they are for.
    pub kind: Kind,
    /// Their unit.
    pub unit: Unit,
    /// What each brings, in minor units.
    pub amount: u64,
    /// The shop that the purse must be bound to; zero for any purse.
    pub shop: ShopId,
    /// The second after which they are not redeemed; 0 for never.
    pub expires: u64,
    /// Whether they are sold already.
    pub sold: bool,
}

impl Center {
    /// Makes a batch of vouchers. The codes are here for the only time: their hashes are kept.
    ///
    /// # Errors
    /// `malformed`: no codes or too many, no amount or too much, the date is past, or no
    /// purse that accounts get takes them.
    pub fn make_vouchers(&self, asked: &NewBatch) -> Result<(BatchRow, Vec<Code>)> {
        self.make_batch(asked, random::array()?)
    }

    /// As [`make_vouchers`](Self::make_vouchers), once under each key: the codes are told once, and
    /// cannot be told again.
    ///
    /// # Errors
    /// As there, and `conflict`: a batch was made under this key.
    pub fn make_vouchers_once(&self, asked: &NewBatch, key: &str) -> Result<(BatchRow, Vec<Code>)> {
        check_key(key)?;
        let hash = sha256(&[b"saifu voucher batch", key.as_bytes()]);
        let mut id = [0; 16];
        id.copy_from_slice(&hash[..16]);
        let made_before = || -> Result<()> {
            if self.store.batch(id)?.is_none() {
                return Ok(());
            }
            Err(Refusal::conflict(format!(
                "batch {} was made under this key, and its codes were told then: if they did not \
                 arrive, void it, and make another under a new key",
                hex::encode(id)
            )))
        };
        made_before()?;
        // Another request with this key may have come between.
        self.make_batch(asked, id).or_else(|refusal| made_before().and(Err(refusal)))
    }

    fn make_batch(&self, asked: &NewBatch, id: BatchId) -> Result<(BatchRow, Vec<Code>)> {
        let now = self.now();
        let wrong = if !(1..=MAX_CODES).contains(&asked.count) {
            format!("a batch has 1 to {MAX_CODES} codes")
        } else if !(1..=MAX_AMOUNT).contains(&asked.amount) {
            format!("a voucher brings 1 to {MAX_AMOUNT} minor units")
        } else if asked.expires != 0 && asked.expires <= now {
            "the date after which they are not redeemed is past".into()
        } else if !self
            .config
            .purse_terms()?
            .0
            .iter()
            .any(|terms| !self.has_ended(terms) && takes(terms, &batch_of(asked, id, now)))
        {
            "no purse of center.toml takes them, by kind, unit, shop and largest balance".into()
        } else {
            let row = batch_of(asked, id, now);
            let codes = (0..asked.count)
                .map(|_| Code::draw())
                .collect::<std::result::Result<Vec<_>, _>>()?;
            self.store.add_batch(row.clone(), codes.iter().map(Code::hash).collect())?;
            return Ok((row, codes));
        };
        Err(Refusal::malformed(format!("{wrong}: correct it, nothing was made")))
    }

    /// At most `limit` batches, newest first.
    ///
    /// # Errors
    /// The store fails.
    pub fn voucher_batches(&self, limit: u32) -> Result<Vec<Batch>> {
        self.store.batches(limit)
    }

    /// A batch.
    ///
    /// # Errors
    /// `not-found`.
    pub fn voucher_batch(&self, id: BatchId) -> Result<Batch> {
        self.store.batch(id)?.ok_or_else(|| {
            let id = hex::encode(id);
            Refusal::not_found(format!("there is no batch {id}: see `saifu-center voucher list`"))
        })
    }

    /// Notes that a batch is sold: from now on its codes redeem.
    ///
    /// # Errors
    /// `not-found`.
    pub fn sell_vouchers(&self, id: BatchId) -> Result<Batch> {
        self.store.sell_batch(id, self.now())?;
        self.voucher_batch(id)
    }

    /// Voids the unused codes of a batch; how many.
    ///
    /// # Errors
    /// `not-found`.
    pub fn void_vouchers(&self, id: BatchId) -> Result<u64> {
        self.voucher_batch(id)?;
        self.store.void_batch(id)
    }

    /// Voids one unused code.
    ///
    /// # Errors
    /// `not-found`: there is no such unused code.
    pub fn void_voucher(&self, code: &str) -> Result<()> {
        let is_done = match Code::parse(code) {
            Some(code) => self.store.void_code(code.hash())?,
            None => false,
        };
        is_done.then_some(()).ok_or_else(|| {
            Refusal::not_found("there is no such unused voucher: nothing was voided")
        })
    }

    /// Redeems a voucher's code for an account: into `purse`, or into its first that takes it.
    /// The same account again gets the same answer.
    ///
    /// # Errors
    /// `not-found`: no such account or purse, or no such code; `conflict`: the code was redeemed
    /// by another account, voided, or not sold, is expired, or the account has no purse for it;
    /// `limit`: too many wrong codes, or more than one load of the card may bring;
    /// `card-frozen`.
    pub fn redeem(&self, account: AccountId, code: &str, purse: Option<u32>) -> Result<FundingRow> {
        let (account, now) = (self.account(account)?, self.now());
        refuse_barred(&account)?;
        self.attempts.check(account.id, now)?;
        let Some(code) = Code::parse(code) else {
            self.attempts.count(account.id, now);
            return Err(unknown());
        };
        let (id, hash) = (account.id, code.hash());
        let purses = self.purses_for(&account, purse)?;
        let most = self.config.limits.of(account.assurance).max_load;
        let make = move |facts| judge(facts, id, &purses, (hash, now, most));
        let redeemed = self.store.redeem(hash, now, Box::new(make));
        if redeemed.as_ref().is_err_and(|refusal| *refusal == unknown()) {
            self.attempts.count(id, now);
        }
        redeemed
    }

    /// The purses that may take a voucher: the named one, or all that have not ended.
    fn purses_for(&self, account: &AccountRow, purse: Option<u32>) -> Result<Vec<PurseTerms>> {
        let mut purses = match purse {
            Some(purse) => vec![purse_of(account, purse)?],
            None => purses_of(account)?,
        };
        purses.retain(|terms| !self.has_ended(terms));
        Ok(purses)
    }
}

fn batch_of(asked: &NewBatch, id: BatchId, made: u64) -> BatchRow {
    let NewBatch { kind, unit, amount, shop, expires, sold, .. } = *asked;
    BatchRow { id, kind, unit, amount, shop, expires, made, sold: sold.then_some(made) }
}

/// Whether a code is unknown or mistyped is told alike.
fn unknown() -> Refusal {
    Refusal::not_found("there is no such voucher: compare the code, digit by digit")
}

fn judge(
    facts: RedeemFacts,
    account: AccountId,
    purses: &[PurseTerms],
    (code, now, most): (Digest, u64, u64),
) -> Result<Redeemed> {
    let Some((batch, state, redemptions)) = facts.known else { return Err(unknown()) };
    let refuse = |what: &str| Err(Refusal::conflict(format!("the voucher {what}")));
    match (state, facts.funding) {
        (VoucherState::Redeemed, Some(funding)) if funding.what.account == account => {
            return Ok(Redeemed::Before(funding));
        }
        (VoucherState::Redeemed, _) => {
            return refuse("was redeemed already, by another account: ask its seller");
        }
        (VoucherState::Voided, _) => return refuse("was taken back: ask its seller for another"),
        (VoucherState::Unused, _) if batch.sold.is_none() => {
            return refuse("is not sold yet: ask its seller to activate it, then try again");
        }
        (VoucherState::Unused, _) if batch.expires != 0 && batch.expires < now => {
            return refuse("has expired: ask its seller for another");
        }
        (VoucherState::Unused, _) => {}
    }
    if crate::config::is_over(batch.amount, most) {
        return Err(Refusal::limit(format!(
            "the voucher brings {}, and a load of this card at most {most}: use another card",
            batch.amount
        )));
    }
    match purses.iter().find(|terms| takes(terms, &batch)) {
        None => refuse("fits no purse of this account: name one of its kind, unit and shop"),
        Some(terms) => Ok(Redeemed::Now(funding_of(&batch, terms, account, code, redemptions))),
    }
}

fn takes(terms: &PurseTerms, batch: &BatchRow) -> bool {
    let is_of_shop = terms.scope == ScopeKind::Shop && terms.scope_id == batch.shop.0;
    (terms.kind, terms.unit) == (batch.kind, batch.unit)
        && (batch.shop.is_zero() || is_of_shop)
        && batch.amount <= terms.max_balance
        && (terms.face_amount == 0 || batch.amount.is_multiple_of(terms.face_amount))
}

fn funding_of(
    batch: &BatchRow,
    terms: &PurseTerms,
    account: AccountId,
    code: Digest,
    redemptions: u32,
) -> NewFunding {
    NewFunding {
        account,
        purse: terms.purse,
        kind: batch.kind,
        unit: batch.unit,
        amount: batch.amount,
        source: FundingSource::Voucher,
        reference: format!("{code}/{}", redemptions.saturating_add(1)),
        available_from: 0,
        from: Side::ISSUED,
        refunded_token: Digest::ZERO,
        refunded_licence: 0,
        evidence: Vec::new(),
    }
}
