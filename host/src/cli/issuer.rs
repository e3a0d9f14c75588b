//! The program that gives a terminal the issuer's orders, one for each challenge of the card.

use super::{ExitCode, Failure};
use crate::card::IssuerOrder;
use saifu_wire::{CardId, Nonce};
use std::io::{self, Read};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::{self, sleep};
use std::time::{Duration, Instant};

/// How long an issuer may take: a person may have to agree.
const WITHIN: Duration = Duration::from_secs(300);

/// How often it is looked whether it has ended.
const PAUSE: Duration = Duration::from_millis(10);

/// An order is far shorter.
const MAX_ORDER_BYTES: u64 = 64 * 1_024;

/// What the issuer is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    /// The closing of a center.
    Close,
    /// The end of the master key.
    Erase,
}

impl Asked {
    const fn word(self) -> &'static str {
        match self {
            Self::Close => "close",
            Self::Erase => "erase",
        }
    }
}

/// A program and its first arguments.
#[derive(Debug)]
pub(super) struct Issuer<'a> {
    words: Vec<&'a str>,
}

impl<'a> Issuer<'a> {
    /// Takes a command line apart at its blanks.
    pub(super) fn new(command_line: &'a str) -> Self {
        Self { words: command_line.split_whitespace().collect() }
    }

    /// Runs `PROGRAM ... close|erase --card ID --challenge HEX`, which prints the order.
    pub(super) fn ask(
        &self,
        what: Asked,
        card: CardId,
        challenge: &Nonce,
    ) -> Result<IssuerOrder, Failure> {
        let (card, challenge) = (card.to_string(), hex::encode(challenge.0));
        let [program, first @ ..] = &self.words[..] else { return Err(self.failed("is empty")) };
        let mut command = Command::new(program);
        command.args(first).args([what.word(), "--card", &card, "--challenge", &challenge]);
        let (status, text) = run(&mut command).map_err(|why| self.failed(&why.to_string()))?;
        if !status.success() {
            return Err(self.failed(&format!("gave no order ({status})")));
        }
        text.parse().map_err(|why| self.failed(&format!("gave no order: {why}")))
    }

    fn failed(&self, why: &str) -> Failure {
        let what = format!("the issuer's program `{}` {why}", self.words.join(" "));
        let next = "run it again with the order at hand; for a test card, use --issuer \"saifu-card order\"";
        Failure::new(ExitCode::Failed, what, next)
    }
}

/// Runs a program to its end, which must come in time; how it ended, and what it printed.
fn run(command: &mut Command) -> io::Result<(ExitStatus, String)> {
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?;
    let pipe = child.stdout.take();
    let heard = thread::spawn(move || {
        let mut text = String::new();
        let read = pipe.map(|pipe| pipe.take(MAX_ORDER_BYTES).read_to_string(&mut text));
        read.transpose().map(|_| text)
    });
    let status = wait(&mut child)?;
    let text = heard.join().unwrap_or_else(|_| Err(io::ErrorKind::Other.into()))?;
    Ok((status, text))
}

fn wait(child: &mut Child) -> io::Result<ExitStatus> {
    let begun = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status);
        }
        if begun.elapsed() > WITHIN {
            child.kill()?;
            child.wait()?;
            let why = format!("has not ended in {} seconds", WITHIN.as_secs());
            return Err(io::Error::new(io::ErrorKind::TimedOut, why));
        }
        sleep(PAUSE);
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn ask(command_line: &str) -> Failure {
        Issuer::new(command_line).ask(Asked::Close, CardId([1; 16]), &Nonce([2; 32])).unwrap_err()
    }

    #[test]
    fn a_program_that_gives_no_order_is_told_by_its_name() {
        for (program, why) in [
            ("", "is empty"),
            ("/nowhere/issuer", "No such file"),
            ("false", "gave no order (exit status: 1)"),
            ("true", "two lines of hex digits"),
            ("echo some words", "two lines of hex digits"),
        ] {
            let failure = ask(program);
            assert_eq!(failure.code, ExitCode::Failed);
            assert!(failure.what.contains(why), "{program}: {}", failure.what);
            assert!(failure.what.contains(program));
        }
    }
}
