//! Where vpcd would listen: a card connects to the program itself, and no pcscd is needed.

use crate::card::{At, TestCard};
use crate::desk::{FILE, INITIAL};
use crate::program::{Ran, Running};
use crate::shop::{Shop, TITLE};
use saifu_vsmartcard::atr::Atr;
use saifu_vsmartcard::plug::{Stop, VpcdPlug};
use saifu_wire::ins::Ins;
use std::net::TcpListener;
use std::process::Command;
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// A shop whose terminal listens for its card.
struct Place {
    shop: Shop,
    card: TestCard,
    address: String,
}

impl Place {
    fn new() -> Self {
        let shop = Shop::new(INITIAL);
        let card = TestCard::new(&shop.path("card"));
        // Whoever listened there last has let go of it by the end of this line.
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        Self { shop, card, address: address.to_string() }
    }

    /// Has the card connect whenever the terminal listens.
    fn plug_in(&self) -> Plugged {
        let plug = VpcdPlug::new(&self.address, Atr::default());
        let (stop, mut card) = (plug.stop(), self.card.clone());
        let thread = thread::spawn(move || plug.run(&mut card, &mut |_| ()));
        Plugged { stop, thread: Some(thread) }
    }

    fn start(&self, arguments: &[&str]) -> Running {
        let mut command = Command::new(env!("CARGO_BIN_EXE_saifu"));
        self.shop.at_home(&mut command).args(arguments);
        Running::start(command.env("SAIFU_CARD", format!("vpcd:{}", self.address)))
    }

    #[track_caller]
    fn saifu(&self, arguments: &[&str]) -> Ran {
        self.start(arguments).ran()
    }

    fn buy(&self, more: &[&str]) -> Running {
        self.start(&[&["buy", TITLE, "-o", FILE, "--yes"], more].concat())
    }

    #[track_caller]
    fn assert_sold(&self) {
        self.shop.assert_sold(&|arguments| self.saifu(arguments));
    }
}

/// A card that connects; dropped, it does not any more.
struct Plugged {
    stop: Stop,
    thread: Option<JoinHandle<()>>,
}

impl Drop for Plugged {
    fn drop(&mut self) {
        self.stop.stop();
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap();
        }
    }
}

#[test]
fn a_whole_sale_goes_through_without_a_service() {
    let place = Place::new();
    let _card = place.plug_in();
    place.saifu(&["register"]).good();
    place.buy(&[]).ran().good();
    place.assert_sold();
}

#[test]
fn a_card_that_is_pulled_and_connects_again_goes_on_in_the_same_run() {
    let place = Place::new();
    let _card = place.plug_in();
    place.saifu(&["register"]).good();
    let stopping = place.card.stop(At::did(Ins::Debit));
    let buying = place.buy(&[]);
    stopping.wait();
    stopping.pull();
    buying.ran().good();
    place.assert_sold();
}

#[test]
fn a_silent_card_is_told_in_time_and_resuming_finishes_the_sale() {
    let place = Place::new();
    let _card = place.plug_in();
    place.saifu(&["register"]).good();
    let stopping = place.card.stop(At::did(Ins::Debit));
    let ran = place.buy(&["--card-timeout", "1"]).ran();
    ran.told(10, &["has not answered for 1 s", "saifu resume"]);
    assert!(ran.took < Duration::from_secs(4), "{ran:?}");
    stopping.answer();
    place.saifu(&["resume"]).good();
    place.assert_sold();
}

#[test]
fn a_card_that_does_not_connect_is_waited_for_no_longer_than_said() {
    let place = Place::new();
    let ran = place.saifu(&["card", "--card-timeout", "1"]);
    ran.told(3, &["no card in the virtual reader at 127.0.0.1", "saifu-card run FOLDER"]);
    assert!(ran.took < Duration::from_secs(3), "{ran:?}");
}

#[test]
fn an_address_in_use_or_not_of_this_machine_is_told() {
    let place = Place::new();
    let _in_the_way = TcpListener::bind(&place.address).unwrap();
    place.saifu(&["card"]).told(3, &["listen at 127.0.0.1", "in use", "name another"]);
    for address in ["vpcd:192.0.2.1:35963", "vpcd:no.such.host.invalid:35963"] {
        let ran = place.saifu(&["card", "--card", address]);
        ran.told(3, &[&address[5..], "name another"]);
    }
    place.saifu(&["card", "--card", "vpcd:35963"]).told(2, &["vpcd:HOST:PORT"]);
}
