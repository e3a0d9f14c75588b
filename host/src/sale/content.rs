//! Fetching, decrypting and keeping a work: whole and authentic, or not at all (§13).

use super::{Observer, SaleError, Step};
use crate::card::{CardError, Selected};
use crate::center::Delivery;
use crate::trust::check_header;
use saifu_wire::ins::Ins;
use saifu_wire::request::LicenceRef;
use saifu_wire::signed::Licence;
use saifu_wire::stream::Header;
use sha2::{Digest, Sha256};
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

/// A file that has a name of its own until it is whole, and vanishes if it never is.
pub(super) struct Partial {
    file: File,
    partial: PathBuf,
    whole: PathBuf,
    hash: Sha256,
    bytes: u64,
}

impl Partial {
    /// Begins the file that will be `whole`; `id` keeps it apart from others' beginnings.
    pub(super) fn create(whole: &Path, id: &str) -> Result<Self, SaleError> {
        let partial = whole.with_file_name(format!(".saifu-{id}.part"));
        let file = File::create(&partial).map_err(at(&partial))?;
        Ok(Self { file, partial, whole: whole.to_owned(), hash: Sha256::new(), bytes: 0 })
    }

    fn write(&mut self, plaintext: &[u8]) -> Result<(), SaleError> {
        self.file.write_all(plaintext).map_err(at(&self.partial))?;
        self.hash.update(plaintext);
        self.bytes += plaintext.len() as u64;
        Ok(())
    }

    /// Puts the whole file in its place; returns its length and SHA-256 in hex.
    ///
    /// What is there already stays: it is this very work, kept just before a cut, or an error.
    fn keep(self) -> Result<(u64, String), SaleError> {
        self.file.sync_all().map_err(at(&self.partial))?;
        let hash = self.hash.clone().finalize();
        if !self.whole.exists() {
            fs::rename(&self.partial, &self.whole).map_err(at(&self.whole))?;
        } else if hash_of(&self.whole).map_err(at(&self.whole))? != hash.as_slice() {
            return Err(at(&self.whole)(io::ErrorKind::AlreadyExists.into()));
        }
        super::journal::sync_folder_of(&self.whole)?;
        Ok((self.bytes, hex::encode(hash)))
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        // Once renamed it is not there any more, which is as it should be.
        let _ = fs::remove_file(&self.partial);
    }
}

/// What is streamed, and what it must agree with.
pub(super) struct Content<'a> {
    pub(super) licence: &'a Licence,
    pub(super) delivery: Delivery,
    /// The bytes of the delivery, as the center announced them.
    pub(super) delivery_bytes: u64,
}

impl Content<'_> {
    /// Passes the delivery through the card into `file`, and keeps it once its authentic
    /// end was seen; returns its length and SHA-256 in hex.
    pub(super) fn decrypt(
        mut self,
        selected: &mut Selected<'_>,
        mut file: Partial,
        observer: &mut dyn Observer,
    ) -> Result<(u64, String), SaleError> {
        let Self { licence, delivery_bytes, .. } = self;
        let header = check_header(&self.delivery.header()?, licence, delivery_bytes)?;
        observer.step(&Step::Delivering { delivery_bytes });
        open_stream(selected, licence, &header)?;
        let step = selected.segments_per_command(&header);
        let mut first = 0;
        while first < header.segment_count() {
            let (sealed, plain) = self.delivery.segments(&header, first, step)?;
            file.write(&decrypt_segments(selected, first, &sealed, plain)?)?;
            first += step;
            let (done_bytes, total_bytes) = (file.bytes, header.total_bytes);
            observer.step(&Step::Progress { done_bytes, total_bytes });
        }
        self.delivery.finish()?;
        file.keep()
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

fn hash_of(path: &Path) -> io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(hash.finalize().to_vec()),
            read => hash.update(&buffer[..read]),
        }
    }
}

fn at(path: &Path) -> impl Fn(io::Error) -> SaleError {
    move |source| SaleError::File { path: path.to_owned(), source }
}
