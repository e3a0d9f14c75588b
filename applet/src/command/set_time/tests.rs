use super::*;
use saifu_wire::ins::Ins;
use saifu_wire::{CardId, CenterId, Nonce};

use crate::test_kit::cuts::Script;
use crate::test_kit::sale::SOLD;
use crate::test_kit::{CERTIFIED, TestCard, TestCenter};

const CENTER: TestCenter = TestCenter { id: CenterId([0xC1; 16]) };

fn card() -> TestCard {
    CENTER.customer(1, 0)
}

fn floor(card: &TestCard) -> u64 {
    trust::time_floor(card.card.store(), CENTER.id).unwrap()
}

/// Sends an order, changed so; it must be refused, and change nothing.
fn refused(card: &mut TestCard, role: Role, change: impl FnOnce(&mut TimeOrder)) -> u16 {
    let mut order = CENTER.time_order(card, SOLD);
    change(&mut order);
    card.refused(Ins::SetTime, 0, 0, &CENTER.sign(role, order).to_bytes())
}

#[test]
fn a_signed_time_raises_the_card_s_time_for_its_center_alone() {
    let mut card = card();
    let other = TestCenter::new(0xC2);
    other.introduce(&mut card);
    assert_eq!(card.set_time(&CENTER, SOLD), Ok([].to_vec()));
    assert_eq!(floor(&card), SOLD);
    assert_eq!(trust::time_floor(card.card.store(), other.id), Ok(0));
    assert_eq!(floor(&card.power_cycle()), SOLD);
}

#[test]
fn s4_a_time_before_the_floor_is_6985_and_the_floor_itself_is_good() {
    let mut card = card();
    card.set_time(&CENTER, SOLD).unwrap();
    assert_eq!(refused(&mut card, Role::Licence, |order| order.time = SOLD - 1), 0x6985);
    let root = card.card.store().root();
    assert_eq!(card.set_time(&CENTER, SOLD), Ok([].to_vec()));
    assert_eq!(card.card.store().root(), root, "nothing to be stored");
}

#[test]
fn a_time_that_is_not_authentic_is_6a80() {
    let mut card = card();
    for role in [Role::Credit, Role::Receipt] {
        assert_eq!(refused(&mut card, role, |_| ()), 0x6A80, "{role:?}");
    }
    let changes: [fn(&mut TimeOrder); 4] = [
        |order| order.card = CardId([2; 16]),
        |order| order.nonce = Nonce([7; 32]),
        |order| order.signer = 2,
        |order| order.center = CenterId([0xC2; 16]),
    ];
    for change in changes {
        assert_eq!(refused(&mut card, Role::Licence, change), 0x6A80);
    }
    let order = CENTER.time_order(&mut card, SOLD);
    let good = CENTER.sign(Role::Licence, order).to_bytes();
    for at in 0..good.len() {
        CENTER.time_order(&mut card, SOLD);
        let mut bad = good.clone();
        bad[at] ^= 1;
        assert_eq!(card.refused(Ins::SetTime, 0, 0, &bad), 0x6A80, "byte {at}");
    }
}

#[test]
fn id8_a_challenge_serves_one_order_whatever_comes_of_it() {
    let mut card = card();
    let order = CENTER.time_order(&mut card, SOLD);
    let good = CENTER.sign(Role::Licence, order.clone()).to_bytes();
    card.send(Ins::SetTime, 0, 0, &good).unwrap();
    assert_eq!(card.refused(Ins::SetTime, 0, 0, &good), 0x6A80);
    let order = CENTER.time_order(&mut card, SOLD);
    let wrong = CENTER.sign(Role::Credit, order.clone()).to_bytes();
    assert_eq!(card.refused(Ins::SetTime, 0, 0, &wrong), 0x6A80);
    let good = CENTER.sign(Role::Licence, order).to_bytes();
    assert_eq!(card.refused(Ins::SetTime, 0, 0, &good), 0x6A80);
    let order = CENTER.time_order(&mut card, SOLD);
    card.select();
    let late = CENTER.sign(Role::Licence, order).to_bytes();
    assert_eq!(card.refused(Ins::SetTime, 0, 0, &late), 0x6A80);
}

#[test]
fn a_key_that_has_expired_by_the_card_s_time_signs_no_time() {
    let mut card = card();
    card.set_time(&CENTER, CERTIFIED.end - 1).unwrap();
    card.set_time(&CENTER, CERTIFIED.end).unwrap();
    assert_eq!(
        refused(&mut card, Role::Licence, |order| order.time = CERTIFIED.end),
        0x6A80,
        "it has expired now"
    );
}

#[test]
fn a_cut_at_any_write_leaves_the_time_as_it_was_or_as_it_was_signed() {
    let platform = card().card.into_platform();
    let script =
        Script { prepare: &|_| (), command: &|card| card.set_time(&CENTER, SOLD), stored: &floor };
    script.cut_everywhere(&platform, [0, SOLD, SOLD]);
}
