//! From the delivery to the file: opened beside its place, journalled, then put there.

use super::content::{Content, Keep, Source};
use super::private::{PrivateFile, at, sync_folder};
use super::{Entry, Next, Observer, Opened, Plan, Sale, SaleError, Step};
use crate::center::{Damaged, Delivery};
use crate::session::Session;
use crate::trust::check_header;
use saifu_wire::stream::{HEADER_BYTES, Header};
use saifu_wire::{Status, Wire};
use sha2::{Digest, Sha256};
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

impl Sale {
    /// Fetches the delivery and passes it through the card into the file (ST10).
    ///
    /// That the file can be written is found out first, before the card is asked. The file
    /// appears once it is whole; a delivery that is cut short, too long or not authentic
    /// leaves nothing behind.
    pub fn decrypt(
        &mut self,
        session: &mut Session<'_>,
        observer: &mut dyn Observer,
    ) -> Result<(), SaleError> {
        self.expect(Next::Decrypt, session)?;
        let output = &self.record().intent.output;
        if is_there(output) {
            return Err(at(output)(io::ErrorKind::AlreadyExists.into()));
        }
        let [part, sealed] = beside(output, self.id());
        let file = PrivateFile::create(part)?;
        let (header, source) = self.source(session)?;
        self.tell_time(session)?;
        if let Source::Center(_) = source {
            let delivery_bytes = delivery_bytes(&header);
            observer.step(&Step::Delivering { delivery_bytes });
        }
        let content = Content {
            licence: self.name()?,
            header,
            source,
            has_limit: self.licence()?.message().uses != 0,
            sealed,
            keep: if self.record().intent.plan == Plan::Keep { Keep::Now } else { Keep::No },
        };
        let opened = content.decrypt(&mut session.selected, file, observer)?;
        self.append(Entry::Opened(opened))?;
        self.keep(session, observer)
    }

    /// Where the sealed work comes from, and its header: the card, where that keeps it as it
    /// came, else the center.
    fn source(&self, session: &mut Session<'_>) -> Result<(Header, Source), SaleError> {
        if self.record().stored {
            match session.selected.hand_back(&self.name()?) {
                // It was deleted meanwhile.
                Err(error) if error.is_refusal(Status::NotFound) => {}
                header => {
                    let header = header?;
                    self.check_header(&header.to_bytes(), delivery_bytes(&header))?;
                    return Ok((header, Source::Card));
                }
            }
        }
        let (header, delivery) = self.delivery(session)?;
        Ok((header, Source::Center(delivery)))
    }

    /// The center's delivery, its header taken and checked.
    pub(super) fn delivery(&self, session: &Session<'_>) -> Result<(Header, Delivery), SaleError> {
        let announced = self.record().order.as_ref().map_or(0, |order| order.delivery_length);
        let mut delivery = session.client.delivery(self.licence()?.message().order)?;
        let header = self.check_header(&delivery.header()?, announced)?;
        Ok((header, delivery))
    }

    fn check_header(&self, header: &[u8], announced: u64) -> Result<Header, SaleError> {
        let short = || Damaged::Truncated;
        let header: &[u8; HEADER_BYTES] = header.try_into().map_err(|_| short())?;
        Ok(check_header(header, self.licence()?.message(), announced)?)
    }

    /// Puts the whole file in its place, and never over another; the card is not asked.
    ///
    /// Where it was taken away meanwhile, it is to be decrypted again.
    pub fn keep(
        &mut self,
        session: &Session<'_>,
        observer: &mut dyn Observer,
    ) -> Result<(), SaleError> {
        self.expect(Next::Keep, session)?;
        let opened = self.record().opened.clone().ok_or(SaleError::OutOfOrder)?;
        let output = self.record().intent.output.clone();
        if !is_there(&opened.part) && !is_there(&output) {
            return self.append(Entry::Lost);
        }
        put(&opened, &output, self.id())?;
        let Opened { bytes, sha256, .. } = opened;
        self.append(Entry::Decrypted { bytes, sha256 })?;
        observer.step(&Step::Decrypted { file: output, bytes });
        Ok(())
    }

    /// Names another place for a file that is not in its place yet; absolute. What was bought
    /// for later is wanted then.
    pub fn move_to(&mut self, output: PathBuf) -> Result<(), SaleError> {
        check_place(&output)?;
        self.tidy();
        self.append(match self.record().is_for_later() {
            true => Entry::Wanted { output },
            false => Entry::Moved { output },
        })
    }

    /// Removes what an earlier process left beside the place of the file.
    pub(super) fn tidy(&self) {
        let record = self.record();
        let [part, sealed] = beside(&record.intent.output, self.id());
        let _ = fs::remove_file(sealed);
        if record.opened.is_none() || record.file.is_some() {
            let _ = fs::remove_file(part);
        }
    }
}

/// Checks that a new file can be made where a work is to go; nothing stays there.
pub(super) fn check_place(output: &Path) -> Result<(), SaleError> {
    if is_there(output) {
        return Err(at(output)(io::ErrorKind::AlreadyExists.into()));
    }
    let [probe, _] = beside(output, &format!("try-{}", std::process::id()));
    drop(PrivateFile::create(probe)?);
    // Not every name that a folder is given can be a file's.
    File::create_new(output).and_then(|_| fs::remove_file(output)).map_err(at(output))?;
    sync_folder(output)
}

/// The names of what is decrypted and of what is fetched, until the file is whole.
pub(super) fn beside(output: &Path, id: &str) -> [PathBuf; 2] {
    ["part", "sealed"].map(|ending| output.with_file_name(format!(".saifu-{id}.{ending}")))
}

/// What is there already stays: it is this very work, put there just before a cut, or an
/// error.
pub(super) fn put(opened: &Opened, output: &Path, id: &str) -> Result<(), SaleError> {
    let [near, _] = beside(output, id);
    if is_there(output) {
        if hash_of(output).map_err(at(output))? != opened.sha256 {
            return Err(at(output)(io::ErrorKind::AlreadyExists.into()));
        }
    } else {
        if near != opened.part {
            copy(&opened.part, near.clone())?;
        }
        link(&near, output).map_err(at(output))?;
    }
    sync_folder(output)?;
    for path in [&near, &opened.part] {
        let _ = fs::remove_file(path);
    }
    Ok(())
}

/// A link fails where a file is; not every file system has links.
fn link(part: &Path, output: &Path) -> io::Result<()> {
    match fs::hard_link(part, output) {
        Err(why) if why.kind() != io::ErrorKind::AlreadyExists && !is_there(output) => {
            fs::rename(part, output)
        }
        linked => linked,
    }
}

fn copy(from: &Path, to: PathBuf) -> Result<(), SaleError> {
    let mut whole = File::open(from).map_err(at(from))?;
    let mut file = PrivateFile::create(to)?;
    let mut buffer = vec![0; 1 << 16];
    loop {
        match whole.read(&mut buffer).map_err(at(from))? {
            0 => return file.keep().map(drop),
            read => file.write(&buffer[..read])?,
        }
    }
}

/// The bytes of a delivery with this header.
fn delivery_bytes(header: &Header) -> u64 {
    header.sealed_bytes().saturating_add(HEADER_BYTES as u64)
}

/// Whether anything has this name, be it a link that leads nowhere.
pub(super) fn is_there(path: &Path) -> bool {
    path.symlink_metadata().is_ok()
}

fn hash_of(path: &Path) -> io::Result<String> {
    let mut file = File::open(path)?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(hex::encode(hash.finalize())),
            read => hash.update(&buffer[..read]),
        }
    }
}
