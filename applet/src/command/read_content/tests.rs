use alloc::vec;
use alloc::vec::Vec;

use saifu_wire::answer::{LicenceStatus, StreamOpened};
use saifu_wire::applet::Applet;
use saifu_wire::ins::Ins;
use saifu_wire::signed::{Licence, PaymentOrder};
use saifu_wire::stream::Header;
use saifu_wire::{CenterId, Digest, Wire};

use crate::crypto::hash::sha256;
use crate::memory::Key;
use crate::memory::records::LicenceRecord;
use crate::platform::Memory;
use crate::test_kit::content::{named, range};
use crate::test_kit::sale::{SOLD, delivery, plaintext, work};
use crate::test_kit::{TestCard, TestCenter};

const CENTER: TestCenter = TestCenter { id: CenterId([0xC1; 16]) };

fn header() -> Header {
    work(1, 1_000)
}

/// Loads and pays a licence, and stores its work.
fn store(card: &mut TestCard, number: u64, change: impl FnOnce(&mut Licence)) {
    let mut licence = CENTER.licence(card.id(), number);
    change(&mut licence);
    card.load_licence(&CENTER.issue(licence)).unwrap();
    card.buy(&CENTER, number).unwrap();
    card.keep_all(&CENTER, number, &work(number, 1_000));
}

/// A card with the stored work of licence 1, four segments.
fn stored(change: impl FnOnce(&mut Licence)) -> TestCard {
    let mut card = CENTER.customer(1, 2_000);
    store(&mut card, 1, change);
    card
}

#[test]
fn a_stored_work_reads_back_after_a_power_cycle() {
    let mut card = stored(|_| ()).power_cycle();
    let opened = card.open_stored(&CENTER, 1).unwrap();
    assert_eq!(StreamOpened::from_bytes(&opened).unwrap().segments, 4);
    let whole = plaintext(&header());
    assert_eq!(card.read_content(0, 4).unwrap(), whole);
    assert_eq!(card.read_content(1, 2).unwrap(), whole[256..768]);
    assert_eq!(card.read_content(3, 1).unwrap(), whole[768..]);
}

#[test]
fn an_empty_work_is_stored_and_read_as_one_empty_segment() {
    let empty = work(1, 0);
    let mut card = CENTER.customer(1, 1_000);
    let mut licence = CENTER.licence(card.id(), 1);
    (licence.header, licence.total_bytes) = (Digest(sha256(&[&empty.to_bytes()])), 0);
    card.load_licence(&CENTER.issue(licence)).unwrap();
    card.buy(&CENTER, 1).unwrap();
    card.keep_all(&CENTER, 1, &empty);
    card.open_stored(&CENTER, 1).unwrap();
    assert_eq!(card.read_content(0, 1), Ok(vec![]));
}

#[test]
fn what_is_stored_is_sealed() {
    let card = stored(|_| ());
    let whole = plaintext(&header());
    for (name, object) in &card.card.store().platform().image().outside {
        let shows = object.windows(32).any(|window| whole[..256].windows(32).any(|w| w == window));
        assert!(!shows, "{name:?}");
    }
}

#[test]
fn st8_a_range_that_is_not_there_or_fits_no_answer_is_refused() {
    let mut card = stored(|_| ());
    card.open_stored(&CENTER, 1).unwrap();
    for (first, count) in [(4, 1), (3, 2), (0, 5), (0, 255), (u64::MAX, 1), (u64::MAX - 1, 2)] {
        let word = card.refused(Ins::ReadContent, 0, 0, &range(first, count));
        assert_eq!(word, 0x6B00, "{first} {count}");
    }
    assert_eq!(card.refused(Ins::ReadContent, 0, 0, &range(0, 0)), 0x6A80);
    assert_eq!(card.refused(Ins::ReadContent, 0, 0, &[0; 8]), 0x6A80);
}

#[test]
fn more_segments_than_one_answer_holds_are_6a80() {
    let header = Header { segment_bytes: 16_384, ..work(1, 5 * 16_384) };
    let mut card = CENTER.customer(1, 1_000);
    let mut licence = CENTER.licence(card.id(), 1);
    licence.header = Digest(sha256(&[&header.to_bytes()]));
    licence.total_bytes = header.total_bytes;
    card.load_licence(&CENTER.issue(licence)).unwrap();
    card.buy(&CENTER, 1).unwrap();
    card.keep_all(&CENTER, 1, &header);
    card.open_stored(&CENTER, 1).unwrap();
    assert_eq!(card.refused(Ins::ReadContent, 0, 0, &range(0, 4)), 0x6A80);
    assert_eq!(card.read_content(2, 3).unwrap(), plaintext(&header)[2 * 16_384..]);
}

