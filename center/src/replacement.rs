//! Replacement: the holder of a lost, stolen or erased card gets another in its place.
//!
//! ```text
//! replaced: the old card is frozen, its works are licensed to the new one
//!   │ waiting: a late token of the old card is settled for its shop at once, where the value
//!   │          covers it; its work is licensed to the new card, the value falls by it
//!   ▼
//! due: what the ledger then says is on the old card is credited to the new one; what that has no
//!     purse for is paid out to the holder
//!     a token that turns up only now stays in suspense, set off against what was credited:
//!     the old card goes below zero by it, no shop is paid twice, no value is made
//! ```

use core::num::NonZeroU64;

use saifu_center_api::ProblemCode;
use saifu_wire::signed::{Licence, Outcome, Receipt, Signed};
use saifu_wire::value::PurseTerms;
use saifu_wire::{AccountId, CenterId, Digest};

use crate::accounts::{purses_of, refuse_barred};
use crate::cards::checked;
use crate::center::Center;
use crate::keys::Keys;
use crate::ledger::{Holder, Instruction, InstructionKind, Side};
use crate::left_behind::{Left, parts, reference, taker};
use crate::refusal::{Refusal, Result};
use crate::store::{
    AccountRow, FundingSource, NewFunding, OrderRow, PurseSum, Replacement, TokenName,
};

/// How many orders are licensed to the new card at once.
const PAGE: u32 = 100;

/// A replacement as it was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replace {
    /// The account of the card that is replaced.
    pub old: AccountId,
    /// The account of the card that takes its place.
    pub new: AccountId,
    /// Why.
    pub reason: String,
    /// For how many seconds the value waits for late tokens.
    pub waiting: u64,
    /// Whether works that were bought for a number of uses are licensed for all of them once
    /// more: how many the old card has left, nobody can know.
    pub with_limited: bool,
}

/// What a replacement did with the old card's works, and what of its value cannot follow.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Moved {
    /// How many works the new card has licences of.
    pub works: u32,
    /// How many were bought for a number of uses, and were left.
    pub limited: u32,
    /// What the new card has no purse for: it is paid out to the holder, once the value is due.
    pub left: Vec<Left>,
}

impl Center {
    /// Replaces a card. Asked again for the same two cards, it licenses what is not licensed yet.
    ///
    /// # Errors
    /// `malformed`: no reason; `not-found`; `conflict`: the old card was replaced by another, or
    /// is closed, or the two are one; `card-frozen`, `card-not-accepted`: the new card;
    /// `limit`: a purse of it holds so little that too many loads would be made.
    pub fn replace_card(&self, asked: &Replace) -> Result<(Replacement, Moved)> {
        let (old, new) = (self.account(asked.old)?, self.account(asked.new)?);
        if old.id == new.id {
            return Err(Refusal::conflict("a card cannot replace itself: register another first"));
        }
        if old.closing.is_some() {
            let detail = "is closed, by its own word: pay out what it had";
            return Err(Refusal::conflict(format!("account {} {detail}", old.id)));
        }
        refuse_barred(&new)?;
        self.card_now(&new, self.now())?;
        if self.store.replacement_of(old.id)?.is_none() {
            self.refuse_too_many_loads(&old, &new)?;
        }
        let replacement = self.store.replace_card(Replacement {
            old: old.id,
            new: new.id,
            reason: checked(&asked.reason)?,
            made: self.now(),
            due: self.now().saturating_add(asked.waiting),
            with_limited: asked.with_limited,
            funded: None,
        })?;
        if replacement.new != new.id {
            return Err(Refusal::conflict(format!(
                "account {} is replaced already, by account {}: replace that one",
                old.id, replacement.new
            )));
        }
        let moved = self.move_works(&replacement)?;
        let left = self.left_behind(&replacement)?;
        Ok((replacement, Moved { left, ..moved }))
    }

    /// The replacement of a card, if it was replaced.
    ///
    /// # Errors
    /// The store fails.
    pub fn replacement_of(&self, old: AccountId) -> Result<Option<Replacement>> {
        self.store.replacement_of(old)
    }

    /// Credits to a card what was on those that it replaces, once their time has come.
    pub(crate) fn fund_replacements(&self, new: &AccountRow) -> Result<()> {
        let now = self.now();
        let due = |of: &Replacement| of.funded.is_none() && of.due <= now;
        for replacement in self.inherited(new.id)?.into_iter().filter(due) {
            let (keys, center) = (self.keys.clone(), self.id());
            let (purses, old) = (purses_of(new)?, self.account(replacement.old)?);
            let (had, heir) = (purses_of(&old)?, new.id);
            let make = move |sums: Vec<PurseSum>| {
                let mut fundings = Vec::new();
                for sum in sums {
                    let Some(amount) = u64::try_from(sum.spendable).ok().and_then(NonZeroU64::new)
                    else {
                        continue;
                    };
                    let had = had.iter().find(|terms| terms.purse == sum.purse);
                    // What no purse takes is paid out to the holder.
                    let Some(terms) = had.and_then(|had| taker(had, &purses, amount)) else {
                        continue;
                    };
                    fundings.extend(split(&replacement, heir, terms, amount));
                }
                fundings.into_iter().map(|funding| instruct(&keys, center, funding, now)).collect()
            };
            self.store.fund_replacement(old.id, now, Box::new(make))?;
        }
        Ok(())
    }

