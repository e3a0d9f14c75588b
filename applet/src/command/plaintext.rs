//! May plaintext leave now? One answer for every command that gives some (§6.18 to §6.20).
//!
//! ```text
//! OPEN STREAM    judge    status, uses, validity, signed time: once for a session
//! before tags    check    the licence is still paid, held or released, whoever changed it
//! after tags     leave    held: token, released, use, in one commit; then the first byte
//! ```
//! So a wrong tag pays nothing, a cut leaves the hold as it was or paid with its token waiting,
//! and a use may be lost but is never gained.

use saifu_wire::answer::{LicenceState, LicenceStatus, UNLIMITED};
use saifu_wire::request::LicenceRef;
use saifu_wire::{CenterId, Status};

use super::release;
use crate::memory::records::LicenceRecord;
use crate::memory::{Change, Key, Store, StoreError};
use crate::platform::Platform;
use crate::refusal::Refusal;
use crate::session::{Gate, OpenStream, Session};
use crate::trust;

const REFUSED: Status = Status::ConditionsNotSatisfied;

/// Whether plaintext of this licence may leave the card: it is paid, or will be with the first
/// byte, or nothing was to be paid.
const fn gives(state: &LicenceState) -> bool {
    matches!(state.status, LicenceStatus::Paid | LicenceStatus::Released | LicenceStatus::Held)
}

/// Whether a licence is valid now (§12.3): by the card's time for its center, and by the time
/// that the center signed for this session, if it did.
///
/// # Errors
/// 6581.
pub(super) fn is_valid<P: Platform>(
    store: &Store<P>,
    session: &Session,
    center: CenterId,
    record: &LicenceRecord,
) -> Result<bool, Refusal> {
    let floor = trust::time_floor(store, center)?;
    let signed = session.times.of(center);
    let begun = signed.is_none_or(|time| record.not_before <= time);
    Ok(begun && record.is_valid(floor) && signed.is_none_or(|time| record.is_valid(time)))
}

/// Judges whether a stream of this licence may be opened, and counts its use: in the record where
/// it is paid, which the caller commits; later, by [`leave`], where it is on hold.
///
/// # Errors
/// 6985 not paid or held, refunded, not valid now, no uses left, or without the signed time that
/// it needs.
pub(super) fn judge<P: Platform>(
    store: &Store<P>,
    session: &Session,
    center: CenterId,
    record: &mut LicenceRecord,
) -> Result<(), Refusal> {
    let timed = !record.needs_time || session.times.of(center).is_some();
    if !gives(&record.state) || !timed || !is_valid(store, session, center, record)? {
        return Err(REFUSED.into());
    }
    let left = use_left(&record.state)?;
    if record.state.status != LicenceStatus::Held {
        record.state.uses_left = left;
    }
    Ok(())
}

/// Checks that the session's stream is still open; a stream whose licence was refunded, cancelled
/// or deleted, on whatever channel, is closed. Stored is nothing.
///
/// Only a commit changes a licence, so there is nothing to be read while the root is the same.
///
/// # Errors
/// 6985 no stream is open, or none any more.
pub(super) fn check<'s, P: Platform>(
    store: &Store<P>,
    session: &'s mut Session,
) -> Result<&'s mut OpenStream, Refusal> {
    let root = store.root();
    if let Some(stream) = session.stream.as_mut().filter(|stream| stream.gate.root != root) {
        let record: Option<LicenceRecord> = store.get(&stream.gate.key())?;
        if record.is_some_and(|record| gives(&record.state)) {
            stream.gate.root = root;
        } else {
            session.stream = None;
        }
    }
    Ok(session.stream.as_deref_mut().ok_or(REFUSED)?)
}

/// Lets plaintext leave: pays what is on hold and counts the stream's use, if that was not done
/// yet, in one commit with what else is `begun` with this plaintext. Comes after [`check`] and after
/// everything that can be wrong with the data.
///
/// # Errors
/// 6985 the last use is gone, by another stream; 6A80 the center's payment key is not known any
/// more; 6A84; 6400; 6581. Then nothing has changed, and nothing may leave.
pub(super) fn leave<P: Platform>(
    store: &mut Store<P>,
    gate: &mut Gate,
    begun: Option<Change>,
) -> Result<(), Refusal> {
    let paid = if gate.unpaid { Some(pay(store, gate)?) } else { None };
    let Some(change) = joined(begun, paid) else { return Ok(()) };
    store.commit(change)?;
    gate.unpaid = false;
    gate.root = store.root();
    Ok(())
}

/// What pays a price on hold and counts the stream's use.
fn pay<P: Platform>(store: &mut Store<P>, gate: &Gate) -> Result<Change, Refusal> {
    let mut record: LicenceRecord = store.get(&gate.key())?.ok_or(StoreError::Memory)?;
    record.state.uses_left = use_left(&record.state)?;
    if record.state.status == LicenceStatus::Held {
        return Ok(release::pay(store, &gate.licence, record)?.1);
    }
    // Paid meanwhile, by RELEASE or on another channel.
    let mut change = Change::new();
    change.put(gate.key(), &record);
    Ok(change)
}

/// Both changes as one; `None` where there is neither.
fn joined(one: Option<Change>, other: Option<Change>) -> Option<Change> {
    match (one, other) {
        (Some(mut one), Some(other)) => {
            one.join(other);
            Some(one)
        }
        (one, other) => one.or(other),
    }
}

/// The uses left once one more is counted.
///
/// # Errors
/// 6985 when none is left.
fn use_left(state: &LicenceState) -> Result<u32, Status> {
    match state.uses_left {
        UNLIMITED => Ok(UNLIMITED),
        left => left.checked_sub(1).ok_or(REFUSED),
    }
}

impl Gate {
    /// The gate of a stream that is opened now, under a licence with this state.
    pub(super) fn new<P: Platform>(
        store: &Store<P>,
        licence: LicenceRef,
        state: &LicenceState,
    ) -> Self {
        Self { licence, root: store.root(), unpaid: state.status == LicenceStatus::Held }
    }

    const fn key(&self) -> Key {
        Key::Licence(self.licence.center, self.licence.number)
    }
}

#[cfg(test)]
mod cuts;
#[cfg(test)]
mod tests;
