//! A card that is pulled in the middle of a sale, and put back, or not, or another one.

use crate::card::{At, TestCard, at_each};
use crate::desk::{Desk, INITIAL, pcscd};
use saifu_wire::ins::Ins;
use std::thread;
use std::time::Duration;

/// Before the licence is in the card, with the payment made and not told, within the content,
/// and with the end made and not told.
fn moments() -> [At; 5] {
    [
        At::got(Ins::LoadLicence),
        At::got(Ins::Debit),
        At::did(Ins::Debit),
        At::got(Ins::Decrypt).number(2),
        At::did(Ins::Acknowledge),
    ]
}

/// pcscd looks each 400 ms, and does not notice a card that is away for 50 ms only.
#[test]
fn a_card_that_is_put_back_at_once_goes_on_in_the_same_run() {
    at_each(&moments(), |at| {
        let desk = Desk::new();
        let (buying, stopping) = desk.buy_until(at, &[]);
        stopping.pull();
        buying.ran().good();
        desk.assert_sold();
    });
}

#[test]
fn a_card_pulled_between_two_commands_and_put_back_at_once_goes_on_in_the_same_run() {
    at_each(&[At::did(Ins::LoadLicence), At::did(Ins::Debit), At::did(Ins::Decrypt)], |at| {
        let mut desk = Desk::new();
        let (buying, stopping) = desk.buy_until(at, &[]);
        desk.in_reader.as_ref().unwrap().end();
        stopping.answer();
        desk.put_in();
        buying.ran().good();
        desk.assert_sold();
    });
}

#[test]
fn a_card_that_is_put_back_later_goes_on_in_the_same_run() {
    at_each(&[At::got(Ins::Verify).number(2), At::did(Ins::Debit)], |at| {
        let mut desk = Desk::new();
        let (buying, stopping) = desk.buy_until(at, &[]);
        desk.in_reader.as_ref().unwrap().end();
        stopping.pull();
        thread::sleep(Duration::from_millis(1_500));
        desk.put_in();
        buying.ran().good();
        desk.assert_sold();
    });
}

#[test]
fn a_card_that_is_not_put_back_ends_the_run_and_resuming_finishes_the_sale() {
    at_each(&moments(), |at| {
        let mut desk = Desk::new();
        let (buying, stopping) = desk.buy_until(at, &["--card-timeout", "2"]);
        desk.in_reader.as_ref().unwrap().end();
        stopping.pull();
        let ran = buying.ran();
        assert!([3, 10].contains(&ran.code), "{at:?}: {ran:?}");
        ran.told(ran.code, &["there is no card in Virtual PCD 00 00", "saifu resume"]);
        assert!(ran.took < Duration::from_secs(20), "{at:?}: {ran:?}");
        desk.put_in();
        desk.saifu(&["resume", "--yes"]).good();
        desk.assert_sold();
    });
}

#[test]
fn a_card_pulled_while_value_is_loaded_gets_it_once_by_registering_again() {
    at_each(&[At::got(Ins::OpenAccount), At::got(Ins::Credit), At::did(Ins::Credit)], |at| {
        let mut desk = Desk::without_card(pcscd());
        desk.put_in();
        let stopping = desk.card.stop(at);
        let registering = desk.start(&["register"]);
        stopping.wait();
        stopping.pull();
        registering.ran().told(3, &["Virtual PCD 00 00 does not answer", "try again"]);
        desk.saifu(&["register"]).good();
        desk.assert_nothing_paid();
    });
}

#[test]
fn another_card_in_its_place_pays_nothing_and_the_right_one_finishes_the_sale() {
    at_each(&[At::got(Ins::LoadLicence), At::got(Ins::Debit), At::did(Ins::Debit)], |at| {
        let mut desk = Desk::new();
        let other = TestCard::new(&desk.shop.path("other"));
        let with_other = desk.insert(1, other.clone());
        desk.saifu(&["register", "--card", "pcsc:00 01"]).good();
        drop(with_other);
        let (buying, stopping) = desk.buy_until(at, &["--card", "pcsc:00 00"]);
        desk.in_reader.as_ref().unwrap().end();
        stopping.pull();
        desk.in_reader = Some(desk.insert(0, other));
        let ran = buying.ran();
        ran.told(1, &["begun with another card", "use the card it was begun with"]);
        desk.saifu(&["resume"]).told(1, &["begun with another card"]);
        let purses = desk.saifu(&["balance", "--json"]).json();
        assert_eq!(purses["purses"][0]["balance"], INITIAL, "{at:?}");
        desk.put_in();
        desk.saifu(&["resume"]).good();
        desk.assert_sold();
    });
}

#[test]
fn a_card_that_was_without_power_unnoticed_goes_on_in_the_same_run() {
    at_each(&moments(), |at| {
        let desk = Desk::new();
        let (buying, stopping) = desk.buy_until(at, &[]);
        stopping.cut_power();
        buying.ran().good();
        desk.assert_sold();
    });
}

#[test]
fn another_card_in_its_place_unnoticed_pays_nothing_and_the_right_one_finishes_the_sale() {
    at_each(&[At::got(Ins::LoadLicence), At::got(Ins::Debit), At::did(Ins::Debit)], |at| {
        let desk = Desk::new();
        let other = TestCard::new(&desk.shop.path("other"));
        let (buying, stopping) = desk.buy_until(at, &[]);
        desk.card.change_places(&other);
        stopping.cut_power();
        buying.ran().told(1, &["begun with another card", "use the card it was begun with"]);
        desk.card.change_places(&other);
        desk.saifu(&["resume"]).good();
        desk.assert_sold();
    });
}
