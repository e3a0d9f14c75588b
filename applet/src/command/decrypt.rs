//! DECRYPT (§6.19): whole segments in, their plaintext out, or nothing at all.

use saifu_wire::Status;

use super::Context;
use super::open_stream::gives_plaintext;
use crate::memory::records::LicenceRecord;
use crate::memory::{Key, Store};
use crate::platform::Platform;
use crate::refusal::Refusal;
use crate::session::Session;

/// Segments to be decrypted.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// The index of the first.
    pub first: u64,
    /// Whole segments, in order.
    pub segments: &'a [u8],
    /// Whether they are to be sealed into the content memory, too.
    pub keep: bool,
}

pub(super) fn act<P: Platform>(
    request: &Request<'_>,
    context: &mut Context<'_, P>,
) -> Result<(), Refusal> {
    let Context { store, session, answer } = context;
    check_still_open(store, session)?;
    let stream = session.stream.as_ref().ok_or(Status::ConditionsNotSatisfied)?;
    if request.keep {
        return Err(Status::InsNotSupported.into());
    }
    stream.cipher.decrypt(request.first, request.segments, answer)
}

/// Closes a stream whose licence opens nothing any more: it was refunded, on whatever channel.
///
/// Only a commit changes a licence, so there is nothing to be read while the root is the same.
fn check_still_open<P: Platform>(store: &Store<P>, session: &mut Session) -> Result<(), Refusal> {
    let root = store.root();
    let Some(stream) = session.stream.as_mut().filter(|stream| stream.root != root) else {
        return Ok(());
    };
    let key = Key::Licence(stream.licence.center, stream.licence.number);
    let record: Option<LicenceRecord> = store.get(&key)?;
    if record.is_some_and(|record| gives_plaintext(&record.state)) {
        stream.root = root;
    } else {
        session.stream = None;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
