use super::*;
use alloc::collections::BTreeMap;
use alloc::sync::Arc;
use alloc::vec;
use node::{MAX_CHILDREN, MAX_ENTRIES};
use saifu_wire::CenterId;
use saifu_wire::codec::List;

/// Numbers that look random and are the same each time.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (self.0 >> 33) % limit
    }
}

/// What is stored of each node, by its number.
type Stored = BTreeMap<u64, Vec<u8>>;

fn licence(number: u64) -> Key {
    Key::Licence(CenterId([1; 16]), number)
}

fn object(number: u64) -> Object {
    Object { number, version: number + 1, tag: [number as u8; 16] }
}

/// Writes every changed node, as a commit does.
fn write(manifest: &mut Manifest, stored: &mut Stored) {
    let write = |number, node: &[u8]| {
        assert!(stored.insert(number, node.to_vec()).is_none(), "a number twice");
        Ok([number as u8; 16])
    };
    manifest.write_nodes(write).unwrap();
    let root = manifest.take_number().unwrap();
    manifest.root_written(root);
}

fn with(numbers: impl IntoIterator<Item = u64>) -> Manifest {
    let mut manifest = Manifest::default();
    for number in numbers {
        let object_number = manifest.take_number().unwrap();
        manifest.insert(licence(number), object(object_number));
    }
    write(&mut manifest, &mut Stored::new());
    manifest
}

/// The nodes of each height of the licences' tree, from the top down.
fn levels(manifest: &Manifest) -> Vec<Vec<Arc<Node>>> {
    let mut levels = vec![vec![manifest.licences.top().clone()]];
    loop {
        let below = levels.last().unwrap().iter().filter_map(|node| match node.items() {
            Items::Children(children) => Some(children.clone()),
            Items::Entries(_) => None,
        });
        match below.flatten().collect::<Vec<_>>() {
            below if below.is_empty() => return levels,
            below => levels.push(below),
        }
    }
}

fn entries(manifest: &Manifest) -> Vec<(Key, Object)> {
    let leaves = levels(manifest).pop().unwrap();
    let entries = leaves.into_iter().flat_map(|leaf| match leaf.items() {
        Items::Entries(entries) => entries.clone(),
        Items::Children(_) => panic!("a leaf above the others"),
    });
    entries.map(|entry| (entry.key, entry.object)).collect()
}

fn size(node: &Node) -> usize {
    match node.items() {
        Items::Entries(entries) => entries.len(),
        Items::Children(children) => children.len(),
    }
}

/// Order, depth and fill are as the module says, and each node is as its taking over checks it.
fn assert_shape(manifest: &Manifest) {
    let levels = levels(manifest);
    let heights = if manifest.len() == 0 { 0..=0 } else { LICENCES_HEIGHT..=MAX_HEIGHT };
    assert!(heights.contains(&manifest.licences.top().height()));
    for (depth, level) in levels.iter().enumerate() {
        let is_leaf = depth + 1 == levels.len();
        let (least, most) =
            if is_leaf { (MIN_ENTRIES, MAX_ENTRIES) } else { (MIN_CHILDREN, MAX_CHILDREN) };
        let least = if level.len() == 1 { 0 } else { least };
        for node in level {
            let size = size(node);
            assert!((least..=usize::from(most)).contains(&size), "{size} at depth {depth}");
            let again = Node::stored(None, node.items().clone()).unwrap();
            assert_eq!((again.records(), again.height()), (node.records(), node.height()));
        }
    }
    assert!(entries(manifest).is_sorted_by(|a, b| a.0 < b.0));
}

#[test]
fn a_manifest_behaves_as_a_map_does() {
    let mut numbers = Numbers(7);
    let mut manifest = Manifest::default();
    let mut model = BTreeMap::new();
    for step in 0..20_000 {
        let key = licence(numbers.below(4_000));
        // Grows at first, shrinks at the end.
        if numbers.below(20_000) > step {
            let object = object(manifest.take_number().unwrap());
            manifest.insert(key, object);
            model.insert(key, object);
        } else {
            manifest.remove(&key);
            model.remove(&key);
        }
        assert_eq!((manifest.find(&key), manifest.len()), (model.get(&key), model.len()));
        let range = licence(numbers.below(4_000))..=licence(numbers.below(4_000) + 4_000);
        if step % 100 == 0 {
            assert_shape(&manifest);
            assert!(entries(&manifest).iter().map(|(key, object)| (key, object)).eq(&model));
            assert_eq!(manifest.count(&range), model.range(range.clone()).count());
            assert!(manifest.keys(range.clone()).eq(model.range(range).map(|(key, _)| *key)));
        }
    }
    assert!((1..1_000).contains(&model.len()), "{}", model.len());
}

