//! The catalogue: works are added, previewed, published (ST1 to ST3).
//!
//! A work's bytes never change: a new edition is a new version, with deliveries of its own.

mod prices;

use std::io::{Cursor, Read};
use std::path::Path;

use aws_lc_rs::digest::{Context, SHA256};
use saifu_wire::signed::PaymentOrder;
use saifu_wire::stream::MAX_CONTENT_BYTES;
use saifu_wire::value::Price;
use saifu_wire::{ContentId, ShopId};

use self::prices::Sold;
use crate::blobs::{Blob, BlobId, BlobRef, Staged};
use crate::center::Center;
use crate::preview::{self, MediaType, Preview};
use crate::refusal::{Refusal, Result};
use crate::shops::check_text;
use crate::store::{NewVersion, Validity, VersionRow, WorkFilter};

/// The most characters of a title and of a creator's name.
const MAX_NAME_CHARS: usize = 200;

/// The most characters of a description.
const MAX_DESCRIPTION_CHARS: usize = 4_000;

/// The bytes that are read at once when a work is checked.
const CHECK_BYTES: usize = 128 * 1024;

/// What a publisher says of a work.
#[derive(Debug, Clone)]
pub struct NewWork {
    /// The shop that sells it; a new edition has its work's. The center itself where none is
    /// named.
    pub shop: Option<ShopId>,
    /// The work of which this is a new edition; a new work where there is none.
    pub edition_of: Option<ContentId>,
    /// The digest of M, where the publisher says what it must be.
    pub sha256: Option<BlobId>,
    /// Title.
    pub title: String,
    /// Author, artist or publisher.
    pub creator: String,
    /// A sentence or two; may be empty.
    pub description: String,
    /// The media type of M.
    pub media_type: MediaType,
    /// What it costs: one of these; none where nothing is to be paid.
    pub prices: Vec<Price>,
    /// In which order paying and decrypting come.
    pub payment: PaymentOrder,
    /// How many sessions may decrypt it; 0 for any number.
    pub uses: u32,
    /// When it opens.
    pub validity: Validity,
    /// Where M' comes from.
    pub preview: PreviewSource,
}

/// Where a preview M' comes from.
#[derive(Debug, Clone)]
pub enum PreviewSource {
    /// It is made from M.
    Made(preview::Options),
    /// The publisher brings it.
    Brought {
        /// Its media type.
        media_type: MediaType,
        /// The whole file.
        bytes: Vec<u8>,
    },
}

impl Center {
    /// Registers a work (ST1) with its preview (ST2), not yet published. Memory is bounded,
    /// whatever the work's length.
    ///
    /// # Errors
    /// `malformed`: what is said of the work cannot be, or no preview can be had;
    /// `not-found`: the work of a new edition; `too-large`.
    pub fn add_work(&self, source: &mut dyn Read, work: NewWork) -> Result<VersionRow> {
        check(&work, self.now())?;
        let shop = self.shop_for(&work)?;
        let id = work.edition_of.map_or_else(|| self.keys.chance().array().map(ContentId), Ok)?;
        let sold = Sold { shop, work: id, now: self.now() };
        prices::check(&work.prices, &sold, &self.config.purse_terms()?.0)?;
        let staged = self.blobs.stage(source, work.sha256)?;
        let content = staged.blob();
        if content.length > MAX_CONTENT_BYTES {
            return Err(Refusal::malformed(format!(
                "the file has more than {MAX_CONTENT_BYTES} bytes, the most that one key \
                 encrypts: cut it into several works"
            )));
        }
        let preview = preview_of(&*staged, &work)?;
        staged.keep()?;
        let version = NewVersion {
            work: id,
            edition: work.edition_of.is_some(),
            shop,
            title: work.title,
            creator: work.creator,
            description: work.description,
            media_type: work.media_type.to_string(),
            content,
            preview_media_type: preview.media_type.to_string(),
            preview: self.blobs.put(&mut Cursor::new(&preview.bytes))?,
            prices: work.prices,
            payment: work.payment,
            uses: work.uses,
            validity: work.validity,
        };
        self.store.add_version(version, self.now()).map(|row| self.of_shop(row))
    }

