//! Loads: value on its way to a card, one at a time for each purse (§11).
//!
//! ```text
//! a funding that is ready
//!   │
//! open ──▶ the card's challenge ──▶ credit given out ──▶ the card's receipt: applied
//!   │                                                └─▶ or voided: the funding goes back
//!   └▶ withdrawn, if its purse ends before a credit is given out
//! ```
//!
//! Once its credit is given out, only the card's signature closes a load, never a timeout. The
//! credit is stored before that; asked again, each step gives the same bytes.

use saifu_center_api::ProblemCode;
use saifu_wire::signed::{Challenge, Credit, Event, EventKind, Signed};
use saifu_wire::value::PurseTerms;
use saifu_wire::{AccountId, CardId, CenterId, Digest, LoadId, Nonce};

use crate::accounts::{frozen_detail, purse_of, purses_of, signed_by_card};
use crate::center::Center;
use crate::chain;
use crate::config::is_over;
use crate::crypto::identity;
use crate::keys::Keys;
use crate::refusal::{Refusal, Result};
use crate::store::{
    AccountRow, CloseFacts, Closing, Evidence, EvidenceKind, FundingRow, FundingSource, IssueFacts,
    Judged, LoadRow, LoadState, NewFunding, OpenFacts, Waiting,
};

impl Center {
    /// The purses of an account for which value waits, or whose load is under way.
    ///
    /// # Errors
    /// The store fails.
    pub fn loads_due(&self, account: &AccountRow) -> Result<Vec<u32>> {
        self.fund_initial(account)?;
        self.fund_replacements(account)?;
        let purses = purses_of(account)?;
        let takes = |waiting: &Waiting| {
            let terms = purses.iter().find(|terms| terms.purse == waiting.purse);
            waiting.is_out || terms.is_some_and(|terms| !self.has_ended(terms))
        };
        let waiting = self.store.waiting(account.id, self.now())?;
        Ok(waiting.iter().filter(|it| takes(it)).map(|waiting| waiting.purse).collect())
    }

    /// Opens a load of the oldest funding that is ready for a purse and fits into it; while one
    /// is open, returns it.
    ///
    /// # Errors
    /// `not-found`: no such account or purse; `card-frozen`; `conflict`: nothing is ready for the
    /// purse, or nothing that fits, or it has ended, or its card gave too many loads up.
    pub fn open_load(&self, account: AccountId, purse: u32) -> Result<LoadRow> {
        let account = self.account(account)?;
        let terms = purse_of(&account, purse)?;
        if self.has_ended(&terms) {
            return self.load_of_ended(account.id, purse);
        }
        self.fund_initial(&account)?;
        self.fund_replacements(&account)?;
        let chance = self.keys.chance();
        let (id, nonce, now) = (LoadId(chance.array()?), Nonce(chance.array()?), self.now());
        let most = self.config.max_loads;
        let make = move |facts: OpenFacts| {
            refuse_too_many(account.id, facts.voided, most)?;
            let funding = fitting(&terms, &facts)?;
            Ok(load_of(funding, id, nonce, now))
        };
        let load = self.store.open_load(account.id, purse, now, Box::new(make))?;
        self.metrics.loads.add(1);
        Ok(load)
    }

    /// Whether a purse takes no more value.
    pub(crate) fn has_ended(&self, terms: &PurseTerms) -> bool {
        terms.not_after != 0 && terms.not_after < self.now()
    }

    /// The load of a purse that has ended: there is one only where its credit was given out,
    /// which the card can void. Any other is withdrawn.
    fn load_of_ended(&self, account: AccountId, purse: u32) -> Result<LoadRow> {
        self.store.withdraw_load(account, purse)?;
        self.store.load_under_way(account, purse)?.ok_or_else(|| {
            Refusal::conflict(format!("purse {purse} has ended: no value is loaded into it"))
        })
    }

