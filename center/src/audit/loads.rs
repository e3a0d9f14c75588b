//! The credits of an account: each as its load asks for, each load as the card's events say (§11).

use std::collections::BTreeMap;

use rusqlite::Row;
use saifu_wire::Digest;
use saifu_wire::certificate::Role;
use saifu_wire::signed::{Closing, Credit, Event, EventKind, Signed, unsigned_bytes};
use saifu_wire::value::PurseTerms;

use super::Audit;
use super::finding::{Findings, Rule};
use super::fundings::{self, Funding};
use super::keys::CenterKeys;
use super::moment::{Booking, Side, holder, uint};
use crate::crypto::{identity, sha256};

/// A load whose credit was given out.
#[derive(Debug)]
pub(super) struct Load {
    id: [u8; 16],
    state: u64,
    credit: Credit,
    identity: Digest,
    /// Those that it has signed by any of the center's keys: a credit whose key leaked is signed
    /// again, and the card takes either (§7.5).
    identities: Vec<Digest>,
    source: Side,
    /// The event that closed it, by the row.
    receipt: Option<Digest>,
    /// The event of the chain that closed it.
    closed: Option<(Digest, EventKind)>,
}

/// The codes of the states of a load.
const CREDITED: u64 = 2;
const APPLIED: u64 = 3;
const VOIDED: u64 = 4;

/// A load as its row says.
struct LoadRow {
    id: [u8; 16],
    purse: u32,
    kind: u64,
    unit: String,
    amount: u64,
    opened: u64,
    state: u64,
    credit: Option<Vec<u8>>,
    receipt: Option<Vec<u8>>,
    funding: Option<Funding>,
}

/// Reads an account's loads, judges their credits, and asks the ledger for each.
pub(super) fn read(
    audit: &mut Audit<'_>,
    account: [u8; 16],
    card: [u8; 16],
) -> rusqlite::Result<Loads> {
    let sql = "
        SELECT l.*, f.id AS funding_id, f.account AS funding_account, f.purse AS funding_purse,
            f.kind AS funding_kind, f.unit AS funding_unit, f.amount AS funding_amount,
            f.source_holder, f.source_id, f.refunded_token, f.refunded_licence
        FROM loads l LEFT JOIN fundings f ON f.id = l.funding
        WHERE l.account = ?1 ORDER BY l.place";
    let moment = audit.moment;
    let mut statement = moment.connection.prepare_cached(sql)?;
    let mut rows = statement.query([account])?;
    let mut loads = Loads { account, loads: BTreeMap::new() };
    let mut sequences = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let row = LoadRow::of(row)?;
        let Some(load) = judge(&row, (account, card), audit.keys, &mut audit.findings) else {
            continue;
        };
        let place = (load.credit.purse, load.credit.sequence);
        if let Some(other) = sequences.insert(place, load.identity) {
            audit.findings.unless(other == load.identity, Rule::Credit, || {
                format!(
                    "load {}: another credit has the sequence {} of purse {} too",
                    hex::encode(load.id),
                    load.credit.sequence,
                    load.credit.purse
                )
            });
        }
        if row.state != VOIDED {
            let load_of = (row.id, &load.credit);
            fundings::stands_once(audit, load_of, row.funding.as_ref())?;
        }
        loads.give_out(&load, audit)?;
        loads.loads.insert(load.id, load);
    }
    Ok(loads)
}

impl LoadRow {
    fn of(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            purse: row.get("purse")?,
            kind: uint(row, "kind")?,
            unit: row.get("unit")?,
            amount: uint(row, "amount")?,
            opened: uint(row, "opened")?,
            state: uint(row, "state")?,
            credit: row.get("credit")?,
            receipt: row.get("receipt")?,
            funding: Funding::of(row)?,
        })
    }
}

