use super::*;
use crate::platform::ram::Image;
use crate::platform::{MAX_OBJECT_BYTES, Memory, ObjectName, SLOT_BYTES};
use alloc::vec;

type Outside = alloc::collections::BTreeMap<ObjectName, Vec<u8>>;

fn outside(store: &Store<RamPlatform>) -> Outside {
    store.platform().image().outside.clone()
}

/// The same card with another outside memory, after power-up.
fn with_outside(store: &Store<RamPlatform>, outside: Outside) -> Store<RamPlatform> {
    let mut platform = store.platform().clone();
    platform.image_mut().outside = outside;
    Store::recover(platform)
}

/// The one object in which two images differ in this memory: old, new.
fn changed(before: &Outside, after: &Outside, memory: Memory) -> (ObjectName, ObjectName) {
    let one = |here: &Outside, there: &Outside| {
        let mut names =
            here.keys().filter(|name| name.memory == memory && !there.contains_key(name));
        (*names.next().unwrap(), names.next()).0
    };
    (one(before, after), one(after, before))
}

#[test]
fn every_earlier_outside_memory_is_refused_and_the_last_revives_the_card() {
    let mut store = card();
    let mut earlier = vec![];
    for sum in 0..12 {
        earlier.push(outside(&store));
        store.commit(spend(sum)).unwrap();
        if sum % 3 == 0 {
            store.verify_pin(b"0000").unwrap();
            store.verify_pin(b"123456").unwrap();
        }
    }
    let last = outside(&store);
    for old in earlier {
        let damaged = with_outside(&store, old.clone());
        assert_eq!(damaged.memory(), MemoryState::Damaged);
        assert_eq!(spent(&damaged), Err(StoreError::Memory));
        assert_eq!(damaged.keys(Key::licences()).count(), 0);
        assert_eq!(outside(&damaged), old, "a damaged memory is left as it is");
        let revived = with_outside(&damaged, last.clone());
        assert_eq!((revived.memory(), spent(&revived)), (MemoryState::Good, Ok(Some(11))));
    }
}

#[test]
fn a_damaged_memory_takes_no_change_of_any_kind() {
    let mut store = card();
    let old = outside(&store);
    store.commit(spend(1)).unwrap();
    let mut damaged = with_outside(&store, old);
    let before: Image = damaged.platform().image().clone();
    assert_eq!(damaged.commit(spend(9)), Err(StoreError::Memory));
    let mut activate = Change::new();
    activate.activate();
    assert_eq!(damaged.commit(activate), Err(StoreError::Memory));
    assert_eq!(damaged.initialise(), Err(StoreError::Memory));
    assert_eq!(damaged.verify_pin(b"123456"), Err(StoreError::Memory));
    assert_eq!(damaged.platform().image(), &before);
}

#[test]
fn blank_good_missing_and_damaged_are_four_states() {
    let store = card();
    assert_eq!(Store::recover(RamPlatform::new(1)).memory(), MemoryState::Blank);
    assert_eq!(power_cycle(card()).memory(), MemoryState::Good);
    assert_eq!(with_outside(&store, Outside::new()).memory(), MemoryState::Missing);
    let mut rootless = outside(&store);
    rootless.pop_first();
    rootless.retain(|name, _| name.memory != Memory::Manifest);
    assert_eq!(with_outside(&store, rootless).memory(), MemoryState::Damaged);
}

#[test]
fn a_missing_memory_is_not_initialised_again_and_revives() {
    let store = card();
    let mut missing = with_outside(&store, Outside::new());
    assert_eq!(missing.initialise(), Err(StoreError::Memory));
    assert_eq!(missing.commit(spend(1)), Err(StoreError::Memory));
    assert!(outside(&missing).is_empty());
    assert_eq!(with_outside(&missing, outside(&store)).memory(), MemoryState::Good);
}

#[test]
fn an_older_record_in_the_place_of_the_current_one_is_refused_alone() {
    let mut store = card();
    let before = outside(&store);
    store.commit(spend(1)).unwrap();
    let (old, new) = changed(&before, &outside(&store), Memory::Money);
    let mut spliced = outside(&store);
    spliced.insert(new, before[&old].clone());
    let spliced = with_outside(&store, spliced);
    assert_eq!((spliced.memory(), spent(&spliced)), (MemoryState::Good, Err(StoreError::Memory)));
    assert_eq!(content_key(&spliced, 1), Ok(Some(1)));
}

#[test]
fn a_torn_commit_cannot_be_played_against_the_one_that_took_its_place() {
    let mut store = card();
    // X is written and torn off before its commit point; Y then has the same numbers and epoch.
    store.platform_mut().cut_power(Cut {
        at_write: 4,
        leaves: Leaves::Nothing,
        keeps_unsynced: true,
    });
    store.commit(spend(777)).unwrap_err();
    let torn = outside(&store);
    let mut store = power_cycle(store);
    store.commit(spend(5)).unwrap();
    let good = outside(&store);
    assert!(good.keys().all(|name| torn.contains_key(name)), "the same names");
    let mut all_refused = 0;
    for name in good.keys().filter(|name| good[name] != torn[name]) {
        let mut played = good.clone();
        played.insert(*name, torn[name].clone());
        let played = with_outside(&store, played);
        assert_eq!(spent(&played), Err(StoreError::Memory), "{name:?}");
        all_refused += 1;
    }
    assert_eq!(all_refused, 3);
    assert_eq!(with_outside(&store, torn).memory(), MemoryState::Damaged);
}

