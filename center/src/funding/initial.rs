//! The value that each new account's purses get once.

use saifu_wire::Digest;
use saifu_wire::value::PurseTerms;

use crate::accounts::purses_of;
use crate::center::Center;
use crate::config::within;
use crate::ledger::Side;
use crate::refusal::Result;
use crate::store::{AccountRow, FundingSource, NewFunding};

impl Center {
    /// Makes the fundings of an account's initial values, where they are not made yet.
    pub(crate) fn fund_initial(&self, account: &AccountRow) -> Result<()> {
        for terms in purses_of(account)?.iter().filter(|terms| !self.has_ended(terms)) {
            let funding = self.initial_of(account, terms);
            let is_made = |funding: &NewFunding| {
                let found = self.store.funding_of(FundingSource::Initial, &funding.reference);
                found.map(|found| found.is_some())
            };
            if funding.amount > 0 && !is_made(&funding)? {
                self.store.add_funding(funding, self.now())?;
            }
        }
        Ok(())
    }

    /// The initial value of a purse, within the limits of the card's class.
    fn initial_of(&self, account: &AccountRow, terms: &PurseTerms) -> NewFunding {
        let class = self.config.limits.of(account.assurance);
        let amount = within(self.config.initial(terms.purse), class.max_load);
        NewFunding {
            account: account.id,
            purse: terms.purse,
            kind: terms.kind,
            unit: terms.unit,
            amount: amount.min(terms.max_balance),
            source: FundingSource::Initial,
            reference: format!("{}/{}", account.id, terms.purse),
            available_from: 0,
            from: Side::ISSUED,
            refunded_token: Digest::ZERO,
            refunded_licence: 0,
            evidence: Vec::new(),
        }
    }
}