/// The load, if a credit was given out for it; what is wrong with the credit is a finding.
fn judge(
    row: &LoadRow,
    (account, card): ([u8; 16], [u8; 16]),
    keys: &CenterKeys,
    findings: &mut Findings,
) -> Option<Load> {
    let name = hex::encode(row.id);
    let Some(bytes) = &row.credit else {
        let open = row.state == 1 && row.receipt.is_none();
        findings.unless(open, Rule::Load, || format!("load {name} is closed without a credit"));
        return None;
    };
    let Ok(signed) = Signed::<Credit>::parse(bytes) else {
        findings.add(Rule::Credit, || format!("load {name}: its credit is none"));
        return None;
    };
    let said = signed.message();
    let good = said.center == keys.center && keys.signed(Role::Credit, said.signer, &signed);
    findings.unless(good, Rule::Signature, || {
        format!("load {name}: its credit is not signed by the center's credit key")
    });
    let is = (said.account.0, said.card.0, said.purse, said.kind as u64, said.amount);
    let should = (account, card, row.purse, row.kind, row.amount);
    let same = is == should && said.unit.as_str() == row.unit;
    let same = same && (said.load.0, said.time) == (row.id, row.opened) && said.amount > 0;
    findings.unless(same, Rule::Credit, || {
        format!(
            "load {name}: its credit is of {} {} for purse {}, the load of {} {} for purse {}",
            said.amount, said.unit, said.purse, row.amount, row.unit, row.purse
        )
    });
    let receipt = row.receipt.as_deref().and_then(|bytes| {
        let event = Signed::<Event>::parse(bytes).map(|event| identity(&event));
        event.or_else(|_| Signed::<Closing>::parse(bytes).map(|last| identity(&last))).ok()
    });
    let said = said.clone();
    let funded = row.funding.as_ref().is_some_and(|funding| {
        let refunds = (said.refunded_token.0, said.refunded_licence);
        funding.of == (account, row.purse, row.kind, row.unit.clone(), row.amount)
            && funding.refunds == refunds
    });
    findings.unless(funded, Rule::Funding, || {
        format!("load {name}: it has no funding, or one of another purse or amount")
    });
    let issued = Side::new(holder::ISSUED, [0; 16]);
    let source = row.funding.as_ref().map_or(issued, |funding| funding.source);
    let state = row.state;
    let identity = identity(&signed);
    let by = |signer| Digest(sha256(&[&unsigned_bytes(&Credit { signer, ..said.clone() })]));
    let identities = keys.credit_signers().map(by).collect();
    Some(Load {
        id: row.id,
        state,
        credit: said,
        identity,
        identities,
        source,
        receipt,
        closed: None,
    })
}

/// The loads of one account whose credits were given out.
pub(super) struct Loads {
    account: [u8; 16],
    loads: BTreeMap<[u8; 16], Load>,
}

impl Loads {
    fn booking(&self, load: &Load, source: Side, target: Side, evidence: Digest) -> Booking {
        Booking {
            kind: load.credit.kind as u8,
            unit: load.credit.unit.to_string(),
            amount: load.credit.amount,
            source,
            target,
            account: self.account,
            purse: load.credit.purse,
            evidence: evidence.0,
            entry: None,
            time: None,
        }
    }

    fn give_out(&self, load: &Load, audit: &mut Audit<'_>) -> rusqlite::Result<()> {
        let unapplied = Side::new(holder::UNAPPLIED, load.id);
        if load.source.holder == holder::CARD {
            let unit = load.credit.unit.to_string();
            audit.take_off_card(load.credit.kind as u8, &unit, i128::from(load.credit.amount));
        }
        audit.expect(&self.booking(load, load.source, unapplied, load.identity))
    }

