use super::*;
use crate::syntax::ast::{Piece, Value};
use crate::syntax::source::{At, Source, Span};
use std::sync::Arc;

fn at<T>(it: T) -> At<T> {
    let source = Arc::new(Source { path: "a.apdu".into(), text: String::new() });
    At { it, span: Span { source, line: 1, from: 0, to: 0 } }
}

fn number(number: u64) -> At<Value> {
    at(Value::Number(number))
}

fn named(name: &str, data: &[u8]) -> Named {
    Named {
        name: at(name.into()),
        cla: None,
        ins: None,
        p1: None,
        p2: None,
        le: None,
        channel: None,
        extended: false,
        chain: None,
        data: vec![at(Piece::Hex(data.to_vec()))],
    }
}

fn made(named: Named) -> Result<Ready, NoValue> {
    let mut ready = Ready::default();
    ready.make(&Form::Named(Box::new(named)), &Variables::new(b"")).map(|()| ready)
}

#[test]
fn a_name_brings_header_lengths_and_le_with_it() {
    let select = made(named("SELECT", &[1, 2])).unwrap();
    assert_eq!(select.whole, [0x00, 0xA4, 0x04, 0x00, 2, 1, 2, 0]);
    let without = Named { le: Some(None), p2: Some(number(0x0C)), ..named("SELECT", &[1]) };
    assert_eq!(made(without).unwrap().whole, [0x00, 0xA4, 0x04, 0x0C, 1, 1]);
    let other = Named { cla: Some(0x80), ins: Some(0xEE), ..named("VERIFY", &[]) };
    assert_eq!(made(other).unwrap().whole[..2], [0x80, 0xEE]);
}

#[test]
fn long_data_and_a_long_le_make_extended_lengths() {
    let long = made(named("SELECT", &[7; 256])).unwrap();
    assert_eq!(long.whole[..7], [0x00, 0xA4, 4, 0, 0, 1, 0]);
    assert_eq!(long.whole[long.whole.len() - 2..], [1, 0]);
    let le = |le| Named { le: Some(Some(number(le))), ..named("GET DATA", &[]) };
    assert_eq!(made(le(256)).unwrap().whole[4..], [0]);
    assert_eq!(made(le(65_536)).unwrap().whole[4..], [0, 0, 0]);
    assert_eq!(made(le(257)).unwrap().whole[4..], [0, 1, 1]);
    let asked = made(Named { extended: true, ..le(1) }).unwrap();
    assert_eq!(asked.whole[4..], [0, 0, 1]);
    assert!(made(le(0)).is_err() && made(le(65_537)).is_err());
}

#[test]
fn a_chain_has_its_bit_in_all_but_the_last_and_le_in_the_last() {
    let chain = |bytes| Named { chain: Some(number(bytes)), ..named("SELECT", &[1, 2, 3]) };
    let parts = made(chain(2)).unwrap().parts;
    assert_eq!(parts, [vec![0x10, 0xA4, 4, 0, 2, 1, 2], vec![0x00, 0xA4, 4, 0, 1, 3, 0]]);
    assert!(made(chain(3)).unwrap().parts.is_empty(), "one part is no chain");
    assert!(made(chain(0)).is_err());
}

#[test]
fn a_channel_is_in_the_class_byte() {
    for (cla, channel, with) in
        [(0x00, 3, 0x03), (0x80, 1, 0x81), (0x00, 4, 0x40), (0x84, 19, 0xEF), (0x10, 5, 0x51)]
    {
        assert_eq!(on_channel(cla, channel), Ok(with));
    }
    assert!(on_channel(0, 20).is_err());
    assert_eq!(get_response(0x02, 7), [2, 0xC0, 0, 0, 7]);
    assert_eq!(get_response(0xC5, 0), [0x45, 0xC0, 0, 0, 0]);
}

#[test]
fn another_le_takes_the_place_of_the_one_there_is() {
    assert_eq!(with_le(&[0, 0xCA, 0, 0], 5).unwrap(), [0, 0xCA, 0, 0, 5]);
    assert_eq!(with_le(&[0, 0xCA, 0, 0, 9], 5).unwrap(), [0, 0xCA, 0, 0, 5]);
    assert_eq!(with_le(&[0, 0xA4, 0, 0, 1, 7], 5).unwrap(), [0, 0xA4, 0, 0, 1, 7, 5]);
    assert_eq!(with_le(&[0, 0xA4, 0, 0, 1, 7, 0], 5).unwrap(), [0, 0xA4, 0, 0, 1, 7, 5]);
    assert_eq!(with_le(&[0, 0xCA, 0, 0, 0, 9, 9], 0).unwrap(), [0, 0xCA, 0, 0, 0, 1, 0]);
    let extended = [0, 0xA4, 0, 0, 0, 0, 1, 7, 0, 0];
    assert_eq!(with_le(&extended, 5).unwrap(), [0, 0xA4, 0, 0, 0, 0, 1, 7, 0, 5]);
    assert_eq!(with_le(&[0, 0xA4, 0, 0, 9, 7], 5), None);
}

#[test]
fn a_pin_is_not_shown() {
    let verify = [0x00, 0x20, 0x00, 0x81, 4, 0x31, 0x32, 0x33, 0x34];
    assert_eq!(shown(&verify), "00 20 00 81 04 (4 bytes not shown)  VERIFY");
    assert_eq!(shown(&[0x00, 0x20, 0x00, 0x81]), "00 20 00 81  VERIFY");
    assert_eq!(shown(&[0xFF, 0x01]), "FF 01");
    for [cla, ins] in [
        [0x80, 0x20],
        [0x84, 0xE2],
        [0x00, 0x21],
        [0x0C, 0x25],
        [0x10, 0x2D],
        [0x00, 0xC2],
        [0xFF, 0x82],
    ] {
        let text = shown(&[cla, ins, 0x00, 0x81, 0x04, b'1', b'2', b'3', b'4']);
        assert!(!text.contains("31"), "{text}");
    }
}
