//! Other programs at the same reader.

use crate::card::At;
use crate::desk::{Desk, FILE};
use saifu_vsmartcard::harness::Spoken;
use saifu_wire::ins::Ins;
use std::io::ErrorKind;
use std::thread;
use std::time::Duration;

/// What another program does is done within this.
const WITHIN: Duration = Duration::from_secs(10);

/// Takes the card in the first reader, says so, and resets it when it hears a line.
const SCRIPT: &str = r#"
import sys
from smartcard.scard import *

def tell(done, wrong):
    print(done if wrong == SCARD_S_SUCCESS else SCardGetErrorMessage(wrong), flush=True)

how, reader = sys.argv[1], "Virtual PCD 00 00"
context = SCardEstablishContext(SCARD_SCOPE_USER)[1]
sharing = SCARD_SHARE_EXCLUSIVE if how == "exclusive" else SCARD_SHARE_SHARED
wrong, card, _ = SCardConnect(context, reader, sharing, SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1)
if how == "transaction":
    wrong = wrong or SCardBeginTransaction(card)
tell("connected", wrong)
sys.stdin.readline()
tell("reset", SCardDisconnect(card, SCARD_RESET_CARD))
"#;

/// A program that nobody here wrote takes the card: `shared`, `exclusive`, or with a
/// `transaction` begun.
fn other(desk: &Desk, how: &str) -> Spoken {
    let mut command = desk.pcscd.client("/usr/bin/python3");
    let mut other = Spoken::start(command.args(["-c", SCRIPT, how])).unwrap();
    let said = other.hear(WITHIN).expect("python3-pyscard, which scripts/setup test installs");
    assert_eq!(said, "connected");
    other
}

#[test]
fn a_card_that_another_program_keeps_is_told_in_time() {
    for how in ["exclusive", "transaction"] {
        let desk = Desk::new();
        let mut keeping = other(&desk, how);
        let ran = desk.saifu(&["balance", "--card-timeout", "2"]);
        ran.told(3, &["another program has the card in Virtual PCD 00 00", "end that program"]);
        assert!(ran.took < Duration::from_secs(6), "{how}: {ran:?}");
        keeping.say("").unwrap();
        assert_eq!(keeping.hear(WITHIN).unwrap(), "reset");
        desk.assert_nothing_paid();
    }
}

#[test]
fn a_card_that_another_program_lets_go_in_time_is_taken() {
    for how in ["exclusive", "transaction"] {
        let desk = Desk::new();
        let mut keeping = other(&desk, how);
        let buying = desk.buy(&[]);
        thread::sleep(Duration::from_millis(1_500));
        keeping.say("").unwrap();
        assert_eq!(keeping.hear(WITHIN).unwrap(), "reset");
        buying.ran().good();
        desk.assert_sold();
    }
}

#[test]
fn another_program_cannot_reset_the_card_in_the_middle_of_a_sale() {
    let desk = Desk::new();
    let mut meddling = other(&desk, "shared");
    let (buying, stopping) = desk.buy_until(At::did(Ins::Debit), &[]);
    meddling.say("").unwrap();
    let waits = meddling.hear(Duration::from_millis(300)).unwrap_err();
    assert_eq!(waits.kind(), ErrorKind::TimedOut);
    stopping.answer();
    assert_eq!(meddling.hear(WITHIN).unwrap(), "reset");
    assert!(desk.shop.path(FILE).exists(), "it had to wait for the end of the sale");
    buying.ran().good();
    desk.assert_sold();
}
