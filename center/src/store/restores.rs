//! What a center knows of having been put back from a backup.

use saifu_wire::LoadId;
use saifu_wire::value::{Kind, Unit};

use super::{ChainFacts, Judged, Link, Make};
use crate::refusal::Result;

/// By how much an account's licence numbers jump when its center is put back from a backup: more
/// than it can have given out since.
pub const LICENCE_JUMP: u64 = 512;

/// Where restores are noted. As with all of a [`Store`](super::Store).
pub trait RestoreStore {
    /// Notes that the store was put back at `now` from a backup of the time `backup`, and has the
    /// licence numbers of all accounts jump by [`LICENCE_JUMP`].
    fn note_restore(&self, now: u64, backup: u64) -> Result<()>;

    /// When the store was put back last; none if it never was.
    fn last_restore(&self) -> Result<Option<u64>>;

    /// Books the event by which a card closed a load that is not remembered, as `judge` decides.
    fn book_cards_word(
        &self,
        word: CardsWord,
        now: u64,
        judge: Make<ChainFacts, Judged>,
    ) -> Result<Judged>;
}

/// A card's word on a load that is not remembered.
#[derive(Debug, Clone)]
pub struct CardsWord {
    /// The event as a link.
    pub link: Link,
    /// The load.
    pub load: LoadId,
    /// The purse's kind.
    pub kind: Kind,
    /// The purse's unit.
    pub unit: Unit,
    /// What was loaded; 0 where the load was given up.
    pub amount: u64,
}
