//! Payments: each token against its licence and its receipt (§8, §9.2 to §9.4).
//!
//! The payload is proved by the token itself: `SHA-256(label ‖ payload)` is the commitment that
//! the card signed, so that no private key is needed to check what was paid.

use rusqlite::{OptionalExtension, Row};
use saifu_wire::Digest;
use saifu_wire::certificate::Role;
use saifu_wire::codec::Wire as _;
use saifu_wire::signed::{
    LABEL_PAYLOAD, Licence, Outcome, PaymentOrder, Receipt, Signed, Token, TokenPayload,
};
use saifu_wire::value::{Price, PurseTerms, ScopeKind};

use super::Audit;
use super::finding::Rule;
use super::keys::CardKeys;
use super::moment::{Booking, Side, holder, uint};
use crate::crypto::{identity, sha256};

/// A booked token, as its row says.
pub(super) struct TokenRow {
    entry: u64,
    account: [u8; 16],
    order: [u8; 16],
    shop: [u8; 16],
    kind: u64,
    unit: String,
    amount: u64,
    licence: Vec<u8>,
    outcome: u64,
    receipt: Vec<u8>,
    payload: Vec<u8>,
    booked: u64,
    purse: u32,
    balance: u64,
}

/// A token with what it stands in.
pub(super) struct Payment<'a> {
    /// Where it is, in words.
    pub(super) name: &'a str,
    pub(super) token: &'a Signed<Token>,
    pub(super) card: &'a CardKeys,
    pub(super) row: &'a TokenRow,
}

/// What a token paid.
pub(super) struct Paid {
    pub(super) purse: u32,
    pub(super) amount: u64,
    pub(super) balance: u64,
    pub(super) licence: Digest,
    /// Whether its licence asks for a hold first.
    pub(super) decrypt_first: bool,
    /// Whether the center does not remember its order.
    pub(super) forgotten: bool,
}

impl TokenRow {
    /// Reads the columns that a link has where it is a booked token.
    pub(super) fn of(row: &Row<'_>) -> rusqlite::Result<Option<Self>> {
        if row.get::<_, Option<i64>>("entry")?.is_none() {
            return Ok(None);
        }
        Ok(Some(Self {
            entry: uint(row, "entry")?,
            account: row.get("token_account")?,
            order: row.get("order_id")?,
            shop: row.get("shop")?,
            kind: uint(row, "kind")?,
            unit: row.get("unit")?,
            amount: uint(row, "amount")?,
            licence: row.get("licence")?,
            outcome: uint(row, "outcome")?,
            receipt: row.get("receipt")?,
            payload: row.get("payload")?,
            booked: uint(row, "booked")?,
            purse: row.get("purse")?,
            balance: uint(row, "balance")?,
        }))
    }
}

/// Judges a payment and asks the ledger for it; none where it cannot be read.
pub(super) fn judge<'p>(
    payment: &Payment<'_>,
    purse: impl Fn(u32) -> Option<&'p PurseTerms>,
    audit: &mut Audit<'_>,
) -> rusqlite::Result<Option<Paid>> {
    let Payment { name, row, .. } = payment;
    let Some(paid) = payload(payment, audit) else { return Ok(None) };
    let same = [
        ("the account", row.account == payment.token.message().account.0),
        ("the order", row.order == paid.order.0),
        ("the shop", row.shop == paid.shop.0),
        ("the kind", row.kind == paid.kind as u64),
        ("the unit", row.unit == paid.unit.as_str()),
        ("the amount", row.amount == paid.amount),
        ("the purse", row.purse == paid.purse),
        ("the balance", row.balance == paid.balance),
    ];
    tell(audit, Rule::Row, (name, "the row of the token and the token differ in"), &same);
    let licence = licence(payment, &paid, audit);
    if let Some(licence) = &licence {
        tell(
            audit,
            Rule::Licence,
            (name, "token and licence differ in"),
            &agreed(payment, &paid, licence, purse(paid.purse)),
        );
    }
    receipt(payment, audit);
    let forgotten = order(payment, &paid, audit)?;
    book(payment, &paid, audit)?;
    let decrypt_first = licence.is_some_and(|of| of.payment == PaymentOrder::DecryptFirst);
    let TokenPayload { purse, amount, balance, licence_identity: licence, .. } = paid;
    Ok(Some(Paid { purse, amount, balance, licence, decrypt_first, forgotten }))
}

