//! What an audit says at its end.

use std::collections::BTreeMap;

use saifu_wire::value::Kind;
use serde::Serialize;

use super::books::{HOLDERS, Sums};
use super::finding::Finding;
use super::moment::holder;

/// What an audit has found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// The center that the store belongs to.
    pub center: String,
    /// How many accounts were read.
    pub accounts: u64,
    /// How many links of cards' chains.
    pub links: u64,
    /// How many of them are payments.
    pub tokens: u64,
    /// How many entries of the ledger.
    pub entries: u64,
    /// Where the value of each kind and unit is, by the evidence.
    pub value: Vec<Line>,
    /// Links that cards have made and nobody has sent in.
    pub missing_links: u64,
    /// Which, and how much that is; the first of them.
    pub gaps: Vec<Gap>,
    /// How many gaps are not told one by one.
    pub more_gaps: u64,
    /// How many credits are booked on a card's word, for a center that was put back from a
    /// backup does not remember them.
    pub cards_word: u64,
    /// How many settled payments are of orders that the center does not remember.
    pub forgotten_orders: u64,
    /// How many payments have no payload kept: what they paid is their row's word.
    pub payloads_unseen: u64,
    /// How many pieces of evidence are kept against cards.
    pub evidence: u64,
    /// When the center was put back from a backup, and when that was made; seconds since 1970.
    pub restores: Vec<(u64, u64)>,
    /// What is wrong; the first of it.
    pub findings: Vec<Finding>,
    /// How much is wrong, by rule.
    pub counts: BTreeMap<&'static str, u64>,
}

/// Where the value of one kind and unit is: `balances + holds + unsettled + settled + suspense +
/// expired + redeemed = issued - unapplied`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Line {
    /// The kind of value, by its code on the wire.
    pub kind: u8,
    /// The unit.
    pub unit: String,
    /// Given out, less what came back.
    pub issued: i128,
    /// Given out, and on no card that is known of.
    pub unapplied: i128,
    /// On cards, by their last word.
    pub balances: i128,
    /// On hold on cards, by their last word.
    pub holds: i128,
    /// Paid by cards and not sent in; below zero where loads are missing.
    pub unsettled: i128,
    /// Settled to shops.
    pub settled: i128,
    /// In suspense.
    pub suspense: i128,
    /// Written off.
    pub expired: i128,
    /// Paid out of the scheme.
    pub redeemed: i128,
    /// Whether the ledger says the same of every holder.
    pub agrees: bool,
}

/// Links of a card's chain that are missing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Gap {
    /// The account.
    pub account: String,
    /// How many links.
    pub links: u64,
    /// Their numbers: first and last of each run.
    pub runs: Vec<(u64, u64)>,
    /// What the purses lack for it; those that lack nothing are not there.
    pub purses: Vec<PurseGap>,
}

/// What a purse lacks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PurseGap {
    /// The purse.
    pub purse: u32,
    /// Its unit.
    pub unit: String,
    /// Paid by the card's word and not sent in; below zero where loads are missing.
    pub unsettled: i128,
}

impl Report {
    /// Whether everything agrees; what is missing is no fault.
    pub fn agrees(&self) -> bool {
        self.counts.is_empty()
    }

    /// How many findings are not among those that are told.
    pub fn more_findings(&self) -> u64 {
        let all: u64 = self.counts.values().sum();
        all.saturating_sub(self.findings.len() as u64)
    }
}

/// The lines of a report: what the evidence comes to, beside what the ledger does.
pub(super) fn lines(
    evidence: &Sums,
    ledger: &Sums,
    words: &BTreeMap<(u8, String), [i128; 2]>,
) -> Vec<Line> {
    let mut of: Vec<_> = evidence.keys().chain(ledger.keys()).chain(words.keys()).collect();
    of.sort_unstable();
    of.dedup();
    of.into_iter().map(|of| line(of, evidence, ledger, words)).collect()
}

fn line(
    of: &(u8, String),
    evidence: &Sums,
    ledger: &Sums,
    words: &BTreeMap<(u8, String), [i128; 2]>,
) -> Line {
    let zero = [0; HOLDERS];
    let held = evidence.get(of).unwrap_or(&zero);
    let has = |code: u8| held[usize::from(code)];
    let [balances, holds] = words.get(of).copied().unwrap_or_default();
    Line {
        kind: of.0,
        unit: of.1.clone(),
        issued: -has(holder::ISSUED),
        unapplied: has(holder::UNAPPLIED),
        balances,
        holds,
        unsettled: has(holder::CARD) - balances - holds,
        settled: has(holder::SETTLED),
        suspense: has(holder::SUSPENSE),
        expired: has(holder::EXPIRED),
        redeemed: has(holder::REDEEMED),
        agrees: held == ledger.get(of).unwrap_or(&zero),
    }
}

impl Line {
    /// The kind's name, or its code where it has none.
    pub fn kind_name(&self) -> String {
        match Kind::from_code(self.kind) {
            Some(kind) => crate::money::kind_name(kind).to_owned(),
            None => format!("kind {}", self.kind),
        }
    }
}
