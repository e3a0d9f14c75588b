//! What the center decided itself: signed by its credit key, and possible.
//!
//! | why | from | to | rests on |
//! |---|---|---|---|
//! | 1 settle | suspense of an account | settled, of a shop | a token in suspense, once |
//! | 2 pay out | settled, of a shop, or a closed card | redeemed | a reference, or a Closing |
//!
//! A grant, a replacement and a refund move nothing by themselves: the credit that they allow does.

use saifu_wire::certificate::Role;
use saifu_wire::signed::{Message, Outcome, Receipt, Signed};
use saifu_wire::value::{Kind, Unit};
use saifu_wire::{AccountId, CenterId, Digest, layout};

use super::Audit;
use super::finding::Rule;
use super::moment::{Booking, Side, holder, uint};
use crate::crypto::{identity, sha256};

layout! {
    /// An instruction, as it is signed.
    pub(super) struct Instruction {
        /// The center.
        center: CenterId,
        /// The sequence number of the credit key that signs.
        signer: u32,
        /// Why, by its code.
        why: u8,
        /// The kind of value.
        kind: Kind,
        /// The unit.
        unit: Unit,
        /// The amount.
        amount: u64,
        /// Who gives, by the code of the books.
        source: u8,
        /// Whose account of the books that is.
        source_id: [u8; 16],
        /// Who gets.
        target: u8,
        /// Whose account of the books that is.
        target_id: [u8; 16],
        /// The account of the card that it concerns.
        account: AccountId,
        /// The purse that it concerns.
        purse: u32,
        /// The identity of what it rests on.
        cause: Digest,
        /// When.
        time: u64,
    }
}

impl Message for Instruction {
    const TAG: [u8; 4] = *b"SINS";
}

const SETTLE: u8 = 1;
const PAY_OUT: u8 = 2;
const GRANT: u8 = 3;

/// Judges all instructions and asks the ledger for what they move.
pub(super) fn read(audit: &mut Audit<'_>) -> rusqlite::Result<()> {
    let moment = audit.moment;
    let mut statement = moment.connection.prepare("SELECT * FROM instructions")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let (id, bytes): ([u8; 32], Vec<u8>) = (row.get("identity")?, row.get("signed")?);
        let name = format!("instruction {}", hex::encode(&id[..8]));
        let Some(signed) = parse(audit, &name, &bytes) else { continue };
        let said = signed.message();
        let kept = (uint(row, "why")?, uint(row, "kind")?, row.get("unit")?, uint(row, "amount")?);
        let is = (u64::from(said.why), said.kind as u64, said.unit.to_string(), said.amount);
        let same = identity(&signed).0 == id && kept == is;
        audit.findings.unless(same, Rule::Row, || format!("{name}: its row says other than it"));
        let entry = match said.why {
            SETTLE => settled(audit, &name, said)?,
            PAY_OUT => paid_out(audit, &name, said, id)?,
            _ => continue,
        };
        book(audit, said, id, entry)?;
    }
    Ok(())
}

/// Reads an instruction; what is wrong with its signature is a finding.
fn parse(audit: &mut Audit<'_>, name: &str, bytes: &[u8]) -> Option<Signed<Instruction>> {
    let Ok(signed) = Signed::<Instruction>::parse(bytes) else {
        audit.findings.add(Rule::Instruction, || format!("{name} is none"));
        return None;
    };
    let said = signed.message();
    let good =
        said.center == audit.keys.center && audit.keys.signed(Role::Credit, said.signer, &signed);
    audit.findings.unless(good, Rule::Signature, || {
        format!("{name} is not signed by the center's credit key")
    });
    Some(signed)
}

/// A payment is settled out of suspense once, to the shop that it paid; gives the entry that its
/// second receipt names.
fn settled(audit: &mut Audit<'_>, name: &str, said: &Instruction) -> rusqlite::Result<Option<u64>> {
    let sql = "
        SELECT t.account, t.shop, t.kind, t.unit, t.amount, t.outcome, t.order_id, r.receipt
        FROM tokens t LEFT JOIN resolutions r ON r.token = t.identity WHERE t.identity = ?1";
    let moment = audit.moment;
    let mut statement = moment.connection.prepare_cached(sql)?;
    let mut rows = statement.query([said.cause.0])?;
    let Some(row) = rows.next()? else {
        audit.findings.add(Rule::Instruction, || format!("{name} settles no token that is kept"));
        return Ok(None);
    };
    let paid: ([u8; 16], [u8; 16]) = (row.get("account")?, row.get("shop")?);
    let value = (uint(row, "kind")?, row.get("unit")?, uint(row, "amount")?);
    let suspended = uint(row, "outcome")? == Outcome::Suspense as u64;
    let same = (said.source_id, said.target_id) == paid
        && (said.source, said.target) == (holder::SUSPENSE, holder::SETTLED)
        && (said.kind as u64, said.unit.to_string(), said.amount) == value;
    let first = moment.once("resolved", &said.cause.0)?;
    audit.findings.unless(suspended && same && first, Rule::Instruction, || {
        format!("{name} settles token {} otherwise than it paid, or again", said.cause)
    });
    let order: [u8; 16] = row.get("order_id")?;
    let once = moment.once("settled order", &order)?;
    audit.findings.unless(once, Rule::Order, || {
        format!("{name}: the order {} is settled by another token too", hex::encode(order))
    });
    Ok(receipt(audit, name, said, row.get("receipt")?))
}

