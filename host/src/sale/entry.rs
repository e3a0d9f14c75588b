//! The lines of a sale's journal, and what they add up to.

use super::JournalError;
use saifu_center_api::{HexBytes, Order, Work};
use saifu_wire::request::LicenceRef;
use saifu_wire::signed::{Licence, Outcome, Receipt, Signed, Token};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// The version of the journal's form.
pub(super) const FORMAT: u32 = 1;

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

/// What is to be done next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Ask the center.
    Order,
    /// Ask the user.
    Approve,
    /// Load the licence.
    Load,
    /// Pay.
    Debit,
    /// Fetch and decrypt.
    Decrypt,
    /// Put what is decrypted in its place.
    Keep,
    /// Submit the token.
    Settle,
    /// Show the card the receipt.
    Acknowledge,
    /// Nothing: it is complete or abandoned.
    Nothing,
}

/// What a journal adds up to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// What is to be bought.
    pub intent: Intent,
    /// The order and its licence.
    pub order: Option<Order>,
    /// What the user agreed to; the inner choice is none where nothing is to be paid.
    pub approved: Option<Option<Choice>>,
    /// Whether the card holds the licence.
    pub loaded: bool,
    /// Whether the card has paid.
    pub debited: bool,
    /// The token.
    pub token: Option<HexBytes>,
    /// The purse's balance after it paid.
    pub balance_after: Option<u64>,
    /// What is decrypted whole, and where.
    pub opened: Option<Opened>,
    /// Length and SHA-256 of the file, once it is in its place.
    pub file: Option<(u64, String)>,
    /// The receipt.
    pub receipt: Option<HexBytes>,
    /// Whether the card has seen the receipt.
    pub acknowledged: bool,
    /// Why it was given up.
    pub abandoned: Option<String>,
}

impl Record {
    /// The record of a sale that has just begun.
    pub fn new(intent: Intent) -> Self {
        Self {
            intent,
            order: None,
            approved: None,
            loaded: false,
            debited: false,
            token: None,
            balance_after: None,
            opened: None,
            file: None,
            receipt: None,
            acknowledged: false,
            abandoned: None,
        }
    }

    /// Adds up the lines of a journal; `None` where there is no line yet.
    pub fn replay(entries: Vec<Entry>) -> Result<Option<Self>, JournalError> {
        let mut entries = entries.into_iter();
        let mut record = match entries.next() {
            None => return Ok(None),
            Some(Entry::Ordered(intent)) if intent.format == FORMAT => Self::new(*intent),
            Some(Entry::Ordered(intent)) => return Err(JournalError::Format(intent.format)),
            Some(_) => return Err(JournalError::Order),
        };
        entries.try_for_each(|entry| record.apply(entry))?;
        Ok(Some(record))
    }

    /// Adds one line, which must be one that can come now.
    pub fn apply(&mut self, entry: Entry) -> Result<(), JournalError> {
        match (entry, self.next()) {
            (Entry::Licensed { order }, Next::Order) => self.order = Some(order),
            (Entry::Approved { payment }, Next::Approve) => self.approved = Some(payment),
            (Entry::Loaded, Next::Load) => self.loaded = true,
            (Entry::Debited { token, balance_after }, Next::Debit) => {
                self.debited = true;
                self.token = token;
                self.balance_after = balance_after;
            }
            (Entry::Opened(opened), Next::Decrypt) => self.opened = Some(opened),
            (Entry::Lost, Next::Keep) => self.opened = None,
            (Entry::Moved { output }, _) if self.file.is_none() && self.abandoned.is_none() => {
                self.intent.output = output;
            }
            (Entry::Decrypted { bytes, sha256 }, Next::Keep) => {
                self.file = Some((bytes, sha256));
            }
            (Entry::Settled { receipt }, _) if self.owes_settlement() => {
                self.receipt = Some(receipt);
            }
            (Entry::Acknowledged, _) if self.receipt.is_some() && !self.acknowledged => {
                self.acknowledged = true;
            }
            (Entry::Abandoned { reason }, _) if !self.debited && self.abandoned.is_none() => {
                self.abandoned = Some(reason);
            }
            _ => return Err(JournalError::Order),
        }
        Ok(())
    }

    /// What is to be done next, in the usual order.
    pub fn next(&self) -> Next {
        match self {
            _ if self.abandoned.is_some() => Next::Nothing,
            Self { order: None, .. } => Next::Order,
            Self { approved: None, .. } => Next::Approve,
            Self { loaded: false, .. } => Next::Load,
            Self { approved: Some(Some(_)), debited: false, .. } => Next::Debit,
            Self { file: None, opened: None, .. } => Next::Decrypt,
            Self { file: None, .. } => Next::Keep,
            _ if self.owes_settlement() => Next::Settle,
            Self { receipt: Some(_), acknowledged: false, .. } => Next::Acknowledge,
            _ => Next::Nothing,
        }
    }

    /// Whether there is a token that the center has not booked.
    pub fn owes_settlement(&self) -> bool {
        self.token.is_some() && self.receipt.is_none()
    }

    /// The licence; it was verified when it was written down.
    pub fn licence(&self) -> Option<Signed<Licence>> {
        Signed::parse(&self.order.as_ref()?.licence.0).ok()
    }

    /// What names the licence on the card.
    pub fn licence_ref(&self) -> Option<LicenceRef> {
        let licence = self.licence()?;
        let Licence { center, number, .. } = *licence.message();
        Some(LicenceRef { center, number })
    }

    /// How the center booked the token, once it has; its receipt was verified when it came.
    pub fn outcome(&self) -> Option<Outcome> {
        let receipt = Signed::<Receipt>::parse(&self.receipt.as_ref()?.0).ok()?;
        Some(receipt.message().outcome)
    }

    /// The token, taken apart.
    pub fn signed_token(&self) -> Option<Signed<Token>> {
        Signed::parse(&self.token.as_ref()?.0).ok()
    }
}
