//! A thief who has the outside memory in hand: copies put back, parts swapped, bits flipped.

use std::collections::BTreeMap;

use crate::fixture::{PIN, TestCard, TestCenter, buyer, customer};
use saifu_applet::platform::ObjectName;
use saifu_vsmartcard::platform::{Cut, Leaves, RamPlatform};
use saifu_wire::answer::MemoryState;
use saifu_wire::ins::Ins;

use super::kit::{account_for, size};
use super::tally::Tally;
use super::witness::{Taken, Witness};

type Outside = BTreeMap<ObjectName, Vec<u8>>;

/// A sale step by step; the outside memory and what is loaded after each.
fn sale() -> (TestCard, TestCenter, Vec<(TestCard, u64)>) {
    let (mut card, center) = customer(0xCA, 1_000);
    let delivery = center.deliver(&card.keys(), 1);
    let mut steps = Vec::new();
    let mut keep = |card: &TestCard, loaded| steps.push((TestCard::on(card.machine()), loaded));
    keep(&card, 1_000);
    card.load_licence(&delivery.licence).unwrap();
    keep(&card, 1_000);
    let token = card.buy(&center, 1).unwrap();
    keep(&card, 1_000);
    card.acknowledge(&center.receipt(&token, 1)).unwrap();
    keep(&card, 1_000);
    card.credit(&center.load(card.id(), 1, 2, 500)).unwrap();
    keep(&card, 1_500);
    card.void(&center, 3).unwrap();
    keep(&card, 1_500);
    (card, center, steps)
}

/// Everything that needs what is stored is refused with 6581, and changes nothing.
fn is_locked(t: &mut Tally, card: &mut TestCard) {
    assert_eq!(card.status().memory, MemoryState::Damaged);
    assert_eq!(card.status().life_cycle as u8, 0x05);
    let commands: [(Ins, u8, u8, &[u8]); 8] = [
        (Ins::GetData, 0x7F, 0x21, &[]),
        (Ins::Verify, 0x00, 0x81, PIN),
        (Ins::GetBalance, 0, 0, &[0xC1; 16]),
        (Ins::LoadLicence, 0, 0, &[0; 608]),
        (Ins::Debit, 0, 0, &[0; 29]),
        (Ins::Credit, 0, 0, &[0; 214]),
        (Ins::OpenAccount, 0, 0, &[0; 188]),
        (Ins::Acknowledge, 0, 0, &[0; 162]),
    ];
    for (ins, p1, p2, data) in commands {
        t.refused(card, 0x6581, ins, [p1, p2], data);
    }
    assert_eq!(card.status().pin_tries, 3);
}

pub(super) fn nv1_no_earlier_outside_memory_is_taken_and_the_right_one_revives_the_card(
    t: &mut Tally,
) {
    let (_, center, steps) = sale();
    for (now, (current, loaded)) in steps.iter().enumerate() {
        for (earlier, _) in &steps[..now] {
            let mut card = TestCard::on(current.machine());
            let right = card.image().outside;
            card.tamper(|image| image.outside = earlier.image().outside);
            card.power_cycle();
            is_locked(t, &mut card);
            card.tamper(|image| image.outside = right);
            card.power_cycle();
            account_for(&mut card, &center, *loaded);
        }
    }
}

pub(super) fn nv1_an_earlier_outside_memory_put_back_under_power_gives_nothing_back(t: &mut Tally) {
    let (_, center, steps) = sale();
    for (now, (current, loaded)) in steps.iter().enumerate() {
        for (earlier, _) in &steps[..now] {
            let mut card = TestCard::on(current.machine());
            card.select();
            let seen = account_for(&mut card, &center, *loaded);
            let right = card.image().outside;
            card.tamper(|image| image.outside = earlier.image().outside);
            match card.see(&center) {
                Ok(again) => t.case(again == seen, || "another state is told".into()),
                Err(word) => t.case(word == 0x6581, || format!("{word:04X}")),
            }
            card.tamper(|image| image.outside = right);
            assert_eq!(account_for(&mut card, &center, *loaded), seen);
        }
    }
}

