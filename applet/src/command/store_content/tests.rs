use alloc::vec;

use super::*;
use saifu_wire::CenterId;
use saifu_wire::applet::Applet;
use saifu_wire::ins::Ins;
use saifu_wire::request::segments_data;
use saifu_wire::stream::HEADER_BYTES;

use crate::memory::content::work_bytes;
use crate::platform::ram::{Cut, Leaves};
use crate::test_kit::content::listed;
use crate::test_kit::sale::{delivery, opening, work};
use crate::test_kit::{PIN, TestCard, TestCenter};

const CENTER: TestCenter = TestCenter { id: CenterId([0xC1; 16]) };

fn header() -> Header {
    work(1, 1_000)
}

fn segments(range: core::ops::Range<usize>) -> alloc::vec::Vec<u8> {
    delivery(1, &header())[range].concat()
}

/// A card with licence 1, its key as it came, and nothing paid.
fn loaded() -> TestCard {
    let mut card = CENTER.customer(1, 1_000);
    card.load_as_it_came(&CENTER.issue(CENTER.licence(card.id(), 1))).unwrap();
    card
}

fn refused(card: &mut TestCard, first: u64, segments: &[u8]) -> u16 {
    card.refused(Ins::StoreContent, 1, 0, &segments_data(first, segments))
}

#[test]
fn a_work_is_complete_only_when_that_is_said_and_true() {
    let mut card = loaded();
    card.begin_storing(&CENTER, 1, &header()).unwrap();
    card.store(0, &segments(0..3)).unwrap();
    assert_eq!(card.refused(Ins::StoreContent, 2, 0, &[]), 0x6985);
    card.store(3, &segments(3..4)).unwrap();
    assert_eq!(card.contents(&CENTER), [listed(CENTER.id, true, false)]);
    assert_eq!(card.hand_back(&CENTER, 1), Err(0x6A88));
    card.finish_storing().unwrap();
    assert_eq!(card.contents(&CENTER), [listed(CENTER.id, true, true)]);
    assert_eq!(card.refused(Ins::StoreContent, 2, 0, &[]), 0x6985, "a second time");
}

#[test]
fn without_a_beginning_nothing_is_stored() {
    let mut card = loaded();
    assert_eq!(refused(&mut card, 0, &segments(0..1)), 0x6985);
    assert_eq!(card.refused(Ins::StoreContent, 2, 0, &[]), 0x6985);
    card.begin_storing(&CENTER, 1, &header()).unwrap();
    card.card.reset();
    card.select();
    assert_eq!(refused(&mut card, 0, &segments(0..1)), 0x6985);
}

#[test]
fn only_the_next_whole_segments_are_taken() {
    let mut card = loaded();
    card.begin_storing(&CENTER, 1, &header()).unwrap();
    assert_eq!(refused(&mut card, 1, &segments(1..2)), 0x6B00);
    for length in [0, 1, 271, 273] {
        assert_eq!(refused(&mut card, 0, &segments(0..2)[..length]), 0x6A80, "{length}");
    }
    card.store(0, &segments(0..4)).unwrap();
    for index in [0, 3, 4, u64::MAX] {
        assert_eq!(refused(&mut card, index, &segments(3..4)), 0x6B00, "{index}");
    }
    let extra = [segments(0..4), segments(3..4)].concat();
    card.begin_storing(&CENTER, 1, &header()).unwrap();
    assert_eq!(refused(&mut card, 0, &extra), 0x6A80);
}

#[test]
fn st4_any_other_header_is_refused() {
    let mut card = loaded();
    let good = opening(&CENTER, 1, &header());
    for at in good.len() - HEADER_BYTES..good.len() {
        let mut bad = good.clone();
        bad[at] ^= 1;
        assert_eq!(card.refused(Ins::StoreContent, 0, 0, &bad), 0x6A80, "byte {at}");
    }
    let unknown = opening(&CENTER, 2, &header());
    assert_eq!(card.refused(Ins::StoreContent, 0, 0, &unknown), 0x6A88);
    assert_eq!(card.refused(Ins::StoreContent, 0, 0, &good[..93]), 0x6A80);
}

