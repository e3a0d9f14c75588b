//! Those who take money for the center: one trait, whoever they are.

use crate::refusal::Result;
use crate::store::{PaymentId, PaymentRow};

/// A provider of payments.
pub trait Provider: Send + Sync {
    /// Its name, in paths and in the books.
    fn name(&self) -> &str;

    /// Begins a payment: says where it is paid.
    ///
    /// # Errors
    /// The provider cannot be reached or refuses.
    fn begin(&self, payment: &PaymentRow) -> Result<String>;

    /// Verifies a message that came to the center and translates it.
    ///
    /// # Errors
    /// `not-authentic`: not the provider's, or too old; `malformed`.
    fn read(&self, message: &Webhook<'_>, now: u64) -> Result<Report>;

    /// Pays a payment back: the provider's reference of it, or none where an operator has to do it
    /// and mark it.
    ///
    /// # Errors
    /// The provider cannot be reached or refuses.
    fn repay(&self, payment: &PaymentRow) -> Result<Option<String>>;
}

/// A message as it came.
#[derive(Debug, Clone, Copy)]
pub struct Webhook<'a> {
    /// The header `webhook-id`.
    pub id: &'a str,
    /// The header `webhook-timestamp`.
    pub timestamp: &'a str,
    /// The header `webhook-signature`.
    pub signature: &'a str,
    /// The body, byte for byte.
    pub body: &'a [u8],
}

/// What a message says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The message's id.
    pub id: String,
    /// The payment that it is about, if it names one.
    pub payment: Option<PaymentId>,
    /// What was paid; none where it says something else.
    pub paid: Option<Paid>,
}

/// What was paid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paid {
    /// In minor units.
    pub amount: u64,
    /// Of this unit.
    pub unit: String,
}
