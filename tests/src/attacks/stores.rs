//! Works that lie outside, slots of the secure area, and a memory that does not work.

use saifu_applet::platform::{Memory, MemoryFailed, ObjectName};
use saifu_vsmartcard::platform::Image;
use saifu_wire::Wire;
use saifu_wire::answer::MemoryState;
use saifu_wire::ins::Ins;
use saifu_wire::request::{SegmentRange, segments_data};

use super::kit::{account_for, named, opening, set_time, size, sold};
use super::tally::Tally;
use super::witness::{Taken, Witness};
use crate::fixture::{
    Delivery, PIN, TIME, TestCard, TestCenter, buyer, command, customer, stored_content,
};

/// Objects of the content memory.
type Stored = Vec<(ObjectName, Vec<u8>)>;

/// Both segments of a stored work.
fn both() -> Vec<u8> {
    SegmentRange { first: 0, count: 2 }.to_bytes()
}

/// Pays for licence 1 and stores its work as it is played.
fn keep(card: &mut TestCard, center: &TestCenter, delivery: &Delivery) {
    card.open_stream(center, 1, &delivery.header).expect("a stream");
    let segments = segments_data(0, &delivery.segments.concat());
    card.send(Ins::Decrypt, 1, 0, &segments).expect("a work that is stored");
}

/// A card that has stored the work of licence 1, and what the work's segments were before it was
/// stored again.
fn kept_twice() -> (TestCard, TestCenter, [Stored; 2]) {
    let (mut card, center, delivery) = sold(|_| ());
    card.buy(&center, 1).expect("a token");
    keep(&mut card, &center, &delivery);
    let older = segments(&card.image());
    keep(&mut card, &center, &delivery);
    let newer = segments(&card.image());
    (card, center, [older, newer])
}

fn segments(image: &Image) -> Stored {
    let content = image.outside.iter().filter(|(name, _)| name.memory == Memory::Content);
    content.map(|(name, bytes)| (*name, bytes.clone())).collect()
}

/// READ CONTENT of both segments, in a session of its own, of a memory changed so.
fn read_refused(
    t: &mut Tally,
    card: &TestCard,
    center: &TestCenter,
    change: impl FnOnce(&mut Image),
) {
    let mut card = TestCard::on(card.machine());
    card.select();
    card.tamper(change);
    card.send(Ins::OpenStream, 1, 0, &named(center, 1)).expect("a stored work");
    t.refused(&mut card, 0x6581, Ins::ReadContent, [0, 0], &both());
}

pub(super) fn nv9_segments_of_an_older_storing_of_other_places_or_cards_are_refused(t: &mut Tally) {
    let (card, center, [older, newer]) = kept_twice();
    assert_eq!((older.len(), newer.len()), (2, 2));
    for (_, bytes) in &older {
        for (name, _) in &newer {
            read_refused(t, &card, &center, |image| {
                image.outside.insert(*name, bytes.clone());
            });
        }
    }
    read_refused(t, &card, &center, |image| {
        image.outside.insert(newer[0].0, newer[1].1.clone());
        image.outside.insert(newer[1].0, newer[0].1.clone());
    });
    for (name, _) in &newer {
        read_refused(t, &card, &center, |image| drop(image.outside.remove(name)));
    }
    let mut card = card;
    card.send(Ins::OpenStream, 1, 0, &named(&center, 1)).unwrap();
    assert_eq!(card.send(Ins::ReadContent, 0, 0, &both()).unwrap(), stored_content());
    t.accepted();
}

pub(super) fn nv8_no_flipped_bit_of_a_stored_work_is_answered(t: &mut Tally) {
    let (card, center, [_, newer]) = kept_twice();
    for (name, bytes) in newer {
        for bit in (0..bytes.len() * 8).step_by(size(13, 1)) {
            read_refused(t, &card, &center, |image| {
                image.outside.get_mut(&name).unwrap()[bit / 8] ^= 1 << (bit % 8);
            });
        }
    }
}

/// A card that has stored the work of licence 1 as it is played, and as it came.
fn both_forms() -> (TestCard, TestCenter, Delivery) {
    let (mut card, center, delivery) = sold(|_| ());
    card.buy(&center, 1).unwrap();
    keep(&mut card, &center, &delivery);
    card.send(Ins::StoreContent, 0, 0, &opening(&center, 1, &delivery.header)).unwrap();
    let segments = segments_data(0, &delivery.segments.concat());
    card.send(Ins::StoreContent, 1, 0, &segments).unwrap();
    card.send(Ins::StoreContent, 2, 0, &[]).unwrap();
    (card, center, delivery)
}

