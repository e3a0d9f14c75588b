//! The center's process, which is ended and started again on its folder and port.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use saifu_barrier::VARIABLE;
use saifu_vsmartcard::harness::{Spoken, free_port};

use crate::shop::Anything;
use crate::stage::Programs;

/// The center says within this that it serves.
const READY_WITHIN: Duration = Duration::from_secs(60);

/// What it says then.
const SERVING: &str = "serving at ";

/// A center that is served.
pub(super) struct Server {
    program: PathBuf,
    folder: PathBuf,
    place: String,
    process: Mutex<Option<Spoken>>,
}

impl Server {
    /// Serves the center in `folder` on a port of its own.
    pub(super) fn start(programs: &Programs, folder: &Path) -> Result<Self, Anything> {
        let server = Self {
            program: programs.center.clone(),
            folder: folder.to_owned(),
            place: format!("127.0.0.1:{}", free_port()?),
            process: Mutex::new(None),
        };
        server.start_again()?;
        Ok(server)
    }

    /// Where it serves.
    pub(super) fn url(&self) -> String {
        format!("http://{}", self.place)
    }

    /// Ends it with SIGKILL.
    pub(super) fn kill(&self) -> Result<(), Anything> {
        self.take().map_or(Ok(()), |mut process| Ok(process.kill()?))
    }

    /// Starts it where it was before.
    pub(super) fn start_again(&self) -> Result<(), Anything> {
        let mut command = Command::new(&self.program);
        command.arg("--data").arg(&self.folder).env_remove(VARIABLE);
        command.args(["serve", "--until-eof", "--listen", &self.place]);
        let mut process = Spoken::start(&mut command)?;
        let line = process.hear(READY_WITHIN)?;
        if !line.starts_with(SERVING) {
            return Err(format!("the center said: {line}").into());
        }
        *self.process.lock().unwrap_or_else(PoisonError::into_inner) = Some(process);
        Ok(())
    }

    /// Ends it as it ends by itself.
    pub(super) fn end(&self) -> Result<(), Anything> {
        match self.take().map_or(Ok(true), |mut process| process.end())? {
            true => Ok(()),
            false => Err("the center ended with an error".into()),
        }
    }

    fn take(&self) -> Option<Spoken> {
        self.process.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}
