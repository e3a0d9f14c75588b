//! Data objects of real cards: BER-TLV as ISO/IEC 7816-4 has it, tags and lengths of up to three
//! bytes, lengths not always the shortest, and fill bytes between objects.

use crate::syntax::ast::Path;
use std::ops::Range;

/// The deepest that objects are looked at in each other.
const MAX_DEPTH: usize = 16;

/// The most tags that are told of those that are there.
const MAX_TOLD_TAGS: usize = 32;

/// An object: its tag, and where its value stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Object {
    pub(super) tag: u32,
    pub(super) value: Range<usize>,
}

/// Why there is no object at a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum NoObject {
    /// What is there are other objects, or nothing; how far the path leads.
    Absent(String),
    /// What is there cannot be read to its end; from where on.
    Broken(String),
}

/// Finds the value of the object at a path; says how far it came otherwise.
pub(super) fn find(data: &[u8], path: &Path) -> Result<Range<usize>, NoObject> {
    let mut within = 0..data.len();
    let mut walked = String::new();
    for (tag, number) in path {
        let name = step(*tag, *number);
        let found = nth(data, within.clone(), *tag, *number);
        within = found.map_err(|why| {
            let place = if walked.is_empty() { "the answer" } else { &walked };
            let told = |why| format!("there is no {name} in {place}{why}");
            match why {
                NoObject::Absent(why) => NoObject::Absent(told(why)),
                NoObject::Broken(why) => NoObject::Broken(told(why)),
            }
        })?;
        if !walked.is_empty() {
            walked.push('/');
        }
        walked.push_str(&name);
    }
    Ok(within)
}

/// A path as it is written.
pub(super) fn text(path: &Path) -> String {
    let steps: Vec<_> = path.iter().map(|(tag, number)| step(*tag, *number)).collect();
    steps.join("/")
}

fn step(tag: u32, number: u16) -> String {
    if number == 1 { hex_tag(tag) } else { format!("{}#{number}", hex_tag(tag)) }
}

/// A tag in whole bytes.
pub(super) fn hex_tag(tag: u32) -> String {
    match tag {
        0..=0xFF => format!("{tag:02X}"),
        0x100..=0xFFFF => format!("{tag:04X}"),
        _ => format!("{tag:06X}"),
    }
}

fn nth(data: &[u8], within: Range<usize>, tag: u32, number: u16) -> Result<Range<usize>, NoObject> {
    let mut rest = within;
    let (mut met, mut tags) = (0_u16, Vec::new());
    loop {
        match next(data, rest.clone()) {
            Ok(Some((object, after))) => {
                met = met.saturating_add(u16::from(object.tag == tag));
                if object.tag == tag && met == number {
                    return Ok(object.value);
                }
                if tags.len() < MAX_TOLD_TAGS {
                    tags.push(hex_tag(object.tag));
                } else if tags.len() == MAX_TOLD_TAGS {
                    tags.push("...".into());
                }
                rest = after;
            }
            Ok(None) if tags.is_empty() => {
                return Err(NoObject::Absent(", which holds nothing".into()));
            }
            Ok(None) => {
                return Err(NoObject::Absent(format!(", which holds {}", tags.join(" "))));
            }
            Err(at) => {
                return Err(NoObject::Broken(format!(", which is no BER-TLV from byte {at} on")));
            }
        }
    }
}

/// The next object of a range and what follows it; `None` at its end. An error is the place of
/// what is no object.
fn next(data: &[u8], range: Range<usize>) -> Result<Option<(Object, Range<usize>)>, usize> {
    let begin = (range.start..range.end).find(|at| !matches!(data[*at], 0x00 | 0xFF));
    let Some(begin) = begin else { return Ok(None) };
    let bytes = &data[begin..range.end];
    let (tag, tag_bytes) = read_tag(bytes).ok_or(begin)?;
    let (length, length_bytes) = read_length(&bytes[tag_bytes..]).ok_or(begin)?;
    let from = begin + tag_bytes + length_bytes;
    let to = from.checked_add(length).filter(|to| *to <= range.end).ok_or(begin)?;
    Ok(Some((Object { tag, value: from..to }, to..range.end)))
}

fn read_tag(bytes: &[u8]) -> Option<(u32, usize)> {
    let first = u32::from(*bytes.first()?);
    if first & 0x1F != 0x1F {
        return Some((first, 1));
    }
    let second = u32::from(*bytes.get(1)?);
    if second & 0x80 == 0 {
        return Some((first << 8 | second, 2));
    }
    let third = u32::from(*bytes.get(2)?);
    (third & 0x80 == 0).then_some((first << 16 | second << 8 | third, 3))
}

