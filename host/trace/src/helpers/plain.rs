//! Numbers, lengths, hashes: what any card's trace needs.

use super::{Arguments, Draws, Helper, HelperError, Value};
use sha2::{Digest, Sha256};

/// More bytes than this are a mistake: an APDU has at most 65,544.
const MAX_BYTES: u64 = 1 << 20;

/// The helpers of this file.
pub(super) const ALL: &[Helper] = &[
    Helper::new("u8", "(number)", "one byte", (1, 1), |a, _| integer(a, 1)),
    Helper::new("u16", "(number)", "two bytes, big-endian", (1, 1), |a, _| integer(a, 2)),
    Helper::new("u32", "(number)", "four bytes, big-endian", (1, 1), |a, _| integer(a, 4)),
    Helper::new("u64", "(number)", "eight bytes, big-endian", (1, 1), |a, _| integer(a, 8)),
    Helper::new("number", "(bytes)", "the number that one to eight bytes are", (1, 1), |a, _| {
        a.number(0).map(Value::Number)
    }),
    Helper::new("add", "(number, number)", "their sum", (2, 2), |a, _| {
        sum(a.number(0)?.checked_add(a.number(1)?))
    }),
    Helper::new("len", "(bytes)", "how many there are, as a number", (1, 1), |a, _| {
        Ok(Value::Number(a.bytes(0)?.len() as u64))
    }),
    Helper::new("fill", "(byte, count)", "one byte so many times", (2, 2), fill),
    Helper::new("random", "(count)", "bytes drawn from the run's seed", (1, 1), random),
    Helper::new(
        "sha256",
        "(bytes, ...)",
        "the SHA-256 of all of them, joined",
        (1, super::MANY),
        sha256,
    ),
];

fn integer(given: &Arguments, bytes: usize) -> Result<Value, HelperError> {
    let number = given.number(0)?;
    let all = number.to_be_bytes();
    let (high, low) = all.split_at(all.len() - bytes);
    if high.iter().any(|byte| *byte != 0) {
        return Err(HelperError(format!("{number} does not fit {bytes} bytes")));
    }
    Ok(Value::Bytes(low.to_vec()))
}

fn sum(sum: Option<u64>) -> Result<Value, HelperError> {
    sum.map(Value::Number).ok_or_else(|| HelperError("the sum is more than eight bytes".into()))
}

fn count(given: &Arguments, at: usize) -> Result<usize, HelperError> {
    match given.number(at)? {
        count @ 0..=MAX_BYTES => Ok(count as usize),
        count => Err(HelperError(format!("{count} bytes are too many; at most {MAX_BYTES}"))),
    }
}

fn fill(given: &Arguments, _: &mut Draws) -> Result<Value, HelperError> {
    Ok(Value::Bytes(given.bytes(0)?.repeat(count(given, 1)?)))
}

fn random(given: &Arguments, draws: &mut Draws) -> Result<Value, HelperError> {
    Ok(Value::Bytes(draws.bytes(count(given, 0)?)))
}

fn sha256(given: &Arguments, _: &mut Draws) -> Result<Value, HelperError> {
    let mut hash = Sha256::new();
    for at in 0..given.plain.len() {
        hash.update(given.bytes(at)?);
    }
    Ok(Value::Bytes(hash.finalize().to_vec()))
}
