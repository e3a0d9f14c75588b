use alloc::vec::Vec;

use super::*;
use saifu_wire::CenterId;
use saifu_wire::codec::Bytes;
use saifu_wire::ins::Ins;
use saifu_wire::signed::{Licence, PaymentOrder, Signed};

use crate::secure::key_unwrap::count::private_operations;
use crate::test_kit::sale::{delivery, opening, pay, plaintext, unsigned_with, work, wrap};
use crate::test_kit::{PIN, TestCard, TestCenter};

const CENTER: TestCenter = TestCenter { id: CenterId([0xC1; 16]) };

fn licence(card: &TestCard) -> Signed<Licence> {
    CENTER.issue(CENTER.licence(card.id(), 1))
}

/// A card with a licence whose key is kept as it came.
fn loaded(change: impl FnOnce(&mut Licence)) -> TestCard {
    let mut card = CENTER.customer(1, 1_000);
    let mut licence = CENTER.licence(card.id(), 1);
    change(&mut licence);
    card.load_as_it_came(&CENTER.issue(licence)).unwrap();
    card
}

/// In which forms the key is kept: opened, as it came.
fn kept(card: &TestCard) -> (bool, bool) {
    let has = |key: Key| card.card.store().count(&(key..=key)) == 1;
    (has(Key::ContentKey(CENTER.id, 1)), has(Key::DoubleKey(CENTER.id, 1)))
}

const OPENED: (bool, bool) = (true, false);
const AS_IT_CAME: (bool, bool) = (false, true);

#[test]
fn a_licence_that_is_kept_as_it_came_reaches_no_private_operation() {
    let before = private_operations();
    let card = loaded(|_| ());
    assert_eq!((kept(&card), private_operations()), (AS_IT_CAME, before));
}

#[test]
fn the_same_licence_again_opens_the_key_and_never_closes_it() {
    let mut card = loaded(|_| ());
    let state = card.licence_state(&CENTER, 1);
    let again = licence(&card);
    assert_eq!(card.load_as_it_came(&again), Ok(state.clone()));
    assert_eq!(kept(&card), AS_IT_CAME);
    assert_eq!(card.load_licence(&again), Ok(state.clone()));
    assert_eq!(kept(&card), OPENED);
    assert_eq!(card.load_as_it_came(&again), Ok(state));
    assert_eq!(kept(&card), OPENED);
}

#[test]
fn a_debit_opens_the_key_in_the_commit_that_pays() {
    let mut card = loaded(|_| ());
    card.buy(&CENTER, 1).unwrap();
    assert_eq!(kept(&card), OPENED);
    card.open(&CENTER, 1, &work(1, 1_000)).unwrap();
    let delivery = delivery(1, &work(1, 1_000)).concat();
    assert_eq!(card.decrypt(0, &delivery).unwrap(), plaintext(&work(1, 1_000)));
}

#[test]
fn a_hold_opens_the_key_in_the_commit_that_holds() {
    let mut card = loaded(|licence| licence.payment = PaymentOrder::DecryptFirst);
    card.hold(&CENTER, 1).unwrap();
    assert_eq!(kept(&card), OPENED);
}

#[test]
fn a_gift_opens_its_key_with_its_stream_and_counts_its_use() {
    let mut card = loaded(|licence| {
        licence.payment = PaymentOrder::AlreadyPaid;
        licence.prices.0.clear();
        licence.uses = 2;
    });
    card.open(&CENTER, 1, &work(1, 1_000)).unwrap();
    assert_eq!((kept(&card), card.licence_state(&CENTER, 1).uses_left), (OPENED, 1));
    card.open(&CENTER, 1, &work(1, 1_000)).unwrap();
    assert_eq!(card.licence_state(&CENTER, 1).uses_left, 0);
}

