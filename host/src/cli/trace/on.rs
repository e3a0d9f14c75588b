//! Which card traces run on.

use super::progress::Progress;
use crate::cli::{ExitCode, Failure};
use crate::trace_targets::{InReader, run_in_reader};
use saifu_trace::run::{self, Found, RunResult, Settings};
use saifu_trace::target::Target;
use std::str::FromStr;
use std::time::Duration;

/// A card to run on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::cli) enum On {
    /// Virtual ones in this process.
    InProcess,
    /// Virtual ones in a pcscd of their own.
    Pcscd,
    /// Virtual ones in the reader of this name, at the vpcd of this port.
    Vpcd(u16, String),
    /// The one in a reader of this machine whose name has this in it; the only one if none is
    /// named.
    Reader(Option<String>),
}

/// The reader of a vpcd's first slot, as Debian's is called.
const VPCD_READER: &str = "Virtual PCD 00 00";

impl FromStr for On {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (kind, rest) = match text.split_once(':') {
            Some((kind, rest)) => (kind, Some(rest)),
            None => (text, None),
        };
        match (kind, rest) {
            ("in-process", None) => Ok(Self::InProcess),
            ("pcscd", None) => Ok(Self::Pcscd),
            ("vpcd", Some(place)) => vpcd(place).ok_or("write vpcd:PORT or vpcd:PORT:READER"),
            ("reader", name) if name != Some("") => Ok(Self::Reader(name.map(str::to_owned))),
            _ => Err("write in-process, pcscd, vpcd:PORT, reader or reader:NAME"),
        }
    }
}

fn vpcd(place: &str) -> Option<On> {
    let (port, reader) = place.split_once(':').unwrap_or((place, VPCD_READER));
    Some(On::Vpcd(port.parse().ok()?, reader.to_owned()))
}

impl On {
    /// Runs traces on it; waits so long for a card to be there, and for each of its answers.
    pub(super) fn run(
        &self,
        traces: Vec<Found>,
        settings: Settings,
        mut progress: Progress,
        within: Duration,
    ) -> Result<RunResult, Failure> {
        let Self::Reader(name) = self else {
            let mut target = self.target()?;
            return Ok(run::run(&traces, &settings, &mut *target, &mut progress));
        };
        let reader = InReader::connect(name.clone(), within).map_err(|error| {
            let next = "name a reader by --on reader:NAME, and put a card in";
            Failure::new(ExitCode::NoCard, error, next)
        })?;
        Ok(run_in_reader(reader, traces, settings, Box::new(progress), within))
    }

    /// Makes it ready.
    fn target(&self) -> Result<Box<dyn Target>, Failure> {
        match self {
            Self::InProcess => in_process(),
            Self::Vpcd(port, reader) => at_vpcd(*port, reader),
            Self::Pcscd | Self::Reader(_) => Err(not_built()),
        }
    }
}

#[cfg(feature = "embedded")]
fn in_process() -> Result<Box<dyn Target>, Failure> {
    Ok(Box::new(crate::trace_targets::InProcess::default()))
}

#[cfg(not(feature = "embedded"))]
fn in_process() -> Result<Box<dyn Target>, Failure> {
    Err(not_built())
}

#[cfg(all(feature = "embedded", unix))]
fn at_vpcd(port: u16, reader: &str) -> Result<Box<dyn Target>, Failure> {
    Ok(Box::new(crate::trace_targets::AtVpcd::new(port, reader)))
}

#[cfg(not(all(feature = "embedded", unix)))]
fn at_vpcd(_: u16, _: &str) -> Result<Box<dyn Target>, Failure> {
    Err(not_built())
}

/// Of a program without virtual cards, and of a pcscd that is another process's affair.
fn not_built() -> Failure {
    let next = "use --on reader:NAME, or build it with the feature `embedded` on Linux";
    Failure::new(ExitCode::Usage, "this saifu has no such virtual card", next)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_one_of_four_kinds() {
        let on = |text: &str| text.parse::<On>();
        assert_eq!(on("in-process"), Ok(On::InProcess));
        assert_eq!(on("pcscd"), Ok(On::Pcscd));
        assert_eq!(on("vpcd:35963"), Ok(On::Vpcd(35_963, VPCD_READER.into())));
        assert_eq!(on("vpcd:1:A: b"), Ok(On::Vpcd(1, "A: b".into())));
        assert_eq!(on("reader:ACS 00"), Ok(On::Reader(Some("ACS 00".into()))));
        assert_eq!(on("reader"), Ok(On::Reader(None)));
        for wrong in ["", "in process", "pcscd:1", "vpcd", "vpcd:x", "reader:"] {
            assert!(on(wrong).is_err(), "{wrong}");
        }
    }
}
