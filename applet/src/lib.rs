//! The card: an ISO 7816 applet that unwraps, decrypts and pays.
//!
//! An APDU walks through these files, in this order (sections are those of `apdu-spec.md`):
//!
//! ```text
//!            bytes                                          status word if it ends here
//!  link       parse, class, channel, chain       §5         6700 6E00 6881 6882 6883 6884
//!  command    Order: instruction, P1, P2, Le     §6         6D00 6A86 6700
//!  access     health × life cycle × memory × PIN §2.3 §5.5  6400 6985 6581 6983 6982
//!  session    secure messaging off               §14.2      6982 6988
//!  command    Command: the data, typed           §6         6A80
//!  command/x  one file per command acts          §6.x       what its section says
//!  memory     sealed, in one commit              §2.4       6581 6A84
//!  link       the answer, as much as Le allows   §5.3       9000 61xx
//!            bytes
//! ```
//!
//! [`card::Card`] is that walk in code. What an APDU can touch on its way: [`session`], the
//! volatile state of its channel; [`memory`], everything stored, which only [`secure`] can
//! open; [`platform`], everything impure. What commands share: [`trust`], whom the card
//! believes; [`signer`], what it signs; [`chain`], in which order; [`purse`], what value may
//! do; [`content_key`] and [`works`], what is kept of a work. [`crypto`] has no state.
#![no_std]
#![deny(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::panic
)]
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        clippy::panic
    )
)]

extern crate alloc;

pub mod access;
pub mod card;
pub mod chain;
pub mod command;
pub mod content_key;
pub mod crypto;
pub mod link;
pub mod memory;
pub mod own_keys;
pub mod platform;
pub mod purse;
pub mod refusal;
pub mod secure;
pub mod session;
pub mod signer;
#[cfg(test)]
pub(crate) mod test_kit;
pub mod trust;
pub mod works;

pub use card::Card;
pub use platform::Platform;
pub use refusal::Refusal;