    /// Answers a card's challenge with the load's signed credit; again, with the same bytes.
    /// The event that the challenge carries closes the load before.
    ///
    /// # Errors
    /// `not-found`, `malformed`, `not-authentic`, `card-frozen`; `conflict`: not this load's
    /// challenge, or the card gave the load up, or its purse has ended; `limit`: as much as may
    /// be was given out today.
    pub fn answer_challenge(&self, load: LoadId, challenge: &[u8]) -> Result<Vec<u8>> {
        let (row, account) = self.load_and_account(load)?;
        let challenge = signed_by_card::<Challenge>(&account, challenge, "a signed challenge")?;
        let said = challenge.message();
        if (said.center, said.account, said.purse, said.nonce)
            != (self.id(), account.id, row.purse, row.nonce)
        {
            return Err(Refusal::conflict(format!(
                "the challenge is not for load {load}: ask the card for one over its nonce"
            )));
        }
        if !said.last.0.is_empty() {
            self.close_by(&account, &said.last.0, None)?;
        }
        if row.credit.is_none() && self.has_ended(&purse_of(&account, row.purse)?) {
            let credit = self.load_of_ended(account.id, row.purse).and_then(given_out)?;
            return Ok(self.keys.renew::<Credit>(credit)?);
        }
        let (keys, now, card) = (self.keys.clone(), self.now(), account.card);
        let (center, sequence) = (self.id(), said.sequence);
        let most = self.config.funding.max_per_day;
        let make = move |facts: IssueFacts| {
            refuse_over_the_day(&facts, most)?;
            let IssueFacts { load, funding, closed, .. } = facts;
            if sequence != closed {
                return Err(Refusal::conflict(format!(
                    "the card has closed {sequence} loads of this purse, {closed} are known here: \
                     send in the receipts that are missing"
                )));
            }
            let credit = credit(center, card, (&load, &funding), sequence.saturating_add(1));
            Ok(keys.sign(credit)?.to_bytes())
        };
        let row = self.store.issue_credit(load, now, Box::new(make))?;
        Ok(self.keys.renew::<Credit>(given_out(row)?)?)
    }

    /// Books the event by which the card closed the load, and returns it; again, the same.
    ///
    /// # Errors
    /// `not-found`, `malformed`, `not-authentic`; `conflict`: another load's event, or the
    /// load is closed otherwise; `contradiction`: the event is not what was given out;
    /// `card-frozen`: it breaks the card's chain.
    pub fn close_load(&self, load: LoadId, event: &[u8]) -> Result<Vec<u8>> {
        if self.has_forgotten(load)? {
            return self.close_forgotten(load, event);
        }
        let (_, account) = self.load_and_account(load)?;
        self.close_by(&account, event, Some(load))?;
        let row = self.store.load(load)?;
        let receipt = row.and_then(|row| row.receipt);
        receipt.ok_or_else(|| Refusal::internal(format!("load {load} is closed without receipt")))
    }

    /// Books the card's event for `load`, or for the load that it names.
    pub(crate) fn close_by(
        &self,
        account: &AccountRow,
        event: &[u8],
        load: Option<LoadId>,
    ) -> Result<()> {
        let event = signed_by_card::<Event>(account, event, "a signed event")?;
        let said = event.message();
        if (said.center, said.account) != (self.id(), account.id) {
            return Err(Refusal::conflict("the event is of another center or account"));
        }
        if load.is_some_and(|load| load != said.load) {
            return Err(Refusal::conflict(format!("the event closes load {}, another", said.load)));
        }
        if self.has_forgotten(said.load)? {
            self.take_word(account, &event)?;
            return Ok(());
        }
        let (link, state) = (chain::link_of(&event), closed_state(said.kind)?);
        let closing = Closing { link: link.clone(), load: said.load, state };
        let (first, said, keys) = (chain::first_link(account)?, said.clone(), self.keys.clone());
        let judge = move |facts: CloseFacts| match chain::judge(&link, &facts.chain, first) {
            Judged::Booked => check(&keys, &said, state, &facts).map(|()| Judged::Booked),
            other => Ok(other),
        };
        match self.store.close_load(closing, self.now(), Box::new(judge)) {
            Ok(Judged::Booked | Judged::Known) => Ok(()),
            Ok(Judged::Fork(why)) => {
                Err(Refusal::new(ProblemCode::CardFrozen, frozen_detail(account.id, &why)))
            }
            Err(refusal) => {
                if refusal.code() == ProblemCode::Contradiction {
                    self.keep_contradiction(&event, &refusal)?;
                }
                Err(refusal)
            }
        }
    }

    /// Keeps an event that no honest card signs.
    pub(crate) fn keep_contradiction(
        &self,
        event: &Signed<Event>,
        refusal: &Refusal,
    ) -> Result<()> {
        let evidence = Evidence {
            kind: EvidenceKind::Contradiction,
            account: event.message().account,
            identity: identity(event),
            detail: refusal.to_string(),
            signed: event.to_bytes(),
        };
        self.store.keep_evidence(evidence, false, self.now())
    }

    fn load_and_account(&self, load: LoadId) -> Result<(LoadRow, AccountRow)> {
        let row = self.store.load(load)?.ok_or_else(|| {
            Refusal::not_found(format!("there is no load {load}: ask for one of the purse"))
        })?;
        let account = self.account(row.account)?;
        Ok((row, account))
    }
}

/// Refuses a load where the account's card has given up as many as it may.
fn refuse_too_many(account: AccountId, voided: u64, most: u32) -> Result<()> {
    if voided < u64::from(most) {
        return Ok(());
    }
    Err(Refusal::conflict(format!(
        "the card of account {account} has given up {voided} loads, as many as it may: turn to \
         the center's owner"
    )))
}

