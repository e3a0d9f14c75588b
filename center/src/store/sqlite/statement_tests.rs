//! Statements of random histories, against sums of what was put in and of the sales listed; and
//! how the database finds their rows.

use rusqlite::Connection;
use saifu_wire::signed::Outcome;
use saifu_wire::value::{Kind, Unit};
use saifu_wire::{AccountId, Digest, OrderId, ShopId};

use super::{fees, ledger, orders, payments, rollups, schema, statement, tokens};
use crate::crypto::sha256;
use crate::ledger::{Entry, Holder, LineKind, Side, Statement, StatementAsked};
use crate::money::MAX_AMOUNT;
use crate::store::{Link, TokenRow, Verdict};

/// What was put into the books, in words of a statement.
struct Moved {
    entry: u64,
    booked: u64,
    shop: ShopId,
    unit: Unit,
    kind: LineKind,
    amount: u64,
}

/// Random histories that are the same each time.
struct Seeded(u64);

impl Seeded {
    /// A number below `end` (splitmix64).
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % end
    }
}

/// A store without the rows that others refer to.
fn store() -> Connection {
    let mut connection = Connection::open_in_memory().unwrap();
    connection.pragma_update(None, "foreign_keys", false).unwrap();
    schema::migrate(&mut connection).unwrap();
    connection
}

fn token(number: u64, shop: ShopId, unit: Unit, amount: u64) -> TokenRow {
    let named = |what: &str| sha256(&[what.as_bytes(), &number.to_be_bytes()]);
    let half = |bytes: [u8; 32]| *bytes.first_chunk().unwrap();
    TokenRow {
        link: Link {
            account: AccountId(half(named("account"))),
            counter: 2,
            identity: Digest(named("token")),
            previous: Digest::ZERO,
            purse: 1,
            balance: 0,
            signed: vec![],
        },
        payload: vec![],
        licence: vec![],
        licence_identity: Digest::ZERO,
        licence_number: 1,
        order_expires: 0,
        order: OrderId(half(named("order"))),
        shop,
        kind: Kind::BitCash,
        unit,
        amount,
    }
}

/// Books a token; with a receipt of nothing, for no rule is judged here.
fn settle(connection: &Connection, row: &TokenRow, outcome: Outcome, now: u64) {
    let booked = Verdict::Booked { outcome, reason: "", receipt: vec![], proves: None };
    tokens::settle(connection, row, now, Box::new(|_| Ok(booked))).unwrap();
}

/// Books a few thousand random entries for three shops in two units.
fn history(connection: &Connection, random: &mut Seeded, entries: u64) -> Vec<Moved> {
    let units = ["JPY", "USD"].map(|unit| Unit::new(unit).unwrap());
    let mut moved = Vec::new();
    let mut booked = 1_000;
    for number in 1..=entries {
        let clock = booked + random.below(7) - random.below(4);
        booked = booked.max(clock);
        let shop = ShopId([random.below(3) as u8; 16]);
        let unit = units[random.below(2) as usize];
        let amount = 1 + random.below(1_000);
        let kind = match random.below(10) {
            0 => LineKind::Suspense,
            1 => LineKind::Resolved,
            2 => LineKind::Refund,
            3 => LineKind::Returned,
            4 => LineKind::Payout,
            _ => LineKind::Sale,
        };
        book(connection, &token(number, shop, unit, amount), kind, clock);
        moved.push(Moved { entry: number, booked, shop, unit, kind, amount });
    }
    moved
}

fn book(connection: &Connection, row: &TokenRow, kind: LineKind, now: u64) {
    let shop = Side::new(Holder::Settled, row.shop.0);
    let other = |holder| Side::new(holder, row.link.account.0);
    let (source, target) = match kind {
        LineKind::Sale => return settle(connection, row, Outcome::Settled, now),
        LineKind::Suspense => return settle(connection, row, Outcome::Suspense, now),
        LineKind::Resolved => (other(Holder::Suspense), shop),
        LineKind::Refund => (shop, other(Holder::Unapplied)),
        LineKind::Returned => (other(Holder::Unapplied), shop),
        LineKind::Payout => (shop, other(Holder::Redeemed)),
    };
    let TokenRow { kind, unit, amount, ref link, .. } = *row;
    let (account, purse, evidence) = (link.account, link.purse, link.identity);
    let entry = Entry { kind, unit, amount, source, target, account, purse, evidence };
    ledger::book(connection, &entry, now).unwrap();
}

