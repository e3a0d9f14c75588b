//! `saifu-card run` as a process.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use super::HarnessError;
use super::child::Spoken;

/// A card is made and in its reader within this.
const READY_WITHIN: Duration = Duration::from_secs(60);

/// A virtual card in a reader, in a process of its own; dropped, it is taken out and ended.
#[derive(Debug)]
pub struct CardProcess {
    process: Spoken,
}

impl CardProcess {
    /// Runs `program`, which is `saifu-card`, for the card in `folder`, which is made if there
    /// is none, and waits until it is in the reader that listens at `port` of this machine.
    ///
    /// # Errors
    /// [`HarnessError::NoCard`], [`HarnessError::System`].
    pub fn start(program: &Path, folder: &Path, port: u16) -> Result<Self, HarnessError> {
        Self::start_with(program, folder, port, |_| ())
    }

    /// As [`CardProcess::start`], with more arguments or variables of the environment.
    ///
    /// # Errors
    /// As [`CardProcess::start`].
    pub fn start_with(
        program: &Path,
        folder: &Path,
        port: u16,
        more: impl FnOnce(&mut Command),
    ) -> Result<Self, HarnessError> {
        Self::start_in(program, folder, |command| {
            command.args(["--vpcd", &format!("127.0.0.1:{port}")]);
            more(command);
        })
    }

    /// As [`CardProcess::start_with`], but in a reader of its own for libccid, whose line is
    /// linked at `link`; it waits until a pcscd can be started with it, such as one of
    /// [`PrivatePcscd::start_with_line`](super::PrivatePcscd::start_with_line).
    ///
    /// # Errors
    /// As [`CardProcess::start`].
    pub fn start_at_line(
        program: &Path,
        folder: &Path,
        link: &Path,
        more: impl FnOnce(&mut Command),
    ) -> Result<Self, HarnessError> {
        Self::start_in(program, folder, |command| {
            command.arg("--ccid-pty").arg(link);
            more(command);
        })
    }

    fn start_in(
        program: &Path,
        folder: &Path,
        reader: impl FnOnce(&mut Command),
    ) -> Result<Self, HarnessError> {
        let mut command = Command::new(program);
        command.arg("run").arg(folder).args(["--new", "--until-eof"]);
        reader(&mut command);
        let mut card = Self { process: Spoken::start(&mut command)? };
        card.wait_until_in_reader()?;
        Ok(card)
    }

    /// Waits until it is in a reader again.
    ///
    /// # Errors
    /// [`HarnessError::NoCard`], when it says anything else or nothing.
    pub fn wait_until_in_reader(&mut self) -> Result<(), HarnessError> {
        match self.process.hear(READY_WITHIN) {
            Ok(line) if line.starts_with("card in reader at ") => Ok(()),
            Ok(line) => Err(HarnessError::NoCard(line)),
            Err(error) => Err(HarnessError::NoCard(error.to_string())),
        }
    }

    /// Gives the process's id.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.process.pid()
    }

    /// Ends it with SIGKILL, as a power cut would.
    ///
    /// # Errors
    /// [`HarnessError::System`].
    pub fn kill(mut self) -> Result<(), HarnessError> {
        Ok(self.process.kill()?)
    }

    /// Takes the card out of the reader and ends the process; whether it ended without error.
    ///
    /// # Errors
    /// [`HarnessError::System`].
    pub fn end(mut self) -> Result<bool, HarnessError> {
        Ok(self.process.end()?)
    }
}
