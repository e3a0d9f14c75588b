//! An auditor that believes nobody: recomputes everything from what is signed, and compares.
//!
//! It reads the store with SQL of its own and judges by rules written once more from the
//! contract; with the center it shares the parsing of the wire formats and the primitives of
//! cryptography, and nothing else. So a fault in the books, or in the code that keeps them, does
//! not excuse itself.
//!
//! ```text
//! certificates ─▶ openings ─▶ credits ─▶ each card's chain, link by link ─▶ what the ledger must say
//!                                tokens ─▶ payload, licence, receipt ─┘            │
//!                         what the ledger says, entry by entry ◀────── compared ───┘
//! ```
//!
//! A gap in a chain is told and is no fault: the links are on their way, or went to a center that
//! was put back from a backup. What a card proves against itself (a fork, more spent than given)
//! is a finding, like everything that does not follow from the evidence.

mod account;
mod books;
mod chain;
mod closing;
mod finding;
mod fundings;
mod instructions;
mod keys;
mod loads;
mod moment;
mod orders;
mod payments;
mod purse;
mod report;
mod shops;
mod tables;

pub use finding::{Finding, Rule};
pub use keys::{certificates, roots};
pub use report::{Gap, Line, PurseGap, Report};

use std::collections::BTreeMap;
use std::path::Path;

use rusqlite::OptionalExtension;
use saifu_wire::CenterId;
use saifu_wire::personalise::PinnedRoot;

use self::account::AccountRow;
use self::books::Sums;
use self::finding::Findings;
use self::keys::CenterKeys;
use self::moment::{Booking, Moment, uint, unreadable};
use self::purse::Purse;
use crate::refusal::Result;

/// What is audited, and by whose certificates.
#[derive(Debug, Clone)]
pub struct Asked<'a> {
    /// The file of the store. It is read as it is at one moment, also while a center serves.
    pub store: &'a Path,
    /// The certificates of the center, tag 7F21 included.
    pub certificates: &'a [Vec<u8>],
    /// The roots under which certificates are good.
    pub roots: &'a [PinnedRoot],
    /// The most findings, and the most gaps, that are told one by one.
    pub limit: usize,
}

/// Told now and then: how many rows are read, and how many there are.
pub type Progress<'a> = &'a mut dyn FnMut(u64, u64);

/// After how many rows progress is told.
const STEP: u64 = 1_000;

/// Audits a store.
///
/// # Errors
/// `unavailable`: the store cannot be read; `malformed`: it is no center's. What is wrong *in* it
/// is a finding.
pub fn audit(asked: &Asked<'_>, progress: Progress<'_>) -> Result<Report> {
    let moment = Moment::open(asked.store)?;
    let center = CenterId(moment.center(asked.store)?);
    let mut findings = Findings::new(asked.limit);
    let keys = CenterKeys::new(center, asked.certificates, asked.roots, &mut findings);
    let run = || {
        let mut audit = Audit::new(&moment, &keys, asked, findings, progress)?;
        audit.part("the accounts", Audit::accounts)?;
        audit.part("the instructions", instructions::read)?;
        audit.part("the fundings", fundings::read)?;
        audit.part("the orders", orders::read)?;
        let ledger = audit.part("the ledger", books::compare)?;
        audit.part("the purses' positions", shops::positions)?;
        audit.part("rows that belong to nothing", tables::orphans)?;
        audit.report(&ledger)
    };
    run().map_err(|error: rusqlite::Error| unreadable(asked.store, &error))
}

/// An audit under way.
struct Audit<'a> {
    moment: &'a Moment,
    keys: &'a CenterKeys,
    roots: &'a [PinnedRoot],
    progress: Progress<'a>,
    limit: usize,
    findings: Findings,
    /// Whether the center was ever put back from a backup.
    restored: bool,
    restores: Vec<(u64, u64)>,
    rows: u64,
    all_rows: u64,
    accounts: u64,
    links: u64,
    tokens: u64,
    entries: u64,
    evidence: u64,
    missing_links: u64,
    cards_word: u64,
    forgotten_orders: u64,
    payloads_unseen: u64,
    gaps: Vec<Gap>,
    more_gaps: u64,
    sums: Sums,
    /// The cards' last words: balances and holds.
    words: BTreeMap<(u8, String), [i128; 2]>,
}

impl<'a> Audit<'a> {
    fn new(
        moment: &'a Moment,
        keys: &'a CenterKeys,
        asked: &Asked<'a>,
        findings: Findings,
        progress: Progress<'a>,
    ) -> rusqlite::Result<Self> {
        let links = moment.count("read_links")?;
        let (entries, orders) = (moment.count("read_entries")?, moment.count("orders")?);
        let rows = links.saturating_add(entries).saturating_add(orders);
        let restores = restores(moment)?;
        Ok(Self {
            moment,
            keys,
            roots: asked.roots,
            progress,
            limit: asked.limit,
            findings,
            restored: !restores.is_empty(),
            restores,
            rows: 0,
            all_rows: rows,
            accounts: 0,
            links,
            tokens: 0,
            entries: 0,
            evidence: 0,
            missing_links: 0,
            cards_word: 0,
            forgotten_orders: 0,
            payloads_unseen: 0,
            gaps: Vec::new(),
            more_gaps: 0,
            sums: Sums::new(),
            words: BTreeMap::new(),
        })
    }