fn ask(connection: &Connection, (shop, unit): (ShopId, Unit), from: u64, to: u64) -> Statement {
    let to = Some(to);
    let asked =
        StatementAsked { shop, kind: Kind::BitCash, unit, from, to, after: 0, limit: 1_000 };
    statement::statement(connection, asked).unwrap()
}

#[test]
fn a_statement_of_any_period_is_what_was_booked_in_it_to_the_unit() {
    for seed in 1..=3 {
        let (connection, mut random) = (store(), Seeded(seed));
        let moved = history(&connection, &mut random, 3_000);
        let last = moved.last().unwrap().booked;
        for _ in 0..60 {
            let from = random.below(last + 10);
            let to = from + random.below(last + 10 - from);
            let of = &moved[random.below(3_000) as usize];
            let is = ask(&connection, (of.shop, of.unit), from, to);
            check(&is, moved.iter().filter(|m| (m.shop, m.unit) == (of.shop, of.unit)));
        }
    }
}

/// Compares a statement with the movements of its account.
fn check<'a>(is: &Statement, moved: impl Iterator<Item = &'a Moved>) {
    let (from, to) = (is.asked.from, is.asked.to.unwrap());
    let mut opening = 0;
    let mut lines = Vec::new();
    for m in moved {
        let signed = i128::from(m.kind.sign()) * i128::from(m.amount);
        if m.booked < from {
            opening += signed;
        } else if m.booked < to {
            lines.push((m.entry, m.kind, m.amount));
        }
    }
    assert_eq!(is.opening.balance(), opening);
    for kind in LineKind::EACH {
        let of = lines.iter().filter(|line| line.1 == kind);
        let (count, sum) = of.fold((0, 0), |(n, sum), line| (n + 1, sum + line.2));
        let counted = is.moved().unwrap().of(kind);
        assert_eq!((counted.count, counted.amount), (count, sum), "{kind:?}");
    }
    let closing = opening + is.moved().unwrap().balance();
    assert_eq!(is.closing.balance(), closing);
    let is: Vec<_> = is.lines.iter().map(|line| (line.entry, line.kind, line.amount)).collect();
    assert_eq!(is, lines[..lines.len().min(1_000)]);
}

#[test]
fn the_sales_listed_are_the_sales_of_the_statements() {
    let (connection, mut random) = (store(), Seeded(7));
    let moved = history(&connection, &mut random, 2_500);
    let sales = tokens::sales(&connection, 0, 10_000).unwrap();
    for shop in [0, 1, 2].map(|shop| ShopId([shop; 16])) {
        for unit in ["JPY", "USD"].map(|unit| Unit::new(unit).unwrap()) {
            let is = ask(&connection, (shop, unit), 0, u64::MAX >> 1).moved().unwrap();
            for (outcome, kind) in
                [(Outcome::Settled, LineKind::Sale), (Outcome::Suspense, LineKind::Suspense)]
            {
                let of =
                    sales.iter().filter(|s| (s.shop, s.unit, s.outcome) == (shop, unit, outcome));
                let sum: u64 = of.map(|sale| sale.amount).sum();
                assert!(sum > 0);
                assert_eq!(is.of(kind).amount, sum, "{shop} {unit} {kind:?}");
            }
        }
    }
    assert!(moved.len() as u64 > 2 * rollups::EVERY, "sums were noted more than once");
}

#[test]
fn pages_by_their_cursor_are_the_whole_statement() {
    let (connection, mut random) = (store(), Seeded(11));
    let moved = history(&connection, &mut random, 600);
    let of = (moved[0].shop, moved[0].unit);
    let whole = ask(&connection, of, 0, u64::MAX >> 1);
    let (mut pages, mut after) = (Vec::new(), Some(0));
    while let Some(cursor) = after {
        let asked = StatementAsked { after: cursor, limit: 7, ..whole.asked };
        let page = statement::statement(&connection, asked).unwrap();
        assert_eq!((page.opening, page.closing), (whole.opening, whole.closing));
        after = page.next();
        pages.extend(page.lines);
    }
    assert_eq!(pages, whole.lines);
    assert!(pages.len() > 50);
}

