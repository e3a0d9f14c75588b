//! A purse as its card's links tell it: a small state machine (§4, §9.1, §11).
//!
//! | link | balance | held | sequence |
//! |---|---|---|---|
//! | credited, refunded | + amount | | + 1 |
//! | voided | | | + 1 |
//! | held | − amount | + amount | |
//! | cancelled | + amount | − amount | |
//! | token of a licence on hold | | − amount | |
//! | any other token | − amount | | |
//! | expired | 0, and the amount is what was written off | must be 0 | |
//!
//! What is not known, because a link before is missing, is not judged: the next link that says it
//! is taken at its word.

use saifu_wire::signed::{Event, EventKind};
use saifu_wire::value::PurseTerms;

/// A purse, after the links read so far.
#[derive(Debug, Clone)]
pub(super) struct Purse {
    pub(super) terms: PurseTerms,
    balance: Option<u64>,
    held: Option<u64>,
    sequence: Option<u64>,
    /// The card's last word on the balance.
    pub(super) last_balance: u64,
    /// The card's last word on what it has on hold.
    pub(super) last_held: u64,
    /// What the evidence puts on the card, less what it takes off it.
    pub(super) booked: i128,
    /// Credits given out for it that its card has not answered.
    pub(super) coming: i128,
}

impl Purse {
    /// A purse that was just opened.
    pub(super) fn new(terms: PurseTerms) -> Self {
        Self {
            terms,
            balance: Some(0),
            held: Some(0),
            sequence: Some(0),
            last_balance: 0,
            last_held: 0,
            booked: 0,
            coming: 0,
        }
    }

    /// Links are missing here: what they did is not known.
    pub(super) fn lose_track(&mut self) {
        (self.balance, self.held, self.sequence) = (None, None, None);
    }

    /// What the purse has by the card's last word, holds included.
    pub(super) fn whole(&self) -> i128 {
        i128::from(self.last_balance) + i128::from(self.last_held)
    }

    /// Takes an event; says what is wrong with it.
    pub(super) fn event(&mut self, said: &Event) -> Option<String> {
        use EventKind::{Cancelled, Credited, Expired, Held, Opened, Refunded, Voided};
        let amount = said.amount;
        let balance = self.balance.map(|balance| match said.kind {
            Credited | Refunded | Cancelled => balance.checked_add(amount),
            Held => balance.checked_sub(amount),
            Expired => (balance == amount).then_some(0),
            Voided | Opened => Some(balance),
        });
        let held = self.held.map(|held| match said.kind {
            Held => held.checked_add(amount),
            Cancelled => held.checked_sub(amount),
            Expired => (held == 0).then_some(0),
            Credited | Refunded | Voided | Opened => Some(held),
        });
        let sequence = self.sequence.map(|sequence| match said.kind {
            Credited | Refunded | Voided => sequence.checked_add(1),
            Held | Cancelled | Expired | Opened => Some(sequence),
        });
        let wrong = wrong("balance", balance, said.balance)
            .or_else(|| wrong("amount on hold", held, said.held))
            .or_else(|| wrong("sequence", sequence, said.sequence))
            .or_else(|| self.impossible(said));
        self.balance = Some(said.balance);
        self.held = Some(said.held);
        self.sequence = Some(said.sequence);
        (self.last_balance, self.last_held) = (said.balance, said.held);
        wrong
    }

    /// Takes a token; `released`: it pays what was on hold, none where that is not known.
    pub(super) fn payment(
        &mut self,
        amount: u64,
        said_balance: u64,
        released: Option<bool>,
    ) -> Option<String> {
        let balance = self.balance.zip(released).map(|(balance, released)| match released {
            true => Some(balance),
            false => balance.checked_sub(amount),
        });
        let held = self.held.zip(released).map(|(held, released)| match released {
            true => held.checked_sub(amount),
            false => Some(held),
        });
        let short = matches!(held, Some(None)).then(|| format!("pays {amount}, and less was held"));
        let wrong = wrong("balance", balance, said_balance).or(short);
        (self.balance, self.held) = (Some(said_balance), held.flatten());
        self.last_balance = said_balance;
        self.last_held = self.held.unwrap_or(self.last_held);
        wrong
    }

    /// Takes the card's last word; says what is wrong with it. Nothing is on hold then.
    pub(super) fn closed(&mut self, balance: u64, sequence: u64) -> Option<String> {
        let wrong = wrong("balance", self.balance.map(Some), balance)
            .or_else(|| wrong("amount on hold", self.held.map(Some), 0))
            .or_else(|| wrong("sequence", self.sequence.map(Some), sequence));
        (self.last_balance, self.last_held) = (balance, 0);
        wrong
    }

    fn impossible(&self, said: &Event) -> Option<String> {
        let gives = !matches!(said.kind, EventKind::Voided | EventKind::Opened);
        if (said.amount > 0) != gives && said.kind != EventKind::Expired {
            return Some(format!("moves {}, which such an event does not", said.amount));
        }
        let most = self.terms.max_balance;
        let whole = said.balance.checked_add(said.held);
        let over = whole.is_none_or(|whole| whole > most);
        let credited = matches!(said.kind, EventKind::Credited | EventKind::Refunded);
        (over && credited).then(|| format!("leaves more than the {most} that the purse may hold"))
    }
}

/// What is wrong where `should` is known.
fn wrong(what: &str, should: Option<Option<u64>>, said: u64) -> Option<String> {
    match should {
        None => None,
        Some(Some(should)) if should == said => None,
        Some(Some(should)) => Some(format!("says a {what} of {said}, and {should} would follow")),
        Some(None) => Some(format!("says a {what} of {said}, which cannot follow")),
    }
}

#[cfg(test)]
#[path = "purse_tests.rs"]
mod tests;
