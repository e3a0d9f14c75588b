//! A stored work whose record cannot be read: it fails alone, and can be deleted.

use alloc::vec;

use saifu_wire::CenterId;
use saifu_wire::answer::ContentState;
use saifu_wire::certificate::Role;
use saifu_wire::ins::Ins;
use saifu_wire::request::segments_data;

use crate::memory::Key;
use crate::memory::content::work_bytes;
use crate::memory::records::LicenceRecord;
use crate::platform::Memory;
use crate::test_kit::content::{listed, named};
use crate::test_kit::sale::{delivery, opening, plaintext, work};
use crate::test_kit::{PIN, TestCard, TestCenter};

const CENTER: TestCenter = TestCenter { id: CenterId([0xC1; 16]) };

/// A card with works 2 and 1, each with four segments; the record of the second is damaged.
fn damaged() -> TestCard {
    let mut card = CENTER.customer(1, 1_000);
    for number in [1, 2, 3] {
        card.load_licence(&CENTER.issue(CENTER.licence(card.id(), number))).unwrap();
        card.buy(&CENTER, number).unwrap();
    }
    card.keep_all(&CENTER, 2, &work(2, 1_000));
    card.open(&CENTER, 1, &work(1, 1_000)).unwrap();
    let segments = delivery(1, &work(1, 1_000));
    card.keep(0, &segments[..3].concat()).unwrap();
    let before = card.card.store().platform().image().outside.clone();
    card.keep(3, &segments[3]).unwrap();
    // Of what a commit writes into the manifest's memory, its record has the first number.
    let outside = &mut card.card.platform_mut().image_mut().outside;
    let new = outside.iter_mut().filter(|(name, _)| !before.contains_key(name));
    let manifest = new.filter(|(name, _)| name.memory == Memory::Manifest);
    *manifest.min_by_key(|(name, _)| name.number).unwrap().1.last_mut().unwrap() ^= 1;
    let mut card = card.power_cycle();
    card.verify(PIN).unwrap();
    card
}

/// Every work but the damaged one, as it must be.
fn others_are_well(card: &mut TestCard) {
    card.open_stored(&CENTER, 2).unwrap();
    assert_eq!(card.read_content(0, 4).unwrap(), plaintext(&work(2, 1_000)));
    card.keep_all(&CENTER, 3, &work(3, 1_000));
    card.delete_content(&CENTER, 3, false).unwrap();
}

/// What is left once the damaged record was dropped: the other work, and after a power-up no
/// segment but its own.
fn only_the_other_is_left(mut card: TestCard) {
    let other = ContentState { licence: 2, ..listed(CENTER.id, false, true) };
    assert_eq!(card.contents(&CENTER), [other]);
    assert_eq!(card.content_memory().used_bytes, work_bytes(&work(2, 1_000), false));
    let mut card = card.power_cycle();
    assert_eq!(card.segments().len(), 4);
    others_are_well(&mut card);
}

#[test]
fn it_fails_alone_and_is_listed_and_counted_with_what_its_licence_tells() {
    let mut card = damaged();
    assert_eq!(card.refused(Ins::OpenStream, 1, 0, &named(&CENTER, 1)), 0x6581);
    card.open(&CENTER, 1, &work(1, 1_000)).unwrap();
    let again = segments_data(0, &delivery(1, &work(1, 1_000)).concat());
    assert_eq!(card.refused(Ins::Decrypt, 1, 0, &again), 0x6581);
    let used = work_bytes(&work(2, 1_000), false) + 1_000;
    assert_eq!(card.content_memory().used_bytes, used);
    let unread = ContentState { complete: false, segments: 0, ..listed(CENTER.id, false, true) };
    let other = ContentState { licence: 2, ..listed(CENTER.id, false, true) };
    assert_eq!(card.contents(&CENTER), [unread, other]);
    others_are_well(&mut card);
    let begin = opening(&CENTER, 1, &work(1, 1_000));
    assert_eq!(card.send(Ins::StoreContent, 0, 0, &begin), Ok(vec![]), "its other form is another");
}

#[test]
fn it_is_deleted_and_its_segments_are_swept_away() {
    let mut card = damaged();
    card.delete_content(&CENTER, 1, false).unwrap();
    assert_eq!(card.segments().len(), 8, "whose they are is not known yet");
    only_the_other_is_left(card);
}

#[test]
fn it_goes_with_its_licence() {
    let mut card = damaged();
    let token = card.debit(&CENTER, 1).unwrap();
    let receipt = CENTER.sign(Role::Receipt, CENTER.receipt(&token)).to_bytes();
    card.send(Ins::Acknowledge, 0, 0, &receipt).unwrap();
    card.send(Ins::DeleteLicence, 0, 0, &named(&CENTER, 1)).unwrap();
    only_the_other_is_left(card);
}

#[test]
fn it_goes_with_a_refund() {
    let mut card = damaged();
    let key = Key::Licence(CENTER.id, 1);
    let record: LicenceRecord = card.card.store().get(&key).unwrap().unwrap();
    let mut refund = CENTER.load(card.id(), 2, 300);
    (refund.refunded_token, refund.refunded_licence) = (record.token, 1);
    CENTER.send(&mut card, Ins::Credit, refund).unwrap();
    only_the_other_is_left(card);
}
