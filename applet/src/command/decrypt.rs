//! DECRYPT (§6.19): whole segments in, their plaintext out, or nothing at all.
//!
//! A price on hold is paid only once the plaintext is there to be answered, and before it is.
//!
//! With P1 01 the plaintext is sealed into the content memory, too, in the same pass. One commit
//! reserves its room and pays a price on hold, after everything that can be refused; the work is
//! complete before its end is answered.

use saifu_wire::Status;
use saifu_wire::stream::Segment;

use super::{Context, plaintext};
use crate::access::check_pin;
use crate::memory::Store;
use crate::memory::content::segment_bytes;
use crate::platform::Platform;
use crate::refusal::Refusal;
use crate::secure::content_cipher::cut;
use crate::session::{OpenStream, StreamSource};
use crate::works::{Begun, Storing};

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
    let pin = check_pin(store.pin_tries(), session.is_verified());
    let OpenStream { gate, source } = plaintext::check(store, session)?;
    let StreamSource::Terminal(cipher, storing) = source else {
        return Err(Status::ConditionsNotSatisfied.into());
    };
    let verified = cipher.verify(request.first, request.segments)?;
    let begun = match request {
        Request { keep: false, .. } => None,
        Request { first: 0, .. } => {
            Some(Begun::new(store, &gate.licence, false, cipher.header(), pin)?)
        }
        Request { first, .. } => {
            check_next(storing, *first, store)?;
            None
        }
    };
    verified.decrypt_into(answer)?;
    plaintext::leave(store, gate, begun.as_ref().map(Begun::change))?;
    if let Some(begun) = begun {
        *storing = Some(begun.committed(store));
    }
    if request.keep {
        keep(storing, request.first, answer, store)?;
    }
    Ok(())
}

/// Whether a segment is the next of the storing, and that still goes on.
fn check_next<P: Platform>(
    storing: &mut Option<Storing>,
    first: u64,
    store: &Store<P>,
) -> Result<(), Refusal> {
    let next = storing.as_mut().filter(|storing| storing.next() == first);
    let storing = next.ok_or(Status::WrongOffset)?;
    if storing.is_current(store)? { Ok(()) } else { Err(Status::WrongOffset.into()) }
}

/// Seals the plaintext of the next segments; after the last, the work is complete.
fn keep<P: Platform>(
    storing: &mut Option<Storing>,
    first: u64,
    plaintext: &[u8],
    store: &mut Store<P>,
) -> Result<(), Refusal> {
    let current = storing.as_mut().ok_or(Status::WrongOffset)?;
    let bytes_of = |segment: &Segment| segment_bytes(segment, false);
    let segments = cut(current.header(), first, plaintext, bytes_of).ok_or(Status::WrongData)?;
    current.append(store, &segments)?;
    if current.has_all() {
        storing.take().ok_or(Status::WrongOffset)?.finish(store)?;
    }
    Ok(())
}

#[cfg(test)]
mod keep;
#[cfg(test)]
mod keep_refused;
#[cfg(test)]
mod tests;
