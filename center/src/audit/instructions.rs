//! What the center decided itself: signed by its credit key, and possible.
//!
//! | why | from | to | rests on |
//! |---|---|---|---|
//! | 1 settle | suspense of an account | settled, of a shop | a token in suspense, once |
//! | 2 pay out | settled, of a shop, or a closed card | redeemed | a reference, a Closing or a replacement |
//!
//! A grant, a replacement and a refund move nothing by themselves: the credit that they allow does,
//! and they are kept with its funding.

use rusqlite::OptionalExtension;
use saifu_wire::certificate::Role;
use saifu_wire::signed::{Closing, ClosingPurse, Message, Outcome, Receipt, Signed};
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
pub(super) const GRANT: u8 = 3;
pub(super) const REPLACE: u8 = 4;
pub(super) const REFUND: u8 = 5;

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
            SETTLE => settled(audit, &name, said, id)?,
            PAY_OUT => paid_out(audit, &name, said, id)?,
            _ => {
                audit.findings.add(Rule::Instruction, || format!("{name} moves nothing by itself"));
                continue;
            }
        };
        book(audit, said, id, entry)?;
    }
    Ok(())
}

/// Reads an instruction; what is wrong with its signature is a finding.
pub(super) fn parse(
    audit: &mut Audit<'_>,
    name: &str,
    bytes: &[u8],
) -> Option<Signed<Instruction>> {
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
fn settled(
    audit: &mut Audit<'_>,
    name: &str,
    said: &Instruction,
    id: [u8; 32],
) -> rusqlite::Result<Option<u64>> {
    let sql = "
        SELECT t.account, t.shop, t.kind, t.unit, t.amount, t.outcome, t.order_id, r.receipt,
            r.instruction, r.order_id AS resolved_order
        FROM read_tokens t LEFT JOIN resolutions r ON r.token = t.identity
        WHERE t.identity = ?1 AND t.outcome = 2";
    let moment = audit.moment;
    let mut statement = moment.connection.prepare_cached(sql)?;
    let mut rows = statement.query([said.cause.0])?;
    let Some(row) = rows.next()? else {
        audit
            .findings
            .add(Rule::Instruction, || format!("{name} settles no token that is in suspense"));
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
    let kept = (row.get("instruction")?, row.get("resolved_order")?);
    audit.findings.unless(kept == (Some(id), Some(order)), Rule::Row, || {
        format!("{name}: what is kept of it is of another instruction or order")
    });
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

/// A payout takes from a shop, or from a closed card, and is kept in the list of payouts.
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
        return closed_card(audit, name, said, id);
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

/// The holder of a closed card is paid, once, what its Closing says that a purse had.
fn closed_card(
    audit: &mut Audit<'_>,
    name: &str,
    said: &Instruction,
    id: [u8; 32],
) -> rusqlite::Result<Option<u64>> {
    audit.take_off_card(said.kind as u8, &said.unit.to_string(), i128::from(said.amount));
    let moment = audit.moment;
    let sql = "SELECT closing FROM closings WHERE account = ?1";
    let mut statement = moment.connection.prepare_cached(sql)?;
    let closing = statement.query_row([said.account.0], |row| row.get::<_, Vec<u8>>(0));
    let closing = Signed::<Closing>::parse(&closing.optional()?.unwrap_or_default());
    let had = closing.is_ok_and(|closing| {
        let of_purse = |purse: &&ClosingPurse| {
            (purse.purse, purse.kind, purse.unit, purse.balance)
                == (said.purse, said.kind, said.unit, said.amount)
        };
        identity(&closing) == said.cause && closing.message().purses.0.iter().any(|p| of_purse(&p))
    });
    let had = had || left_behind(audit, said)?;
    let of = [&said.account.0[..], &said.purse.to_be_bytes()].concat();
    let first = moment.once("closed purse", &of)?;
    audit.findings.unless(
        had && first && said.source_id == said.account.0,
        Rule::Instruction,
        || format!("{name} pays out what no Closing says that the card had, nor a replacement left, or again"),
    );
    let sql = "SELECT entry, account, purse FROM card_payouts WHERE instruction = ?1";
    let mut statement = moment.connection.prepare_cached(sql)?;
    let mut rows = statement.query([id])?;
    let Some(row) = rows.next()? else {
        audit.findings.add(Rule::Instruction, || format!("{name}: its payout is not kept"));
        return Ok(None);
    };
    let same = (row.get("account")?, row.get("purse")?) == (said.account.0, said.purse);
    audit
        .findings
        .unless(same, Rule::Row, || format!("{name}: its payout is of another account or purse"));
    uint(row, "entry").map(Some)
}

/// Whether a replaced card's holder is paid for a purse of which nothing went to the new card, once
/// its value was due.
fn left_behind(audit: &Audit<'_>, said: &Instruction) -> rusqlite::Result<bool> {
    let sql = "
        SELECT EXISTS (SELECT 1 FROM replacements WHERE old = ?1 AND due <= ?2) AND NOT EXISTS (
            SELECT 1 FROM fundings WHERE source = 6 AND reference = ?3)";
    let reference = format!("{}/{}/0", said.account, said.purse);
    let time = i64::try_from(said.time).unwrap_or(i64::MAX);
    let mut statement = audit.moment.connection.prepare_cached(sql)?;
    let left: bool = statement.query_row((said.account.0, time, reference), |row| row.get(0))?;
    Ok(left && said.cause.0 == sha256(&[b"replaced card", &said.account.0]))
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
        time: Some(said.time),
    })
}
