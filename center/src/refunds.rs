//! Refunds: a payment is given back, and the card takes the licence back in the same step (§11.4).

use saifu_wire::OrderId;
use saifu_wire::signed::{Licence, Signed};
use saifu_wire::value::PurseTerms;

use crate::accounts::{purses_of, refuse_barred};
use crate::cards::checked;
use crate::center::Center;
use crate::ledger::{Holder, Instruction, InstructionKind, Side};
use crate::refusal::{Refusal, Result};
use crate::store::{
    AccountRow, FundingRow, FundingSource, FundingState, NewFunding, Note, NoteKind, PaidRow,
};

impl Center {
    /// Gives an order's payment back, into the purse that paid or, where that has ended, another
    /// of its kind and unit: with the card's next load of that purse, which revokes the licence.
    /// Again gives the same.
    ///
    /// # Errors
    /// `malformed`: no reason; `not-found`; `conflict`: nothing was paid, the work was licensed
    /// again, no purse takes the value, or the card gave the refund up; `card-frozen`,
    /// `card-not-accepted`: the card takes nothing any more.
    pub fn refund(&self, order: OrderId, reason: &str) -> Result<FundingRow> {
        let reason = checked(reason)?;
        let paid = self.store.payment_of(order)?.ok_or_else(|| {
            Refusal::conflict(format!("order {order} is not paid: there is nothing to give back"))
        })?;
        let account = self.account(paid.account)?;
        refuse_barred(&account)?;
        let funding = self.refund_of(&account, &paid)?;
        let (what, noted) = (NoteKind::Refunded, self.now());
        let note = Note { what, reason: format!("order {order}: {reason}"), noted };
        let made = self.store.add_refund(funding, order, note, noted)?;
        if made.state == FundingState::Returned {
            return Err(Refusal::conflict(format!(
                "the card gave the refund of order {order} up: the work stays bought"
            )));
        }
        Ok(made)
    }

    /// Whether an order's payment is given back, or is to be with the card's next load.
    pub(crate) fn is_given_back(&self, order: OrderId) -> Result<bool> {
        let refund = self.refund_state(order)?;
        Ok(refund.is_some_and(|state| state != FundingState::Returned))
    }

    /// Where the refund of an order stands, if there is one.
    pub(crate) fn refund_state(&self, order: OrderId) -> Result<Option<FundingState>> {
        self.store.refund_state(order)
    }

    fn refund_of(&self, account: &AccountRow, paid: &PaidRow) -> Result<NewFunding> {
        let purses = purses_of(account)?;
        let purse = self.refund_purse(&purses, paid).ok_or_else(|| {
            Refusal::conflict(format!(
                "account {} has no purse left that takes {} of this kind: pay it back outside",
                account.id, paid.unit
            ))
        })?;
        let from = match paid.settled {
            true => Side::new(Holder::Settled, paid.shop.0),
            false => Side::new(Holder::Suspense, paid.account.0),
        };
        let mut funding = NewFunding {
            account: account.id,
            purse: purse.purse,
            kind: paid.kind,
            unit: paid.unit,
            amount: paid.amount,
            source: FundingSource::Refund,
            reference: paid.token.to_string(),
            available_from: 0,
            from,
            refunded_token: paid.token,
            refunded_licence: number_of(paid)?,
            evidence: Vec::new(),
        };
        let because = (funding.refunded_token, self.now());
        let instruction =
            Instruction::of_funding(self.id(), InstructionKind::Refund, &funding, because);
        funding.evidence = self.keys.sign(instruction)?.to_bytes();
        Ok(funding)
    }

    fn refund_purse<'a>(&self, purses: &'a [PurseTerms], paid: &PaidRow) -> Option<&'a PurseTerms> {
        let takes = |terms: &&PurseTerms| {
            (terms.kind, terms.unit) == (paid.kind, paid.unit)
                && !self.has_ended(terms)
                && (terms.face_amount == 0 || paid.amount.is_multiple_of(terms.face_amount))
        };
        let own = purses.iter().filter(takes).find(|terms| terms.purse == paid.purse);
        own.or_else(|| purses.iter().find(takes))
    }
}

/// The number of the licence that was paid.
fn number_of(paid: &PaidRow) -> Result<u64> {
    let licence = Signed::<Licence>::parse(&paid.licence);
    let licence = licence
        .map_err(|error| Refusal::internal(format!("a stored licence is damaged: {error}")))?;
    Ok(licence.message().number)
}
