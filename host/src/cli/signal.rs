//! Being ended from outside: no plaintext is left behind.

use crate::sale::remove_unfinished_files;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use std::{io, process, thread};

/// Waits for Ctrl-C and its like, in the background: the files that are not whole are
/// removed, and the process ends with 128 and the signal's number, as shells have it.
pub(super) fn watch() -> io::Result<()> {
    let mut signals = Signals::new([SIGHUP, SIGINT, SIGTERM])?;
    thread::spawn(move || {
        if let Some(signal) = signals.forever().next() {
            remove_unfinished_files();
            process::exit(128 + signal);
        }
    });
    Ok(())
}