    /// A payment of a replaced card that its receipt says is in suspense is settled for its shop
    /// at once, if the value was not yet credited to the new card, and its work is licensed to
    /// that. Any other payment stays as it is.
    pub(crate) fn set_off(&self, receipt: &[u8]) -> Result<()> {
        let receipt = Signed::<Receipt>::parse(receipt)
            .map_err(|error| Refusal::internal(format!("a receipt is damaged: {error}")))?;
        let Receipt { account, token, outcome, .. } = receipt.message();
        if *outcome != Outcome::Suspense {
            return Ok(());
        }
        let Some(replacement) = self.store.replacement_of(*account)? else { return Ok(()) };
        match self.resolve(TokenName::Identity(*token)) {
            Ok(_) => match self.move_works(&replacement) {
                // What the new card cannot take is no reason to refuse the old one's payment.
                Err(refusal) if refusal.code().status() < 500 => Ok(()),
                done => done.map(|_| ()),
            },
            Err(refusal) if refusal.code() == ProblemCode::Conflict => Ok(()),
            Err(refusal) => Err(refusal),
        }
    }

    /// The replacements whose value a card gets: of those that it replaces, and of those that they
    /// replaced.
    fn inherited(&self, new: AccountId) -> Result<Vec<Replacement>> {
        let (mut found, mut at) = (self.store.replaced_by(new)?, 0);
        while let Some(replacement) = found.get(at) {
            found.extend(self.store.replaced_by(replacement.old)?);
            at += 1;
        }
        Ok(found)
    }

    /// The account of the card that is in a replaced card's place today.
    pub(crate) fn heir(&self, replacement: &Replacement) -> Result<AccountId> {
        let mut heir = replacement.new;
        while let Some(next) = self.store.replacement_of(heir)? {
            heir = next.new;
        }
        Ok(heir)
    }

    /// Licenses the works of the old card to the new one, each once.
    fn move_works(&self, replacement: &Replacement) -> Result<Moved> {
        let new = self.account(self.heir(replacement)?)?;
        let (mut moved, mut after) = (Moved::default(), 0);
        loop {
            let page = self.store.bought(replacement.old, after, PAGE)?;
            let Some((last, _)) = page.last() else { return Ok(moved) };
            after = *last;
            for (_, order) in page {
                self.move_work(replacement, &new, &order, &mut moved)?;
            }
        }
    }

    fn move_work(
        &self,
        replacement: &Replacement,
        new: &AccountRow,
        order: &OrderRow,
        moved: &mut Moved,
    ) -> Result<()> {
        let licence = Signed::<Licence>::parse(&order.licence).map_err(|error| {
            Refusal::internal(format!("the licence of order {} is damaged: {error}", order.id))
        })?;
        let uses = licence.message().uses;
        if uses != 0 && !replacement.with_limited {
            moved.limited += 1;
            return Ok(());
        }
        if self.is_given_back(order.id)? {
            return Ok(());
        }
        self.license_again(order, new, &format!("replaces-{}", order.id), uses)?;
        moved.works += 1;
        Ok(())
    }
}

/// Fundings of an amount, none larger than the purse holds.
fn split(
    replacement: &Replacement,
    heir: AccountId,
    terms: &PurseTerms,
    amount: NonZeroU64,
) -> Vec<NewFunding> {
    let most = terms.max_balance.max(1);
    let part = |number: u64| NewFunding {
        account: heir,
        purse: terms.purse,
        kind: terms.kind,
        unit: terms.unit,
        amount: most.min(amount.get() - number * most),
        source: FundingSource::Replacement,
        reference: reference(replacement.old, terms.purse, number),
        available_from: replacement.due,
        from: Side::new(Holder::Card, replacement.old.0),
        refunded_token: Digest::ZERO,
        refunded_licence: 0,
        evidence: Vec::new(),
    };
    (0..parts(terms, amount)).map(part).collect()
}

/// Signs the instruction that a funding follows from.
fn instruct(keys: &Keys, center: CenterId, funding: NewFunding, time: u64) -> Result<NewFunding> {
    let because = (funding.id().cause(), time);
    let instruction = Instruction::of_funding(center, InstructionKind::Replace, &funding, because);
    Ok(NewFunding { evidence: keys.sign(instruction)?.to_bytes(), ..funding })
}
