//! What the lines of a journal add up to, and what is to be done next.

use super::entry::FORMAT;
use super::{Choice, Entry, Intent, JournalError, Opened, Plan};
use saifu_center_api::{HexBytes, Order};
use saifu_wire::request::LicenceRef;
use saifu_wire::signed::{Event, Licence, Outcome, PaymentOrder, Receipt, Signed, Token};

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
    /// Put the price on hold.
    Hold,
    /// Fetch, and have the card keep it as it is.
    Store,
    /// Wait until the user wants it: it is stored, and its price is on hold.
    Wait,
    /// Fetch and decrypt.
    Decrypt,
    /// Put what is decrypted in its place.
    Keep,
    /// Pay what is on hold.
    Release,
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
    /// The card's event that the price is on hold; it stays once the hold is paid.
    pub held: Option<HexBytes>,
    /// Whether the card has paid.
    pub debited: bool,
    /// The token.
    pub token: Option<HexBytes>,
    /// The purse's balance after it paid, or after the price was put on hold.
    pub balance_after: Option<u64>,
    /// Whether the card keeps the work as it came.
    pub stored: bool,
    /// Whether its user wants to have open what was bought for later.
    pub wanted: bool,
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
    decrypt_first: bool,
}

impl Record {
    /// The record of a sale that has just begun.
    pub fn new(intent: Intent) -> Self {
        Self {
            intent,
            order: None,
            approved: None,
            loaded: false,
            held: None,
            debited: false,
            token: None,
            balance_after: None,
            stored: false,
            wanted: false,
            opened: None,
            file: None,
            receipt: None,
            acknowledged: false,
            abandoned: None,
            decrypt_first: false,
        }
    }

    /// Adds up the lines of a journal; `None` where there is no line yet.
    pub fn replay(entries: Vec<Entry>) -> Result<Option<Self>, JournalError> {
        let mut entries = entries.into_iter();
        let mut record = match entries.next() {
            None => return Ok(None),
            Some(Entry::Ordered(intent)) if (1..=FORMAT).contains(&intent.format) => {
                Self::new(*intent)
            }
            Some(Entry::Ordered(intent)) => return Err(JournalError::Format(intent.format)),
            Some(_) => return Err(JournalError::Order),
        };
        entries.try_for_each(|entry| record.apply(entry))?;
        Ok(Some(record))
    }

    /// Adds one line, which must be one that can come now.
    pub fn apply(&mut self, entry: Entry) -> Result<(), JournalError> {
        match (entry, self.next()) {
            (Entry::Licensed { order }, Next::Order) => self.license(order),
            (Entry::Approved { payment }, Next::Approve) => self.approved = Some(payment),
            (Entry::Loaded, Next::Load) => self.loaded = true,
            (Entry::Debited { token, balance_after }, Next::Debit) => {
                self.debited = true;
                self.token = token;
                self.balance_after = balance_after;
            }
            (entry @ (Entry::Held { .. } | Entry::Released { .. }), next) => {
                self.apply_hold(entry, next)?;
            }
            (Entry::Cancelled { .. }, _) if self.is_on_hold() => {
                self.held = None;
                self.balance_after = None;
            }
            (Entry::Abandoned { reason }, _) if self.can_be_abandoned() => {
                self.abandoned = Some(reason);
            }
            (Entry::Settled { receipt }, _) if self.owes_settlement() => {
                self.receipt = Some(receipt);
            }
            (Entry::Acknowledged, _) if self.receipt.is_some() && !self.acknowledged => {
                self.acknowledged = true;
            }
            (entry, next) => self.apply_content(entry, next)?,
        }
        Ok(())
    }

    fn license(&mut self, order: Order) {
        self.order = Some(order);
        let licence = self.licence();
        self.decrypt_first =
            licence.is_some_and(|l| l.message().payment == PaymentOrder::DecryptFirst);
    }

    fn apply_hold(&mut self, entry: Entry, next: Next) -> Result<(), JournalError> {
        match entry {
            Entry::Held { signed } if next == Next::Hold => {
                let event = Signed::<Event>::parse(&signed.0).ok();
                self.balance_after = event.map(|event| event.message().balance);
                self.held = Some(signed);
            }
            Entry::Released { token } if next == Next::Hold || self.is_on_hold() => {
                self.debited = true;
                self.token = token;
            }
            _ => return Err(JournalError::Order),
        }
        Ok(())
    }

    fn apply_content(&mut self, entry: Entry, next: Next) -> Result<(), JournalError> {
        match (entry, next) {
            (Entry::Stored, Next::Store) => self.stored = true,
            (Entry::Wanted { output }, _) if self.is_for_later() && self.abandoned.is_none() => {
                self.wanted = true;
                self.intent.output = output;
            }
            (Entry::Opened(opened), Next::Decrypt) => self.opened = Some(opened),
            (Entry::Lost, Next::Keep) => self.opened = None,
            (Entry::Moved { output }, _) if self.file.is_none() && self.abandoned.is_none() => {
                self.intent.output = output;
            }
            (Entry::Decrypted { bytes, sha256 }, Next::Keep) => self.file = Some((bytes, sha256)),
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
            Self { approved: Some(Some(_)), debited: false, held: None, .. } => {
                if self.decrypt_first { Next::Hold } else { Next::Debit }
            }
            Self { stored: false, .. } if self.is_for_later() => Next::Store,
            _ if self.is_for_later() && self.is_on_hold() => Next::Wait,
            Self { file: None, opened: None, .. } if !self.is_for_later() => Next::Decrypt,
            Self { file: None, opened: Some(_), .. } => Next::Keep,
            _ if self.is_on_hold() => Next::Release,
            _ if self.owes_settlement() => Next::Settle,
            Self { receipt: Some(_), acknowledged: false, .. } => Next::Acknowledge,
            _ => Next::Nothing,
        }
    }

    /// Whether the price is on hold: not paid, and not back in its purse.
    pub fn is_on_hold(&self) -> bool {
        self.held.is_some() && !self.debited && self.abandoned.is_none()
    }

    /// Whether the card keeps, or is to keep, the work until its user wants it.
    pub fn is_for_later(&self) -> bool {
        self.intent.plan == Plan::Later && !self.wanted
    }

    /// Whether there is a token that the center has not booked.
    pub fn owes_settlement(&self) -> bool {
        self.token.is_some() && self.receipt.is_none()
    }

    fn can_be_abandoned(&self) -> bool {
        !self.debited && self.held.is_none() && self.abandoned.is_none()
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
