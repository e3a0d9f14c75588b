//! The chain of a card, link by link: numbers, what each names as the one before, and what it
//! says of its purse (§9.1).
//!
//! The first link is never sent in and need not be: it follows from the opening and the card's
//! certificate. Links that are missing further on are a gap, which is told and is no fault.

use std::collections::BTreeMap;

use rusqlite::Row;
use saifu_wire::signed::{Event, EventKind, Opening, Signed, Token, unsigned_bytes};
use saifu_wire::{AccountId, Digest, LoadId};

use super::Audit;
use super::finding::Rule;
use super::keys::CardKeys;
use super::loads::Loads;
use super::moment::{Booking, Side, holder, uint};
use super::payments::{self, Payment, TokenRow};
use super::purse::Purse;
use crate::crypto::{identity, sha256};

/// The links of an account, each with how it was booked if it is a payment.
const LINKS: &str = "
    SELECT l.counter, l.identity, l.previous, l.purse, l.balance, l.signed, t.entry,
        t.account AS token_account, t.order_id, t.shop, t.kind, t.unit, t.amount, t.licence,
        t.outcome, t.receipt, t.payload, t.booked
    FROM read_links l LEFT JOIN read_tokens t ON t.entry = l.entry
    WHERE l.account = ?1 ORDER BY l.counter";

/// A card's chain, as far as it was read.
pub(super) struct Chain<'c> {
    pub(super) account: [u8; 16],
    pub(super) card: &'c CardKeys,
    pub(super) purses: BTreeMap<u32, Purse>,
    pub(super) loads: Loads,
    next: u64,
    previous: Digest,
    /// What its first link may be, for either signature of the card's certificate.
    firsts: [Digest; 2],
    /// Licences on hold, and how much.
    holds: BTreeMap<Digest, u64>,
    /// Runs of links that are missing: first and last.
    pub(super) gaps: Vec<(u64, u64)>,
    /// Whether it has paid an order that the center does not remember: one that was put back from
    /// a backup, which may have forgotten credits as well.
    pub(super) forgotten: bool,
}

/// What every link says.
struct Head {
    center: [u8; 16],
    account: [u8; 16],
    counter: u64,
    previous: Digest,
    identity: Digest,
    signed: bool,
}

/// The most runs of missing links of one account that are kept.
const MAX_GAPS: usize = 1_000;

impl<'c> Chain<'c> {
    /// The chain of an account that `opening` opened.
    pub(super) fn new(opening: &Signed<Opening>, card: &'c CardKeys, loads: Loads) -> Self {
        let said = opening.message();
        let first = |start| Digest(sha256(&[&unsigned_bytes(&first_link(opening, start))]));
        let firsts = card.starts.map(first);
        let purses = said.purses.0.iter().map(|terms| (terms.purse, Purse::new(terms.clone())));
        Self {
            account: said.account.0,
            card,
            purses: purses.collect(),
            loads,
            next: 2,
            previous: firsts[0],
            firsts,
            holds: BTreeMap::new(),
            gaps: Vec::new(),
            forgotten: false,
        }
    }

    /// Reads all links that the store has of it.
    pub(super) fn walk(&mut self, audit: &mut Audit<'_>) -> rusqlite::Result<()> {
        let moment = audit.moment;
        let mut statement = moment.connection.prepare_cached(LINKS)?;
        let mut rows = statement.query([self.account])?;
        while let Some(row) = rows.next()? {
            self.link(row, audit)?;
            audit.step();
        }
        Ok(())
    }

    fn link(&mut self, row: &Row<'_>, audit: &mut Audit<'_>) -> rusqlite::Result<()> {
        let name = format!("account {}, link {}", hex::encode(self.account), uint(row, "counter")?);
        let Some(signed) = row.get::<_, Option<Vec<u8>>>("signed")? else {
            return self.lost(&name, row, audit);
        };
        let booked = TokenRow::of(row)?;
        if let Ok(token) = Signed::<Token>::parse(&signed) {
            self.judge(&name, &self.token_head(&token), row, audit)?;
            return self.token(&name, &token, booked, audit);
        }
        let Ok(event) = Signed::<Event>::parse(&signed) else {
            audit.findings.add(Rule::Unreadable, || format!("{name} is neither token nor event"));
            self.purses.values_mut().for_each(Purse::lose_track);
            return Ok(());
        };
        self.judge(&name, &self.event_head(&event), row, audit)?;
        let kept: (u32, u64) = (row.get("purse")?, uint(row, "balance")?);
        let said = (event.message().purse, event.message().balance);
        audit.findings.unless(kept == said, Rule::Row, || {
            format!("{name}: its row says another purse or balance than the event")
        });
        audit.findings.unless(booked.is_none(), Rule::Row, || {
            format!("{name}: an event is booked as a payment")
        });
        self.event(&name, &event, audit)
    }

