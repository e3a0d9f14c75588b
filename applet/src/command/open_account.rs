//! OPEN ACCOUNT (§6.10, §10.1): an account at a center, or more purses for it.

use saifu_wire::certificate::Role;
use saifu_wire::codec::Bytes;
use saifu_wire::signed::{EventKind, Opening, Signed};
use saifu_wire::value::PurseTerms;
use saifu_wire::{Digest, LoadId, Status};

use super::Context;
use crate::chain::{self, Happened};
use crate::crypto::hash::sha256;
use crate::memory::records::{AccountRecord, CardRecord, PurseRecord, UsedNumbers};
use crate::memory::{Change, Key, MAX_PURSES, Store, StoreError};
use crate::platform::Platform;
use crate::purse;
use crate::refusal::Refusal;
use crate::trust::{self, Signer};

pub(super) fn act<P: Platform>(
    opening: &Signed<Opening>,
    context: &mut Context<'_, P>,
) -> Result<(), Refusal> {
    let Context { store, answer, .. } = context;
    check_authentic(store, opening)?;
    let center = opening.message().center;
    let identity = chain::identity(opening);
    let known: Option<AccountRecord> = store.get(&Key::Account(center))?;
    if let Some(account) = known.as_ref().filter(|account| account.opening == identity) {
        answer.extend_from_slice(&account.opened.0);
        return Ok(());
    }
    let mut account = next(store, known, opening.message())?;
    let purses = new_purses(store, opening.message())?;
    let event = chain::append_event(
        store,
        center,
        &mut account,
        &Happened {
            kind: EventKind::Opened,
            purse: 0,
            amount: 0,
            balance: 0,
            held: 0,
            sequence: u64::from(opening.message().sequence),
            cause: identity,
            load: LoadId::ZERO,
        },
    )?;
    account.opening = identity;
    account.opened = Bytes(event.to_bytes());
    let mut change = Change::new();
    for terms in purses {
        change.put(Key::Purse(center, terms.purse), &empty(terms));
    }
    change.put(Key::Account(center), &account);
    store.commit(change)?;
    answer.extend_from_slice(&account.opened.0);
    Ok(())
}

fn check_authentic<P: Platform>(
    store: &Store<P>,
    opening: &Signed<Opening>,
) -> Result<(), Refusal> {
    let Opening { center, signer, card, .. } = *opening.message();
    if card != store.card() {
        return Err(Status::WrongData.into());
    }
    let signer = Signer { holder: center, role: Role::Credit, sequence: signer };
    trust::verify(store, signer, opening)
}

/// The account as this opening finds it: a new one, or the one it adds purses to.
fn next<P: Platform>(
    store: &Store<P>,
    known: Option<AccountRecord>,
    opening: &Opening,
) -> Result<AccountRecord, Refusal> {
    let Some(mut account) = known else {
        return match opening.sequence {
            0 => new_account(store, opening),
            _ => Err(Status::ConditionsNotSatisfied.into()),
        };
    };
    if account.account != opening.account || opening.sequence <= account.opening_sequence {
        return Err(Status::AlreadyExists.into());
    }
    if account.opening_sequence.checked_add(1) != Some(opening.sequence) {
        return Err(Status::ConditionsNotSatisfied.into());
    }
    account.opening_sequence = opening.sequence;
    Ok(account)
}

/// An account whose chain begins at the card's certificate (§9.1).
fn new_account<P: Platform>(store: &Store<P>, opening: &Opening) -> Result<AccountRecord, Refusal> {
    let card: CardRecord = store.get(&Key::Card)?.ok_or(StoreError::Memory)?;
    Ok(AccountRecord {
        account: opening.account,
        opening_sequence: 0,
        opening: Digest::ZERO,
        opened: Bytes::default(),
        counter: 0,
        previous: Digest(sha256(&[&card.signature_certificate.0])),
        used: UsedNumbers::default(),
    })
}

/// The opening's purses; their numbers must be new, they must be able to pay, and there must be
/// room.
fn new_purses<'o, P: Platform>(
    store: &Store<P>,
    opening: &'o Opening,
) -> Result<&'o [PurseTerms], Refusal> {
    let there = || store.keys(Key::purses_of(opening.center));
    let purses = opening.purses.0.as_slice();
    for (at, terms) in purses.iter().enumerate() {
        let key = Key::Purse(opening.center, terms.purse);
        let twice = purses.iter().take(at).any(|before| before.purse == terms.purse);
        let sound = terms.purse != 0 && purse::is_sound(terms);
        if !sound || twice || there().any(|known| known == key) {
            return Err(Status::WrongData.into());
        }
    }
    if there().count().saturating_add(purses.len()) > usize::from(MAX_PURSES) {
        return Err(Status::NotEnoughMemory.into());
    }
    Ok(purses)
}

fn empty(terms: &PurseTerms) -> PurseRecord {
    PurseRecord {
        terms: terms.clone(),
        balance: 0,
        held: 0,
        sequence: 0,
        last_event: Bytes::default(),
        last_credit: Digest::ZERO,
        expired: Bytes::default(),
    }
}

#[cfg(test)]
mod tests;
