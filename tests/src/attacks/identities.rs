//! Other centers, other shops, deleted licences, and loads in transit.

use saifu_vsmartcard::platform::{Cut, Leaves};
use saifu_wire::ShopId;
use saifu_wire::certificate::Role;
use saifu_wire::ins::Ins;
use saifu_wire::signed::{Event, Signed};
use saifu_wire::value::{PurseTerms, ScopeKind};

use super::kit::{account_for, named, opening, pay, sold};
use super::tally::Tally;
use crate::fixture::{PIN, PRICE, TestCard, TestCenter, buyer, customer, money_purse, point_purse};

/// A card with an account at two centers and 1,000 yen in purse 1 of the first.
fn two_centers() -> (TestCard, TestCenter, TestCenter) {
    let (mut card, first) = customer(0xCA, 1_000);
    let second = TestCenter::new(0xC2);
    card.introduce(&second);
    card.open_account(&second.opening(card.id(), 0, &[money_purse(1)])).expect("an account");
    (card, first, second)
}

pub(super) fn id2_a_credit_of_one_center_fills_no_purse_of_another(t: &mut Tally) {
    let (mut card, first, second) = two_centers();
    let mut foreign = first.credit(card.id(), 1, 2, 500);
    foreign.center = second.id();
    let by_first = first.sign(Role::Credit, foreign).to_bytes();
    t.refused(&mut card, 0x6A80, Ins::Credit, [0, 0], &by_first);
    let mut posing = second.credit(card.id(), 1, 2, 500);
    posing.center = first.id();
    posing.account = first.account();
    let by_second = second.sign(Role::Credit, posing).to_bytes();
    t.refused(&mut card, 0x6A80, Ins::Credit, [0, 0], &by_second);
    let stranger = TestCenter::new(0xC3).load(card.id(), 1, 1, 500).to_bytes();
    t.refused(&mut card, 0x6A80, Ins::Credit, [0, 0], &stranger);
    card.credit(&second.load(card.id(), 1, 1, 500)).expect("its own");
    t.accepted();
    account_for(&mut card, &first, 1_000);
}

pub(super) fn id2_a_licence_debits_no_purse_of_another_center(t: &mut Tally) {
    let (mut card, first, second) = two_centers();
    let keys = card.keys();
    card.load_licence(&second.deliver(&keys, 1).licence).expect("a licence");
    card.verify(PIN).unwrap();
    t.refused(&mut card, 0x6985, Ins::Debit, [0, 0], &pay(&second, 1, 0, 1));
    t.refused(&mut card, 0x6A88, Ins::Debit, [0, 0], &pay(&first, 1, 0, 1));
    let stranger = TestCenter::new(0xC3).deliver(&keys, 1).licence.to_bytes();
    t.refused(&mut card, 0x6A80, Ins::LoadLicence, [0, 0], &stranger);
    account_for(&mut card, &first, 1_000);
}

pub(super) fn id2_a_purse_bound_to_a_shop_pays_no_other_shop(t: &mut Tally) {
    let shop = |id| ShopId([id; 16]);
    for (of_licence, pays) in [(shop(0xB0), true), (shop(0xA0), false), (ShopId::ZERO, false)] {
        let (mut card, center, _) = sold(|licence| licence.shop = of_licence);
        let bound = PurseTerms { scope: ScopeKind::Shop, scope_id: [0xB0; 16], ..money_purse(3) };
        card.open_account(&center.opening(card.id(), 1, &[bound])).expect("a purse");
        let mut credit = center.credit(card.id(), 1, 1, 500);
        credit.purse = 3;
        card.credit(&center.sign(Role::Credit, credit)).expect("a load");
        card.verify(PIN).unwrap();
        let debit = pay(&center, 1, 0, 3);
        if pays {
            assert!(card.send(Ins::Debit, 0, 0, &debit).is_ok());
            t.accepted();
        } else {
            t.refused(&mut card, 0x6985, Ins::Debit, [0, 0], &debit);
        }
    }
}

pub(super) fn id4_what_was_deleted_never_opens_or_pays_again(t: &mut Tally) {
    let (mut card, center, delivery) = sold(|licence| licence.uses = 1);
    let licence = delivery.licence.to_bytes();
    let token = card.buy(&center, 1).unwrap();
    t.refused(&mut card, 0x6985, Ins::DeleteLicence, [0, 0], &named(&center, 1));
    card.acknowledge(&center.receipt(&token, 1)).unwrap();
    card.open_stream(&center, 1, &delivery.header).unwrap();
    card.send(Ins::DeleteLicence, 0, 0, &named(&center, 1)).expect("a licence that is forgotten");
    for _ in 0..2 {
        t.refused(&mut card, 0x6985, Ins::LoadLicence, [0, 0], &licence);
        t.refused(&mut card, 0x6985, Ins::LoadLicence, [1, 0], &licence);
        card.verify(PIN).unwrap();
        t.refused(&mut card, 0x6A88, Ins::Debit, [0, 0], &pay(&center, 1, 0, 1));
        let open = opening(&center, 1, &delivery.header);
        t.refused(&mut card, 0x6A88, Ins::OpenStream, [0, 0], &open);
        card.power_cycle();
    }
    assert_eq!(card.see(&center).unwrap().balance(1), 1_000 - PRICE);
}

