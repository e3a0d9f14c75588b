//! Where the value of loads comes from (the books' fundings): each is what its source says, is
//! loaded once, and stands as its loads do.
//!
//! | source | given by | rests on |
//! |---|---|---|
//! | 1 initial | issued | its purse, once |
//! | 2 voucher, 3 payment | issued | a voucher, a provider's message |
//! | 4 operator | issued | an instruction to grant it |
//! | 5 refund | settled of the shop, or suspense | an instruction, and a payment that stands there |
//! | 6 replacement | the card that was replaced | an instruction |

use rusqlite::Row;
use saifu_wire::Digest;
use saifu_wire::signed::{Credit, Licence, Outcome, Signed};

use super::Audit;
use super::finding::Rule;
use super::instructions::{self, GRANT, REFUND, REPLACE};
use super::moment::{Side, holder, uint};
use super::orders::is_heir;
use crate::crypto::sha256;

const INITIAL: u8 = 1;
const OPERATOR: u8 = 4;
const REFUNDED: u8 = 5;
const REPLACED: u8 = 6;

/// What a load's value comes from, as the load is read with it.
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
    let first = audit.moment.once("refund", &token.0)?;
    audit.findings.unless(first, Rule::Refund, || {
        format!("load {name}: token {token} was given back before")
    });
    Ok(())
}

/// A funding as its row says, and how many of its loads stand how.
struct FundingRow {
    name: String,
    id: [u8; 16],
    account: [u8; 16],
    purse: u32,
    kind: u64,
    unit: String,
    amount: u64,
    source: u8,
    reference: String,
    state: u64,
    from: Side,
    token: [u8; 32],
    licence: u64,
    evidence: Vec<u8>,
    /// Loads that are under way, applied, and voided.
    loads: [u64; 3],
}

const FUNDINGS: &str = "
    SELECT f.*, (SELECT count(*) FROM funded WHERE funding = f.id AND state IN (1, 2)) AS way,
        (SELECT count(*) FROM funded WHERE funding = f.id AND state = 3) AS applied,
        (SELECT count(*) FROM funded WHERE funding = f.id AND state = 4) AS voided
    FROM main.fundings f";

/// The store's own index of loads by their funding leaves out those that were voided.
const FUNDED: &str = "
    CREATE TEMP TABLE funded AS SELECT funding, state FROM main.loads;
    CREATE INDEX temp.funded_by ON funded (funding, state);";

impl FundingRow {
    fn of(row: &Row<'_>) -> rusqlite::Result<Self> {
        let id = row.get("id")?;
        Ok(Self {
            name: format!("funding {}", hex::encode(id)),
            id,
            account: row.get("account")?,
            purse: row.get("purse")?,
            kind: uint(row, "kind")?,
            unit: row.get("unit")?,
            amount: uint(row, "amount")?,
            source: row.get("source")?,
            reference: row.get("reference")?,
            state: uint(row, "state")?,
            from: Side::new(row.get("source_holder")?, row.get("source_id")?),
            token: row.get("refunded_token")?,
            licence: uint(row, "refunded_licence")?,
            evidence: row.get("evidence")?,
            loads: [uint(row, "way")?, uint(row, "applied")?, uint(row, "voided")?],
        })
    }
}

/// Judges all fundings.
pub(super) fn read(audit: &mut Audit<'_>) -> rusqlite::Result<()> {
    let moment = audit.moment;
    moment.connection.execute_batch(FUNDED)?;
    let mut statement = moment.connection.prepare(FUNDINGS)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let funding = FundingRow::of(row)?;
        named(audit, &funding);
        stands(audit, &funding);
        match funding.source {
            REFUNDED => refund(audit, &funding)?,
            REPLACED => replacement(audit, &funding)?,
            source => issued(audit, source, &funding),
        }
    }
    Ok(())
}

/// The name of a funding follows from source and reference, so that there is one of each.
fn named(audit: &mut Audit<'_>, funding: &FundingRow) {
    let hash = sha256(&[b"saifu funding", &[funding.source], funding.reference.as_bytes()]);
    audit.findings.unless(hash[..16] == funding.id, Rule::Funding, || {
        format!("{}: it is not the one of its source and reference", funding.name)
    });
}

/// A funding stands as its loads do. What a card has said of loads that are not remembered can
/// have loaded it.
fn stands(audit: &mut Audit<'_>, funding: &FundingRow) {
    let [way, applied, voided] = funding.loads;
    let comes_again = matches!(funding.source, INITIAL | REPLACED);
    let should = match funding.state {
        1 => way + applied == 0 && (voided == 0 || comes_again),
        2 => (way, applied) == (1, 0),
        3 => way == 0 && (applied == 1 || (applied == 0 && audit.restored)),
        4 => way + applied == 0 && voided > 0 && !comes_again,
        _ => false,
    };
    audit.findings.unless(should, Rule::Funding, || {
        format!(
            "{}: it is in state {}, with {way} loads under way, {applied} applied and {voided} \
             given up",
            funding.name, funding.state
        )
    });
}

