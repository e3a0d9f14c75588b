//! No service, no reader, no card, or not the right one.

use crate::card::TestCard;
use crate::desk::{Desk, pcscd};
use saifu_vsmartcard::harness::{Echo, PrivatePcscd, SOCKET_VARIABLE};
use saifu_vsmartcard::plug::{InSlot, Reply};
use std::thread;
use std::time::Duration;

/// A run takes less than this, unless it waits for a card.
const NOT_WAITED: Duration = Duration::from_secs(20);

/// A card with other applets than ours.
struct Foreign;

impl InSlot for Foreign {
    fn power_off(&mut self) {}

    fn power_on(&mut self) {}

    fn reset(&mut self) {}

    fn transmit(&mut self, _: &[u8]) -> Reply {
        Reply::Answer(vec![0x6A, 0x82])
    }
}

#[test]
fn without_a_service_the_user_is_told_to_start_it_and_nothing_is_waited_for() {
    let desk = Desk::without_card(PrivatePcscd::start_without_readers().unwrap());
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_saifu"));
    let command = desk.shop.at_home(&mut command).arg("card");
    command.env(SOCKET_VARIABLE, desk.shop.path("nowhere"));
    let ran = crate::program::Running::start(command).ran();
    ran.told(3, &["PC/SC service does not answer", "apt install pcscd"]);
    assert!(ran.took < NOT_WAITED, "{ran:?}");
}

#[test]
fn without_a_reader_the_user_is_told_to_connect_one() {
    let desk = Desk::without_card(PrivatePcscd::start_without_readers().unwrap());
    let ran = desk.saifu(&["buy", &desk.shop.work, "--yes"]);
    ran.told(3, &["there is no reader", "connect the reader"]);
    assert!(ran.took < NOT_WAITED, "{ran:?}");
}

#[test]
fn a_reader_that_is_not_there_is_told_with_those_that_are() {
    let desk = Desk::without_card(pcscd());
    let ran = desk.saifu(&["card", "--card", "pcsc:Acme"]);
    let both = [0, 1].map(|slot| desk.pcscd.reader(slot));
    ran.told(3, &["no reader \"Acme\"", &both[0], &both[1], "--card pcsc:READER"]);
}

#[test]
fn a_card_that_does_not_come_is_waited_for_no_longer_than_said() {
    let desk = Desk::without_card(pcscd());
    let ran = desk.saifu(&["card", "--card-timeout", "1"]);
    ran.told(3, &["there is no card in Virtual PCD 00 00 or Virtual PCD 00 01", "put the card"]);
    let second = Duration::from_secs(1);
    assert!(ran.took >= second && ran.took < 15 * second, "{ran:?}");
}

#[test]
fn a_card_that_comes_in_time_is_taken() {
    let mut desk = Desk::without_card(pcscd());
    let waiting = desk.start(&["card"]);
    thread::sleep(Duration::from_millis(1_500));
    desk.put_in();
    assert!(waiting.ran().good().contains("Virtual PCD 00 00"));
}

#[test]
fn of_two_cards_one_must_be_named() {
    let mut desk = Desk::without_card(pcscd());
    desk.put_in();
    let other = TestCard::new(&desk.shop.path("other"));
    let _other = desk.insert(1, other);
    let named = |name: &str| desk.saifu(&["card", "--json", "--card", name]).json();
    let first = named("pcsc:Virtual PCD 00 00");
    let second = named("pcsc:pcd 00 01");
    assert_eq!([&first["in"], &second["in"]], ["Virtual PCD 00 00", "Virtual PCD 00 01"]);
    assert_ne!(first["card"], second["card"]);
    let unnamed = desk.saifu(&["card"]);
    unnamed.told(2, &["Virtual PCD 00 00, Virtual PCD 00 01", "--card pcsc:READER"]);
}

#[test]
fn a_card_of_another_kind_is_told_from_ours() {
    let desk = Desk::without_card(pcscd());
    let foreign = desk.insert(0, Foreign);
    let ran = desk.saifu(&["buy", &desk.shop.work, "--yes"]);
    ran.told(4, &["the card refused SELECT", "6A82", "this card is not a Saifu card"]);
    drop(foreign);
    let _echo = desk.insert(1, Echo::answering(0));
    let ran = desk.saifu(&["card", "--card", "pcsc:00 01"]);
    ran.told(4, &["SELECT", "does not fit this terminal"]);
}
