//! DECRYPT that stores, too: in order, as a whole, or not readable.

use alloc::vec;

use saifu_wire::CenterId;
use saifu_wire::applet::Applet;
use saifu_wire::ins::Ins;
use saifu_wire::request::segments_data;
use saifu_wire::stream::Header;

use crate::memory::content::work_bytes;
use crate::memory::records::ContentRecord;
use crate::memory::{Change, Key, MAX_CONTENTS};
use crate::platform::MemoryFailed;
use crate::platform::ram::{Cut, Leaves, RamPlatform};
use crate::test_kit::content::listed;
use crate::test_kit::sale::{delivery, opening, plaintext, work};
use crate::test_kit::{PIN, TestCard, TestCenter, command};

const CENTER: TestCenter = TestCenter { id: CenterId([0xC1; 16]) };

fn header() -> Header {
    work(1, 1_000)
}

fn segments(range: core::ops::Range<usize>) -> alloc::vec::Vec<u8> {
    delivery(1, &header())[range].concat()
}

/// A card that has paid for works 1 and 2 and opened the first.
fn playing() -> TestCard {
    let mut card = CENTER.customer(1, 1_000);
    for number in [1, 2] {
        card.load_licence(&CENTER.issue(CENTER.licence(card.id(), number))).unwrap();
        card.buy(&CENTER, number).unwrap();
    }
    card.open(&CENTER, 1, &header()).unwrap();
    card
}

fn refused(card: &mut TestCard, first: u64, segments: &[u8]) -> u16 {
    card.refused(Ins::Decrypt, 1, 0, &segments_data(first, segments))
}

#[test]
fn the_plaintext_is_answered_and_stored_in_one_pass() {
    let mut card = playing();
    assert_eq!(card.keep(0, &segments(0..2)).unwrap(), plaintext(&header())[..512]);
    assert_eq!(card.contents(&CENTER), [listed(CENTER.id, false, false)]);
    assert_eq!(card.keep(2, &segments(2..4)).unwrap(), plaintext(&header())[512..]);
    assert_eq!(card.contents(&CENTER), [listed(CENTER.id, false, true)]);
    assert_eq!(card.segments().len(), 4);
}

#[test]
fn storing_costs_two_commits_for_a_work_and_none_for_a_command() {
    let mut card = playing();
    let mut roots = vec![card.card.store().root()];
    for index in 0..4 {
        card.keep(index as u64, &segments(index..index + 1)).unwrap();
        roots.push(card.card.store().root());
    }
    roots.dedup();
    assert_eq!(roots.len(), 3);
}

#[test]
fn segments_out_of_order_are_6b00_and_the_stream_stays_open() {
    let mut card = playing();
    assert_eq!(refused(&mut card, 1, &segments(1..2)), 0x6B00, "not begun");
    card.keep(0, &segments(0..1)).unwrap();
    for index in [2, 3] {
        assert_eq!(refused(&mut card, index, &segments(index as usize..4)), 0x6B00);
    }
    card.keep(1, &segments(1..2)).unwrap();
    assert_eq!(refused(&mut card, 1, &segments(1..2)), 0x6B00, "a second time");
    assert!(card.decrypt(3, &segments(3..4)).is_ok());
    card.keep(2, &segments(2..4)).unwrap();
    assert_eq!(refused(&mut card, 3, &segments(3..4)), 0x6B00, "complete");
}

#[test]
fn st2_nothing_is_stored_of_segments_one_of_which_is_wrong() {
    let mut card = playing();
    let mut bad = segments(0..4);
    *bad.last_mut().unwrap() ^= 1;
    assert_eq!(refused(&mut card, 0, &bad), 0x6A80);
    card.keep(0, &segments(0..1)).unwrap();
    bad.drain(..272);
    assert_eq!(refused(&mut card, 1, &bad), 0x6A80);
    assert_eq!(card.keep(1, &segments(1..4)).unwrap(), plaintext(&header())[256..]);
}

