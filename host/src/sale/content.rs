//! Decrypting a work: whole and authentic, or not at all (§13).

use super::private::PrivateFile;
use super::{Observer, Opened, SaleError, Step};
use crate::card::{CardError, Selected};
use crate::center::{Damaged, Delivery};
use crate::trust::check_header;
use saifu_wire::ins::Ins;
use saifu_wire::request::LicenceRef;
use saifu_wire::signed::Licence;
use saifu_wire::stream::{HEADER_BYTES, Header};
use sha2::{Digest, Sha256};
use std::io::Read;
use std::path::PathBuf;

/// What is streamed, and what it must agree with.
pub(super) struct Content<'a> {
    pub(super) licence: &'a Licence,
    pub(super) delivery: Delivery,
    /// The bytes of the delivery, as the center announced them.
    pub(super) delivery_bytes: u64,
    /// Where the delivery is fetched to first, if uses are limited.
    pub(super) sealed: PathBuf,
}

impl Content<'_> {
    /// Passes the delivery through the card into `file`, and keeps that once its authentic
    /// end was seen.
    ///
    /// Where uses are limited, the delivery is here whole before the card takes one.
    pub(super) fn decrypt(
        self,
        selected: &mut Selected<'_>,
        mut file: PrivateFile,
        observer: &mut dyn Observer,
    ) -> Result<Opened, SaleError> {
        let Self { licence, mut delivery, delivery_bytes, sealed } = self;
        let header = check_header(&delivery.header()?, licence, delivery_bytes)?;
        observer.step(&Step::Delivering { delivery_bytes });
        let mut fetched = None;
        if licence.uses != 0 {
            let mut sealed = PrivateFile::create(sealed)?;
            fetch(delivery, delivery_bytes.saturating_sub(HEADER_BYTES as u64), &mut sealed)?;
            delivery = Delivery::new(Box::new(sealed.read_again()?));
            fetched = Some(sealed);
            file.reserve(header.total_bytes)?;
        }
        open_stream(selected, licence, &header)?;
        let step = selected.segments_per_command(&header);
        let (mut first, mut done_bytes, mut hash) = (0, 0, Sha256::new());
        while first < header.segment_count() {
            let (sealed, plain) = delivery.segments(&header, first, step)?;
            let plaintext = decrypt_segments(selected, first, &sealed, plain)?;
            file.write(&plaintext)?;
            hash.update(&plaintext);
            first += step;
            done_bytes += plain;
            observer.step(&Step::Progress { done_bytes, total_bytes: header.total_bytes });
        }
        delivery.finish()?;
        drop(fetched);
        Ok(Opened { part: file.keep()?, bytes: done_bytes, sha256: hex::encode(hash.finalize()) })
    }
}

/// Fetches the `bytes` that are left of a delivery, no fewer and no more.
fn fetch(delivery: Delivery, bytes: u64, file: &mut PrivateFile) -> Result<(), SaleError> {
    let mut body = delivery.into_body().take(bytes.saturating_add(1));
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

fn open_stream(
    selected: &mut Selected<'_>,
    licence: &Licence,
    header: &Header,
) -> Result<(), CardError> {
    let named = LicenceRef { center: licence.center, number: licence.number };
    let opened = selected.open_stream(&named, header)?;
    same_length(Ins::OpenStream, header.segment_count(), opened.segments)
}

fn decrypt_segments(
    selected: &mut Selected<'_>,
    first: u64,
    sealed: &[u8],
    plain: u64,
) -> Result<Vec<u8>, CardError> {
    let plaintext = selected.decrypt(first, sealed)?;
    same_length(Ins::Decrypt, plain, plaintext.len() as u64)?;
    Ok(plaintext)
}

fn same_length(command: Ins, expected: u64, got: u64) -> Result<(), CardError> {
    if expected == got { Ok(()) } else { Err(CardError::Length { command, expected, got }) }
}
