//! What is noted of purses and shops, against the entries that it should add up to.

use std::collections::BTreeMap;

use rusqlite::{OptionalExtension, Row};

use super::Audit;
use super::books::Entry;
use super::finding::Rule;
use super::moment::holder;

/// How many, and how much.
type Counted = (i64, i128);

/// The kinds of lines of a shop's account, as its columns name them.
const LINES: [&str; 6] = ["sales", "resolved", "refunds", "returned", "payouts", "suspense"];

/// The place of payouts among them.
const PAYOUT: usize = 4;

/// A shop's account: the shop, the kind and the unit.
type Account = (Vec<u8>, i64, String);

/// What the accounts of the shops come to, entry by entry.
pub(super) struct Shops {
    sums: BTreeMap<Account, [Counted; LINES.len()]>,
    /// Each shop's fees, in hundredths of a percent, by the entry after which each holds.
    rates: BTreeMap<Vec<u8>, BTreeMap<i64, i128>>,
    /// What was earned while each of them held.
    earned: BTreeMap<Account, BTreeMap<i64, i128>>,
    /// The entries at which sums are noted, the next last.
    noted: Vec<i64>,
}

impl Shops {
    /// None yet.
    pub(super) fn new(audit: &Audit<'_>) -> rusqlite::Result<Self> {
        let sql = "SELECT DISTINCT through FROM rollups ORDER BY through DESC";
        let mut statement = audit.moment.connection.prepare(sql)?;
        let noted = statement.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
        let (sums, earned) = (BTreeMap::new(), BTreeMap::new());
        Ok(Self { sums, rates: rates(audit)?, earned, noted })
    }

    /// Takes the next entry of the ledger, after judging what is noted before it.
    pub(super) fn take(&mut self, audit: &mut Audit<'_>, entry: &Entry) -> rusqlite::Result<()> {
        self.judge_before(audit, entry.entry)?;
        let settled = i64::from(holder::SETTLED);
        if entry.target.0 == settled {
            let line = match u8::try_from(entry.source.0) {
                Ok(holder::CARD) => 0,
                Ok(holder::SUSPENSE) => 1,
                _ => 3,
            };
            self.add(&entry.target.1, line, entry);
        }
        if entry.source.0 == settled {
            let paid_out = entry.target.0 == i64::from(holder::REDEEMED);
            let line = if paid_out { PAYOUT } else { 2 };
            self.add(&entry.source.1, line, entry);
            let left = self.payable(&entry.source.1, entry);
            audit.findings.unless(line != PAYOUT || left >= 0, Rule::Statement, || {
                let (entry, shop) = (entry.entry, hex::encode(&entry.source.1));
                format!("entry {entry} pays shop {shop} {} more than was payable to it", -left)
            });
        }
        // What a card gave up goes back there, and is none of the shop's lines.
        let came = entry.source.0 == i64::from(holder::CARD);
        if came && entry.target.0 == i64::from(holder::SUSPENSE) {
            let sql = "SELECT shop FROM read_tokens WHERE entry = ?1";
            let mut statement = audit.moment.connection.prepare_cached(sql)?;
            let shop = statement.query_row([entry.entry], |row| row.get::<_, Vec<u8>>(0));
            if let Some(shop) = shop.optional()? {
                self.add(&shop, 5, entry);
            }
        }
        Ok(())
    }

    /// Ends with the ledger's last entry, after which nothing can be noted.
    pub(super) fn end(&mut self, audit: &mut Audit<'_>, last: i64) -> rusqlite::Result<()> {
        self.judge_before(audit, last.saturating_add(1))?;
        audit.findings.unless(self.noted.is_empty(), Rule::Statement, || {
            format!("{} sums of shops are noted at entries that are not there", self.noted.len())
        });
        Ok(())
    }

    /// Judges what is noted up to an entry that is the next.
    fn judge_before(&mut self, audit: &mut Audit<'_>, next: i64) -> rusqlite::Result<()> {
        while let Some(through) = self.noted.pop_if(|through| *through < next) {
            let mut statement = audit
                .moment
                .connection
                .prepare_cached("SELECT * FROM rollups WHERE through = ?1")?;
            let mut rows = statement.query([through])?;
            while let Some(row) = rows.next()? {
                let of = (row.get("shop")?, row.get("kind")?, row.get("unit")?);
                let should = self.sums.get(&of).copied().unwrap_or_default();
                let same = noted(row)? == should;
                audit.findings.unless(same, Rule::Statement, || {
                    let shop = hex::encode(&of.0);
                    format!("shop {shop}, {}: what is noted at entry {through} is wrong", of.2)
                });
            }
        }
        Ok(())
    }

    /// What a shop can be paid out, in the entry's kind and unit: what it has less the fee, which
    /// is rounded down on what was earned at each rate, and is never below 0.
    fn payable(&self, shop: &[u8], entry: &Entry) -> i128 {
        let of = (shop.to_vec(), entry.kind, entry.unit.clone());
        let (rates, earned) = (self.rates.get(shop), self.earned.get(&of));
        let fee = |(after, gross): (&i64, &i128)| {
            let rate = rates.and_then(|rates| rates.get(after)).copied().unwrap_or_default();
            (gross * rate).div_euclid(10_000)
        };
        let fee: i128 = earned.into_iter().flatten().map(fee).sum();
        self.left(shop, entry) - fee.max(0)
    }

