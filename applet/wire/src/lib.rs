//! Shapes that card, terminal and center share.
//!
//! Everything here encodes and decodes; nothing here computes a signature, reads a
//! device or decides. Section numbers (§) are those of `apdu-spec.md`.
//!
//! - [`codec`], [`tlv`]: how bytes are read and written (§3)
//! - [`apdu`], [`ins`], [`status`], [`applet`]: the card's interface (§2, §5, §6)
//! - [`request`], [`answer`]: the data fields of the commands (§6)
//! - [`certificate`]: card-verifiable certificates (§7)
//! - [`signed`]: what center and card sign (§8 to §12)
//! - [`stream`]: the format in which a work travels (§13)
//! - [`personalise`], [`test_root`]: how a card is made (§14)
#![no_std]
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]
#![cfg_attr(
    test,
    allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)
)]

extern crate alloc;

pub mod answer;
pub mod apdu;
pub mod applet;
pub mod certificate;
pub mod codec;
pub mod ids;
pub mod ins;
pub mod personalise;
pub mod request;
pub mod signed;
pub mod status;
pub mod stream;
pub mod test_root;
pub mod tlv;
pub mod value;

pub use codec::{Malformed, Wire};
pub use ids::{AccountId, CardId, CenterId, ContentId, Digest, LoadId, Nonce, OrderId, ShopId};
pub use status::Status;
