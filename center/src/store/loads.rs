//! Loads of value.

use saifu_wire::value::{Kind, Unit};
use saifu_wire::{AccountId, LoadId, Nonce, codes};

use super::{ChainFacts, Judged, Link, Make};
use crate::refusal::Result;

/// Where loads are kept. As with all of a [`Store`](super::Store).
pub trait LoadStore {
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

/// What the store finds when a load is to be closed.
#[derive(Debug, Clone)]
pub struct CloseFacts {
    /// The load.
    pub load: LoadRow,
    /// How many loads of the purse were closed.
    pub closed: u64,
    /// The chain around the event.
    pub chain: ChainFacts,
}
