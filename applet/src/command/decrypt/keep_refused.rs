//! DECRYPT that would store, and is refused: what is stored stays what it was, the copy that it
//! would have replaced included.

use alloc::vec::Vec;

use saifu_wire::CenterId;
use saifu_wire::certificate::{Name, Role};
use saifu_wire::ins::Ins;
use saifu_wire::request::segments_data;
use saifu_wire::stream::Header;

use crate::memory::records::ContentRecord;
use crate::memory::{Change, Key};
use crate::test_kit::content::{listed, range};
use crate::test_kit::sale::{content_key, delivery, opening, plaintext, seal_segment, work};
use crate::test_kit::{PIN, TestCard, TestCenter, certify, encryption_key, public_rsa};

const CENTER: TestCenter = TestCenter { id: CenterId([0xC1; 16]) };

fn header() -> Header {
    work(1, 1_000)
}

fn segments() -> Vec<u8> {
    delivery(1, &header()).concat()
}

/// The whole work, to be decrypted and stored, the end of it padded wrongly under right tags.
fn padded_wrongly() -> Vec<u8> {
    let mut segments = delivery(1, &header());
    segments[3] = seal_segment(&content_key(1), &header(), 3, [1; 256].to_vec());
    segments_data(0, &segments.concat())
}

/// A card whose price is on hold for a licence with so many uses.
fn held(uses: u32) -> TestCard {
    let mut card = CENTER.decrypt_first(1_000, |licence| licence.uses = uses);
    card.hold(&CENTER, 1).unwrap();
    card
}

#[test]
fn wrong_padding_under_right_tags_replaces_nothing() {
    let mut card = CENTER.customer(1, 1_000);
    card.load_licence(&CENTER.issue(CENTER.licence(card.id(), 1))).unwrap();
    card.buy(&CENTER, 1).unwrap();
    card.open(&CENTER, 1, &header()).unwrap();
    assert_eq!(card.refused(Ins::Decrypt, 1, 0, &padded_wrongly()), 0x6A80);
    assert_eq!(card.contents(&CENTER), []);
    card.keep_all(&CENTER, 1, &header());
    assert_eq!(card.refused(Ins::Decrypt, 1, 0, &padded_wrongly()), 0x6A80);
    card.open_stored(&CENTER, 1).unwrap();
    assert_eq!(card.read_content(0, 4).unwrap(), plaintext(&header()));
}

#[test]
fn when_the_last_use_is_taken_by_another_stream_the_old_copy_stays() {
    let mut card = held(2);
    card.select_on(1);
    card.send_on(1, Ins::Verify, [0, 0x81], PIN).unwrap();
    card.send_on(1, Ins::OpenStream, [0, 0], &opening(&CENTER, 1, &header())).unwrap();
    card.keep_all(&CENTER, 1, &header());
    card.open_stored(&CENTER, 1).unwrap();
    let before = card.card.store().platform().image().clone();
    let refused = card.send_on(1, Ins::Decrypt, [1, 0], &segments_data(0, &segments()));
    assert_eq!(refused, Err(0x6985), "it opened under the hold, and both uses are gone");
    let after = card.card.store().platform().image();
    assert!(after.outside == before.outside && after.slots == before.slots);
    assert_eq!(card.send(Ins::ReadContent, 0, 0, &range(0, 4)).unwrap(), plaintext(&header()));
}

#[test]
fn a_payment_key_that_was_retired_is_paid_nothing_and_the_old_copy_stays() {
    let mut copy = Change::new();
    let record = ContentRecord { id: 1, header: header(), complete: true };
    copy.put(Key::Content(CENTER.id, 1, false), &record);
    let mut card = held(0).with_change(copy);
    let mut body = CENTER.body(Role::Payment, 2);
    (body.key, body.retires_below) = (public_rsa(encryption_key()), 2);
    body.holder = Name::of_holder(&CENTER.id.0, Role::Payment, 2);
    card.send(Ins::VerifyCertificate, 0, 0xBE, &certify(body).content()).unwrap();
    card.verify(PIN).unwrap();
    card.open(&CENTER, 1, &header()).unwrap();
    let all = segments_data(0, &segments());
    assert_eq!(card.refused(Ins::Decrypt, 1, 0, &all), 0x6A80);
    assert_eq!(card.contents(&CENTER), [listed(CENTER.id, false, true)]);
}

#[test]
fn a_held_licence_is_paid_and_begins_to_be_kept_in_one_commit() {
    let mut card = held(0);
    card.open(&CENTER, 1, &header()).unwrap();
    let epoch = card.card.store().next_content_id().unwrap();
    card.keep(0, &delivery(1, &header())[0]).unwrap();
    assert_eq!(card.card.store().next_content_id(), Ok(epoch + 1));
    assert_eq!(card.standing(&CENTER, 1).tokens, 1);
    assert_eq!(card.contents(&CENTER), [listed(CENTER.id, false, false)]);
}

/// A card that keeps the work whole, with the stream open and the PIN not shown since power-up.
fn kept() -> TestCard {
    let mut card = CENTER.customer(1, 1_000);
    card.load_licence(&CENTER.issue(CENTER.licence(card.id(), 1))).unwrap();
    card.buy(&CENTER, 1).unwrap();
    card.keep_all(&CENTER, 1, &header());
    let mut card = card.power_cycle();
    card.open(&CENTER, 1, &header()).unwrap();
    card
}

#[test]
fn only_who_shows_the_pin_has_a_whole_copy_replaced() {
    let mut card = kept();
    let all = segments_data(0, &segments());
    assert_eq!(card.refused(Ins::Decrypt, 1, 0, &all), 0x6982);
    assert_eq!(card.decrypt(0, &segments()).unwrap(), plaintext(&header()), "the stream is open");
    card.open_stored(&CENTER, 1).unwrap();
    assert_eq!(card.read_content(0, 4).unwrap(), plaintext(&header()));
    card.open(&CENTER, 1, &header()).unwrap();
    card.verify(PIN).unwrap();
    assert!(card.keep(0, &segments()).is_ok());
}

#[test]
fn what_is_not_whole_is_replaced_without_the_pin() {
    let mut card = kept();
    card.verify(PIN).unwrap();
    card.keep(0, &delivery(1, &header())[0]).unwrap();
    let mut card = card.power_cycle();
    card.open(&CENTER, 1, &header()).unwrap();
    assert_eq!(card.keep(0, &segments()).unwrap(), plaintext(&header()));
}

#[test]
fn a_blocked_pin_lets_no_whole_copy_be_replaced_even_where_it_was_shown() {
    let mut card = kept();
    card.verify(PIN).unwrap();
    card.select_on(1);
    for left in [0x63C2, 0x63C1, 0x63C0] {
        assert_eq!(card.send_on(1, Ins::Verify, [0, 0x81], b"0000"), Err(left));
    }
    assert_eq!(card.refused(Ins::Decrypt, 1, 0, &segments_data(0, &segments())), 0x6983);
}
