//! Why a sale did not go on.

use super::{JournalError, NoCustomer};
use crate::center::{CenterError, Damaged};
use crate::session::SessionError;
use saifu_center_api::OrderState;
use std::io;
use std::path::PathBuf;

/// Why a sale did not go on. Whatever is in its journal stays, and it can be resumed.
#[derive(Debug, thiserror::Error)]
pub enum SaleError {
    /// Card, center, or something that does not verify.
    #[error(transparent)]
    Session(SessionError),
    /// The journal.
    #[error("the journal of the sale: {0}")]
    Journal(#[from] JournalError),
    /// The delivery is not whole.
    #[error(transparent)]
    Damaged(#[from] Damaged),
    /// The file cannot be written.
    #[error("{}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// No purse holds enough.
    #[error("not enough value: the price is {price}, and {have}")]
    NotEnough {
        /// The price, or the prices.
        price: String,
        /// What there is, in words.
        have: String,
    },
    /// The user, or what stands for the user, did not agree.
    #[error(transparent)]
    Customer(#[from] NoCustomer),
    /// The sale was begun with another card or at another center.
    #[error("this sale was begun with another {0}")]
    OtherParty(&'static str),
    /// The card has no room to keep the work.
    #[error(
        "the card has no room for the work: it needs {needed_bytes} bytes, {free_bytes} are free"
    )]
    NoRoom {
        /// What it needs at least.
        needed_bytes: u64,
        /// What is free.
        free_bytes: u64,
    },
    /// The order cannot be paid, or not any more.
    #[error("the order {}", closed(*.0))]
    Closed(OrderState),
    /// A step that cannot come now.
    #[error("this step of the sale cannot come now")]
    OutOfOrder,
}

fn closed(state: OrderState) -> &'static str {
    match state {
        OrderState::Open => "is open",
        OrderState::Settled => "is settled already",
        OrderState::Expired => "has expired at the center",
        OrderState::Refunded => "is refunded, and the card took its licence back",
    }
}

impl<E: Into<SessionError>> From<E> for SaleError {
    fn from(error: E) -> Self {
        Self::Session(error.into())
    }
}

impl SaleError {
    /// Whether asking the center again is of no use: it refused for good, or what it
    /// answered is not what it offered.
    pub fn is_final(&self) -> bool {
        match self {
            Self::Session(SessionError::Center(error @ CenterError::Refused(_))) => {
                !error.is_passing()
            }
            Self::Session(SessionError::Untrusted(_)) => true,
            _ => false,
        }
    }
}
