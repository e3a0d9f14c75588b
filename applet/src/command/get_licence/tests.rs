use alloc::vec::Vec;

use super::*;
use saifu_wire::CenterId;
use saifu_wire::ins::Ins;

use crate::test_kit::{TestCard, TestCenter};

const CENTER: TestCenter = TestCenter { id: CenterId([0xC1; 16]) };

/// A card with licences of these numbers, all but the first written without their ceremony.
fn card(numbers: impl Iterator<Item = u64>) -> TestCard {
    let mut card = CENTER.customer(1, 0);
    let mut change = crate::memory::Change::new();
    let licence = CENTER.issue(CENTER.licence(card.id(), 1));
    card.load_licence(&licence).unwrap();
    let store = card.card.store();
    let mut record: LicenceRecord = store.get(&Key::Licence(CENTER.id, 1)).unwrap().unwrap();
    for number in numbers {
        record.state.number = number;
        change.put(Key::Licence(CENTER.id, number), &record);
    }
    card.with_change(change)
}

fn ask(card: &mut TestCard, p1: u8, center: CenterId, number: u64) -> Result<Vec<u8>, u16> {
    card.send(Ins::GetLicence, p1, 0, &LicenceRef { center, number }.to_bytes())
}

/// The numbers that a list from this number on tells.
fn listed(card: &mut TestCard, center: CenterId, number: u64) -> Vec<u64> {
    let answer = ask(card, 1, center, number).unwrap();
    Licences::from_bytes(&answer).unwrap().0.iter().map(|licence| licence.number).collect()
}

#[test]
fn a_licence_that_is_not_there_is_6a88() {
    let mut card = card(core::iter::empty());
    assert!(ask(&mut card, 0, CENTER.id, 1).is_ok());
    assert_eq!(ask(&mut card, 0, CENTER.id, 2), Err(0x6A88));
    assert_eq!(ask(&mut card, 0, CenterId([0xC2; 16]), 1), Err(0x6A88));
}

#[test]
fn licences_are_listed_in_order_from_a_number_on() {
    let mut card = card([300, 20, u64::MAX].into_iter());
    assert_eq!(listed(&mut card, CENTER.id, 0), [1, 20, 300, u64::MAX]);
    assert_eq!(listed(&mut card, CENTER.id, 20), [20, 300, u64::MAX]);
    assert_eq!(listed(&mut card, CENTER.id, 21), [300, u64::MAX]);
    assert!(listed(&mut card, CenterId([0xC2; 16]), 0).is_empty());
}

#[test]
fn a_list_has_at_most_64_licences_and_goes_on_from_there() {
    let mut card = card(2..=70);
    let first = listed(&mut card, CENTER.id, 0);
    assert_eq!(first, (1..=64).collect::<Vec<u64>>());
    assert_eq!(listed(&mut card, CENTER.id, 65), (65..=70).collect::<Vec<u64>>());
}
