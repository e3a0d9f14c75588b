use super::*;
use alloc::collections::BTreeMap;
use alloc::vec;
use saifu_wire::{CenterId, Wire};

/// Numbers that look random and are the same each time.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (self.0 >> 33) % limit
    }
}

fn licence(number: u64) -> Key {
    Key::Licence(CenterId([1; 16]), number)
}

fn object(number: u64) -> Object {
    Object { number, version: number + 1, tag: [number as u8; 16] }
}

/// Writes every changed page, as a commit does.
fn write(manifest: &mut Manifest) {
    for (at, _) in manifest.unwritten() {
        let number = manifest.take_number().unwrap();
        manifest.page_written(at, object(number));
    }
    let root = manifest.take_number().unwrap();
    manifest.root_written(root);
}

fn with(numbers: impl IntoIterator<Item = u64>) -> Manifest {
    let mut manifest = Manifest::default();
    for number in numbers {
        let object_number = manifest.take_number().unwrap();
        manifest.insert(licence(number), object(object_number));
    }
    write(&mut manifest);
    manifest
}

fn assert_shape(manifest: &Manifest) {
    let sizes: Vec<usize> = manifest.pages.iter().map(|page| page.entries.len()).collect();
    assert!(sizes.iter().all(|size| (1..=64).contains(size)), "{sizes:?}");
    assert!(sizes.windows(2).all(|pair| pair[0] + pair[1] > HALF_PAGE), "{sizes:?}");
    assert!(manifest.entries().is_sorted_by(|a, b| a.key < b.key));
}

#[test]
fn a_manifest_behaves_as_a_map_does() {
    let mut numbers = Numbers(7);
    let mut manifest = Manifest::default();
    let mut model = BTreeMap::new();
    for step in 0..6_000 {
        let key = licence(numbers.below(700));
        // Grows at first, shrinks at the end.
        if numbers.below(6_000) > step {
            let object = object(manifest.take_number().unwrap());
            manifest.insert(key, object);
            model.insert(key, object);
        } else {
            manifest.remove(&key);
            model.remove(&key);
        }
        assert_eq!((manifest.find(&key), manifest.len()), (model.get(&key), model.len()));
        if step % 100 == 0 {
            assert_shape(&manifest);
            assert!(manifest.entries().map(|entry| (&entry.key, &entry.object)).eq(&model));
        }
    }
    assert!(model.len() < 100);
}

#[test]
fn a_range_has_its_keys_in_order() {
    let manifest = with((0..500).rev().map(|number| number * 2));
    let keys: Vec<Key> = manifest.keys(licence(300)..=licence(307)).collect();
    assert_eq!(keys, [300, 302, 304, 306].map(licence));
    let keys: Vec<Key> = manifest.keys(licence(997)..=licence(u64::MAX)).collect();
    assert_eq!(keys, [licence(998)]);
    assert_eq!(manifest.keys(licence(999)..=licence(u64::MAX)).count(), 0);
    assert_eq!(manifest.keys(Key::outbox()).count(), 0);
    assert_eq!(Manifest::default().keys(Key::licences()).count(), 0);
}

#[test]
fn one_change_touches_one_page() {
    let mut manifest = with(0..1_000);
    assert!(manifest.pages.len() > 15);
    manifest.insert(licence(500), object(9_999));
    assert_eq!(manifest.unwritten().len(), 1);
}

#[test]
fn a_full_card_fits_its_root() {
    let manifest = with(0..MAX_RECORDS as u64);
    let mut sparse = manifest.clone();
    // What is left are as small pages as the rules allow.
    (0..MAX_RECORDS as u64)
        .filter(|number| number % 2 == 0)
        .for_each(|n| sparse.remove(&licence(n)));
    for manifest in [manifest, sparse] {
        assert_shape(&manifest);
        assert!(manifest.pages.len() <= MAX_PAGES.into());
        assert!(manifest.root().to_bytes().len() <= crate::memory::MAX_RECORD_BYTES);
    }
}

#[test]
fn exactly_what_is_named_no_more_is_superseded() {
    let mut numbers = Numbers(3);
    let mut manifest = with(0..300);
    manifest.take_superseded();
    for _ in 0..200 {
        let before = manifest.names();
        for _ in 0..numbers.below(5) {
            let key = licence(numbers.below(300));
            if numbers.below(2) == 0 {
                manifest.remove(&key);
            } else {
                let object = object(manifest.take_number().unwrap());
                manifest.insert(key, object);
            }
        }
        write(&mut manifest);
        let superseded: BTreeSet<_> = manifest.take_superseded().into_iter().collect();
        let after = manifest.names();
        // An object may have come and gone within one change; it was never current.
        assert!(before.difference(&after).all(|name| superseded.contains(name)));
        assert!(superseded.is_disjoint(&after));
    }
}

#[test]
fn what_is_stored_comes_back() {
    let manifest = with(0..200);
    let root = Root::from_bytes(&manifest.root().to_bytes()).unwrap();
    let mut pages = vec![];
    for (object, page) in root.pages.0.iter().zip(&manifest.pages) {
        let entries = Entries::from_bytes(&List::<_, 64>(page.entries.clone()).to_bytes()).unwrap();
        pages.push(Arc::new(Page::stored(*object, entries)));
    }
    let read = Manifest::new(manifest.root_number, root.last_number, pages).unwrap();
    assert!(read.entries().eq(manifest.entries()));
    assert_eq!(read.names(), manifest.names());
    assert_eq!(read.clone().take_number(), manifest.clone().take_number());
}

#[test]
fn pages_out_of_order_or_empty_are_no_manifest() {
    let manifest = with(0..200);
    let reversed = manifest.pages.iter().rev().cloned().collect();
    assert!(Manifest::new(1, 1, reversed).is_none());
    let twice = [&manifest.pages[..], &manifest.pages[..1]].concat();
    assert!(Manifest::new(1, 1, twice).is_none());
    let empty = vec![Arc::new(Page::stored(object(1), List::default()))];
    assert!(Manifest::new(1, 1, empty).is_none());
    assert!(Manifest::new(1, 1, vec![]).is_some());
}

#[test]
fn numbers_run_out_and_do_not_begin_again() {
    let mut manifest = Manifest { last_number: u64::MAX - 1, ..Manifest::default() };
    assert_eq!(manifest.take_number(), Some(u64::MAX));
    assert_eq!(manifest.take_number(), None);
}
