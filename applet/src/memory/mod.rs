//! The memories outside the secure area (13 to 16): typed records that change in commits.
//!
//! ```text
//! secure area:  epoch, number and SHA-256 of the root
//!                 └ root: format, last number, the tops of two trees
//!                     └ nodes: numbers and tags of nodes, up to 16
//!                         └ leaves: key, number, version, tag of a record, up to 16
//!                             └ record: one sealed object
//! ```
//! **Commit.** New records, the nodes between them and the tops, and a new root are sealed and
//! written under numbers that nothing current has, and read back; then the secure area's other
//! slot is written, which is the commit point; then what nobody names any more is removed. What a
//! commit costs depends on what it changes, and hardly on how much is stored (`make commit-cost`).
//!
//! **Recovery.** The root that has the number and the hash which the secure area remembers, and
//! all nodes below it, or the memory is missing or damaged: then nothing is read and nothing is
//! written, so that the right memory revives the card when it is put back. A record that is not
//! the one its leaf names fails alone. Nothing is ever repaired or made anew by itself.

mod commit;
pub mod content;
mod error;
mod key;
mod manifest;
mod pin;
pub mod records;
mod recover;
mod seals;
mod store;

pub use commit::Change;
pub use error::StoreError;
pub use key::Key;
pub use pin::PinAnswer;
pub use records::Record;
pub use store::Store;

/// The most records on a card.
pub const MAX_RECORDS: usize = 68_608;

/// The most bytes of a record before it is sealed.
pub const MAX_RECORD_BYTES: usize = 8_192;

/// The most licences on a card.
pub const MAX_LICENCES: u16 = 16_384;

/// The most records of a licence: itself, its content key in two forms, its settled token. What is
/// on hold has a place in the outbox.
const RECORDS_PER_LICENCE: usize = 4;

/// The most centers a card knows; the issuer's administration counts as one.
pub const MAX_CENTERS: u8 = 15;

/// The most places that one center takes in the outbox: a center that sends no receipts any more
/// stops no payments elsewhere.
pub const MAX_OUTBOX_OF_CENTER: u8 = 16;

/// The most tokens in the outbox.
pub const MAX_OUTBOX: u8 = MAX_CENTERS * MAX_OUTBOX_OF_CENTER;

/// The most purses of one center.
pub const MAX_PURSES: u8 = 64;

/// The most certificates of one center and role.
pub const MAX_KEYS_PER_ROLE: u8 = 4;

/// The most stored works, each in one form.
pub const MAX_CONTENTS: u16 = 512;

/// A card that has all of that still has room for what is there once.
const _: () = {
    let licences = RECORDS_PER_LICENCE * MAX_LICENCES as usize;
    let center = 2 + MAX_PURSES as usize + 4 * MAX_KEYS_PER_ROLE as usize;
    let centers = MAX_CENTERS as usize * center;
    let most = licences + MAX_OUTBOX as usize + centers + MAX_CONTENTS as usize;
    assert!(most + 16 <= MAX_RECORDS);
};

#[cfg(test)]
mod tests;
