//! Works that the card keeps: stored as they came (procedure 2), and opened from there.

use super::content::{Content, Keep, Source, is_there_already, same_length};
use super::file::{beside, check_place, put};
use super::private::PrivateFile;
use super::{Next, Observer, Opened, Sale, SaleError, Step};
use crate::card::{CardError, Form, Selected};
use crate::session::{Session, SessionError};
use saifu_center_api::Work;
use saifu_wire::answer::{ContentMemory, LicenceState, UNLIMITED};
use saifu_wire::ins::Ins;
use saifu_wire::request::{LicenceRef, SegmentRange};
use saifu_wire::stream::{DEFAULT_SEGMENT_BYTES, Header, SEGMENT_BYTES, TAG_BYTES};
use saifu_wire::{AccountId, CenterId, Status};
use sha2::{Digest, Sha256};
use std::path::PathBuf;

impl Sale {
    /// Fetches the delivery and has the card keep it as it is; nothing is decrypted.
    pub fn store(
        &mut self,
        session: &mut Session<'_>,
        observer: &mut dyn Observer,
    ) -> Result<(), SaleError> {
        self.expect(Next::Store, session)?;
        let (header, mut delivery) = self.delivery(session)?;
        let delivery_bytes = self.record().order.as_ref().map_or(0, |order| order.delivery_length);
        observer.step(&Step::Delivering { delivery_bytes });
        let selected = &mut session.selected;
        match selected.begin_storing(&self.name()?, &header) {
            Err(error) if is_there_already(&error) => return self.stored(&header, observer),
            begun => begun?,
        }
        let step = selected.segments_per_command(&header);
        let (mut first, mut done_bytes) = (0, 0);
        while first < header.segment_count() {
            let (sealed, plain) = delivery.segments(&header, first, step)?;
            selected.store(first, &sealed)?;
            first += step;
            done_bytes += plain;
            observer.step(&Step::Progress { done_bytes, total_bytes: header.total_bytes });
        }
        delivery.finish()?;
        selected.finish_storing()?;
        self.stored(&header, observer)
    }

    fn stored(&mut self, header: &Header, observer: &mut dyn Observer) -> Result<(), SaleError> {
        self.append(super::Entry::Stored)?;
        observer.step(&Step::Stored { bytes: header.total_bytes });
        Ok(())
    }
}

/// Checks, before anything is paid, that the card has room for a work.
pub(super) fn check_room(session: &mut Session<'_>, work: &Work) -> Result<(), SaleError> {
    let ContentMemory { size_bytes, used_bytes } = session.selected.content_memory()?;
    let free_bytes = size_bytes.saturating_sub(used_bytes);
    let segments = work.length.div_ceil(u64::from(DEFAULT_SEGMENT_BYTES)).max(1);
    let tags = segments.saturating_mul(TAG_BYTES as u64);
    match work.length.saturating_add(tags) {
        needed_bytes if needed_bytes > free_bytes => {
            Err(SaleError::NoRoom { needed_bytes, free_bytes })
        }
        _ => Ok(()),
    }
}

/// A stored work, and where it is to go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// The center.
    pub center: CenterId,
    /// The card's account there.
    pub account: AccountId,
    /// Its licence as it stands.
    pub state: LicenceState,
    /// How it is stored.
    pub form: Form,
    /// Where its file goes: an absolute path where a file can be made.
    pub output: PathBuf,
}

impl Kept {
    /// Opens the work from the card into its file, whole or not at all.
    ///
    /// Where uses are limited this takes one, once there is room for the file. A card that
    /// does not open it without the center's time is told that.
    pub fn open(
        &self,
        session: &mut Session<'_>,
        observer: &mut dyn Observer,
    ) -> Result<Opened, SaleError> {
        check_place(&self.output)?;
        match self.open_now(session, observer) {
            Err(error) if wants_time(&error) => {
                session.tell_time(self.account)?;
                self.open_now(session, observer)
            }
            opened => opened,
        }
    }

    fn open_now(
        &self,
        session: &mut Session<'_>,
        observer: &mut dyn Observer,
    ) -> Result<Opened, SaleError> {
        let id = format!("kept-{}", self.state.number);
        let [part, sealed] = beside(&self.output, &id);
        let mut file = PrivateFile::create(part)?;
        let opened = match self.form {
            Form::Doubly => {
                let content = self.handed_back(session, sealed)?;
                content.decrypt(&mut session.selected, file, observer)?
            }
            Form::Plain => {
                if self.state.uses_left != UNLIMITED {
                    file.reserve(self.state.total_bytes)?;
                }
                self.read(&mut session.selected, file, observer)?
            }
        };
        put(&opened, &self.output, &id)?;
        observer.step(&Step::Decrypted { file: self.output.clone(), bytes: opened.bytes });
        Ok(opened)
    }

    /// What the card hands back, to be passed through it again.
    fn handed_back(
        &self,
        session: &mut Session<'_>,
        sealed: PathBuf,
    ) -> Result<Content, SaleError> {
        let header = session.selected.hand_back(&self.name())?;
        same_length(Ins::HandBack, self.state.total_bytes, header.total_bytes)?;
        let (source, has_limit) = (Source::Card, self.state.uses_left != UNLIMITED);
        Ok(Content { licence: self.name(), header, source, has_limit, sealed, keep: Keep::No })
    }

    /// Reads what the card keeps decrypted.
    fn read(
        &self,
        selected: &mut Selected<'_>,
        mut file: PrivateFile,
        observer: &mut dyn Observer,
    ) -> Result<Opened, SaleError> {
        let total_bytes = self.state.total_bytes;
        let segments = selected.open_kept(&self.name())?.segments;
        let most = selected.segments_per_answer(most_segment_bytes(total_bytes, segments));
        let (mut first, mut bytes, mut hash) = (0, 0, Sha256::new());
        while first < segments {
            let count = u8::try_from(segments - first).unwrap_or(u8::MAX).min(most);
            let plaintext = selected.read_content(&SegmentRange { first, count })?;
            file.write(&plaintext)?;
            hash.update(&plaintext);
            first += u64::from(count);
            bytes += plaintext.len() as u64;
            if bytes > total_bytes || plaintext.is_empty() {
                break;
            }
            observer.step(&Step::Progress { done_bytes: bytes, total_bytes });
        }
        same_length(Ins::ReadContent, total_bytes, bytes)?;
        let sha256 = hex::encode(hash.finalize());
        Ok(Opened { part: file.keep()?, bytes, sha256, kept: true })
    }

    fn name(&self) -> LicenceRef {
        LicenceRef { center: self.center, number: self.state.number }
    }
}

/// Whether a card may have refused for want of the center's time; nothing was opened then.
fn wants_time(error: &SaleError) -> bool {
    let SaleError::Session(SessionError::Card(CardError::Refused(refused))) = error else {
        return false;
    };
    refused.command == Ins::OpenStream && refused.is(Status::ConditionsNotSatisfied)
}

/// The most bytes that a segment of such a work can have: all but the last are full.
fn most_segment_bytes(total_bytes: u64, segments: u64) -> u64 {
    let full = segments.saturating_sub(1);
    let most = total_bytes.saturating_sub(1).checked_div(full);
    most.unwrap_or(total_bytes)
        .clamp(u64::from(*SEGMENT_BYTES.start()), u64::from(*SEGMENT_BYTES.end()))
}
