use alloc::vec;
use alloc::vec::Vec;

use super::*;
use saifu_wire::applet::Applet;
use saifu_wire::ins::Ins;
use saifu_wire::request::segments_data;
use saifu_wire::signed::Licence;
use saifu_wire::stream::Header;
use saifu_wire::{CenterId, Digest, Wire};

use crate::crypto::hash::sha256;
use crate::test_kit::sale::{content_key, delivery, opening, plaintext, seal_segment, work};
use crate::test_kit::{TestCard, TestCenter, command};

const CENTER: TestCenter = TestCenter { id: CenterId([0xC1; 16]) };

/// A licence for this delivery, whose header is `header`.
fn licence(card: &TestCard, number: u64, header: &Header) -> Licence {
    Licence {
        header: Digest(sha256(&[&header.to_bytes()])),
        total_bytes: header.total_bytes,
        ..CENTER.licence(card.id(), number)
    }
}

/// A card that has paid for this delivery and opened it.
fn playing(header: &Header) -> TestCard {
    let mut card = CENTER.customer(1, 1_000);
    card.load_licence(&CENTER.issue(licence(&card, 1, header))).unwrap();
    card.buy(&CENTER, 1).unwrap();
    card.open(&CENTER, 1, header).unwrap();
    card
}

/// 1,000 bytes: three segments of 256 and one of 232.
fn header() -> Header {
    work(1, 1_000)
}

fn refused(card: &mut TestCard, first: u64, segments: &[u8]) -> u16 {
    card.refused(Ins::Decrypt, 0, 0, &segments_data(first, segments))
}

#[test]
fn segments_give_their_plaintext_one_by_one_and_together() {
    let header = header();
    let (mut card, segments) = (playing(&header), delivery(1, &header));
    let whole = plaintext(&header);
    for (index, segment) in segments.iter().enumerate() {
        let expected = whole.chunks(256).nth(index).unwrap();
        assert_eq!(card.decrypt(index as u64, segment).unwrap(), expected);
    }
    assert_eq!(card.decrypt(0, &segments.concat()).unwrap(), whole);
    assert_eq!(card.decrypt(1, &segments[1..3].concat()).unwrap(), whole[256..768]);
}

#[test]
fn sixteen_segments_of_4032_bytes_go_into_one_apdu() {
    let header = Header { segment_bytes: 4_032, ..work(1, 16 * 4_032) };
    let mut card = playing(&header);
    let out = card.decrypt(0, &delivery(1, &header).concat()).unwrap();
    assert_eq!(out, plaintext(&header));
}

#[test]
fn an_empty_work_is_one_empty_segment() {
    let header = work(1, 0);
    let mut card = playing(&header);
    assert_eq!(card.decrypt(0, &delivery(1, &header)[0]).unwrap(), b"");
    assert_eq!(refused(&mut card, 1, &delivery(1, &header)[0]), 0x6B00);
}

