//! The memories outside the secure area (13 to 16): typed records that change in commits.
//!
//! ```text
//! secure area:  epoch, number and SHA-256 of the root
//!                 └ root: the pages' numbers, versions, tags
//!                     └ page: up to 64 entries: key, number, version, tag of a record
//!                         └ record: one sealed object
//! ```
//! **Commit.** New records, the pages that name them and a new root are sealed and written under
//! numbers that nothing current has, and read back; then the secure area's other slot is written,
//! which is the commit point; then what nobody names any more is removed. What a commit costs
//! depends on what it changes, not on how much is stored, but for 32 bytes of root a page.
//!
//! **Recovery.** The root that has the number and the hash which the secure area remembers, and
//! all its pages, or the memory is missing or damaged: then nothing is read and nothing is
//! written, so that the right memory revives the card when it is put back. A record that is not
//! the one its page names fails alone. Nothing is ever repaired or made anew by itself.

mod commit;
pub mod content;
mod error;
mod key;
mod manifest;
mod pin;
pub mod records;
mod recover;
mod store;

pub use commit::Change;
pub use error::StoreError;
pub use key::Key;
pub use pin::PinAnswer;
pub use records::Record;
pub use store::Store;

/// The most records on a card.
pub const MAX_RECORDS: usize = 4_096;

/// The most bytes of a record before it is sealed.
pub const MAX_RECORD_BYTES: usize = 8_192;

/// The most licences on a card, each with its content key.
pub const MAX_LICENCES: u16 = 1_024;

/// The most tokens in the outbox.
pub const MAX_OUTBOX: u8 = 64;

/// The most centers a card knows; the issuer's administration counts as one.
pub const MAX_CENTERS: u8 = 15;

/// The most purses of one center.
pub const MAX_PURSES: u8 = 64;

/// The most certificates of one center and role.
pub const MAX_KEYS_PER_ROLE: u8 = 4;

/// The most stored works, each in one form.
pub const MAX_CONTENTS: u16 = 512;

/// A card that has all of that still has room for what is there once.
const _: () = {
    let center = 2 + MAX_PURSES as usize + 4 * MAX_KEYS_PER_ROLE as usize;
    let most = 2 * MAX_LICENCES as usize + MAX_OUTBOX as usize + MAX_CENTERS as usize * center;
    assert!(most + 16 <= MAX_RECORDS);
};

#[cfg(test)]
mod tests;
