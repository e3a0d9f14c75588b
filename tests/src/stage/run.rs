//! One run of a program, from its start to its end.

use std::io::{self, Read};
use std::process::{Child, Command, Stdio};
use std::thread::{self, JoinHandle, sleep};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::secrets::known;
use crate::shop::{Anything, REAL_WORKS};

/// How often a program that runs is looked at.
const PAUSE: Duration = Duration::from_millis(1);

/// A program that runs; dropped, it is ended.
pub struct Running {
    child: Child,
    name: String,
    out: Option<JoinHandle<String>>,
    err: Option<JoinHandle<String>>,
}

/// What a run came to.
#[derive(Debug, Clone)]
pub struct Ran {
    /// The program and its arguments.
    pub name: String,
    /// The exit code; none where a signal ended it.
    pub code: Option<i32>,
    /// What it printed.
    pub out: String,
    /// What it said on standard error.
    pub err: String,
}

impl Running {
    /// Starts a program; nobody types anything to it.
    ///
    /// # Errors
    /// The system.
    pub fn start(command: &mut Command) -> Result<Self, Anything> {
        let name = format!("{command:?}");
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn()?;
        let out = child.stdout.take().map(listen);
        let err = child.stderr.take().map(listen);
        Ok(Self { child, name, out, err })
    }

    /// Whether it has ended.
    ///
    /// # Errors
    /// The system.
    pub fn has_ended(&mut self) -> io::Result<bool> {
        Ok(self.child.try_wait()?.is_some())
    }

    /// Ends it with SIGKILL.
    ///
    /// # Errors
    /// The system.
    pub fn kill(mut self) -> Result<Ran, Anything> {
        self.child.kill()?;
        self.wait(Duration::MAX)
    }

    /// Waits for its end.
    ///
    /// # Errors
    /// It goes on for longer than `within`; it is ended then.
    pub fn wait(mut self, within: Duration) -> Result<Ran, Anything> {
        let begun = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait()? {
                break status;
            }
            if begun.elapsed() > within {
                return Err(format!("{} has not ended in {within:?}", self.name).into());
            }
            sleep(PAUSE);
        };
        let heard = |thread: Option<JoinHandle<String>>| {
            thread.and_then(|thread| thread.join().ok()).unwrap_or_default()
        };
        let (out, err) = (heard(self.out.take()), heard(self.err.take()));
        for said in [&out, &err] {
            keeps_its_secrets(said).map_err(|name| format!("{} printed {name}", self.name))?;
        }
        Ok(Ran { name: self.name.clone(), code: status.code(), out, err })
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // One that has ended and was waited for is left alone.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Ran {
    /// What it printed, if it ended well.
    ///
    /// # Errors
    /// It did not; with all that it said.
    pub fn good(self) -> Result<String, Anything> {
        match self.code {
            Some(0) => Ok(self.out),
            code => {
                let Self { name, out, err, .. } = self;
                Err(format!("{name} ended with {code:?}\n{out}{err}").into())
            }
        }
    }

    /// The JSON it printed, if it ended well.
    ///
    /// # Errors
    /// It did not, or printed something else.
    pub fn json(self) -> Result<Value, Anything> {
        Ok(serde_json::from_str(&self.good()?)?)
    }
}

/// Whether what a program has printed has no secret in it, or which one.
fn keeps_its_secrets(said: &str) -> Result<(), String> {
    let canaries = known::programs(&REAL_WORKS).map_err(|error| error.to_string())?;
    let found = canaries.iter().find(|canary| canary.is_in(said.as_bytes()));
    found.map_or(Ok(()), |canary| Err(canary.name().to_owned()))
}

fn listen(mut pipe: impl Read + Send + 'static) -> JoinHandle<String> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        // What came before a pipe broke is what there is.
        let _ = pipe.read_to_end(&mut bytes);
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_prints_a_secret_is_not_taken_for_a_good_one() {
        let says = |what: &str| {
            let mut command = Command::new("sh");
            command.args(["-c", "echo \"$WHAT\"; echo \"$WHAT\" >&2"]).env("WHAT", what);
            Running::start(&mut command).unwrap().wait(Duration::from_secs(60)).map(|ran| ran.out)
        };
        assert_eq!(says("a balance").unwrap(), "a balance\n");
        let error = says(&format!("PIN {}", known::PROGRAMS_PIN)).unwrap_err().to_string();
        assert!(error.ends_with("printed the PIN"), "{error}");
    }
}
