use alloc::vec;
use alloc::vec::Vec;

use super::*;
use saifu_wire::answer::UNLIMITED;
use saifu_wire::certificate::Role;
use saifu_wire::codec::List;
use saifu_wire::ins::Ins;
use saifu_wire::signed::{Licence, PaymentOrder};
use saifu_wire::stream::HEADER_BYTES;
use saifu_wire::{CenterId, Digest};

use crate::platform::ram::{Cut, Leaves};
use crate::secure::Memory;
use crate::test_kit::sale::{SOLD, content_key, delivery, opening, plaintext, work};
use crate::test_kit::{TestCard, TestCenter, certify};

const CENTER: TestCenter = TestCenter { id: CenterId([0xC1; 16]) };

/// A card with licence 1, loaded and not paid.
fn loaded(change: impl FnOnce(&mut Licence)) -> TestCard {
    let mut card = CENTER.customer(1, 1_000);
    let mut licence = CENTER.licence(card.id(), 1);
    change(&mut licence);
    card.load_licence(&CENTER.issue(licence)).unwrap();
    card
}

fn paid(change: impl FnOnce(&mut Licence)) -> TestCard {
    let mut card = loaded(change);
    card.buy(&CENTER, 1).unwrap();
    card
}

fn header() -> Header {
    work(1, 1_000)
}

fn open(card: &mut TestCard) -> Result<StreamOpened, u16> {
    let answer = card.open(&CENTER, 1, &header())?;
    Ok(StreamOpened::from_bytes(&answer).unwrap())
}

fn refused(card: &mut TestCard, header: &Header) -> u16 {
    card.refused(Ins::OpenStream, 0, 0, &opening(&CENTER, 1, header))
}

/// The first segment's plaintext, if a stream is open.
fn play(card: &mut TestCard) -> Result<Vec<u8>, u16> {
    card.decrypt(0, &delivery(1, &header())[0])
}

#[test]
fn a_paid_licence_opens_as_often_as_one_likes() {
    let mut card = paid(|_| ());
    for _ in 0..3 {
        let opened = StreamOpened { segments: 4, uses_left: UNLIMITED };
        assert_eq!(open(&mut card), Ok(opened));
        assert_eq!(play(&mut card), Ok(plaintext(&header())[..256].to_vec()));
    }
}

#[test]
fn st6_nothing_opens_before_it_is_paid() {
    let mut card = loaded(|_| ());
    assert_eq!(refused(&mut card, &header()), 0x6985);
    assert_eq!(play(&mut card), Err(0x6985));
    card.buy(&CENTER, 1).unwrap();
    assert!(open(&mut card).is_ok());
}

#[test]
fn st6_uses_are_counted_down_and_end() {
    let mut card = paid(|licence| licence.uses = 2);
    for uses_left in [1, 0] {
        assert_eq!(open(&mut card), Ok(StreamOpened { segments: 4, uses_left }));
        assert_eq!(card.licence_state(&CENTER, 1).uses_left, uses_left);
        card = card.power_cycle();
    }
    assert_eq!(refused(&mut card, &header()), 0x6985);
}

#[test]
fn st6_a_stream_of_the_last_use_plays_to_its_end() {
    let mut card = paid(|licence| licence.uses = 1);
    open(&mut card).unwrap();
    let segments = delivery(1, &header()).concat();
    assert_eq!(card.decrypt(0, &segments), Ok(plaintext(&header())));
    assert_eq!(card.decrypt(0, &segments), Ok(plaintext(&header())));
}

#[test]
fn st6_nothing_opens_after_the_licence_s_last_second() {
    let mut card = paid(|licence| licence.not_after = SOLD);
    assert!(open(&mut card).is_ok());
    let mut later = CENTER.licence(card.id(), 2);
    later.time = SOLD + 1;
    card.load_licence(&CENTER.issue(later)).unwrap();
    assert_eq!(refused(&mut card, &header()), 0x6985);
}