#[test]
fn a_storing_ends_with_its_session_and_never_becomes_readable() {
    let mut card = playing();
    card.keep(0, &segments(0..3)).unwrap();
    card.card.reset();
    card.select();
    assert_eq!(refused(&mut card, 3, &segments(3..4)), 0x6985);
    card.open(&CENTER, 1, &header()).unwrap();
    assert_eq!(refused(&mut card, 3, &segments(3..4)), 0x6B00);
    assert_eq!(card.contents(&CENTER), [listed(CENTER.id, false, false)]);
    assert_eq!(card.open_stored(&CENTER, 1), Err(0x6A88));
    card.keep_all(&CENTER, 1, &header());
    assert_eq!(card.contents(&CENTER), [listed(CENTER.id, false, true)]);
    assert_eq!(card.segments().len(), 4);
}

/// Sends a command on channel 1; its status word.
fn on_channel_1(card: &mut TestCard, ins: Ins, p1: u8, data: &[u8]) -> u16 {
    let mut apdu = command(ins, p1, 0, data, Some(65_536));
    apdu[0] |= 1;
    card.transmit(&apdu).1
}

#[test]
fn st9_of_two_channels_that_store_one_work_the_later_goes_on() {
    let mut card = playing();
    let select = command(Ins::Select, 4, 0, &saifu_wire::applet::AID, Some(256));
    card.card.select(1, &[&[1], &select[1..]].concat(), &mut vec![]);
    card.keep(0, &segments(0..2)).unwrap();
    let opened = on_channel_1(&mut card, Ins::OpenStream, 0, &opening(&CENTER, 1, &header()));
    assert_eq!(opened, 0x9000);
    let kept = on_channel_1(&mut card, Ins::Decrypt, 1, &segments_data(0, &segments(0..1)));
    assert_eq!(kept, 0x9000);
    assert_eq!(refused(&mut card, 2, &segments(2..4)), 0x6B00);
    let kept = on_channel_1(&mut card, Ins::Decrypt, 1, &segments_data(1, &segments(1..4)));
    assert_eq!(kept, 0x9000);
    card.open_stored(&CENTER, 1).unwrap();
    assert_eq!(card.read_content(0, 4).unwrap(), plaintext(&header()));
}

#[test]
fn cr8_a_refund_in_the_middle_of_a_storing_ends_it() {
    let mut card = playing();
    card.keep(0, &segments(0..2)).unwrap();
    let record: crate::memory::records::LicenceRecord =
        card.card.store().get(&Key::Licence(CENTER.id, 1)).unwrap().unwrap();
    let mut refund = CENTER.load(card.id(), 2, 300);
    (refund.refunded_token, refund.refunded_licence) = (record.token, 1);
    CENTER.send(&mut card, Ins::Credit, refund).unwrap();
    assert_eq!(refused(&mut card, 2, &segments(2..4)), 0x6985);
    assert_eq!((card.segments(), card.contents(&CENTER)), (vec![], vec![]));
}

/// The card, with a content memory of so many bytes.
fn with_content_bytes(card: TestCard, content_bytes: u64) -> TestCard {
    let platform = card.card.into_platform().with_content_bytes(content_bytes);
    TestCard::with_power(platform)
}

#[test]
fn a_work_that_does_not_fit_is_6a84_before_anything_and_plays_on_without_storing() {
    let room = work_bytes(&header(), false);
    let mut card = with_content_bytes(playing(), room - 1);
    card.open(&CENTER, 1, &header()).unwrap();
    assert_eq!(refused(&mut card, 0, &segments(0..1)), 0x6A84);
    assert!(card.decrypt(0, &segments(0..4)).is_ok());
    let mut card = with_content_bytes(card, room);
    card.keep_all(&CENTER, 1, &header());
    let memory = card.content_memory();
    assert_eq!((memory.size_bytes, memory.used_bytes), (room, room));
    card.open(&CENTER, 2, &work(2, 1_000)).unwrap();
    let other = delivery(2, &work(2, 1_000));
    assert_eq!(refused(&mut card, 0, &other[0]), 0x6A84, "the room is taken");
    card.verify(PIN).unwrap();
    card.keep_all(&CENTER, 1, &header());
    card.delete_content(&CENTER, 1, false).unwrap();
    card.keep_all(&CENTER, 2, &work(2, 1_000));
}

#[test]
fn room_is_taken_from_the_first_segment_on() {
    let mut card = playing();
    card.keep(0, &segments(0..1)).unwrap();
    assert_eq!(card.content_memory().used_bytes, work_bytes(&header(), false));
}