/// What was paid, if the card committed itself to just that.
fn payload(payment: &Payment<'_>, audit: &mut Audit<'_>) -> Option<TokenPayload> {
    let Payment { name, row, token, .. } = payment;
    if row.payload.is_empty() {
        audit.payloads_unseen = audit.payloads_unseen.saturating_add(1);
        let paid = unseen(row);
        audit.findings.unless(paid.is_some(), Rule::Row, || {
            format!("{name}: what its row says was paid is no price of its licence")
        });
        return paid;
    }
    let committed = sha256(&[LABEL_PAYLOAD, &row.payload]) == token.message().commitment.0;
    let paid = TokenPayload::from_bytes(&row.payload).ok().filter(|_| committed);
    audit.findings.unless(paid.is_some(), Rule::Payload, || {
        format!("{name}: the payload that is kept is not the one that the card committed itself to")
    });
    paid
}

/// What the row says was paid, where the payload is not kept: the rest is its licence's.
fn unseen(row: &TokenRow) -> Option<TokenPayload> {
    let signed = Signed::<Licence>::parse(&row.licence).ok()?;
    let licence = signed.message();
    let paid = |price: &Price| {
        (price.kind as u64, price.unit.as_str(), price.amount)
            == (row.kind, row.unit.as_str(), row.amount)
    };
    let index = licence.prices.0.iter().position(paid)?;
    let price = licence.prices.0.get(index)?;
    Some(TokenPayload {
        licence: licence.number,
        licence_identity: identity(&signed),
        order: licence.order,
        shop: licence.shop,
        content: licence.content,
        content_version: licence.content_version,
        price_index: u8::try_from(index).ok()?,
        purse: row.purse,
        kind: price.kind,
        unit: price.unit,
        amount: price.amount,
        balance: row.balance,
        blinding: [0; 32],
    })
}

/// The licence that was paid, if the center has signed it.
fn licence(payment: &Payment<'_>, paid: &TokenPayload, audit: &mut Audit<'_>) -> Option<Licence> {
    let Payment { name, row, .. } = payment;
    let Ok(signed) = Signed::<Licence>::parse(&row.licence) else {
        audit.findings.add(Rule::Licence, || format!("{name}: the licence that it paid is none"));
        return None;
    };
    let said = signed.message();
    let good =
        said.center == audit.keys.center && audit.keys.signed(Role::Licence, said.signer, &signed);
    audit.findings.unless(good, Rule::Signature, || {
        format!("{name}: its licence is not signed by the center's licence key")
    });
    audit.findings.unless(paid.licence_identity == identity(&signed), Rule::Licence, || {
        format!("{name}: the token pays another licence than the one that is kept with it")
    });
    Some(said.clone())
}

