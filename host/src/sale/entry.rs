//! The lines of a sale's journal.

use saifu_center_api::{HexBytes, Order, Work};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// The version of the journal's form. Form 1 knew no holds and no content memory, form 2 no work
/// that is licensed again; all that they say means the same in form 3.
pub(super) const FORMAT: u32 = 3;

/// What becomes of a work that is bought.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Plan {
    /// It is decrypted into its file.
    #[default]
    Open,
    /// The same, and the card keeps it as well.
    Keep,
    /// The card keeps it as it came, and opens it when its user wants it (procedure 2).
    Later,
}

/// The order by which a work that was bought comes once more, with nothing to pay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Again {
    /// The center licenses the work of this order anew.
    Of(String),
    /// The center has licensed it to this card already, by this order.
    By(String),
}

/// What is to be bought: the first line of a journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Intent {
    /// The version of the journal's form.
    pub format: u32,
    /// The center that sells.
    pub center: String,
    /// The card that pays.
    pub card: String,
    /// The card's account at that center.
    pub account: String,
    /// The work as it was offered.
    pub work: Work,
    /// Where the file goes; absolute.
    pub output: PathBuf,
    /// What becomes of the work.
    #[serde(default)]
    pub plan: Plan,
    /// The purse that is to pay; any that can where none is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purse: Option<u32>,
    /// The order that licenses it once more; none where it is bought.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub again: Option<Again>,
}

/// Which price is paid, and from which purse.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// Which of the licence's prices, from 0.
    pub price_index: u8,
    /// The purse.
    pub purse: u32,
    /// Minor units.
    pub amount: u64,
    /// Their unit.
    pub unit: String,
    /// The purse's balance when the user approved.
    pub balance_before: u64,
}

/// A file that is decrypted whole, and not yet in its place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opened {
    /// Where it is.
    pub part: PathBuf,
    /// Its length.
    pub bytes: u64,
    /// Its SHA-256 in hex.
    pub sha256: String,
    /// Whether the card has kept the work as well.
    #[serde(default)]
    pub kept: bool,
}

/// One line of a journal: something that has happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Entry {
    /// The user wants it; the center is asked with this sale's id as key.
    Ordered(Box<Intent>),
    /// The center answered with a licence that was verified.
    Licensed {
        /// The order.
        order: Order,
    },
    /// The user agreed; nothing is chosen where nothing is to be paid.
    Approved {
        /// The price and the purse.
        payment: Option<Choice>,
    },
    /// The card holds the licence.
    Loaded,
    /// The card has paid.
    Debited {
        /// The token; none where it was acknowledged before this journal saw it.
        token: Option<HexBytes>,
        /// The purse's balance afterwards, where it was read.
        balance_after: Option<u64>,
    },
    /// The price is on hold.
    Held {
        /// The card's signed event.
        signed: HexBytes,
    },
    /// What was on hold is paid.
    Released {
        /// The token; none where it was acknowledged before this journal saw it.
        token: Option<HexBytes>,
    },
    /// What was on hold is back in its purse.
    Cancelled {
        /// The card's signed event; none where it was cancelled before this journal saw it.
        signed: Option<HexBytes>,
    },
    /// The card keeps the work as it came.
    Stored,
    /// The user wants to have open what was bought for later.
    Wanted {
        /// Where it goes; absolute.
        output: PathBuf,
    },
    /// The content is decrypted whole, and on disk.
    Opened(Opened),
    /// What was opened is not there any more.
    Lost,
    /// The file is to have another place.
    Moved {
        /// Where it goes; absolute.
        output: PathBuf,
    },
    /// The file is complete and in its place.
    Decrypted {
        /// Its length.
        bytes: u64,
        /// Its SHA-256 in hex.
        sha256: String,
    },
    /// The center has booked the token.
    Settled {
        /// The signed receipt.
        receipt: HexBytes,
    },
    /// The card has seen the receipt.
    Acknowledged,
    /// Over before anything was paid.
    Abandoned {
        /// Why.
        reason: String,
    },
}

impl Entry {
    /// What has happened, as the journal has it.
    pub fn event(&self) -> &'static str {
        match self {
            Self::Ordered(_) => "ordered",
            Self::Licensed { .. } => "licensed",
            Self::Approved { .. } => "approved",
            Self::Loaded => "loaded",
            Self::Debited { .. } => "debited",
            Self::Held { .. } => "held",
            Self::Released { .. } => "released",
            Self::Cancelled { .. } => "cancelled",
            Self::Stored => "stored",
            Self::Wanted { .. } => "wanted",
            Self::Opened(_) => "opened",
            Self::Lost => "lost",
            Self::Moved { .. } => "moved",
            Self::Decrypted { .. } => "decrypted",
            Self::Settled { .. } => "settled",
            Self::Acknowledged => "acknowledged",
            Self::Abandoned { .. } => "abandoned",
        }
    }
}
