//! Other programs at the same reader.

use crate::card::{At, Stopping};
use crate::desk::{Desk, FILE};
use crate::program::Running;
use saifu_vsmartcard::harness::Spoken;
use saifu_wire::ins::Ins;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::Command;
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

/// For each line it hears: waits for the card, says "waits", and sends the line's command when
/// it has it; says the answer, or how it went otherwise.
const RIVAL: &str = r#"
import sys
from smartcard.scard import *

protocols = SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1
context = SCardEstablishContext(SCARD_SCOPE_USER)[1]
_, card, _ = SCardConnect(context, "Virtual PCD 00 00", SCARD_SHARE_SHARED, protocols)
print("connected", flush=True)
for line in sys.stdin:
    print("waits", flush=True)
    wrong = SCardBeginTransaction(card)
    if wrong == SCARD_W_RESET_CARD:
        SCardReconnect(card, SCARD_SHARE_SHARED, protocols, SCARD_LEAVE_CARD)
        print("was reset", flush=True)
    else:
        wrong, answer = SCardTransmit(card, SCARD_PCI_T1, list(bytes.fromhex(line)))
        SCardEndTransaction(card, SCARD_LEAVE_CARD)
        print(bytes(answer).hex() or SCardGetErrorMessage(wrong), flush=True)
"#;

/// Makes a program ask again at once where it would sleep between two attempts.
const SLEEPLESS: &str = "
#include <time.h>
int nanosleep(const struct timespec *wanted, struct timespec *left) { return 0; }
";

/// Makes a program slow, as a busy machine would: before it first waits for a card that it is
/// connected to, and before it disconnects.
const SLOW: &str = r#"
#define _GNU_SOURCE
#include <dlfcn.h>
#include <unistd.h>
long SCardBeginTransaction(long card) {
    static int begun = 0;
    long (*begin)(long) = dlsym(RTLD_NEXT, "SCardBeginTransaction");
    if (!begun++) usleep(300000);
    return begin(card);
}
long SCardDisconnect(long card, unsigned long disposition) {
    long (*disconnect)(long, unsigned long) = dlsym(RTLD_NEXT, "SCardDisconnect");
    usleep(300000);
    return disconnect(card, disposition);
}
"#;

/// Resets the card again and again until it hears a line.
const RESETTING: &str = r#"
import select, sys, time
from smartcard.scard import *

protocols = SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1
context = SCardEstablishContext(SCARD_SCOPE_USER)[1]
_, card, _ = SCardConnect(context, "Virtual PCD 00 00", SCARD_SHARE_SHARED, protocols)
disposition = SCARD_RESET_CARD if sys.argv[1] == "reset" else SCARD_UNPOWER_CARD
print("connected", flush=True)
while not select.select([sys.stdin], [], [], 0.005)[0]:
    if SCardBeginTransaction(card) != SCARD_S_SUCCESS:
        SCardReconnect(card, SCARD_SHARE_SHARED, protocols, SCARD_LEAVE_CARD)
    else:
        SCardEndTransaction(card, disposition)
print("ended", flush=True)
"#;

/// Compiles a library that a program is started with.
fn library(desk: &Desk, source: &str) -> PathBuf {
    let [text, library] = ["preload.c", "preload.so"].map(|name| desk.shop.path(name));
    fs::write(&text, source).unwrap();
    let mut compiler = Command::new("cc");
    compiler.args(["-shared", "-fPIC", "-o"]).args([&library, &text]).arg("-ldl");
    assert!(compiler.status().expect("a C compiler, which Rust links with").success());
    library
}

/// Begins to run `saifu balance` with a library, or with none.
fn balance(desk: &Desk, preload: &Path) -> Running {
    let mut command = desk.pcscd.client(env!("CARGO_BIN_EXE_saifu"));
    let command = desk.shop.at_home(&mut command).env("LD_PRELOAD", preload);
    Running::start(command.arg("balance"))
}

/// Starts a program that connects to the card in the first reader, with a library or none.
pub(crate) fn python(desk: &Desk, preload: &Path, script: &[&str]) -> Spoken {
    let mut command = desk.pcscd.client("/usr/bin/python3");
    command.env("LD_PRELOAD", preload).arg("-c").args(script);
    let mut other = Spoken::start(&mut command).unwrap();
    let said = other.hear(WITHIN).expect("python3-pyscard, which scripts/setup test installs");
    assert_eq!(said, "connected");
    other
}

/// A program that nobody here wrote takes the card: `shared`, `exclusive`, or with a
/// `transaction` begun.
fn other(desk: &Desk, how: &str) -> Spoken {
    python(desk, Path::new(""), &[SCRIPT, how])
}

/// Has a rival wait for the card while a run of ours has it with its PIN verified; what the
/// rival meets when `end` has ended that.
fn rival_meets(
    desk: &Desk,
    rival: &mut Spoken,
    preload: &Path,
    end: impl FnOnce(Running, Stopping),
) -> String {
    let stopping = desk.card.stop(At::did(Ins::GetBalance));
    let running = balance(desk, preload);
    stopping.wait();
    // Only with the PIN verified is it answered.
    rival.say(&format!("80{:02x}000000", Ins::ListOutbox.code())).unwrap();
    assert_eq!(rival.hear(WITHIN).unwrap(), "waits");
    end(running, stopping);
    rival.hear(WITHIN).unwrap()
}

#[test]
fn a_program_that_waits_for_the_card_never_finds_the_pin_verified() {
    let desk = Desk::new();
    let slow = library(&desk, SLOW);
    let mut rival = python(&desk, Path::new(""), &[RIVAL]);
    for _ in 0..3 {
        let met = rival_meets(&desk, &mut rival, &slow, |running, stopping| {
            stopping.answer();
            running.ran().good();
        });
        assert_eq!(met, "was reset");
    }
}

#[test]
fn nor_does_it_when_ours_is_killed() {
    let desk = Desk::new();
    let sleepless = library(&desk, SLEEPLESS);
    let mut rival = python(&desk, &sleepless, &[RIVAL]);
    for _ in 0..10 {
        let met = rival_meets(&desk, &mut rival, Path::new(""), |running, stopping| {
            drop(running);
            stopping.answer();
        });
        assert_eq!(met, "was reset");
    }
}

#[test]
fn a_card_that_others_reset_or_leave_without_power_is_taken_all_the_same() {
    for how in ["reset", "unpower"] {
        let desk = Desk::new();
        let slow = library(&desk, SLOW);
        let mut resetting = python(&desk, Path::new(""), &[RESETTING, how]);
        balance(&desk, &slow).ran().good();
        resetting.say("").unwrap();
        assert_eq!(resetting.hear(WITHIN).unwrap(), "ended");
    }
}

#[test]
fn a_card_that_another_program_keeps_is_told_in_time() {
    for how in ["exclusive", "transaction"] {
        let desk = Desk::new();
        let mut keeping = other(&desk, how);
        let ran = desk.saifu(&["balance", "--card-timeout", "2"]);
        ran.told(3, &["another program has the card in Virtual PCD 00 00", "end that program"]);
        assert!(ran.took < Duration::from_secs(20), "{how}: {ran:?}");
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
