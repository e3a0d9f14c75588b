//! What operators ask about shops.

use serde::{Deserialize, Serialize};

/// A page of all shops, closed ones, too, oldest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AdminShops {
    /// The shops; the first of all is the center itself.
    pub shops: Vec<AdminShop>,
    /// What to ask for as `after`; absent on the last page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<u64>,
}

/// A shop, as its operators see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AdminShop {
    /// Its id; all zeros for the center itself.
    pub id: String,
    /// Its name in addresses.
    pub slug: String,
    /// What it calls itself.
    pub name: String,
    /// The terms it sells under, as text; may be empty.
    pub terms: String,
    /// What the center keeps of its sales, in hundredths of a percent.
    pub fee_basis_points: u32,
    /// When it was opened.
    pub opened: String,
    /// When it was closed; absent where it is open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed: Option<String>,
}

/// Opens a shop; in the same words again, it is the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewShopRequest {
    /// What it calls itself.
    pub name: String,
    /// Its name in addresses; made of its name where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slug: Option<String>,
    /// The terms it sells under, as text; none where absent.
    #[serde(default)]
    pub terms: String,
    /// What the center keeps of its sales, in hundredths of a percent, 0 to 10,000; 0 where absent.
    #[serde(
        default,
        deserialize_with = "crate::whole::maybe",
        skip_serializing_if = "Option::is_none"
    )]
    pub fee_basis_points: Option<u32>,
}

/// What becomes different about a shop; what is absent stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ShopChangeRequest {
    /// What it calls itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its name in addresses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slug: Option<String>,
    /// The terms it sells under, as text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub terms: Option<String>,
    /// What the center keeps of its sales, in hundredths of a percent, 0 to 10,000.
    #[serde(
        default,
        deserialize_with = "crate::whole::maybe",
        skip_serializing_if = "Option::is_none"
    )]
    pub fee_basis_points: Option<u32>,
    /// Whether it is open: a closed shop sells and shows nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub open: Option<bool>,
}