    /// Takes the event by which the card closed a load; says what it puts on the card.
    pub(super) fn close(
        &mut self,
        (said, event): (&Event, Digest),
        terms: &PurseTerms,
        audit: &mut Audit<'_>,
    ) -> rusqlite::Result<u64> {
        let name = format!("account {}, link {}", hex::encode(self.account), said.counter);
        let Some(load) = self.loads.get_mut(&said.load.0) else {
            return self.on_the_cards_word((said, event), terms, audit);
        };
        let voided = said.kind == EventKind::Voided;
        let amount = if voided { 0 } else { load.credit.amount };
        let of = (said.purse, said.sequence, said.amount);
        let should = (load.credit.purse, load.credit.sequence, amount);
        let caused = load.identities.contains(&said.cause);
        let refund = load.credit.refunded_token != Digest::ZERO;
        let kind = voided || refund == (said.kind == EventKind::Refunded);
        let twice = load.closed.is_some();
        audit.findings.unless(of == should && caused && kind && !twice, Rule::Load, || {
            format!("{name}: the event is not what the credit of load {} asks for", said.load)
        });
        load.closed = Some((event, said.kind));
        if twice {
            return Ok(amount);
        }
        let load = &self.loads[&said.load.0];
        let card = Side::new(holder::CARD, self.account);
        let target = if voided { load.source } else { card };
        let unapplied = Side::new(holder::UNAPPLIED, load.id);
        audit.expect(&self.booking(load, unapplied, target, event))?;
        Ok(amount)
    }

    /// Takes a card's last word on a purse: the loads above its last sequence never came to it.
    pub(super) fn close_by_card(
        &mut self,
        purse: u32,
        sequence: u64,
        closing: Digest,
        audit: &mut Audit<'_>,
    ) -> rusqlite::Result<()> {
        for load in self.loads.values_mut() {
            let never = load.credit.purse == purse && load.credit.sequence > sequence;
            if never && load.closed.is_none() && load.receipt == Some(closing) {
                load.closed = Some((closing, EventKind::Voided));
            }
        }
        for load in self.loads.values().filter(|load| load.credit.purse == purse) {
            if load.closed == Some((closing, EventKind::Voided)) {
                let unapplied = Side::new(holder::UNAPPLIED, load.id);
                audit.expect(&self.booking(load, unapplied, load.source, closing))?;
            }
        }
        Ok(())
    }

    /// What is to be made of an event for a load that is not remembered: a center that was put
    /// back from a backup has only the card's word for it.
    fn on_the_cards_word(
        &self,
        (said, event): (&Event, Digest),
        terms: &PurseTerms,
        audit: &mut Audit<'_>,
    ) -> rusqlite::Result<u64> {
        let name = format!("account {}, link {}", hex::encode(self.account), said.counter);
        audit.findings.unless(audit.restored, Rule::Load, || {
            format!("{name}: the event closes load {}, which was never opened", said.load)
        });
        if said.kind == EventKind::Voided {
            return Ok(0);
        }
        audit.cards_word = audit.cards_word.saturating_add(1);
        audit.expect(&Booking {
            kind: terms.kind as u8,
            unit: terms.unit.to_string(),
            amount: said.amount,
            source: Side::new(holder::ISSUED, [0; 16]),
            target: Side::new(holder::CARD, self.account),
            account: self.account,
            purse: said.purse,
            evidence: event.0,
            entry: None,
            time: None,
        })?;
        Ok(said.amount)
    }

    /// Judges, after the whole chain, that each load stands as its events say; gives what is on
    /// its way to each purse.
    pub(super) fn end(&self, findings: &mut Findings) -> Vec<(u32, u64)> {
        let mut coming = Vec::new();
        for load in self.loads.values() {
            let name = hex::encode(load.id);
            let (state, closed) = match load.closed {
                None => (CREDITED, None),
                Some((event, EventKind::Voided)) => (VOIDED, Some(event)),
                Some((event, _)) => (APPLIED, Some(event)),
            };
            findings.unless(load.state == state && load.receipt == closed, Rule::Load, || {
                let is = stands(load.state);
                format!("load {name} is {is}, and its card's events say {}", stands(state))
            });
            if closed.is_none() {
                coming.push((load.credit.purse, load.credit.amount));
            }
        }
        coming
    }
}

fn stands(state: u64) -> &'static str {
    match state {
        CREDITED => "on its way",
        APPLIED => "applied",
        VOIDED => "voided",
        _ => "in no state that there is",
    }
}
