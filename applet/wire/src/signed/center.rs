//! What a center or an issuer signs, apart from licences.

use super::message;
use crate::codec::List;
use crate::value::{Kind, PurseTerms, Unit};
use crate::{AccountId, CardId, CenterId, Digest, LoadId, Nonce, codes};

message! {
    /// Opens an account, or adds purses to it (§10.1). Signed by the credit key.
    b"SOPN" struct Opening {
        /// The center.
        center: CenterId,
        /// The sequence number of the credit key that signs.
        signer: u32,
        /// The card.
        card: CardId,
        /// The account.
        account: AccountId,
        /// 0 opens the account; each later one adds purses and counts up by one.
        sequence: u32,
        /// The center's time.
        time: u64,
        /// The purses, all empty at first.
        purses: List<PurseTerms, 16>,
    }
}

message! {
    /// Loads value into one purse, once (§11.2). Signed by the credit key.
    b"SCRD" struct Credit {
        /// The center.
        center: CenterId,
        /// The sequence number of the credit key that signs.
        signer: u32,
        /// The card.
        card: CardId,
        /// The account.
        account: AccountId,
        /// The purse.
        purse: u32,
        /// The purse's kind.
        kind: Kind,
        /// The purse's unit.
        unit: Unit,
        /// The challenge's sequence plus one.
        sequence: u64,
        /// The amount, not 0.
        amount: u64,
        /// The load it carries out.
        load: LoadId,
        /// The center's time.
        time: u64,
        /// The identity of the token it refunds; zero for none.
        refunded_token: Digest,
        /// The number of the licence it revokes; 0 for none.
        refunded_licence: u64,
    }
}

codes! {
    /// How a token was booked (§9.4).
    pub enum Outcome {
        /// Settled: it paid its order.
        Settled = 1,
        /// Booked to suspense: genuine, but its order is not there to be paid.
        Suspense = 2,
    }
}

message! {
    /// Says that a token was booked (§9.4). Signed by the receipt key.
    b"SRCT" struct Receipt {
        /// The center.
        center: CenterId,
        /// The sequence number of the receipt key that signs.
        signer: u32,
        /// The account.
        account: AccountId,
        /// The token's identity.
        token: Digest,
        /// The token's counter.
        counter: u64,
        /// How it was booked.
        outcome: Outcome,
        /// The number of the ledger entry.
        entry: u64,
        /// When it was booked.
        time: u64,
    }
}

message! {
    /// A time for one session of a card (§12.3). Signed by the licence key.
    b"STIM" struct TimeOrder {
        /// The center.
        center: CenterId,
        /// The sequence number of the licence key that signs.
        signer: u32,
        /// The card.
        card: CardId,
        /// The card's challenge.
        nonce: Nonce,
        /// The time.
        time: u64,
    }
}

message! {
    /// Unblocks a card's PIN, once (§12.1). Signed by the issuer's administration key.
    b"SUNB" struct UnblockOrder {
        /// The sequence number of the administration key that signs.
        signer: u32,
        /// The card.
        card: CardId,
        /// Higher than that of every order the card has carried out.
        sequence: u64,
    }
}

message! {
    /// Ends a card's life (§12.2). Signed by the issuer's administration key.
    b"STRM" struct TerminateOrder {
        /// The sequence number of the administration key that signs.
        signer: u32,
        /// The card.
        card: CardId,
        /// The card's challenge.
        nonce: Nonce,
        /// Whether whoever signs has every closing, so that `Km` may go.
        erase: bool,
    }
}