fn read_length(bytes: &[u8]) -> Option<(usize, usize)> {
    let first = *bytes.first()?;
    let count = match first {
        0..=0x7F => return Some((usize::from(first), 1)),
        0x81..=0x83 => usize::from(first & 0x0F),
        _ => return None,
    };
    let number = bytes.get(1..=count)?;
    Some((number.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte)), 1 + count))
}

/// Tells every tag of data that is BER-TLV from end to end, those inside constructed ones too.
pub(super) fn each_tag(data: &[u8], tell: &mut dyn FnMut(u32)) {
    if is_whole(data, 0..data.len()) {
        each_within(data, 0..data.len(), 0, tell);
    }
}

fn is_whole(data: &[u8], mut range: Range<usize>) -> bool {
    loop {
        match next(data, range) {
            Ok(None) => return true,
            Ok(Some((_, after))) => range = after,
            Err(_) => return false,
        }
    }
}

fn each_within(data: &[u8], mut range: Range<usize>, depth: usize, tell: &mut dyn FnMut(u32)) {
    while let Ok(Some((object, after))) = next(data, range.clone()) {
        tell(object.tag);
        let first = object.tag >> (8 * (hex_tag(object.tag).len() / 2 - 1));
        if first & 0x20 != 0 && depth < MAX_DEPTH && is_whole(data, object.value.clone()) {
            each_within(data, object.value, depth + 1, tell);
        }
        range = after;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SELECTED: &str = "6F128407F0534149465501A5077F660402020100";

    fn found(path: &[(u32, u16)]) -> Result<Vec<u8>, NoObject> {
        let data = hex::decode(SELECTED).unwrap();
        find(&data, &path.to_vec()).map(|range| data[range].to_vec())
    }

    #[test]
    fn an_object_is_found_by_its_path() {
        assert_eq!(found(&[(0x6F, 1), (0x84, 1)]).unwrap(), b"\xF0SAIFU\x01");
        let deep = found(&[(0x6F, 1), (0xA5, 1), (0x7F66, 1), (0x02, 1)]).unwrap();
        assert_eq!(deep, [1, 0]);
    }

    #[test]
    fn what_is_not_there_is_told_with_what_is() {
        let absent = |why: &str| Err(NoObject::Absent(why.into()));
        let none = found(&[(0x6F, 1), (0x85, 1)]);
        assert_eq!(none, absent("there is no 85 in 6F, which holds 84 A5"));
        let second = found(&[(0x6F, 2)]);
        assert_eq!(second, absent("there is no 6F#2 in the answer, which holds 6F"));
        let why = "there is no 84 in the answer, which is no BER-TLV from byte 0 on";
        let broken = find(&[0x84, 0x05, 1], &vec![(0x84, 1)]);
        assert_eq!(broken, Err(NoObject::Broken(why.into())));
        let many = find(&[0x80, 0x00].repeat(70_000), &vec![(0x81, 1)]);
        let Err(NoObject::Absent(why)) = many else { panic!("{many:?}") };
        assert!(why.ends_with("80 ...") && why.len() < 200, "{why}");
    }

    #[test]
    fn real_cards_lengths_and_fill_bytes_are_read() {
        let data = [0x00, 0xFF, 0x80, 0x81, 0x01, 7, 0x00, 0x80, 0x83, 0, 0, 1, 8];
        assert_eq!(find(&data, &vec![(0x80, 1)]).map(|range| data[range][0]), Ok(7));
        assert_eq!(find(&data, &vec![(0x80, 2)]).map(|range| data[range][0]), Ok(8));
        let three = [0xDF, 0x81, 0x01, 0x01, 5];
        assert_eq!(find(&three, &vec![(0xDF_8101, 1)]), Ok(4..5));
        assert!(find(&[0x80, 0x80, 0, 0], &vec![(0x80, 1)]).is_err(), "no length without an end");
    }

    #[test]
    fn every_tag_of_whole_data_is_told_and_none_of_other_data() {
        let tags = |data: &[u8]| {
            let mut tags = Vec::new();
            each_tag(data, &mut |tag| tags.push(tag));
            tags
        };
        let selected = hex::decode(SELECTED).unwrap();
        assert_eq!(tags(&selected), [0x6F, 0x84, 0xA5, 0x7F66, 0x02]);
        assert!(tags(&selected[..10]).is_empty());
    }
}
