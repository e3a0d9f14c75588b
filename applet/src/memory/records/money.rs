//! Money (memory 13): accounts, purses, and tokens on their way.

use saifu_wire::codec::Bytes;
use saifu_wire::value::PurseTerms;
use saifu_wire::{AccountId, Digest, layout};

use super::UsedNumbers;

layout! {
    /// What was paid without a VERIFY since the last one, whatever the purse (§4.4).
    #[derive(Default)]
    pub struct SpendingRecord {
        /// The sum, in minor units.
        without_pin: u64,
    }
}

layout! {
    /// The account at a center, and the end of the chain of its events (§9.1, §10.1).
    pub struct AccountRecord {
        /// The account's id.
        account: AccountId,
        /// The sequence of the last opening.
        opening_sequence: u32,
        /// The identity of the last opening.
        opening: Digest,
        /// The signed event that answered it.
        opened: Bytes,
        /// The number of the last event.
        counter: u64,
        /// The identity of the last event.
        previous: Digest,
        /// The licence numbers that open nothing any more (§8.5).
        used: UsedNumbers,
    }
}

layout! {
    /// A purse (§4.2).
    pub struct PurseRecord {
        /// What it is, as the center signed it.
        terms: PurseTerms,
        /// What it holds, in minor units.
        balance: u64,
        /// What it has on hold, in minor units; not part of the balance.
        held: u64,
        /// The sequence of its last load; 0 before the first.
        sequence: u64,
        /// The signed event that closed that load; empty before the first.
        last_event: Bytes,
        /// The identity of that load's credit, applied or voided; zero before the first.
        last_credit: Digest,
        /// The signed event with which its value expired; empty before that.
        expired: Bytes,
    }
}

layout! {
    /// A price on hold (§6.26); it has a place in the outbox.
    #[derive(Copy)]
    pub struct HoldRecord {
        /// The purse it left.
        purse: u32,
        /// Which of the licence's prices it is, from 0.
        price_index: u8,
    }
}

layout! {
    /// A token that a receipt has taken out of the outbox (§6.17).
    #[derive(Copy)]
    pub struct SettledRecord {
        /// The number of the licence it paid.
        licence: u64,
        /// The token's identity.
        identity: Digest,
    }
}

layout! {
    /// A token that no receipt has taken out of the outbox yet (§9.5).
    pub struct OutboxRecord {
        /// The number of the licence it pays.
        licence: u64,
        /// The token's identity, which its receipt names.
        identity: Digest,
        /// The signed token.
        token: Bytes,
    }
}
