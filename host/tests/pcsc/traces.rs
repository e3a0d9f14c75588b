//! Traces through PC/SC.

use crate::desk::pcscd;
use crate::program::{Ran, Running};
use saifu_vsmartcard::harness::{CardThread, PrivatePcscd};
use saifu_vsmartcard::platform::Seed;
use saifu_vsmartcard::plug::{InSlot, Reply};
use saifu_vsmartcard::{NewCard, VirtualCard};
use std::fs;
use std::process::Command;
use std::time::Duration;

/// Everything that goes wrong between card and reader, and what comes of it.
const WRONG: &str = "section 1 \"lost\"
> SELECT F0534149465501
fault drop
> GET DATA p1=DF p2=01
lost
> GET DATA p1=DF p2=01
sw 6985
fault away=1s
> SELECT F0534149465501
lost
fault cut=1
> SELECT F0534149465501
lost
fault die
> SELECT F0534149465501
lost
> SELECT F0534149465501
lost
insert
> SELECT F0534149465501
section 2 \"changed\"
fault status=6F00
> GET DATA p1=DF p2=01
sw 6F00
fault truncate=1
> SELECT F0534149465501
sw any
fault corrupt=0
> SELECT F0534149465501
data 90 [*]
section 3 \"moved\"
remove
> SELECT F0534149465501
lost
insert
> SELECT F0534149465501
power off
> SELECT F0534149465501
lost
power on
> GET DATA p1=DF p2=01
sw 6985
section 4 \"torn\"
card test
> SELECT F0534149465501
fault tear=nothing@1
> VERIFY p2=81 \"0000\"
lost
> SELECT F0534149465501
> VERIFY p2=81 $pin
";

fn traced(pcscd: Option<&PrivatePcscd>, trace: &str, arguments: &[&str]) -> Ran {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.apdu"), trace).unwrap();
    let program = env!("CARGO_BIN_EXE_saifu");
    let mut command = pcscd.map_or_else(|| Command::new(program), |pcscd| pcscd.client(program));
    command.args(["trace", "run", "a.apdu"]).args(arguments).current_dir(folder.path());
    Running::start(command.env_remove("SAIFU_PIN")).ran()
}

/// What each section came to.
fn verdicts(ran: Ran) -> Vec<(String, u64)> {
    let result: serde_json::Value = serde_json::from_str(&ran.good()).unwrap();
    let sections = result["files"][0]["sections"].as_array().unwrap();
    let told = |section: &serde_json::Value| {
        (section["verdict"].to_string(), section["checks"].as_u64().unwrap())
    };
    sections.iter().map(told).collect()
}

#[test]
fn a_fault_a_removal_and_a_loss_of_power_are_the_same_in_process_and_behind_vpcd() {
    let in_process = verdicts(traced(None, WRONG, &["--json"]));
    assert_eq!(in_process.len(), 4);
    assert_eq!(verdicts(traced(None, WRONG, &["--json", "--on", "pcscd"])), in_process);
}

#[test]
fn a_card_in_any_reader_is_run_on_and_spared() {
    let pcscd = pcscd();
    let new = NewCard { seed: Some(Seed::of("a real one")), ..NewCard::default() };
    let card = VirtualCard::on(new.in_ram().unwrap());
    let _card = CardThread::start(card, pcscd.vpcd_port()).unwrap();
    let trace = "section 1 \"a\"\nrequire real, pcsc, saifu, extended\n> SELECT F0534149465501\n\
                 reset\n> GET DATA p1=DF p2=01\nsw 6985\npower cycle\n> SELECT F0534149465501\n\
                 atr 3B [*]\nsection 2 \"b\"\n> VERIFY p2=81 \"0000\"\nsw 63C2\n";
    let on = ["--on", "reader:Virtual"];
    let spared = traced(Some(&pcscd), trace, &on);
    spared.told(1, &["1 of 2 sections failed"]);
    assert!(spared.out.contains("a.apdu:11:1: not sent to a real card: VERIFY"), "{spared:?}");
    traced(Some(&pcscd), trace, &[&on[..], &["--destructive"]].concat()).good();
}

/// A card that answers the first command, and no other.
struct Hanging(u32);

impl InSlot for Hanging {
    fn power_off(&mut self) {}

    fn power_on(&mut self) {}

    fn reset(&mut self) {}

    fn transmit(&mut self, _: &[u8]) -> Reply {
        self.0 += 1;
        if self.0 == 1 { Reply::Answer(vec![0x90, 0x00]) } else { Reply::Silence }
    }
}

#[test]
fn a_card_that_hangs_does_not_hang_the_run() {
    let pcscd = pcscd();
    let card = CardThread::start(Hanging(0), pcscd.vpcd_port()).unwrap();
    let trace = "section 1 \"a\"\n> 00 CA 00 00\nsection 2 \"b\"\n> 00 CA 00 01\n";
    let ran = traced(Some(&pcscd), trace, &["--on", "reader", "--card-timeout", "2"]);
    ran.told(3, &["Virtual PCD 00 00 has not answered for 2 s", "take it out"]);
    assert!(ran.out.contains("the run ended early"), "{ran:?}");
    assert!(ran.took < Duration::from_secs(20), "{ran:?}");
    drop(card);
}

#[test]
fn a_machine_whose_reader_is_empty_says_so() {
    let pcscd = pcscd();
    let none = traced(Some(&pcscd), "reset\n", &["--on", "reader", "--card-timeout", "1"]);
    none.told(3, &["there is no card in Virtual PCD 00 00"]);
}