#[test]
fn a_manifest_shrinks_to_nothing_and_grows_again() {
    let mut manifest = with(0..3_000);
    assert_eq!(levels(&manifest).len(), 5);
    for number in (0..1_500).chain((1_500..3_000).rev()) {
        manifest.remove(&licence(number));
        if number % 50 == 0 {
            assert_shape(&manifest);
        }
    }
    assert_eq!((manifest.len(), levels(&manifest).len()), (0, 1));
    manifest.insert(licence(5), object(9_999));
    assert_eq!(entries(&manifest), [(licence(5), object(9_999))]);
}

#[test]
fn a_range_has_its_keys_in_order_and_is_counted() {
    let manifest = with((0..500).rev().map(|number| number * 2));
    let within = |range: RangeInclusive<Key>| {
        let keys: Vec<Key> = manifest.keys(range.clone()).collect();
        assert_eq!(manifest.count(&range), keys.len());
        keys
    };
    assert_eq!(within(licence(300)..=licence(307)), [300, 302, 304, 306].map(licence));
    assert_eq!(within(licence(997)..=licence(u64::MAX)), [licence(998)]);
    assert_eq!(within(licence(999)..=licence(u64::MAX)), []);
    assert_eq!(within(Key::outbox()), []);
    assert_eq!(within(Key::licences()).len(), 500);
    let backwards = licence(307)..=licence(300);
    assert_eq!(within(backwards), []);
    assert_eq!(Manifest::default().keys(Key::licences()).count(), 0);
    assert_eq!(Manifest::default().count(&Key::licences()), 0);
}

#[test]
fn a_full_card_is_no_higher_than_its_limit_and_its_root_stays_small() {
    let full = with(0..MAX_RECORDS as u64);
    let mut sparse = full.clone();
    // What is left are as small nodes as the rules allow.
    (0..MAX_RECORDS as u64).filter(|n| n % 2 == 0).for_each(|n| sparse.remove(&licence(n)));
    write(&mut sparse, &mut Stored::new());
    for manifest in [full, sparse] {
        assert_shape(&manifest);
        assert!(manifest.root().len() <= 1_024, "{} bytes", manifest.root().len());
    }
}

#[test]
fn one_change_writes_one_path_and_shares_everything_else() {
    for (records, path) in [(10, 4), (100, 4), (1_000, 4), (10_000, 4), (60_000, 4)] {
        let before = with(0..records);
        let mut after = before.clone();
        after.insert(licence(records / 2), object(99_999));
        let mut stored = Stored::new();
        write(&mut after, &mut stored);
        assert_eq!(stored.len(), path, "{records} records");
        let old: Vec<_> = levels(&before).concat();
        let new = levels(&after).concat();
        let copied = new.iter().filter(|new| !old.iter().any(|old| Arc::ptr_eq(old, new)));
        assert_eq!(copied.count(), path + 1, "{records} records");
    }
}

#[test]
fn a_manifest_keeps_what_it_says_whatever_becomes_of_its_copy() {
    let manifest = with(0..2_000);
    let before = entries(&manifest);
    let mut copy = manifest.clone();
    (0..2_000).for_each(|number| copy.remove(&licence(number)));
    (0..900).for_each(|number| copy.insert(licence(number * 3), object(number)));
    assert_eq!(entries(&manifest), before);
    assert_shape(&manifest);
    assert_shape(&copy);
}

#[test]
fn exactly_what_is_named_no_more_is_superseded() {
    let mut numbers = Numbers(3);
    let mut manifest = with(0..800);
    manifest.take_superseded();
    for step in 0..400 {
        let before = manifest.names();
        for _ in 0..numbers.below(9) {
            let key = licence(numbers.below(800));
            if numbers.below(400) < step {
                manifest.remove(&key);
            } else {
                let object = object(manifest.take_number().unwrap());
                manifest.insert(key, object);
            }
        }
        write(&mut manifest, &mut Stored::new());
        let superseded: BTreeSet<_> = manifest.take_superseded().into_iter().collect();
        let after = manifest.names();
        // An object may have come and gone within one change; it was never current.
        assert!(before.difference(&after).all(|name| superseded.contains(name)));
        assert!(superseded.is_disjoint(&after));
    }
}

#[test]
fn what_most_changes_touch_lies_in_few_nodes_however_many_licences_there_are() {
    let center = CenterId([1; 16]);
    let common = [Key::Spending, Key::Account(center), Key::Purse(center, 1)];
    for records in [10, 10_000] {
        let mut manifest = with(0..records);
        let mut stored = Stored::new();
        let outbox = (1..=4).map(|counter| Key::Outbox(center, counter));
        for (number, key) in common.into_iter().chain(outbox).enumerate() {
            manifest.insert(key, object(number as u64));
        }
        write(&mut manifest, &mut stored);
        assert!(stored.is_empty(), "all of it is in the root");
        assert_eq!((manifest.len(), manifest.count(&Key::outbox())), (records as usize + 7, 4));
    }
}