pub(super) fn nv1_a_memory_that_is_gone_is_missing_and_revives(t: &mut Tally) {
    let (mut card, center, steps) = sale();
    let right = card.image().outside;
    card.tamper(|image| image.outside.clear());
    card.power_cycle();
    assert_eq!(card.status().memory, MemoryState::Missing);
    t.refused(&mut card, 0x6581, Ins::GetBalance, [0, 0], &center.id().0);
    card.tamper(|image| image.outside = right);
    card.power_cycle();
    account_for(&mut card, &center, steps.last().unwrap().1);
}

/// The objects of `from` that `other` does not have, by memory.
fn only_in(from: &Outside, other: &Outside) -> Vec<(ObjectName, Vec<u8>)> {
    let differs = |(name, bytes): &(&ObjectName, &Vec<u8>)| other.get(name) != Some(*bytes);
    from.iter().filter(differs).map(|(name, bytes)| (*name, bytes.clone())).collect()
}

pub(super) fn nv2_no_earlier_record_in_the_place_of_a_current_one_is_taken(t: &mut Tally) {
    let witness = Witness::new(0xCA);
    let (before, _) = customer(0xCA, 1_000);
    let current = &witness.image().outside;
    let stale = only_in(&before.image().outside, current);
    let fresh = only_in(current, &before.image().outside);
    let mut tried = 0;
    for (old, bytes) in &stale {
        for (new, _) in fresh.iter().filter(|(new, _)| new.memory == old.memory) {
            let taken = witness.takes(|image| {
                image.outside.insert(*new, bytes.clone());
            });
            t.case(taken != Taken::AsOwn, || format!("{old:?} as {new:?}"));
            tried += 1;
        }
    }
    assert!(tried > 10);
}

pub(super) fn nv2_no_earlier_memory_among_current_ones_is_taken(t: &mut Tally) {
    let witness = Witness::new(0xCA);
    let (before, _) = customer(0xCA, 1_000);
    let earlier = before.image().outside;
    let memories: std::collections::BTreeSet<_> =
        witness.image().outside.keys().map(|name| name.memory).collect();
    let changed = |memory| {
        let of = |all: &Outside| -> Outside {
            all.clone().into_iter().filter(|(name, _)| name.memory == memory).collect()
        };
        of(&earlier) != of(&witness.image().outside)
    };
    let mut tried = 0;
    for memory in memories.into_iter().filter(|memory| changed(*memory)) {
        let taken = witness.takes(|image| {
            image.outside.retain(|name, _| name.memory != memory);
            let old = earlier.iter().filter(|(name, _)| name.memory == memory);
            image.outside.extend(old.map(|(name, bytes)| (*name, bytes.clone())));
        });
        t.case(taken != Taken::AsOwn, || format!("{memory:?}"));
        tried += 1;
    }
    assert!(tried >= 3);
}

pub(super) fn nv2_what_is_added_to_the_memory_changes_nothing(t: &mut Tally) {
    let witness = Witness::new(0xCA);
    let (before, _) = customer(0xCA, 1_000);
    let stale = only_in(&before.image().outside, &witness.image().outside);
    assert_eq!(witness.takes(|image| image.outside.extend(stale)), Taken::AsOwn);
    assert_eq!(witness.takes(|_| ()), Taken::AsOwn);
    t.accepted();
}

pub(super) fn nv3_no_two_objects_can_change_places(t: &mut Tally) {
    let witness = Witness::new(0xCA);
    let names: Vec<_> = witness.image().outside.keys().copied().collect();
    let mut swaps = 0;
    for (at, first) in names.iter().enumerate() {
        for second in names[at + 1..].iter().filter(|name| name.memory == first.memory) {
            let taken = witness.takes(|image| {
                let bytes = image.outside[first].clone();
                let other = image.outside.insert(*second, bytes).unwrap();
                image.outside.insert(*first, other);
            });
            t.case(taken != Taken::AsOwn, || format!("{first:?} and {second:?}"));
            swaps += 1;
        }
    }
    assert!(swaps > 30);
}

pub(super) fn nv4_nothing_of_another_card_is_taken(t: &mut Tally) {
    let witness = Witness::new(0xCA);
    let other = Witness::new(0xCB).image().outside.clone();
    let whole = witness.takes(|image| image.outside.clone_from(&other));
    t.case(whole == Taken::AtPowerUp, || "a whole memory of another card".into());
    let shared: Vec<_> =
        other.iter().filter(|(name, _)| witness.image().outside.contains_key(name)).collect();
    assert!(shared.len() > 10);
    for (name, bytes) in shared {
        let taken = witness.takes(|image| {
            image.outside.insert(*name, bytes.clone());
        });
        t.case(taken != Taken::AsOwn, || format!("{name:?}"));
    }
}

