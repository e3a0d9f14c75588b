//! What the clients saw, against the center's books.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use saifu_center::ledger::Holder;
use saifu_center::store::Sale;
use saifu_center::{Center, Options};
use saifu_wire::signed::{Outcome, Receipt, Signed};
use saifu_wire::value::{Kind, Unit};

use super::tally::Seen;
use crate::shop::Anything;
use crate::stage::{Programs, Running};

/// The sales that are read at once.
const PAGE: u32 = 1_000;

/// A command of the owner has ended within this.
const DONE_WITHIN: Duration = Duration::from_secs(120);

/// The owner's commands that must find nothing wrong.
const COMMANDS: [&str; 2] = ["check", "audit"];

/// What the books say of a storm.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verdict {
    /// Payments that are not in the books.
    pub lost: u64,
    /// Sales in the books that nobody paid, or that are there once already.
    pub doubled: u64,
    /// Everything that is wrong, in words.
    pub findings: Vec<String>,
}

impl Verdict {
    /// Whether everything agrees.
    #[must_use]
    pub fn is_good(&self) -> bool {
        (self.lost, self.doubled, self.findings.len()) == (0, 0, 0)
    }
}

/// What the books hold.
#[derive(Debug, Clone, Default)]
struct Booked {
    sales: Vec<Sale>,
    /// Where the value is.
    held: BTreeMap<(Kind, Unit, u8), i64>,
}

/// Judges the books of the center in `folder`, which nobody serves, and has its owner's own
/// commands judge them.
///
/// # Errors
/// The books cannot be read, or a command does not run.
pub fn judge(seen: &Seen, programs: &Programs, folder: &Path) -> Result<Verdict, Anything> {
    let mut verdict = compare(seen, &read(folder)?);
    for name in COMMANDS {
        let mut command = Command::new(&programs.center);
        let ran = Running::start(command.arg("--data").arg(folder).arg(name))?.wait(DONE_WITHIN)?;
        if ran.code != Some(0) {
            verdict.findings.push(format!("saifu-center {name}: {}{}", ran.out, ran.err));
        }
    }
    Ok(verdict)
}

fn read(folder: &Path) -> Result<Booked, Anything> {
    let center = Center::open(folder, Options::default())?;
    let mut booked = Booked::default();
    loop {
        let after = booked.sales.last().map_or(0, |sale| sale.entry);
        let page = center.sales(after, PAGE)?;
        if page.is_empty() {
            break;
        }
        booked.sales.extend(page);
    }
    for sum in center.books()?.flows {
        for (holder, amount) in [(sum.of.source, -sum.amount), (sum.of.target, sum.amount)] {
            *booked.held.entry((sum.kind, sum.unit, holder as u8)).or_insert(0) += amount;
        }
    }
    Ok(booked)
}

fn compare(seen: &Seen, booked: &Booked) -> Verdict {
    let mut verdict = Verdict { findings: seen.wrong.clone(), ..Verdict::default() };
    match_sales(seen, booked, &mut verdict);
    match_receipts(seen, booked, &mut verdict);
    match_sums(seen, booked, &mut verdict.findings);
    verdict
}

/// Each payment must be in the books once, and nothing else.
fn match_sales(seen: &Seen, booked: &Booked, verdict: &mut Verdict) {
    let mut paid = BTreeMap::new();
    for one in &seen.paid {
        *paid
            .entry((one.order, one.account, one.shop, one.kind, one.unit, one.amount))
            .or_insert(0) += 1;
    }
    for sale in &booked.sales {
        let of = (sale.order, sale.account, sale.shop, sale.kind, sale.unit, sale.amount);
        *paid.entry(of).or_insert(0) -= 1;
    }
    for (of, left) in paid {
        let count = i64::unsigned_abs(left);
        match left {
            1.. => verdict.lost += count,
            ..=-1 => verdict.doubled += count,
            0 => continue,
        }
        let how = if left > 0 { "lost" } else { "doubled" };
        verdict.findings.push(format!("order {}, {} {}: {how}", of.0, of.5, of.4));
    }
}