pub(super) fn id4_a_number_below_the_window_opens_nothing(t: &mut Tally) {
    let (mut card, center) = customer(0xCA, 1_000);
    let keys = card.keys();
    for number in [1_000_000, 1_000_000 - 1_023] {
        card.load_licence(&center.deliver(&keys, number).licence).expect("a licence");
    }
    t.accepted();
    for number in [1_000_000 - 1_024, 5_000, 1] {
        let below = center.deliver(&keys, number).licence.to_bytes();
        t.refused(&mut card, 0x6985, Ins::LoadLicence, [0, 0], &below);
    }
}

pub(super) fn id5_two_purses_of_one_kind_are_one_chain(t: &mut Tally) {
    let (mut card, center) = buyer(0xCA, 1_000, 1..=2);
    card.open_account(&center.opening(card.id(), 1, &[money_purse(3)])).expect("a purse");
    let mut credit = center.credit(card.id(), 1, 1, 1_000);
    credit.purse = 3;
    let event = card.credit(&center.sign(Role::Credit, credit)).unwrap();
    let first = Signed::<Event>::parse(&event).expect("an event").message().counter;
    let keys = card.keys();
    for (number, purse, counter) in [(1, 1, first + 1), (2, 3, first + 2)] {
        card.verify(PIN).unwrap();
        let token = card.send(Ins::Debit, 0, 0, &pay(&center, number, 0, purse)).unwrap();
        assert_eq!(center.open_token(&keys, &token).balance, 1_000 - PRICE);
        assert_eq!(card.token(&center, counter), Ok(token), "the next link");
        t.accepted();
    }
}

pub(super) fn id8_only_the_load_in_transit_is_voided_once_and_with_a_pin(t: &mut Tally) {
    let (mut card, center) = customer(0xCA, 1_000);
    let void = |card: &TestCard, sequence| center.load(card.id(), 1, sequence, 500).to_bytes();
    let of_2 = void(&card, 2);
    t.refused(&mut card, 0x6982, Ins::Void, [0, 0], &of_2);
    for sequence in [0, 1, 3, u64::MAX] {
        card.verify(PIN).unwrap();
        let other = void(&card, sequence);
        t.refused(&mut card, 0x6985, Ins::Void, [0, 0], &other);
    }
    for at in (0..of_2.len()).step_by(7) {
        let mut forged = of_2.clone();
        forged[at] ^= 1;
        t.refused(&mut card, 0x6A80, Ins::Void, [0, 0], &forged);
    }
    card.void(&center, 2).expect("a void");
    t.accepted();
    let late = center.load(card.id(), 1, 2, 500).to_bytes();
    t.refused(&mut card, 0x6985, Ins::Credit, [0, 0], &late);
    account_for(&mut card, &center, 1_000);
}

pub(super) fn cr9_a_credit_after_a_torn_debit_finds_a_whole_card(t: &mut Tally) {
    for at_write in 1..=12 {
        for leaves in [Leaves::Nothing, Leaves::Garbage, Leaves::Everything] {
            let (mut card, center) = buyer(0xCA, 1_000, 1..=1);
            card.verify(PIN).unwrap();
            card.cut_power(Cut { at_write, leaves, keeps_unsynced: true });
            let _ = card.debit(&center, 1);
            card.power_cycle();
            card.credit(&center.load(card.id(), 1, 2, 500)).expect("a load");
            account_for(&mut card, &center, 1_500);
            card.buy(&center, 1).expect("a token, one way or the other");
            assert_eq!(account_for(&mut card, &center, 1_500).balance(1), 1_200);
            t.accepted();
        }
    }
}

pub(super) fn id10_small_sums_without_a_pin_are_none_where_the_limits_say_none(t: &mut Tally) {
    let (mut card, center, _) = sold(|licence| {
        licence.prices = saifu_wire::codec::List(vec![crate::fixture::price(1)]);
    });
    t.refused(&mut card, 0x6982, Ins::Debit, [0, 0], &pay(&center, 1, 0, 1));
    let opening = center.opening(card.id(), 1, &[point_purse(1)]).to_bytes();
    t.refused(&mut card, 0x6A80, Ins::OpenAccount, [0, 0], &opening);
}
