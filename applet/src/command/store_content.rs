//! STORE CONTENT (§6.21): procedure 2 keeps `Ke[M]` as it came, sealed once more.

use alloc::boxed::Box;

use saifu_wire::answer::LicenceStatus;
use saifu_wire::codec::Reader;
use saifu_wire::request::{LicenceRef, parse_segments};
use saifu_wire::stream::{Header, Segment};
use saifu_wire::{Malformed, Status, Wire};

use super::{Context, open_stream};
use crate::access::check_pin;
use crate::memory::records::LicenceRecord;
use crate::memory::{Key, Store};
use crate::platform::Platform;
use crate::refusal::Refusal;
use crate::secure::content_cipher::cut;
use crate::session::Session;
use crate::works::{Begun, Storing};

/// What is to be done.
#[derive(Debug)]
pub enum Step<'a> {
    /// Begin: the licence, and the header as it came.
    Begin(LicenceRef, Header),
    /// Keep segments: the index of the first, the segments.
    Segments(u64, &'a [u8]),
    /// All segments are there.
    Finish,
}

impl<'a> Step<'a> {
    /// P1 says which.
    pub(super) fn parse(p1: u8, data: &'a [u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(data);
        Ok(match p1 {
            0 => {
                let step = Self::Begin(Wire::read(&mut reader)?, Wire::read(&mut reader)?);
                reader.finish()?;
                step
            }
            1 => {
                let (first, segments) = parse_segments(data)?;
                Self::Segments(first, segments)
            }
            _ => Self::Finish,
        })
    }
}

pub(super) fn act<P: Platform>(
    step: &Step<'_>,
    context: &mut Context<'_, P>,
) -> Result<(), Refusal> {
    match step {
        Step::Begin(licence, header) => begin(licence, header, context),
        Step::Segments(first, segments) => keep(*first, segments, context),
        Step::Finish => finish(context),
    }
}

fn begin<P: Platform>(
    licence: &LicenceRef,
    header: &Header,
    context: &mut Context<'_, P>,
) -> Result<(), Refusal> {
    let Context { store, session, .. } = context;
    let key = Key::Licence(licence.center, licence.number);
    let record: LicenceRecord = store.get(&key)?.ok_or(Status::NotFound)?;
    open_stream::check_header(&record, header)?;
    if record.state.status == LicenceStatus::Refunded {
        return Err(Status::ConditionsNotSatisfied.into());
    }
    let pin = check_pin(store.pin_tries(), session.is_verified());
    let begun = Begun::new(store, licence, true, header, pin)?;
    store.commit(begun.change())?;
    session.storing = Some(Box::new(begun.committed(store)));
    Ok(())
}

fn keep<P: Platform>(
    first: u64,
    segments: &[u8],
    context: &mut Context<'_, P>,
) -> Result<(), Refusal> {
    let Context { store, session, .. } = context;
    let storing = going_on(store, session)?;
    if first != storing.next() {
        return Err(Status::WrongOffset.into());
    }
    // A work that has all of its segments has no next one.
    storing.header().segment(first).ok_or(Status::WrongOffset)?;
    let segments = cut(storing.header(), first, segments, Segment::sealed_bytes);
    Ok(storing.append(store, &segments.ok_or(Status::WrongData)?)?)
}

fn finish<P: Platform>(context: &mut Context<'_, P>) -> Result<(), Refusal> {
    let Context { store, session, .. } = context;
    let storing = going_on(store, session)?;
    if !storing.has_all() {
        return Err(Status::ConditionsNotSatisfied.into());
    }
    let storing = session.storing.take().ok_or(Status::ConditionsNotSatisfied)?;
    storing.finish(store)
}

/// What this session has begun, unless it was replaced or deleted since, on whatever channel.
fn going_on<'s, P: Platform>(
    store: &Store<P>,
    session: &'s mut Session,
) -> Result<&'s mut Storing, Refusal> {
    let storing = session.storing.as_mut().ok_or(Status::ConditionsNotSatisfied)?;
    if !storing.is_current(store)? {
        session.storing = None;
    }
    Ok(session.storing.as_deref_mut().ok_or(Status::ConditionsNotSatisfied)?)
}

#[cfg(test)]
mod tests;