#[test]
fn one_work_more_than_a_card_keeps_is_6a84() {
    let mut change = Change::new();
    for number in 0..u64::from(MAX_CONTENTS) {
        let record = ContentRecord { id: 1, header: work(1, 0), complete: false };
        change.put(Key::Content(CENTER.id, 100 + number, false), &record);
    }
    let mut card = playing().with_change(change);
    card.open(&CENTER, 1, &header()).unwrap();
    assert_eq!(refused(&mut card, 0, &segments(0..1)), 0x6A84);
    card.delete_content(&CENTER, 100, false).unwrap();
    assert!(card.keep(0, &segments(0..1)).is_ok());
}

#[test]
fn a_machine_without_room_is_6a84_and_the_stream_stays_open() {
    let mut card = playing();
    card.card.platform_mut().refuse_writes(1, MemoryFailed::Full);
    assert_eq!(refused(&mut card, 0, &segments(0..2)), 0x6A84);
    assert!(card.decrypt(0, &segments(0..4)).is_ok());
    card.card.platform_mut().accept_writes();
    card.keep(0, &segments(0..2)).unwrap();
    card.card.platform_mut().refuse_writes(2, MemoryFailed::Full);
    assert_eq!(card.keep(2, &segments(2..4)), Err(0x6A84));
    card.card.platform_mut().accept_writes();
    card.keep(2, &segments(2..4)).unwrap();
    card.open_stored(&CENTER, 1).unwrap();
    assert_eq!(card.read_content(0, 4).unwrap(), plaintext(&header()));
}

/// Stores the whole work, which is stored already or not, as far as the power lasts.
fn store_all(card: &mut TestCard) -> Result<(), u16> {
    card.verify(PIN)?;
    card.open(&CENTER, 1, &header())?;
    card.keep(0, &segments(0..2))?;
    card.keep(2, &segments(2..4)).map(drop)
}

/// Cuts a storing at one write; whether the cut took place.
fn cut_once(platform: &RamPlatform, cut: Cut) -> bool {
    let mut card = TestCard::with_power(platform.clone());
    card.card.platform_mut().cut_power(cut);
    let stored = store_all(&mut card).is_ok();
    let failed = !card.card.store().platform().has_power();
    let mut card = card.power_cycle();
    if card.open_stored(&CENTER, 1).is_ok() {
        assert_eq!(card.read_content(0, 4).unwrap(), plaintext(&header()), "{cut:?}");
    } else {
        assert!(!stored, "{cut:?}");
    }
    let ids: alloc::collections::BTreeSet<u64> =
        card.segments().into_iter().map(|name| name.work()).collect();
    assert!(ids.len() <= 1, "one storing is left: {cut:?}");
    store_all(&mut card).unwrap();
    assert_eq!(card.segments().len(), 4);
    failed
}

#[test]
fn a_cut_at_any_write_leaves_a_whole_work_or_none_that_can_be_read() {
    let mut again = playing();
    again.keep_all(&CENTER, 1, &header());
    for platform in [playing().card.into_platform(), again.card.into_platform()] {
        for leaves in [Leaves::Nothing, Leaves::Beginning(3), Leaves::Garbage, Leaves::Everything] {
            for keeps_unsynced in [true, false] {
                let cut = |at_write| Cut { at_write, leaves, keeps_unsynced };
                let cuts = (1..).take_while(|at| cut_once(&platform, cut(*at))).count();
                assert!(cuts > 12, "{cuts} writes");
            }
        }
    }
}

#[test]
fn a_record_of_the_work_that_cannot_be_read_is_6581_until_it_is_back() {
    let mut card = playing();
    let before = card.card.store().platform().image().outside.clone();
    card.keep(0, &segments(0..1)).unwrap();
    card.load_licence(&CENTER.issue(CENTER.licence(card.id(), 3))).unwrap();
    let outside = &mut card.card.platform_mut().image_mut().outside;
    let whole = outside.clone();
    // The record is among what is new; of all that, no more is read while there is power.
    outside.retain(|name, _| before.contains_key(name));
    assert_eq!(refused(&mut card, 1, &segments(1..2)), 0x6581);
    card.card.platform_mut().image_mut().outside = whole;
    card.keep(1, &segments(1..2)).unwrap();
}
