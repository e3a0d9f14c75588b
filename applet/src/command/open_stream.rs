//! OPEN STREAM (§6.18): the gate before the plaintext.
//!
//! What the licence allows is judged once for a session, by `super::plaintext`, and a use is
//! counted down in a commit before the stream is open: a cut may cost a use, and never gains one.
//! Under a price on hold nothing is counted yet: that waits for the commit that pays it.

use alloc::boxed::Box;

use saifu_wire::answer::{LicenceState, StreamOpened};
use saifu_wire::codec::Reader;
use saifu_wire::request::LicenceRef;
use saifu_wire::stream::Header;
use saifu_wire::{Malformed, Status, Wire};

use super::{Context, plaintext};
use crate::content_key;
use crate::crypto::Secret;
use crate::crypto::hash::sha256;
use crate::memory::records::LicenceRecord;
use crate::memory::{Change, Key, Store};
use crate::platform::Platform;
use crate::refusal::Refusal;
use crate::secure::ContentCipher;
use crate::session::{Gate, OpenStream, StreamSource};
use crate::works::Work;

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
    match source {
        Source::Terminal(licence, header) => from_terminal(licence, header, context),
        Source::Memory(licence) => from_memory(licence, context),
    }
}

fn from_terminal<P: Platform>(
    licence: LicenceRef,
    header: &[u8],
    context: &mut Context<'_, P>,
) -> Result<(), Refusal> {
    let parsed = Header::from_bytes(header)?;
    let record = find(context.store, &licence)?;
    check_header(&record, &parsed)?;
    let mut opening = Opening::judge(licence, record, context)?;
    let key = opening.content_key(context.store)?;
    let segments = parsed.segment_count();
    let cipher = Box::new(ContentCipher::new(&key, parsed));
    opening.open(StreamSource::Terminal(cipher, None), segments, context)
}

fn from_memory<P: Platform>(
    licence: LicenceRef,
    context: &mut Context<'_, P>,
) -> Result<(), Refusal> {
    let record = find(context.store, &licence)?;
    let work = Work::find(context.store, &licence, false)?.ok_or(Status::NotFound)?;
    let segments = work.header().segment_count();
    let opening = Opening::judge(licence, record, context)?;
    opening.open(StreamSource::Memory(work), segments, context)
}

fn find<P: Platform>(store: &Store<P>, licence: &LicenceRef) -> Result<LicenceRecord, Refusal> {
    let record = store.get(&Key::Licence(licence.center, licence.number))?;
    Ok(record.ok_or(Status::NotFound)?)
}

/// A stream that may be opened, and what is to be stored before it is.
struct Opening {
    licence: LicenceRef,
    record: LicenceRecord,
    change: Option<Change>,
}

impl Opening {
    fn judge<P: Platform>(
        licence: LicenceRef,
        mut record: LicenceRecord,
        context: &Context<'_, P>,
    ) -> Result<Self, Refusal> {
        let uses_left = record.state.uses_left;
        plaintext::judge(context.store, context.session, licence.center, &mut record)?;
        let change = (record.state.uses_left != uses_left).then(|| {
            let mut change = Change::new();
            change.put(Key::Licence(licence.center, licence.number), &record);
            change
        });
        Ok(Self { licence, record, change })
    }

    /// The content key; opened now, if it was kept as it came.
    fn content_key<P: Platform>(&mut self, store: &mut Store<P>) -> Result<Secret<32>, Refusal> {
        let mut opened = Change::new();
        let key = content_key::open_kept(store, &self.licence, &mut opened)?;
        let Some(key) = key else { return Ok(content_key::opened(store, &self.licence)?) };
        let licence = Key::Licence(self.licence.center, self.licence.number);
        opened.put(licence, &self.record);
        self.change = Some(opened);
        Ok(key)
    }

    fn open<P: Platform>(
        self,
        source: StreamSource,
        segments: u64,
        context: &mut Context<'_, P>,
    ) -> Result<(), Refusal> {
        let Context { store, session, answer } = context;
        if let Some(change) = self.change {
            store.commit(change)?;
        }
        let gate = Gate::new(store, self.licence, &self.record.state);
        session.stream = Some(Box::new(OpenStream { gate, source }));
        StreamOpened { segments, uses_left: self.record.state.uses_left }.write(answer);
        Ok(())
    }
}

/// The header must be the one that the licence names, and speak of the same work.
///
/// # Errors
/// 6A80.
pub(super) fn check_header(record: &LicenceRecord, header: &Header) -> Result<(), Status> {
    let LicenceState { content, content_version, total_bytes, .. } = record.state;
    let work = (header.content, header.content_version, header.total_bytes);
    let same = sha256(&[&header.to_bytes()]) == record.header.0;
    if same && work == (content, content_version, total_bytes) {
        Ok(())
    } else {
        Err(Status::WrongData)
    }
}

#[cfg(test)]
mod tests;
