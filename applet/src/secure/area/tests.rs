use super::*;
use crate::platform::ram::{Cut, Leaves, RamPlatform};
use alloc::vec::Vec;

/// Everything a cut write may leave of 128 bytes.
fn leaves() -> Vec<Leaves> {
    let beginnings = (0..=SLOT_BYTES).map(Leaves::Beginning);
    let others = [Leaves::Nothing, Leaves::Erased, Leaves::Garbage, Leaves::Everything];
    beginnings.chain(others).collect()
}

fn cut(at_write: u64, leaves: Leaves) -> Cut {
    Cut { at_write, leaves, keeps_unsynced: true }
}

/// A card with a master key of 0x5A bytes, in use.
fn in_use() -> (RamPlatform, Area) {
    let mut platform = RamPlatform::new(1);
    let mut area = Area::recover(&mut platform).unwrap();
    area.change(&mut platform, |state| {
        state.life_cycle = LifeCycle::Activated;
        state.master = MasterKey::from_bytes(&[0x5A; 32]).unwrap();
    })
    .unwrap();
    (platform, area)
}

fn power_up(platform: &mut RamPlatform) -> Option<Area> {
    platform.restore_power();
    Area::recover(platform)
}

#[test]
fn a_manufactured_card_is_blank() {
    let area = Area::recover(&mut RamPlatform::new(1)).unwrap();
    assert_eq!(area.state(), &State::blank());
    assert!(!area.state().master.is_there());
}

#[test]
fn a_change_is_there_after_power_up() {
    let (mut platform, mut area) = in_use();
    for tries in [2, 1, 0, 3] {
        area.change(&mut platform, |state| state.pin_tries = tries).unwrap();
        assert_eq!(power_up(&mut platform).unwrap().state(), area.state());
    }
}

#[test]
fn the_slots_alternate() {
    let (mut platform, mut area) = in_use();
    for _ in 0..10 {
        let before = platform.image().slots;
        area.change(&mut platform, |_| ()).unwrap();
        let after = platform.image().slots;
        assert_ne!(before[0] == after[0], before[1] == after[1]);
    }
    area.change(&mut platform, |_| ()).unwrap();
    assert_ne!(platform.image().slots[0], platform.image().slots[1]);
}

#[test]
fn a_cut_at_any_byte_leaves_the_state_before_or_after() {
    for leaves in leaves() {
        let (mut platform, mut area) = in_use();
        let before = area.state().clone();
        let after = State { epoch: before.epoch + 1, pin_tries: 1, ..before.clone() };
        platform.cut_power(cut(1, leaves));
        assert!(area.change(&mut platform, |state| state.pin_tries = 1).is_err());
        let found = power_up(&mut platform).unwrap();
        let whole = matches!(leaves, Leaves::Everything | Leaves::Beginning(SLOT_BYTES));
        assert_eq!(found.state(), if whole { &after } else { &before }, "{leaves:?}");
    }
}

#[test]
fn one_damaged_slot_leaves_the_other_and_two_leave_none() {
    for byte in 0..SLOT_BYTES {
        let (mut platform, area) = in_use();
        let inactive = usize::from(area.active == Slot::A);
        platform.image_mut().slots[inactive][byte] ^= 1;
        assert_eq!(power_up(&mut platform).unwrap().state(), area.state());
        platform.image_mut().slots[1 - inactive][byte] ^= 1;
        assert!(power_up(&mut platform).is_none());
    }
}

#[test]
fn a_whole_slot_of_another_format_locks_whatever_the_other_holds() {
    for format in [1, 3] {
        let (mut platform, area) = in_use();
        let good = platform.image().clone();
        for slot in 0..2 {
            let mut foreign = good.slots[slot];
            foreign[1] = format;
            let (body, check) = foreign.split_at_mut(SLOT_BYTES - CHECK_BYTES);
            check.copy_from_slice(&sha256(&[body]));
            platform.image_mut().slots[slot] = foreign;
            assert!(power_up(&mut platform).is_none());
            assert_eq!(platform.image().slots[slot], foreign, "it is left as it is");
            *platform.image_mut() = good.clone();
        }
        assert_eq!(power_up(&mut platform).unwrap().state(), area.state());
    }
}

