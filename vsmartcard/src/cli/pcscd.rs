//! `saifu-card pcscd`: a pcscd of one's own with cards in it, for as long as a command runs.

use std::env;
use std::ffi::OsString;
use std::io;
use std::path::PathBuf;
use std::process::{Command, ExitCode, ExitStatus};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::thread;
use std::time::Duration;

use rustix::io::retry_on_intr;
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process, waitid};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use super::between::Between;
use super::run::rig_of;
use super::{Failure, control};
use crate::atr::Atr;
use crate::harness::PrivatePcscd;
use crate::rig::control::Control;
use crate::rig::{Place, Rig};
use crate::virtual_card::{NewCard, VirtualCard};

/// The readers of a private pcscd.
pub(super) const READERS: u8 = 2;

/// How long cards may take to be seen: vpcd looks for them every 0.4 s.
const SEEN_WITHIN: Duration = Duration::from_secs(10);

/// What `pcscd` is told.
#[derive(Debug, clap::Args)]
#[command(after_help = "It needs Linux, pcscd and vpcd (on Debian: apt install pcscd \
    vsmartcard-vpcd), and root or user namespaces; the machine's own pcscd and readers are left \
    alone. The command finds it by PCSCLITE_CSOCK_NAME, as every PC/SC program does, and moves \
    its cards by `saifu-card insert`, `remove`, `swap`, `reset` and `fault`, for \
    SAIFU_CARD_CONTROL is set, too.\n\n\
    SIGTERM and SIGHUP are passed on to the command as SIGTERM.\n\n\
    Exit status: that of the command, also where a recording broke off, which is told; 1 there is no \
    pcscd, or no card · 2 wrong usage")]
pub(super) struct Options {
    /// The cards' folders, at most two; a new card of class test for this run if none is given
    #[arg(value_name = "FOLDER")]
    cards: Vec<PathBuf>,
    /// Leave the readers empty
    #[arg(long, conflicts_with = "cards")]
    empty: bool,
    /// Make a card of class test in each folder first where there is none
    #[arg(long)]
    new: bool,
    /// Answer a reset with this; default: that of a Saifu card
    #[arg(long, value_name = "HEX")]
    atr: Option<Atr>,
    #[command(flatten)]
    between: Between,
    /// The command and its arguments; your shell if none is given
    #[arg(last = true, value_name = "COMMAND")]
    command: Vec<OsString>,
}

/// Runs the command, and ends all of it with the command.
pub(super) fn serve(options: &Options) -> Result<ExitCode, Failure> {
    if options.cards.len() > usize::from(READERS) {
        return Err(Failure::TooManyCards(options.cards.len()));
    }
    let pcscd = PrivatePcscd::start()?;
    let cards = options.cards(&pcscd)?;
    let places = (0..READERS).map(|slot| pcscd.vpcd_port_of(slot));
    let places = places.map(|port| Place::Vpcd(format!("127.0.0.1:{port}"))).collect();
    let (rig, _) = rig_of(places, options.atr.clone(), &options.between, Arc::new(|_, _| ()))?;
    let socket = pcscd.folder().join("control");
    let _control = Control::listen(Arc::clone(&rig), &socket)?;
    put_in(&rig, &pcscd, &cards)?;
    // An interrupt at the keyboard is the command's affair, which gets it, too.
    signal_hook::flag::register(SIGINT, Arc::new(AtomicBool::new(false)))?;
    let mut command = options.command(&pcscd);
    let ended = run_to_its_end(command.env(control::VARIABLE, &socket));
    let _ = rig.end();
    let program = command.get_program().to_string_lossy().into_owned();
    ended.map(code).map_err(|error| Failure::NoCommand(program, error))
}

impl Options {
    /// The folders of the cards, all of them there; one that was made for this run goes with it.
    fn cards(&self, pcscd: &PrivatePcscd) -> Result<Vec<PathBuf>, Failure> {
        let mut cards = self.cards.clone();
        if cards.is_empty() && !self.empty {
            cards.push(pcscd.folder().join("card"));
        }
        let is_made = |card: &&PathBuf| (self.new || self.cards.is_empty()) && !card.exists();
        for card in cards.iter().filter(is_made) {
            drop(VirtualCard::create(card, &NewCard::default())?);
        }
        Ok(cards)
    }

    fn command(&self, pcscd: &PrivatePcscd) -> Command {
        let shell = || env::var_os("SHELL").unwrap_or_else(|| "sh".into());
        let (program, arguments) = match self.command.split_first() {
            Some((program, arguments)) => (program.clone(), arguments),
            None => (shell(), &[][..]),
        };
        let mut command = pcscd.client(program);
        command.args(arguments);
        command
    }
}

/// Puts the cards in, and waits until pcscd has seen them.
fn put_in(rig: &Rig, pcscd: &PrivatePcscd, cards: &[PathBuf]) -> Result<(), Failure> {
    for (reader, card) in cards.iter().enumerate() {
        rig.insert(reader, card)?;
    }
    if pcscd.wait_for_cards(cards.len(), SEEN_WITHIN) {
        return Ok(());
    }
    Err(io::Error::new(io::ErrorKind::TimedOut, "pcscd did not see the card in time").into())
}

/// Runs the command; who ends this process by SIGTERM or SIGHUP ends the command, and it says how.
fn run_to_its_end(command: &mut Command) -> io::Result<ExitStatus> {
    let mut signals = Signals::new([SIGTERM, SIGHUP])?;
    let (mut child, told) = (command.spawn()?, signals.handle());
    let pid = Pid::from_child(&child);
    let passes = thread::spawn(move || {
        for _ in signals.forever() {
            // One that has ended already is what is wanted.
            let _ = kill_process(pid, Signal::TERM);
        }
    });
    // Its number stays its own until it is waited for below, when no signal is passed any more.
    let seen = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
    // Where the system cannot tell, signals are not passed, and that is all.
    let _ = retry_on_intr(|| waitid(WaitId::Pid(pid), seen));
    told.close();
    let _ = passes.join();
    child.wait()
}

/// What the command said in the end; a signal as shells tell it.
fn code(status: ExitStatus) -> ExitCode {
    use std::os::unix::process::ExitStatusExt;
    let signalled = || status.signal().map(|signal| 128 + signal);
    let code = status.code().or_else(signalled).and_then(|code| u8::try_from(code).ok());
    ExitCode::from(code.unwrap_or(u8::MAX))
}