#[test]
fn a_stream_that_is_refused_opens_no_key() {
    let mut card = loaded(|_| ());
    let before = private_operations();
    let opening = opening(&CENTER, 1, &work(1, 1_000));
    assert_eq!(card.refused(Ins::OpenStream, 0, 0, &opening), 0x6985);
    assert_eq!((kept(&card), private_operations()), (AS_IT_CAME, before));
}

/// A genuine licence whose wrapped key does not open as it should.
fn with_wrong_key(card: &TestCard, payment: PaymentOrder, message: &[u8]) -> Signed<Licence> {
    let mut terms = CENTER.licence(card.id(), 1);
    terms.payment = payment;
    if payment == PaymentOrder::AlreadyPaid {
        terms.prices.0.clear();
    }
    terms.wrapped_key = Bytes(Vec::new());
    let label = crate::crypto::hash::sha256(&[&terms.terms()]);
    let unsigned = unsigned_with(terms, wrap(&label, message));
    let bytes = CENTER.sign_raw(saifu_wire::certificate::Role::Licence, &unsigned);
    Signed::parse(&bytes).unwrap()
}

#[test]
fn a_key_that_does_not_open_pays_holds_and_opens_nothing() {
    let orders = [
        (PaymentOrder::PayFirst, Ins::Debit, pay(&CENTER, 1, 0, 1)),
        (PaymentOrder::DecryptFirst, Ins::Hold, pay(&CENTER, 1, 0, 1)),
        (PaymentOrder::AlreadyPaid, Ins::OpenStream, opening(&CENTER, 1, &work(1, 1_000))),
    ];
    for (payment, ins, data) in orders {
        for message in [&[9; 32][..], &[9; 31], &[]] {
            let mut card = CENTER.customer(1, 1_000);
            let wrong = with_wrong_key(&card, payment, message);
            assert_eq!(card.load_licence(&wrong), Err(0x6A80), "at once");
            card.load_as_it_came(&wrong).unwrap();
            card.verify(PIN).unwrap();
            assert_eq!(card.refused(ins, 0, 0, &data), 0x6A80, "{}", ins.name());
            assert_eq!(card.refused(Ins::LoadLicence, 0, 0, &wrong.to_bytes()), 0x6A80);
            assert_eq!((kept(&card), card.purse(&CENTER, 1).balance), (AS_IT_CAME, 1_000));
        }
    }
}

#[test]
fn everything_but_the_private_operation_is_checked_of_a_key_that_is_kept_as_it_came() {
    let mut card = CENTER.customer(1, 1_000);
    let good = licence(&card).to_bytes();
    for at in 0..good.len() {
        let mut bad = good.clone();
        bad[at] ^= 1;
        assert_eq!(card.refused(Ins::LoadLicence, 1, 0, &bad), 0x6A80, "byte {at}");
    }
}

#[test]
fn li13_id12_another_object_in_the_place_of_the_wrapped_key_opens_nothing() {
    let platform = loaded(|_| ()).card.into_platform();
    let key = |name: &&crate::platform::ObjectName| name.memory == crate::platform::Memory::Key;
    let name = *platform.image().outside.keys().find(key).unwrap();
    let good = platform.image().outside[&name].clone();
    let opened = {
        let mut card = TestCard::with_power(platform.clone());
        card.load_licence(&licence(&card)).unwrap();
        let outside = card.card.into_platform().image().outside.clone();
        outside.iter().find(|(name, _)| key(name)).unwrap().1.clone()
    };
    let constants = alloc::vec![0x41; good.len()];
    for bad in [Vec::new(), good[1..].to_vec(), constants, opened, [good, alloc::vec![0]].concat()]
    {
        let mut platform = platform.clone();
        platform.image_mut().outside.insert(name, bad);
        let mut card = TestCard::with_power(platform);
        card.verify(PIN).unwrap();
        assert_eq!(card.refused(Ins::Debit, 0, 0, &pay(&CENTER, 1, 0, 1)), 0x6581);
    }
}
