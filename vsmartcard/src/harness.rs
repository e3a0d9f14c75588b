//! A pcscd of one's own, and virtual cards in it, for tests.
//!
//! Nothing of it touches the machine's own pcscd or readers, any number run side by side, and
//! all of it ends with whoever started it, however that ends: a shell between the two waits
//! for its standard input to close (`harness/pcscd.sh`).
//!
//! - [`PrivatePcscd`] has two readers, or none, or one more at a serial line
//! - [`CardProcess`] is `saifu-card run` in a reader; [`CardThread`] is anything else there:
//!   an [`Echo`] to measure by, a card behind a reader that is [`ShortOnly`], a hostile one;
//!   [`ReaderThread`] is a reader at such a line, with a card in it
//! - [`Vicc`] is a card that nobody here wrote
//! - [`Spoken`] is any other program of a test
//!
//! ```no_run
//! # use saifu_vsmartcard::harness::{CardProcess, PrivatePcscd};
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let pcscd = PrivatePcscd::start()?;
//! let card = CardProcess::start("saifu-card".as_ref(), "folder".as_ref(), pcscd.vpcd_port())?;
//! pcscd.client("opensc-tool").args(["--reader", "0", "--atr"]).status()?;
//! # Ok(())
//! # }
//! ```
//!
//! In one process, with a card in RAM:
//!
//! ```no_run
//! use saifu_vsmartcard::VirtualCard;
//! use saifu_vsmartcard::harness::{CardThread, PrivatePcscd};
//! use saifu_vsmartcard::platform::RamPlatform;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let pcscd = PrivatePcscd::start()?;
//! let card = VirtualCard::on(RamPlatform::new(1));
//! let _card = CardThread::start(card, pcscd.vpcd_port())?;
//! pcscd.wait_for_cards(1, std::time::Duration::from_secs(5));
//! # Ok(())
//! # }
//! ```

mod card;
mod card_thread;
mod child;
mod echo;
mod ports;
#[cfg(target_os = "linux")]
mod reader_thread;
mod short_only;
mod vicc;

pub use card::CardProcess;
pub use card_thread::CardThread;
pub use child::Spoken;
pub use echo::Echo;
pub use ports::free_port;
#[cfg(target_os = "linux")]
pub use reader_thread::ReaderThread;
pub use short_only::{OnExtended, Passed, PassedLengths, ShortOnly};
pub use vicc::Vicc;

use std::io;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

const SCRIPT: &str = include_str!("harness/pcscd.sh");
const READY_WITHIN: Duration = Duration::from_secs(10);
const POLL: Duration = Duration::from_millis(1);
/// What pcscd writes to its log when a card comes.
const CARD_SEEN: &str = "Card ATR: ";
/// The slots of a vpcd.
const SLOTS: u8 = 2;
/// Stands for the ports of a pcscd that has no readers.
const NO_READERS: u16 = 0;

/// The name of a client's variable that says where pcscd's socket is.
pub const SOCKET_VARIABLE: &str = "PCSCLITE_CSOCK_NAME";

/// Why there is no private pcscd, or no card in it.
#[derive(Debug, thiserror::Error)]
pub enum HarnessError {
    /// The machine lacks something; the text says what, and what to do.
    #[error("no private pcscd: cannot {0}")]
    Cannot(String),
    /// It ended before it was ready, or never got ready; with what it wrote.
    #[error("the private pcscd did not get ready; it wrote:\n{0}")]
    NotReady(String),
    /// No two free ports were found for vpcd.
    #[error(
        "no private pcscd: no two free ports in a row for vpcd in {} attempts",
        ports::ATTEMPTS
    )]
    NoPorts,
    /// The card's program did not say that the card is in the reader.
    #[error("the card's program did not put the card into the reader; it wrote: {0}")]
    NoCard(String),
    /// The system.
    #[error("the private pcscd broke: {0}")]
    System(#[from] io::Error),
}

/// A pcscd with the two slots of a vpcd, both empty, or with no reader; it ends when this is
/// dropped.
#[derive(Debug)]
pub struct PrivatePcscd {
    shell: Spoken,
    port: u16,
    /// The link to a serial line, where there is a reader at one.
    line: Option<PathBuf>,
    running: Running,
}

/// A pcscd that the shell started.
#[derive(Debug)]
struct Running {
    pid: u32,
    folder: PathBuf,
    socket: PathBuf,
}

