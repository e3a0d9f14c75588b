//! The cards that traces run on (`host/trace/LANGUAGE.md`).
//!
//! - [`InProcess`]: virtual cards in this process, faults included
//! - [`AtVpcd`]: the same behind vpcd, in whatever pcscd the environment names; [`in_own_pcscd`]
//!   runs a program in one of its own
//! - [`InReader`]: whatever card is in a reader of this machine; [`run_in_reader`] bears one
//!   that hangs
//!
//! A trace means the same on the first two: cards come out of one [`Cards`], and a fault, a
//! removal or a loss of power is to the one what it is to the other. Where an answer is lost, the
//! card gets power anew before the next command.

#[cfg(feature = "embedded")]
mod cards;
mod clock;
mod guarded;
#[cfg(feature = "embedded")]
mod in_process;
mod in_reader;
mod link;
#[cfg(all(feature = "embedded", unix))]
mod own_pcscd;
#[cfg(all(feature = "embedded", unix))]
mod vpcd;

#[cfg(feature = "embedded")]
pub use cards::{Cards, DEFAULT_SEED};
pub use guarded::run_in_reader;
#[cfg(feature = "embedded")]
pub use in_process::InProcess;
pub use in_reader::InReader;
#[cfg(all(feature = "embedded", unix))]
pub use own_pcscd::in_own_pcscd;
#[cfg(all(feature = "embedded", unix))]
pub use vpcd::AtVpcd;

use saifu_trace::target::TargetError;

/// The fewest bytes that a reader takes for a command: to vpcd, one byte is a message to itself.
const MIN_COMMAND: usize = 2;

/// No target takes what readers do not take for a command.
fn check_length(command: &[u8]) -> Result<(), TargetError> {
    if command.len() >= MIN_COMMAND {
        return Ok(());
    }
    let bytes = command.len();
    let what = format!("{bytes} bytes are no command to any reader: {MIN_COMMAND} at least");
    Err(TargetError::Unsupported(what))
}

/// Plants a fault, or takes all of them away.
#[cfg(feature = "embedded")]
fn plant(
    faults: &saifu_vsmartcard::faults::Faults,
    fault: Option<&str>,
) -> Result<(), TargetError> {
    let Some(text) = fault else {
        faults.clear();
        return Ok(());
    };
    let fault: saifu_vsmartcard::faults::Fault =
        text.parse().map_err(|error: saifu_vsmartcard::faults::FaultTextError| {
            TargetError::Unsupported(error.to_string())
        })?;
    faults.add(fault).map(drop).map_err(|error| TargetError::Unsupported(error.to_string()))
}
