use super::*;
use alloc::vec;
use alloc::vec::Vec;
use saifu_wire::applet::{AID, Applet};
use saifu_wire::certificate::Role;
use saifu_wire::ins::Ins;
use saifu_wire::request::segments_data;

use crate::test_kit::sale::{content_key, delivery, opening, plaintext, seal_segment, work};
use crate::test_kit::{TestCard, TestCenter, command};

const CENTER: TestCenter = TestCenter { id: CenterId([0xC1; 16]) };

/// A card with a price on hold for licence 1, which may be opened so often.
fn held(uses: u32) -> TestCard {
    let mut card = CENTER.decrypt_first(1_000, |licence| licence.uses = uses);
    card.hold(&CENTER, 1).unwrap();
    card
}

fn segments() -> Vec<Vec<u8>> {
    delivery(1, &work(1, 1_000))
}

fn open(card: &mut TestCard) -> Result<Vec<u8>, u16> {
    card.open(&CENTER, 1, &work(1, 1_000))
}

fn status(card: &TestCard) -> (LicenceStatus, u32) {
    let standing = card.standing(&CENTER, 1);
    (standing.status, standing.uses_left)
}

/// Sends a command on channel 1, with the applet selected there.
fn on_channel_1(card: &mut TestCard, ins: Ins, data: &[u8]) -> u16 {
    let mut apdu = command(ins, 0, 0, data, Some(65_536));
    apdu[0] |= 1;
    card.transmit(&apdu).1
}

fn select_on_channel_1(card: &mut TestCard) {
    let select = command(Ins::Select, 4, 0, &AID, Some(256));
    card.card.select(1, &[&[1], &select[1..]].concat(), &mut vec![]);
}

#[test]
fn c1_the_first_byte_of_a_held_licence_pays_it_and_counts_its_use() {
    let mut card = held(2);
    let root = card.card.store().root();
    assert!(open(&mut card).is_ok());
    assert_eq!(card.card.store().root(), root, "opening alone stores nothing");
    assert_eq!(card.decrypt(0, &segments()[0]).unwrap(), plaintext(&work(1, 1_000))[..256]);
    let standing = card.standing(&CENTER, 1);
    assert_eq!((standing.status, standing.uses_left), (LicenceStatus::Released, 1));
    assert_eq!((standing.balance, standing.held), (700, 0));
    assert_eq!((standing.counter, standing.tokens, standing.holds), (4, 1, 0));
    let token = card.release(&CENTER, 1).unwrap();
    assert_eq!(CENTER.read(&card, &token).1.amount, 300);
    // The rest of the stream costs nothing more.
    assert!(card.decrypt(0, &segments().concat()).is_ok());
    assert_eq!(status(&card), (LicenceStatus::Released, 1));
    open(&mut card).unwrap();
    assert_eq!(status(&card), (LicenceStatus::Released, 0));
}

#[test]
fn c1_nothing_leaves_before_there_is_a_hold() {
    let mut card = CENTER.decrypt_first(1_000, |_| ());
    let data = opening(&CENTER, 1, &work(1, 1_000));
    assert_eq!(card.refused(Ins::OpenStream, 0, 0, &data), 0x6985);
    card.hold(&CENTER, 1).unwrap();
    assert!(open(&mut card).is_ok());
}

#[test]
fn c3_a_center_that_pads_wrongly_under_right_tags_is_not_paid() {
    let mut card = held(0);
    open(&mut card).unwrap();
    let bad = seal_segment(&content_key(1), &work(1, 1_000), 3, vec![1; 256]);
    assert_eq!(card.refused(Ins::Decrypt, 0, 0, &segments_data(3, &bad)), 0x6A80);
    assert_eq!(status(&card).0, LicenceStatus::Held);
    assert!(card.decrypt(3, &segments()[3]).is_ok());
    assert_eq!(status(&card).0, LicenceStatus::Released);
}