    /// A payment whose token is gone: that it was made is all that is known of it.
    fn lost(&mut self, name: &str, row: &Row<'_>, audit: &mut Audit<'_>) -> rusqlite::Result<()> {
        audit
            .findings
            .add(Rule::EntryMissing, || format!("{name} is a payment, and its token is not kept"));
        self.purses.values_mut().for_each(Purse::lose_track);
        self.next = uint(row, "counter")?.saturating_add(1);
        self.previous = Digest(row.get("identity")?);
        Ok(())
    }

    /// Judges what every link must have, and takes the chain further.
    fn judge(
        &mut self,
        name: &str,
        head: &Head,
        row: &Row<'_>,
        audit: &mut Audit<'_>,
    ) -> rusqlite::Result<()> {
        let findings = &mut audit.findings;
        findings
            .unless(head.signed, Rule::Signature, || format!("{name} is not signed by its card"));
        let ours = (head.center, head.account) == (audit.keys.center.0, self.account);
        findings.unless(ours, Rule::Chain, || format!("{name} is of another center or account"));
        let kept = (uint(row, "counter")?, row.get("identity")?, row.get("previous")?);
        let same = kept == (head.counter, head.identity.0, head.previous.0);
        findings.unless(same, Rule::Row, || format!("{name}: its row says other than the link"));
        self.join(name, head, audit);
        Ok(())
    }

    /// `seen`, where the chain may begin so.
    fn first_or(&self, seen: Digest) -> Digest {
        if self.firsts.contains(&seen) { seen } else { self.firsts[0] }
    }

    fn join(&mut self, name: &str, head: &Head, audit: &mut Audit<'_>) {
        let expected = match head.counter {
            1 => Some((head.identity, self.first_or(head.identity))),
            2 if self.next == 2 => Some((head.previous, self.first_or(head.previous))),
            counter if counter == self.next => Some((head.previous, self.previous)),
            _ => None,
        };
        let joins = expected.is_none_or(|(is, should)| is == should);
        audit
            .findings
            .unless(joins, Rule::Chain, || format!("{name} does not follow the link before it"));
        if head.counter == 1 {
            return;
        }
        audit.findings.unless(head.counter >= self.next, Rule::Chain, || {
            format!("{name}: two links have its number")
        });
        if head.counter > self.next {
            self.miss(head.counter - 1, audit);
        }
        self.next = head.counter.saturating_add(1);
        self.previous = head.identity;
    }

    fn event(
        &mut self,
        name: &str,
        event: &Signed<Event>,
        audit: &mut Audit<'_>,
    ) -> rusqlite::Result<()> {
        let said = event.message();
        if said.kind == EventKind::Opened {
            return Ok(());
        }
        let Some(purse) = self.purses.get_mut(&said.purse) else {
            audit.findings.add(Rule::Purse, || {
                format!("{name} is about purse {}, which was never opened", said.purse)
            });
            return Ok(());
        };
        if let Some(wrong) = purse.event(said) {
            audit.findings.add(Rule::Purse, || format!("{name}: purse {}: {wrong}", said.purse));
        }
        match said.kind {
            EventKind::Credited | EventKind::Refunded | EventKind::Voided => {
                let event = (said, identity(event));
                let amount = self.loads.close(event, &purse.terms, audit)?;
                purse.booked += i128::from(amount);
            }
            EventKind::Expired => self.write_off(said, identity(event), audit)?,
            EventKind::Held | EventKind::Cancelled | EventKind::Opened => {
                self.hold(name, said, audit);
            }
        }
        Ok(())
    }

    /// A licence is put on hold once at a time, and only what is on hold is given back.
    fn hold(&mut self, name: &str, said: &Event, audit: &mut Audit<'_>) {
        let held = match said.kind {
            EventKind::Held => self.holds.insert(said.cause, said.amount).is_none(),
            _ => self.holds.remove(&said.cause) == Some(said.amount),
        };
        audit.findings.unless(held || !self.gaps.is_empty(), Rule::Purse, || {
            format!("{name}: its licence was on hold already, or is not with this amount")
        });
    }

