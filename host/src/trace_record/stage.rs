//! A program with a card in a pcscd of its own.

use saifu_vsmartcard::atr::Atr;
use saifu_vsmartcard::harness::{CardThread, HarnessError, PrivatePcscd};
use saifu_vsmartcard::plug::InSlot;
use std::ffi::OsString;
use std::io;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

/// How long a card may take to be seen: vpcd looks for cards every 0.4 s.
const SEEN_WITHIN: Duration = Duration::from_secs(10);

/// Why a program did not run with its card.
#[derive(Debug, thiserror::Error)]
pub enum StageError {
    /// There is no private pcscd, or the card does not get into it.
    #[error(transparent)]
    Harness(#[from] HarnessError),
    /// It did not see the card.
    #[error("the private pcscd did not see the card within {} s", SEEN_WITHIN.as_secs())]
    NotSeen,
    /// The program cannot be run.
    #[error("cannot run {program}: {error}")]
    Program {
        /// What was to be run.
        program: String,
        /// What the system says.
        error: io::Error,
    },
}

/// Where a program says what it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Output {
    /// On our standard output.
    Shared,
    /// On our standard error: the standard output is for somebody else.
    Apart,
}

/// A pcscd with an empty reader, for one program.
#[derive(Debug)]
pub struct Stage(PrivatePcscd);

impl Stage {
    /// Starts it.
    ///
    /// # Errors
    /// [`StageError::Harness`].
    pub fn start() -> Result<Self, StageError> {
        Ok(Self(PrivatePcscd::start()?))
    }

    /// A folder that goes with it.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.0.folder()
    }

    /// Puts a card in, which says `atr` unless it knows better, runs a program with its
    /// arguments, and takes the card out again.
    ///
    /// # Errors
    /// [`StageError`]. How the program ends is not one.
    pub fn run(
        &self,
        card: impl InSlot + Send + 'static,
        atr: Atr,
        program: &[OsString],
        output: Output,
    ) -> Result<ExitStatus, StageError> {
        let _card = CardThread::start_saying(atr, card, self.0.vpcd_port())?;
        if !self.0.wait_for_cards(1, SEEN_WITHIN) {
            return Err(StageError::NotSeen);
        }
        let (program, arguments) = program.split_first().ok_or_else(|| StageError::Program {
            program: "nothing".into(),
            error: io::ErrorKind::InvalidInput.into(),
        })?;
        let mut command = self.0.client(program);
        command.args(arguments);
        if output == Output::Apart {
            command.stdout(Stdio::from(io::stderr()));
        }
        let program = || program.to_string_lossy().into_owned();
        command.status().map_err(|error| StageError::Program { program: program(), error })
    }
}