#[test]
fn st6_a_stored_work_opens_only_as_its_licence_allows() {
    let mut card = stored(|licence| licence.uses = 3);
    for left in [1, 0] {
        card.open_stored(&CENTER, 1).unwrap();
        assert_eq!(card.licence_state(&CENTER, 1).uses_left, left);
    }
    assert_eq!(card.refused(Ins::OpenStream, 1, 0, &named(&CENTER, 1)), 0x6985);
    let mut card = stored(|licence| licence.not_after = SOLD);
    let mut later = CENTER.licence(card.id(), 2);
    later.time = SOLD + 1;
    card.load_licence(&CENTER.issue(later)).unwrap();
    assert_eq!(card.refused(Ins::OpenStream, 1, 0, &named(&CENTER, 1)), 0x6985);
}

#[test]
fn st6_a_work_stored_under_a_hold_is_paid_with_its_first_segment() {
    let mut card = CENTER.decrypt_first(1_000, |_| ());
    card.hold(&CENTER, 1).unwrap();
    card.open(&CENTER, 1, &header()).unwrap();
    let segments = delivery(1, &header());
    card.keep(0, &segments[0]).unwrap();
    assert_eq!(card.licence_state(&CENTER, 1).status, LicenceStatus::Released);
    card.keep(1, &segments[1..].concat()).unwrap();
    card.open_stored(&CENTER, 1).unwrap();
    assert_eq!(card.read_content(0, 4).unwrap(), plaintext(&header()));
}

#[test]
fn a_work_that_is_not_stored_or_not_complete_does_not_open() {
    let mut card = CENTER.customer(1, 1_000);
    assert_eq!(card.refused(Ins::OpenStream, 1, 0, &named(&CENTER, 1)), 0x6A88);
    card.load_licence(&CENTER.issue(CENTER.licence(card.id(), 1))).unwrap();
    card.buy(&CENTER, 1).unwrap();
    assert_eq!(card.refused(Ins::OpenStream, 1, 0, &named(&CENTER, 1)), 0x6A88);
    card.open(&CENTER, 1, &header()).unwrap();
    card.keep(0, &delivery(1, &header())[..3].concat()).unwrap();
    assert_eq!(card.refused(Ins::OpenStream, 1, 0, &named(&CENTER, 1)), 0x6A88);
}

#[test]
fn each_of_the_two_kinds_of_stream_has_its_own_command() {
    let mut card = stored(|_| ());
    card.open(&CENTER, 1, &header()).unwrap();
    assert_eq!(card.refused(Ins::ReadContent, 0, 0, &range(0, 1)), 0x6985);
    card.open_stored(&CENTER, 1).unwrap();
    assert_eq!(card.decrypt(0, &delivery(1, &header())[0]), Err(0x6985));
    assert_eq!(card.keep(0, &delivery(1, &header())[0]), Err(0x6985));
    assert!(card.read_content(0, 1).is_ok());
    card.card.reset();
    card.select();
    assert_eq!(card.refused(Ins::ReadContent, 0, 0, &range(0, 1)), 0x6985);
}

#[test]
fn a_damaged_or_missing_segment_is_6581_for_that_read_and_nothing_else() {
    let card = stored(|_| ());
    let second = card.segments()[1];
    for missing in [true, false] {
        let mut platform = card.card.store().platform().clone();
        let outside = &mut platform.image_mut().outside;
        if missing {
            outside.remove(&second);
        } else {
            outside.get_mut(&second).unwrap()[30] ^= 1;
        }
        let mut card = TestCard::with_power(platform);
        card.open_stored(&CENTER, 1).unwrap();
        assert_eq!(card.refused(Ins::ReadContent, 0, 0, &range(1, 1)), 0x6581);
        assert_eq!(card.refused(Ins::ReadContent, 0, 0, &range(0, 4)), 0x6581);
        assert_eq!(card.read_content(0, 1).unwrap(), plaintext(&header())[..256]);
        assert_eq!(card.read_content(2, 2).unwrap(), plaintext(&header())[512..]);
    }
}