    fn write_off(
        &mut self,
        said: &Event,
        event: Digest,
        audit: &mut Audit<'_>,
    ) -> rusqlite::Result<()> {
        let Some(purse) = self.purses.get_mut(&said.purse) else { return Ok(()) };
        if said.amount == 0 {
            return Ok(());
        }
        purse.booked -= i128::from(said.amount);
        let account = self.account;
        audit.expect(&Booking {
            kind: purse.terms.kind as u8,
            unit: purse.terms.unit.to_string(),
            amount: said.amount,
            source: Side::new(holder::CARD, account),
            target: Side::new(holder::EXPIRED, account),
            account,
            purse: said.purse,
            evidence: event.0,
            entry: None,
            time: None,
        })
    }

    fn token(
        &mut self,
        name: &str,
        token: &Signed<Token>,
        booked: Option<TokenRow>,
        audit: &mut Audit<'_>,
    ) -> rusqlite::Result<()> {
        let known = audit.keys.opens(&token.message().center_key);
        audit.findings.unless(known, Rule::Licence, || {
            format!("{name} is sealed for a payment key that the center does not have")
        });
        let Some(row) = booked else {
            audit.findings.add(Rule::EntryMissing, || {
                format!("{name} is a token, and how it was booked is not kept")
            });
            self.purses.values_mut().for_each(Purse::lose_track);
            return Ok(());
        };
        audit.tokens = audit.tokens.saturating_add(1);
        let payment = Payment { name, token, card: self.card, row: &row };
        let terms = |purse| self.purses.get(&purse).map(|purse: &Purse| &purse.terms);
        match payments::judge(&payment, terms, audit)? {
            Some(paid) => self.pay(name, &paid, audit),
            None => self.purses.values_mut().for_each(Purse::lose_track),
        }
        Ok(())
    }

    fn pay(&mut self, name: &str, paid: &payments::Paid, audit: &mut Audit<'_>) {
        self.forgotten |= paid.forgotten;
        let on_hold = self.holds.remove(&paid.licence);
        let whole = self.gaps.is_empty();
        let released = if on_hold.is_some() || !paid.decrypt_first || whole {
            Some(on_hold.is_some())
        } else {
            None
        };
        let ordered = on_hold.is_some() == paid.decrypt_first || released.is_none();
        audit.findings.unless(ordered, Rule::Licence, || {
            format!("{name}: it was put on hold before, and its licence asks otherwise")
        });
        let Some(purse) = self.purses.get_mut(&paid.purse) else { return };
        purse.booked -= i128::from(paid.amount);
        if let Some(wrong) = purse.payment(paid.amount, paid.balance, released) {
            audit.findings.add(Rule::Purse, || format!("{name}: purse {}: {wrong}", paid.purse));
        }
    }

    /// Ends the chain where the card says that it does: its last link's number and identity.
    pub(super) fn end(&mut self, name: &str, last: (u64, Digest), audit: &mut Audit<'_>) {
        let (counter, identity) = last;
        let known = self.next - 1;
        let last = if known == 1 { self.first_or(identity) } else { self.previous };
        let joins = counter > known || (counter == known && identity == last);
        audit
            .findings
            .unless(joins, Rule::Chain, || format!("{name} is not about the chain's last link"));
        if counter > known {
            self.miss(counter, audit);
        }
    }

    /// Notes that the links from the next to `last` are missing.
    fn miss(&mut self, last: u64, audit: &mut Audit<'_>) {
        if self.gaps.len() < MAX_GAPS {
            self.gaps.push((self.next, last));
        }
        audit.missing_links = audit.missing_links.saturating_add(last - self.next + 1);
        self.purses.values_mut().for_each(Purse::lose_track);
    }

    fn token_head(&self, token: &Signed<Token>) -> Head {
        let said = token.message();
        Head {
            center: said.center.0,
            account: said.account.0,
            counter: said.counter,
            previous: said.previous,
            identity: identity(token),
            signed: self.card.key.verify_signed(token).is_ok(),
        }
    }

    fn event_head(&self, event: &Signed<Event>) -> Head {
        let said = event.message();
        Head {
            center: said.center.0,
            account: said.account.0,
            counter: said.counter,
            previous: said.previous,
            identity: identity(event),
            signed: self.card.key.verify_signed(event).is_ok(),
        }
    }
}

/// The event by which the card opened its account, as it must have signed it.
fn first_link(opening: &Signed<Opening>, start: Digest) -> Event {
    let said = opening.message();
    Event {
        center: said.center,
        account: AccountId(said.account.0),
        counter: 1,
        previous: start,
        kind: EventKind::Opened,
        purse: 0,
        amount: 0,
        balance: 0,
        held: 0,
        sequence: u64::from(said.sequence),
        cause: identity(opening),
        load: LoadId::ZERO,
    }
}
