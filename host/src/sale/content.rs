//! Decrypting a work: whole and authentic, or not at all (§13).

use super::private::PrivateFile;
use super::{Observer, Opened, SaleError, Step};
use crate::card::{CardError, Selected};
use crate::center::{Damaged, Delivery};
use saifu_wire::Status;
use saifu_wire::ins::Ins;
use saifu_wire::request::{LicenceRef, SegmentRange};
use saifu_wire::stream::{Header, TAG_BYTES};
use sha2::{Digest, Sha256};
use std::io::Read;
use std::path::PathBuf;

/// The sealed segments of a work, and where they come from.
pub(super) enum Source {
    /// The center's delivery.
    Center(Delivery),
    /// The card, which hands back what it keeps.
    Card,
}

/// What is streamed, and how.
pub(super) struct Content {
    pub(super) licence: LicenceRef,
    pub(super) header: Header,
    pub(super) source: Source,
    /// Whether the licence limits how often the work may be opened.
    pub(super) has_limit: bool,
    /// Where the delivery is fetched to first, if it does.
    pub(super) sealed: PathBuf,
    /// Whether the card is to keep the work as well.
    pub(super) keep: Keep,
}

/// Whether the card keeps a work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Keep {
    /// No.
    No,
    /// In the pass that decrypts it.
    Now,
    /// It has it whole, of an earlier pass.
    Already,
}

impl Content {
    /// Passes the segments through the card into `file`, and keeps that once its authentic
    /// end was seen.
    ///
    /// Where uses are limited, the delivery is here whole before the card takes one. A card
    /// without room for the work goes on without keeping it, and so does one that has it whole.
    pub(super) fn decrypt(
        mut self,
        selected: &mut Selected<'_>,
        mut file: PrivateFile,
        observer: &mut dyn Observer,
    ) -> Result<Opened, SaleError> {
        let fetched = if self.has_limit { self.fetch(&mut file)? } else { None };
        let header = self.header.clone();
        self.open_stream(selected)?;
        let step = selected.segments_per_command(&header);
        let (mut first, mut done_bytes, mut hash) = (0, 0, Sha256::new());
        while first < header.segment_count() {
            let (sealed, plain) = self.source.segments(selected, &header, first, step)?;
            let plaintext = self.decrypt_segments(selected, first, &sealed, observer)?;
            same_length(Ins::Decrypt, plain, plaintext.len() as u64)?;
            file.write(&plaintext)?;
            hash.update(&plaintext);
            first += step;
            done_bytes += plain;
            observer.step(&Step::Progress { done_bytes, total_bytes: header.total_bytes });
        }
        self.source.finish()?;
        drop(fetched);
        let sha256 = hex::encode(hash.finalize());
        Ok(Opened { part: file.keep()?, bytes: done_bytes, sha256, kept: self.keep != Keep::No })
    }

    /// Has all that is needed here before a use is taken: the delivery, and room in `file`.
    fn fetch(&mut self, file: &mut PrivateFile) -> Result<Option<PrivateFile>, SaleError> {
        let mut fetched = None;
        if let Source::Center(delivery) = &mut self.source {
            let mut sealed = PrivateFile::create(self.sealed.clone())?;
            fetch(delivery, self.header.sealed_bytes(), &mut sealed)?;
            self.source = Source::Center(Delivery::new(Box::new(sealed.read_again()?)));
            fetched = Some(sealed);
        }
        file.reserve(self.header.total_bytes)?;
        Ok(fetched)
    }

    fn open_stream(&self, selected: &mut Selected<'_>) -> Result<(), CardError> {
        let opened = selected.open_stream(&self.licence, &self.header)?;
        same_length(Ins::OpenStream, self.header.segment_count(), opened.segments)
    }

