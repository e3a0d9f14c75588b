//! The ledger against the evidence: entry by entry, sums, positions.

use std::collections::BTreeMap;

use rusqlite::Row;

use super::Audit;
use super::finding::Rule;
use super::moment::holder;
use super::shops::Shops;

/// What each holder has, by kind and unit.
pub(super) type Sums = BTreeMap<(u8, String), [i128; HOLDERS]>;

/// One more than the highest code of a holder.
pub(super) const HOLDERS: usize = holder::REDEEMED as usize + 1;

/// Reads the whole ledger, and judges each entry by what the evidence asks for.
pub(super) fn compare(audit: &mut Audit<'_>) -> rusqlite::Result<Sums> {
    let moment = audit.moment;
    let mut statement = moment.connection.prepare("SELECT * FROM read_entries ORDER BY entry")?;
    let mut rows = statement.query([])?;
    let (mut sums, mut shops) = (Sums::new(), Shops::new(audit)?);
    let (mut last, mut before) = (0, 0);
    while let Some(row) = rows.next()? {
        let entry = Entry::of(row)?;
        add(&mut sums, &entry);
        shops.take(audit, &entry)?;
        let signed = judge(audit, &entry)?;
        let booked = row.get("booked")?;
        timed(audit, entry.entry, (before, booked), signed);
        (last, before) = (entry.entry, booked);
        audit.entries = audit.entries.saturating_add(1);
        audit.step();
    }
    shops.end(audit, last)?;
    missing(audit)?;
    Ok(sums)
}

/// An entry of the ledger.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) entry: i64,
    pub(super) kind: i64,
    pub(super) unit: String,
    pub(super) amount: i64,
    pub(super) source: (i64, Vec<u8>),
    pub(super) target: (i64, Vec<u8>),
    account: Vec<u8>,
    purse: i64,
    evidence: Vec<u8>,
}

impl Entry {
    fn of(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            entry: row.get("entry")?,
            kind: row.get("kind")?,
            unit: row.get("unit")?,
            amount: row.get("amount")?,
            source: (row.get("source")?, row.get("source_id")?),
            target: (row.get("target")?, row.get("target_id")?),
            account: row.get("account")?,
            purse: row.get("purse")?,
            evidence: row.get("evidence")?,
        })
    }

    fn told(&self) -> String {
        let (from, to) = (holder_name(self.source.0), holder_name(self.target.0));
        format!("{} {} of kind {} from {from} to {to}", self.amount, self.unit, self.kind)
    }
}

/// The books' time never goes back, and is that at which was signed what is booked.
fn timed(audit: &mut Audit<'_>, entry: i64, (before, booked): (i64, i64), signed: Option<i64>) {
    let should = signed.map_or(booked, |signed| signed.max(before));
    audit.findings.unless(booked == should && booked >= before, Rule::EntryDiffers, || {
        format!(
            "entry {entry} is booked at the second {booked}, after {before}, and not when it \
            was signed"
        )
    });
}

/// Judges an entry by what the evidence asks for; gives when that was signed.
fn judge(audit: &mut Audit<'_>, entry: &Entry) -> rusqlite::Result<Option<i64>> {
    let sql = "
        UPDATE expected SET found = found + 1
        WHERE evidence = ?1 AND source = ?2 AND target = ?3 AND purse = ?4
        RETURNING coalesce(entry, ?5) AS entry, kind, unit, amount, source, source_id, target,
            target_id, account, purse, evidence, time, found";
    let key = (&entry.evidence, entry.source.0, entry.target.0, entry.purse, entry.entry);
    let mut statement = audit.moment.connection.prepare_cached(sql)?;
    let found = statement
        .query_map(key, |row| Ok((Entry::of(row)?, row.get::<_, i64>("found")?, row.get("time")?)));
    let found = found?.collect::<rusqlite::Result<Vec<_>>>()?;
    let number = entry.entry;
    match found.first() {
        None => audit.findings.add(Rule::EntryUnfounded, || {
            format!("entry {number} follows from nothing that is signed: {}", entry.told())
        }),
        Some((_, times, _)) if *times > 1 => audit.findings.add(Rule::EntryTwice, || {
            format!("entry {number} books again what is booked: {}", entry.told())
        }),
        Some((should, ..)) => audit.findings.unless(should == entry, Rule::EntryDiffers, || {
            format!(
                "entry {number} says {}, its evidence entry {}: {}",
                entry.told(),
                should.entry,
                should.told()
            )
        }),
    }
    Ok(found.first().and_then(|(_, _, time)| *time))
}

/// What the evidence asks for, and no entry says.
fn missing(audit: &mut Audit<'_>) -> rusqlite::Result<()> {
    let sql = "SELECT *, coalesce(entry, 0) AS entry FROM expected WHERE found = 0";
    let moment = audit.moment;
    let mut statement = moment.connection.prepare(sql)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let account: Vec<u8> = row.get("account")?;
        let entry = Entry {
            entry: row.get::<_, Option<i64>>("entry")?.unwrap_or_default(),
            kind: row.get("kind")?,
            unit: row.get("unit")?,
            amount: row.get("amount")?,
            source: (row.get("source")?, row.get("source_id")?),
            target: (row.get("target")?, row.get("target_id")?),
            purse: row.get("purse")?,
            evidence: row.get("evidence")?,
            account,
        };
        audit.findings.add(Rule::EntryMissing, || {
            let account = hex::encode(&entry.account);
            format!("account {account}: no entry of the ledger says {}", entry.told())
        });
    }
    Ok(())
}

fn add(sums: &mut Sums, entry: &Entry) {
    let kind = u8::try_from(entry.kind).unwrap_or_default();
    let held = sums.entry((kind, entry.unit.clone())).or_default();
    for ((code, _), sign) in [(&entry.source, -1), (&entry.target, 1)] {
        let place = usize::try_from(*code).ok().filter(|code| *code < HOLDERS).unwrap_or_default();
        held[place] += sign * i128::from(entry.amount);
    }
}

/// The name of a holder, by its code.
pub(super) fn holder_name(code: i64) -> &'static str {
    match u8::try_from(code).unwrap_or_default() {
        holder::ISSUED => "issued",
        holder::UNAPPLIED => "unapplied",
        holder::CARD => "card",
        holder::SETTLED => "settled",
        holder::SUSPENSE => "suspense",
        holder::EXPIRED => "expired",
        holder::REDEEMED => "redeemed",
        _ => "nobody there is",
    }
}
