//! What the center remembers: a few whole operations, each one transaction.
//!
//! An operation happens once and whole, or not at all; when it has returned, it survives a
//! power cut. What must be decided on the rows as they stand (which licence number, settled
//! or suspense) is decided by the caller's function *inside* the transaction, so that the
//! rules live in `orders`, `loads` and `settlement`, and a store only keeps.
//!
//! Nothing is updated that says what happened: links, tokens, evidence and ledger only grow.

mod rows;
pub mod sqlite;

pub use rows::{
    AccountRow, ChainFacts, CloseFacts, Closing, ContentRow, Evidence, EvidenceKind, EvidenceRow,
    Judged, Link, LoadRow, LoadState, NewOrder, NewVersion, OrderFacts, OrderRow, Sale,
    SettleFacts, TokenRow, Validity, Verdict, VersionRow, WorkFilter,
};

use saifu_wire::{AccountId, CenterId, ContentId, Digest, LoadId, OrderId};

use crate::ledger::Books;
use crate::refusal::Result;

/// Makes what an operation stores, out of what it finds; runs inside the transaction.
pub type Make<In, Out> = Box<dyn FnOnce(In) -> Result<Out> + Send>;

/// Where the center's rows are kept.
///
/// Every operation can fail with `unavailable` (disk full, locked) or `internal`; then
/// nothing has happened, and it may be tried again.
pub trait Store: Send + Sync {
    /// Ties the store to a center, the first time; later it must be the same.
    fn belong_to(&self, center: CenterId) -> Result<()>;

    /// Adds a version of a work, not yet published, and returns it; without a work, the
    /// first version of a new one.
    fn add_version(&self, version: NewVersion, now: u64) -> Result<VersionRow>;

    /// Publishes a version: the catalogue shows it, and no longer an older one. Again gives
    /// the same.
    fn publish(&self, work: ContentId, version: u32, now: u64) -> Result<VersionRow>;

    /// At most `limit` works after the `after`th of the catalogue, oldest first, each with its
    /// place in it.
    fn works(&self, filter: WorkFilter, after: u64, limit: u32) -> Result<Vec<(u64, VersionRow)>>;

    /// A version of a work; the published one where no version is named.
    fn version(&self, work: ContentId, version: Option<u32>) -> Result<Option<VersionRow>>;

    /// Opens an account for a card; a card that has one keeps it, and it is returned.
    fn open_account(&self, account: AccountRow) -> Result<AccountRow>;

    /// An account.
    fn account(&self, id: AccountId) -> Result<Option<AccountRow>>;

    /// The loads of an account, oldest first.
    fn loads(&self, account: AccountId) -> Result<Vec<LoadRow>>;

    /// Opens a load; while one is open for that purse, that one is returned. The initial
    /// value of a purse is given once: `None` when it was. `conflict` where the account has had
    /// `most` loads.
    fn open_load(&self, load: LoadRow, most: u32) -> Result<Option<LoadRow>>;

    /// Withdraws a purse's load whose credit was never given out: it is gone, and stood for no
    /// value.
    fn withdraw_load(&self, account: AccountId, purse: u32) -> Result<()>;

    /// A load.
    fn load(&self, id: LoadId) -> Result<Option<LoadRow>>;

    /// Gives out a load's credit: `make` gets the load and how many loads of the purse are
    /// closed, and signs. A load that has its credit keeps it.
    fn issue_credit(
        &self,
        load: LoadId,
        now: u64,
        make: Make<(LoadRow, u64), Vec<u8>>,
    ) -> Result<LoadRow>;

    /// Books the event that closes a load, as `judge` decides.
    fn close_load(
        &self,
        event: Closing,
        now: u64,
        judge: Make<CloseFacts, Judged>,
    ) -> Result<Judged>;

    /// Places an order: `make` gets the licence's number and signs. The same account and
    /// idempotency key give the order that is there.
    fn place_order(&self, order: NewOrder, make: Make<u64, Vec<u8>>) -> Result<OrderRow>;

    /// An order.
    fn order(&self, id: OrderId) -> Result<Option<OrderRow>>;

    /// An order's content key, and the blob that it encrypts.
    fn content(&self, order: OrderId) -> Result<Option<ContentRow>>;

    /// The receipt of a token that is booked already.
    fn receipt(&self, account: AccountId, token: Digest) -> Result<Option<Vec<u8>>>;

    /// Books a token, as `judge` decides.
    fn settle(
        &self,
        token: TokenRow,
        now: u64,
        judge: Make<SettleFacts, Verdict>,
    ) -> Result<Verdict>;

    /// Keeps evidence; with `freeze`, the card can order and load no more.
    fn keep_evidence(&self, evidence: Evidence, freeze: bool, now: u64) -> Result<()>;

    /// The first `limit` pieces of evidence, forks before all others.
    fn evidence(&self, limit: u32) -> Result<Vec<EvidenceRow>>;

    /// At most `limit` booked tokens after entry `after` of the ledger, oldest first.
    fn sales(&self, after: u64, limit: u32) -> Result<Vec<Sale>>;

    /// Everything the ledger and the evidence sum up to, read at one moment.
    fn books(&self) -> Result<Books>;
}
