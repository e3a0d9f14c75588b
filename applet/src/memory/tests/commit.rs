use super::*;
use crate::memory::records::UsedNumbers;
use crate::memory::{MAX_RECORD_BYTES, MAX_RECORDS, Record};
use crate::platform::{MemoryFailed, Platform};
use saifu_wire::{Malformed, Wire, codec::Reader};

#[test]
fn what_is_committed_is_there_after_power_up() {
    let store = power_cycle(card());
    assert_eq!(store.memory(), MemoryState::Good);
    assert_eq!(store.life_cycle(), LifeCycle::Activated);
    assert_eq!(spent(&store), Ok(Some(100)));
    assert_eq!(content_keys(&store), [1, 2, 3]);
    assert_eq!(content_key(&store, 2), Ok(Some(2)));
    assert_eq!(content_key(&store, 4), Ok(None));
    let key: SecretKeyRecord = store.get(&Key::SecretKey(1)).unwrap().unwrap();
    assert_eq!(key.key.expose(), [0x75; 600]);
}

#[test]
fn records_change_and_go_together() {
    let mut store = card();
    let mut change = spend(7);
    change.remove(Key::ContentKey(CENTER, 2));
    change.remove(Key::ContentKey(CENTER, 99));
    put_content_keys(&mut change, [4]);
    store.commit(change).unwrap();
    for store in [&store, &power_cycle(Store::recover(store.platform().clone()))] {
        assert_eq!(spent(store), Ok(Some(7)));
        assert_eq!(content_keys(store), [1, 3, 4]);
        assert_eq!(content_key(store, 2), Ok(None));
    }
}

#[test]
fn nothing_superseded_is_left_outside() {
    let mut store = card();
    let count = |store: &Store<RamPlatform>| store.platform().image().outside.len();
    let before = count(&store);
    for sum in 0..20 {
        store.commit(spend(sum)).unwrap();
        assert_eq!(count(&store), before);
    }
}

#[test]
fn a_record_under_the_name_of_another_is_neither_stored_nor_read() {
    let mut store = card();
    let before = store.platform().image().clone();
    let mut change = Change::new();
    change.put(Key::Pin, &SpendingRecord { without_pin: 1 });
    assert_eq!(store.commit(change), Err(StoreError::Memory));
    assert_eq!(store.get::<Long>(&Key::Spending).map(|_| ()), Err(StoreError::Memory));
    assert_eq!(store.platform().image(), &before);
}

#[test]
fn the_state_of_the_secure_area_changes_in_the_same_commit() {
    let mut store = card();
    store.verify_pin(b"0000").unwrap();
    let mut change = spend(5);
    change.use_unblock_order(1);
    change.refill_pin_tries();
    store.commit(change).unwrap();
    let store = power_cycle(store);
    let state = (store.unblock_sequence(), store.pin_tries(), spent(&store));
    assert_eq!(state, (Ok(1), 3, Ok(Some(5))));
}

#[test]
fn an_unblock_order_older_than_the_last_changes_nothing() {
    let mut store = card();
    let mut change = Change::new();
    change.use_unblock_order(5);
    store.commit(change).unwrap();
    let mut change = spend(9);
    change.use_unblock_order(4);
    assert_eq!(store.commit(change), Err(StoreError::Memory));
    let store = power_cycle(store);
    assert_eq!((store.unblock_sequence(), spent(&store)), (Ok(5), Ok(Some(100))));
}

/// A record of any length under the name of a private key.
struct Long(usize);

impl Wire for Long {
    fn write(&self, out: &mut Vec<u8>) {
        out.resize(self.0, 7);
    }
    fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(Self(reader.rest().len()))
    }
}

impl Record for Long {
    fn is_named(key: &Key) -> bool {
        matches!(key, Key::SecretKey(_))
    }
}

#[test]
fn the_longest_record_is_stored_and_a_longer_one_is_not() {
    let mut store = card();
    let mut change = Change::new();
    change.put(Key::SecretKey(2), &Long(MAX_RECORD_BYTES));
    assert_eq!(store.commit(change), Ok(()));
    let mut change = spend(1);
    change.put(Key::SecretKey(2), &Long(MAX_RECORD_BYTES + 1));
    assert_eq!(store.commit(change), Err(StoreError::Full));
    let store = power_cycle(store);
    assert_eq!(spent(&store), Ok(Some(100)));
    assert_eq!(store.get::<Long>(&Key::SecretKey(2)).unwrap().unwrap().0, MAX_RECORD_BYTES);
}