#[test]
fn the_same_manifest_is_stored_as_the_same_bytes_in_its_format() {
    let stored = || {
        let mut manifest = Manifest::default();
        (0..100).for_each(|number| manifest.insert(licence(number), object(number)));
        let mut stored = Stored::new();
        write(&mut manifest, &mut stored);
        (manifest.root(), stored)
    };
    let (root, nodes) = stored();
    assert_eq!((root.clone(), nodes.clone()), stored());
    // Twelve leaves, the nodes over them, no common records, the top with its one child.
    let (leaves, last) = (12_u64, 16_u64);
    let child = [&(last - 1).to_be_bytes()[..], &[last as u8 - 1; 16]].concat();
    let top = [&[4, 1][..], &child, &[0; 7 * 24]].concat();
    assert_eq!(root, [&[2][..], &last.to_be_bytes(), &[0, 0], &top].concat());
    let entry = [&licence(0).to_bytes()[..], &object(0).to_bytes()].concat();
    assert_eq!(nodes[&1][..2 + entry.len()], [&[0, 8], &entry[..]].concat());
    assert_eq!(nodes[&(leaves + 1)].len(), 2 + 12 * 24);
    assert_eq!(nodes[&(leaves + 1)][..2], [1, 12]);
    assert_eq!(nodes.len() as u64, last - 1);
}

#[test]
fn a_root_of_another_format_or_a_node_too_high_or_too_long_is_refused() {
    let manifest = with(0..100);
    let root = manifest.root();
    let (common, licences) = (manifest.common.to_stored(), manifest.licences.to_stored());
    let expected = Root { last_number: manifest.last_number, common, licences };
    assert_eq!(Root::from_bytes(&root), Ok(expected));
    for format in [0, 1, 3, 0xFF] {
        assert!(Root::from_bytes(&[&[format], &root[1..]].concat()).is_err());
    }
    let inner = |height, count| {
        StoredNode::Inner(height, List(vec![NodeObject { number: 1, tag: [0; 16] }; count]))
    };
    for count in [1, 8, 16] {
        let stored = inner(MAX_HEIGHT, count);
        assert_eq!(StoredNode::from_bytes(&stored.to_bytes()), Ok(stored));
        assert!(StoredNode::from_bytes(&inner(MAX_HEIGHT + 1, count).to_bytes()).is_err());
    }
    let mut unfilled = inner(1, 7).to_bytes();
    *unfilled.last_mut().unwrap() = 1;
    assert!(StoredNode::from_bytes(&unfilled).is_err());
    let long = [&[1, 17][..], &[0; 17 * 24]].concat();
    assert!(StoredNode::from_bytes(&long).is_err());
}

#[test]
fn nodes_out_of_order_of_two_heights_or_empty_are_no_manifest() {
    let manifest = with(0..100);
    let above = levels(&manifest)[3].clone();
    let Items::Children(good) = above[0].items() else { panic!("an inner node") };
    let over = |children: Vec<Arc<Node>>| Node::stored(None, Items::Children(children));
    assert!(over(good.clone()).is_some());
    assert!(over(good.iter().rev().cloned().collect()).is_none());
    assert!(over([&good[..], &good[..1]].concat()).is_none());
    assert!(over(vec![good[0].clone(), good[0].clone()]).is_none());
    assert!(over(vec![]).is_none());
    assert!(over(vec![Arc::new(Node::default())]).is_none());
    assert!(over(vec![good[0].clone(), Arc::new(over(good[1..].to_vec()).unwrap())]).is_none());
    let Items::Entries(entries) = good[0].items() else { panic!("a leaf") };
    let twice = [&entries[..1], &entries[..1]].concat();
    assert!(Node::stored(None, Items::Entries(twice)).is_none());
    let empty = || Node::stored(None, Items::Entries(vec![])).unwrap();
    assert!(Manifest::new(1, 1, empty(), empty()).is_some());
    let low = Node::stored(None, Items::Entries(entries[..1].to_vec())).unwrap();
    assert!(Manifest::new(1, 1, low.clone(), empty()).is_some());
    assert!(Manifest::new(1, 1, empty(), low).is_none());
}

#[test]
fn numbers_run_out_and_do_not_begin_again() {
    let mut manifest = Manifest { last_number: u64::MAX - 1, ..Manifest::default() };
    assert_eq!(manifest.take_number(), Some(u64::MAX));
    assert_eq!(manifest.take_number(), None);
    (0..100).for_each(|number| manifest.insert(licence(number), object(number)));
    assert_eq!(manifest.write_nodes(|_, _| Ok([0; 16])), Err(StoreError::Full));
}
