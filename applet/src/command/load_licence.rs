//! LOAD LICENCE (§6.11): checks in the order of §8.4, then the content key, then one commit.
//!
//! The private operation comes last: nothing reaches it whose signature was not verified. It may
//! wait (procedure 2): the key is then kept as it came, until something needs it.

use saifu_wire::answer::{LicenceState, LicenceStatus, UNLIMITED};
use saifu_wire::certificate::{Certificate, Role};
use saifu_wire::codec::Bytes;
use saifu_wire::request::LicenceRef;
use saifu_wire::signed::{Licence, PaymentOrder, Signed};
use saifu_wire::stream::MAX_CONTENT_BYTES;
use saifu_wire::{Digest, Status, Wire};

use super::Context;
use crate::chain;
use crate::content_key;
use crate::crypto::hash::sha256;
use crate::memory::records::{AccountRecord, CardRecord, CenterRecord, LicenceRecord};
use crate::memory::{Change, Key, MAX_LICENCES, Store, StoreError};
use crate::platform::Platform;
use crate::refusal::Refusal;
use crate::secure::Genuine;
use crate::trust::{self, Signer};

const NOT_AUTHENTIC: Status = Status::WrongData;

/// How the content key is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// Opened now, and sealed as `Km[Ke]` (procedure 1).
    Opened,
    /// Sealed as it came, as `Km{Kup[Ke]}` (procedure 2).
    AsItCame,
}

impl Kept {
    /// P1 says how.
    pub(super) const fn parse(p1: u8) -> Self {
        if p1 == 0 { Self::Opened } else { Self::AsItCame }
    }
}

pub(super) fn act<P: Platform>(
    licence: &Signed<Licence>,
    kept: Kept,
    context: &mut Context<'_, P>,
) -> Result<(), Refusal> {
    let Context { store, answer, .. } = context;
    let terms = licence.message();
    let (genuine, account) = check_authentic(store, licence)?;
    let loaded: Option<LicenceRecord> = store.get(&Key::Licence(terms.center, terms.number))?;
    let state = match loaded {
        Some(loaded) if loaded.state.identity != chain::identity(licence) => {
            return Err(Status::AlreadyExists.into());
        }
        Some(loaded) => {
            open_again(store, terms, kept)?;
            loaded.state
        }
        None => {
            check_acceptable(store, terms, &account)?;
            let mut change = Change::new();
            keep_key(store, &genuine, kept, &mut change)?;
            keep(store, licence, account, change)?
        }
    };
    state.write(answer);
    Ok(())
}

/// Opens the key of a licence that was loaded as it came, when it comes again to be opened.
fn open_again<P: Platform>(
    store: &mut Store<P>,
    terms: &Licence,
    kept: Kept,
) -> Result<(), Refusal> {
    let licence = LicenceRef { center: terms.center, number: terms.number };
    let mut change = Change::new();
    if kept == Kept::Opened && content_key::open_kept(store, &licence, &mut change)?.is_some() {
        store.commit(change)?;
    }
    Ok(())
}

/// Steps 1 to 5 of §8.4: well formed, meant for this card, and signed by the center.
fn check_authentic<'l, P: Platform>(
    store: &Store<P>,
    licence: &'l Signed<Licence>,
) -> Result<(Genuine<'l>, AccountRecord), Refusal> {
    let terms = licence.message();
    check_terms(terms)?;
    if terms.card != store.card() || terms.card_key != card_key(store)? {
        return Err(NOT_AUTHENTIC.into());
    }
    let account: Option<AccountRecord> = store.get(&Key::Account(terms.center))?;
    let account = account.ok_or(NOT_AUTHENTIC)?;
    let signer = Signer { holder: terms.center, role: Role::Licence, sequence: terms.signer };
    Ok((Genuine::verify(licence, &trust::verifying_key(store, signer)?)?, account))
}

