//! The electronic purse: what may be paid, what may be loaded, and the evidence of it (§4, §9, §11).
//!
//! - [`limits`]: what needs a PIN (§4.4)
//! - [`token`]: the payment itself, sealed for the center (§9.2)
//!
//! Nothing here is stored or forgotten: a rule changes the record it is given, or refuses and
//! leaves it as it was. Every sum is checked; what would wrap is refused.

pub mod limits;
pub mod token;

use saifu_wire::value::{Kind, Price, PurseTerms, ScopeKind};
use saifu_wire::{ContentId, ShopId, Status};

use crate::memory::records::PurseRecord;

/// What is bought, as far as a purse asks.
#[derive(Clone, Copy, Debug)]
pub struct Purchase {
    /// The shop that sells.
    pub shop: ShopId,
    /// The work.
    pub content: ContentId,
    /// The card's time for the center (§12.3).
    pub time: u64,
}

const REFUSED: Status = Status::ConditionsNotSatisfied;

/// Whether a purse of these terms can ever pay (§4.2, §4.3).
///
/// One that holds nothing cannot, nor an indivisible one without a face amount, nor one bound to
/// no work; zero for a shop is the center's own, and a purse for anything names nothing.
#[must_use]
pub fn can_pay(terms: &PurseTerms) -> bool {
    let bound = terms.scope_id != [0; 16];
    let scoped = match terms.scope {
        ScopeKind::Any => !bound,
        ScopeKind::Shop => true,
        ScopeKind::Work => bound,
    };
    let given = terms.face_amount != 0 || !matches!(terms.kind, Kind::Ticket | Kind::Cheque);
    scoped && given && terms.max_balance != 0
}

/// Lets a purse pay a price (§4.3).
///
/// # Errors
/// 6985 when it is not a purse for this price, or its balance does not suffice.
pub fn debit(purse: &mut PurseRecord, price: &Price, purchase: &Purchase) -> Result<(), Status> {
    if !fits(&purse.terms, price, purchase) || !gives(&purse.terms, price.amount) {
        return Err(REFUSED);
    }
    purse.balance = purse.balance.checked_sub(price.amount).ok_or(REFUSED)?;
    Ok(())
}

/// Loads an amount into a purse (§11.2); what it has on hold counts towards its limit.
///
/// # Errors
/// 6985 for an amount of 0, and above the most that the purse may hold.
pub fn credit(purse: &mut PurseRecord, amount: u64) -> Result<(), Status> {
    let balance = purse.balance.checked_add(amount).ok_or(REFUSED)?;
    let whole = balance.checked_add(purse.held).ok_or(REFUSED)?;
    if amount == 0 || whole > purse.terms.max_balance {
        return Err(REFUSED);
    }
    purse.balance = balance;
    Ok(())
}

/// Uses up the sequence of a load (§11).
///
/// # Errors
/// 6985 unless it is the last one plus one.
pub fn use_sequence(purse: &mut PurseRecord, sequence: u64) -> Result<(), Status> {
    if purse.sequence.checked_add(1) != Some(sequence) {
        return Err(REFUSED);
    }
    purse.sequence = sequence;
    Ok(())
}

/// Whether a purse of these terms is one for this price, whatever it holds.
fn fits(terms: &PurseTerms, price: &Price, purchase: &Purchase) -> bool {
    let same_value = terms.kind == price.kind && terms.unit == price.unit;
    let bound = price.scope == ScopeKind::Any || price.scope == terms.scope;
    let in_time = terms.not_after == 0 || terms.not_after >= purchase.time;
    same_value && bound && in_time && terms.serves(&purchase.shop, &purchase.content.0)
}

/// Whether a purse gives just this much at once; a ticket or a cheque is given whole or not at all.
fn gives(terms: &PurseTerms, amount: u64) -> bool {
    let indivisible = terms.face_amount != 0 || matches!(terms.kind, Kind::Ticket | Kind::Cheque);
    amount != 0 && (!indivisible || amount == terms.face_amount)
}

#[cfg(test)]
mod tests;
