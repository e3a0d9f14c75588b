//! The shops of the mall.

use serde::{Deserialize, Serialize};

/// A page of the shops.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Shops {
    /// The shops that are open, newest last; the first of all is the center itself.
    pub shops: Vec<Shop>,
    /// The cursor of the next page; absent on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// A shop that is open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Shop {
    /// Its id; all zeros for the center itself.
    #[cfg_attr(feature = "openapi", schema(pattern = "^[0-9a-f]{32}$"))]
    pub id: String,
    /// Its name in addresses.
    pub slug: String,
    /// What it calls itself.
    pub name: String,
    /// The terms it sells under, as text; may be empty.
    pub terms: String,
}
