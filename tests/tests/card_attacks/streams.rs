//! What a terminal tries in order to have plaintext that is not paid for, or not authentic.

use saifu_tests::fixture::{Delivery, TestCard, TestCenter, buyer, customer};
use saifu_wire::ins::Ins;
use saifu_wire::request::segments_data;

/// A work of fifteen segments and a half.
fn long_work() -> Vec<u8> {
    (0..15 * 256 + 100).map(|at| (at ^ (at >> 8)) as u8).collect()
}

/// A card that has paid for [`long_work`] as order 1, and has its stream open.
fn paid() -> (TestCard, TestCenter, Delivery) {
    let (mut card, center) = customer(0xCA, 1_000);
    let delivery = center.deliver_as(&card.keys(), 1, &long_work(), |_| ());
    card.load_licence(&delivery.licence).unwrap();
    card.buy(&center, 1).unwrap();
    card.open_stream(&center, 1, &delivery.header).unwrap();
    (card, center, delivery)
}

/// DECRYPT; it must be refused, and so answer nothing.
fn refused(card: &mut TestCard, first: u64, segments: &[u8]) -> u16 {
    card.refused(Ins::Decrypt, 0, 0, &segments_data(first, segments))
}

#[test]
fn st1_a_segment_with_any_bit_flipped_gives_no_byte() {
    let (mut card, _, delivery) = paid();
    let genuine = &delivery.segments[3];
    for bit in 0..genuine.len() * 8 {
        let mut forged = genuine.clone();
        forged[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(refused(&mut card, 3, &forged), 0x6A80, "bit {bit}");
    }
    assert_eq!(card.decrypt(3, genuine).unwrap(), long_work()[3 * 256..4 * 256]);
}

#[test]
fn st2_no_segment_passes_as_another_one() {
    let (mut card, _, delivery) = paid();
    for (index, segment) in delivery.segments.iter().enumerate() {
        for other in (0..16).filter(|other| *other != index as u64) {
            assert_eq!(refused(&mut card, other, segment), 0x6A80, "{index} as {other}");
        }
    }
    let [first, second] = [&delivery.segments[0], &delivery.segments[1]].map(Vec::as_slice);
    assert_eq!(refused(&mut card, 0, &[second, first].concat()), 0x6A80);
    assert_eq!(card.decrypt(0, &[first, second].concat()).unwrap(), long_work()[..512]);
}

#[test]
fn st2_no_segment_of_another_delivery_of_the_same_work_passes() {
    let (mut card, center, delivery) = paid();
    let again = center.deliver_as(&card.keys(), 2, &long_work(), |_| ());
    for (index, segment) in again.segments.iter().enumerate() {
        assert_eq!(refused(&mut card, index as u64, segment), 0x6A80, "segment {index}");
    }
    assert_eq!(card.decrypt(0, &delivery.segments.concat()).unwrap(), long_work());
}

#[test]
fn st2_one_bad_segment_among_fifteen_good_ones_spoils_them_all() {
    let (mut card, _, delivery) = paid();
    for bad in 0..16 {
        let mut segments = delivery.segments.clone();
        let middle = segments[bad].len() / 2;
        segments[bad][middle] ^= 0x10;
        assert_eq!(refused(&mut card, 0, &segments.concat()), 0x6A80, "segment {bad}");
    }
    assert_eq!(card.decrypt(0, &delivery.segments.concat()).unwrap(), long_work());
}

#[test]
fn st3_neither_the_end_of_a_work_nor_its_length_can_be_moved() {
    let (mut card, center, delivery) = paid();
    let (inner, last) = (&delivery.segments[14], &delivery.segments[15]);
    assert_eq!(refused(&mut card, 14, last), 0x6A80, "the last as an inner one");
    assert_eq!(refused(&mut card, 15, inner), 0x6A80, "an inner one as the last");
    let extra = [&last[..], inner].concat();
    assert_eq!(refused(&mut card, 15, &extra), 0x6A80, "one more after the last");
    for length in [0, 1, 15, 16, inner.len() - 16, inner.len() - 1] {
        let word = refused(&mut card, 14, &inner[..length]);
        assert_eq!(word, 0x6A80, "{length} bytes of a segment");
    }
    assert_eq!(refused(&mut card, 14, &[&inner[..], &[0]].concat()), 0x6A80);
    // A work that was cut short, its last whole segment sealed as its end.
    let short = center.deliver_as(&card.keys(), 1, &long_work()[..15 * 256], |_| ());
    assert_eq!(refused(&mut card, 14, &short.segments[14]), 0x6A80);
    assert_eq!(card.decrypt(14, &[&inner[..], last].concat()).unwrap(), long_work()[14 * 256..]);
}

#[test]
fn st4_another_header_opens_nothing() {
    let (mut card, center, delivery) = paid();
    let bytes = saifu_wire::Wire::to_bytes(&delivery.header);
    let licence = [&center.id().0[..], &1_u64.to_be_bytes()].concat();
    for at in 0..bytes.len() {
        let mut header = bytes.clone();
        header[at] ^= 0x01;
        let data = [&licence[..], &header].concat();
        assert_eq!(card.refused(Ins::OpenStream, 0, 0, &data), 0x6A80, "byte {at}");
    }
}

#[test]
fn st6_nothing_is_decrypted_before_it_is_paid() {
    let (mut card, center) = buyer(0xCA, 1_000, 1..=1);
    let delivery = center.deliver(&card.keys(), 1);
    assert_eq!(refused(&mut card, 0, &delivery.segments[0]), 0x6985);
    assert_eq!(card.open_stream(&center, 1, &delivery.header), Err(0x6985));
    assert_eq!(refused(&mut card, 0, &delivery.segments[0]), 0x6985);
    card.buy(&center, 1).unwrap();
    assert_eq!(refused(&mut card, 0, &delivery.segments[0]), 0x6985, "no stream is open");
    card.open_stream(&center, 1, &delivery.header).unwrap();
    assert!(card.decrypt(0, &delivery.segments[0]).is_ok());
    card.power_cycle();
    assert_eq!(refused(&mut card, 0, &delivery.segments[0]), 0x6985, "another session");
}

#[test]
fn st6_uses_are_counted_before_the_first_byte_and_run_out() {
    let (mut card, center) = customer(0xCA, 1_000);
    let delivery = center.deliver_as(&card.keys(), 1, b"twice", |licence| licence.uses = 2);
    card.load_licence(&delivery.licence).unwrap();
    card.buy(&center, 1).unwrap();
    for left in [1, 0] {
        let opened = card.open_stream(&center, 1, &delivery.header).unwrap();
        assert_eq!(opened.uses_left, left);
        assert_eq!(card.decrypt(0, &delivery.segments[0]).unwrap(), b"twice");
        card.power_cycle();
    }
    assert_eq!(card.open_stream(&center, 1, &delivery.header), Err(0x6985));
    assert_eq!(card.load_licence(&delivery.licence).unwrap().uses_left, 0, "loaded again");
    assert_eq!(card.open_stream(&center, 1, &delivery.header), Err(0x6985));
}

#[test]
fn st8_an_index_beyond_the_end_is_6b00() {
    let (mut card, _, delivery) = paid();
    for index in [16, 17, 1 << 32, u64::MAX] {
        assert_eq!(refused(&mut card, index, &delivery.segments[0]), 0x6B00, "index {index}");
    }
}

#[test]
fn st9_a_second_stream_closes_the_first() {
    let (mut card, center, first) = paid();
    let second = center.deliver(&card.keys(), 2);
    card.load_licence(&second.licence).unwrap();
    card.buy(&center, 2).unwrap();
    card.open_stream(&center, 2, &second.header).unwrap();
    assert_eq!(refused(&mut card, 0, &first.segments[0]), 0x6A80);
    assert!(card.decrypt(0, &second.segments[0]).is_ok());
}