#[test]
fn c3_data_that_are_refused_pay_nothing() {
    let mut card = held(0);
    open(&mut card).unwrap();
    let mut bad = segments().concat();
    *bad.last_mut().unwrap() ^= 1;
    assert_eq!(card.refused(Ins::Decrypt, 0, 0, &segments_data(0, &bad)), 0x6A80);
    assert_eq!(card.refused(Ins::Decrypt, 0, 0, &segments_data(4, &bad)), 0x6B00);
    assert_eq!(card.refused(Ins::Decrypt, 0, 0, &segments_data(0, &bad[..100])), 0x6A80);
    assert_eq!(status(&card).0, LicenceStatus::Held);
    assert!(card.cancel(&CENTER, 1).is_ok());
}

#[test]
fn a_stream_opened_under_a_hold_that_was_released_meanwhile_counts_its_use_then() {
    let mut card = held(2);
    open(&mut card).unwrap();
    card.release(&CENTER, 1).unwrap();
    assert_eq!(status(&card), (LicenceStatus::Released, 2));
    assert!(card.decrypt(0, &segments()[0]).is_ok());
    assert_eq!(status(&card), (LicenceStatus::Released, 1));
    assert!(card.decrypt(1, &segments()[1]).is_ok());
    assert_eq!(status(&card), (LicenceStatus::Released, 1));
    assert_eq!(card.standing(&CENTER, 1).tokens, 1, "one payment");
}

#[test]
fn two_channels_share_one_hold_and_not_one_use() {
    let mut card = held(1);
    select_on_channel_1(&mut card);
    let data = opening(&CENTER, 1, &work(1, 1_000));
    open(&mut card).unwrap();
    assert_eq!(on_channel_1(&mut card, Ins::OpenStream, &data), 0x9000);
    assert!(card.decrypt(0, &segments()[0]).is_ok());
    let first = segments_data(0, &segments()[0]);
    assert_eq!(on_channel_1(&mut card, Ins::Decrypt, &first), 0x6985, "the only use is gone");
    assert_eq!(on_channel_1(&mut card, Ins::OpenStream, &data), 0x6985);
    assert_eq!(status(&card), (LicenceStatus::Released, 0));
    assert_eq!(card.standing(&CENTER, 1).tokens, 1);
    assert!(card.decrypt(1, &segments()[1]).is_ok());
}

#[test]
fn a_cancel_or_a_refund_on_another_channel_closes_the_stream() {
    let mut card = held(0);
    select_on_channel_1(&mut card);
    let data = opening(&CENTER, 1, &work(1, 1_000));
    let first = segments_data(0, &segments()[0]);
    assert_eq!(on_channel_1(&mut card, Ins::OpenStream, &data), 0x9000);
    card.cancel(&CENTER, 1).unwrap();
    assert_eq!(on_channel_1(&mut card, Ins::Decrypt, &first), 0x6985);
    card.hold(&CENTER, 1).unwrap();
    assert_eq!(on_channel_1(&mut card, Ins::Decrypt, &first), 0x6985, "it stays closed");
    assert_eq!(on_channel_1(&mut card, Ins::OpenStream, &data), 0x9000);
    assert_eq!(on_channel_1(&mut card, Ins::Decrypt, &first), 0x9000);
    let token = card.release(&CENTER, 1).unwrap();
    let mut refund = CENTER.load(card.id(), 2, 300);
    (refund.refunded_token, refund.refunded_licence) = (CENTER.receipt(&token).token, 1);
    CENTER.send(&mut card, Ins::Credit, refund).unwrap();
    assert_eq!(on_channel_1(&mut card, Ins::Decrypt, &first), 0x6985);
}

#[test]
fn a_held_licence_without_uses_left_is_no_gift() {
    // One use, spent under a hold; a licence is held once, so there is no other.
    let mut card = held(1);
    open(&mut card).unwrap();
    card.decrypt(0, &segments()[0]).unwrap();
    let mut card = card.power_cycle();
    let data = opening(&CENTER, 1, &work(1, 1_000));
    assert_eq!(card.refused(Ins::OpenStream, 0, 0, &data), 0x6985);
    let receipt = CENTER.receipt(&card.release(&CENTER, 1).unwrap());
    let receipt = CENTER.sign(Role::Receipt, receipt).to_bytes();
    assert!(card.send(Ins::Acknowledge, 0, 0, &receipt).is_ok());
}
