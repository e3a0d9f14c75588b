//! Where the value of loads comes from.
//!
//! A funding is value that waits to be loaded into one purse; each source makes its own, once
//! for each of its references, and all wait in one queue. [`loads`](crate::loads) takes the
//! oldest that fits, and a funding that the card gave up goes back to its source:
//!
//! | source | reference | what happens when the card gives it up |
//! |---|---|---|
//! | initial | account and purse | it is ready again |
//! | voucher | the code, and its how-many-eth redemption | the code is unused again |
//! | payment | the payment | a repayment is due to its payer |
//! | operator | the operator's own | it is withdrawn |
//! | refund | the token | the work stays bought |
//! | replacement | the card that is replaced | it is ready again |

mod attempts;
mod code;
mod initial;
mod operator;
mod payments;
mod provider;
mod told;
mod vouchers;
mod webhook;

pub use code::Code;
pub use operator::Gift;
pub use provider::{Paid, Provider, Report, Webhook};
pub use told::{told_batch, told_credit, told_state};
pub use vouchers::{MAX_CODES, NewBatch};
pub use webhook::SignedWebhook;

pub(crate) use attempts::Attempts;
pub(crate) use payments::Providers;

use crate::accounts::purse_of;
use crate::center::Center;
use crate::refusal::{Refusal, Result};
use crate::store::{FundingId, FundingRow, FundingSource, NewFunding};

/// The most bytes of a funding's reference.
const MAX_REFERENCE_BYTES: usize = 200;

impl Center {
    /// Adds a funding to the queue of its purse; of one source and reference there is one, which
    /// asked for again is returned as it is.
    ///
    /// # Errors
    /// `not-found`: no such account or purse; `conflict`: the purse is of another kind or unit,
    /// the amount is none that it takes, or the reference was used for something else.
    pub fn fund(&self, funding: NewFunding) -> Result<FundingRow> {
        self.fund_noted(funding, String::new())
    }

    /// As [`fund`](Self::fund), with a word on it for whoever reads the list.
    pub(crate) fn fund_noted(&self, funding: NewFunding, note: String) -> Result<FundingRow> {
        self.check_funding(&funding)?;
        let found = match note.is_empty() {
            true => self.store.add_funding(funding.clone(), self.now())?,
            false => self.store.add_noted_funding(funding.clone(), note, self.now())?,
        };
        let same = |of: &NewFunding| (of.account, of.purse, of.kind, of.unit, of.amount);
        if same(&found.what) != same(&funding) {
            return Err(Refusal::conflict(format!(
                "the {} reference \"{}\" was used for another account, purse or amount: use one \
                 of its own for each",
                funding.source.name(),
                funding.reference
            )));
        }
        Ok(found)
    }

    /// At most `limit` credits of operators and why they were given, newest first.
    ///
    /// # Errors
    /// The store fails.
    pub fn gifts(&self, limit: u32) -> Result<Vec<(FundingRow, String)>> {
        self.store.fundings_from(FundingSource::Operator, limit)
    }

    /// A funding.
    ///
    /// # Errors
    /// `not-found`.
    pub fn funding(&self, id: FundingId) -> Result<FundingRow> {
        let found = self.store.funding(id)?;
        found.ok_or_else(|| Refusal::not_found(format!("there is no funding {id} here")))
    }

    /// Checks that a funding can ever be loaded into its purse.
    fn check_funding(&self, funding: &NewFunding) -> Result<()> {
        let account = self.account(funding.account)?;
        let terms = purse_of(&account, funding.purse)?;
        let what = if (terms.kind, terms.unit) != (funding.kind, funding.unit) {
            "is of another kind or unit: name the one that takes this value"
        } else if funding.amount == 0 || funding.amount > terms.max_balance {
            "never takes this amount: give one above 0 and up to its largest balance"
        } else if terms.face_amount != 0 && !funding.amount.is_multiple_of(terms.face_amount) {
            "takes only multiples of what it pays at once: give one"
        } else if funding.reference.is_empty() || funding.reference.len() > MAX_REFERENCE_BYTES {
            "is funded under a reference of 1 to 200 bytes: give one"
        } else {
            return Ok(());
        };
        Err(Refusal::conflict(format!("purse {} {what}", funding.purse)))
    }
}