/// What the layout alone does not say (§8.1).
fn check_terms(terms: &Licence) -> Result<(), Status> {
    let prices = &terms.prices.0;
    let paid = terms.payment == PaymentOrder::AlreadyPaid;
    let priced = prices.is_empty() == paid && prices.iter().all(|price| price.amount != 0);
    let ever_valid = terms.not_after == 0 || terms.not_before <= terms.not_after;
    // As many uses as say "without limit" once it is loaded.
    let counted = terms.uses != UNLIMITED;
    let sized = terms.total_bytes <= MAX_CONTENT_BYTES;
    if priced && ever_valid && counted && sized && terms.number != 0 {
        Ok(())
    } else {
        Err(NOT_AUTHENTIC)
    }
}

/// The key id of `Kup`, out of the card's own certificate.
fn card_key<P: Platform>(store: &Store<P>) -> Result<Digest, StoreError> {
    let card: CardRecord = store.get(&Key::Card)?.ok_or(StoreError::Memory)?;
    let certificate = Certificate::parse(&card.encryption_certificate.0);
    let key = certificate.map_err(|_| StoreError::Memory)?.body().key.to_object();
    Ok(Digest(sha256(&[&key])))
}

/// Steps 6 and 7 of §8.4 for a licence that the card does not hold: a number that was never used,
/// and room.
fn check_acceptable<P: Platform>(
    store: &Store<P>,
    terms: &Licence,
    account: &AccountRecord,
) -> Result<(), Status> {
    if account.used.contains(terms.number) {
        return Err(Status::ConditionsNotSatisfied);
    }
    if store.count(&Key::licences()) >= usize::from(MAX_LICENCES) {
        return Err(Status::NotEnoughMemory);
    }
    Ok(())
}

/// Step 8 of §8.4, unless the key is to be kept as it came.
fn keep_key<P: Platform>(
    store: &mut Store<P>,
    genuine: &Genuine<'_>,
    kept: Kept,
    change: &mut Change,
) -> Result<(), Refusal> {
    match kept {
        Kept::Opened => content_key::keep_opened(store, genuine, change),
        Kept::AsItCame => {
            content_key::keep_as_it_came(genuine, change);
            Ok(())
        }
    }
}

/// Stores the licence with what its key changes, marks the number, and moves the card's time for the center up.
fn keep<P: Platform>(
    store: &mut Store<P>,
    licence: &Signed<Licence>,
    mut account: AccountRecord,
    mut change: Change,
) -> Result<LicenceState, StoreError> {
    let &Licence { center, number, time, .. } = licence.message();
    let record = record(licence);
    account.used.mark(number);
    change.put(Key::Account(center), &account);
    let known: CenterRecord = store.get(&Key::Center(center))?.ok_or(StoreError::Memory)?;
    if time > known.time_floor {
        change.put(Key::Center(center), &CenterRecord { time_floor: time, ..known });
    }
    change.put(Key::Licence(center, number), &record);
    store.commit(change)?;
    Ok(record.state)
}

fn record(licence: &Signed<Licence>) -> LicenceRecord {
    let terms = licence.message();
    LicenceRecord {
        state: first_state(licence),
        shop: terms.shop,
        order: terms.order,
        header: terms.header,
        prices: terms.prices.clone(),
        not_before: terms.not_before,
        not_after: terms.not_after,
        needs_time: terms.needs_time,
        center_key: terms.center_key,
        price_index: 0,
        purse: 0,
        hold_event: Bytes::default(),
        token: Digest::ZERO,
    }
}

fn first_state(licence: &Signed<Licence>) -> LicenceState {
    let terms = licence.message();
    LicenceState {
        number: terms.number,
        identity: chain::identity(licence),
        content: terms.content,
        content_version: terms.content_version,
        total_bytes: terms.total_bytes,
        payment: terms.payment,
        status: match terms.payment {
            PaymentOrder::AlreadyPaid => LicenceStatus::Paid,
            PaymentOrder::PayFirst | PaymentOrder::DecryptFirst => LicenceStatus::Loaded,
        },
        uses_left: if terms.uses == 0 { UNLIMITED } else { terms.uses },
        token: 0,
        acknowledged: false,
    }
}

#[cfg(test)]
mod tests;