/// The entry of the second receipt, if that is good.
fn receipt(
    audit: &mut Audit<'_>,
    name: &str,
    said: &Instruction,
    bytes: Option<Vec<u8>>,
) -> Option<u64> {
    let signed = Signed::<Receipt>::parse(&bytes.unwrap_or_default());
    let good = signed.as_ref().is_ok_and(|signed| {
        let receipt = signed.message();
        let is = (receipt.center, receipt.token, receipt.account, receipt.outcome);
        is == (audit.keys.center, said.cause, said.account, Outcome::Settled)
            && audit.keys.signed(Role::Receipt, receipt.signer, signed)
    });
    audit.findings.unless(good, Rule::Receipt, || {
        format!("{name}: the second receipt of token {} is missing or not good", said.cause)
    });
    signed.ok().map(|signed| signed.message().entry)
}

/// A payout names its shop on both sides, and stands in the list of payouts; or a closed card.
fn paid_out(
    audit: &mut Audit<'_>,
    name: &str,
    said: &Instruction,
    id: [u8; 32],
) -> rusqlite::Result<Option<u64>> {
    let of_card = said.source == holder::CARD;
    let sides = (of_card || said.source == holder::SETTLED) && said.target == holder::REDEEMED;
    let good = sides && said.source_id == said.target_id && said.amount > 0;
    audit.findings.unless(good, Rule::Instruction, || {
        format!("{name} pays out otherwise than to a shop or the holder of a closed card")
    });
    if of_card {
        audit.take_off_card(said.kind as u8, &said.unit.to_string(), i128::from(said.amount));
        return Ok(None);
    }
    let sql = "SELECT entry, shop, reference FROM payouts WHERE instruction = ?1";
    let mut statement = audit.moment.connection.prepare_cached(sql)?;
    let mut rows = statement.query([id])?;
    let Some(row) = rows.next()? else {
        audit.findings.add(Rule::Instruction, || format!("{name}: its payout is not kept"));
        return Ok(None);
    };
    let (shop, reference): ([u8; 16], String) = (row.get("shop")?, row.get("reference")?);
    let same = shop == said.source_id && sha256(&[reference.as_bytes()]) == said.cause.0;
    audit
        .findings
        .unless(same, Rule::Row, || format!("{name}: its payout is of another shop or reference"));
    uint(row, "entry").map(Some)
}

fn book(
    audit: &mut Audit<'_>,
    said: &Instruction,
    id: [u8; 32],
    entry: Option<u64>,
) -> rusqlite::Result<()> {
    let known = holder::ISSUED..=holder::REDEEMED;
    if !known.contains(&said.source) || !known.contains(&said.target) {
        return Ok(());
    }
    audit.expect(&Booking {
        kind: said.kind as u8,
        unit: said.unit.to_string(),
        amount: said.amount,
        source: Side::new(said.source, said.source_id),
        target: Side::new(said.target, said.target_id),
        account: said.account.0,
        purse: said.purse,
        evidence: id,
        entry,
    })
}

/// An operator's credit rests on a signed instruction to give just that.
pub(super) fn grants(audit: &mut Audit<'_>) -> rusqlite::Result<()> {
    let sql = "SELECT * FROM fundings WHERE source = 4 AND state IN (2, 3)";
    let moment = audit.moment;
    let mut statement = moment.connection.prepare(sql)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let id: [u8; 16] = row.get("id")?;
        let name = format!("the grant of funding {}", hex::encode(id));
        let bytes: Vec<u8> = row.get("evidence")?;
        let Some(signed) = parse(audit, &name, &bytes) else { continue };
        let said = signed.message();
        let account: [u8; 16] = row.get("account")?;
        let kept = (account, row.get("purse")?, uint(row, "kind")?, row.get("unit")?);
        let is = (said.account.0, said.purse, said.kind as u64, said.unit.to_string());
        let same = said.why == GRANT
            && is == kept
            && said.amount == uint(row, "amount")?
            && said.cause.0 == sha256(&[&id]);
        audit.findings.unless(same, Rule::Funding, || format!("{name} is of another credit"));
    }
    Ok(())
}