#[test]
fn erased_slots_are_no_blank_card() {
    let mut platform = RamPlatform::new(1);
    platform.image_mut().slots = [[0; SLOT_BYTES]; 2];
    assert!(Area::recover(&mut platform).is_none());
}

#[test]
fn a_slot_that_cannot_be_read_locks_until_it_can() {
    let (mut platform, area) = in_use();
    platform.cut_power(cut(1, Leaves::Nothing));
    let _ = platform.write_slot(Slot::A, &[0; SLOT_BYTES]);
    assert!(Area::recover(&mut platform).is_none());
    assert_eq!(power_up(&mut platform).unwrap().state(), area.state());
}

#[test]
fn after_a_failed_write_nothing_is_changed_before_the_next_power_up() {
    let (mut platform, mut area) = in_use();
    let before = area.state().clone();
    platform.refuse_writes(1, MemoryFailed::Error);
    assert_eq!(area.change(&mut platform, |_| ()), Err(MemoryFailed::Error));
    platform.accept_writes();
    assert_eq!(area.change(&mut platform, |_| ()), Err(MemoryFailed::Error));
    let mut area = power_up(&mut platform).unwrap();
    assert_eq!(area.state(), &before);
    assert_eq!(area.change(&mut platform, |_| ()), Ok(()));
}

#[test]
fn life_cycle_and_sequences_never_go_back() {
    let (mut platform, mut area) = in_use();
    area.change(&mut platform, |state| (state.unblock_sequence, state.scp03_sequence) = (5, 5))
        .unwrap();
    let before = (area.state().clone(), platform.image().clone());
    let back: [fn(&mut State); 3] = [
        |state| state.life_cycle = LifeCycle::Initialisation,
        |state| state.unblock_sequence = 4,
        |state| state.scp03_sequence = 4,
    ];
    for back in back {
        assert_eq!(area.change(&mut platform, back), Err(MemoryFailed::Error));
        assert_eq!((area.state(), platform.image()), (&before.0, &before.1));
    }
}

#[test]
fn an_scp03_sequence_number_comes_once() {
    let (mut platform, mut area) = in_use();
    assert_eq!(area.next_scp03_sequence(&mut platform), Ok(1));
    let mut area = power_up(&mut platform).unwrap();
    assert_eq!(area.next_scp03_sequence(&mut platform), Ok(2));
    area.change(&mut platform, |state| state.scp03_sequence = MAX_SCP03_SEQUENCE - 1).unwrap();
    assert_eq!(area.next_scp03_sequence(&mut platform), Ok(MAX_SCP03_SEQUENCE));
    assert_eq!(area.next_scp03_sequence(&mut platform), Err(MemoryFailed::Error));
}

fn holds_master_key(platform: &RamPlatform) -> bool {
    let key = [0x5A; 4];
    platform.image().slots.iter().any(|slot| slot.windows(4).any(|window| window == key))
}

#[test]
fn a_terminated_card_has_no_master_key_in_either_slot_and_stays_terminated() {
    let (mut platform, mut area) = in_use();
    area.change(&mut platform, |_| ()).unwrap();
    assert!(holds_master_key(&platform));
    area.terminate(&mut platform).unwrap();
    assert!(!holds_master_key(&platform));
    assert_eq!(area.state().life_cycle, LifeCycle::Terminated);
    assert!(area.change(&mut platform, |state| state.pin_tries = 3).is_err());
    assert!(area.change(&mut platform, |state| state.life_cycle = LifeCycle::Activated).is_err());
}

#[test]
fn power_cut_inside_terminate_leaves_a_whole_card_or_no_master_key() {
    for (at_write, leaves) in (1..=2).flat_map(|at| leaves().into_iter().map(move |l| (at, l))) {
        let (mut platform, mut area) = in_use();
        platform.cut_power(cut(at_write, leaves));
        let _ = area.terminate(&mut platform);
        // Power goes once more, in what recovery writes.
        platform.restore_power();
        platform.cut_power(cut(1, leaves));
        let _ = Area::recover(&mut platform);
        let found = power_up(&mut platform).unwrap();
        match found.state().life_cycle {
            LifeCycle::Activated => assert!(at_write == 1 && found.state().master.is_there()),
            LifeCycle::Terminated => assert!(!holds_master_key(&platform)),
            other => panic!("{other:?}"),
        }
    }
}