#[test]
fn st1_each_flipped_bit_of_a_segment_and_its_tag_is_refused() {
    let header = header();
    let mut card = playing(&header);
    let good = delivery(1, &header)[3].clone();
    for bit in 0..good.len() * 8 {
        let mut bad = good.clone();
        bad[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(refused(&mut card, 3, &bad), 0x6A80, "bit {bit}");
    }
    assert!(card.decrypt(3, &good).is_ok());
}

#[test]
fn st2_a_segment_at_another_place_or_of_another_delivery_is_refused() {
    let header = header();
    let mut card = playing(&header);
    let segments = delivery(1, &header);
    assert_eq!(refused(&mut card, 1, &segments[0]), 0x6A80);
    assert_eq!(refused(&mut card, 0, &segments[1]), 0x6A80);
    let other = delivery(2, &work(2, 1_000));
    assert_eq!(refused(&mut card, 0, &other[0]), 0x6A80);
    let swapped = [segments[1].as_slice(), &segments[0]].concat();
    assert_eq!(refused(&mut card, 0, &swapped), 0x6A80);
}

#[test]
fn st2_one_bad_segment_among_sixteen_yields_nothing() {
    let header = work(1, 20 * 256);
    let mut card = playing(&header);
    let segments = delivery(1, &header);
    assert!(card.decrypt(0, &segments[..16].concat()).is_ok());
    for bad in 0..16 {
        let mut sixteen = segments[..16].to_vec();
        sixteen[bad][100] ^= 1;
        assert_eq!(refused(&mut card, 0, &sixteen.concat()), 0x6A80, "segment {bad}");
    }
}

#[test]
fn st3_an_end_that_is_not_the_works_end_is_refused() {
    let header = header();
    let mut card = playing(&header);
    let segments = delivery(1, &header);
    let last = &segments[3];
    assert_eq!(refused(&mut card, 2, last), 0x6A80, "the last as an inner one");
    assert_eq!(refused(&mut card, 3, &segments[2]), 0x6A80, "an inner one as the last");
    let extra = [last.as_slice(), last].concat();
    assert_eq!(refused(&mut card, 3, &extra), 0x6A80, "one too many");
    for length in [0, 1, 16, last.len() - 16, last.len() - 1] {
        assert_eq!(refused(&mut card, 3, &last[..length]), 0x6A80, "{length} bytes");
    }
    let two = segments[..2].concat();
    assert_eq!(refused(&mut card, 0, &two[..two.len() - 1]), 0x6A80, "ends early");
    assert_eq!(refused(&mut card, 0, &[two.as_slice(), &[0]].concat()), 0x6A80, "a byte more");
}

#[test]
fn st3_the_inner_segments_of_a_longer_work_do_not_end_a_shorter_one() {
    let (long, short) = (work(1, 512), work(1, 256));
    let mut card = playing(&short);
    assert_eq!(refused(&mut card, 0, &delivery(1, &long)[0]), 0x6A80);
    assert!(card.decrypt(0, &delivery(1, &short)[0]).is_ok());
}

#[test]
fn st5_every_padding_is_refused_alike_with_and_without_a_right_tag() {
    let header = work(1, 250);
    let mut card = playing(&header);
    let mut padded = plaintext(&header);
    padded.resize(256, 0);
    for value in 1..=255 {
        padded[255] = value;
        let authentic = seal_segment(&content_key(1), &header, 0, padded.clone());
        assert_eq!(refused(&mut card, 0, &authentic), 0x6A80, "{value}");
        let forged = seal_segment(&content_key(2), &header, 0, padded.clone());
        assert_eq!(refused(&mut card, 0, &forged), 0x6A80, "{value}");
    }
    padded[255] = 0;
    let good = seal_segment(&content_key(1), &header, 0, padded);
    assert_eq!(card.decrypt(0, &good).unwrap(), plaintext(&header));
}

#[test]
fn st6_without_an_open_stream_nothing_is_decrypted() {
    let header = header();
    let mut card = playing(&header);
    let first = &delivery(1, &header)[0];
    card.select();
    assert_eq!(refused(&mut card, 0, first), 0x6985);
    card.open(&CENTER, 1, &header).unwrap();
    card.card.reset();
    card.select();
    assert_eq!(refused(&mut card, 0, first), 0x6985);
    let mut card = card.power_cycle();
    assert_eq!(refused(&mut card, 0, first), 0x6985);
}

#[test]
fn st8_an_index_that_is_not_there_is_6b00() {
    let header = header();
    let mut card = playing(&header);
    for index in [4, 5, 1 << 36, u64::MAX] {
        assert_eq!(refused(&mut card, index, &delivery(1, &header)[3]), 0x6B00, "{index}");
    }
}

/// A card that has paid for deliveries 1 and 2 of the same work.
fn owning_two() -> TestCard {
    let mut card = CENTER.customer(1, 1_000);
    for number in [1, 2] {
        card.load_licence(&CENTER.issue(CENTER.licence(card.id(), number))).unwrap();
        card.buy(&CENTER, number).unwrap();
    }
    card
}

#[test]
fn st9_a_second_stream_on_a_channel_closes_the_first() {
    let mut card = owning_two();
    let works = [1, 2].map(|number| work(number, 1_000));
    let [first, second] = [1, 2].map(|number| delivery(number, &works[number as usize - 1]));
    card.open(&CENTER, 1, &works[0]).unwrap();
    assert!(card.decrypt(0, &first[0]).is_ok());
    card.open(&CENTER, 2, &works[1]).unwrap();
    assert_eq!(refused(&mut card, 0, &first[0]), 0x6A80);
    assert!(card.decrypt(0, &second[0]).is_ok());
}

/// Sends a command on channel 1.
fn on_channel_1(card: &mut TestCard, ins: Ins, data: &[u8]) -> (Vec<u8>, u16) {
    let mut apdu = command(ins, 0, 0, data, Some(65_536));
    apdu[0] |= 1;
    card.transmit(&apdu)
}

#[test]
fn st9_streams_of_two_channels_interleave_and_never_mix() {
    let mut card = owning_two();
    let works = [1, 2].map(|number| work(number, 1_000));
    let [first, second] = [1, 2].map(|number| delivery(number, &works[number as usize - 1]));
    let select = command(Ins::Select, 4, 0, &saifu_wire::applet::AID, Some(256));
    card.card.select(1, &[&[1], &select[1..]].concat(), &mut vec![]);
    card.open(&CENTER, 1, &works[0]).unwrap();
    let not_open = on_channel_1(&mut card, Ins::Decrypt, &segments_data(0, &first[0]));
    assert_eq!(not_open, (vec![], 0x6985));
    let opened = on_channel_1(&mut card, Ins::OpenStream, &opening(&CENTER, 2, &works[1]));
    assert_eq!(opened.1, 0x9000);
    for index in 0..4 {
        let at = index as u64;
        assert!(card.decrypt(at, &first[index]).is_ok());
        let other = on_channel_1(&mut card, Ins::Decrypt, &segments_data(at, &second[index]));
        assert_eq!(other.1, 0x9000);
        assert_eq!(card.decrypt(at, &second[index]), Err(0x6A80));
    }
    card.card.deselect(1);
    assert!(card.decrypt(0, &first[0]).is_ok());
}

#[test]
fn st11_a_wrong_tag_is_found_before_there_is_room_for_plaintext() {
    let header = header();
    let cipher = crate::secure::ContentCipher::new(&content_key(1), header.clone());
    let mut bad = delivery(1, &header).concat();
    *bad.last_mut().unwrap() ^= 1;
    let refused = cipher.verify(0, &bad).map(|_| ());
    assert_eq!(refused, Err(Status::WrongData.into()));
}

#[test]
fn st11_a_wrong_padding_takes_back_all_that_was_decrypted() {
    let header = work(1, 500);
    let cipher = crate::secure::ContentCipher::new(&content_key(1), header.clone());
    let padded = vec![1; 256];
    let bad = seal_segment(&content_key(1), &header, 1, padded);
    let segments = [delivery(1, &header)[0].clone(), bad].concat();
    let mut answer = vec![0xA5; 3];
    let verified = cipher.verify(0, &segments).unwrap();
    assert_eq!(verified.decrypt_into(&mut answer), Err(crate::crypto::CryptoError::Refused));
    assert_eq!(answer, [0xA5; 3]);
}
