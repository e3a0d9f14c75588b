//! What a replaced card had and the new one cannot take: its holder is paid out instead.
//!
//! A purse of the new card takes what one of the same number, kind, unit and scope had, in at most
//! [`MAX_PARTS`] loads. What no purse takes stays with the old card's account, and is told.

use core::num::NonZeroU64;

use saifu_wire::value::{Kind, PurseTerms, Unit};
use saifu_wire::{AccountId, Digest};

use crate::accounts::purses_of;
use crate::center::Center;
use crate::clock::rfc3339;
use crate::crypto::sha256;
use crate::ledger::{Holder, Instruction, InstructionKind};
use crate::payouts::sign;
use crate::refusal::{Refusal, Result};
use crate::store::{AccountRow, CardPayout, FundingSource, Replacement};

/// The most loads that are made of what a purse of a replaced card had.
pub(crate) const MAX_PARTS: u64 = 1_000;

/// What stays behind of a purse, in minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Left {
    /// The purse of the replaced card.
    pub purse: u32,
    /// The kind of value.
    pub kind: Kind,
    /// The unit.
    pub unit: Unit,
    /// How much.
    pub amount: u64,
}

impl Center {
    /// What the new card cannot take of a replaced card's value, as the ledger stands.
    pub(crate) fn left_behind(&self, replacement: &Replacement) -> Result<Vec<Left>> {
        let old = self.account(replacement.old)?;
        let has = purses_of(&self.account(self.heir(replacement)?)?)?;
        let mut left = Vec::new();
        for (terms, amount) in self.had(&old)? {
            let follows = match replacement.funded {
                Some(_) => self.followed(old.id, terms.purse)?,
                None => taker(&terms, &has, amount).is_some(),
            };
            if !follows {
                let PurseTerms { purse, kind, unit, .. } = terms;
                left.push(Left { purse, kind, unit, amount: amount.get() });
            }
        }
        Ok(left)
    }

    /// Refuses a new card whose purse would need too many loads for what the old one had.
    pub(crate) fn refuse_too_many_loads(&self, old: &AccountRow, new: &AccountRow) -> Result<()> {
        let has = purses_of(new)?;
        for (terms, amount) in self.had(old)? {
            let parts = same_purse(&terms, &has).map_or(0, |same| parts(same, amount));
            if parts > MAX_PARTS {
                return Err(Refusal::limit(format!(
                    "{amount} {} of purse {} would be {parts} loads of the new card, and at most \
                     {MAX_PARTS} are made of them: replace it by a card whose purse holds more",
                    terms.unit, terms.purse
                )));
            }
        }
        Ok(())
    }

    /// Pays what was left behind of a replaced card out to its holder, once for each purse.
    pub(crate) fn pay_out_left(&self, replacement: &Replacement) -> Result<Vec<CardPayout>> {
        let old = replacement.old;
        if self.now() < replacement.due {
            return Err(Refusal::conflict(format!(
                "what account {old} had waits for late payments until {}: pay out then",
                rfc3339(replacement.due)
            )));
        }
        self.fund_replacements(&self.account(self.heir(replacement)?)?)?;
        let now = self.store.replacement_of(old)?;
        let now = now.ok_or_else(|| Refusal::internal("a replacement vanished"))?;
        let left = self.left_behind(&now)?;
        if left.is_empty() {
            return Err(Refusal::conflict(format!(
                "nothing of account {old} is left to be paid out: its value went to the new card, \
                 or is paid out already"
            )));
        }
        left.iter().map(|left| self.pay_out_left_of(old, left)).collect()
    }

    fn pay_out_left_of(&self, account: AccountId, left: &Left) -> Result<CardPayout> {
        let (keys, now) = (self.keys.clone(), self.now());
        let instruction = Instruction {
            center: self.id(),
            signer: 0,
            why: InstructionKind::PayOut,
            kind: left.kind,
            unit: left.unit,
            amount: left.amount,
            source: Holder::Card,
            source_id: account.0,
            target: Holder::Redeemed,
            target_id: account.0,
            account,
            purse: left.purse,
            cause: Digest(sha256(&[b"replaced card", &account.0])),
            time: now,
        };
        let make = move |on_card: i64| {
            if on_card < instruction.amount.cast_signed() {
                return Err(Refusal::conflict(
                    "the card's value has changed meanwhile: look at it and pay out again",
                ));
            }
            sign(&keys, instruction)
        };
        self.store.pay_out_purse(account, left.purse, now, Box::new(make))
    }

    /// Whether the value of a purse went to the new card when its time had come.
    fn followed(&self, old: AccountId, purse: u32) -> Result<bool> {
        let first = reference(old, purse, 0);
        Ok(self.store.funding_of(FundingSource::Replacement, &first)?.is_some())
    }

    /// The purses of a card in which the ledger says that something is.
    fn had(&self, old: &AccountRow) -> Result<Vec<(PurseTerms, NonZeroU64)>> {
        let standing = self.card_standing(old.id)?;
        let amount = |purse: u32| {
            let found = standing.purses.iter().find(|standing| standing.purse == purse)?;
            let sum = found.on_card.checked_add(found.unapplied)?;
            u64::try_from(sum).ok().and_then(NonZeroU64::new)
        };
        let of = |terms: PurseTerms| amount(terms.purse).map(|amount| (terms, amount));
        Ok(purses_of(old)?.into_iter().filter_map(of).collect())
    }
}

/// By what a replacement's funding is known.
pub(crate) fn reference(old: AccountId, purse: u32, part: u64) -> String {
    format!("{old}/{purse}/{part}")
}

/// The purse of the new card that takes an amount that `had` had.
pub(crate) fn taker<'a>(
    had: &PurseTerms,
    has: &'a [PurseTerms],
    amount: NonZeroU64,
) -> Option<&'a PurseTerms> {
    same_purse(had, has).filter(|terms| parts(terms, amount) <= MAX_PARTS)
}

/// How many loads an amount is, none larger than the purse holds.
pub(crate) fn parts(terms: &PurseTerms, amount: NonZeroU64) -> u64 {
    amount.get().div_ceil(terms.max_balance.max(1))
}

/// The purse of the same number, kind, unit and scope.
fn same_purse<'a>(had: &PurseTerms, has: &'a [PurseTerms]) -> Option<&'a PurseTerms> {
    let what =
        |terms: &PurseTerms| (terms.purse, terms.kind, terms.unit, terms.scope, terms.scope_id);
    has.iter().find(|terms| what(terms) == what(had))
}
