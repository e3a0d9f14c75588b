//! The electronic purse: what may be paid, what may be loaded, and the evidence of it (§4, §9, §11).
//!
//! - [`kind`]: what makes a purse one of its kind (§4.2)
//! - [`limits`]: what needs a PIN (§4.4)
//! - [`token`]: the payment itself, sealed for the center (§9.2)
//!
//! Nothing here is stored or forgotten: a rule changes the record it is given, or refuses and
//! leaves it as it was. Every sum is checked; what would wrap is refused.

pub mod kind;
pub mod limits;
pub mod token;

use saifu_wire::value::{Price, PurseTerms, ScopeKind};
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

/// Whether a purse of these terms is one of its kind, and can ever pay (§4.2).
///
/// One that holds nothing cannot, nor one bound to no work; zero for a shop is the center's own,
/// and a purse for anything names nothing.
#[must_use]
pub fn is_sound(terms: &PurseTerms) -> bool {
    let named = terms.scope_id != [0; 16];
    let scoped = match terms.scope {
        ScopeKind::Any => !named,
        ScopeKind::Shop => true,
        ScopeKind::Work => named,
    };
    scoped && terms.max_balance != 0 && kind::Rule::of(terms.kind).allows(terms)
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

/// Puts a price on hold (§6.26): it leaves the balance as [`debit`] says, and stays in the purse.
///
/// # Errors
/// Those of [`debit`].
pub fn hold(purse: &mut PurseRecord, price: &Price, purchase: &Purchase) -> Result<(), Status> {
    let held = purse.held.checked_add(price.amount).ok_or(REFUSED)?;
    debit(purse, price, purchase)?;
    purse.held = held;
    Ok(())
}

/// Pays an amount that was on hold (§6.27).
///
/// # Errors
/// 6985 when so much is not on hold.
pub fn release(purse: &mut PurseRecord, amount: u64) -> Result<(), Status> {
    purse.held = purse.held.checked_sub(amount).ok_or(REFUSED)?;
    Ok(())
}

/// Gives an amount that was on hold back to the balance (§6.28), whatever the purse's date.
///
/// # Errors
/// 6985 when so much is not on hold.
pub fn cancel(purse: &mut PurseRecord, amount: u64) -> Result<(), Status> {
    let held = purse.held.checked_sub(amount).ok_or(REFUSED)?;
    purse.balance = purse.balance.checked_add(amount).ok_or(REFUSED)?;
    purse.held = held;
    Ok(())
}

/// Writes off what a purse holds after its last second (§6.33); gives the amount.
///
/// # Errors
/// 6985 before that, or while something is on hold.
pub fn expire(purse: &mut PurseRecord, time: u64) -> Result<u64, Status> {
    if !is_past(&purse.terms, time) || purse.held != 0 {
        return Err(REFUSED);
    }
    Ok(core::mem::take(&mut purse.balance))
}

/// Loads an amount into a purse (§11.2); what it has on hold counts towards its limit.
///
/// # Errors
/// 6985 for an amount of 0, one that an indivisible purse could not give again, above the most that
/// the purse may hold, and after its last second.
pub fn credit(purse: &mut PurseRecord, amount: u64, time: u64) -> Result<(), Status> {
    let balance = purse.balance.checked_add(amount).ok_or(REFUSED)?;
    let whole = balance.checked_add(purse.held).ok_or(REFUSED)?;
    let taken = takes(&purse.terms, amount) && !is_past(&purse.terms, time);
    if !taken || whole > purse.terms.max_balance {
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
    let in_time = !is_past(terms, purchase.time);
    same_value && bound && in_time && terms.serves(&purchase.shop, &purchase.content.0)
}

/// Whether the last second in which a purse pays has gone by.
const fn is_past(terms: &PurseTerms, time: u64) -> bool {
    terms.not_after != 0 && terms.not_after < time
}

/// Whether a purse gives just this much at once; an indivisible one gives its face amount.
const fn gives(terms: &PurseTerms, amount: u64) -> bool {
    amount != 0 && (terms.face_amount == 0 || amount == terms.face_amount)
}

/// Whether a purse can give again all of what it takes: an indivisible one takes whole pieces.
fn takes(terms: &PurseTerms, amount: u64) -> bool {
    amount != 0 && amount.checked_rem(terms.face_amount).is_none_or(|rest| rest == 0)
}

#[cfg(test)]
mod tests;