type Agreed<const N: usize> = [(&'static str, bool); N];

fn agreed(
    payment: &Payment<'_>,
    paid: &TokenPayload,
    licence: &Licence,
    purse: Option<&PurseTerms>,
) -> Agreed<10> {
    let (card, token) = (payment.card, payment.token.message());
    let price = licence.prices.0.get(usize::from(paid.price_index));
    let asked = price.map(|price| (price.kind, price.unit, price.amount));
    let held = purse.map(|purse| (purse.kind, purse.unit));
    let bound = price
        .zip(purse)
        .is_some_and(|(price, purse)| price.scope == ScopeKind::Any || price.scope == purse.scope);
    let serves = purse.is_some_and(|purse| match purse.scope {
        ScopeKind::Any => true,
        ScopeKind::Shop => purse.scope_id == paid.shop.0,
        ScopeKind::Work => purse.scope_id == paid.content.0,
    });
    let whole = purse.is_some_and(|of| of.face_amount == 0 || of.face_amount == paid.amount);
    let work = (licence.content, licence.content_version);
    [
        ("the licence's number", paid.licence == licence.number),
        ("the card", licence.card.0 == card.id && licence.card_key == card.encryption),
        ("the payment key", token.center_key == licence.center_key),
        ("the order", paid.order == licence.order),
        ("the shop", paid.shop == licence.shop),
        ("the work", (paid.content, paid.content_version) == work),
        ("the price", asked == Some((paid.kind, paid.unit, paid.amount))),
        ("the purse's kind and unit", held == Some((paid.kind, paid.unit))),
        ("the purse's scope", bound && serves),
        ("the purse's face amount", whole),
    ]
}

fn receipt(payment: &Payment<'_>, audit: &mut Audit<'_>) {
    let Payment { name, row, token, .. } = payment;
    let Ok(signed) = Signed::<Receipt>::parse(&row.receipt) else {
        audit.findings.add(Rule::Receipt, || format!("{name}: its receipt is none"));
        return;
    };
    let said = signed.message();
    let good =
        said.center == audit.keys.center && audit.keys.signed(Role::Receipt, said.signer, &signed);
    audit.findings.unless(good, Rule::Signature, || {
        format!("{name}: its receipt is not signed by the center's receipt key")
    });
    let same = [
        ("the account", said.account == token.message().account),
        ("the token", said.token == identity(token)),
        ("the number", said.counter == token.message().counter),
        ("the outcome", said.outcome as u64 == row.outcome),
        ("the entry", said.entry == row.entry),
        ("the time", said.time == row.booked),
    ];
    tell(audit, Rule::Receipt, (name, "the receipt and what was booked differ in"), &same);
}

/// An order is settled once, with the licence that was given out for it; says whether the center
/// does not remember it.
fn order(
    payment: &Payment<'_>,
    paid: &TokenPayload,
    audit: &mut Audit<'_>,
) -> rusqlite::Result<bool> {
    let name = payment.name;
    let sql = "SELECT licence FROM orders WHERE id = ?1";
    let mut statement = audit.moment.connection.prepare_cached(sql)?;
    let placed = statement.query_row([paid.order.0], |row| row.get::<_, Vec<u8>>(0)).optional()?;
    if payment.row.outcome != Outcome::Settled as u64 {
        return Ok(placed.is_none());
    }
    let first = audit.moment.once("settled order", &paid.order.0)?;
    audit.findings.unless(first, Rule::Order, || {
        format!("{name}: the order {} is settled by another token too", paid.order)
    });
    let Some(placed) = placed else {
        audit.forgotten_orders = audit.forgotten_orders.saturating_add(1);
        return Ok(true);
    };
    let placed = Signed::<Licence>::parse(&placed);
    let same = placed.is_ok_and(|placed| identity(&placed) == paid.licence_identity);
    audit.findings.unless(same, Rule::Order, || {
        format!("{name}: the order {} was placed with another licence", paid.order)
    });
    Ok(false)
}

fn book(payment: &Payment<'_>, paid: &TokenPayload, audit: &mut Audit<'_>) -> rusqlite::Result<()> {
    let account = payment.token.message().account.0;
    // The receipt's word is the signed one; that the row says the same is judged apart.
    let receipt = Signed::<Receipt>::parse(&payment.row.receipt).ok();
    let receipt = receipt.as_ref().map(Signed::message);
    let target = match receipt.map(|receipt| receipt.outcome) {
        Some(Outcome::Settled) => Side::new(holder::SETTLED, paid.shop.0),
        _ => Side::new(holder::SUSPENSE, account),
    };
    audit.expect(&Booking {
        kind: paid.kind as u8,
        unit: paid.unit.to_string(),
        amount: paid.amount,
        source: Side::new(holder::CARD, account),
        target,
        account,
        purse: paid.purse,
        evidence: identity(payment.token).0,
        entry: Some(payment.row.entry),
        time: receipt.map(|receipt| receipt.time),
    })
}

/// Names the first thing that does not agree.
fn tell(audit: &mut Audit<'_>, rule: Rule, (name, what): (&str, &str), same: &[(&str, bool)]) {
    if let Some((which, _)) = same.iter().find(|(_, agrees)| !agrees) {
        audit.findings.add(rule, || format!("{name}: {what} {which}"));
    }
}