    fn decrypt_segments(
        &mut self,
        selected: &mut Selected<'_>,
        first: u64,
        sealed: &[u8],
        observer: &mut dyn Observer,
    ) -> Result<Vec<u8>, CardError> {
        if self.keep == Keep::Now {
            match selected.decrypt_and_keep(first, sealed) {
                Err(error) if error.is_refusal(Status::NotEnoughMemory) => {
                    self.keep = Keep::No;
                    observer.step(&Step::NotKept);
                }
                Err(error) if is_there_already(&error) => self.keep = Keep::Already,
                answer => return answer,
            }
        }
        selected.decrypt(first, sealed)
    }
}

impl Source {
    /// Takes `count` whole segments of `header` from index `first` on; fewer at the end.
    ///
    /// Returns their sealed bytes and the number of plaintext bytes in them.
    pub(super) fn segments(
        &mut self,
        selected: &mut Selected<'_>,
        header: &Header,
        first: u64,
        count: u64,
    ) -> Result<(Vec<u8>, u64), SaleError> {
        let Self::Center(delivery) = self else {
            return handed_back(selected, header, first, count);
        };
        Ok(delivery.segments(header, first, count)?)
    }

    /// Demands that nothing is left.
    pub(super) fn finish(self) -> Result<(), Damaged> {
        match self {
            Self::Center(delivery) => delivery.finish(),
            Self::Card => Ok(()),
        }
    }
}

/// Whether a card refuses to store a work because it has it whole, and would ask for the PIN to
/// replace it (§6.19, §6.21); what it has is the same work, for a licence names no other.
pub(super) fn is_there_already(error: &CardError) -> bool {
    let words = [Status::SecurityNotSatisfied, Status::PinBlocked];
    words.into_iter().any(|word| error.is_refusal(word))
}

/// Segments that the card hands back, by as many commands as it takes.
fn handed_back(
    selected: &mut Selected<'_>,
    header: &Header,
    first: u64,
    count: u64,
) -> Result<(Vec<u8>, u64), SaleError> {
    let last = first.saturating_add(count).min(header.segment_count());
    let most = selected.segments_per_answer(segment_bytes(header));
    let (mut bytes, mut plain, mut next) = (Vec::new(), 0, first);
    while next < last {
        let count = u8::try_from(last - next).unwrap_or(u8::MAX).min(most);
        let range = SegmentRange { first: next, count };
        let wanted = (next..next + u64::from(count)).map_while(|index| header.segment(index));
        let (sealed, here) = wanted.fold((0, 0), |(sealed, here), segment| {
            (sealed + segment.sealed_bytes() as u64, here + u64::from(segment.plain_bytes))
        });
        let mut part = selected.handed_back(&range)?;
        same_length(Ins::HandBack, sealed, part.len() as u64)?;
        bytes.append(&mut part);
        plain += here;
        next += u64::from(count);
    }
    Ok((bytes, plain))
}

/// The bytes of a full segment with its tag.
fn segment_bytes(header: &Header) -> u64 {
    u64::from(header.segment_bytes) + TAG_BYTES as u64
}

/// Fetches the `bytes` that are left of a delivery, no fewer and no more.
fn fetch(delivery: &mut Delivery, bytes: u64, file: &mut PrivateFile) -> Result<(), SaleError> {
    let mut body = delivery.body().take(bytes.saturating_add(1));
    let mut buffer = vec![0; 1 << 16];
    let mut fetched = 0;
    loop {
        match body.read(&mut buffer).map_err(Damaged::Broken)? {
            0 if fetched < bytes => return Err(Damaged::Truncated.into()),
            0 if fetched > bytes => return Err(Damaged::Trailing.into()),
            0 => return Ok(()),
            read => {
                file.write(&buffer[..read])?;
                fetched += read as u64;
            }
        }
    }
}

/// Checks that a card has answered with as much as was to come.
pub(super) fn same_length(command: Ins, expected: u64, got: u64) -> Result<(), CardError> {
    if expected == got { Ok(()) } else { Err(CardError::Length { command, expected, got }) }
}
