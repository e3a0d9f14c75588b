//! Bytes taken apart, put together and spoiled.

use super::{Arguments, Draws, Helper, HelperError, MANY, Value};
use saifu_wire::codec::Reader;
use saifu_wire::tlv;

/// The helpers of this file.
pub(super) const ALL: &[Helper] = &[
    Helper::new("concat", "(bytes, ...)", "all of them, joined", (1, MANY), concat),
    Helper::new(
        "slice",
        "(bytes, from, count)",
        "so many from the one at this place, the first being 0; without count all that follow",
        (2, 3),
        slice,
    ),
    Helper::new("last", "(bytes, count)", "so many from the end", (2, 2), |a, _| {
        let bytes = a.bytes(0)?;
        let from = bytes.len().checked_sub(place(a, 1)?);
        from.map(|from| Value::Bytes(bytes[from..].to_vec())).ok_or_else(|| short(bytes.len()))
    }),
    Helper::new("pad", "(bytes, to)", "with zeros behind up to this length", (2, 2), pad),
    Helper::new(
        "iso_pad",
        "(bytes)",
        "80 and zeros behind, to whole blocks of 16 (ISO/IEC 9797-1 method 2)",
        (1, 1),
        |a, _| Ok(Value::Bytes(super::scp03::padded(&a.bytes(0)?))),
    ),
    Helper::new("xor", "(bytes, bytes)", "one with the other, of one length", (2, 2), xor),
    Helper::new(
        "differ",
        "(bytes, bytes)",
        "the first, once it is found to be another than the second",
        (2, 2),
        differ,
    ),
    Helper::new(
        "flip",
        "(bytes, at)",
        "with the lowest bit of a byte changed: that at this place, or the last",
        (1, 2),
        flip,
    ),
    Helper::new(
        "put",
        "(bytes, at, bytes)",
        "with other bytes from this place on, as many as there are",
        (3, 3),
        put,
    ),
    Helper::new("object", "(tag, bytes, ...)", "a data object of BER-TLV", (1, MANY), object),
    Helper::new(
        "tlv",
        "(bytes, \"7F21/7F4E/5F20\")",
        "what the data object at this path holds; 7F21#2 is the second of its name",
        (2, 2),
        at_path,
    ),
];

fn short(length: usize) -> HelperError {
    HelperError(format!("that is beyond the end of {length} bytes"))
}

fn place(given: &Arguments, at: usize) -> Result<usize, HelperError> {
    usize::try_from(given.number(at)?).map_err(|_| HelperError("no bytes are that long".into()))
}

fn concat(given: &Arguments, _: &mut Draws) -> Result<Value, HelperError> {
    let parts: Result<Vec<_>, _> = (0..given.plain.len()).map(|at| given.bytes(at)).collect();
    Ok(Value::Bytes(parts?.concat()))
}

fn slice(given: &Arguments, _: &mut Draws) -> Result<Value, HelperError> {
    let bytes = given.bytes(0)?;
    let from = place(given, 1)?;
    let to = match given.plain.len() {
        2 => Some(bytes.len()),
        _ => from.checked_add(place(given, 2)?),
    };
    let part = to.and_then(|to| bytes.get(from..to));
    part.map(|part| Value::Bytes(part.to_vec())).ok_or_else(|| short(bytes.len()))
}

fn pad(given: &Arguments, _: &mut Draws) -> Result<Value, HelperError> {
    let mut bytes = given.bytes(0)?;
    let to = place(given, 1)?;
    if to < bytes.len() || to > 1 << 20 {
        return Err(HelperError(format!("{} bytes are not padded to {to}", bytes.len())));
    }
    bytes.resize(to, 0);
    Ok(Value::Bytes(bytes))
}

fn xor(given: &Arguments, _: &mut Draws) -> Result<Value, HelperError> {
    let (left, right) = (given.bytes(0)?, given.bytes(1)?);
    if left.len() != right.len() {
        return Err(HelperError(format!("{} and {} bytes", left.len(), right.len())));
    }
    Ok(Value::Bytes(left.iter().zip(&right).map(|(left, right)| left ^ right).collect()))
}

fn differ(given: &Arguments, _: &mut Draws) -> Result<Value, HelperError> {
    let (one, other) = (given.bytes(0)?, given.bytes(1)?);
    if one == other {
        return Err(HelperError(format!("both are the same {} bytes", one.len())));
    }
    Ok(Value::Bytes(one))
}

fn flip(given: &Arguments, _: &mut Draws) -> Result<Value, HelperError> {
    let mut bytes = given.bytes(0)?;
    let length = bytes.len();
    let at = if given.plain.len() == 2 { place(given, 1)? } else { length.saturating_sub(1) };
    *bytes.get_mut(at).ok_or_else(|| short(length))? ^= 1;
    Ok(Value::Bytes(bytes))
}

fn put(given: &Arguments, _: &mut Draws) -> Result<Value, HelperError> {
    let (mut bytes, from, part) = (given.bytes(0)?, place(given, 1)?, given.bytes(2)?);
    let length = bytes.len();
    let room = from.checked_add(part.len()).and_then(|to| bytes.get_mut(from..to));
    room.ok_or_else(|| short(length))?.copy_from_slice(&part);
    Ok(Value::Bytes(bytes))
}

fn object(given: &Arguments, _: &mut Draws) -> Result<Value, HelperError> {
    let tag = given.bytes(0)?;
    let tag = match tag[..] {
        [low] => u16::from(low),
        [high, low] => u16::from_be_bytes([high, low]),
        _ => return Err(HelperError("a tag has one or two bytes, such as 0x5F20".into())),
    };
    let parts: Result<Vec<_>, _> = (1..given.plain.len()).map(|at| given.bytes(at)).collect();
    let value = parts?.concat();
    if value.len() > 0xFFFF {
        return Err(HelperError(format!("{} bytes are too many for an object", value.len())));
    }
    Ok(Value::Bytes(tlv::object(tag, &value)))
}

fn at_path(given: &Arguments, _: &mut Draws) -> Result<Value, HelperError> {
    let path = String::from_utf8(given.bytes(1)?)
        .map_err(|_| HelperError("a path is text, such as \"6F/84\"".into()))?;
    let mut value = given.bytes(0)?;
    for step in path.split('/') {
        value = below(&value, step)?;
    }
    Ok(Value::Bytes(value))
}

/// What the object of this name holds, among others.
pub(super) fn below(bytes: &[u8], step: &str) -> Result<Vec<u8>, HelperError> {
    let (tag, which) = step.split_once('#').unwrap_or((step, "1"));
    let wrong = || HelperError(format!("{step} is no step of a path; 5F20 or 5F20#2 is"));
    let tag = u16::from_str_radix(tag, 16).map_err(|_| wrong())?;
    let which: usize = which.parse().map_err(|_| wrong())?;
    let mut reader = Reader::new(bytes);
    let mut found = 0;
    while reader.remaining() > 0 {
        let (here, value) = tlv::next(&mut reader)
            .map_err(|error| HelperError(format!("no data objects at {step}: {error}")))?;
        found += usize::from(here == tag);
        if here == tag && found == which {
            return Ok(value.to_vec());
        }
    }
    Err(HelperError(format!("there is no {step}")))
}
