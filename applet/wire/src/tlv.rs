//! BER-TLV with definite, minimal lengths (§3.3).

use crate::codec::{Malformed, Reader};
use alloc::vec::Vec;

/// Appends a data object with a tag of one or two bytes.
pub fn put(out: &mut Vec<u8>, tag: u16, value: &[u8]) {
    let [high, low] = tag.to_be_bytes();
    if high != 0 {
        out.push(high);
    }
    out.push(low);
    put_length(out, value.len());
    out.extend_from_slice(value);
}

/// A data object with a tag of one or two bytes.
pub fn object(tag: u16, value: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    put(&mut out, tag, value);
    out
}

fn put_length(out: &mut Vec<u8>, length: usize) {
    debug_assert!(length <= 0xFFFF);
    let [high, low] = (length as u16).to_be_bytes();
    match length {
        0..=0x7F => out.push(low),
        0x80..=0xFF => out.extend_from_slice(&[0x81, low]),
        _ => out.extend_from_slice(&[0x82, high, low]),
    }
}

/// Takes the next data object: its tag and its value.
pub fn next<'a>(reader: &mut Reader<'a>) -> Result<(u16, &'a [u8]), Malformed> {
    let tag = read_tag(reader)?;
    let length = read_length(reader)?;
    Ok((tag, reader.take(length)?))
}

/// Takes the next data object, which must have this tag.
pub fn expect<'a>(reader: &mut Reader<'a>, tag: u16) -> Result<&'a [u8], Malformed> {
    match next(reader)? {
        (found, value) if found == tag => Ok(value),
        _ => Err(Malformed::Tag),
    }
}

/// The value of `bytes`, which must be exactly one data object with this tag.
pub fn only(bytes: &[u8], tag: u16) -> Result<&[u8], Malformed> {
    let mut reader = Reader::new(bytes);
    let value = expect(&mut reader, tag)?;
    reader.finish()?;
    Ok(value)
}

fn read_tag(reader: &mut Reader<'_>) -> Result<u16, Malformed> {
    let [first] = reader.array::<1>()?;
    if first & 0x1F != 0x1F {
        return if first == 0 { Err(Malformed::Tag) } else { Ok(u16::from(first)) };
    }
    let [second] = reader.array::<1>()?;
    // 0x1F to 0x7F: one further byte, and not a number that one byte could say.
    if (0x1F..0x80).contains(&second) {
        Ok(u16::from_be_bytes([first, second]))
    } else {
        Err(Malformed::Tag)
    }
}

fn read_length(reader: &mut Reader<'_>) -> Result<usize, Malformed> {
    let [first] = reader.array::<1>()?;
    let (length, least) = match first {
        0..=0x7F => (usize::from(first), 0),
        0x81 => (usize::from(reader.array::<1>()?[0]), 0x80),
        0x82 => (usize::from(u16::from_be_bytes(reader.array()?)), 0x100),
        _ => return Err(Malformed::Value),
    };
    if length < least { Err(Malformed::Value) } else { Ok(length) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    #[test]
    fn objects_of_every_length_form_come_back() {
        for length in [0, 1, 0x7F, 0x80, 0xFF, 0x100, 0xFFFF] {
            let value = vec![7; length];
            let bytes = object(0x5F20, &value);
            assert_eq!(only(&bytes, 0x5F20), Ok(&value[..]));
        }
    }

    #[test]
    fn lengths_that_are_not_minimal_or_not_definite_are_refused() {
        for bad in [
            &[0x42, 0x81, 0x01, 0][..],
            &[0x42, 0x82, 0, 1, 0],
            &[0x42, 0x80, 0, 0],
            &[0x42, 0x84, 0xFF, 0xFF, 0xFF, 0xFF],
        ] {
            assert!(only(bad, 0x42).is_err(), "{bad:02x?}");
        }
    }

    #[test]
    fn tags_of_three_bytes_or_of_a_needless_second_are_refused() {
        assert_eq!(only(&[0x5F, 0x81, 0x01, 0], 0x5F81), Err(Malformed::Tag));
        assert_eq!(only(&[0x5F, 0x05, 0], 0x5F05), Err(Malformed::Tag));
        assert_eq!(only(&[0x00, 0], 0), Err(Malformed::Tag));
    }

    #[test]
    fn what_follows_the_only_object_is_refused() {
        assert_eq!(only(&[0x42, 1, 7, 0], 0x42), Err(Malformed::Trailing));
        assert_eq!(only(&[0x42, 2, 7], 0x42), Err(Malformed::Short));
    }
}
