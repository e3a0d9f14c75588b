//! The shops of the mall.

use saifu_wire::ShopId;

use super::Make;
use crate::refusal::Result;

/// Where shops are kept. As with all of a [`Store`](super::Store).
///
/// One shop is there from the start: the center itself, [`ShopId::ZERO`].
pub trait ShopStore {
    /// Adds a shop; `conflict` where another has its slug.
    fn add_shop(&self, shop: ShopRow) -> Result<ShopRow>;

    /// A shop, if it is there.
    fn shop(&self, name: &ShopName) -> Result<Option<ShopRow>>;

    /// At most `limit` shops after place `after`, oldest first, each with its place; closed
    /// ones, too.
    fn shops(&self, after: u64, limit: u32) -> Result<Vec<(u64, ShopRow)>>;

    /// Makes a shop what `change` makes of it, all but its id, and returns it; `not-found`, or
    /// `conflict` where another has its new slug.
    fn change_shop(&self, shop: ShopId, change: Make<ShopRow, ShopRow>) -> Result<ShopRow>;
}

/// What names a shop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ShopName {
    /// Its id.
    Id(ShopId),
    /// Its slug.
    Slug(String),
}

/// A shop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShopRow {
    /// Its id; [`ShopId::ZERO`] is the center itself.
    pub id: ShopId,
    /// Its name in addresses: small letters of ASCII, digits, hyphens.
    pub slug: String,
    /// What it calls itself; empty where it has the center's name.
    pub name: String,
    /// The terms it sells under, as text; may be empty.
    pub terms: String,
    /// What the center keeps of its sales, in hundredths of a percent, 0 to 10,000.
    pub fee_basis_points: u32,
    /// When it was opened (Unix time).
    pub opened: u64,
    /// When it was closed: since then nothing of it is shown or sold.
    pub closed: Option<u64>,
}
