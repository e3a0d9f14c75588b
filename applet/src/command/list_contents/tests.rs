use alloc::vec::Vec;

use super::*;
use saifu_wire::CenterId;
use saifu_wire::ins::Ins;

use crate::memory::Change;
use crate::test_kit::content::named;
use crate::test_kit::sale::work;
use crate::test_kit::{PIN, TestCard, TestCenter};

const CENTER: TestCenter = TestCenter { id: CenterId([0xC1; 16]) };

/// A card whose licences 1 to `count` have stored works.
fn stored(count: u64) -> TestCard {
    let mut change = Change::new();
    for number in 1..=count {
        let record = ContentRecord { id: number, header: work(number, 1_000), complete: true };
        change.put(Key::Content(CENTER.id, number, false), &record);
    }
    let other = ContentRecord { id: 999, header: work(1, 1_000), complete: true };
    change.put(Key::Content(CenterId([0xC2; 16]), 1, false), &other);
    CENTER.customer(1, 0).with_change(change)
}

fn list(card: &mut TestCard, from: u64) -> Vec<u64> {
    let answer = card.send(Ins::ListContents, 0, 0, &named(&CENTER, from)).unwrap();
    let contents = Contents::from_bytes(&answer).unwrap().0;
    contents.iter().map(|content| content.licence).collect()
}

#[test]
fn works_are_listed_from_a_number_on_and_64_at_a_time() {
    let mut card = stored(70);
    assert_eq!(card.refused(Ins::ListContents, 0, 0, &named(&CENTER, 0)), 0x6982);
    card.verify(PIN).unwrap();
    assert_eq!(list(&mut card, 0), (1..=64).collect::<Vec<_>>());
    assert_eq!(list(&mut card, 65), (65..=70).collect::<Vec<_>>());
    assert_eq!(list(&mut card, 71), []);
}
