//! Where the value of loads comes from: each funding is loaded once, each payment given back once.

use rusqlite::Row;
use saifu_wire::Digest;
use saifu_wire::signed::Credit;

use super::Audit;
use super::finding::Rule;
use super::moment::{Side, uint};

/// What a load's value comes from.
pub(super) struct Funding {
    id: [u8; 16],
    /// Account, purse, kind, unit and amount.
    pub(super) of: ([u8; 16], u32, u64, String, u64),
    pub(super) source: Side,
    pub(super) refunds: ([u8; 32], u64),
}

impl Funding {
    /// Reads the columns that a load has of its funding, if it has one.
    pub(super) fn of(row: &Row<'_>) -> rusqlite::Result<Option<Self>> {
        let Some(id) = row.get("funding_id")? else { return Ok(None) };
        let of = (
            row.get("funding_account")?,
            row.get("funding_purse")?,
            uint(row, "funding_kind")?,
            row.get("funding_unit")?,
            uint(row, "funding_amount")?,
        );
        let source = Side::new(row.get("source_holder")?, row.get("source_id")?);
        let refunds = (row.get("refunded_token")?, uint(row, "refunded_licence")?);
        Ok(Some(Self { id, of, source, refunds }))
    }
}

/// A funding is loaded once, and a payment given back once; what a card gave up does not count.
pub(super) fn stands_once(
    audit: &mut Audit<'_>,
    (load, credit): ([u8; 16], &Credit),
    funding: Option<&Funding>,
) -> rusqlite::Result<()> {
    let name = hex::encode(load);
    if let Some(funding) = funding {
        let first = audit.moment.once("funding", &funding.id)?;
        audit.findings.unless(first, Rule::Funding, || {
            format!("load {name}: its funding stands for another load too")
        });
    }
    let token = credit.refunded_token;
    if token == Digest::ZERO {
        return Ok(());
    }
    let sql = "SELECT kind, unit, amount FROM tokens WHERE identity = ?1";
    let moment = audit.moment;
    let mut statement = moment.connection.prepare_cached(sql)?;
    let mut rows = statement.query([token.0])?;
    let paid = match rows.next()? {
        None => false,
        Some(row) => {
            let of = (uint(row, "kind")?, row.get::<_, String>("unit")?);
            of == (credit.kind as u64, credit.unit.to_string())
                && credit.amount <= uint(row, "amount")?
        }
    };
    audit.findings.unless(paid, Rule::Refund, || {
        format!("load {name}: it gives back {} that token {token} did not pay", credit.amount)
    });
    let first = moment.once("refund", &token.0)?;
    audit.findings.unless(first, Rule::Refund, || {
        format!("load {name}: token {token} was given back before")
    });
    Ok(())
}
