//! The process with all the cards: `saifu-card run`, which is killed and started again on their
//! folders.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::sleep;
use std::time::{Duration, Instant};

use saifu_barrier::VARIABLE;
use saifu_vsmartcard::harness::Spoken;
use saifu_vsmartcard::rig::control::{Answer, Request, ask};

use crate::shop::Anything;

/// The process has taken its cards up within this.
const READY_WITHIN: Duration = Duration::from_secs(30);

const PAUSE: Duration = Duration::from_millis(2);

/// A process with a reader for each card, and a socket for the hands that move them.
pub(super) struct Rack {
    program: PathBuf,
    cards: Vec<PathBuf>,
    ports: Vec<u16>,
    faults: Vec<String>,
    socket: PathBuf,
    log: PathBuf,
    process: Mutex<Option<Spoken>>,
    /// Counts kills and starts: odd from before a kill until all is back.
    turns: AtomicU64,
    /// When all was back.
    back: Mutex<Instant>,
}

impl Rack {
    /// Starts it with the cards in these folders, for vpcds at these ports, with its own files in
    /// `folder`, and with these faults in each card.
    pub(super) fn start(
        program: &Path,
        (cards, ports): (Vec<PathBuf>, Vec<u16>),
        folder: &Path,
        faults: &[&str],
    ) -> Result<Self, Anything> {
        let rack = Self {
            program: program.to_owned(),
            cards,
            ports,
            faults: faults.iter().map(|fault| (*fault).to_owned()).collect(),
            socket: folder.join("control"),
            log: folder.join("cards.log"),
            process: Mutex::new(None),
            turns: AtomicU64::new(0),
            back: Mutex::new(Instant::now()),
        };
        rack.run()?;
        Ok(rack)
    }

    /// The folder of a card.
    pub(super) fn card(&self, number: usize) -> &Path {
        &self.cards[number]
    }

    /// Ends it with SIGKILL, and starts it again after a pause.
    pub(super) fn kill(&self, pause: Duration) -> Result<(), Anything> {
        self.turns.fetch_add(1, Ordering::SeqCst);
        let killed = self.process().take().map_or(Ok(()), |mut process| process.kill());
        killed?;
        sleep(pause);
        self.run()?;
        *self.back.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
        self.turns.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }

    fn run(&self) -> Result<(), Anything> {
        let mut command = Command::new(&self.program);
        command.arg("run").args(&self.cards).arg("--until-eof").env_remove(VARIABLE);
        for port in &self.ports {
            command.arg("--vpcd").arg(format!("127.0.0.1:{port}"));
        }
        self.faults.iter().for_each(|fault| _ = command.arg("--fault").arg(fault));
        let log = File::options().append(true).create(true).open(&self.log)?;
        command.arg("--control").arg(&self.socket).stderr(log);
        *self.process() = Some(Spoken::start(&mut command)?);
        let begun = Instant::now();
        loop {
            let asked = ask(&self.socket, &Request::Status);
            if matches!(asked, Ok(Answer::Done(_))) {
                return Ok(());
            }
            if begun.elapsed() > READY_WITHIN {
                let wrote = self.log();
                return Err(
                    format!("the cards are not there: {asked:?}; it wrote:\n{wrote}").into()
                );
            }
            sleep(PAUSE);
        }
    }

    /// A mark to ask [`Rack::ran_since`] by.
    pub(super) fn turn(&self) -> u64 {
        self.turns.load(Ordering::SeqCst)
    }

    /// Whether it has run ever since that mark, without a kill.
    pub(super) fn ran_since(&self, turn: u64) -> bool {
        turn.is_multiple_of(2) && self.turn() == turn
    }

    /// When it was back after the last kill; none while it is away.
    pub(super) fn back(&self) -> Option<Instant> {
        let back = *self.back.lock().unwrap_or_else(PoisonError::into_inner);
        self.turn().is_multiple_of(2).then_some(back)
    }

    /// Asks it to move a card.
    pub(super) fn ask(&self, request: &Request) -> io::Result<Answer> {
        ask(&self.socket, request)
    }

    /// Ends it as it ends by itself; what it wrote to standard error all the time.
    pub(super) fn end(&self) -> Result<String, Anything> {
        match self.process().take().map_or(Ok(true), |mut process| process.end())? {
            true => Ok(self.log()),
            false => Err(format!("the cards ended with an error:\n{}", self.log()).into()),
        }
    }

    fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    fn process(&self) -> MutexGuard<'_, Option<Spoken>> {
        self.process.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
