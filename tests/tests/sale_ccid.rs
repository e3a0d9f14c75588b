//! A whole sale through a reader that libccid drives: terminal and center as processes of their
//! own, the card behind pcscd, libccid and its T=1, with extended APDUs.
#![cfg(target_os = "linux")]

use std::path::Path;
use std::sync::{Arc, Mutex};

use saifu_tests::sale_pcsc;
use saifu_tests::secrets::known::PROGRAMS_PIN;
use saifu_tests::shop::{Anything, REAL_WORKS};
use saifu_tests::stage::{Programs, Stage};
use saifu_vsmartcard::harness::ReaderThread;
use saifu_vsmartcard::plug::{InSlot, Reply};
use saifu_vsmartcard::{NewCard, VirtualCard};

/// The longest short command and answer.
const SHORT_COMMAND_BYTES: usize = 4 + 1 + 255 + 1;
const SHORT_ANSWER_BYTES: usize = 256 + 2;

/// What has reached the card and come from it.
#[derive(Debug, Default)]
struct Passed {
    commands: u64,
    longest_command: usize,
    longest_answer: usize,
    /// Commands in parts, as a host sends them whose reader passes short APDUs alone.
    chained: u64,
}

/// A card that notes what passes.
struct Noted {
    card: VirtualCard,
    passed: Arc<Mutex<Passed>>,
}

impl InSlot for Noted {
    fn power_off(&mut self) {
        self.card.power_down();
    }

    fn power_on(&mut self) {
        self.card.power_up();
    }

    fn reset(&mut self) {
        self.card.reset();
    }

    fn transmit(&mut self, command: &[u8]) -> Reply {
        const CHAINED: u8 = 0x10;
        let answer = self.card.transmit(command);
        let mut passed = self.passed.lock().unwrap();
        passed.commands += 1;
        passed.longest_command = passed.longest_command.max(command.len());
        passed.longest_answer = passed.longest_answer.max(answer.len());
        passed.chained += u64::from(command[0] & CHAINED != 0);
        answer.into()
    }
}

fn reader(folder: &Path, link: &Path) -> Result<(ReaderThread, Arc<Mutex<Passed>>), Anything> {
    let new = NewCard { pin: PROGRAMS_PIN.into(), ..NewCard::default() };
    drop(VirtualCard::create(&folder.join("card"), &new)?);
    let passed = Arc::default();
    let card = VirtualCard::open(&folder.join("card"))?;
    let noted = Noted { card, passed: Arc::clone(&passed) };
    Ok((ReaderThread::start(noted, link)?, passed))
}

fn sell_through_libccid(folder: &Path, link: &Path) -> Result<Passed, Anything> {
    let programs = Programs::find()?;
    Stage::prepare(&programs, folder, &REAL_WORKS)?;
    let (_reader, passed) = reader(folder, link)?;
    let stage = Stage::open_at_line(&programs, folder, link)?;
    sale_pcsc::sell(&stage)?;
    stage.search()?;
    stage.end()?;
    let passed = std::mem::take(&mut *passed.lock().unwrap());
    Ok(passed)
}

#[test]
fn three_works_are_sold_through_libccid_with_extended_apdus() {
    let folder = tempfile::tempdir().unwrap();
    let line = tempfile::tempdir().unwrap();
    let passed = sell_through_libccid(folder.path(), &line.path().join("reader"))
        .unwrap_or_else(|error| panic!("{error}"));
    println!("{passed:?}");
    assert!(passed.longest_command > SHORT_COMMAND_BYTES, "{passed:?}");
    assert!(passed.longest_answer > SHORT_ANSWER_BYTES, "{passed:?}");
    assert_eq!(passed.chained, 0, "{passed:?}");
}
