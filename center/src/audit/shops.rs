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

/// What the accounts of the shops come to, entry by entry.
pub(super) struct Shops {
    sums: BTreeMap<(Vec<u8>, i64, String), [Counted; LINES.len()]>,
    /// The entries at which sums are noted, the next last.
    noted: Vec<i64>,
}

impl Shops {
    /// None yet.
    pub(super) fn new(audit: &Audit<'_>) -> rusqlite::Result<Self> {
        let sql = "SELECT DISTINCT through FROM rollups ORDER BY through DESC";
        let mut statement = audit.moment.connection.prepare(sql)?;
        let noted = statement.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
        Ok(Self { sums: BTreeMap::new(), noted })
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
            let line = if entry.target.0 == i64::from(holder::REDEEMED) { 4 } else { 2 };
            self.add(&entry.source.1, line, entry);
        }
        // What a card gave up goes back there, and is none of the shop's lines.
        let came = entry.source.0 == i64::from(holder::CARD);
        if came && entry.target.0 == i64::from(holder::SUSPENSE) {
            let sql = "SELECT shop FROM tokens WHERE entry = ?1";
            let mut statement = audit.moment.connection.prepare_cached(sql)?;
            let shop = statement.query_row([entry.entry], |row| row.get::<_, Vec<u8>>(0));
            if let Some(shop) = shop.optional()? {
                self.add(&shop, 5, entry);
            }
        }
        Ok(())
    }

    /// Judges what is noted up to an entry that is the next.
    pub(super) fn judge_before(
        &mut self,
        audit: &mut Audit<'_>,
        next: i64,
    ) -> rusqlite::Result<()> {
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

    fn add(&mut self, shop: &[u8], line: usize, entry: &Entry) {
        let of = (shop.to_vec(), entry.kind, entry.unit.clone());
        let (count, amount) = &mut self.sums.entry(of).or_default()[line];
        *count = count.saturating_add(1);
        *amount += i128::from(entry.amount);
    }
}

fn noted(row: &Row<'_>) -> rusqlite::Result<[Counted; LINES.len()]> {
    let mut all = [(0, 0); LINES.len()];
    for (line, counted) in LINES.iter().zip(&mut all) {
        let amount: i64 = row.get(format!("{line}_amount").as_str())?;
        *counted = (row.get(*line)?, i128::from(amount));
    }
    Ok(all)
}

/// Purses whose position is not what the evidence adds up to.
const POSITIONS: &str = "
    WITH moved AS (
        SELECT source_id AS account, purse, -amount AS card, 0 AS coming FROM expected
        WHERE source = 3
        UNION ALL SELECT target_id, purse, amount, 0 FROM expected WHERE target = 3
        UNION ALL SELECT account, purse, 0, -amount FROM expected WHERE source = 2
        UNION ALL SELECT account, purse, 0, amount FROM expected WHERE target = 2),
    sums AS (
        SELECT account, purse, sum(card) AS card, sum(coming) AS coming FROM moved
        GROUP BY account, purse)
    SELECT account, purse, coalesce(s.card, 0) AS card, coalesce(s.coming, 0) AS coming,
        coalesce(p.on_card, 0) AS on_card, coalesce(p.unapplied, 0) AS unapplied
    FROM sums s FULL JOIN positions p USING (account, purse)
    WHERE coalesce(s.card, 0) <> coalesce(p.on_card, 0)
        OR coalesce(s.coming, 0) <> coalesce(p.unapplied, 0)
    ORDER BY account, purse";

/// Judges the position of every purse.
pub(super) fn positions(audit: &mut Audit<'_>) -> rusqlite::Result<()> {
    let moment = audit.moment;
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
