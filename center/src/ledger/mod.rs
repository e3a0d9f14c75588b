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

mod instruction;
mod reconcile;

pub use instruction::{Instruction, InstructionKind};
pub use reconcile::{KindSums, Reconciliation, reconcile};

use saifu_wire::signed::Outcome;
use saifu_wire::value::{Kind, Unit};
use saifu_wire::{AccountId, Digest, codes};

use crate::crypto::sha256;
use crate::store::{LoadRow, LoadState, TokenRow};

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

/// One side of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Side {
    /// Which account of the books.
    pub holder: Holder,
    /// Whose: the load, account or shop; zero where there is one only.
    pub id: [u8; 16],
}

/// An entry: an amount goes from source to target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The kind of value.
    pub kind: Kind,
    /// The unit.
    pub unit: Unit,
    /// The amount, above 0.
    pub amount: u64,
    /// Who gives.
    pub source: Side,
    /// Who gets.
    pub target: Side,
    /// The account of the card that it concerns.
    pub account: AccountId,
    /// The purse that it concerns.
    pub purse: u32,
    /// The identity of the signed thing that proves it.
    pub evidence: Digest,
}

impl Side {
    /// What the center has given out.
    pub const ISSUED: Self = Self { holder: Holder::Issued, id: [0; 16] };

    /// A holder's account in the books.
    pub fn new(holder: Holder, id: [u8; 16]) -> Self {
        Self { holder, id }
    }
}

impl Entry {
    /// A credit was given out, of value from `from`: `signed` is it.
    pub fn credit_given_out(load: &LoadRow, from: Side, signed: &[u8]) -> Self {
        let unsigned = signed.len().saturating_sub(saifu_wire::signed::SIGNATURE_BYTES);
        let evidence = Digest(sha256(&[&signed[..unsigned]]));
        Self::of_load(load, from, unapplied(load), evidence)
    }

    /// A load whose credit was given out, of value from `from`, was closed by the event
    /// `evidence`; none while it is not closed.
    pub fn load_closed(
        load: &LoadRow,
        from: Side,
        state: LoadState,
        evidence: Digest,
    ) -> Option<Self> {
        let target = match state {
            LoadState::Applied => card(load.account),
            LoadState::Voided => from,
            LoadState::Open | LoadState::Credited => return None,
        };
        Some(Self::of_load(load, unapplied(load), target, evidence))
    }

    /// A token was booked.
    pub fn payment(token: &TokenRow, outcome: Outcome) -> Self {
        let target = match outcome {
            Outcome::Settled => Side { holder: Holder::Settled, id: token.shop.0 },
            Outcome::Suspense => Side { holder: Holder::Suspense, id: token.link.account.0 },
        };
        Self {
            kind: token.kind,
            unit: token.unit,
            amount: token.amount,
            source: card(token.link.account),
            target,
            account: token.link.account,
            purse: token.link.purse,
            evidence: token.link.identity,
        }
    }

    fn of_load(load: &LoadRow, source: Side, target: Side, evidence: Digest) -> Self {
        let LoadRow { kind, unit, amount, account, purse, .. } = *load;
        Self { kind, unit, amount, source, target, account, purse, evidence }
    }
}

fn unapplied(load: &LoadRow) -> Side {
    Side { holder: Holder::Unapplied, id: load.id.0 }
}

fn card(account: AccountId) -> Side {
    Side { holder: Holder::Card, id: account.0 }
}

/// What the ledger and the evidence sum up to, at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Books {
    /// What each holder has, by the ledger.
    pub held: Vec<Sum<Holder>>,
    /// Loads whose credit was given out, by state.
    pub loaded: Vec<Sum<LoadState>>,
    /// Tokens, by outcome.
    pub paid: Vec<Sum<Outcome>>,
    /// Purses whose ledger does not agree with the card's word, or is below zero.
    pub purses: Vec<PurseFinding>,
    /// How many accounts there are.
    pub accounts: u64,
    /// How many of them are frozen.
    pub frozen: u64,
    /// How many pieces of evidence are kept.
    pub evidence: u64,
    /// How many links of cards' chains were not sent in yet.
    pub gaps: u64,
}

/// An amount of one kind and unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sum<T> {
    /// The kind of value.
    pub kind: Kind,
    /// The unit.
    pub unit: Unit,
    /// What it is the sum of.
    pub of: T,
    /// The sum.
    pub amount: i64,
}

/// What [`Sum`]s can be of.
pub trait SumOf: Copy + PartialEq {}

impl SumOf for Holder {}
impl SumOf for LoadState {}
impl SumOf for Outcome {}

/// A purse of which the books cannot be right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PurseFinding {
    /// The account.
    pub account: AccountId,
    /// The purse.
    pub purse: u32,
    /// What the card has, by the ledger.
    pub balance: i64,
    /// What is on its way to the card.
    pub coming: i64,
    /// What the card's last known link says; none if there is none.
    pub signed: Option<i64>,
}
