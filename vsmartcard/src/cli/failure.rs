//! Why the program ends with an error, in words for whoever called it.

use std::io;
use std::path::PathBuf;

#[cfg(unix)]
use super::control;
#[cfg(target_os = "linux")]
use super::pcscd;
use super::talk;
use crate::virtual_card::CardError;

/// Why the program ends with an error.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    #[error(transparent)]
    Card(#[from] CardError),
    #[error("{0}")]
    System(#[from] io::Error),
    #[cfg(target_os = "linux")]
    #[error(transparent)]
    Pty(#[from] crate::plug::PtyError),
    #[error(transparent)]
    Rig(#[from] crate::rig::RigError),
    #[error("{0} cards and {1} readers: give --vpcd or --ccid-pty for each card")]
    Places(usize, usize),
    #[error("{0} readers: one process serves at most {most}; start another for the rest", most = crate::rig::MAX_READERS)]
    TooManyReaders(usize),
    #[cfg(target_os = "linux")]
    #[error("{0} cards: a pcscd of one's own has {most} readers; start another for the rest", most = pcscd::READERS)]
    TooManyCards(usize),
    #[error("{}: {error}", path.display())]
    File { path: PathBuf, error: io::Error },
    #[error(
        "no card connected to {0} within {1} s; start one, such as `saifu-card run FOLDER --vpcd {0}`"
    )]
    NobodyCame(std::net::SocketAddr, u64),
    #[cfg(unix)]
    #[error(
        "say which `saifu-card run` is meant: --control SOCKET, or the variable {}",
        control::VARIABLE
    )]
    NoControl,
    #[cfg(unix)]
    #[error("nothing answers at {0} ({1}): is `saifu-card run --control {0}` running?")]
    NoRig(String, io::Error),
    #[cfg(unix)]
    #[error("cannot listen at {}: {}; choose another path", path.display(), control::why(error))]
    Socket { path: PathBuf, error: io::Error },
    #[cfg(target_os = "linux")]
    #[error(transparent)]
    Harness(#[from] crate::harness::HarnessError),
    #[cfg(target_os = "linux")]
    #[error("cannot run {0}: {1}")]
    NoCommand(String, io::Error),
    #[cfg(not(unix))]
    #[error("name the card's folder")]
    NoFolder,
    #[cfg(unix)]
    #[error("{0}")]
    Refused(String),
    #[cfg(unix)]
    #[error("the card is put in, but no reader is at {0} yet; it is tried on")]
    NoReaderYet(String),
    #[error("{0:?} is not an APDU in hex; write two digits a byte, such as 00CADF0100")]
    NotHex(String),
    #[error("a line of standard input has more than {most} characters: no APDU is that long", most = talk::MAX_LINE_BYTES)]
    LongLine,
    #[error("there is no command {0}; `saifu-card --help` lists them")]
    NoSuchCommand(String),
    #[error("this is no issuer's answer to a card: take the file that the issuer wrote")]
    NoAnswer,
    #[error("the card's answer is not what the specification says")]
    Answer,
    #[error(transparent)]
    Reader(#[from] crate::plug::ReaderError),
    #[error("give --listen ({0} times) and --vpcd ({1} times) as often as each other")]
    Pairs(usize, usize),
    #[error(transparent)]
    Faults(#[from] crate::faults::TooManyFaults),
    #[error(transparent)]
    Install(#[from] crate::runtime::InstallError),
    #[error(transparent)]
    Record(#[from] crate::record::RecordError),
}

impl Failure {
    /// Whether it is what was typed that is wrong, and not what was found.
    pub(super) fn is_wrong_usage(&self) -> bool {
        #[cfg(unix)]
        if matches!(self, Self::NoControl) {
            return true;
        }
        #[cfg(target_os = "linux")]
        if matches!(self, Self::TooManyCards(_)) {
            return true;
        }
        matches!(
            self,
            Self::Places(..)
                | Self::TooManyReaders(_)
                | Self::Pairs(..)
                | Self::NoSuchCommand(_)
                | Self::NotHex(_)
                | Self::LongLine
        )
    }
}