    /// Does a part of the audit. A row that is no such thing as its place says ends the part, and
    /// is a finding.
    fn part<T: Default>(
        &mut self,
        what: &str,
        run: impl FnOnce(&mut Self) -> rusqlite::Result<T>,
    ) -> rusqlite::Result<T> {
        run(self).or_else(|error| {
            if !is_of_a_row(&error) {
                return Err(error);
            }
            self.findings.add(Rule::Unreadable, || {
                format!("{what}: a row cannot be read, and none after it was: {error}")
            });
            Ok(T::default())
        })
    }

    fn accounts(&mut self) -> rusqlite::Result<()> {
        let sql = "SELECT id FROM accounts WHERE id > ?1 OR ?1 IS NULL ORDER BY id LIMIT 1";
        let mut next = self.moment.connection.prepare(sql)?;
        let mut last = None;
        while let Some(id) = next.query_row([last], |row| row.get(0)).optional()? {
            last = Some(id);
            self.accounts = self.accounts.saturating_add(1);
            self.part(&format!("account {}", hex::encode(id)), |audit| {
                let row = AccountRow::read(audit, id)?;
                account::audit(audit, &row)
            })?;
        }
        Ok(())
    }

    /// Asks the ledger for an entry, once.
    fn expect(&mut self, booking: &Booking) -> rusqlite::Result<()> {
        if !self.moment.expect(booking)? {
            return Ok(());
        }
        let held = self.sums.entry((booking.kind, booking.unit.clone())).or_default();
        held[usize::from(booking.source.holder)] -= i128::from(booking.amount);
        held[usize::from(booking.target.holder)] += i128::from(booking.amount);
        Ok(())
    }

    /// Takes the card's last word on a purse.
    fn take_words(&mut self, purse: &Purse) {
        let of = (purse.terms.kind as u8, purse.terms.unit.to_string());
        let words = self.words.entry(of).or_default();
        words[0] += i128::from(purse.last_balance);
        words[1] += i128::from(purse.last_held);
    }

    /// Value that a card said it has, and that was taken off it elsewhere: the card is closed, or
    /// replaced.
    fn take_off_card(&mut self, kind: u8, unit: &str, amount: i128) {
        self.words.entry((kind, unit.to_owned())).or_default()[0] -= amount;
    }

    fn tell_gap(&mut self, gap: Gap) {
        if self.gaps.len() < self.limit {
            self.gaps.push(gap);
        } else {
            self.more_gaps = self.more_gaps.saturating_add(1);
        }
    }

    fn step(&mut self) {
        self.rows = self.rows.saturating_add(1);
        if self.rows.is_multiple_of(STEP) {
            (self.progress)(self.rows, self.all_rows);
        }
    }

    fn report(mut self, ledger: &Sums) -> rusqlite::Result<Report> {
        let value = report::lines(&self.sums, ledger, &self.words);
        for line in value.iter().filter(|line| !line.agrees) {
            self.findings.add(Rule::Sums, || {
                let of = format!("{} {}", line.kind_name(), line.unit);
                format!("{of}: the ledger adds up to other sums than the evidence")
            });
        }
        (self.progress)(self.all_rows, self.all_rows);
        let (findings, counts) = self.findings.into_parts();
        Ok(Report {
            center: self.keys.center.to_string(),
            accounts: self.accounts,
            links: self.links,
            tokens: self.tokens,
            entries: self.entries,
            value,
            missing_links: self.missing_links,
            gaps: self.gaps,
            more_gaps: self.more_gaps,
            cards_word: self.cards_word,
            forgotten_orders: self.forgotten_orders,
            payloads_unseen: self.payloads_unseen,
            evidence: self.evidence,
            restores: self.restores,
            findings,
            counts,
        })
    }
}

/// Whether an error is that of what a row says, and not that of reading it.
fn is_of_a_row(error: &rusqlite::Error) -> bool {
    use rusqlite::Error::{FromSqlConversionFailure, IntegralValueOutOfRange, InvalidColumnType};
    matches!(
        error,
        FromSqlConversionFailure(..) | IntegralValueOutOfRange(..) | InvalidColumnType(..)
    )
}

/// When the center was put back, and from a backup of when.
fn restores(moment: &Moment) -> rusqlite::Result<Vec<(u64, u64)>> {
    let sql = "SELECT time, backup_time FROM restores ORDER BY time";
    let mut statement = moment.connection.prepare(sql)?;
    let rows =
        statement.query_map([], |row| Ok((uint(row, "time")?, uint(row, "backup_time")?)))?;
    rows.collect()
}
