//! What the terminal verifies itself, before it shows or does anything.
//!
//! Nothing that card or center says is taken for true: certificates lead to the root the
//! terminal was given, and every signed structure is checked for its signature first and
//! then for whom and what it is meant.

mod card;
mod center;
mod error;
mod licence;
mod root;
mod signature;
mod signed;

pub use card::CardIdentity;
pub use center::CenterIdentity;
pub use error::Untrusted;
pub use licence::{Offered, check_header, check_licence, check_valid};
pub use root::read_root;
pub use signature::{identity, sha256, verify_signature};
pub use signed::{
    Expected, Held, check_credit, check_event, check_hold, check_opening, check_receipt,
    check_time, check_token,
};