impl PrivatePcscd {
    /// Starts one and waits until its readers are there.
    ///
    /// It needs Linux with pcscd and vpcd, and root or user namespaces.
    ///
    /// # Errors
    /// [`HarnessError`]; then nothing is left of it.
    pub fn start() -> Result<Self, HarnessError> {
        Self::start_somewhere(None)
    }

    /// Starts one that has one reader more, which libccid drives at the line that `link` leads
    /// to: a [`CardProcess::start_at_line`] or a [`ReaderThread`], which must be there.
    ///
    /// # Errors
    /// As [`PrivatePcscd::start`]; [`HarnessError::NotReady`] when libccid finds no reader.
    pub fn start_with_line(link: &Path) -> Result<Self, HarnessError> {
        Self::start_somewhere(Some(link))
    }

    fn start_somewhere(line: Option<&Path>) -> Result<Self, HarnessError> {
        for _ in 0..ports::ATTEMPTS {
            let Some(port) = ports::free_pair()? else { continue };
            if let Some(pcscd) = Self::start_at(port, line)? {
                return Ok(pcscd);
            }
        }
        Err(HarnessError::NoPorts)
    }

    /// Starts one that has no reader at all; its ports are 0, where nobody listens.
    ///
    /// # Errors
    /// As [`PrivatePcscd::start`].
    pub fn start_without_readers() -> Result<Self, HarnessError> {
        Self::start_at(NO_READERS, None)?.ok_or(HarnessError::NoPorts)
    }

    /// Starts one with readers at a port and the next; `None` when one of them was taken.
    fn start_at(port: u16, line: Option<&Path>) -> Result<Option<Self>, HarnessError> {
        let mut script = Command::new("sh");
        script.args(["-c", SCRIPT, "pcscd.sh"]).arg(port.to_string()).args(line);
        let mut shell = Spoken::start(&mut script)?;
        let running = Running::hear(&mut shell)?;
        let ready = running.wait_until_ready(port, line)?;
        let line = line.map(Path::to_owned);
        Ok(ready.then_some(Self { shell, port, line, running }))
    }

    /// Gives the path of its socket, for clients' [`SOCKET_VARIABLE`].
    #[must_use]
    pub fn socket(&self) -> &Path {
        &self.running.socket
    }

    /// Gives the port where a card gets into the first slot.
    #[must_use]
    pub fn vpcd_port(&self) -> u16 {
        self.vpcd_port_of(0)
    }

    /// Gives the port where a card gets into the first (0) or second (1) slot.
    ///
    /// # Panics
    /// There is no third slot.
    #[must_use]
    pub fn vpcd_port_of(&self, slot: u8) -> u16 {
        assert!(slot < SLOTS, "vpcd has {SLOTS} slots, and none of number {slot}");
        if self.port == NO_READERS { NO_READERS } else { self.port + u16::from(slot) }
    }

    /// Gives the name of the first (0) or second (1) slot's reader.
    #[must_use]
    pub fn reader(&self, slot: u8) -> String {
        format!("Virtual PCD 00 {slot:02}")
    }

    /// Gives the name of the reader at the line, where there is one.
    #[must_use]
    pub fn line_reader(&self) -> String {
        "CCID Line 00 00".to_owned()
    }

    /// Gives the folder of this run; what is put there goes with it.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.running.folder
    }

    /// Waits until it has seen so many insertions of cards since its start; whether it has.
    #[must_use]
    pub fn wait_for_cards(&self, insertions: usize, within: Duration) -> bool {
        let deadline = Instant::now() + within;
        while self.log().matches(CARD_SEEN).count() < insertions {
            if Instant::now() >= deadline {
                return false;
            }
            thread::sleep(POLL);
        }
        true
    }

    /// Gives its process's id.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.running.pid
    }

    /// Gives what it wrote to its log.
    #[must_use]
    pub fn log(&self) -> String {
        self.running.log()
    }

    /// Begins a command whose process is a client of this pcscd.
    #[must_use]
    pub fn client(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command.env(SOCKET_VARIABLE, self.socket());
        command
    }

    /// Ends it with SIGKILL, as a fault would; [`PrivatePcscd::restart`] brings it back.
    ///
    /// # Errors
    /// [`HarnessError::System`].
    pub fn kill(&mut self) -> Result<(), HarnessError> {
        self.shell.say("kill")?;
        self.shell.hear(READY_WITHIN).map(drop).map_err(HarnessError::System)
    }

    /// Starts it again after [`PrivatePcscd::kill`], with the same socket and ports.
    ///
    /// # Errors
    /// [`HarnessError`]; [`HarnessError::NoPorts`] when somebody took the ports meanwhile.
    pub fn restart(&mut self) -> Result<(), HarnessError> {
        self.shell.say("start")?;
        self.running = Running::hear(&mut self.shell)?;
        let ready = self.running.wait_until_ready(self.port, self.line.as_deref())?;
        if ready { Ok(()) } else { Err(HarnessError::NoPorts) }
    }
}

