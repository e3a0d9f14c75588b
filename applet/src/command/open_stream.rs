//! OPEN STREAM (§6.18): the gate before the plaintext.
//!
//! What the licence allows is judged here, once for a session, and a use is counted down in a
//! commit before the stream is open: a cut may cost a use, and never gains one.

use alloc::boxed::Box;

use saifu_wire::answer::{LicenceState, LicenceStatus, StreamOpened, UNLIMITED};
use saifu_wire::codec::Reader;
use saifu_wire::request::LicenceRef;
use saifu_wire::stream::Header;
use saifu_wire::{Digest, Malformed, Status, Wire};

use super::Context;
use crate::crypto::hash::sha256;
use crate::memory::records::{ContentKeyRecord, LicenceRecord};
use crate::memory::{Change, Key, Store, StoreError};
use crate::platform::Platform;
use crate::refusal::Refusal;
use crate::secure::ContentCipher;
use crate::session::OpenStream;
use crate::trust;

/// Who brings the segments.
#[derive(Debug)]
pub enum Source<'a> {
    /// The terminal, with DECRYPT; the stream's header as it came.
    Terminal(LicenceRef, &'a [u8]),
    /// The card's content memory.
    Memory(LicenceRef),
}

impl<'a> Source<'a> {
    /// P1 says which.
    pub(super) fn parse(p1: u8, data: &'a [u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(data);
        let licence = LicenceRef::read(&mut reader)?;
        if p1 == 0 {
            return Ok(Self::Terminal(licence, reader.rest()));
        }
        reader.finish()?;
        Ok(Self::Memory(licence))
    }
}

pub(super) fn act<P: Platform>(
    source: Source<'_>,
    context: &mut Context<'_, P>,
) -> Result<(), Refusal> {
    let (licence, header) = match source {
        Source::Terminal(licence, header) => (licence, header),
        // No command stores works, so there is none.
        Source::Memory(_) => return Err(Status::NotFound.into()),
    };
    let parsed = Header::from_bytes(header)?;
    let Context { store, session, answer } = context;
    let key = Key::Licence(licence.center, licence.number);
    let mut record: LicenceRecord = store.get(&key)?.ok_or(Status::NotFound)?;
    check_header(&record.state, header, &parsed, &record.header)?;
    check_open(store, &licence, &record)?;
    let key = Key::ContentKey(licence.center, licence.number);
    let content: ContentKeyRecord = store.get(&key)?.ok_or(StoreError::Memory)?;
    use_once(store, &licence, &mut record)?;
    let segments = parsed.segment_count();
    let cipher = ContentCipher::new(&content.key, parsed);
    session.stream = Some(Box::new(OpenStream { licence, root: store.root(), cipher }));
    StreamOpened { segments, uses_left: record.state.uses_left }.write(answer);
    Ok(())
}

/// Whether plaintext of this licence may leave the card: it is paid, or nothing was to be paid.
pub(super) fn gives_plaintext(state: &LicenceState) -> bool {
    matches!(state.status, LicenceStatus::Paid | LicenceStatus::Released)
}

/// The header must be the one that the licence names, and speak of the same work.
fn check_header(
    state: &LicenceState,
    bytes: &[u8],
    header: &Header,
    named: &Digest,
) -> Result<(), Status> {
    let work = (header.content, header.content_version, header.total_bytes);
    let sold = (state.content, state.content_version, state.total_bytes);
    let same = sha256(&[bytes]) == named.0 && work == sold;
    if same { Ok(()) } else { Err(Status::WrongData) }
}

/// Whether the licence may be opened now; whether it has a use left, [`use_once`] says.
fn check_open<P: Platform>(
    store: &Store<P>,
    licence: &LicenceRef,
    record: &LicenceRecord,
) -> Result<(), Refusal> {
    let time = trust::time_floor(store, licence.center)?;
    let usable = record.is_valid(time) && !record.needs_time;
    if gives_plaintext(&record.state) && usable {
        Ok(())
    } else {
        Err(Status::ConditionsNotSatisfied.into())
    }
}

/// Counts one use down, where uses are counted, and stores that before anything is opened.
///
/// # Errors
/// 6985 when none is left.
fn use_once<P: Platform>(
    store: &mut Store<P>,
    licence: &LicenceRef,
    record: &mut LicenceRecord,
) -> Result<(), Refusal> {
    if record.state.uses_left == UNLIMITED {
        return Ok(());
    }
    let left = record.state.uses_left.checked_sub(1).ok_or(Status::ConditionsNotSatisfied)?;
    record.state.uses_left = left;
    let mut change = Change::new();
    change.put(Key::Licence(licence.center, licence.number), record);
    Ok(store.commit(change)?)
}

#[cfg(test)]
mod tests;