/// A card on this machine, its PIN verified.
fn verified(machine: &RamPlatform) -> TestCard {
    let mut card = TestCard::on(machine.clone());
    card.select();
    card.verify(PIN).unwrap();
    card
}

/// Which write of DEBIT is the commit point: the first that changes the secure area.
fn commit_point(machine: &RamPlatform, center: &TestCenter) -> u64 {
    let commits = |at_write: &u64| {
        let mut card = verified(machine);
        let before = card.image().slots;
        let leaves = Leaves::Everything;
        card.cut_power(Cut { at_write: *at_write, leaves, keeps_unsynced: true });
        card.debit(center, 1).expect_err("no power");
        card.image().slots != before
    };
    (1..).find(commits).expect("a commit")
}

pub(super) fn nv5_what_a_torn_commit_wrote_is_not_taken_for_the_commit_that_took_its_place(
    t: &mut Tally,
) {
    let (card, center) = buyer(0xCA, 1_000, 1..=2);
    let at_write = commit_point(&card.machine(), &center);
    let mut card = verified(&card.machine());
    card.cut_power(Cut { at_write, leaves: Leaves::Nothing, keeps_unsynced: true });
    assert_eq!(card.debit(&center, 1), Err(0x6581));
    let torn = card.image().outside;
    card.power_cycle();
    card.buy(&center, 2).unwrap();
    let (right, seen) = (card.image().outside, account_for(&mut card, &center, 1_000));
    card.tamper(|image| image.outside.clone_from(&torn));
    card.power_cycle();
    is_locked(t, &mut card);
    // Each torn object has the name of another one of the commit that counts.
    let rivals = only_in(&torn, &right).into_iter().filter(|(name, _)| right.contains_key(name));
    let mut played = 0;
    for (name, bytes) in rivals {
        card.tamper(|image| {
            image.outside.clone_from(&right);
            image.outside.insert(name, bytes);
        });
        card.power_cycle();
        match card.see(&center) {
            Ok(again) => t.case(again == seen, || format!("{name:?} tells another state")),
            Err(word) => t.case(word == 0x6581, || format!("{name:?}: {word:04X}")),
        }
        played += 1;
    }
    assert!(played >= 4, "only {played} objects share a name");
    card.tamper(|image| image.outside = right);
    card.power_cycle();
    assert_eq!(account_for(&mut card, &center, 1_000), seen);
}

pub(super) fn nv6_no_object_that_is_gone_empty_short_or_long_is_taken(t: &mut Tally) {
    let witness = Witness::new(0xCA);
    let names: Vec<_> = witness.image().outside.keys().copied().collect();
    for name in names {
        let gone = witness.takes(|image| {
            image.outside.remove(&name);
        });
        t.case(gone != Taken::AsOwn, || format!("{name:?} gone"));
        let length = witness.image().outside[&name].len();
        for other in [0, 1, length - 1, length + 1, 1 << 20] {
            let taken = witness.takes(|image| {
                image.outside.get_mut(&name).unwrap().resize(other, 0);
            });
            t.case(taken != Taken::AsOwn, || format!("{name:?} of {other} bytes"));
        }
    }
}

pub(super) fn nv8_no_flipped_bit_of_the_outside_memory_goes_unseen(t: &mut Tally) {
    let witness = Witness::new(0xCA);
    let objects = &witness.image().outside;
    let places: Vec<(ObjectName, usize)> = objects
        .iter()
        .flat_map(|(name, bytes)| (0..bytes.len() * 8).map(|bit| (*name, bit)))
        .collect();
    // A prime, so that every object and every bit of a byte has its turn.
    let flipped: Vec<_> = places.iter().step_by(size(127, 1)).collect();
    for (name, bit) in &flipped {
        let taken = witness.takes(|image| {
            image.outside.get_mut(name).unwrap()[bit / 8] ^= 1 << (bit % 8);
        });
        t.case(taken != Taken::AsOwn, || format!("{name:?}, bit {bit}"));
    }
}
