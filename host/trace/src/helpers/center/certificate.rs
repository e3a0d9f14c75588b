//! Certificates under the test root (§7, §14.8), right ones and others.

use super::{ROLES, payment, scalar};
use crate::helpers::given::chosen;
use crate::helpers::{Arguments, Draws, HelperError, Value, keys};
use saifu_wire::certificate::{Assurance, Body, Certificate, Date, Name, PublicKey, Role};
use saifu_wire::test_root;
use std::convert::Infallible;

/// What `certificate` takes by name.
pub(super) const NAMES: &[&str] = &[
    "center",
    "card",
    "sequence",
    "retires",
    "key",
    "class",
    "from",
    "until",
    "authority",
    "holder",
    "root",
];

const CLASSES: &[(&str, Assurance)] = &[
    ("test", Assurance::Test),
    ("software", Assurance::Software),
    ("hardware", Assurance::Hardware),
];

/// `certificate(...)`.
pub(super) fn run(given: &Arguments, _: &mut Draws) -> Result<Value, HelperError> {
    let role = chosen("role", given.word(0)?, ROLES)?;
    let holder_id = holder(given, role)?;
    let sequence = given.small("sequence", 1)?;
    let body = Body {
        authority: name(given, "authority", Name::new(test_root::ROOT_NAME).ok())?,
        key: key(given, role, &holder_id, sequence)?,
        holder: name(given, "holder", Some(Name::of_holder(&holder_id, role, sequence)))?,
        role,
        effective: day(given, "from", b"260101")?,
        expires: day(given, "until", b"461231")?,
        holder_id,
        assurance: given.choice("class", CLASSES, Assurance::Test)?,
        sequence,
        retires_below: given.small("retires", 0)?,
    };
    let root: [u8; 32] = given.array("root", test_root::ROOT_PRIVATE)?;
    let signature = keys::sign(&root, &body.to_object())?;
    let Ok(certificate) = Certificate::sign(body, |_| Ok::<_, Infallible>(signature));
    Ok(Value::Bytes(certificate.content()))
}

fn holder(given: &Arguments, role: Role) -> Result<[u8; 16], HelperError> {
    match role {
        Role::CardSignature | Role::CardEncryption => given.needed_array("card"),
        Role::Administration => given.array("center", test_root::ADMINISTRATION_ID),
        _ => given.array("center", [0xC1; 16]),
    }
}

fn key(
    given: &Arguments,
    role: Role,
    holder: &[u8; 16],
    sequence: u32,
) -> Result<PublicKey, HelperError> {
    if let Some(key) = given.given("key")? {
        let key = keys::public_keys(&key)?.into_iter().next();
        return key.ok_or_else(|| HelperError("key= holds no key".into()));
    }
    match role {
        Role::Payment => payment::key(),
        Role::CardSignature | Role::CardEncryption => {
            Err(HelperError("key= is missing: the key object that the card answered".into()))
        }
        _ => keys::point(&scalar(holder, role, sequence)).map(PublicKey::P256),
    }
}

fn name(given: &Arguments, which: &str, otherwise: Option<Name>) -> Result<Name, HelperError> {
    let wrong = || {
        HelperError(format!(
            "{which}= is a name (§7.1): a country, one to nine capitals or digits, five digits"
        ))
    };
    match given.given(which)? {
        Some(text) => Name::new(&text).map_err(|_| wrong()),
        None => otherwise.ok_or_else(wrong),
    }
}

fn day(given: &Arguments, which: &str, otherwise: &[u8; 6]) -> Result<Date, HelperError> {
    let text = given.array(which, *otherwise)?;
    let digits = text.map(|letter| letter.wrapping_sub(b'0'));
    Date::from_digits(&digits)
        .map_err(|_| HelperError(format!("{which}= is a day as \"YYMMDD\", in quotes")))
}
