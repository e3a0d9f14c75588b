use alloc::vec;
use alloc::vec::Vec;

use saifu_wire::stream::Header;
use saifu_wire::{CenterId, ContentId};

use super::*;
use crate::memory::Change;
use crate::memory::tests::empty;
use crate::platform::Memory;
use crate::platform::ram::RamPlatform;

const CENTER: CenterId = CenterId([0xC1; 16]);
const WORK: Key = Key::Content(CENTER, 1, false);

fn header() -> Header {
    let content = ContentId([0xC0; 16]);
    Header { segment_bytes: 256, content, content_version: 1, total_bytes: 600, salt: [7; 32] }
}

/// Stores three segments of a work; gives its id.
fn store_work(store: &mut Store<RamPlatform>, fill: u8) -> u64 {
    let id = store.next_content_id().unwrap();
    let mut change = Change::new();
    change.put(WORK, &ContentRecord { id, header: header(), complete: true });
    store.commit(change).unwrap();
    for index in 0..3 {
        store.write_segment(Form::Content, Place { id, index }, &[fill; 256]).unwrap();
    }
    id
}

fn read(store: &Store<RamPlatform>, id: u64, index: u64) -> Result<Vec<u8>, StoreError> {
    let segment = store.read_segment(Form::Content, Place { id, index })?;
    Ok(segment.expose().to_vec())
}

fn power_cycle(store: Store<RamPlatform>) -> Store<RamPlatform> {
    Store::recover(store.into_platform())
}

fn objects(store: &Store<RamPlatform>) -> usize {
    let outside = &store.platform().image().outside;
    outside.keys().filter(|name| name.memory == Memory::Content).count()
}

#[test]
fn a_stored_work_is_there_after_a_power_cycle() {
    let mut store = empty();
    let id = store_work(&mut store, 7);
    let store = power_cycle(store);
    assert_eq!(read(&store, id, 2), Ok(vec![7; 256]));
    assert_eq!(read(&store, id, 3), Err(StoreError::Memory));
}

#[test]
fn a_damaged_segment_spoils_its_own_reading_and_no_other() {
    let mut store = empty();
    let id = store_work(&mut store, 7);
    let number = Place { id, index: 1 }.number().unwrap();
    let name = ObjectName { memory: Memory::Content, number };
    store.platform_mut().image_mut().outside.get_mut(&name).unwrap()[20] ^= 1;
    let store = power_cycle(store);
    assert_eq!(read(&store, id, 0), Ok(vec![7; 256]));
    assert_eq!(read(&store, id, 1), Err(StoreError::Memory));
    assert_eq!(read(&store, id, 2), Ok(vec![7; 256]));
}

#[test]
fn nv9_a_segment_of_an_older_storing_is_not_taken_for_the_new_one() {
    let mut store = empty();
    let old = store_work(&mut store, 7);
    let kept = store.platform().image().outside.clone();
    let new = store_work(&mut store, 8);
    assert!(new > old);
    let number = |id| Place { id, index: 0 }.number().unwrap();
    let name = |id| ObjectName { memory: Memory::Content, number: number(id) };
    let older = kept.get(&name(old)).unwrap().clone();
    store.platform_mut().image_mut().outside.insert(name(new), older);
    assert_eq!(read(&store, new, 0), Err(StoreError::Memory));
    assert_eq!(read(&store, new, 1), Ok(vec![8; 256]));
}

#[test]
fn segments_without_a_record_are_swept_away() {
    let mut store = empty();
    store_work(&mut store, 7);
    store_work(&mut store, 8);
    assert_eq!(objects(&store), 6);
    let mut store = power_cycle(store);
    assert_eq!(objects(&store), 3);
    let mut change = Change::new();
    change.remove(WORK);
    store.commit(change).unwrap();
    assert_eq!(objects(&power_cycle(store)), 0);
}

#[test]
fn a_removed_work_leaves_nothing_behind() {
    let mut store = empty();
    let id = store_work(&mut store, 7);
    store.remove_work(id);
    assert_eq!(objects(&store), 0);
}

#[test]
fn a_place_beyond_what_a_number_can_say_is_refused() {
    assert_eq!(Place { id: 1, index: 1 << 28 }.number(), Err(StoreError::Full));
    assert_eq!(Place { id: 1 << 36, index: 0 }.number(), Err(StoreError::Full));
    assert!(Place { id: (1 << 36) - 1, index: (1 << 28) - 1 }.number().is_ok());
}

#[test]
fn what_a_work_takes_is_what_its_sealed_segments_have() {
    let mut store = empty();
    let id = store.next_content_id().unwrap();
    for doubly in [false, true] {
        for total_bytes in [0, 1, 255, 256, 257, 600, 768] {
            let header = Header { total_bytes, ..header() };
            for segment in (0..).map_while(|index| header.segment(index)) {
                let bytes = vec![7; segment_bytes(&segment, doubly)];
                let place = Place { id, index: segment.index };
                store.write_segment(form_of(doubly), place, &bytes).unwrap();
            }
            let outside = &store.platform().image().outside;
            let stored = outside.iter().filter(|(name, _)| name.memory == Memory::Content);
            let bytes: usize = stored.map(|(_, object)| object.len()).sum();
            assert_eq!(work_bytes(&header, doubly), bytes as u64, "{total_bytes} {doubly}");
            store.remove_work(id);
        }
    }
}
