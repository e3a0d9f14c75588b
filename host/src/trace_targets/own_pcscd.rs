//! A program in a pcscd of its own.

use saifu_vsmartcard::harness::{HarnessError, PrivatePcscd};
use std::ffi::OsString;
use std::process::ExitStatus;

/// Runs this very program once more, as a client of a private pcscd with an empty vpcd: a process
/// has one pcscd for its life, the one it finds in its environment at its first call.
///
/// `arguments` makes the command line of vpcd's port and its reader's name.
///
/// # Errors
/// [`HarnessError`]: there is no private pcscd on this machine, or the program cannot be run.
pub fn in_own_pcscd(
    arguments: impl FnOnce(u16, &str) -> Vec<OsString>,
) -> Result<ExitStatus, HarnessError> {
    let pcscd = PrivatePcscd::start()?;
    let arguments = arguments(pcscd.vpcd_port(), &pcscd.reader(0));
    let status = pcscd.client(std::env::current_exe()?).args(arguments).status()?;
    Ok(status)
}
