//! `saifu-card run`: puts a card into vpcd's reader, or into one of its own, and keeps it there.

use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;
use std::thread;

use super::Failure;
use crate::atr::Atr;
use crate::plug::{Event, Stop, VpcdPlug};
use crate::virtual_card::{NewCard, VirtualCard};

/// What `run` is told beside the folder.
#[derive(Debug, clap::Args)]
#[command(after_help = "SIGINT and SIGTERM end it after the command in hand, a second one at \
    once; what the card has committed is on the disk whatever ends it.\n\n\
    Exit status: 0 ended by a signal or by --until-eof · 1 there is no card in the folder, it is \
    in use, or the system refused · 2 wrong usage")]
pub(super) struct Options {
    /// Where vpcd listens
    #[arg(long, value_name = "HOST:PORT", default_value = "localhost:35963", value_parser = address)]
    vpcd: String,
    /// Make a card of class test in the folder first if there is none
    #[arg(long)]
    new: bool,
    /// Answer a reset with this; default: that of a Saifu card
    #[arg(long, value_name = "HEX")]
    atr: Option<Atr>,
    /// End when standard input is closed, too
    #[arg(long)]
    until_eof: bool,
    #[cfg(target_os = "linux")]
    #[command(flatten)]
    ccid: super::ccid_pty::CcidOptions,
}

/// Serves the card in `folder` until the process is told to end.
pub(super) fn serve(
    folder: &Path,
    options: Options,
    out: &mut dyn Write,
) -> Result<ExitCode, Failure> {
    let mut card = take_up(folder, options.new)?;
    let atr = options.atr.unwrap_or_default();
    #[cfg(target_os = "linux")]
    if let Some(path) = options.ccid.path() {
        let until = |stop: Stop| end_when_told(stop, options.until_eof);
        return super::ccid_pty::serve(path, atr, &mut card, until, out);
    }
    let plug = VpcdPlug::new(&options.vpcd, atr);
    end_when_told(plug.stop(), options.until_eof)?;
    plug.run(&mut card, &mut |event| tell(&event, &options.vpcd, out));
    Ok(ExitCode::SUCCESS)
}

fn take_up(folder: &Path, new: bool) -> Result<VirtualCard, Failure> {
    if new && !folder.exists() {
        drop(VirtualCard::create(folder, &NewCard::default())?);
    }
    Ok(VirtualCard::open_watched(folder)?)
}

/// By a signal, and by the end of standard input where that is asked for.
fn end_when_told(stop: Stop, until_eof: bool) -> Result<(), Failure> {
    end_on_signals(stop.clone())?;
    if until_eof {
        end_on_eof(stop);
    }
    Ok(())
}

/// The first signal stops the plug, a second one the process.
#[cfg(unix)]
fn end_on_signals(stop: Stop) -> Result<(), Failure> {
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
fn end_on_signals(_: Stop) -> Result<(), Failure> {
    Ok(())
}

fn end_on_eof(stop: Stop) {
    thread::spawn(move || {
        // Whatever is wrong with the input, nobody will close it later.
        let _ = io::copy(&mut io::stdin().lock(), &mut io::sink());
        stop.stop();
    });
}

/// One line for each change. That nobody reads the lines does not end the card.
fn tell(event: &Event, vpcd: &str, out: &mut dyn Write) {
    match event {
        Event::Connected(reader) => drop(writeln!(out, "card in reader at {reader}")),
        Event::Unreachable(error) => {
            eprintln!("saifu-card: no reader at {vpcd} ({error}); is pcscd running? trying on");
        }
        Event::Lost(None) => eprintln!("saifu-card: the reader went away; waiting for it"),
        Event::Lost(Some(error)) => {
            eprintln!("saifu-card: the reader went away ({error}); waiting for it");
        }
    }
}

/// A host and a port; an IPv6 address in brackets.
fn address(text: &str) -> Result<String, &'static str> {
    let parts = text.rsplit_once(':').filter(|(host, _)| !host.is_empty());
    let port = parts.and_then(|(_, port)| port.parse::<u16>().ok()).filter(|port| *port != 0);
    port.map(|_| text.to_owned()).ok_or("write HOST:PORT, such as localhost:35963")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_a_host_and_a_port() {
        for good in ["localhost:35963", "127.0.0.1:1", "[::1]:65535"] {
            assert_eq!(address(good), Ok(good.to_owned()));
        }
        for bad in ["", "localhost", ":35963", "localhost:", "localhost:0", "localhost:65536"] {
            assert!(address(bad).is_err(), "{bad}");
        }
    }
}