#[test]
fn two_records_of_one_type_swapped_are_both_refused() {
    let store = card();
    let names: Vec<_> = outside(&store).into_keys().filter(|n| n.memory == Memory::Key).collect();
    assert_eq!(names.len(), 3);
    let mut swapped = outside(&store);
    swapped.insert(names[0], outside(&store)[&names[1]].clone());
    swapped.insert(names[1], outside(&store)[&names[0]].clone());
    let swapped = with_outside(&store, swapped);
    assert_eq!(content_key(&swapped, 1), Err(StoreError::Memory));
    assert_eq!(content_key(&swapped, 2), Err(StoreError::Memory));
    assert_eq!(content_key(&swapped, 3), Ok(Some(3)));
}

#[test]
fn another_cards_objects_are_refused() {
    let mut other = Store::recover(RamPlatform::new(2));
    other.initialise().unwrap();
    let store = card();
    assert_eq!(with_outside(&store, outside(&other)).memory(), MemoryState::Damaged);
    let mut change = spend(100);
    put_content_keys(&mut change, 1..=3);
    other.commit(change).unwrap();
    for name in outside(&other).keys().filter(|name| outside(&store).contains_key(name)) {
        let mut foreign = outside(&store);
        foreign.insert(*name, outside(&other)[name].clone());
        let foreign = with_outside(&store, foreign);
        assert!(!all_is_well(&foreign), "{name:?}");
    }
}

/// Whether everything can be read; panics when something is read that was never stored.
fn all_is_well(store: &Store<RamPlatform>) -> bool {
    let mut well = store.memory() == MemoryState::Good;
    let sum = spent(store);
    assert!(matches!(sum, Ok(Some(100)) | Err(StoreError::Memory)), "{sum:?}");
    well &= sum.is_ok();
    for number in 1..=3 {
        let key = content_key(store, number);
        assert!(key == Ok(Some(number as u8)) || key == Err(StoreError::Memory), "{key:?}");
        well &= key.is_ok();
    }
    let hold = |key| store.get::<HoldRecord>(&key).is_ok_and(|hold| hold.is_some());
    well && (store.keys(Key::holds()).filter(|key| hold(*key)).count() == 14)
        && store.get::<PinRecord>(&Key::Pin).is_ok()
        && store.get::<SecretKeyRecord>(&Key::SecretKey(1)).is_ok()
}

#[test]
fn no_flipped_bit_outside_goes_unseen_or_changes_what_is_read() {
    let store = card();
    assert!(all_is_well(&store));
    let image = outside(&store);
    for (name, object) in &image {
        for bit in 0..object.len() * 8 {
            let mut flipped = image.clone();
            flipped.get_mut(name).unwrap()[bit / 8] ^= 1 << (bit % 8);
            assert!(!all_is_well(&with_outside(&store, flipped)), "{name:?} bit {bit}");
        }
    }
}

#[test]
fn objects_that_are_gone_empty_short_or_huge_are_refused() {
    let store = card();
    let image = outside(&store);
    for (name, object) in &image {
        let longer = [object.as_slice(), &[0]].concat();
        let lengths = [vec![], object[..1].to_vec(), longer, vec![0; MAX_OBJECT_BYTES + 1]];
        for other in lengths.into_iter().map(Some).chain([None]) {
            let mut changed = image.clone();
            match other {
                Some(bytes) => changed.insert(*name, bytes),
                None => changed.remove(name),
            };
            assert!(!all_is_well(&with_outside(&store, changed)), "{name:?}");
        }
    }
}

#[test]
fn what_nobody_names_is_swept_away_at_power_up() {
    let store = card();
    let image = outside(&store);
    let mut littered = image.clone();
    let junk = Memory::ALL.iter().map(|memory| ObjectName { memory: *memory, number: u64::MAX });
    littered.extend(junk.map(|name| (name, vec![0; 40])));
    let store = with_outside(&store, littered);
    assert_eq!((outside(&store), all_is_well(&store)), (image, true));
}

#[test]
fn with_both_slots_damaged_the_card_is_locked_and_says_so() {
    let mut platform = card().into_platform();
    let slots = platform.image().slots;
    for damaged in [[0; SLOT_BYTES], [0xFF; SLOT_BYTES], [0x5A; SLOT_BYTES]] {
        platform.image_mut().slots = [damaged; 2];
        let mut store = Store::recover(platform.clone());
        let state = (store.memory(), store.life_cycle(), store.pin_tries());
        assert_eq!(state, (MemoryState::Damaged, LifeCycle::Activated, 0));
        assert_eq!(store.initialise(), Err(StoreError::Memory));
        assert_eq!(store.next_scp03_sequence(), Err(StoreError::Memory));
        assert_eq!(store.terminate(), Err(StoreError::Memory));
    }
    platform.image_mut().slots = slots;
    assert!(all_is_well(&Store::recover(platform)));
}

#[test]
fn an_older_secure_slot_does_not_fit_the_outside_memory() {
    let mut store = card();
    let slots = store.platform().image().slots;
    store.commit(spend(1)).unwrap();
    let mut platform = store.into_platform();
    platform.image_mut().slots = slots;
    assert_eq!(Store::recover(platform).memory(), MemoryState::Damaged);
}

#[test]
fn nothing_outside_shows_what_is_stored() {
    let store = card();
    let center = &CENTER.0[..];
    for secret in [&b"123456"[..], &[0x75; 8], &[1; 8], &[2; 8], &[3; 8], center] {
        for (name, object) in outside(&store) {
            let seen = object.windows(secret.len()).any(|window| window == secret);
            assert!(!seen, "{name:?} shows {secret:02x?}");
        }
    }
}
