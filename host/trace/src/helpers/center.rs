//! A test center: keys and certificates under the published test root (§14.8), and what it signs
//! apart from licences (§9.4, §10.1, §11.2, §12.3).
//!
//! Its id is sixteen times one byte, `C1` unless said otherwise; its keys are those of annex B.1:
//! SHA-256(`saifu test key` ‖ center ‖ role ‖ sequence), and one RSA key for all.

mod certificate;
pub(super) mod payment;

use super::given::chosen;
use super::{Arguments, Draws, Helper, HelperError, Value, keys};
use saifu_wire::certificate::Role;
use saifu_wire::codec::{List, Reader, Wire};
use saifu_wire::signed::{Credit, Message, Opening, Outcome, Receipt, Signed, TimeOrder, Token};
use saifu_wire::value::{Kind, PurseTerms, ScopeKind, Unit};
use saifu_wire::{AccountId, CardId, CenterId, Digest, LoadId, Nonce, test_root};
use std::convert::Infallible;

/// When everything is signed unless said otherwise: 22 November 2026, 00:00 UTC.
pub(super) const TIME: u64 = 1_795_305_600;

/// The helpers of this file.
pub(super) const ALL: &[Helper] = &[
    Helper::new(
        "certificate",
        "(role, center= or card=, sequence=1, retires=0, key=, class=test, from=\"260101\", \
         until=\"461231\", authority=, holder=, root=)",
        "body and signature of a certificate (§7) under the test root, as PSO: VERIFY CERTIFICATE \
         carries it; role: licence, credit, receipt, payment, administration, card_signature, \
         card_encryption",
        (1, 1),
        certificate::run,
    )
    .names(certificate::NAMES),
    Helper::new(
        "purse",
        "(number, kind=bit_cash, unit=\"JPY\", scope=any, scope_id=, face=0, most=1000000, until=0)",
        "the terms of a purse (§4.2); kind: bit_cash, cyber_coin, coupon, ticket, cheque, \
         credit_card; scope: any, shop, work",
        (1, 1),
        purse,
    )
    .names(&["kind", "unit", "scope", "scope_id", "face", "most", "until"]),
    Helper::new(
        "opening",
        "(card=, purses=bytes, sequence=0, account=, center=, signer=1, time=)",
        "a signed Opening (§10.1)",
        (0, 0),
        opening,
    )
    .names(&["card", "purses", "sequence", "account", "center", "signer", "time"]),
    Helper::new(
        "credit",
        "(card=, sequence=, amount=, purse=1, kind=bit_cash, unit=\"JPY\", load=, token=, \
         licence=0, account=, center=, signer=1, time=)",
        "a signed Credit (§11.2); with token= (an identity) and licence= a refund",
        (0, 0),
        credit,
    )
    .names(&[
        "card", "sequence", "amount", "purse", "kind", "unit", "load", "token", "licence",
        "account", "center", "signer", "time",
    ]),
    Helper::new(
        "receipt",
        "(token, outcome=settled, entry=1, account=, center=, signer=1, time=)",
        "a signed Receipt (§9.4) for a token; outcome: settled, suspense",
        (1, 1),
        receipt,
    )
    .names(&["outcome", "entry", "account", "center", "signer", "time"]),
    Helper::new(
        "time_order",
        "(card=, nonce=, time=, center=, signer=1)",
        "a signed TimeOrder (§12.3)",
        (0, 0),
        time_order,
    )
    .names(&["card", "nonce", "time", "center", "signer"]),
    Helper::new(
        "sign",
        "(bytes, role, center=, sequence=1)",
        "the bytes with the signature behind them of this key of a test center, or of the test \
         administration",
        (2, 2),
        sign_any,
    )
    .names(&["center", "sequence"]),
];

/// The names of the roles.
pub(super) const ROLES: &[(&str, Role)] = &[
    ("licence", Role::Licence),
    ("credit", Role::Credit),
    ("receipt", Role::Receipt),
    ("payment", Role::Payment),
    ("administration", Role::Administration),
    ("card_signature", Role::CardSignature),
    ("card_encryption", Role::CardEncryption),
];

/// The names of the kinds (§4.1).
pub(super) const KINDS: &[(&str, Kind)] = &[
    ("bit_cash", Kind::BitCash),
    ("cyber_coin", Kind::CyberCoin),
    ("coupon", Kind::Coupon),
    ("ticket", Kind::Ticket),
    ("cheque", Kind::Cheque),
    ("credit_card", Kind::CreditCard),
];

/// The names of the scopes (§4.2).
pub(super) const SCOPES: &[(&str, ScopeKind)] =
    &[("any", ScopeKind::Any), ("shop", ScopeKind::Shop), ("work", ScopeKind::Work)];

/// The scalar of a role's key (annex B.1, §14.8).
pub(super) fn scalar(holder: &[u8; 16], role: Role, sequence: u32) -> [u8; 32] {
    let published = (&test_root::ADMINISTRATION_ID, test_root::ADMINISTRATION_SEQUENCE);
    if role == Role::Administration && (holder, sequence) == published {
        return test_root::ADMINISTRATION_PRIVATE;
    }
    keys::sha256(&[b"saifu test key", holder, &[role as u8], &sequence.to_be_bytes()])
}

pub(super) fn center(given: &Arguments) -> Result<CenterId, HelperError> {
    given.array("center", [0xC1; 16]).map(CenterId)
}

pub(super) fn card(given: &Arguments) -> Result<CardId, HelperError> {
    given.needed_array("card").map(CardId)
}

