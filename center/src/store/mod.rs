//! What the center remembers: a few whole operations, each one transaction.
//!
//! An operation happens once and whole, or not at all; when it has returned, it survives a
//! power cut. What must be decided on the rows as they stand (which licence number, settled
//! or suspense) is decided by the caller's function *inside* the transaction, so that the
//! rules live in `orders`, `loads` and `settlement`, and a store only keeps.
//!
//! Nothing is updated that says what happened: links, tokens, evidence and ledger only grow.

mod accounts;
mod books;
mod cards;
mod catalogue;
mod chain;
mod funding;
mod key_use;
mod loads;
mod operators;
mod orders;
mod payments;
mod payouts;
mod refunds;
mod replacements;
mod restores;
mod revocations;
mod shops;
pub mod sqlite;
mod tokens;
mod vouchers;

pub use accounts::{AccountRow, AccountStore};
pub use books::{BookStore, StatementStore};
pub use cards::{
    CardStore, ClosingFacts, ClosingRow, EventFacts, EventRow, Note, NoteKind, PurseStanding,
    Revocation, Standing,
};
pub use catalogue::{CatalogueStore, NewVersion, Validity, VersionRow, WorkFilter};
pub use chain::{
    ChainFacts, Evidence, EvidenceKind, EvidenceRow, EvidenceStore, Judged, Link, LinkName,
};
pub use funding::{FundingId, FundingRow, FundingSource, FundingState, FundingStore, NewFunding};
pub use key_use::KeyUseStore;
pub use loads::{
    CloseFacts, Closing, IssueFacts, LoadRow, LoadState, LoadStore, MAX_READY, OpenFacts, Waiting,
};
pub use operators::{OperatorRow, OperatorStore, Role, SecretProof};
pub use orders::{ContentRow, NewOrder, OrderRow, OrderStore};
pub use payments::{
    Confirmed, PaymentId, PaymentRow, PaymentState, PaymentStore, ProviderMessage, Said,
};
pub use payouts::{
    NewPayout, PayoutRow, PayoutStore, Resolution, ResolveFacts, Resolved, Signature, TokenName,
};
pub use refunds::{PaidRow, RefundStore};
pub use replacements::{CardPayout, PurseSum, Replacement, ReplacementStore};
pub use restores::{CardsWord, LICENCE_JUMP, RestoreStore};
pub use revocations::{RevocationListRow, RevocationStore};
pub use shops::{ShopName, ShopRow, ShopStore};
pub use tokens::{OrderFacts, Sale, SettleFacts, TokenRow, TokenStore, Verdict};
pub use vouchers::{Batch, BatchId, BatchRow, RedeemFacts, Redeemed, VoucherState, VoucherStore};

use saifu_wire::CenterId;

use crate::metrics::WriterCounts;
use crate::refusal::Result;

/// Makes what an operation stores, out of what it finds; runs inside the transaction.
pub type Make<In, Out> = Box<dyn FnOnce(In) -> Result<Out> + Send>;

/// Where the center's rows are kept: one trait for each room.
///
/// Every operation can fail with `unavailable` (disk full, locked) or `internal`; then
/// nothing has happened, and it may be tried again.
pub trait Store:
    AccountStore
    + BookStore
    + CardStore
    + CatalogueStore
    + EvidenceStore
    + FundingStore
    + KeyUseStore
    + LoadStore
    + OperatorStore
    + OrderStore
    + PaymentStore
    + PayoutStore
    + RevocationStore
    + StatementStore
    + ShopStore
    + RefundStore
    + RestoreStore
    + ReplacementStore
    + TokenStore
    + VoucherStore
    + Send
    + Sync
{
    /// Ties the store to a center, the first time; later it must be the same.
    fn belong_to(&self, center: CenterId) -> Result<()>;

    /// What its writer has done since it was opened.
    fn writer_counts(&self) -> WriterCounts;
}
