//! A test issuer: orders of its administration (§12), and what personalisation needs (§14).

use super::center::{card, nonce, scalar, with_key};
use super::scp03::{Opening, StaticKeys};
use super::{Arguments, Draws, Helper, HelperError, Value};
use saifu_wire::certificate::Role;
use saifu_wire::codec::Wire;
use saifu_wire::signed::{TerminateOrder, UnblockOrder};
use saifu_wire::test_root;

/// The helpers of this file.
pub(super) const ALL: &[Helper] = &[
    Helper::new(
        "unblock_order",
        "(card=, sequence=, signer=1, administration=)",
        "a signed unblock order (§12.1)",
        (0, 0),
        unblock,
    )
    .names(&["card", "sequence", "signer", "administration"]),
    Helper::new(
        "terminate_order",
        "(card=, nonce=, erase=0, signer=1, administration=)",
        "a signed terminate order (§12.2); erase=1 has `Km` erased",
        (0, 0),
        terminate,
    )
    .names(&["card", "nonce", "erase", "signer", "administration"]),
    Helper::new(
        "test_root",
        "()",
        "what DF21 holds for the published test root (§14.6, §14.8): its name and point",
        (0, 0),
        |_, _| {
            let root = test_root::pinned();
            let root = root.ok_or_else(|| HelperError("the test root has no name".into()))?;
            Ok(Value::Bytes(root.to_bytes()))
        },
    ),
    Helper::new(
        "scp03_keys",
        "(card=, version=1)",
        "ENC, MAC and DEK of a test card (§14.1), one after the other",
        (0, 0),
        |a, _| Ok(Value::Bytes(keys_of(a)?.bytes().to_vec())),
    )
    .names(&["card", "version"]),
    Helper::new(
        "scp03_authenticate",
        "(answer, challenge=, card= or keys=, version=1, level=0x33)",
        "the command EXTERNAL AUTHENTICATE, from the data of the answer to INITIALIZE UPDATE and \
         the challenge sent there: for who opens a channel by hand, without `scp03 open`",
        (1, 1),
        authenticate,
    )
    .names(&["challenge", "card", "keys", "version", "level"]),
];

fn administration(given: &Arguments) -> Result<[u8; 32], HelperError> {
    let holder = given.array("administration", test_root::ADMINISTRATION_ID)?;
    Ok(scalar(&holder, Role::Administration, given.small("signer", 1)?))
}

fn unblock(given: &Arguments, _: &mut Draws) -> Result<Value, HelperError> {
    let order = UnblockOrder {
        signer: given.small("signer", 1)?,
        card: card(given)?,
        sequence: given.count("sequence", 1)?,
    };
    with_key(&administration(given)?, order)
}

fn terminate(given: &Arguments, _: &mut Draws) -> Result<Value, HelperError> {
    let order = TerminateOrder {
        signer: given.small("signer", 1)?,
        card: card(given)?,
        nonce: nonce(given)?,
        erase: given.count("erase", 0)? != 0,
    };
    with_key(&administration(given)?, order)
}

fn byte(given: &Arguments, name: &str, otherwise: u8) -> Result<u8, HelperError> {
    let value = given.count(name, u64::from(otherwise))?;
    u8::try_from(value).map_err(|_| HelperError(format!("{name}={value} is more than a byte")))
}

fn keys_of(given: &Arguments) -> Result<StaticKeys, HelperError> {
    match given.given("keys")? {
        Some(keys) => StaticKeys::new(&keys),
        None => StaticKeys::of_test_card(&card(given)?.0, byte(given, "version", 1)?),
    }
}

fn authenticate(given: &Arguments, _: &mut Draws) -> Result<Value, HelperError> {
    let (version, level) = (byte(given, "version", 1)?, byte(given, "level", 0x33)?);
    let opening = Opening::new(keys_of(given)?, version, level, given.needed_array("challenge")?);
    opening.authenticate(&given.bytes(0)?).map(|(command, _)| Value::Bytes(command))
}

#[cfg(test)]
mod tests;