/// What makes value takes it from nobody; an operator's credit rests on a signed instruction.
fn issued(audit: &mut Audit<'_>, source: u8, funding: &FundingRow) {
    let nobody = Side::new(holder::ISSUED, [0; 16]);
    let plain = (funding.from, funding.token, funding.licence) == (nobody, [0; 32], 0);
    audit.findings.unless(plain, Rule::Funding, || {
        format!(
            "{}: it takes value from somebody, and is neither refund nor replacement",
            funding.name
        )
    });
    if source == INITIAL {
        let should = format!("{}/{}", hex::encode(funding.account), funding.purse);
        audit.findings.unless(funding.reference == should, Rule::Funding, || {
            format!("{}: it is a second initial value, or another purse's", funding.name)
        });
    }
    if source == OPERATOR {
        instructed(audit, funding, GRANT, sha256(&[&funding.id]));
    }
}

/// What a funding rests on was signed for just this.
fn instructed(audit: &mut Audit<'_>, funding: &FundingRow, why: u8, cause: [u8; 32]) {
    let name = format!("the instruction of {}", funding.name);
    let Some(signed) = instructions::parse(audit, &name, &funding.evidence) else { return };
    let said = signed.message();
    let is = (said.account.0, said.purse, said.kind as u64, said.unit.to_string(), said.amount);
    let kept = (funding.account, funding.purse, funding.kind, funding.unit.clone(), funding.amount);
    let same = is == kept && (said.why, said.cause.0) == (why, cause);
    let sides = (said.source, said.source_id) == (funding.from.holder, funding.from.id)
        && said.target == holder::UNAPPLIED
        && (said.target_id == funding.id || why == GRANT);
    audit.findings.unless(same && sides, Rule::Funding, || format!("{name} is of another credit"));
}

/// A refund takes back what its token paid, from where that stands.
fn refund(audit: &mut Audit<'_>, funding: &FundingRow) -> rusqlite::Result<()> {
    instructed(audit, funding, REFUND, funding.token);
    let sql = "
        SELECT t.account, t.shop, t.kind, t.unit, t.amount, t.outcome, t.licence, EXISTS (
            SELECT 1 FROM resolutions r WHERE r.token = t.identity) AS resolved
        FROM read_refunded t WHERE t.identity = ?1";
    let mut statement = audit.moment.connection.prepare_cached(sql)?;
    let mut rows = statement.query([funding.token])?;
    let name = &funding.name;
    let Some(row) = rows.next()? else {
        audit.findings.add(Rule::Refund, || format!("{name} gives back what no token paid"));
        return Ok(());
    };
    let paid = (row.get("account")?, uint(row, "kind")?, row.get("unit")?, uint(row, "amount")?);
    let back = (funding.account, funding.kind, funding.unit.clone(), funding.amount);
    let licence = Signed::<Licence>::parse(&row.get::<_, Vec<u8>>("licence")?);
    let number = licence.is_ok_and(|licence| licence.message().number == funding.licence);
    audit.findings.unless(paid == back && number, Rule::Refund, || {
        format!("{name} gives back otherwise than its token paid")
    });
    let settled =
        row.get::<_, bool>("resolved")? || uint(row, "outcome")? == Outcome::Settled as u64;
    let stands = match settled {
        true => Side::new(holder::SETTLED, row.get("shop")?),
        false => Side::new(holder::SUSPENSE, funding.account),
    };
    // What the card gave up is where it was, and can be settled from there.
    let returned = funding.state == 4 && funding.from.holder == holder::SUSPENSE;
    audit.findings.unless(stands == funding.from || returned, Rule::Refund, || {
        format!("{name} gives back from where its payment does not stand")
    });
    Ok(())
}

/// The value of a card goes to one that was put into its place.
fn replacement(audit: &mut Audit<'_>, funding: &FundingRow) -> rusqlite::Result<()> {
    instructed(audit, funding, REPLACE, sha256(&[&funding.id]));
    let old = funding.from.id;
    let of_card = funding.from.holder == holder::CARD && old != funding.account;
    let heir = of_card && is_heir(audit, old, funding.account)?;
    audit.findings.unless(heir, Rule::Funding, || {
        format!("{}: it takes the value of a card that this one does not replace", funding.name)
    });
    Ok(())
}