/// Stores so many content keys, some at a time.
fn fill(store: &mut Store<RamPlatform>, records: u64) {
    for first in (1..=records).step_by(1_000) {
        let mut change = Change::new();
        put_content_keys(&mut change, first..=records.min(first + 999));
        store.commit(change).unwrap();
    }
}

#[test]
fn a_full_card_takes_no_more_records_but_changes_and_loses_those_it_has() {
    let mut store = empty();
    fill(&mut store, MAX_RECORDS as u64);
    assert_eq!(store.commit(spend(1)), Err(StoreError::Full));
    let mut change = Change::new();
    put_content_keys(&mut change, [1]);
    assert_eq!(store.commit(change), Ok(()));
    let mut change = spend(1);
    change.remove(Key::ContentKey(CENTER, 1));
    assert_eq!(store.commit(change), Ok(()));
    let store = power_cycle(store);
    assert_eq!((store.memory(), content_keys(&store).len()), (MemoryState::Good, MAX_RECORDS - 1));
}

#[test]
fn what_a_commit_writes_does_not_grow_with_what_is_stored() {
    let writes = |records: u64, change: fn() -> Change| {
        let mut store = empty();
        store.commit(spend(0)).unwrap();
        fill(&mut store, records);
        let before = store.platform().writes();
        store.commit(change()).unwrap();
        store.platform().writes() - before
    };
    // A record, the nodes above it, the root, a slot, and what they supersede.
    let with_nodes = |nodes: u64| 2 * (1 + nodes + 1) + 1;
    for records in [10, 100, 1_000, 10_000, 60_000] {
        assert_eq!(writes(records, || spend(1)), with_nodes(0), "{records}");
        let key = || {
            let mut change = Change::new();
            put_content_keys(&mut change, [7]);
            change
        };
        assert_eq!(writes(records, key), with_nodes(4), "{records}");
    }
}

#[test]
fn no_random_numbers_no_commit() {
    let mut store = card();
    let before = store.platform().image().clone();
    store.platform_mut().fail_random(true);
    assert_eq!(store.commit(spend(1)), Err(StoreError::Random));
    assert_eq!(store.platform().image(), &before);
    store.platform_mut().fail_random(false);
    assert_eq!(store.commit(spend(1)), Err(StoreError::Random), "not before a power-up");
    assert_eq!(power_cycle(store).commit(spend(1)), Ok(()));
}

#[test]
fn no_random_numbers_no_master_key() {
    let mut store = Store::recover(RamPlatform::new(1));
    store.platform_mut().fail_random(true);
    assert_eq!(store.initialise(), Err(StoreError::Random));
    assert_eq!(power_cycle(store).memory(), MemoryState::Blank);
}

#[test]
fn a_write_error_leaves_what_was_committed() {
    for (why, error) in
        [(MemoryFailed::Error, StoreError::Memory), (MemoryFailed::Full, StoreError::Full)]
    {
        // Writes 1 to 3 are objects: record, page, root. After those the card goes on.
        for at_write in 1..=3 {
            let mut store = card();
            store.platform_mut().refuse_writes(at_write, why);
            assert_eq!(store.commit(spend(1)), Err(error));
            assert_eq!((store.memory(), spent(&store)), (MemoryState::Good, Ok(Some(100))));
            store.platform_mut().accept_writes();
            assert_eq!(store.commit(spend(2)), Ok(()));
            assert_eq!(spent(&power_cycle(store)), Ok(Some(2)));
        }
    }
}

#[test]
fn what_is_not_stored_as_it_was_written_is_not_committed_and_gives_its_room_back() {
    for at_write in 1..=3 {
        let mut store = card();
        let before = store.platform().image().clone();
        store.platform_mut().spoil_write(at_write);
        assert_eq!(store.commit(spend(1)), Err(StoreError::Memory));
        assert_eq!(store.platform().image(), &before);
        assert_eq!(store.commit(spend(2)), Ok(()));
    }
}

#[test]
fn a_slot_that_is_not_stored_as_it_was_written_does_not_count() {
    let mut store = card();
    store.platform_mut().spoil_write(4);
    assert_eq!(store.commit(spend(1)), Err(StoreError::Memory));
    assert_eq!(store.memory(), MemoryState::Damaged);
    let store = power_cycle(store);
    assert_eq!((store.memory(), spent(&store)), (MemoryState::Good, Ok(Some(100))));
}

