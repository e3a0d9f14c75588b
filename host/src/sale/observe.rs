//! What happens in a sale, told as it happens.
//!
//! The signs ST4 to ST12 are those of the steps of a sale in the order of the original
//! design: ST5 order, ST6 to ST8 the center's answer, ST9 to the card, ST10 key and content
//! opened, ST11 the card pays, ST12 the center settles. ST11 comes before ST10 for the content
//! where the licence is paid first, after it where it is decrypted first.

use saifu_wire::signed::Outcome;
use saifu_wire::{AccountId, ContentId, OrderId};
use std::path::PathBuf;

/// Something that has just happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// The account is open on the card.
    Registered {
        /// The account.
        account: AccountId,
    },
    /// A purse was loaded.
    ValueLoaded {
        /// The purse.
        purse: u32,
        /// Minor units loaded.
        amount: u64,
        /// Their unit.
        unit: String,
        /// Minor units afterwards.
        balance: u64,
    },
    /// The order goes out (ST5).
    Ordered {
        /// The work.
        work: ContentId,
    },
    /// The licence with `Kup[Ke]` came back and was verified (ST6 to ST8).
    Licensed {
        /// The order.
        order: OrderId,
        /// The licence's number.
        number: u64,
        /// Bytes of the licence.
        licence_bytes: u64,
        /// Bytes of `Kup[Ke]` in it.
        wrapped_key_bytes: u64,
        /// Bytes of `Ke[M]` with its header.
        delivery_bytes: u64,
    },
    /// The user agreed to the signed price.
    Approved {
        /// Minor units; 0 where nothing is to be paid.
        amount: u64,
        /// The purse's balance before.
        balance: u64,
    },
    /// The card took the licence and opened `Ke` (ST9, ST10 for the key).
    LicenceLoaded {
        /// The licence's number.
        number: u64,
    },
    /// The price is on hold.
    Held {
        /// Minor units.
        amount: u64,
        /// The purse's balance afterwards.
        balance: u64,
    },
    /// What was on hold is back in its purse.
    Cancelled {
        /// Minor units.
        amount: u64,
        /// The purse's balance afterwards.
        balance: u64,
    },
    /// The card keeps the work as it came, to be opened later (ST10, procedure 2).
    Stored {
        /// Bytes of M.
        bytes: u64,
    },
    /// The card has no room to keep the work; it is decrypted all the same.
    NotKept,
    /// The card paid (ST11).
    Debited {
        /// Minor units.
        amount: u64,
        /// The purse's balance afterwards, where it was read.
        balance: Option<u64>,
        /// Bytes of the token.
        token_bytes: u64,
    },
    /// The delivery `Ke[M]` begins to stream into the card (ST9 for the content).
    Delivering {
        /// Bytes that will come.
        delivery_bytes: u64,
    },
    /// So much is decrypted.
    Progress {
        /// Plaintext bytes so far.
        done_bytes: u64,
        /// Plaintext bytes in all.
        total_bytes: u64,
    },
    /// The content is whole and in its file (ST10 for the content).
    Decrypted {
        /// The file.
        file: PathBuf,
        /// Its bytes: M.
        bytes: u64,
    },
    /// The center booked the payment (ST12).
    Settled {
        /// How.
        outcome: Outcome,
        /// The ledger entry.
        entry: u64,
    },
    /// The card has seen the receipt and dropped its token.
    Acknowledged,
    /// The card was lost on the way; it is waited for.
    CardLost {
        /// Where it was.
        name: String,
    },
    /// It was given up before anything was paid.
    Abandoned {
        /// Why.
        reason: String,
    },
}

impl Step {
    /// The sign of the step; empty where the original design has none.
    pub fn sign(&self) -> &'static str {
        match self {
            Self::Ordered { .. } => "ST5",
            Self::Licensed { .. } => "ST6-ST8",
            Self::LicenceLoaded { .. } => "ST9, ST10 (key)",
            Self::Debited { .. } => "ST11",
            Self::Delivering { .. } => "ST9 (content)",
            Self::Decrypted { .. } => "ST10 (content)",
            Self::Stored { .. } => "ST10 (procedure 2)",
            Self::Settled { .. } => "ST12",
            _ => "",
        }
    }
}

/// Somebody who is told.
pub trait Observer {
    /// Something has just happened; if it belongs into the journal, it is on disk.
    fn step(&mut self, step: &Step);
}

impl<F: FnMut(&Step)> Observer for F {
    fn step(&mut self, step: &Step) {
        self(step);
    }
}
