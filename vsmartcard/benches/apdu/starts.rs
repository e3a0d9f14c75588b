//! From the start of a program until its card can be used.

use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use pcsc::State;
use saifu_vsmartcard::harness::{CardProcess, Spoken};

use super::Anything;
use super::cards::{self, Kind};
use super::client::Desk;
use super::rounds::{GET_STATUS, median};
use super::table::{Start, Starts};

const ROUNDS: u32 = 5;
/// How often pcscd looks for cards. Rounds begin at different times between two of its looks.
const LOOKS_EVERY: Duration = Duration::from_millis(400);
const ANSWERED_WITHIN: Duration = Duration::from_secs(10);
/// The program whose starts are measured.
const SAIFU_CARD: &str = env!("CARGO_BIN_EXE_saifu-card");

/// Measures how long programs take to start, ours with the card in `folder`.
pub(crate) fn measure(desk: &Desk, folder: &Path) -> Result<Starts, Anything> {
    let mut answered = Vec::new();
    let [mut ours, mut vpicc, mut vicc] = [(); 3].map(|()| Vec::new());
    for round in 0..ROUNDS {
        let begin = Begin { desk, slot: round as usize % 2, after: LOOKS_EVERY * round / ROUNDS };
        answered.push(first_answer(folder)?);
        ours.push(begin.until_visible(|port| {
            Ok(CardProcess::start(SAIFU_CARD.as_ref(), folder, port.parse()?)?)
        })?);
        vpicc.push(begin.until_visible(|port| cards::start(Kind::Vpicc, port, folder))?);
        vicc.push(begin.until_visible(|port| cards::start(Kind::Vicc, port, folder))?);
    }
    let (ours, vpicc, vicc) = (medians(&ours), medians(&vpicc), medians(&vicc));
    Ok(Starts { ours, answered: median(answered), vpicc, vicc: vicc.visible })
}

/// Where a card shall be, and how long after pcscd has looked for one.
struct Begin<'a> {
    desk: &'a Desk,
    slot: usize,
    after: Duration,
}

impl Begin<'_> {
    /// Starts a card with `start`, which returns once the card listens, if it can tell.
    fn until_visible<C>(
        &self,
        start: impl FnOnce(&str) -> Result<C, Anything>,
    ) -> Result<Start, Anything> {
        self.desk.until(self.slot, State::EMPTY)?;
        thread::sleep(self.after);
        let began = Instant::now();
        let _card = start(self.desk.port(self.slot))?;
        let listening = began.elapsed();
        self.desk.until(self.slot, State::PRESENT)?;
        Ok(Start { listening, visible: began.elapsed() })
    }
}

/// Starts `saifu-card apdu`, which has the card in its process, until it has told an answer.
fn first_answer(folder: &Path) -> Result<Duration, Anything> {
    let mut command = Command::new(SAIFU_CARD);
    command.arg("apdu").arg(folder).args(["--select", &hex::encode(GET_STATUS)]);
    let began = Instant::now();
    let mut program = Spoken::start(&mut command)?;
    let command = program.hear(ANSWERED_WITHIN)?;
    let answer = program.hear(ANSWERED_WITHIN)?;
    let took = began.elapsed();
    if !answer.starts_with("< ") || !answer.ends_with("9000") || !program.end()? {
        return Err(format!("saifu-card apdu said: {command} {answer}").into());
    }
    Ok(took)
}

fn medians(starts: &[Start]) -> Start {
    let of = |pick: fn(&Start) -> Duration| median(starts.iter().map(pick).collect());
    Start { listening: of(|start| start.listening), visible: of(|start| start.visible) }
}
