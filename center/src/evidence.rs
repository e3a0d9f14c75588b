//! Events of cards, sent in one by one: links of a chain that close no load, or do (§9.1).
//!
//! Whatever a genuine card says is booked, in any order and whenever it comes. A hold and its
//! end move nothing in the ledger; an expiry writes off; what closes a load goes that way.

use saifu_center_api::ProblemCode;
use saifu_wire::signed::{Event, EventKind, Signed};
use saifu_wire::value::PurseTerms;
use saifu_wire::{AccountId, CenterId, Digest};

use crate::accounts::{frozen_detail, purses_of, signed_by_card};
use crate::center::Center;
use crate::chain;
use crate::ledger::{Entry, Holder, Side};
use crate::refusal::{Refusal, Result};
use crate::store::{AccountRow, EventFacts, EventRow, Judged};

impl Center {
    /// Books an event of a card's chain and returns it; again, the same.
    ///
    /// # Errors
    /// `malformed`; `not-found`: no such account, or no such load; `not-authentic`: another key
    /// signed it; `contradiction`: no honest card says so, it is kept as evidence; `conflict`:
    /// it closes a load that stands otherwise; `card-frozen`: it breaks the card's chain.
    pub fn take_event(&self, event: &[u8]) -> Result<Vec<u8>> {
        let said = parse(event)?;
        self.refuse_other_center(said.center)?;
        let account = self.account(said.account)?;
        let signed = signed_by_card::<Event>(&account, event, "a signed event")?;
        match said.kind {
            EventKind::Credited | EventKind::Voided | EventKind::Refunded => {
                self.close_by(&account, event, None)?;
            }
            _ => self.book_event(&account, &signed)?,
        }
        Ok(signed.to_bytes())
    }

    /// Refuses what a card has signed for another center.
    pub(crate) fn refuse_other_center(&self, center: CenterId) -> Result<()> {
        if center == self.id() {
            return Ok(());
        }
        let here = self.id();
        Err(Refusal::not_found(format!(
            "this is for center {center}, here is {here}: send it there"
        )))
    }

    fn book_event(&self, account: &AccountRow, event: &Signed<Event>) -> Result<()> {
        let link = chain::link_of(event);
        let said = event.message().clone();
        let terms = purses_of(account)?.into_iter().find(|terms| terms.purse == said.purse);
        let entry = terms.as_ref().and_then(|terms| written_off(terms, &said, link.identity));
        let row = EventRow { link: link.clone(), entry };
        let (first, now) = (chain::first_link(account)?, self.now());
        let judge = move |facts: EventFacts| match chain::judge(&link, &facts.chain, first) {
            Judged::Booked => check(&said, terms.as_ref(), &facts, now).map(|()| Judged::Booked),
            other => Ok(other),
        };
        match self.store.book_event(row, now, Box::new(judge)) {
            Ok(judged) => not_forked(account.id, judged),
            Err(refusal) => self.contradict(event, refusal),
        }
    }

    /// Keeps an event that no honest card signs, and refuses it.
    fn contradict<T>(&self, event: &Signed<Event>, refusal: Refusal) -> Result<T> {
        if refusal.code() == ProblemCode::Contradiction {
            self.keep_contradiction(event, &refusal)?;
        }
        Err(refusal)
    }
}

/// Tells a link that was booked from one that breaks its chain.
///
/// # Errors
/// `card-frozen`.
pub(crate) fn not_forked(account: AccountId, judged: Judged) -> Result<()> {
    match judged {
        Judged::Booked | Judged::Known => Ok(()),
        Judged::Fork(why) => {
            Err(Refusal::new(ProblemCode::CardFrozen, frozen_detail(account, &why)))
        }
    }
}

fn parse(event: &[u8]) -> Result<Event> {
    let signed = Signed::<Event>::parse(event).map_err(|error| {
        Refusal::malformed(format!("this is not a signed event: {error}; send it as it is"))
    })?;
    Ok(signed.message().clone())
}

/// What an expiry takes off the card; none where there was nothing left.
fn written_off(terms: &PurseTerms, said: &Event, evidence: Digest) -> Option<Entry> {
    (said.kind == EventKind::Expired && said.amount > 0).then(|| Entry {
        kind: terms.kind,
        unit: terms.unit,
        amount: said.amount,
        source: Side::new(Holder::Card, said.account.0),
        target: Side::new(Holder::Expired, said.account.0),
        account: said.account,
        purse: said.purse,
        evidence,
    })
}

/// Checks that a genuine event says what an honest card can say.
fn check(said: &Event, terms: Option<&PurseTerms>, facts: &EventFacts, now: u64) -> Result<()> {
    let Some(terms) = terms else {
        return contradiction("the account has no such purse");
    };
    match said.kind {
        EventKind::Held if said.amount == 0 || said.held < said.amount => {
            contradiction("a hold of more than is on hold, or of nothing")
        }
        EventKind::Cancelled if said.amount == 0 || said.balance < said.amount => {
            contradiction("a hold of more than came back, or of nothing")
        }
        EventKind::Held | EventKind::Cancelled => Ok(()),
        EventKind::Expired => check_expiry(said, terms, facts, now),
        _ => contradiction("the account was opened once, with the first link"),
    }
}

fn check_expiry(said: &Event, terms: &PurseTerms, facts: &EventFacts, now: u64) -> Result<()> {
    if terms.not_after == 0 || terms.not_after >= now {
        return contradiction("the purse has not ended");
    }
    if (said.balance, said.held) != (0, 0) {
        return contradiction("a purse that has expired holds nothing");
    }
    if facts.spendable < said.amount.cast_signed() {
        return contradiction("more is written off than the card was given");
    }
    Ok(())
}

fn contradiction(why: &str) -> Result<()> {
    Err(Refusal::contradiction(format!(
        "the event contradicts what is known here ({why}): nothing is booked, turn to the \
         center's owner"
    )))
}
