//! A host as a process of its own: it carries commands to the card in a reader, by the terminal's
//! own way through PC/SC, until it is killed.
//!
//! ```text
//! asked   open          connect to the card, anew if need be
//!         HEX           send this command
//! said    opened        answer HEX        failed WHY        silent WHY
//! ```

use std::io::{self, BufRead};
use std::path::Path;
use std::time::Duration;

use saifu_host::transport::{Pcsc, TransportError, send};
use saifu_vsmartcard::harness::{PrivatePcscd, Spoken};

use crate::shop::Anything;

/// A card is there, and has answered, within this.
const WITHIN: Duration = Duration::from_secs(8);

/// A host has said something within this, whatever happens around it.
const HEARD_WITHIN: Duration = Duration::from_secs(25);

/// The first argument of a program that shall be a host.
pub const HOST: &str = "host";

const OPEN: &str = "open";

/// Serves standard input until it closes, for the card in `reader`.
///
/// # Errors
/// Nobody listens.
pub fn serve(reader: &str) -> Result<(), Anything> {
    let mut way = None;
    for line in io::stdin().lock().lines() {
        let said = match line?.as_str() {
            OPEN => {
                // What it had is let go first: nobody else shall be in the way.
                drop(way.take());
                Pcsc::connect(Some(reader.to_owned()), WITHIN).map(|opened| {
                    way = Some(opened);
                    "opened".to_owned()
                })
            }
            command => carry(way.as_mut(), command)?,
        };
        println!("{}", said.unwrap_or_else(|error| told(&error)));
    }
    Ok(())
}

fn carry(
    way: Option<&mut Pcsc>,
    command: &str,
) -> Result<Result<String, TransportError>, Anything> {
    let command = hex::decode(command)?;
    let way = way.ok_or("a command comes before the card is opened")?;
    Ok(send(way, &command).map(|answer| format!("answer {}", hex::encode(answer))))
}

fn told(error: &TransportError) -> String {
    let word = if matches!(error, TransportError::Silent { .. }) { "silent" } else { "failed" };
    format!("{word} {}", error.to_string().replace('\n', " "))
}

/// What a host says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Said {
    Opened,
    Answer(Vec<u8>),
    Failed(String),
    /// The card was waited for in vain.
    Silent(String),
}

/// Why a host says nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mute {
    /// It has ended.
    Ended,
    /// It goes on and on.
    Hangs,
}

/// A host's process; dropped, it is ended.
pub(super) struct Host(Spoken);

impl Host {
    /// Starts `program` as a host of the first reader of a pcscd.
    pub(super) fn start(program: &Path, pcscd: &PrivatePcscd) -> io::Result<Self> {
        Spoken::start(pcscd.client(program).arg(HOST).arg(pcscd.reader(0))).map(Self)
    }

    /// Has it connect to the card.
    pub(super) fn open(&mut self) -> Result<Said, Mute> {
        self.0.say(OPEN).map_err(|_| Mute::Ended)?;
        self.hear()
    }

    /// Has it send a command; what comes of it is to be heard.
    pub(super) fn send(&mut self, command: &[u8]) -> Result<(), Mute> {
        self.0.say(&hex::encode(command)).map_err(|_| Mute::Ended)
    }

    /// Waits for what it says.
    pub(super) fn hear(&mut self) -> Result<Said, Mute> {
        let line = self.0.hear(HEARD_WITHIN).map_err(|error| match error.kind() {
            io::ErrorKind::TimedOut => Mute::Hangs,
            _ => Mute::Ended,
        })?;
        Ok(understood(&line))
    }

    /// Ends it with SIGKILL; what it has said before is still to be heard.
    pub(super) fn kill(&mut self) -> io::Result<()> {
        self.0.kill()
    }
}

fn understood(line: &str) -> Said {
    let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
    match (word, hex::decode(rest)) {
        ("opened", _) => Said::Opened,
        ("answer", Ok(answer)) => Said::Answer(answer),
        ("silent", _) => Said::Silent(rest.to_owned()),
        ("failed", _) => Said::Failed(rest.to_owned()),
        _ => Said::Failed(line.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_host_says_is_understood() {
        assert_eq!(understood("opened"), Said::Opened);
        assert_eq!(understood("answer 9000"), Said::Answer(vec![0x90, 0x00]));
        assert_eq!(understood("silent a b"), Said::Silent("a b".into()));
        assert_eq!(understood("failed a b"), Said::Failed("a b".into()));
        assert_eq!(understood("answer x"), Said::Failed("answer x".into()));
    }

    #[test]
    fn a_silent_card_is_told_apart_from_one_that_is_gone() {
        let silent = TransportError::Silent { name: "A".into(), seconds: 8 };
        assert_eq!(told(&silent), "silent the card in A has not answered for 8 s");
        let gone = TransportError::NoCard { name: "A".into() };
        assert_eq!(told(&gone), "failed there is no card in A");
    }

    #[test]
    fn nothing_is_carried_to_no_card() {
        assert!(carry(None, "00CA0000").is_err() && carry(None, "x").is_err());
    }
}
