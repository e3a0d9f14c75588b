//! Works, their versions, and the catalogue that shows them.

use saifu_wire::signed::PaymentOrder;
use saifu_wire::value::Price;
use saifu_wire::{ContentId, ShopId};

use crate::blobs::BlobRef;
use crate::refusal::Result;

/// Where works are kept. As with all of a [`Store`](super::Store).
pub trait CatalogueStore {
    /// Adds a version of a work, not yet published, and returns it; without a work, the
    /// first version of a new one.
    fn add_version(&self, version: NewVersion, now: u64) -> Result<VersionRow>;

    /// Publishes a version: the catalogue shows it, and no longer an older one. Again gives
    /// the same.
    fn publish(&self, work: ContentId, version: u32, now: u64) -> Result<VersionRow>;

    /// At most `limit` works after the `after`th of the catalogue, oldest first, each with its
    /// place in it.
    fn works(&self, filter: WorkFilter, after: u64, limit: u32) -> Result<Vec<(u64, VersionRow)>>;

    /// A version of a work; the published one where no version is named.
    fn version(&self, work: ContentId, version: Option<u32>) -> Result<Option<VersionRow>>;
}

/// Which works a list has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WorkFilter {
    /// The published version of each published work.
    Published,
    /// Every version, published or not.
    All,
}

/// A version to be added.
#[derive(Debug, Clone)]
pub struct NewVersion {
    /// The work; drawn by the caller for a new one.
    pub work: ContentId,
    /// Whether the work must be there already.
    pub edition: bool,
    /// The shop that sells it.
    pub shop: ShopId,
    /// Title.
    pub title: String,
    /// Author, artist or publisher.
    pub creator: String,
    /// A sentence or two.
    pub description: String,
    /// The media type of M.
    pub media_type: String,
    /// M.
    pub content: BlobRef,
    /// The media type of M'.
    pub preview_media_type: String,
    /// M'.
    pub preview: BlobRef,
    /// What it costs: one of these.
    pub prices: Vec<Price>,
    /// In which order paying and decrypting come.
    pub payment: PaymentOrder,
    /// How many sessions may decrypt it; 0 for any number.
    pub uses: u32,
    /// When it opens.
    pub validity: Validity,
}

/// When a work opens, for whoever buys it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Validity {
    /// The second (Unix time) before which it does not open; 0 for none.
    pub not_before: u64,
    /// The second after which it opens no more; 0 for none.
    pub not_after: u64,
    /// Whether the card must be told the center's time in each session.
    pub needs_time: bool,
}

/// A version of a work.
#[derive(Debug, Clone)]
pub struct VersionRow {
    /// What was added.
    pub added: NewVersion,
    /// Its number, from 1.
    pub version: u32,
    /// When it was published.
    pub published: Option<u64>,
}
