//! What a reader says of itself (PC/SC part 10, TLV properties).

use pcsc::{Card, ctl_code};

/// CM_IOCTL_GET_FEATURE_REQUEST, as pcsclite and Windows number it.
const GET_FEATURES: u32 = 3_400;

/// FEATURE_GET_TLV_PROPERTIES.
const TLV_PROPERTIES: u8 = 0x12;

/// dwMaxAPDUDataSize: the most data bytes of an APDU, little-endian; 0 where only short
/// APDUs pass.
const MAX_APDU_DATA: u8 = 0x0A;

/// The most data bytes of a short APDU.
const SHORT_DATA: u64 = 256;

/// Whether the reader passes extended APDUs; none where it does not say.
pub(super) fn passes_extended(card: &Card) -> Option<bool> {
    let mut buffer = [0; 512];
    let features = card.control(ctl_code(GET_FEATURES.into()), &[], &mut buffer).ok()?;
    let code = value(features, TLV_PROPERTIES)?;
    let code = u32::from_be_bytes(code.try_into().ok()?);
    let mut buffer = [0; 512];
    let properties = card.control(code.into(), &[], &mut buffer).ok()?;
    Some(number(value(properties, MAX_APDU_DATA)?)? > SHORT_DATA)
}

/// The value of a tag in a row of one-byte tags and lengths.
fn value(mut row: &[u8], wanted: u8) -> Option<&[u8]> {
    while let [tag, length, rest @ ..] = row {
        let (value, after) = rest.split_at_checked(usize::from(*length))?;
        if *tag == wanted {
            return Some(value);
        }
        row = after;
    }
    None
}

fn number(little_endian: &[u8]) -> Option<u64> {
    let mut bytes = [0; 8];
    bytes.get_mut(..little_endian.len())?.copy_from_slice(little_endian);
    Some(u64::from_le_bytes(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_found_and_a_torn_row_has_none() {
        let row = [0x01, 1, 9, 0x0A, 4, 0, 0, 1, 0, 0x12, 9, 1];
        assert_eq!(value(&row, MAX_APDU_DATA).and_then(number), Some(65_536));
        assert_eq!(value(&row, TLV_PROPERTIES), None);
        assert_eq!(value(&[], 1), None);
    }

    #[test]
    fn a_number_longer_than_numbers_is_none() {
        assert_eq!(number(&[1; 9]), None);
        assert_eq!(number(&[0, 0, 0, 0]), Some(0));
    }
}