#[test]
fn a_write_error_of_the_secure_area_locks_until_power_up_says_what_holds() {
    let mut store = card();
    store.platform_mut().refuse_writes(4, MemoryFailed::Error);
    assert_eq!(store.commit(spend(1)), Err(StoreError::Memory));
    store.platform_mut().accept_writes();
    assert_eq!(store.memory(), MemoryState::Damaged);
    assert_eq!(store.commit(spend(1)), Err(StoreError::Memory));
    let mut store = power_cycle(store);
    assert_eq!((store.memory(), spent(&store)), (MemoryState::Good, Ok(Some(100))));
    assert_eq!(store.commit(spend(2)), Ok(()));
}

#[test]
fn removing_may_fail_and_the_commit_stands() {
    let mut store = card();
    store.platform_mut().refuse_writes(5, MemoryFailed::Error);
    assert_eq!(store.commit(spend(1)), Ok(()));
    let left = store.platform().image().outside.len();
    store.platform_mut().accept_writes();
    let store = power_cycle(store);
    assert_eq!(spent(&store), Ok(Some(1)));
    assert_eq!(store.platform().image().outside.len(), left - 3);
}

#[test]
fn a_card_is_initialised_once() {
    let mut store = Store::recover(RamPlatform::new(1));
    assert_eq!((store.memory(), store.life_cycle()), (MemoryState::Blank, LifeCycle::Creation));
    assert_eq!(store.commit(spend(1)), Err(StoreError::Memory));
    assert_eq!(store.initialise(), Ok(()));
    let state = (store.memory(), store.life_cycle());
    assert_eq!(state, (MemoryState::Good, LifeCycle::Initialisation));
    let before = store.platform().image().clone();
    assert_eq!(store.initialise(), Err(StoreError::Memory));
    assert_eq!(store.platform().image(), &before);
}

#[test]
fn what_lies_about_before_initialisation_is_swept_away() {
    let mut blank = RamPlatform::new(1);
    blank.image_mut().outside = card().platform().image().outside.clone();
    let mut store = Store::recover(blank);
    assert_eq!(store.memory(), MemoryState::Blank);
    store.initialise().unwrap();
    assert_eq!(store.platform().image().outside.len(), 1);
}

#[test]
fn an_scp03_sequence_number_comes_once_in_a_cards_life() {
    let mut store = Store::recover(RamPlatform::new(1));
    assert_eq!(store.next_scp03_sequence(), Ok(1));
    store.initialise().unwrap();
    assert_eq!(power_cycle(store).next_scp03_sequence(), Ok(2));
}

#[test]
fn two_cards_have_two_master_keys() {
    let key = |seed| {
        let mut store = Store::recover(RamPlatform::new(seed));
        store.initialise().unwrap();
        store.state().unwrap().master.clone()
    };
    assert_eq!(key(1), key(1));
    assert_ne!(key(1), key(2));
}

#[test]
fn used_licence_numbers_are_kept_with_the_account() {
    let mut used = UsedNumbers::default();
    used.mark(3);
    let account = crate::memory::records::AccountRecord {
        account: Default::default(),
        opening_sequence: 0,
        opening: Default::default(),
        opened: Default::default(),
        counter: 1,
        previous: Default::default(),
        used,
    };
    let mut store = card();
    let mut change = Change::new();
    change.put(Key::Account(CENTER), &account);
    store.commit(change).unwrap();
    assert_eq!(power_cycle(store).get(&Key::Account(CENTER)), Ok(Some(account)));
}

#[test]
fn a_terminated_card_has_nothing_left() {
    let mut store = card();
    store.terminate().unwrap();
    for store in [&store, &power_cycle(Store::recover(store.platform().clone()))] {
        let state = (store.life_cycle(), store.memory(), store.pin_tries());
        assert_eq!(state, (LifeCycle::Terminated, MemoryState::Missing, 0));
        assert_eq!(spent(store), Err(StoreError::Memory));
        assert_eq!(store.platform().list_objects(), Ok(Vec::new()));
    }
    assert_eq!(store.commit(spend(1)), Err(StoreError::Memory));
    assert_eq!(store.initialise(), Err(StoreError::Memory));
}
