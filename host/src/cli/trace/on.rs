//! Which card traces run on.

#[cfg(not(feature = "embedded"))]
use crate::cli::ExitCode;
use crate::cli::Failure;
use saifu_trace::target::Target;
use std::str::FromStr;

/// A card to run on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::cli) enum On {
    /// Virtual ones in this process.
    InProcess,
}

impl FromStr for On {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "in-process" => Ok(Self::InProcess),
            _ => Err("write in-process"),
        }
    }
}

impl On {
    /// Makes it ready.
    pub(super) fn target(&self) -> Result<Box<dyn Target>, Failure> {
        match self {
            Self::InProcess => in_process(),
        }
    }
}

#[cfg(feature = "embedded")]
fn in_process() -> Result<Box<dyn Target>, Failure> {
    Ok(Box::new(crate::trace_targets::InProcess::default()))
}

#[cfg(not(feature = "embedded"))]
fn in_process() -> Result<Box<dyn Target>, Failure> {
    let next = "use --on reader:NAME, or build it with the feature `embedded`";
    Err(Failure::new(ExitCode::Usage, "this saifu has no virtual card", next))
}
