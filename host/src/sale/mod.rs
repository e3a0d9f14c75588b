//! A sale as a state machine over a journal on disk.
//!
//! ```text
//!  Ordered ─ Licensed ─ Approved ─ Loaded ┬ Debited ┬ Opened ─── Decrypted ───┬ complete
//!  ask with   verified   by the     in the │  token  └ Settled ── Acknowledged ┘
//!  this key   licence    user       card   │  kept     receipt      card told
//!                                          └ Held ─── Opened ─── Decrypted ┬ Released ─ Settled ─ …
//!                                            or else Cancelled             └ paid in any case
//! ```
//!
//! The upper way is that of a licence that is paid first, the lower one that of a licence that
//! is decrypted first. Each state is one line of the sale's journal, on disk before anything
//! that follows from it is done. Every step may be done again: the center is asked with the
//! same key, the card answers as before. So a sale that was cut off anywhere goes on from its
//! last line, and once the card has paid it can always be finished: neither a damaged delivery
//! nor a center that is away takes the token from the journal and the card. What is only on
//! hold can be given back.

mod content;
mod entry;
mod error;
mod file;
mod giving_up;
mod hold;
mod journal;
mod observe;
mod offer;
mod outgoing;
mod payments;
mod private;
mod record;
mod recover;
mod run;
mod steps;
mod store;
mod stored;
#[cfg(test)]
mod tests;

pub use entry::{Again, Choice, Entry, Intent, Opened, Plan};
pub use error::SaleError;
pub use journal::{Journal, JournalError};
pub use observe::{Observer, Step};
pub use offer::{Offer, Paid};
pub use outgoing::{Outgoing, Sent, Word};
pub use payments::BegunPayment;
pub use private::remove_unfinished_files;
pub use record::{Next, Record};
pub use recover::Parties;
pub use run::{Customer, NoCustomer, Wish};
pub use steps::Sale;
pub use store::{Sales, Unreadable};
pub use stored::Kept;