    /// Publishes a version of a work (ST3): whoever asks for the work from now on gets it.
    ///
    /// # Errors
    /// `not-found`.
    pub fn publish(&self, work: ContentId, version: u32) -> Result<VersionRow> {
        self.store.publish(work, version, self.now()).map(|row| self.of_shop(row))
    }

    /// Withdraws a work: it is no longer shown or sold. Who bought it keeps it and gets it
    /// delivered again; publishing a version of it puts it up for sale again.
    ///
    /// # Errors
    /// `not-found`: it was never published.
    pub fn withdraw(&self, work: ContentId) -> Result<VersionRow> {
        self.store.withdraw(work, self.now()).map(|row| self.of_shop(row))
    }

    /// At most `limit` works of the catalogue after place `after`, oldest first, each with
    /// its place.
    ///
    /// # Errors
    /// The store fails.
    pub fn works(
        &self,
        filter: &WorkFilter,
        after: u64,
        limit: u32,
    ) -> Result<Vec<(u64, VersionRow)>> {
        let rows = self.store.works(filter, after, limit)?;
        Ok(rows.into_iter().map(|(place, row)| (place, self.of_shop(row))).collect())
    }

    /// All versions of a work, for sale or not, the first one first.
    ///
    /// # Errors
    /// `not-found`: there is no such work.
    pub fn versions(&self, work: ContentId) -> Result<Vec<VersionRow>> {
        let mut versions = Vec::new();
        for number in 1..u32::MAX {
            let Some(version) = self.store.version(work, Some(number))? else { break };
            versions.push(self.of_shop(version));
        }
        if versions.is_empty() {
            return Err(Refusal::not_found(format!("there is no work {work}: list the works")));
        }
        Ok(versions)
    }

    /// The version of a work that is for sale.
    ///
    /// # Errors
    /// `not-found`.
    pub fn work(&self, work: ContentId) -> Result<VersionRow> {
        let found = self.store.version(work, None)?;
        found
            .map(|row| self.of_shop(row))
            .ok_or_else(|| Refusal::not_found(format!("there is no work {work}: list the works")))
    }

    /// The version as it is shown: the center itself goes by the center's name.
    fn of_shop(&self, mut row: VersionRow) -> VersionRow {
        if row.shop_name.is_empty() {
            row.shop_name.clone_from(&self.config.name);
        }
        row
    }

    /// Opens the preview M' of a version.
    ///
    /// # Errors
    /// The blob is missing or damaged.
    pub fn open_preview(&self, version: &VersionRow) -> Result<Box<dyn Blob>> {
        Ok(self.blobs.open(&version.added.preview)?)
    }

    /// Reads a version's work and preview through, and returns what is wrong with them.
    pub fn check_work(&self, version: &VersionRow) -> Vec<Refusal> {
        let blobs = [&version.added.content, &version.added.preview];
        blobs.into_iter().filter_map(|blob| self.check_blob(blob).err()).collect()
    }

    fn check_blob(&self, blob: &BlobRef) -> Result<()> {
        let mut opened = self.blobs.open(blob)?;
        let mut digest = Context::new(&SHA256);
        let mut buffer = vec![0; CHECK_BYTES];
        loop {
            match opened.read(&mut buffer) {
                Ok(0) => break,
                Ok(count) => digest.update(&buffer[..count]),
                Err(error) => {
                    return Err(Refusal::internal(format!("blob {}: {error}", blob.sha256)));
                }
            }
        }
        if digest.finish().as_ref() == blob.sha256.0 {
            return Ok(());
        }
        Err(Refusal::internal(format!("blob {} is damaged: restore it from a backup", blob.sha256)))
    }

    /// The shop of a new work; of a new edition, that of its work.
    fn shop_for(&self, work: &NewWork) -> Result<ShopId> {
        let Some(edition_of) = work.edition_of else {
            let shop = self.shop_by_id(work.shop.unwrap_or(ShopId::ZERO))?;
            return match shop.closed {
                None => Ok(shop.id),
                Some(_) => Err(Refusal::conflict(format!(
                    "the shop {} is closed: open it again, or name another",
                    shop.slug
                ))),
            };
        };
        let first = self.store.version(edition_of, Some(1))?.ok_or_else(|| {
            Refusal::not_found(format!("there is no work {edition_of}: add it without naming one"))
        })?;
        match work.shop {
            Some(shop) if shop != first.added.shop => Err(Refusal::conflict(
                "a new edition is of its work's shop: leave the shop out, or add a work of its own",
            )),
            _ => Ok(first.added.shop),
        }
    }
}

