//! Registering at a center, and loading the value that waits there (§10, §11).
//!
//! Everything here may be done again after an interruption: the center gives the same
//! account, the same open load and the same credit, the card the same events. A load that the
//! card does not take is given up on the card, so that the center has its value back.

use crate::card::{CardError, Pin};
use crate::sale::{Observer, Step};
use crate::session::{Session, SessionError};
use crate::trust::{Expected, Untrusted, check_credit, check_event, check_opening};
use saifu_center_api as api;
use saifu_wire::request::{ChallengeRequest, PurseRef};
use saifu_wire::signed::{Credit, Event, EventKind, Signed};
use saifu_wire::{AccountId, Digest, LoadId, Malformed, Nonce, Status};

/// Registers the card's user, opens the account on the card, and loads what is due.
///
/// Again gives the same account, and loads only what is still due.
pub fn register(
    session: &mut Session<'_>,
    pin: &Pin,
    observer: &mut dyn Observer,
) -> Result<AccountId, SessionError> {
    let id = enter(session)?;
    observer.step(&Step::Registered { account: id });
    load_due(session, id, None, pin, observer)?;
    Ok(id)
}

/// Registers the card's user and opens the account on the card; again gives the same account.
pub fn enter(session: &mut Session<'_>) -> Result<AccountId, SessionError> {
    session.introduce()?;
    let account = registered(session)?;
    open(session, &account)
}

fn registered(session: &Session<'_>) -> Result<api::Account, SessionError> {
    Ok(session.client.register(&api::Registration {
        signature_certificate: session.card.signature_certificate.to_bytes().into(),
        encryption_certificate: session.card.encryption_certificate.to_bytes().into(),
    })?)
}

/// The most loads of one call: no honest center has as many waiting.
const MAX_LOADS: u32 = 256;

/// Loads whatever waits for the account, or for its purse `only`, one load after the other.
///
/// # Errors
/// As [`load`]; what was loaded before stays loaded, and what was not still waits.
pub fn load_due(
    session: &mut Session<'_>,
    account: AccountId,
    only: Option<u32>,
    pin: &Pin,
    observer: &mut dyn Observer,
) -> Result<(), SessionError> {
    for _ in 0..MAX_LOADS {
        let due = registered(session)?.loads_due;
        let next = due.into_iter().find(|purse| only.is_none_or(|only| only == *purse));
        let Some(purse) = next else { return Ok(()) };
        load(session, account, purse, pin, observer)?;
    }
    Ok(())
}

fn open(session: &mut Session<'_>, account: &api::Account) -> Result<AccountId, SessionError> {
    let opening = check_opening(&account.opening.0, &session.center, &session.card)?;
    let id = opening.message().account;
    if AccountId::from_hex(&account.id) != Some(id) {
        let what = "the account opening";
        return Err(Untrusted::Other { what, field: "account" }.into());
    }
    let event = session.selected.open_account(&account.opening.0)?;
    let expected = Expected {
        kind: EventKind::Opened,
        center: session.center.id,
        account: id,
        purse: 0,
        amount: 0,
        sequence: opening.message().sequence.into(),
        load: LoadId::ZERO,
    };
    check_event(&event, &session.card, &expected)?;
    Ok(id)
}

/// Loads one purse with what the center gives it; what the card cannot take is given up.
///
/// # Errors
/// The card's refusal of the credit, once the load is given up; else whatever failed.
pub fn load(
    session: &mut Session<'_>,
    account: AccountId,
    purse: u32,
    pin: &Pin,
    observer: &mut dyn Observer,
) -> Result<(), SessionError> {
    let load = session.client.load(account, purse)?;
    let challenge = challenge(session, purse, &load, pin)?;
    let credit = session.client.challenge(&load.id, challenge)?;
    let signed = check_credit(&credit, &session.center, &session.card, (account, purse), &load)?;
    let event = match session.selected.credit(&credit) {
        // Also where the key that signed it has expired meanwhile (§7.5): VOID takes it then.
        Err(refused)
            if refused.is_refusal(Status::ConditionsNotSatisfied)
                || refused.is_refusal(Status::WrongData) =>
        {
            give_up(session, &load, &signed, pin)?;
            return Err(refused.into());
        }
        answer => answer?,
    };
    let taken = match signed.message().refunded_token {
        Digest::ZERO => EventKind::Credited,
        _ => EventKind::Refunded,
    };
    close(session, &load, &expected(taken, signed.message()), &event)?;
    let message = event.message();
    observer.step(&Step::ValueLoaded {
        purse,
        amount: message.amount,
        unit: load.unit,
        balance: message.balance,
    });
    Ok(())
}

/// Gives a load up: the card voids its credit, and with the card's event the center has the
/// value back.
fn give_up(
    session: &mut Session<'_>,
    load: &api::Load,
    credit: &Signed<Credit>,
    pin: &Pin,
) -> Result<(), SessionError> {
    let event = session.selected.verify(pin)?.void(&credit.to_bytes())?;
    let said = Expected { amount: 0, ..expected(EventKind::Voided, credit.message()) };
    close(session, load, &said, &event)
}

/// Shows the center the card's event with which a load has ended.
fn close(
    session: &Session<'_>,
    load: &api::Load,
    expected: &Expected,
    event: &Signed<Event>,
) -> Result<(), SessionError> {
    check_event(event, &session.card, expected)?;
    session.client.receipt(&load.id, event.to_bytes())?;
    Ok(())
}

/// What the event of a load must say that ends so.
fn expected(kind: EventKind, credit: &Credit) -> Expected {
    let Credit { center, account, purse, amount, sequence, load, .. } = *credit;
    Expected { kind, center, account, purse, amount, sequence, load }
}

fn challenge(
    session: &mut Session<'_>,
    purse: u32,
    load: &api::Load,
    pin: &Pin,
) -> Result<Vec<u8>, SessionError> {
    let what = "the center's nonce";
    let nonce = <[u8; 32]>::try_from(load.nonce.0.as_slice());
    let nonce = nonce.map_err(|_| Untrusted::Malformed { what, why: Malformed::Value })?;
    let purse = PurseRef { center: session.center.id, purse };
    let request = ChallengeRequest { purse, nonce: Nonce(nonce) };
    let challenge = session.selected.verify(pin)?.credit_challenge(&request)?;
    check_challenge(session, &challenge)?;
    Ok(challenge.to_bytes())
}

fn check_challenge(
    session: &Session<'_>,
    challenge: &Signed<saifu_wire::signed::Challenge>,
) -> Result<(), CardError> {
    Ok(session.card.check(challenge, "the card's challenge")?)
}