pub(super) fn nonce(given: &Arguments) -> Result<Nonce, HelperError> {
    given.needed_array("nonce").map(Nonce)
}

pub(super) fn unit(given: &Arguments) -> Result<Unit, HelperError> {
    let text = given.given("unit")?.unwrap_or_else(|| b"JPY".to_vec());
    let unit = std::str::from_utf8(&text).ok().and_then(|text| Unit::new(text).ok());
    unit.ok_or_else(|| HelperError("unit= is one to eight capitals or digits, in quotes".into()))
}

fn account(given: &Arguments) -> Result<AccountId, HelperError> {
    let own = center(given)?.0.map(|byte| byte ^ 0x6D);
    given.array("account", own).map(AccountId)
}

/// Signs a message with a key of the test center.
pub(super) fn signed<M: Message>(
    given: &Arguments,
    role: Role,
    message: M,
) -> Result<Value, HelperError> {
    let scalar = scalar(&center(given)?.0, role, given.small("signer", 1)?);
    with_key(&scalar, message)
}

/// Signs a message with this key.
pub(super) fn with_key<M: Message>(scalar: &[u8; 32], message: M) -> Result<Value, HelperError> {
    let unsigned = saifu_wire::signed::unsigned_bytes(&message);
    let signature = keys::sign(scalar, &unsigned)?;
    let Ok(signed) = Signed::sign(message, |_| Ok::<_, Infallible>(signature));
    Ok(Value::Bytes(signed.to_bytes()))
}

fn purse(given: &Arguments, _: &mut Draws) -> Result<Value, HelperError> {
    let number = given.number(0)?;
    let terms = PurseTerms {
        purse: u32::try_from(number)
            .map_err(|_| HelperError(format!("{number} is no purse's number")))?,
        kind: given.choice("kind", KINDS, Kind::BitCash)?,
        unit: unit(given)?,
        scope: given.choice("scope", SCOPES, ScopeKind::Any)?,
        scope_id: given.array("scope_id", [0; 16])?,
        face_amount: given.count("face", 0)?,
        max_balance: given.count("most", 1_000_000)?,
        not_after: given.count("until", 0)?,
    };
    Ok(Value::Bytes(terms.to_bytes()))
}

fn opening(given: &Arguments, _: &mut Draws) -> Result<Value, HelperError> {
    let bytes = given.needed("purses")?;
    let mut reader = Reader::new(&bytes);
    let mut purses = Vec::new();
    while reader.remaining() > 0 {
        purses.push(PurseTerms::read(&mut reader).map_err(|error| {
            HelperError(format!("purses= are purse(...), joined by concat: {error}"))
        })?);
    }
    if purses.len() > 16 {
        return Err(HelperError("an opening has at most 16 purses".into()));
    }
    let message = Opening {
        center: center(given)?,
        signer: given.small("signer", 1)?,
        card: card(given)?,
        account: account(given)?,
        sequence: given.small("sequence", 0)?,
        time: given.count("time", TIME)?,
        purses: List(purses),
    };
    signed(given, Role::Credit, message)
}

fn credit(given: &Arguments, _: &mut Draws) -> Result<Value, HelperError> {
    let sequence = given.count("sequence", 1)?;
    let message = Credit {
        center: center(given)?,
        signer: given.small("signer", 1)?,
        card: card(given)?,
        account: account(given)?,
        purse: given.small("purse", 1)?,
        kind: given.choice("kind", KINDS, Kind::BitCash)?,
        unit: unit(given)?,
        sequence,
        amount: given.count("amount", 0)?,
        load: LoadId(given.array("load", [sequence.to_be_bytes()[7]; 16])?),
        time: given.count("time", TIME)?,
        refunded_token: Digest(given.array("token", [0; 32])?),
        refunded_licence: given.count("licence", 0)?,
    };
    signed(given, Role::Credit, message)
}

fn receipt(given: &Arguments, _: &mut Draws) -> Result<Value, HelperError> {
    let token = Signed::<Token>::parse(&given.bytes(0)?)
        .map_err(|error| HelperError(format!("that is no token: {error}")))?;
    let outcomes = [("settled", Outcome::Settled), ("suspense", Outcome::Suspense)];
    let message = Receipt {
        center: center(given)?,
        signer: given.small("signer", 1)?,
        account: account(given)?,
        token: Digest(keys::sha256(&[token.unsigned()])),
        counter: token.message().counter,
        outcome: given.choice("outcome", &outcomes, Outcome::Settled)?,
        entry: given.count("entry", 1)?,
        time: given.count("time", TIME)?,
    };
    signed(given, Role::Receipt, message)
}

fn time_order(given: &Arguments, _: &mut Draws) -> Result<Value, HelperError> {
    let message = TimeOrder {
        center: center(given)?,
        signer: given.small("signer", 1)?,
        card: card(given)?,
        nonce: nonce(given)?,
        time: given.count("time", TIME)?,
    };
    signed(given, Role::Licence, message)
}

fn sign_any(given: &Arguments, _: &mut Draws) -> Result<Value, HelperError> {
    let role = chosen("role", given.word(1)?, ROLES)?;
    let holder = match role {
        Role::Administration => given.array("center", test_root::ADMINISTRATION_ID)?,
        _ => center(given)?.0,
    };
    let bytes = given.bytes(0)?;
    let signature = keys::sign(&scalar(&holder, role, given.small("sequence", 1)?), &bytes)?;
    Ok(Value::Bytes([&bytes[..], &signature].concat()))
}

#[cfg(test)]
mod tests;
