//! Every fault that a card, its program or its reader can have, on demand: the terminal ends in
//! time, says what is wrong, and the next attempt finishes the sale, which is paid once.
//!
//! What becomes of a sale when the service is killed is in `service.rs`; when other programs
//! reset the card, take its power or keep it, in `others.rs`.

use crate::card::TestCard;
use crate::desk::{Desk, pcscd};
use crate::others::python;
use crate::program::Ran;
use saifu_vsmartcard::faults::{Faults, Faulty};
use saifu_vsmartcard::{NewCard, VirtualCard};
use std::path::Path;
use std::thread;
use std::time::Duration;

/// What ends a run whose card does not answer.
const TIMEOUT: [&str; 2] = ["--card-timeout", "2"];
const ENDS_WITHIN: Duration = Duration::from_secs(20);
/// pcscd has seen a reader empty within this.
const SEEN_EMPTY: Duration = Duration::from_millis(900);

/// The class and the instruction before the payment is made, and of the payment.
const LOAD_LICENCE: &str = "8032";
const DEBIT: &str = "8038";

/// Connects to the card once by the protocol RAW, and says how that went.
const RAW: &str = r#"
from smartcard.scard import *
context = SCardEstablishContext(SCARD_SCOPE_USER)[1]
wrong, card, _ = SCardConnect(context, "Virtual PCD 00 00", SCARD_SHARE_SHARED, SCARD_PROTOCOL_RAW)
SCardDisconnect(card, SCARD_LEAVE_CARD)
print("connected", flush=True)
"#;

/// A desk whose card has faults, and the hand on them.
struct Place {
    desk: Desk,
    faults: Faults,
}

impl Place {
    fn new() -> Self {
        let mut place = Self { desk: Desk::without_card(pcscd()), faults: Faults::default() };
        place.put_in();
        place.desk.saifu(&["register"]).good();
        place
    }

    fn put_in(&mut self) {
        let card = Faulty::new(self.desk.card.clone(), self.faults.clone());
        self.desk.in_reader = Some(self.desk.insert(0, card));
    }

    /// Takes the card out and puts it in again, as a hand does it.
    fn put_back(&mut self) {
        drop(self.desk.in_reader.take());
        thread::sleep(SEEN_EMPTY);
        self.put_in();
    }

    /// Buys with a fault, which takes place.
    #[track_caller]
    fn buy(&self, fault: &str) -> Ran {
        self.faults.add(fault.parse().unwrap()).unwrap();
        let ran = self.desk.buy(&TIMEOUT).ran();
        assert!(ran.took < ENDS_WITHIN, "{fault}: {ran:?}");
        assert_eq!(self.faults.injected().len(), 1, "{fault}: {ran:?}");
        ran
    }

    /// Checks that the next attempt finishes what is left of the sale.
    #[track_caller]
    fn assert_resumed(&self) {
        self.faults.clear();
        self.desk.saifu(&["resume", "--yes"]).good();
        self.desk.assert_sold();
    }
}

/// Runs a test for each of some texts, all at the same time.
fn for_each(texts: &[String], test: impl Fn(&str) + Sync) {
    thread::scope(|scope| texts.iter().for_each(|text| drop(scope.spawn(|| test(text)))));
}

/// Each fault before the payment is made, and when it is made and not told.
fn at_both(faults: &[&str]) -> Vec<String> {
    let at = |ins: &str| faults.iter().map(move |fault| format!("{fault}@1:{ins}")).collect();
    let both: [Vec<_>; 2] = [at(LOAD_LICENCE), at(DEBIT)];
    both.concat()
}

#[test]
fn a_card_whose_program_dies_in_a_command_is_told_and_the_sale_finished_when_it_is_back() {
    for_each(&at_both(&["die", "die,before"]), |fault| {
        let mut place = Place::new();
        let ran = place.buy(fault);
        ran.told(ran.code, &["there is no card in Virtual PCD 00 00", "saifu resume"]);
        assert!([3, 10].contains(&ran.code), "{fault}: {ran:?}");
        place.put_back();
        place.assert_resumed();
    });
}

#[test]
fn a_card_that_reconnects_at_once_or_soon_goes_on_in_the_same_run() {
    for_each(&at_both(&["reconnect", "reconnect,before", "away=1s"]), |fault| {
        let place = Place::new();
        place.buy(fault).good();
        place.desk.assert_sold();
    });
}

#[test]
fn an_answer_of_length_0_and_none_at_all_are_silence_and_the_card_put_back_finishes_the_sale() {
    for_each(&at_both(&["empty", "drop", "drop,before", "silent"]), |fault| {
        let mut place = Place::new();
        let ran = place.buy(fault);
        ran.told(ran.code, &["Virtual PCD 00 00 has not answered for 2 s", "saifu resume"]);
        assert!([3, 10].contains(&ran.code), "{fault}: {ran:?}");
        place.put_back();
        place.assert_resumed();
    });
}