#[test]
fn st7_a_cut_between_the_count_and_the_first_byte_never_gains_a_use() {
    let platform = paid(|licence| licence.uses = 2).card.into_platform();
    let mut seen = Vec::new();
    for at_write in 1.. {
        let mut card = TestCard::with_power(platform.clone());
        let leaves = Leaves::Beginning(9);
        card.card.platform_mut().cut_power(Cut { at_write, leaves, keeps_unsynced: true });
        let opened = open(&mut card).is_ok();
        let failed = !card.card.store().platform().has_power();
        let mut card = card.power_cycle();
        let left = card.licence_state(&CENTER, 1).uses_left;
        assert!(left == 1 || (left == 2 && !opened), "{left} left, opened {opened}");
        if !failed {
            break;
        }
        seen.push(left);
    }
    assert!(seen.contains(&2) && seen.contains(&1));
}

#[test]
fn st4_any_other_header_is_refused() {
    let mut card = paid(|_| ());
    let good = opening(&CENTER, 1, &header());
    for at in good.len() - HEADER_BYTES..good.len() {
        let mut bad = good.clone();
        bad[at] ^= 1;
        assert_eq!(card.refused(Ins::OpenStream, 0, 0, &bad), 0x6A80, "byte {at}");
    }
    for bad in [&good[..good.len() - 1], &[good.as_slice(), &[0]].concat(), &good[..24]] {
        assert_eq!(card.refused(Ins::OpenStream, 0, 0, bad), 0x6A80);
    }
    assert!(card.send(Ins::OpenStream, 0, 0, &good).is_ok());
}

#[test]
fn st4_a_header_of_another_size_than_the_licence_tells_is_refused() {
    let longer = work(1, 1_001);
    let hash = Digest(sha256(&[&longer.to_bytes()]));
    let mut card = paid(|licence| licence.header = hash);
    assert_eq!(refused(&mut card, &longer), 0x6A80);
}

#[test]
fn a_licence_or_a_stored_work_that_is_not_there_is_6a88() {
    let mut card = paid(|_| ());
    let other = opening(&CENTER, 2, &header());
    assert_eq!(card.refused(Ins::OpenStream, 0, 0, &other), 0x6A88);
    let stored = LicenceRef { center: CENTER.id, number: 1 }.to_bytes();
    assert_eq!(card.refused(Ins::OpenStream, 1, 0, &stored), 0x6A88);
}

#[test]
fn li13_a_key_that_is_not_the_sealed_one_opens_nothing() {
    let platform = paid(|_| ()).card.into_platform();
    let sealed = |name: &&crate::platform::ObjectName| name.memory == Memory::Key;
    let name = *platform.image().outside.keys().find(sealed).unwrap();
    let good = platform.image().outside[&name].clone();
    let constants = vec![0x41; good.len()];
    let plain = content_key(1).expose().to_vec();
    for bad in [vec![], good[1..].to_vec(), constants, plain, [good, vec![0]].concat()] {
        let mut platform = platform.clone();
        platform.image_mut().outside.insert(name, bad);
        let mut card = TestCard::with_power(platform);
        assert_eq!(refused(&mut card, &header()), 0x6581);
    }
}

#[test]
fn li13_without_its_sealed_key_a_licence_opens_nothing() {
    let mut change = Change::new();
    change.remove(Key::ContentKey(CENTER.id, 1));
    let mut card = paid(|_| ()).with_change(change);
    assert_eq!(refused(&mut card, &header()), 0x6581);
}

#[test]
fn st6_a_licence_that_needs_a_signed_time_opens_only_in_a_session_that_has_one() {
    let mut card = paid(|licence| licence.needs_time = true);
    assert_eq!(refused(&mut card, &header()), 0x6985);
    card.set_time(&CENTER, SOLD).unwrap();
    assert!(open(&mut card).is_ok());
    card.select();
    assert_eq!(refused(&mut card, &header()), 0x6985);
    card.set_time(&TestCenter::new(0xC2), SOLD).unwrap_err();
    assert_eq!(refused(&mut card, &header()), 0x6985);
}