/// The oldest funding that fits into the purse.
fn fitting<'a>(terms: &PurseTerms, facts: &'a OpenFacts) -> Result<&'a FundingRow> {
    let (purse, most) = (terms.purse, terms.max_balance);
    let held = u64::try_from(facts.position).unwrap_or(0);
    let fits = |row: &&FundingRow| held.checked_add(row.what.amount).is_some_and(|sum| sum <= most);
    let Some(oldest) = facts.ready.first() else {
        return Err(Refusal::conflict(format!(
            "nothing waits to be loaded into purse {purse}: redeem a voucher or begin a payment"
        )));
    };
    facts.ready.iter().find(fits).ok_or_else(|| {
        Refusal::conflict(format!(
            "purse {purse} holds {held} and takes up to {most}: {} more do not fit; spend some, \
             send the payments in, and ask again",
            oldest.what.amount
        ))
    })
}

fn load_of(funding: &FundingRow, id: LoadId, nonce: Nonce, opened: u64) -> LoadRow {
    let NewFunding { account, purse, kind, unit, amount, .. } = funding.what;
    LoadRow {
        id,
        funding: funding.id,
        account,
        purse,
        kind,
        unit,
        amount,
        nonce,
        opened,
        state: LoadState::Open,
        credit: None,
        receipt: None,
    }
}

/// Keeps what is given out on a day within its limit; what is over it waits.
fn refuse_over_the_day(facts: &IssueFacts, most: u64) -> Result<()> {
    let sum = facts.minted_today.saturating_add(facts.load.amount);
    if !facts.funding.what.source.mints() || !is_over(sum, most) {
        return Ok(());
    }
    Err(Refusal::limit(format!(
        "load {} is over what this center gives out on one day: ask again after midnight, UTC",
        facts.load.id
    )))
}

/// The credit that was given out for a load, unless the card gave the load up.
fn given_out(row: LoadRow) -> Result<Vec<u8>> {
    row.credit.filter(|_| row.state != LoadState::Voided).ok_or_else(|| {
        Refusal::conflict(format!("the card gave load {} up: ask for a new one", row.id))
    })
}

/// The credit of a load; signed again it has the same identity, so that a store put back from a
/// backup still agrees with the card.
fn credit(
    center: CenterId,
    card: CardId,
    (load, funding): (&LoadRow, &FundingRow),
    sequence: u64,
) -> Credit {
    Credit {
        center,
        signer: 0,
        card,
        account: load.account,
        purse: load.purse,
        kind: load.kind,
        unit: load.unit,
        sequence,
        amount: load.amount,
        load: load.id,
        time: load.opened,
        refunded_token: funding.what.refunded_token,
        refunded_licence: funding.what.refunded_licence,
    }
}

fn closed_state(kind: EventKind) -> Result<LoadState> {
    match kind {
        EventKind::Credited | EventKind::Refunded => Ok(LoadState::Applied),
        EventKind::Voided => Ok(LoadState::Voided),
        _ => Err(Refusal::conflict("the event closes no load: send the receipt of the load")),
    }
}

/// Checks that a genuine event says of the load what the center gave out.
fn check(keys: &Keys, said: &Event, state: LoadState, facts: &CloseFacts) -> Result<()> {
    let load = &facts.load;
    if matches!(load.state, LoadState::Applied | LoadState::Voided) {
        return Err(Refusal::contradiction(format!("load {} is closed by another event", load.id)));
    }
    let Some(credit) = &load.credit else {
        return Err(Refusal::contradiction(format!(
            "no credit was given out for load {}, and the card says that it was shown one",
            load.id
        )));
    };
    // Signed again with a later key it has another identity, and is the same credit (§7.5).
    let cause = credit_identities(keys, credit)?.contains(&said.cause);
    let amount = if state == LoadState::Applied { load.amount } else { 0 };
    let said_of = (said.account, said.purse, said.sequence, said.amount);
    let given = (load.account, load.purse, facts.closed.saturating_add(1), amount);
    let taken = match facts.funding.what.source {
        FundingSource::Refund => EventKind::Refunded,
        _ => EventKind::Credited,
    };
    let kind = if state == LoadState::Applied { taken } else { EventKind::Voided };
    if said.kind != kind || said_of != given || !cause {
        return Err(Refusal::contradiction(format!(
            "the event is not about load {} as it was given out",
            load.id
        )));
    }
    Ok(())
}

fn credit_identities(keys: &Keys, credit: &[u8]) -> Result<Vec<Digest>> {
    let credit = Signed::<Credit>::parse(credit)
        .map_err(|error| Refusal::internal(format!("a stored credit is damaged: {error}")))?;
    Ok(keys.identities(&credit))
}
