//! LOAD LICENCE (§6.11): checks in the order of §8.4, then the content key, then one commit.
//!
//! The private operation comes last: nothing reaches it whose signature was not verified.

use saifu_wire::answer::{LicenceState, LicenceStatus, UNLIMITED};
use saifu_wire::certificate::{Certificate, Role};
use saifu_wire::codec::Bytes;
use saifu_wire::signed::{Licence, PaymentOrder, Signed};
use saifu_wire::stream::MAX_CONTENT_BYTES;
use saifu_wire::{Digest, Status, Wire};

use super::Context;
use crate::chain;
use crate::crypto::{Secret, hash::sha256};
use crate::memory::records::{
    AccountRecord, CardRecord, CenterRecord, ContentKeyRecord, LicenceRecord,
};
use crate::memory::{Change, Key, MAX_LICENCES, Store, StoreError};
use crate::own_keys;
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
    if kept == Kept::AsItCame {
        return Err(Status::InsNotSupported.into());
    }
    let Context { store, answer, .. } = context;
    let terms = licence.message();
    let (genuine, account) = check_authentic(store, licence)?;
    let kept: Option<LicenceRecord> = store.get(&Key::Licence(terms.center, terms.number))?;
    let state = match kept {
        Some(kept) if kept.state.identity != chain::identity(licence) => {
            return Err(Status::AlreadyExists.into());
        }
        Some(kept) => kept.state,
        None => {
            check_acceptable(store, terms, &account)?;
            let key = unwrap_key(store, &genuine)?;
            keep(store, licence, account, ContentKeyRecord { key })?
        }
    };
    state.write(answer);
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
/// room, and nothing that the card does not offer.
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
    if terms.payment == PaymentOrder::DecryptFirst || terms.needs_time {
        return Err(Status::ConditionsNotSatisfied);
    }
    Ok(())
}

/// Step 8 of §8.4.
fn unwrap_key<P: Platform>(
    store: &mut Store<P>,
    genuine: &Genuine<'_>,
) -> Result<Secret<32>, Refusal> {
    let card_key = own_keys::encryption_key(store)?.ok_or(StoreError::Memory)?;
    Ok(genuine.unwrap_key(&mut |out: &mut [u8]| store.random(out), &card_key)?)
}

/// Stores licence and key, marks the number, and moves the card's time for the center up.
fn keep<P: Platform>(
    store: &mut Store<P>,
    licence: &Signed<Licence>,
    mut account: AccountRecord,
    key: ContentKeyRecord,
) -> Result<LicenceState, StoreError> {
    let &Licence { center, number, time, .. } = licence.message();
    let record = record(licence);
    account.used.mark(number);
    let mut change = Change::new();
    change.put(Key::Account(center), &account);
    let known: CenterRecord = store.get(&Key::Center(center))?.ok_or(StoreError::Memory)?;
    if time > known.time_floor {
        change.put(Key::Center(center), &CenterRecord { time_floor: time, ..known });
    }
    change.put(Key::ContentKey(center, number), &key);
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
