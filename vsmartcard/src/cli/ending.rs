//! What ends a program that runs until it is told to.

use std::io;
use std::thread;

use crate::plug::Stop;

/// Stops at a signal, and at the end of standard input where that is asked for.
pub(super) fn end_when_told(stop: &Stop, until_eof: bool) -> io::Result<()> {
    end_on_signals(stop.clone())?;
    if until_eof {
        end_on_eof(stop.clone());
    }
    Ok(())
}

/// The first signal stops the plug, a second one the process.
#[cfg(unix)]
fn end_on_signals(stop: Stop) -> io::Result<()> {
    use signal_hook::consts::{SIGINT, SIGTERM};
    let mut signals = signal_hook::iterator::Signals::new([SIGINT, SIGTERM])?;
    thread::spawn(move || {
        for _ in signals.forever() {
            if stop.is_stopped() {
                std::process::exit(1);
            }
            stop.stop();
        }
    });
    Ok(())
}

/// Elsewhere a signal ends the process as it always does; nothing committed is lost by that.
#[cfg(not(unix))]
fn end_on_signals(_: Stop) -> io::Result<()> {
    Ok(())
}

fn end_on_eof(stop: Stop) {
    thread::spawn(move || {
        // Whatever is wrong with the input, nobody will close it later.
        let _ = io::copy(&mut io::stdin().lock(), &mut io::sink());
        stop.stop();
    });
}
