//! What is an ATR and what is not.

use super::*;

#[test]
fn our_atr_says_t1_chaining_extended_length_and_channels() {
    let atr = Atr::default();
    let [ts, t0, td1, td2, ta3, tb3, historical @ .., _tck] = atr.as_bytes() else {
        panic!("too short")
    };
    assert_eq!(*ts, 0x3B, "direct convention");
    assert_eq!(*t0, 0x80 | historical.len() as u8, "TD1 and the historical bytes");
    assert_eq!(*td1, 0x81, "T=1, then TD2");
    assert_eq!(*td2, 0x31, "TA3 and TB3 of T=1, nothing more");
    assert_eq!((*ta3, *tb3), (0xFE, 0x45));
    let [category, 0x31, services, 0x73, selection, coding, features, 0x65, name @ ..] = historical
    else {
        panic!("not COMPACT-TLV as described")
    };
    assert_eq!((*category, *services, *selection, *coding), (0x80, 0xC1, 0xC0, 0x01));
    assert_eq!(features & 0x80, 0x80, "command chaining");
    assert_eq!(features & 0x40, 0x40, "extended Lc and Le");
    assert_eq!(features & 0x18, 0x18, "channels numbered by card and by interface");
    assert_eq!(features & 0x07, 0x07, "eight channels or more");
    assert_eq!(name, b"SAIFU");
}

#[test]
fn our_atr_is_well_formed_and_no_other_last_byte_is() {
    let mut bytes = SAIFU;
    assert_eq!(Atr::parse(&bytes), Ok(Atr::default()));
    for actual in (0..=255).filter(|byte| *byte != 0xB6) {
        bytes[19] = actual;
        assert_eq!(Atr::parse(&bytes), Err(AtrError::Check { expected: 0xB6, actual }));
    }
}

#[test]
fn every_flipped_bit_after_ts_is_found() {
    for bit in 8..SAIFU.len() * 8 {
        let mut bytes = SAIFU;
        bytes[bit / 8] ^= 0x80 >> (bit % 8);
        assert!(Atr::parse(&bytes).is_err(), "bit {bit}");
    }
}

#[test]
fn atrs_of_real_cards_are_taken() {
    for text in [
        "3B00",
        "3B 65 00 00 9C 02 02 07 02",
        "3B F8 13 00 00 81 31 FE 45 4A 43 4F 50 76 32 34 31 B7",
        "3B:8F:80:01:80:4F:0C:A0:00:00:03:06:03:00:01:00:00:00:00:6A",
        "3F 65 25 08 93 04 6C 90 00",
    ] {
        let atr: Atr = text.parse().unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(atr.to_string(), text.replace([' ', ':'], ""));
    }
}

#[test]
fn a_wrong_convention_byte_is_named() {
    assert_eq!(Atr::parse(&[0x3C, 0x00]), Err(AtrError::Convention(0x3C)));
}

#[test]
fn lengths_must_be_those_announced() {
    let wrong = |announced, actual| Err(AtrError::Length { announced, actual });
    assert_eq!(Atr::parse(&[]), wrong(2, 0));
    assert_eq!(Atr::parse(&[0x3B]), wrong(2, 1));
    assert_eq!(Atr::parse(&[0x3B, 0x02, 0xAA]), wrong(4, 3));
    assert_eq!(Atr::parse(&[0x3B, 0x01, 0xAA, 0xBB]), wrong(3, 4));
    assert_eq!(Atr::parse(&[0x3B, 0x80]), wrong(3, 2), "TD1 is announced");
    assert_eq!(Atr::parse(&[0x3B, 0x80, 0x01]), wrong(4, 3), "T=1 needs a TCK");
    assert_eq!(Atr::parse(&SAIFU[..19]), wrong(20, 19));
}

#[test]
fn a_check_byte_comes_with_any_protocol_but_t0_and_not_without() {
    assert!(Atr::parse(&[0x3B, 0x80, 0x01, 0x81]).is_ok());
    assert!(Atr::parse(&[0x3B, 0x80, 0x00]).is_ok());
    assert!(Atr::parse(&[0x3B, 0x80, 0x00, 0x80]).is_err());
}

#[test]
fn an_endless_chain_of_interface_bytes_is_refused() {
    let mut bytes = [0x80; 33];
    bytes[0] = 0x3B;
    assert_eq!(Atr::parse(&bytes), Err(AtrError::Length { announced: 34, actual: 33 }));
    assert_eq!(Atr::parse(&[0x3B; 34]), Err(AtrError::TooLong(34)));
}

#[test]
fn digits_must_be_hexadecimal() {
    assert_eq!("3B0".parse::<Atr>(), Err(AtrError::Hex));
    assert_eq!("3G00".parse::<Atr>(), Err(AtrError::Hex));
}
