//! Numbers, lengths, hashes: what any card's trace needs.

use super::{Arguments, Helper, HelperError, Value};
use sha2::{Digest, Sha256};

/// The helpers of this file.
pub(super) const ALL: &[Helper] = &[
    Helper {
        name: "u8",
        takes: "(number)",
        gives: "one byte",
        plain: (1, 1),
        named: &[],
        run: |a, _| integer(a, 1),
    },
    Helper {
        name: "u16",
        takes: "(number)",
        gives: "two bytes, big-endian",
        plain: (1, 1),
        named: &[],
        run: |a, _| integer(a, 2),
    },
    Helper {
        name: "u32",
        takes: "(number)",
        gives: "four bytes, big-endian",
        plain: (1, 1),
        named: &[],
        run: |a, _| integer(a, 4),
    },
    Helper {
        name: "u64",
        takes: "(number)",
        gives: "eight bytes, big-endian",
        plain: (1, 1),
        named: &[],
        run: |a, _| integer(a, 8),
    },
    Helper {
        name: "sha256",
        takes: "(bytes)",
        gives: "their SHA-256",
        plain: (1, 1),
        named: &[],
        run: |a, _| sha256(a),
    },
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

fn sha256(given: &Arguments) -> Result<Value, HelperError> {
    Ok(Value::Bytes(Sha256::digest(given.bytes(0)?).to_vec()))
}
