//! Connecting to the card that was named.

use super::report::tell;
use super::ways::CardWay;
use super::{ExitCode, Failure};
use crate::card::Card;
use crate::transport::{Pcsc, TransportError};
use std::io::{self, IsTerminal};
use std::path::Path;
use std::time::Duration;

/// Connects to a card, and waits `within` for it to be there and for each of its answers.
pub(super) fn connect(way: &CardWay, data: &Path, within: Duration) -> Result<Card, Failure> {
    match way {
        CardWay::Pcsc(reader) => in_reader(reader.as_deref(), within),
        CardWay::Vpcd(address) => listening(address, within),
        CardWay::Virtual => embedded(data),
    }
}

/// Tells the user what is waited for, where there is somebody to do it.
fn in_reader(reader: Option<&str>, within: Duration) -> Result<Card, Failure> {
    let waits = &mut |waits: &TransportError| {
        if io::stderr().is_terminal() {
            tell(&format!("{}\n", waiting(waits)));
        }
    };
    Ok(Card::new(Box::new(Pcsc::connect_telling(reader.map(str::to_owned), within, waits)?)))
}

/// What is waited for, of an error that it is only if it lasts.
fn waiting(waits: &TransportError) -> String {
    use TransportError as Lost;
    match waits {
        Lost::NoCard { name } => format!("put the card into {name}"),
        Lost::Busy { name } => {
            format!("waiting for the other program to let go of the card in {name}")
        }
        Lost::Silent { name, .. } | Lost::Broken { name, .. } => {
            format!("waiting for the card in {name} to answer")
        }
        Lost::NoService(_) => "waiting for the PC/SC service".into(),
        waits => format!("waiting: {waits}"),
    }
}

#[cfg(feature = "embedded")]
fn embedded(data: &Path) -> Result<Card, Failure> {
    let found = crate::embedded::card(data)?;
    if found.is_new {
        let pin = crate::embedded::TEST_PIN;
        let made = format!("made a virtual test card, PIN {pin}, in");
        tell(&format!("{made} {}\n", data.join("card").display()));
        tell("test mode: its keys are published, and what it holds is worth nothing\n");
    }
    Ok(Card::new(Box::new(found.it)))
}

#[cfg(feature = "embedded")]
fn listening(address: &str, within: Duration) -> Result<Card, Failure> {
    use crate::embedded::{Listening, NotListening};
    let card = Listening::at(address, within).map_err(|error| match error {
        NotListening::Transport(error) => {
            let next = match error {
                TransportError::NoReader { .. } => "name another with --card vpcd:HOST:PORT".into(),
                _ => format!("put one in with `saifu-card run FOLDER --vpcd {address}`"),
            };
            Failure { next, ..Failure::from(error) }
        }
        NotListening::AnyPort(_) => Failure::new(
            ExitCode::Usage,
            &error,
            "name another, and give it to the card, too: --card vpcd:127.0.0.1:35963",
        ),
        NotListening::NotLoopback(_) => Failure::new(
            ExitCode::Usage,
            &error,
            "listen at this machine's own, --card vpcd:127.0.0.1:PORT; a card elsewhere comes              to it through a tunnel that protects it, as of SSH",
        ),
    })?;
    Ok(Card::new(Box::new(card)))
}

#[cfg(not(feature = "embedded"))]
fn embedded(_: &Path) -> Result<Card, Failure> {
    Err(not_built())
}

#[cfg(not(feature = "embedded"))]
fn listening(_: &str, _: Duration) -> Result<Card, Failure> {
    Err(not_built())
}

#[cfg(not(feature = "embedded"))]
fn not_built() -> Failure {
    let next = "use --card pcsc, or build it with the feature `embedded`";
    Failure::new(ExitCode::Usage, "this saifu has no virtual card", next)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_waited_for_is_not_told_as_if_it_had_failed() {
        let name = || "A".to_owned();
        let seconds = 4;
        for (waits, told) in [
            (TransportError::NoCard { name: name() }, "put the card into A"),
            (
                TransportError::Silent { name: name(), seconds },
                "waiting for the card in A to answer",
            ),
            (
                TransportError::Busy { name: name() },
                "waiting for the other program to let go of the card in A",
            ),
            (TransportError::NoService(name()), "waiting for the PC/SC service"),
        ] {
            assert_eq!(waiting(&waits), told);
        }
    }
}
