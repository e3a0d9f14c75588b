//! A program of one card: keeps it in vpcd's reader, or in one of its own.

use std::io::Write;
use std::process::ExitCode;

use super::Failure;
use super::address::{self, HostPort};
use super::between::Between;
use super::ending::end_when_told;
use super::program;
use super::tell::tell;
use crate::atr::Atr;
use crate::faults::Faults;
#[cfg(target_os = "linux")]
use crate::plug::CcidPtyPlug;
use crate::plug::{InSlot, VpcdPlug};
use crate::rig::{Place, Told};

/// The exit status of a card that died of a fault.
pub(super) const DIED: u8 = 3;

/// The one reader there is, and that there is no other.
pub(super) const ONLY: (usize, usize) = (0, 1);

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
    let place = Place::Vpcd(reader.vpcd.to_string());
    plug.run(card, &mut |event| tell(&place, ONLY, &Told::Plug(event), out));
    Ok(plug.stop().is_stopped())
}
