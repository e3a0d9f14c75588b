//! The content memory (§6.18 to §6.24): works kept on the card, as `Km[M]` or, by procedure 2,
//! as `Km{Ke[M]}`.

use super::link::Answer;
use super::selected::malformed;
use super::{CardError, Selected, Verified};
use saifu_wire::answer::{
    ContentMemory, ContentState, Contents, DataObject, LicenceState, StreamOpened,
};
use saifu_wire::ins::Ins;
use saifu_wire::request::{LicenceRef, SegmentRange, segments_data};
use saifu_wire::stream::{HEADER_BYTES, Header};
use saifu_wire::{CenterId, Wire};

/// The most stored works that are listed.
pub const MAX_CONTENTS: usize = 4_096;

/// The works of a full list.
const CONTENTS_PER_LIST: usize = 64;

/// How a work is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Decrypted and sealed: `Km[M]`.
    Plain,
    /// As it came, sealed once more: `Km{Ke[M]}`.
    Doubly,
}

impl Form {
    /// The form of a stored work.
    pub fn of(content: &ContentState) -> Self {
        if content.doubly { Self::Doubly } else { Self::Plain }
    }
}

impl Selected<'_> {
    /// How much the content memory can hold, and how much of it is taken (§6.3).
    pub fn content_memory(&mut self) -> Result<ContentMemory, CardError> {
        self.object(DataObject::ContentMemory)
    }

    /// Decrypts as [`Selected::decrypt`], and keeps the work as `Km[M]` at the same time:
    /// in order, from index 0 on. Without room it is 6A84, and nothing comes back.
    pub fn decrypt_and_keep(&mut self, first: u64, segments: &[u8]) -> Result<Vec<u8>, CardError> {
        self.call(Ins::Decrypt, [1, 0], &segments_data(first, segments), Answer::Long)
    }

    /// Opens the session's stream over a work kept as `Km[M]` (§6.18); where uses are limited,
    /// this takes one.
    pub fn open_kept(&mut self, licence: &LicenceRef) -> Result<StreamOpened, CardError> {
        self.read(Ins::OpenStream, [1, 0], &licence.to_bytes())
    }

    /// Plaintext of the work that [`Selected::open_kept`] opened (§6.20).
    pub fn read_content(&mut self, range: &SegmentRange) -> Result<Vec<u8>, CardError> {
        self.call(Ins::ReadContent, [0, 0], &range.to_bytes(), Answer::Long)
    }

    /// Loads a licence whose key stays wrapped until the work is opened (§6.11): procedure 2.
    pub fn load_licence_as_it_is(&mut self, licence: &[u8]) -> Result<LicenceState, CardError> {
        self.read(Ins::LoadLicence, [1, 0], licence)
    }

    /// Begins to keep `Ke[M]` as it comes (§6.21).
    pub fn begin_storing(
        &mut self,
        licence: &LicenceRef,
        header: &Header,
    ) -> Result<(), CardError> {
        let data = [licence.to_bytes(), header.to_bytes()].concat();
        self.call(Ins::StoreContent, [0, 0], &data, Answer::None).map(drop)
    }

    /// Keeps whole segments of it, in order, from index `first` on.
    pub fn store(&mut self, first: u64, segments: &[u8]) -> Result<(), CardError> {
        let data = segments_data(first, segments);
        self.call(Ins::StoreContent, [1, 0], &data, Answer::None).map(drop)
    }

    /// Says that all segments are there.
    pub fn finish_storing(&mut self) -> Result<(), CardError> {
        self.call(Ins::StoreContent, [2, 0], &[], Answer::None).map(drop)
    }

    /// The header of a work kept as `Km{Ke[M]}`, which is opened for this session (§6.22).
    pub fn hand_back(&mut self, licence: &LicenceRef) -> Result<Header, CardError> {
        let header = self.call(Ins::HandBack, [0, 0], &licence.to_bytes(), Answer::Long)?;
        match header.len() {
            HEADER_BYTES => Header::from_bytes(&header).map_err(malformed(Ins::HandBack)),
            got => Err(CardError::Length {
                command: Ins::HandBack,
                expected: HEADER_BYTES as u64,
                got: got as u64,
            }),
        }
    }

    /// Segments of `Ke[M]` as the center sent them, of the work that is handed back.
    pub fn handed_back(&mut self, range: &SegmentRange) -> Result<Vec<u8>, CardError> {
        self.call(Ins::HandBack, [1, 0], &range.to_bytes(), Answer::Long)
    }

    /// How many segments of at most `segment_bytes` one answer brings.
    pub fn segments_per_answer(&self, segment_bytes: u64) -> u8 {
        let fits = u64::from(self.about().max_response_data) / segment_bytes.max(1);
        u8::try_from(fits.max(1)).unwrap_or(u8::MAX)
    }
}

impl Verified<'_> {
    /// What the content memory holds of a center, by licence, at most [`MAX_CONTENTS`] works
    /// (§6.23).
    pub fn contents(&mut self, center: CenterId) -> Result<Vec<ContentState>, CardError> {
        let mut all: Vec<ContentState> = Vec::new();
        let mut from = LicenceRef { center, number: 0 };
        while all.len() < MAX_CONTENTS {
            let Contents { 0: page } = self.read(Ins::ListContents, [0, 0], &from.to_bytes())?;
            let full = page.len() == CONTENTS_PER_LIST;
            // A page can end between the two forms of one work, with which the next begins.
            let new: Vec<_> = page.into_iter().filter(|one| !all.contains(one)).collect();
            match new.last() {
                Some(last) if full => from.number = last.licence,
                _ => return Ok([all, new].concat()),
            }
            all.extend(new);
        }
        Ok(all)
    }

    /// Deletes a stored work in one of its forms (§6.24).
    pub fn delete_content(&mut self, licence: &LicenceRef, form: Form) -> Result<(), CardError> {
        let p1 = u8::from(form == Form::Doubly);
        self.call(Ins::DeleteContent, [p1, 0], &licence.to_bytes(), Answer::None).map(drop)
    }
}

#[cfg(test)]
mod tests;