/// Each payment must have a receipt, of the ledger's entry under which it is booked.
fn match_receipts(seen: &Seen, booked: &Booked, verdict: &mut Verdict) {
    let entries: BTreeMap<_, _> = booked.sales.iter().map(|sale| (sale.entry, sale)).collect();
    for paid in &seen.paid {
        let receipt = seen.receipts.get(&paid.identity);
        let receipt = receipt.and_then(|bytes| Signed::<Receipt>::parse(bytes).ok());
        let Some(receipt) = receipt else {
            verdict.lost += 1;
            verdict.findings.push(format!("order {}: nobody has its receipt", paid.order));
            continue;
        };
        let sale = entries.get(&receipt.message().entry);
        let its_own =
            |sale: &&&Sale| (sale.token, sale.outcome) == (paid.identity, Outcome::Settled);
        if sale.filter(its_own).is_none() {
            verdict.findings.push(format!("order {}: its receipt is of another entry", paid.order));
        }
    }
}

/// All sums must agree to the unit: by card, by shop, by kind, and in the ledger.
fn match_sums(seen: &Seen, booked: &Booked, findings: &mut Vec<String>) {
    let (paid, sales) = (&seen.paid, &booked.sales);
    let of_cards = sums(seen.purses.iter().map(|one| {
        let spent = i128::from(one.loaded) - i128::from(one.balance);
        ((one.account, one.kind, one.unit), spent)
    }));
    let of_payers = sums(paid.iter().map(|p| ((p.account, p.kind, p.unit), p.amount.into())));
    agree("what a card spent, and what it paid", &of_cards, &of_payers, findings);
    let by_card = sums(sales.iter().map(|s| ((s.account, s.kind, s.unit), s.amount.into())));
    agree("what a card spent, and what is booked of it", &of_cards, &by_card, findings);
    let of_shops = sums(paid.iter().map(|p| ((p.shop, p.kind, p.unit), p.amount.into())));
    let by_shop = sums(sales.iter().map(|s| ((s.shop, s.kind, s.unit), s.amount.into())));
    agree("what a shop was paid, and what is booked for it", &of_shops, &by_shop, findings);
    agree("where value is", &where_it_is(seen), &held(booked), findings);
}

/// Where the value is by the cards' word: on cards, settled, and given out.
fn where_it_is(seen: &Seen) -> BTreeMap<(Kind, Unit, u8), i128> {
    let on_cards = seen.purses.iter().flat_map(|one| {
        let of = |holder: Holder| (one.kind, one.unit, holder as u8);
        let (loaded, balance) = (i128::from(one.loaded), i128::from(one.balance));
        [(of(Holder::Issued), -loaded), (of(Holder::Card), balance)]
    });
    let settled =
        seen.paid.iter().map(|p| ((p.kind, p.unit, Holder::Settled as u8), p.amount.into()));
    sums(on_cards.chain(settled))
}

fn held(booked: &Booked) -> BTreeMap<(Kind, Unit, u8), i128> {
    sums(booked.held.iter().map(|(of, amount)| (*of, (*amount).into())))
}

/// Sums that are not zero, by what they are of.
fn sums<K: Ord>(amounts: impl Iterator<Item = (K, i128)>) -> BTreeMap<K, i128> {
    let mut sums = BTreeMap::new();
    for (of, amount) in amounts {
        *sums.entry(of).or_insert(0) += amount;
    }
    sums.retain(|_, sum| *sum != 0);
    sums
}

fn agree<K: Ord + Debug>(
    what: &str,
    seen: &BTreeMap<K, i128>,
    booked: &BTreeMap<K, i128>,
    findings: &mut Vec<String>,
) {
    let keys = seen.keys().chain(booked.keys().filter(|of| !seen.contains_key(of)));
    for of in keys {
        let [left, right] = [seen, booked].map(|sums| sums.get(of).copied().unwrap_or_default());
        if left != right {
            findings.push(format!("{what}, differ: {of:?}: {left} and {right}"));
        }
    }
}

#[cfg(test)]
#[path = "verdict_tests.rs"]
mod tests;