#[test]
fn wherever_the_books_end_what_is_filed_and_what_is_not_are_one_statement() {
    let every = rollups::EVERY;
    for entries in [0, 1, every - 1, every, every + 1, every + 2, 2 * every, 2 * every + 1] {
        let (connection, mut random) = (store(), Seeded(17));
        let moved = history(&connection, &mut random, entries);
        let sql = "SELECT count(*) FROM ledger l WHERE target = 4 AND (entry <= ?1) <> EXISTS (
            SELECT 1 FROM shop_entries s WHERE s.entry = l.entry)";
        let filed = rollups::filed(entries + 1);
        let otherwise = connection.query_row(sql, [filed as i64], |row| row.get(0));
        assert_eq!(otherwise, Ok(0), "{entries} entries, {filed} of them filed");
        let last = moved.last().map_or(0, |last| last.booked);
        for time in [0, 1, 1_000, last.saturating_sub(1), last, last + 1, u64::MAX] {
            let before = moved.iter().filter(|moved| moved.booked < time).map(|moved| moved.entry);
            let found = ledger::last_before(&connection, time).unwrap();
            assert_eq!(found, before.max().unwrap_or_default(), "{entries} entries, before {time}");
        }
        let Some(of) = moved.first() else { continue };
        let whole = ask(&connection, (of.shop, of.unit), 0, u64::MAX);
        check(&whole, moved.iter().filter(|m| (m.shop, m.unit) == (of.shop, of.unit)));
        for after in (0..8).chain(every - 8..every + 8).chain(2 * every - 8..2 * every + 8) {
            let asked = StatementAsked { after, limit: 3, ..whole.asked };
            let page = statement::statement(&connection, asked).unwrap();
            let rest: Vec<_> = whole.lines.iter().filter(|line| line.entry > after).collect();
            let page: Vec<_> = page.lines.iter().collect();
            assert_eq!(page, rest[..rest.len().min(3)], "{entries} entries, after {after}");
        }
    }
}

#[test]
fn the_fees_of_periods_add_up_to_the_fee_of_what_was_earned_at_each_rate() {
    let (connection, mut random) = (store(), Seeded(19));
    let moved = history(&connection, &mut random, 1_500);
    let of = (moved[0].shop, moved[0].unit);
    let sql = "INSERT OR REPLACE INTO shop_fees VALUES (?1, ?2, ?3)";
    connection.execute_batch("DROP TRIGGER shop_fees_late; DROP TRIGGER shop_fees_stay").unwrap();
    let rates = [(0, 250_i128), (300, 9_000), (1_100, 0), (1_300, 333)];
    for (after, points) in rates {
        connection.execute(sql, (of.0.0, after, points as i64)).unwrap();
    }
    let mut whole = 0_i128;
    for (n, (after, points)) in rates.into_iter().enumerate() {
        let until = rates.get(n + 1).map_or(i64::MAX, |rate| rate.0) as u64;
        let span = moved.iter().filter(|m| (m.shop, m.unit) == of);
        let span = span.filter(|m| m.entry > after as u64 && m.entry <= until);
        let signed = |m: &Moved| match m.kind {
            LineKind::Payout => 0,
            kind => i128::from(kind.sign()) * i128::from(m.amount),
        };
        whole += (span.map(signed).sum::<i128>() * points).div_euclid(10_000);
    }
    let is = ask(&connection, of, 0, u64::MAX);
    assert_eq!((is.fee(), is.closing_fee, is.basis_points), (whole, whole, 333));
    assert_eq!(is.payable(), is.closing.balance() - whole);
    assert!(whole > 0, "{whole}");
    let last = moved.last().unwrap().booked;
    let ends: Vec<_> = (0..).map(|n| n * 137).take_while(|end| *end < last + 137).collect();
    let fee = |pair: &[u64]| ask(&connection, of, pair[0], pair[1]).fee();
    assert_eq!(ends.windows(2).map(fee).sum::<i128>(), whole);
}

