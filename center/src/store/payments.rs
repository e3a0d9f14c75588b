//! Payments to a provider: begun, confirmed by its message, and paid back where the card gave
//! the value up.

use saifu_wire::value::{Kind, Unit};
use saifu_wire::{AccountId, codes};

use super::{Make, NewFunding};
use crate::refusal::Result;

/// Where payments are kept. As with all of a [`Store`](super::Store).
pub trait PaymentStore {
    /// Begins a payment; one of the same account and idempotency key is returned as it is.
    fn begin_payment(&self, payment: PaymentRow) -> Result<PaymentRow>;

    /// A payment.
    fn payment(&self, id: PaymentId) -> Result<Option<PaymentRow>>;

    /// Keeps a provider's message, once for each of its ids, and does what `judge` decides of it.
    fn provider_said(
        &self,
        message: ProviderMessage,
        now: u64,
        judge: Make<Option<PaymentRow>, Confirmed>,
    ) -> Result<Said>;

    /// At most `limit` payments that are to be paid back, oldest first; with `done`, those that
    /// were.
    fn repayments(&self, done: bool, limit: u32) -> Result<Vec<PaymentRow>>;

    /// Notes that a payment was paid back, under the provider's `reference`, if it is due to be.
    /// The payment as it then is.
    fn mark_repaid(&self, id: PaymentId, reference: String) -> Result<Option<PaymentRow>>;
}

/// Names a payment.
pub type PaymentId = [u8; 16];

codes! {
    /// Where a payment stands.
    pub enum PaymentState {
        /// The payer was told where to pay.
        Begun = 1,
        /// The provider has said that it is paid: there is a funding.
        Paid = 2,
        /// The card gave the value up: the money is due to its payer.
        RepaymentDue = 3,
        /// The money is paid back.
        Repaid = 4,
    }
}

/// A payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentRow {
    /// Its id.
    pub id: PaymentId,
    /// The account.
    pub account: AccountId,
    /// The caller's key: the same one again is the same payment.
    pub idempotency_key: String,
    /// The purse.
    pub purse: u32,
    /// Its kind.
    pub kind: Kind,
    /// Its unit.
    pub unit: Unit,
    /// The amount in minor units.
    pub amount: u64,
    /// The provider's name.
    pub provider: String,
    /// Where to pay.
    pub pay_at: String,
    /// When it was begun.
    pub begun: u64,
    /// Where it stands.
    pub state: PaymentState,
    /// The card's signed event that it gave the value up.
    pub void_event: Option<Vec<u8>>,
    /// The provider's reference of the repayment.
    pub repaid: Option<String>,
}

/// A message of a provider, verified.
#[derive(Debug, Clone)]
pub struct ProviderMessage {
    /// The provider's name.
    pub provider: String,
    /// The message's own id.
    pub id: String,
    /// The payment that it is about, if it names one.
    pub payment: Option<PaymentId>,
    /// The message as it came.
    pub body: Vec<u8>,
}

/// What was decided of a message.
#[derive(Debug, Clone)]
pub enum Confirmed {
    /// The payment is paid.
    Paid(Box<NewFunding>),
    /// It is kept and nothing follows, for this reason.
    Nothing(String),
}

/// What became of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Said {
    /// It made a funding.
    Funded,
    /// It was kept.
    Kept,
    /// It was there before.
    Known,
}
