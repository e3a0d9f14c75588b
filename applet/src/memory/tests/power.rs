use super::*;
use crate::platform::Platform;
use saifu_wire::Wire;

/// Everything that a cut may leave, coarsely; the secure area's own tests take every byte.
fn cuts() -> Vec<Cut> {
    let leaves = [
        Leaves::Nothing,
        Leaves::Erased,
        Leaves::Beginning(1),
        Leaves::Beginning(60),
        Leaves::Beginning(127),
        Leaves::Garbage,
        Leaves::Everything,
    ];
    let cut = |leaves, keeps_unsynced| Cut { at_write: 0, leaves, keeps_unsynced };
    leaves.iter().flat_map(|leaves| [cut(*leaves, true), cut(*leaves, false)]).collect()
}

/// All that can be read from a card.
fn content(store: &Store<RamPlatform>) -> (MemoryState, LifeCycle, Option<u64>, Vec<(u64, u8)>) {
    let keys = content_keys(store);
    let keys = keys.iter().map(|number| (*number, content_key(store, *number).unwrap().unwrap()));
    (store.memory(), store.life_cycle(), spent(store).ok().flatten(), keys.collect())
}

fn change() -> Change {
    let mut change = spend(200);
    change.remove(Key::ContentKey(CENTER, 2));
    put_content_keys(&mut change, [4, 5]);
    change
}

#[test]
fn power_cut_at_any_write_of_a_commit_leaves_it_done_or_not_begun() {
    let before = content(&card());
    let mut whole = card();
    let writes = whole.platform().writes();
    whole.commit(change()).unwrap();
    let writes = whole.platform().writes() - writes;
    let after = content(&whole);
    assert_ne!(before, after);
    let (mut undone, mut done) = (0, 0);
    for at_write in 1..=writes {
        for cut in cuts() {
            let mut store = card();
            store.platform_mut().cut_power(Cut { at_write, ..cut });
            let answered = store.commit(change()).is_ok();
            let found = content(&power_cycle(store));
            assert!(found == before || found == after, "{at_write} {cut:?}: {found:?}");
            assert!(!answered || found == after, "answered and lost: {at_write} {cut:?}");
            if found == after { done += 1 } else { undone += 1 }
        }
    }
    assert!(undone > 50 && done > 50);
}

#[test]
fn power_cut_twice_and_in_recovery_leaves_it_done_or_not_begun() {
    let before = content(&card());
    let mut whole = card();
    whole.commit(change()).unwrap();
    let after = content(&whole);
    for first in 1..=8 {
        for second in 1..=8 {
            for cut in cuts() {
                let mut store = card();
                store.platform_mut().cut_power(Cut { at_write: first, ..cut });
                let _ = store.commit(change());
                // Once more in the sweeping of recovery, and once more in the same commit.
                let mut platform = store.into_platform();
                platform.restore_power();
                platform.cut_power(Cut { at_write: 1, ..cut });
                let mut store = power_cycle(Store::recover(platform));
                let found = content(&store);
                assert!(found == before || found == after);
                store.platform_mut().cut_power(Cut { at_write: second, ..cut });
                let _ = store.commit(change());
                let mut store = power_cycle(store);
                let found = content(&store);
                assert!(found == before || found == after);
                store.commit(change()).unwrap();
                assert_eq!(content(&power_cycle(store)), after);
            }
        }
    }
}

#[test]
fn power_cut_inside_initialise_leaves_a_blank_card_or_an_empty_one() {
    for at_write in 1..=3 {
        for cut in cuts() {
            let mut store = Store::recover(RamPlatform::new(1));
            store.platform_mut().cut_power(Cut { at_write, ..cut });
            let _ = store.initialise();
            let mut store = power_cycle(store);
            match (store.memory(), store.life_cycle()) {
                (MemoryState::Blank, LifeCycle::Creation) => store.initialise().unwrap(),
                (MemoryState::Good, LifeCycle::Initialisation) => {}
                other => panic!("{at_write} {cut:?}: {other:?}"),
            }
            store.commit(spend(1)).unwrap();
            assert_eq!(spent(&power_cycle(store)), Ok(Some(1)));
        }
    }
}

#[test]
fn power_cut_inside_terminate_leaves_a_whole_card_or_nothing() {
    let before = content(&card());
    let master = card().state().unwrap().master.to_bytes();
    let mut whole = card();
    let writes = whole.platform().writes();
    whole.terminate().unwrap();
    let writes = whole.platform().writes() - writes;
    for at_write in 1..=writes {
        for cut in cuts() {
            let mut store = card();
            store.platform_mut().cut_power(Cut { at_write, ..cut });
            let _ = store.terminate();
            let store = power_cycle(store);
            if store.life_cycle() == LifeCycle::Activated {
                assert_eq!((at_write, content(&store)), (1, before.clone()));
                continue;
            }
            let slots = store.platform().image().slots;
            let there = |slot: &[u8]| slot.windows(8).any(|window| window == &master[..8]);
            assert!(!slots.iter().any(|slot| there(slot)), "{at_write} {cut:?}");
            assert_eq!(store.platform().list_objects(), Ok(Vec::new()));
        }
    }
}
