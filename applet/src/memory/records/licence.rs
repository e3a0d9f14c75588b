//! A licence as the card keeps it.

use saifu_wire::answer::LicenceState;
use saifu_wire::codec::{Bytes, List};
use saifu_wire::signed::MAX_PRICES;
use saifu_wire::value::Price;
use saifu_wire::{Digest, OrderId, ShopId, layout};

layout! {
    /// What is needed of a licence once it is verified (§8.4): its state and its terms.
    pub struct LicenceRecord {
        /// Where it stands, as GET LICENCE tells it.
        state: LicenceState,
        /// The shop that sells; zero is the center itself.
        shop: ShopId,
        /// The order it answers.
        order: OrderId,
        /// SHA-256 of the stream's header.
        header: Digest,
        /// What it costs: one of these.
        prices: List<Price, MAX_PRICES>,
        /// The second (Unix time) before which it is not valid; 0 for none.
        not_before: u64,
        /// The second after which it is not valid; 0 for none.
        not_after: u64,
        /// Whether each session needs a signed time first.
        needs_time: bool,
        /// SHA-256 of `Kcp`'s public key object.
        center_key: Digest,
        /// Which price was paid or is on hold, from 0; 0 before.
        price_index: u8,
        /// The purse that paid or holds it; 0 before.
        purse: u32,
        /// The last signed event that a hold of it made: held, or cancelled; empty before one.
        hold_event: Bytes,
        /// The identity of its token, which the receipt names; zero while there is none.
        token: Digest,
    }
}

impl LicenceRecord {
    /// Whether it is valid at the card's time for its center (§12.3).
    #[must_use]
    pub const fn is_valid(&self, time_floor: u64) -> bool {
        self.not_after == 0 || time_floor <= self.not_after
    }
}
