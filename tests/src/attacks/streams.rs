//! What a terminal tries in order to have plaintext that is not paid for, or not authentic.

use crate::fixture::{Delivery, TestCard, TestCenter, buyer, customer};
use saifu_applet::crypto::aes::AesKey;
use saifu_applet::crypto::hash::sha256;
use saifu_applet::crypto::{cbc, cmac, kdf};
use saifu_vsmartcard::platform::{Cut, Leaves};
use saifu_wire::Wire;
use saifu_wire::ins::Ins;
use saifu_wire::request::segments_data;
use saifu_wire::stream::{LABEL_CIPHER, LABEL_IV, LABEL_MAC, mac_prefix};

use super::kit::opening;
use super::tally::Tally;

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
fn refused(t: &mut Tally, card: &mut TestCard, word: u16, first: u64, segments: &[u8]) {
    t.refused(card, word, Ins::Decrypt, [0, 0], &segments_data(first, segments));
}

pub(super) fn st1_a_segment_with_any_bit_flipped_gives_no_byte(t: &mut Tally) {
    let (mut card, _, delivery) = paid();
    let genuine = &delivery.segments[3];
    for bit in 0..genuine.len() * 8 {
        let mut forged = genuine.clone();
        forged[bit / 8] ^= 1 << (bit % 8);
        refused(t, &mut card, 0x6A80, 3, &forged);
    }
    assert_eq!(card.decrypt(3, genuine).unwrap(), long_work()[3 * 256..4 * 256]);
}

pub(super) fn st2_no_segment_passes_as_another_one(t: &mut Tally) {
    let (mut card, _, delivery) = paid();
    for (index, segment) in delivery.segments.iter().enumerate() {
        for other in (0..16).filter(|other| *other != index as u64) {
            refused(t, &mut card, 0x6A80, other, segment);
        }
    }
    let [first, second] = [&delivery.segments[0], &delivery.segments[1]].map(Vec::as_slice);
    refused(t, &mut card, 0x6A80, 0, &[second, first].concat());
    assert_eq!(card.decrypt(0, &[first, second].concat()).unwrap(), long_work()[..512]);
}

pub(super) fn st2_no_segment_of_another_delivery_of_the_same_work_passes(t: &mut Tally) {
    let (mut card, center, delivery) = paid();
    let again = center.deliver_as(&card.keys(), 2, &long_work(), |_| ());
    for (index, segment) in again.segments.iter().enumerate() {
        refused(t, &mut card, 0x6A80, index as u64, segment);
    }
    assert_eq!(card.decrypt(0, &delivery.segments.concat()).unwrap(), long_work());
}

pub(super) fn st2_one_bad_segment_among_fifteen_good_ones_spoils_them_all(t: &mut Tally) {
    let (mut card, _, delivery) = paid();
    for bad in 0..16 {
        let mut segments = delivery.segments.clone();
        let middle = segments[bad].len() / 2;
        segments[bad][middle] ^= 0x10;
        refused(t, &mut card, 0x6A80, 0, &segments.concat());
    }
    assert_eq!(card.decrypt(0, &delivery.segments.concat()).unwrap(), long_work());
}

pub(super) fn st3_neither_the_end_of_a_work_nor_its_length_can_be_moved(t: &mut Tally) {
    let (mut card, center, delivery) = paid();
    let (inner, last) = (&delivery.segments[14], &delivery.segments[15]);
    refused(t, &mut card, 0x6A80, 14, last);
    refused(t, &mut card, 0x6A80, 15, inner);
    let extra = [&last[..], inner].concat();
    refused(t, &mut card, 0x6A80, 15, &extra);
    for length in [0, 1, 15, 16, inner.len() - 16, inner.len() - 1] {
        refused(t, &mut card, 0x6A80, 14, &inner[..length]);
    }
    refused(t, &mut card, 0x6A80, 14, &[&inner[..], &[0]].concat());
    // A work that was cut short, its last whole segment sealed as its end.
    let short = center.deliver_as(&card.keys(), 1, &long_work()[..15 * 256], |_| ());
    refused(t, &mut card, 0x6A80, 14, &short.segments[14]);
    assert_eq!(card.decrypt(14, &[&inner[..], last].concat()).unwrap(), long_work()[14 * 256..]);
}

pub(super) fn st4_another_header_opens_nothing(t: &mut Tally) {
    let (mut card, center, delivery) = paid();
    let bytes = saifu_wire::Wire::to_bytes(&delivery.header);
    let licence = [&center.id().0[..], &1_u64.to_be_bytes()].concat();
    for at in 0..bytes.len() {
        let mut header = bytes.clone();
        header[at] ^= 0x01;
        let data = [&licence[..], &header].concat();
        t.refused(&mut card, 0x6A80, Ins::OpenStream, [0, 0], &data);
    }
}