/// A byte of a frame's header, and then the end, crashes Debian's pcscd.
#[test]
fn a_service_that_a_card_crashes_is_told_and_the_sale_finished_when_it_is_back() {
    for_each(&at_both(&["cut=1"]), |fault| {
        let mut place = Place::new();
        let ran = place.buy(fault);
        ran.told(ran.code, &["PC/SC service does not answer", "saifu resume"]);
        assert!([3, 10].contains(&ran.code), "{fault}: {ran:?}");
        place.desk.pcscd.kill().unwrap();
        place.desk.pcscd.restart().unwrap();
        place.assert_resumed();
    });
}

/// What nobody asked for is taken for the next answer, and so on: no answer fits its command.
#[test]
fn answers_that_are_off_by_one_are_noticed_and_the_card_put_back_finishes_the_sale() {
    for_each(&at_both(&["stray=0708", "stray=00029000", "duplicate"]), |fault| {
        let mut place = Place::new();
        let ran = place.buy(fault);
        assert!([4, 10].contains(&ran.code), "{fault}: {ran:?}");
        assert!(ran.err.contains("the card"), "{fault}: {ran:?}");
        assert!(!ran.err.contains("another program"), "{fault}: it waits itself: {ran:?}");
        place.faults.clear();
        place.put_back();
        place.assert_resumed();
    });
}

#[test]
fn an_answer_that_was_changed_on_its_way_is_told_and_the_next_attempt_finishes_the_sale() {
    let changed = ["truncate", "corrupt=-2", "lengthen=9", "lengthen=60000", "status=6F00"];
    for_each(&at_both(&changed), |fault| {
        let place = Place::new();
        let ran = place.buy(fault);
        if fault.ends_with(DEBIT) {
            ran.told(10, &["the card", "DEBIT", "saifu resume", "nothing is paid twice"]);
        } else {
            ran.told(4, &["the card", "LOAD LICENCE"]);
        }
        place.assert_resumed();
    });
}

#[test]
fn a_card_that_is_late_or_as_slow_as_a_real_one_sells_all_the_same() {
    let place = Place::new();
    place.faults.set_pace(Some("nfc-848".parse().unwrap()));
    place.faults.add("delay=1s@1:8038".parse().unwrap()).unwrap();
    let ran = place.desk.buy(&[]).ran();
    // 303,104 bytes go there and come back, 94,166 of them in a second.
    assert!(ran.took >= Duration::from_secs(7), "{ran:?}");
    ran.good();
    place.faults.set_pace(None);
    place.desk.assert_sold();
}

/// A place whose card's memory can be torn.
fn tearable() -> Place {
    let mut place = Place { desk: Desk::without_card(pcscd()), faults: Faults::default() };
    let folder = place.desk.shop.path("torn");
    drop(VirtualCard::create(&folder, &NewCard::default()).unwrap());
    place.desk.card = TestCard::of(VirtualCard::open_faulty(&folder, &place.faults).unwrap());
    place.put_in();
    place.desk.saifu(&["register"]).good();
    place
}

#[test]
fn a_card_whose_memory_is_torn_in_a_sale_goes_on_in_the_same_run() {
    let torn = [("half", 4), ("garbage", 5), ("all", 6), ("erased", 8)];
    for_each(&torn.map(|(left, write)| format!("tear={left}@{write}")), |fault| {
        let place = tearable();
        place.buy(fault).good();
        place.desk.assert_sold();
    });
}

#[test]
fn a_card_whose_memory_is_torn_before_a_sale_is_told_and_the_next_attempt_sells() {
    for_each(&["tear=nothing@1".into(), "tear=half@2".into()], |fault| {
        let place = tearable();
        place.buy(fault).told(3, &["the card in Virtual PCD 00 00 does not answer", "try again"]);
        place.desk.buy(&[]).ran().good();
        place.desk.assert_sold();
    });
}

#[test]
fn a_card_that_another_program_took_by_raw_is_told_and_taken_once_it_is_put_back() {
    let mut place = Place::new();
    drop(python(&place.desk, Path::new(""), &[RAW]));
    let ran = place.desk.saifu(&[&["balance"], &TIMEOUT[..]].concat());
    ran.told(3, &["Virtual PCD 00 00", "take the card out"]);
    assert!(ran.took < ENDS_WITHIN, "{ran:?}");
    place.put_back();
    place.desk.saifu(&["balance"]).good();
}
