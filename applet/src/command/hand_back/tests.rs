use super::*;
use saifu_wire::CenterId;
use saifu_wire::applet::Applet;
use saifu_wire::ins::Ins;
use saifu_wire::stream::Header;

use crate::test_kit::content::{named, range};
use crate::test_kit::sale::{delivery, plaintext, work};
use crate::test_kit::{PIN, TestCard, TestCenter};

const CENTER: TestCenter = TestCenter { id: CenterId([0xC1; 16]) };

fn header() -> Header {
    work(1, 1_000)
}

/// A card with licence and delivery 1, both as they came.
fn stored() -> TestCard {
    let mut card = CENTER.customer(1, 1_000);
    card.load_as_it_came(&CENTER.issue(CENTER.licence(card.id(), 1))).unwrap();
    card.store_all(&CENTER, 1, &header());
    card.power_cycle()
}

#[test]
fn the_delivery_comes_back_as_it_came() {
    let mut card = stored();
    let segments = delivery(1, &header());
    assert_eq!(card.hand_back(&CENTER, 1).unwrap(), header().to_bytes());
    assert_eq!(card.handed_back(0, 4).unwrap(), segments.concat());
    assert_eq!(card.handed_back(2, 1).unwrap(), segments[2]);
}

#[test]
fn procedure_2_ends_in_procedure_1() {
    let mut card = stored();
    let header = Header::from_bytes(&card.hand_back(&CENTER, 1).unwrap()).unwrap();
    let delivery = card.handed_back(0, 4).unwrap();
    card.buy(&CENTER, 1).unwrap();
    card.open(&CENTER, 1, &header).unwrap();
    assert_eq!(card.keep(0, &delivery).unwrap(), plaintext(&header));
    card.open_stored(&CENTER, 1).unwrap();
    assert_eq!(card.read_content(0, 4).unwrap(), plaintext(&header));
    assert_eq!(card.contents(&CENTER).len(), 2, "both forms");
}

#[test]
fn the_wrapped_key_stays_inside() {
    let mut card = stored();
    let licence = CENTER.issue(CENTER.licence(card.id(), 1));
    let wrapped = &licence.message().wrapped_key.0;
    card.hand_back(&CENTER, 1).unwrap();
    let handed = card.handed_back(0, 4).unwrap();
    let shows = |bytes: &[u8]| bytes.windows(32).any(|window| window == &wrapped[..32]);
    assert!(!shows(&handed));
    let outside = &card.card.store().platform().image().outside;
    assert!(!outside.values().any(|object| shows(object)));
}

#[test]
fn what_is_not_stored_or_not_opened_is_refused() {
    let mut card = stored();
    assert_eq!(card.refused(Ins::HandBack, 1, 0, &range(0, 1)), 0x6985);
    assert_eq!(card.refused(Ins::HandBack, 0, 0, &named(&CENTER, 2)), 0x6A88);
    card.hand_back(&CENTER, 1).unwrap();
    for (first, count, word) in [(4, 1, 0x6B00), (0, 5, 0x6B00), (0, 0, 0x6A80)] {
        assert_eq!(card.refused(Ins::HandBack, 1, 0, &range(first, count)), word);
    }
    card.card.reset();
    card.select();
    assert_eq!(card.refused(Ins::HandBack, 1, 0, &range(0, 1)), 0x6985);
}

#[test]
fn a_delivery_that_is_deleted_or_replaced_is_handed_back_no_further() {
    let mut card = stored();
    card.hand_back(&CENTER, 1).unwrap();
    card.verify(PIN).unwrap();
    card.begin_storing(&CENTER, 1, &header()).unwrap();
    assert_eq!(card.refused(Ins::HandBack, 1, 0, &range(0, 1)), 0x6985);
    assert_eq!(card.hand_back(&CENTER, 1), Err(0x6A88));
    card.store_all(&CENTER, 1, &header());
    card.hand_back(&CENTER, 1).unwrap();
    card.delete_content(&CENTER, 1, true).unwrap();
    assert_eq!(card.refused(Ins::HandBack, 1, 0, &range(0, 1)), 0x6985);
}

#[test]
fn id12_a_damaged_segment_or_one_of_the_other_form_is_6581() {
    let mut card = stored();
    let double = card.segments()[0];
    card.buy(&CENTER, 1).unwrap();
    card.keep_all(&CENTER, 1, &header());
    let plain = card.segments().into_iter().find(|name| name.work() != double.work()).unwrap();
    let whole = card.card.store().platform().image().outside.clone();
    let mut flipped = whole[&double].clone();
    flipped[40] ^= 1;
    for bad in [whole[&plain].clone(), flipped] {
        let mut platform = card.card.store().platform().clone();
        platform.image_mut().outside.insert(double, bad);
        let mut card = TestCard::with_power(platform);
        card.hand_back(&CENTER, 1).unwrap();
        assert_eq!(card.refused(Ins::HandBack, 1, 0, &range(0, 1)), 0x6581);
        assert!(card.handed_back(1, 3).is_ok());
    }
}