fn preview_of(content: &dyn Staged, work: &NewWork) -> Result<Preview> {
    let mut opened = content.open()?;
    match &work.preview {
        PreviewSource::Made(options) => Ok(preview::make(opened, &work.media_type, options)?),
        PreviewSource::Brought { media_type, bytes } => {
            preview::check(&mut opened, &work.media_type)?;
            let most = preview::DEFAULT_MAX_BROUGHT_BYTES;
            let brought = preview::bring(media_type, bytes.clone(), most)?;
            brought.check_light(content.blob().length)?;
            Ok(brought)
        }
    }
}

fn check(work: &NewWork, now: u64) -> Result<()> {
    check_text("the title", &work.title, 1, MAX_NAME_CHARS)?;
    check_text("the creator", &work.creator, 1, MAX_NAME_CHARS)?;
    check_text("the description", &work.description, 0, MAX_DESCRIPTION_CHARS)?;
    let free = work.payment == PaymentOrder::AlreadyPaid;
    if free != work.prices.is_empty() {
        return Err(Refusal::malformed("a work has a price, or is free: give one of the two"));
    }
    let Validity { not_before, not_after, .. } = work.validity;
    if not_after != 0 && not_after < not_before {
        return Err(Refusal::malformed("the work would open no more before it opens at all"));
    }
    if not_after != 0 && not_after < now {
        return Err(Refusal::malformed("the work would open no more: its last time is past"));
    }
    if work.uses == u32::MAX {
        return Err(Refusal::malformed("no licence has so many uses: give fewer, or no limit"));
    }
    Ok(())
}

/// The media type that a file's name and first bytes speak for.
///
/// # Errors
/// Nothing speaks for one: the publisher must name it.
pub fn media_type_of(path: &Path, file: &mut (impl Read + std::io::Seek)) -> Result<MediaType> {
    let extension = path.extension().and_then(|extension| extension.to_str());
    let extension = extension.unwrap_or_default().to_ascii_lowercase();
    let named = EXTENSIONS.iter().find(|(known, _)| *known == extension);
    let Some((_, name)) = named else {
        return Err(Refusal::malformed(format!(
            "the name {} does not tell what it is: name its media type",
            path.display()
        )));
    };
    let media_type = name.parse()?;
    preview::check(file, &media_type)?;
    Ok(media_type)
}

const EXTENSIONS: [(&str, &str); 20] = [
    ("jpg", "image/jpeg"),
    ("jpeg", "image/jpeg"),
    ("png", "image/png"),
    ("gif", "image/gif"),
    ("webp", "image/webp"),
    ("wav", "audio/wav"),
    ("flac", "audio/flac"),
    ("ogg", "audio/ogg"),
    ("oga", "audio/ogg"),
    ("mp3", "audio/mpeg"),
    ("txt", "text/plain"),
    ("md", "text/markdown"),
    ("html", "text/html"),
    ("csv", "text/csv"),
    ("pdf", "application/pdf"),
    ("epub", "application/epub+zip"),
    ("zip", "application/zip"),
    ("mp4", "video/mp4"),
    ("webm", "video/webm"),
    ("bin", "application/octet-stream"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_media_type_is_what_name_and_content_agree_on() {
        let of = |name: &str, content: &[u8]| {
            media_type_of(Path::new(name), &mut Cursor::new(content)).map(|m| m.to_string())
        };
        assert_eq!(of("a/b.TXT", b"Once"), Ok("text/plain".into()));
        assert_eq!(of("a.png", b"\x89PNG\r\n\x1A\n"), Ok("image/png".into()));
        assert!(of("a.png", b"Once").unwrap_err().to_string().contains("image/png"));
        assert!(of("README", b"Once").unwrap_err().to_string().contains("media type"));
    }
}