#[test]
fn st6_a_signed_time_outside_the_licence_s_validity_opens_nothing() {
    for (time, good) in [(SOLD, false), (SOLD + 9, false), (SOLD + 10, true), (SOLD + 20, true)] {
        let mut card = paid(|licence| {
            (licence.not_before, licence.not_after) = (SOLD + 10, SOLD + 20);
        });
        card.set_time(&CENTER, time).unwrap();
        assert_eq!(open(&mut card).is_ok(), good, "{time}");
    }
    let mut card = paid(|licence| licence.not_after = SOLD + 20);
    card.set_time(&CENTER, SOLD + 21).unwrap();
    assert_eq!(refused(&mut card, &header()), 0x6985);
    card.select();
    assert_eq!(refused(&mut card, &header()), 0x6985, "the floor has risen");
}

#[test]
fn a_refused_opening_costs_no_use_and_closes_nothing() {
    let mut card = paid(|licence| licence.uses = 2);
    open(&mut card).unwrap();
    assert_eq!(refused(&mut card, &work(2, 1_000)), 0x6A80);
    assert!(play(&mut card).is_ok());
    assert_eq!(card.licence_state(&CENTER, 1).uses_left, 1);
}

#[test]
fn cr8_a_refunded_licence_opens_nothing_and_its_open_stream_is_closed() {
    let mut card = paid(|_| ());
    open(&mut card).unwrap();
    let record: LicenceRecord =
        card.card.store().get(&Key::Licence(CENTER.id, 1)).unwrap().unwrap();
    assert!(play(&mut card).is_ok());
    let mut refund = CENTER.load(card.id(), 2, 300);
    (refund.refunded_token, refund.refunded_licence) = (record.token, 1);
    CENTER.send(&mut card, Ins::Credit, refund).unwrap();
    assert_eq!(play(&mut card), Err(0x6985));
    assert_eq!(refused(&mut card, &header()), 0x6985);
}

#[test]
fn a_commit_that_is_no_refund_leaves_the_stream_open() {
    let mut card = paid(|_| ());
    open(&mut card).unwrap();
    let other = CENTER.issue(CENTER.licence(card.id(), 2));
    card.load_licence(&other).unwrap();
    assert!(play(&mut card).is_ok());
}

#[test]
fn a_gift_opens_without_a_payment() {
    let mut card = loaded(|licence| {
        licence.payment = PaymentOrder::AlreadyPaid;
        licence.prices = List(vec![]);
    });
    assert!(open(&mut card).is_ok());
}

#[test]
fn id7_what_a_retired_licence_key_signed_is_paid_and_opened_and_no_more_is_loaded() {
    let mut card = loaded(|_| ());
    let mut body = CENTER.body(Role::Licence, 2);
    body.retires_below = 2;
    card.send(Ins::VerifyCertificate, 0, 0xBE, &certify(body).content()).unwrap();
    let later = CENTER.issue(CENTER.licence(card.id(), 2));
    assert_eq!(card.load_licence(&later), Err(0x6A80));
    card.buy(&CENTER, 1).unwrap();
    assert!(open(&mut card).is_ok());
    assert!(play(&mut card).is_ok());
}

#[test]
fn id2_what_one_center_signs_moves_neither_time_nor_validity_of_another() {
    let mut card = paid(|licence| licence.not_after = SOLD);
    let other = TestCenter::new(0xC2);
    other.introduce(&mut card);
    card.set_time(&other, SOLD + 1).unwrap();
    assert!(open(&mut card).is_ok());
    card.set_time(&CENTER, SOLD + 1).unwrap();
    assert_eq!(refused(&mut card, &header()), 0x6985);
}