pub(super) fn id12_a_segment_of_one_form_is_not_taken_for_one_of_the_other(t: &mut Tally) {
    let (mut card, center, delivery) = both_forms();
    let all = segments(&card.image());
    let [plain, doubly] = [&all[..2], &all[2..]];
    for (from, to) in [(plain, doubly), (doubly, plain)] {
        for (at, (_, bytes)) in from.iter().enumerate() {
            let mut card = TestCard::on(card.machine());
            card.select();
            card.tamper(|image| drop(image.outside.insert(to[at].0, bytes.clone())));
            let (opens, reads, p1) = if to == plain {
                (Ins::OpenStream, Ins::ReadContent, 1)
            } else {
                (Ins::HandBack, Ins::HandBack, 0)
            };
            card.send(opens, p1, 0, &named(&center, 1)).unwrap();
            let p1 = u8::from(reads == Ins::HandBack);
            t.refused(&mut card, 0x6581, reads, [p1, 0], &both());
        }
    }
    card.send(Ins::HandBack, 0, 0, &named(&center, 1)).unwrap();
    let handed = card.send(Ins::HandBack, 1, 0, &both()).unwrap();
    assert!(handed == delivery.segments.concat(), "what is handed back is as the center sent it");
    t.accepted();
}

pub(super) fn st6_a_stored_work_opens_only_as_its_licence_allows(t: &mut Tally) {
    let (mut card, center, delivery) = sold(|licence| {
        licence.uses = 1;
        licence.not_after = TIME + 10;
    });
    let stored = named(&center, 1);
    t.refused(&mut card, 0x6A88, Ins::OpenStream, [1, 0], &stored);
    card.buy(&center, 1).unwrap();
    keep(&mut card, &center, &delivery);
    t.refused(&mut card, 0x6985, Ins::OpenStream, [1, 0], &stored);
    t.refused(&mut card, 0x6985, Ins::ReadContent, [0, 0], &both());
    let (mut card, center, delivery) = sold(|licence| licence.not_after = TIME + 10);
    card.buy(&center, 1).unwrap();
    keep(&mut card, &center, &delivery);
    set_time(&mut card, &center, TIME + 11);
    t.refused(&mut card, 0x6985, Ins::OpenStream, [1, 0], &stored);
    let open = opening(&center, 1, &delivery.header);
    t.refused(&mut card, 0x6985, Ins::OpenStream, [0, 0], &open);
    card.power_cycle();
    t.refused(&mut card, 0x6985, Ins::OpenStream, [0, 0], &open);
}

pub(super) fn nv10_one_torn_slot_is_survived_and_with_two_the_card_is_locked(t: &mut Tally) {
    let witness = Witness::new(0xCA);
    let torn = |slot: &mut [u8; 128], byte: usize| slot[byte] ^= 0x55;
    for byte in (0..128).step_by(size(3, 1)) {
        let taken = [0, 1].map(|slot| witness.takes(|image| torn(&mut image.slots[slot], byte)));
        assert!(taken.contains(&Taken::AsOwn), "byte {byte}: {taken:?}");
        t.accepted();
        let both = witness.takes(|image| image.slots.iter_mut().for_each(|slot| torn(slot, byte)));
        t.case(both == Taken::AtPowerUp, || format!("both slots torn at byte {byte}: {both:?}"));
    }
    for value in [0x00, 0xFF] {
        let both = witness.takes(|image| image.slots = [[value; 128]; 2]);
        t.case(both == Taken::AtPowerUp, || format!("both slots {value:02X}: {both:?}"));
    }
}

pub(super) fn nv6_two_slots_that_are_garbage_or_alike_are_no_way_in(t: &mut Tally) {
    let witness = Witness::new(0xCA);
    let other = Witness::new(0xCB).image().slots;
    for slots in [other, [[0x5A; 128]; 2]] {
        let taken = witness.takes(|image| image.slots = slots);
        t.case(taken == Taken::AtPowerUp, || format!("foreign slots: {taken:?}"));
    }
    let alike = [0, 1].map(|slot| witness.takes(|image| image.slots = [image.slots[slot]; 2]));
    assert!(alike.contains(&Taken::AsOwn), "the current slot twice: {alike:?}");
    t.accepted();
}