#[test]
fn a_refunded_licence_stores_nothing() {
    let mut card = loaded();
    card.buy(&CENTER, 1).unwrap();
    card.store_all(&CENTER, 1, &header());
    card.begin_storing(&CENTER, 1, &header()).unwrap();
    let key = Key::Licence(CENTER.id, 1);
    let record: LicenceRecord = card.card.store().get(&key).unwrap().unwrap();
    let mut refund = CENTER.load(card.id(), 2, 300);
    (refund.refunded_token, refund.refunded_licence) = (record.token, 1);
    CENTER.send(&mut card, Ins::Credit, refund).unwrap();
    assert_eq!(refused(&mut card, 0, &segments(0..1)), 0x6985);
    let again = opening(&CENTER, 1, &header());
    assert_eq!(card.refused(Ins::StoreContent, 0, 0, &again), 0x6985);
    assert_eq!((card.segments(), card.contents(&CENTER)), (vec![], vec![]));
}

#[test]
fn a_work_that_does_not_fit_is_6a84_and_both_forms_take_room() {
    let (plain, doubly) = (work_bytes(&header(), false), work_bytes(&header(), true));
    let machine = loaded().card.into_platform().with_content_bytes(plain + doubly - 1);
    let mut card = TestCard::with_power(machine);
    card.store_all(&CENTER, 1, &header());
    assert_eq!(card.content_memory().used_bytes, doubly);
    card.buy(&CENTER, 1).unwrap();
    card.open(&CENTER, 1, &header()).unwrap();
    assert_eq!(card.keep(0, &segments(0..1)), Err(0x6A84));
    card.delete_content(&CENTER, 1, true).unwrap();
    card.keep_all(&CENTER, 1, &header());
    let begin = opening(&CENTER, 1, &header());
    assert_eq!(card.refused(Ins::StoreContent, 0, 0, &begin), 0x6A84);
}

#[test]
fn storing_changes_neither_licence_nor_key() {
    let mut card = loaded();
    let before = card.licence_state(&CENTER, 1);
    card.store_all(&CENTER, 1, &header());
    assert_eq!(card.licence_state(&CENTER, 1), before);
    let key = Key::DoubleKey(CENTER.id, 1);
    assert_eq!(card.card.store().count(&(key..=key)), 1);
}

#[test]
fn a_cut_at_any_write_leaves_a_whole_delivery_or_none_that_is_handed_back() {
    let platform = loaded().card.into_platform();
    for (leaves, keeps_unsynced) in
        [(Leaves::Nothing, true), (Leaves::Garbage, true), (Leaves::Everything, false)]
    {
        for at_write in 1.. {
            let mut card = TestCard::with_power(platform.clone());
            card.card.platform_mut().cut_power(Cut { at_write, leaves, keeps_unsynced });
            let _ = card.begin_storing(&CENTER, 1, &header());
            let _ = card.store(0, &segments(0..4));
            let stored = card.finish_storing().is_ok();
            let failed = !card.card.store().platform().has_power();
            let mut card = card.power_cycle();
            let handed = card.hand_back(&CENTER, 1).and_then(|_| card.handed_back(0, 4));
            assert!(handed == Ok(segments(0..4)) || (handed == Err(0x6A88) && !stored));
            if !failed {
                break;
            }
        }
    }
}

#[test]
fn a_whole_delivery_is_replaced_only_by_who_shows_the_pin_and_a_part_by_anybody() {
    let mut card = loaded();
    card.store_all(&CENTER, 1, &header());
    let mut card = card.power_cycle();
    let begin = opening(&CENTER, 1, &header());
    assert_eq!(card.refused(Ins::StoreContent, 0, 0, &begin), 0x6982);
    assert_eq!(refused(&mut card, 0, &segments(0..1)), 0x6985, "nothing was begun");
    card.hand_back(&CENTER, 1).unwrap();
    assert_eq!(card.handed_back(0, 4), Ok(segments(0..4)));
    card.verify(PIN).unwrap();
    card.begin_storing(&CENTER, 1, &header()).unwrap();
    let mut card = card.power_cycle();
    card.store_all(&CENTER, 1, &header());
    for left in [0x63C2, 0x63C1, 0x63C0] {
        assert_eq!(card.verify(b"0000"), Err(left));
    }
    assert_eq!(card.refused(Ins::StoreContent, 0, 0, &begin), 0x6983);
}
