//! What a card signs, apart from tokens.

use super::message;
use crate::codec::{Bytes, List};
use crate::value::{Kind, Unit};
use crate::{AccountId, CardId, CenterId, Digest, LoadId, Nonce, codes, layout};

codes! {
    /// What an event did (§9.1). Numbers are for ever; a token is an event of its own.
    pub enum EventKind {
        /// An account or purses were opened.
        Opened = 1,
        /// Value was loaded.
        Credited = 2,
        /// A load was given up without value.
        Voided = 3,
        /// A price was put on hold.
        Held = 4,
        /// A hold was cancelled.
        Cancelled = 5,
        /// A purse's value expired.
        Expired = 6,
        /// A token's amount came back, and its licence is revoked.
        Refunded = 7,
    }
}

message! {
    /// A link of the chain of everything that moved value, but for tokens (§9.1).
    b"SEVT" struct Event {
        /// The center.
        center: CenterId,
        /// The account.
        account: AccountId,
        /// The event's number at this card and center, from 1.
        counter: u64,
        /// The identity of the event before it; of the first, SHA-256 of the certificate.
        previous: Digest,
        /// What it did.
        kind: EventKind,
        /// The purse; 0 when an account was opened.
        purse: u32,
        /// The amount moved.
        amount: u64,
        /// The purse's balance afterwards.
        balance: u64,
        /// What the purse has on hold afterwards.
        held: u64,
        /// The load's sequence; of an opening, the opening's.
        sequence: u64,
        /// The identity of what caused it: opening, credit or licence; zero for an expiry.
        cause: Digest,
        /// The load; zero where there is none.
        load: LoadId,
    }
}

message! {
    /// The card's word on where a purse stands, before a load (§11.1).
    b"SCHL" struct Challenge {
        /// The center.
        center: CenterId,
        /// The account.
        account: AccountId,
        /// The purse.
        purse: u32,
        /// The sequence of its last load; 0 before the first.
        sequence: u64,
        /// The center's nonce.
        nonce: Nonce,
        /// The signed event that closed the last load; empty before the first.
        last: Bytes,
    }
}

message! {
    /// The card's answer to a terminal's nonce (§6.5).
    b"SIAU" struct Authentication {
        /// The card.
        card: CardId,
        /// The terminal's nonce.
        nonce: Nonce,
    }
}

message! {
    /// Shows, at manufacture, that the card holds both private keys (§14.5).
    b"SPRF" struct Proof {
        /// The card.
        card: CardId,
        /// The issuer's nonce.
        nonce: Nonce,
        /// SHA-256 of `Kup`'s public key object.
        encryption_key: Digest,
        /// SHA-256 of `Ksig`'s public key object.
        signature_key: Digest,
        /// SHA-256 of the secret that the issuer wrapped for `Kup`.
        opened: Digest,
    }
}

layout! {
    /// Where a purse stood when its card was terminated (§12.2).
    pub struct ClosingPurse {
        /// The purse.
        purse: u32,
        /// Its kind.
        kind: Kind,
        /// Its unit.
        unit: Unit,
        /// Its balance.
        balance: u64,
        /// The sequence of its last load; 0 before the first.
        sequence: u64,
        /// The signed event that closed the last load; empty before the first.
        last: Bytes,
    }
}

message! {
    /// The card's last word on a center (§12.2).
    b"SCLO" struct Closing {
        /// The card.
        card: CardId,
        /// The challenge the order answered.
        nonce: Nonce,
        /// The center.
        center: CenterId,
        /// The account.
        account: AccountId,
        /// The number of the chain's last link.
        counter: u64,
        /// The identity of the chain's last link.
        previous: Digest,
        /// Every purse at this center.
        purses: List<ClosingPurse, 64>,
    }
}