/// Reads segment 0 of work 1 after another object was put in its place.
fn with_first_replaced(card: &TestCard, by: &[u8]) -> Result<Vec<u8>, u16> {
    let mut platform = card.card.store().platform().clone();
    let first = card.segments()[0];
    platform.image_mut().outside.insert(first, by.to_vec()).unwrap();
    let mut card = TestCard::with_power(platform);
    card.open_stored(&CENTER, 1).unwrap();
    card.read_content(0, 1)
}

#[test]
fn id12_segments_of_other_places_works_forms_and_cards_are_refused() {
    let mut card = stored(|_| ());
    store(&mut card, 2, |_| ());
    card.store_all(&CENTER, 1, &header());
    let outside = card.card.store().platform().image().outside.clone();
    let first = card.segments()[0];
    assert_eq!(
        with_first_replaced(&card, &outside[&first]),
        Ok(plaintext(&header())[..256].into())
    );
    for name in outside.keys().filter(|name| **name != first) {
        assert_eq!(with_first_replaced(&card, &outside[name]), Err(0x6581), "{name:?}");
    }
    let mut other = CENTER.customer(2, 1_000);
    store(&mut other, 1, |_| ());
    let theirs = &other.card.store().platform().image().outside;
    assert!(theirs.keys().any(|name| *name == first), "under the same name");
    assert_eq!(with_first_replaced(&card, &theirs[&first]), Err(0x6581));
}

#[test]
fn nv9_an_older_storing_put_back_is_refused() {
    let mut card = stored(|_| ());
    let older = card.card.store().platform().image().outside.clone();
    card.keep_all(&CENTER, 1, &header());
    let newer = card.segments();
    assert_eq!(newer.len(), 4, "what was stored before is gone");
    let mut platform = card.card.into_platform();
    let image = platform.image_mut();
    for (name, object) in older.iter().filter(|(name, _)| name.memory == Memory::Content) {
        image.outside.insert(*name, object.clone());
    }
    let olds: Vec<_> = older.iter().filter(|(name, _)| name.memory == Memory::Content).collect();
    for (name, (_, object)) in newer.iter().zip(olds) {
        image.outside.insert(*name, object.clone());
    }
    let mut card = TestCard::with_power(platform);
    card.open_stored(&CENTER, 1).unwrap();
    for index in 0..4 {
        assert_eq!(card.read_content(index, 1), Err(0x6581));
    }
}

#[test]
fn cr8_a_refund_closes_a_stored_work_and_takes_it_away() {
    let mut card = stored(|_| ());
    card.open_stored(&CENTER, 1).unwrap();
    let record: LicenceRecord =
        card.card.store().get(&Key::Licence(CENTER.id, 1)).unwrap().unwrap();
    let mut refund = CENTER.load(card.id(), 2, 300);
    (refund.refunded_token, refund.refunded_licence) = (record.token, 1);
    assert!(card.read_content(0, 1).is_ok());
    CENTER.send(&mut card, Ins::Credit, refund).unwrap();
    assert_eq!(card.refused(Ins::ReadContent, 0, 0, &range(0, 1)), 0x6985);
    assert_eq!(card.segments(), []);
    assert_eq!(card.content_memory().used_bytes, 0);
    assert_eq!(card.contents(&CENTER), []);
}

#[test]
fn a_work_deleted_or_stored_anew_on_the_way_is_read_no_further() {
    for anew in [false, true] {
        let mut card = stored(|_| ());
        card.open_stored(&CENTER, 1).unwrap();
        if anew {
            let stream = card.card.store().root();
            card.begin_storing(&CENTER, 1, &header()).unwrap();
            assert_ne!(card.card.store().root(), stream, "a commit that is not this work's");
            assert!(card.read_content(0, 1).is_ok());
        }
        card.delete_content(&CENTER, 1, false).unwrap();
        assert_eq!(card.refused(Ins::ReadContent, 0, 0, &range(0, 1)), 0x6985);
    }
}

#[test]
fn a_gift_is_stored_and_read_without_a_payment() {
    let mut card = CENTER.customer(1, 0);
    let mut licence = CENTER.licence(card.id(), 1);
    licence.payment = PaymentOrder::AlreadyPaid;
    licence.prices.0.clear();
    card.load_licence(&CENTER.issue(licence)).unwrap();
    card.keep_all(&CENTER, 1, &header());
    card.open_stored(&CENTER, 1).unwrap();
    assert_eq!(card.read_content(0, 4).unwrap(), plaintext(&header()));
}
