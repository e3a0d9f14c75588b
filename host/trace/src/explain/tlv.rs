//! Trees of data objects: BER-TLV (ISO/IEC 8825-1), as any card writes them.

use super::told::Told;
use super::{secret, signed, tags};

/// Objects inside objects are told so deep.
const MAX_DEPTH: usize = 16;

/// A tree, where the bytes are one and its first tag has a name or holds others; else the bytes.
pub(super) fn or_bytes(name: &str, bytes: &[u8]) -> Vec<Told> {
    if signed::is_one(bytes) {
        return vec![signed::explain(bytes)];
    }
    let is_known = read(bytes).is_some_and(|object| {
        object.is_constructed() || tags::name(object.tag, &[]).is_some_and(|_| object.tag > 0x1F)
    });
    match tree(bytes, &[]) {
        Ok(told) if is_known => told,
        _ => vec![Told::bytes(name, bytes)],
    }
}

/// Bytes that are no row of objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NoTree;

/// All of `bytes` as data objects inside those of `path`.
pub(super) fn tree(bytes: &[u8], path: &[u32]) -> Result<Vec<Told>, NoTree> {
    let mut told = Vec::new();
    let mut rest = bytes;
    while !rest.is_empty() {
        // Padding between objects (ISO/IEC 7816-4 section 5.2.2.1).
        if matches!(rest[0], 0x00 | 0xFF) {
            rest = &rest[1..];
            continue;
        }
        let object = read(rest).ok_or(NoTree)?;
        rest = object.rest;
        told.push(explain(&object, path));
    }
    Ok(told)
}

/// A data object, and what follows it.
struct Object<'b> {
    tag: u32,
    value: &'b [u8],
    rest: &'b [u8],
    tag_bytes: usize,
}

impl Object<'_> {
    fn is_constructed(&self) -> bool {
        (self.tag >> (8 * (self.tag_bytes - 1))) & 0x20 != 0
    }
}

fn explain(object: &Object<'_>, path: &[u32]) -> Told {
    let tag = object.tag;
    let name = match tags::name(tag, path) {
        Some(name) => format!("{tag:02X} {name}"),
        None => format!("{tag:02X}"),
    };
    let inside = [path, &[tag]].concat();
    if object.is_constructed()
        && path.len() < MAX_DEPTH
        && let Ok(parts) = tree(object.value, &inside)
    {
        return Told::with(name, parts);
    }
    match tags::is_pin(tag) {
        true => Told::new(name, secret::pin(object.value)),
        false => match tags::value(tag, path, object.value) {
            Some(value) => Told::new(name, value),
            None => Told::bytes(name, object.value),
        },
    }
}

/// The object with which bytes begin: a tag of at most three bytes, a definite length.
fn read(bytes: &[u8]) -> Option<Object<'_>> {
    let tag_bytes = match *bytes.first()? {
        0x00 | 0xFF => return None,
        first if first & 0x1F != 0x1F => 1,
        _ if bytes.get(1)? & 0x80 == 0 => 2,
        _ if bytes.get(2)? & 0x80 == 0 => 3,
        _ => return None,
    };
    let (tag, rest) = bytes.split_at_checked(tag_bytes)?;
    let tag = tag.iter().fold(0, |tag, byte| tag << 8 | u32::from(*byte));
    let (first, rest) = rest.split_first()?;
    let (length, rest) = match *first {
        short @ ..=0x7F => (usize::from(short), rest),
        long @ 0x81..=0x84 => {
            let (length, rest) = rest.split_at_checked(usize::from(long - 0x80))?;
            (length.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte)), rest)
        }
        _ => return None,
    };
    let (value, rest) = rest.split_at_checked(length)?;
    Some(Object { tag, value, rest, tag_bytes })
}
