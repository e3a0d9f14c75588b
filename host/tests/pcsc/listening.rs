//! Where vpcd would listen: a card connects to the program itself, and no pcscd is needed.

use crate::card::{At, TestCard};
use crate::desk::{FILE, INITIAL};
use crate::program::{Ran, Running};
use crate::shop::{Shop, TITLE};
use saifu_vsmartcard::atr::Atr;
use saifu_vsmartcard::harness::free_port;
use saifu_vsmartcard::plug::{Stop, VpcdPlug};
use saifu_wire::ins::Ins;
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// What a run takes beside what it waits for, on the slowest of machines.
const AND_A_RUN: Duration = Duration::from_secs(15);

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
        let address = format!("127.0.0.1:{}", free_port().unwrap());
        Self { shop, card, address }
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
    assert!(ran.took < AND_A_RUN, "{ran:?}");
    stopping.answer();
    place.saifu(&["resume"]).good();
    place.assert_sold();
}

#[test]
fn a_card_that_does_not_connect_is_waited_for_no_longer_than_said() {
    let place = Place::new();
    let ran = place.saifu(&["card", "--card-timeout", "1"]);
    ran.told(3, &["no card in the virtual reader at 127.0.0.1", "saifu-card run FOLDER"]);
    assert!(ran.took < AND_A_RUN, "{ran:?}");
}

/// Connects to an address as soon as somebody listens there, and says nothing.
fn stray(address: &str) -> TcpStream {
    let deadline = Instant::now() + AND_A_RUN;
    loop {
        match TcpStream::connect(address) {
            Ok(stream) => return stream,
            Err(why) => assert!(Instant::now() < deadline, "{why}"),
        }
        thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn what_connects_and_says_nothing_is_not_taken_for_the_card() {
    let place = Place::new();
    let reading = place.start(&["card"]);
    let _strays = [(); 3].map(|()| stray(&place.address));
    let _card = place.plug_in();
    reading.ran().good();
}

#[test]
fn strays_alone_are_no_card() {
    let place = Place::new();
    let reading = place.start(&["card", "--card-timeout", "1"]);
    let _strays = [(); 3].map(|()| stray(&place.address));
    let ran = reading.ran();
    ran.told(3, &["no card in the virtual reader at 127.0.0.1", "saifu-card run FOLDER"]);
    assert!(ran.took < AND_A_RUN, "{ran:?}");
}

#[test]
fn an_address_that_other_machines_reach_and_port_0_are_refused() {
    let place = Place::new();
    for address in ["0.0.0.0:35963", "[::]:35963", "192.0.2.1:35963", "[::ffff:10.0.0.1]:35963"] {
        let ran = place.saifu(&["card", "--card", &format!("vpcd:{address}")]);
        ran.told(2, &[address, "cross the network", "--card vpcd:127.0.0.1:PORT"]);
    }
    let ran = place.saifu(&["card", "--card", "vpcd:127.0.0.1:0"]);
    ran.told(2, &["port 0", "name another"]);
}

#[test]
fn an_address_in_use_or_of_no_machine_is_told() {
    let place = Place::new();
    let _in_the_way = TcpListener::bind(&place.address).unwrap();
    place.saifu(&["card"]).told(3, &["listen at 127.0.0.1", "in use", "name another"]);
    let nowhere = "no.such.host.invalid:35963";
    let ran = place.saifu(&["card", "--card", &format!("vpcd:{nowhere}")]);
    ran.told(3, &[nowhere, "name another"]);
    place.saifu(&["card", "--card", "vpcd:35963"]).told(2, &["vpcd:HOST:PORT"]);
}
