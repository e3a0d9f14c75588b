//! Loads of value.

use saifu_wire::value::{Kind, Unit};
use saifu_wire::{AccountId, LoadId, Nonce, codes};

use super::{ChainFacts, FundingId, FundingRow, Judged, Link, Make};
use crate::refusal::Result;

/// Where loads are kept. As with all of a [`Store`](super::Store).
pub trait LoadStore {
    /// The purses of an account for which something is open, or ready at `now`.
    fn waiting(&self, account: AccountId, now: u64) -> Result<Vec<Waiting>>;

    /// The load of a purse that is open, its credit given out or not.
    fn load_under_way(&self, account: AccountId, purse: u32) -> Result<Option<LoadRow>>;

    /// Opens a load: `make` picks from what is ready at `now`. While one is open for that purse,
    /// that one is returned.
    fn open_load(
        &self,
        account: AccountId,
        purse: u32,
        now: u64,
        make: Make<OpenFacts, LoadRow>,
    ) -> Result<LoadRow>;

    /// Withdraws a purse's load whose credit was never given out: it is gone, stood for no value,
    /// and its funding is ready again.
    fn withdraw_load(&self, account: AccountId, purse: u32) -> Result<()>;

    /// A load.
    fn load(&self, id: LoadId) -> Result<Option<LoadRow>>;

    /// Gives out a load's credit: `make` signs. A load that has its credit keeps it.
    fn issue_credit(
        &self,
        load: LoadId,
        now: u64,
        make: Make<IssueFacts, Vec<u8>>,
    ) -> Result<LoadRow>;

    /// Books the event that closes a load, as `judge` decides.
    fn close_load(
        &self,
        event: Closing,
        now: u64,
        judge: Make<CloseFacts, Judged>,
    ) -> Result<Judged>;
}

codes! {
    /// Where a load stands.
    pub enum LoadState {
        /// Asked for; no value was given out.
        Open = 1,
        /// Its credit was given out; the card has not said whether it took it.
        Credited = 2,
        /// The card took it.
        Applied = 3,
        /// The card gave it up.
        Voided = 4,
    }
}

/// A load of value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoadRow {
    /// Its id.
    pub id: LoadId,
    /// Where its value comes from.
    pub funding: FundingId,
    /// The account.
    pub account: AccountId,
    /// The purse.
    pub purse: u32,
    /// The purse's kind.
    pub kind: Kind,
    /// The purse's unit.
    pub unit: Unit,
    /// What it brings.
    pub amount: u64,
    /// The center's nonce.
    pub nonce: Nonce,
    /// When it was opened.
    pub opened: u64,
    /// Where it stands.
    pub state: LoadState,
    /// The signed credit, once given out.
    pub credit: Option<Vec<u8>>,
    /// The signed event that closed it.
    pub receipt: Option<Vec<u8>>,
}

/// The event that closes a load, to be booked.
#[derive(Debug, Clone)]
pub struct Closing {
    /// The event as a link.
    pub link: Link,
    /// The load that it closes.
    pub load: LoadId,
    /// How: applied or voided.
    pub state: LoadState,
}

/// A purse for which something is under way, or ready.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waiting {
    /// The purse.
    pub purse: u32,
    /// Whether a credit is out that the card has not answered.
    pub is_out: bool,
}

/// What the store finds when a load is to be opened.
#[derive(Debug, Clone)]
pub struct OpenFacts {
    /// What is ready for the purse, oldest first: the first [`MAX_READY`].
    pub ready: Vec<FundingRow>,
    /// What is on the card or on its way there, by the ledger.
    pub position: i64,
    /// How many loads the account's card gave up.
    pub voided: u64,
}

/// The most ready fundings that are looked at for one that fits.
pub const MAX_READY: u32 = 64;

/// What the store finds when a credit is to be given out.
#[derive(Debug, Clone)]
pub struct IssueFacts {
    /// The load.
    pub load: LoadRow,
    /// Where its value comes from.
    pub funding: FundingRow,
    /// How many loads of the purse were closed.
    pub closed: u64,
    /// What was given out on this day already, of this kind and unit.
    pub minted_today: u64,
}

/// What the store finds when a load is to be closed.
#[derive(Debug, Clone)]
pub struct CloseFacts {
    /// The load.
    pub load: LoadRow,
    /// Where its value comes from.
    pub funding: FundingRow,
    /// How many loads of the purse were closed.
    pub closed: u64,
    /// The chain around the event.
    pub chain: ChainFacts,
}
