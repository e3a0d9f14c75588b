//! `saifu-card run --ccid-pty`: a card in a reader of its own, which libccid drives.

use std::io::Write;
use std::path::{Path, PathBuf};

use super::{Failure, program};
use crate::plug::{CcidPtyPlug, InSlot, ReaderEvent};

/// What `run` is told of a reader of its own.
#[derive(Debug, clap::Args)]
pub(super) struct CcidOptions {
    /// Be a reader for libccid instead, and make this path a link to its serial line
    #[arg(long, value_name = "PATH", conflicts_with = "vpcd")]
    ccid_pty: Option<PathBuf>,
}

impl CcidOptions {
    /// Where the reader's link shall be, if there shall be one.
    pub(super) fn path(&self) -> Option<&Path> {
        self.ccid_pty.as_deref()
    }
}

/// Serves a card in a reader of its own, until the plug is stopped or the card is gone.
pub(super) fn serve(
    plug: &CcidPtyPlug,
    card: &mut dyn InSlot,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    Ok(plug.run(card, &mut |event| tell(&event, out))?)
}

/// One line for each change. That nobody reads the lines does not end the card.
fn tell(event: &ReaderEvent, out: &mut dyn Write) {
    match event {
        ReaderEvent::Ready(path) => drop(writeln!(out, "card in reader at {}", path.display())),
        ReaderEvent::Host => eprintln!("{}: a driver has opened the reader", program()),
        ReaderEvent::HostGone => {
            eprintln!("{}: the driver closed the reader; waiting for it", program());
        }
    }
}