impl Running {
    /// Understands what the shell says of a pcscd it started.
    fn hear(shell: &mut Spoken) -> Result<Self, HarnessError> {
        let line = shell.hear(READY_WITHIN)?;
        if let Some(reason) = line.strip_prefix("cannot ") {
            return Err(HarnessError::Cannot(reason.to_owned()));
        }
        let words: Vec<_> = line.split(' ').collect();
        let ["pcscd", pid, folder] = words[..] else { return Err(HarnessError::NotReady(line)) };
        let pid = pid.parse().map_err(|_| HarnessError::NotReady(line.clone()))?;
        let folder = PathBuf::from(folder);
        let socket = folder.join("run/pcscd/pcscd.comm");
        Ok(Self { pid, folder, socket })
    }

    /// Waits until pcscd takes clients, which it does when it has started its readers; whether
    /// vpcd listens at both ports. If one is taken, pcscd has no readers and does not say so;
    /// nor where libccid could not open its line.
    fn wait_until_ready(&self, port: u16, line: Option<&Path>) -> Result<bool, HarnessError> {
        let deadline = Instant::now() + READY_WITHIN;
        while UnixStream::connect(&self.socket).is_err() {
            if Instant::now() >= deadline || !ports::is_running(self.pid) {
                return Err(HarnessError::NotReady(self.log()));
            }
            thread::sleep(POLL);
        }
        if let Some(line) = line
            && !ports::has_open(self.pid, &std::fs::read_link(line)?)?
        {
            return Err(HarnessError::NotReady(self.log()));
        }
        if port == NO_READERS {
            return Ok(true);
        }
        Ok(ports::listens(self.pid, port)? && ports::listens(self.pid, port + 1)?)
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.folder.join("log")).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(script: &str) -> Result<Running, HarnessError> {
        Running::hear(&mut Spoken::start(Command::new("sh").args(["-c", script])).unwrap())
    }

    #[test]
    fn a_pcscd_that_was_started_is_understood() {
        let running = heard("echo pcscd 17 /tmp/folder").unwrap();
        assert_eq!(running.pid, 17);
        assert_eq!(running.socket, Path::new("/tmp/folder/run/pcscd/pcscd.comm"));
    }

    #[test]
    fn what_the_machine_lacks_is_said() {
        let lacks = heard("echo cannot find pcscd: run scripts/setup test").unwrap_err();
        let said = "no private pcscd: cannot find pcscd: run scripts/setup test";
        assert_eq!(lacks.to_string(), said);
    }

    #[test]
    fn nonsense_and_silence_are_errors() {
        assert!(matches!(heard("echo pcscd x /tmp").unwrap_err(), HarnessError::NotReady(_)));
        assert!(matches!(heard("exit 1").unwrap_err(), HarnessError::System(_)));
    }

    #[test]
    fn a_machine_without_a_program_is_told_which() {
        let mut shell = Command::new("/bin/sh");
        shell.args(["-c", SCRIPT, "pcscd.sh", "29999"]).env("PATH", "/nowhere");
        let error = Running::hear(&mut Spoken::start(&mut shell).unwrap()).unwrap_err();
        let HarnessError::Cannot(what) = error else { panic!("{error}") };
        assert!(what.starts_with("find "), "{what}");
    }

    #[test]
    fn a_process_that_ended_is_not_waited_for() {
        let (pid, folder) = (u32::MAX, PathBuf::from("/nowhere"));
        let running = Running { pid, socket: folder.join("pcscd.comm"), folder };
        let begun = Instant::now();
        assert!(matches!(running.wait_until_ready(1, None), Err(HarnessError::NotReady(_))));
        assert!(begun.elapsed() < READY_WITHIN);
    }
}
