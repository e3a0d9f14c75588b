//! `saifu-card run`: puts a card into vpcd's reader, or into one of its own, and keeps it there.

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use super::Failure;
use super::address::{self, HostPort};
use super::between::Between;
use super::ending::end_when_told;
use super::program;
use crate::atr::Atr;
use crate::faults::Faults;
#[cfg(target_os = "linux")]
use crate::plug::CcidPtyPlug;
use crate::plug::{Event, InSlot, VpcdPlug};
use crate::virtual_card::{NewCard, VirtualCard};

/// The exit status of a card that died of a fault.
const DIED: u8 = 3;

/// What `run` is told beside the folder.
#[derive(Debug, clap::Args)]
#[command(after_help = "SIGINT and SIGTERM end it after the command in hand, a second one at \
    once; what the card has committed is on the disk whatever ends it.\n\n\
    Exit status: 0 ended by a signal or by --until-eof · 1 there is no card in the folder, it is \
    in use, or the system refused · 2 wrong usage · 3 it died of a --fault")]
pub(super) struct Options {
    /// Make a card of class test in the folder first if there is none
    #[arg(long)]
    new: bool,
    #[command(flatten)]
    reader: Reader,
}

/// What is told of any card's reader, and of what stands before the card.
#[derive(Debug, clap::Args)]
pub(super) struct Reader {
    /// Where vpcd listens
    #[arg(long, value_name = "HOST:PORT", default_value = address::VPCD)]
    vpcd: HostPort,
    /// Answer a reset with this; default: that of a Saifu card
    #[arg(long, value_name = "HEX")]
    atr: Option<Atr>,
    /// End when standard input is closed, too
    #[arg(long)]
    until_eof: bool,
    #[command(flatten)]
    between: Between,
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
    let faults = options.reader.faults()?;
    let card = take_up(folder, options.new, &faults)?;
    keep_in_reader(card, faults, &options.reader, out)
}

/// Keeps any card in its reader until the process is told to end.
pub(super) fn keep_in_reader(
    card: impl InSlot,
    faults: Faults,
    reader: &Reader,
    out: &mut dyn Write,
) -> Result<ExitCode, Failure> {
    let mut card = reader.between.before(card, faults, 1)?;
    let was_told = put_in(reader, &mut card, out)?;
    card.finish()?;
    if was_told {
        return Ok(ExitCode::SUCCESS);
    }
    eprintln!("{}: a fault that was asked for ended the card", program());
    Ok(ExitCode::from(DIED))
}

impl Reader {
    /// Makes the hand on its card's faults.
    pub(super) fn faults(&self) -> Result<Faults, Failure> {
        self.between.faults()
    }
}

/// Puts the card into its reader until that ends; whether it was told to.
fn put_in(reader: &Reader, card: &mut dyn InSlot, out: &mut dyn Write) -> Result<bool, Failure> {
    let atr = reader.atr.clone().unwrap_or_default();
    #[cfg(target_os = "linux")]
    if let Some(path) = reader.ccid.path() {
        let plug = CcidPtyPlug::new(path, atr);
        end_when_told(&plug.stop(), reader.until_eof)?;
        super::ccid_pty::serve(&plug, card, out)?;
        return Ok(plug.stop().is_stopped());
    }
    let plug = VpcdPlug::new(reader.vpcd.to_string(), atr);
    end_when_told(&plug.stop(), reader.until_eof)?;
    plug.run(card, &mut |event| tell(&event, &reader.vpcd, out));
    Ok(plug.stop().is_stopped())
}

fn take_up(folder: &Path, new: bool, faults: &Faults) -> Result<VirtualCard, Failure> {
    if new && !folder.exists() {
        drop(VirtualCard::create(folder, &NewCard::default())?);
    }
    Ok(VirtualCard::open_faulty(folder, faults)?)
}

/// One line for each change. That nobody reads the lines does not end the card.
fn tell(event: &Event, vpcd: &HostPort, out: &mut dyn Write) {
    let name = program();
    match event {
        Event::Connected(reader) => drop(writeln!(out, "card in reader at {reader}")),
        Event::Unreachable(error) => {
            eprintln!("{name}: no reader at {vpcd} ({error}); is pcscd running? trying on");
        }
        Event::Lost(None) => eprintln!("{name}: the reader went away; waiting for it"),
        Event::Lost(Some(error)) => {
            eprintln!("{name}: the reader went away ({error}); waiting for it");
        }
    }
}