#[test]
fn a_fee_that_was_taken_is_never_changed_and_one_shop_has_a_hundred_at_most() {
    let (connection, mut random) = (store(), Seeded(23));
    fees::change(&connection, ShopId::ZERO, 100).unwrap();
    history(&connection, &mut random, 200);
    for change in [
        "UPDATE shop_fees SET basis_points = 0",
        "DELETE FROM shop_fees",
        "INSERT INTO shop_fees VALUES (zeroblob(16), 7, 0)",
    ] {
        assert!(connection.execute(change, []).is_err(), "{change}");
    }
    assert_eq!(fees::rate_at(&connection, ShopId::ZERO, 200).unwrap(), 100);
    connection.execute_batch("DROP TRIGGER shop_fees_late").unwrap();
    for after in 1..99 {
        let sql = "INSERT INTO shop_fees VALUES (zeroblob(16), ?1, 0)";
        connection.execute(sql, [after]).unwrap();
    }
    fees::change(&connection, ShopId::ZERO, 200).unwrap();
    assert_eq!(fees::rate_at(&connection, ShopId::ZERO, 200).unwrap(), 0);
    assert_eq!(fees::rate_at(&connection, ShopId::ZERO, 201).unwrap(), 200);
    let refusal = fees::change(&connection, ShopId::ZERO, 300).unwrap_err();
    assert!(refusal.to_string().contains("100 fees"), "{refusal}");
}

#[test]
fn sums_are_noted_at_intervals_and_never_changed() {
    let (connection, mut random) = (store(), Seeded(13));
    history(&connection, &mut random, 2 * rollups::EVERY + 1);
    let noted = "SELECT count(*) FROM rollups WHERE through IN (512, 1024)";
    let all = "SELECT count(*) FROM rollups";
    let count = |sql| connection.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!((count(noted), count(all)), (12, 12), "three shops in two units, twice");
    for change in ["UPDATE rollups SET sales = 0", "DELETE FROM rollups"] {
        assert!(connection.execute(change, []).is_err(), "{change}");
    }
}

#[test]
fn a_card_that_pays_more_than_can_be_counted_is_refused_before_anything_is_changed() {
    let connection = store();
    let sql = "INSERT INTO accounts (id, card, assurance, signature_certificate,
            encryption_certificate, opening, opened) VALUES (?1, ?1, 1, x'', x'', x'', 1)";
    connection.execute(sql, [[9; 16]]).unwrap();
    let pay = |number: u64| {
        let unit = Unit::new("JPY").unwrap();
        let mut row = token(number, ShopId([1; 16]), unit, 600 * MAX_AMOUNT);
        (row.link.account, row.link.counter) = (AccountId([9; 16]), 2 * number);
        let (outcome, receipt) = (Outcome::Suspense, vec![]);
        let booked = Verdict::Booked { outcome, reason: "", receipt, proves: None };
        let before = connection.total_changes();
        let settled = tokens::settle(&connection, &row, 1, Box::new(|_| Ok(booked)));
        (settled.is_ok(), connection.total_changes() > before)
    };
    // Such a token is its card's alone to fail with: none that is settled beside it is taken back.
    assert_eq!([1, 2, 3].map(pay), [(true, true), (false, false), (false, false)]);
}

/// How the database would find the rows of a query.
fn plan(connection: &Connection, sql: &str) -> Vec<String> {
    let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
    let count = statement.parameter_count();
    let parameters = std::iter::repeat_n(rusqlite::types::Null, count);
    let rows = statement.query_map(rusqlite::params_from_iter(parameters), |row| row.get(3));
    rows.unwrap().map(Result::unwrap).collect()
}

#[test]
fn no_query_of_a_settlement_or_a_statement_reads_through_a_table() {
    let connection = store();
    let mut asked = vec![rollups::LAST, rollups::UNFILED, ledger::BOOKED, statement::UNITS_UNFILED];
    asked.push(fees::RATES);
    asked.extend(rollups::SUMS);
    asked.extend(statement::LINES);
    asked.extend(statement::NEXT_UNIT);
    asked.extend(tokens::SETTLING);
    asked.extend([orders::OPEN, payments::BEGUN]);
    for sql in asked {
        for step in plan(&connection, sql) {
            // The last entry is the first row of a scan that stops there.
            let first = sql == ledger::LAST || step == "SCAN CONSTANT ROW";
            assert!(!step.contains("SCAN") || first, "{step}: {sql}");
            assert!(!step.contains("TEMP B-TREE FOR ORDER BY"), "{step}: {sql}");
        }
    }
    let through = plan(&connection, "SELECT * FROM tokens WHERE licence = ?1");
    assert!(through[0].contains("SCAN"), "a query that does is found: {through:?}");
}