pub(super) fn st6_nothing_is_decrypted_before_it_is_paid(t: &mut Tally) {
    let (mut card, center) = buyer(0xCA, 1_000, 1..=1);
    let delivery = center.deliver(&card.keys(), 1);
    refused(t, &mut card, 0x6985, 0, &delivery.segments[0]);
    let open = opening(&center, 1, &delivery.header);
    t.refused(&mut card, 0x6985, Ins::OpenStream, [0, 0], &open);
    refused(t, &mut card, 0x6985, 0, &delivery.segments[0]);
    card.buy(&center, 1).unwrap();
    refused(t, &mut card, 0x6985, 0, &delivery.segments[0]);
    card.open_stream(&center, 1, &delivery.header).unwrap();
    assert!(card.decrypt(0, &delivery.segments[0]).is_ok());
    card.power_cycle();
    refused(t, &mut card, 0x6985, 0, &delivery.segments[0]);
}

pub(super) fn st6_uses_are_counted_before_the_first_byte_and_run_out(t: &mut Tally) {
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
    let open = opening(&center, 1, &delivery.header);
    t.refused(&mut card, 0x6985, Ins::OpenStream, [0, 0], &open);
    assert_eq!(card.load_licence(&delivery.licence).unwrap().uses_left, 0, "loaded again");
    t.refused(&mut card, 0x6985, Ins::OpenStream, [0, 0], &open);
}

pub(super) fn st8_an_index_beyond_the_end_is_6b00(t: &mut Tally) {
    let (mut card, _, delivery) = paid();
    for index in [16, 17, 1 << 32, u64::MAX] {
        refused(t, &mut card, 0x6B00, index, &delivery.segments[0]);
    }
}

pub(super) fn st9_a_second_stream_closes_the_first(t: &mut Tally) {
    let (mut card, center, first) = paid();
    let second = center.deliver(&card.keys(), 2);
    card.load_licence(&second.licence).unwrap();
    card.buy(&center, 2).unwrap();
    card.open_stream(&center, 2, &second.header).unwrap();
    refused(t, &mut card, 0x6A80, 0, &first.segments[0]);
    assert!(card.decrypt(0, &second.segments[0]).is_ok());
}

/// The last segment of a work of 100 bytes, with a right tag, whatever its padded plaintext is.
fn sealed(delivery: &Delivery, padded: &[u8]) -> Vec<u8> {
    let hash = sha256(&[&delivery.header.to_bytes()]);
    let derived = |label| AesKey::from(&kdf::expand(&delivery.key, label, &hash));
    let mut block = [0; 16];
    derived(LABEL_IV).encrypt_block(&mut block);
    let mut sealed = padded.to_vec();
    cbc::encrypt(&derived(LABEL_CIPHER), &block, &mut sealed).expect("whole blocks");
    let segment = delivery.header.segment(0).expect("a segment");
    let tag = cmac::cmac(&derived(LABEL_MAC), &[&mac_prefix(&hash, &segment), &sealed]);
    [sealed, tag.to_vec()].concat()
}

pub(super) fn st5_every_last_byte_is_refused_alike_with_and_without_a_right_tag(t: &mut Tally) {
    let (mut card, center) = customer(0xCA, 1_000);
    let delivery = center.deliver_as(&card.keys(), 1, &[0x41; 100], |_| ());
    card.load_licence(&delivery.licence).unwrap();
    card.buy(&center, 1).unwrap();
    card.open_stream(&center, 1, &delivery.header).unwrap();
    let padded = [&[0x41; 100][..], &[0; 12]].concat();
    let genuine = sealed(&delivery, &padded);
    assert!(genuine == delivery.segments[0]);
    for value in 1..=0xFF {
        for at in [100, 105, 111] {
            let mut wrong = padded.clone();
            wrong[at] = value;
            refused(t, &mut card, 0x6A80, 0, &sealed(&delivery, &wrong));
        }
        for at in [111, genuine.len() - 1] {
            let mut forged = genuine.clone();
            forged[at] ^= value;
            refused(t, &mut card, 0x6A80, 0, &forged);
        }
    }
    assert_eq!(card.decrypt(0, &genuine).unwrap(), [0x41; 100]);
    t.accepted();
}

pub(super) fn st7_a_cut_around_the_first_byte_never_gains_a_use(t: &mut Tally) {
    let (mut base, center) = customer(0xCA, 1_000);
    let delivery = center.deliver_as(&base.keys(), 1, b"thrice", |licence| licence.uses = 3);
    base.load_licence(&delivery.licence).unwrap();
    base.buy(&center, 1).unwrap();
    for at_write in 1..=12 {
        for leaves in [Leaves::Nothing, Leaves::Garbage, Leaves::Everything] {
            let mut card = TestCard::on(base.machine());
            card.select();
            card.cut_power(Cut { at_write, leaves, keeps_unsynced: true });
            let opened = card.open_stream(&center, 1, &delivery.header).is_ok();
            let played = opened && card.decrypt(0, &delivery.segments[0]).is_ok();
            card.power_cycle();
            let left = card.licence(&center, 1).unwrap().uses_left;
            let right = if played { left == 2 } else { left == 2 || left == 3 };
            t.case(right, || format!("{left} uses left after a cut at {at_write}, {leaves:?}"));
        }
    }
}