pub(super) fn nv7_a_key_memory_of_another_time_or_card_is_not_taken(t: &mut Tally) {
    let witness = Witness::new(0xCA);
    let mut again = TestCard::blank(0xCA);
    again.select();
    let _ = again.send(Ins::GetChallenge, 0, 0, &[]);
    again.personalise();
    for other in [again.image(), TestCard::in_use(0xCB).image()] {
        let keys = other.outside.iter().filter(|(name, _)| name.memory == Memory::SecretKey);
        for (name, bytes) in keys.filter(|(name, bytes)| {
            witness.image().outside.get(name).is_some_and(|own| own != *bytes)
        }) {
            let taken = witness.takes(|image| drop(image.outside.insert(*name, bytes.clone())));
            t.case(taken != Taken::AsOwn, || format!("{name:?}: {taken:?}"));
        }
    }
}

pub(super) fn nv11_a_memory_that_fails_or_is_full_changes_nothing_committed(t: &mut Tally) {
    let (base, center) = buyer(0xCA, 1_000, 1..=1);
    for (why, word) in [(MemoryFailed::Error, 0x6581), (MemoryFailed::Full, 0x6A84)] {
        for from_write in 2..=4 {
            let mut machine = base.machine();
            machine.refuse_writes(from_write, why);
            let mut card = TestCard::on(machine);
            card.select();
            let answer = card.verify(PIN).and_then(|_| card.debit(&center, 1));
            let said = answer.err();
            t.case(said == Some(word) || said == Some(0x6581), || format!("{said:04X?}"));
            let mut machine = card.machine();
            machine.accept_writes();
            let mut card = TestCard::on(machine);
            card.select();
            assert_eq!(card.status().memory, MemoryState::Good);
            assert_eq!(account_for(&mut card, &center, 1_000).balance(1), 1_000);
            assert!(card.buy(&center, 1).is_ok(), "it lives again");
            t.accepted();
        }
    }
}

pub(super) fn nv11_a_memory_that_cannot_be_written_refuses_and_changes_nothing(t: &mut Tally) {
    let (base, center) = buyer(0xCA, 1_000, 1..=1);
    let credit = center.load(base.id(), 1, 2, 500).to_bytes();
    for why in [MemoryFailed::Error, MemoryFailed::Full] {
        let mut machine = base.machine();
        machine.refuse_writes(1, why);
        let mut card = TestCard::on(machine);
        card.select();
        let verify = command(Ins::Verify, 0x00, 0x81, PIN, None);
        let word: u16 = if why == MemoryFailed::Full { 0x6A84 } else { 0x6581 };
        let answer = card.transmit(&verify);
        t.case(answer == word.to_be_bytes() || answer == [0x65, 0x81], || format!("{answer:02X?}"));
        t.refused(&mut card, 0x6581, Ins::Credit, [0, 0], &credit);
        assert!(card.image() == base.image(), "something was stored");
    }
}

/// The epoch of a slot of the secure area.
fn epoch(slot: &[u8; 128]) -> u64 {
    u64::from_be_bytes(slot[2..10].try_into().expect("eight bytes"))
}

/// What the card has outside: how many objects, and how many bytes they are together.
fn outside(card: &TestCard) -> (usize, usize) {
    let outside = card.image().outside;
    (outside.len(), outside.values().map(Vec::len).sum())
}

/// The slot that was written last, and its epoch.
fn current(card: &TestCard) -> (usize, u64) {
    let [a, b] = card.image().slots.map(|slot| epoch(&slot));
    assert_eq!(a.abs_diff(b), 1, "one commit lies between the slots");
    if a > b { (0, a) } else { (1, b) }
}

pub(super) fn pi12_however_many_commits_the_slots_alternate_and_nothing_grows(t: &mut Tally) {
    let (mut card, center) = customer(0xCA, 1_000);
    set_time(&mut card, &center, TIME);
    let begun = outside(&card);
    for round in 1..=size(500, 500_000) {
        // SET TIME commits the manifest once, a right VERIFY the secure area twice.
        let (slot, epoch) = current(&card);
        set_time(&mut card, &center, TIME + round);
        assert_eq!(current(&card), (1 - slot, epoch + 1), "after {round} rounds");
        card.verify(PIN).expect("the right PIN");
        assert_eq!(current(&card), (1 - slot, epoch + 3), "after {round} rounds");
        assert_eq!(outside(&card), begun, "after {round} rounds");
        t.accepted();
    }
    let mut again = TestCard::on(card.machine());
    again.select();
    assert_eq!(again.status().memory, MemoryState::Good);
}
