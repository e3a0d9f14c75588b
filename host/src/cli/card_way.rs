//! Connecting to the card that was named.

use super::Failure;
use super::ways::CardWay;
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
    let tell = &mut |waits: &TransportError| {
        if io::stderr().is_terminal() {
            match waits {
                TransportError::NoCard { name } => eprintln!("put the card into {name}"),
                waits => eprintln!("{waits}: waiting"),
            }
        }
    };
    Ok(Card::new(Box::new(Pcsc::connect_telling(reader.map(str::to_owned), within, tell)?)))
}

#[cfg(feature = "embedded")]
fn embedded(data: &Path) -> Result<Card, Failure> {
    let found = crate::embedded::card(data)?;
    if found.is_new {
        let pin = crate::embedded::TEST_PIN;
        let made = format!("made a virtual test card, PIN {pin}, in");
        eprintln!("{made} {}", data.join("card").display());
        eprintln!("test mode: its keys are published, and what it holds is worth nothing");
    }
    Ok(Card::new(Box::new(found.it)))
}

#[cfg(feature = "embedded")]
fn listening(address: &str, within: Duration) -> Result<Card, Failure> {
    let card = crate::embedded::Listening::at(address, within).map_err(|error| {
        let next = match error {
            TransportError::NoReader { .. } => "name another with --card vpcd:HOST:PORT".into(),
            _ => format!("put one in with `saifu-card run FOLDER --vpcd {address}`"),
        };
        Failure { next, ..Failure::from(error) }
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
    Failure::new(super::ExitCode::Usage, "this saifu has no virtual card", next)
}