    /// What a shop has, in the entry's kind and unit.
    fn left(&self, shop: &[u8], entry: &Entry) -> i128 {
        let of = (shop.to_vec(), entry.kind, entry.unit.clone());
        let [sales, resolved, refunds, returned, payouts, _] =
            self.sums.get(&of).copied().unwrap_or_default().map(|(_, amount)| amount);
        sales + resolved + returned - refunds - payouts
    }

    fn add(&mut self, shop: &[u8], line: usize, entry: &Entry) {
        let of = (shop.to_vec(), entry.kind, entry.unit.clone());
        let (count, amount) = &mut self.sums.entry(of).or_default()[line];
        *count = count.saturating_add(1);
        *amount += i128::from(entry.amount);
        let earned = match line {
            0 | 1 | 3 => i128::from(entry.amount),
            2 => -i128::from(entry.amount),
            _ => return,
        };
        let rates = self.rates.get(shop);
        let rate = rates.and_then(|rates| rates.range(..entry.entry).next_back());
        let after = rate.map_or(0, |(after, _)| *after);
        let of = (shop.to_vec(), entry.kind, entry.unit.clone());
        *self.earned.entry(of).or_default().entry(after).or_default() += earned;
    }
}

/// The fees of all shops.
fn rates(audit: &Audit<'_>) -> rusqlite::Result<BTreeMap<Vec<u8>, BTreeMap<i64, i128>>> {
    let mut rates = BTreeMap::<_, BTreeMap<_, _>>::new();
    let sql = "SELECT shop, after, basis_points FROM shop_fees";
    let mut statement = audit.moment.connection.prepare(sql)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let points: i64 = row.get("basis_points")?;
        rates.entry(row.get("shop")?).or_default().insert(row.get("after")?, i128::from(points));
    }
    Ok(rates)
}

fn noted(row: &Row<'_>) -> rusqlite::Result<[Counted; LINES.len()]> {
    let mut all = [(0, 0); LINES.len()];
    for (line, counted) in LINES.iter().zip(&mut all) {
        let amount: i64 = row.get(format!("{line}_amount").as_str())?;
        *counted = (row.get(*line)?, i128::from(amount));
    }
    Ok(all)
}

/// What the evidence moves of each purse: on the card, on its way there, and in suspense.
const MOVED: &str = "
    CREATE TEMP TABLE moved AS
    SELECT account, purse, sum(card) AS card, sum(coming) AS coming, sum(held) AS held FROM (
        SELECT source_id AS account, purse, -amount AS card, 0 AS coming, 0 AS held FROM expected
        WHERE source = 3
        UNION ALL SELECT target_id, purse, amount, 0, 0 FROM expected WHERE target = 3
        UNION ALL SELECT account, purse, 0, -amount, 0 FROM expected WHERE source = 2
        UNION ALL SELECT account, purse, 0, amount, 0 FROM expected WHERE target = 2
        UNION ALL SELECT account, purse, 0, 0, -amount FROM expected WHERE source = 5
        UNION ALL SELECT account, purse, 0, 0, amount FROM expected WHERE target = 5)
    GROUP BY account, purse;";

/// Purses whose position is not what the evidence adds up to.
const POSITIONS: &str = "
    SELECT account, purse, coalesce(s.card, 0) AS card, coalesce(s.coming, 0) AS coming,
        coalesce(p.on_card, 0) AS on_card, coalesce(p.unapplied, 0) AS unapplied
    FROM (SELECT * FROM moved WHERE card <> 0 OR coming <> 0) s
    FULL JOIN positions p USING (account, purse)
    WHERE coalesce(s.card, 0) <> coalesce(p.on_card, 0)
        OR coalesce(s.coming, 0) <> coalesce(p.unapplied, 0)
    ORDER BY account, purse";

/// Purses of closed and of replaced cards that others were given more of than there was. What such
/// a card paid and was set off is in suspense.
const OVERDRAWN: &str = "
    SELECT account, purse, card + coming + max(held, 0) AS left FROM moved
    WHERE left < 0 AND (account IN (SELECT old FROM replacements)
        OR account IN (SELECT account FROM card_payouts))";

/// Judges what others were given of cards that are closed or replaced.
fn overdrawn(audit: &mut Audit<'_>) -> rusqlite::Result<()> {
    let moment = audit.moment;
    let mut statement = moment.connection.prepare(OVERDRAWN)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let (account, purse): (Vec<u8>, i64) = (row.get("account")?, row.get("purse")?);
        let left: i64 = row.get("left")?;
        audit.findings.add(Rule::Instruction, || {
            let account = hex::encode(account);
            format!("account {account}, purse {purse}: {} more was given on than it had", -left)
        });
    }
    Ok(())
}

/// Judges the position of every purse.
pub(super) fn positions(audit: &mut Audit<'_>) -> rusqlite::Result<()> {
    let moment = audit.moment;
    moment.connection.execute_batch(MOVED)?;
    overdrawn(audit)?;
    let mut statement = moment.connection.prepare(POSITIONS)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let account: Vec<u8> = row.get("account")?;
        let purse: i64 = row.get("purse")?;
        let [card, coming, on_card, unapplied] =
            ["card", "coming", "on_card", "unapplied"].map(|column| row.get::<_, i64>(column));
        let (is, should) = ((on_card?, unapplied?), (card?, coming?));
        audit.findings.add(Rule::Position, || {
            format!(
                "account {}, purse {purse}: {} on the card and {} on the way are noted, the \
                 evidence says {} and {}",
                hex::encode(account),
                is.0,
                is.1,
                should.0,
                should.1
            )
        });
    }
    Ok(())
}
