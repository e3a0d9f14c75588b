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

    /// Publishes a version: the catalogue shows it, and no longer an older one; a work that was
    /// withdrawn is for sale again. Again gives the same. `conflict` where its shop is closed.
    fn publish(&self, work: ContentId, version: u32, now: u64) -> Result<VersionRow>;

    /// Takes a work out of the catalogue; its versions and what was bought stay. Again gives the
    /// same. `not-found` where it was never published.
    fn withdraw(&self, work: ContentId, now: u64) -> Result<VersionRow>;

    /// At most `limit` works after the `after`th of the catalogue, oldest first, each with its
    /// place in it.
    fn works(&self, filter: &WorkFilter, after: u64, limit: u32) -> Result<Vec<(u64, VersionRow)>>;

    /// A version of a work, whether it is for sale or not; the one for sale where no version is
    /// named.
    fn version(&self, work: ContentId, version: Option<u32>) -> Result<Option<VersionRow>>;
}

/// Which works a list has.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WorkFilter {
    /// Every version, for sale or not; else the version for sale of each work for sale.
    pub all: bool,
    /// Those of this shop alone.
    pub shop: Option<ShopId>,
    /// Of those for sale, the ones whose title or creator contains this; in lower case.
    pub text: Option<String>,
}

impl WorkFilter {
    /// The version for sale of each work for sale.
    pub fn for_sale() -> Self {
        Self::default()
    }

    /// Every version.
    pub fn all() -> Self {
        Self { all: true, ..Self::default() }
    }
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
    /// What its shop calls itself; the center's name where it is the center itself.
    pub shop_name: String,
    /// Its shop's name in addresses.
    pub shop_slug: String,
    /// Since when its work is no longer sold: it was withdrawn, or its shop closed.
    pub withdrawn: Option<u64>,
}
