//! The ledger: where every unit of value is, by double entry.
//!
//! An entry takes an amount from one account of the books and gives it to another; it names
//! the signed thing that is its evidence, and is never changed. Per kind and unit the books
//! have these accounts:
//!
//! ```text
//!            credit given out          card took it              token
//!  issued ───────────────────▶ unapplied ──────────▶ card ──────────────────▶ settled (shop)
//!     ▲                            │                   │
//!     └────────────────────────────┘                   └────────────────────▶ suspense (account)
//!              card gave it up
//! ```
//!
//! Value leaves by a card's own word that a purse has expired (`expired`), and by what is paid
//! out to shops and to holders of closed cards (`redeemed`). A refund goes back from settled to
//! unapplied; what no card says follows from an [`Instruction`].
//!
//! What a card has spent and not yet sent in still counts as on the card. [`reconcile`]
//! checks the books against the evidence.

mod books;
mod entry;
mod fees;
mod instruction;
mod reconcile;
mod statement;

pub use books::{Books, Flow, PurseFinding, Sum, SumOf};
pub use entry::{Entry, Side};
pub use fees::{FeeSpan, Payable, fee};
pub use instruction::{Instruction, InstructionKind};
pub use reconcile::{KindSums, Reconciliation, reconcile};
pub use statement::{Counted, Line, LineKind, ShopSums, Statement, StatementAsked};

use saifu_wire::codes;

codes! {
    /// Who holds value, in the books of one kind and unit.
    pub enum Holder {
        /// The center, before it gave value out: below zero by what is outside.
        Issued = 1,
        /// A credit that was given out, and that no card is known to have taken.
        Unapplied = 2,
        /// A card.
        Card = 3,
        /// A shop.
        Settled = 4,
        /// Nobody yet: genuine payments that could not be settled.
        Suspense = 5,
        /// Written off: the card said that its purse had expired.
        Expired = 6,
        /// Paid out of the scheme: to a shop, or to the holder of a closed card.
        Redeemed = 7,
    }
}
