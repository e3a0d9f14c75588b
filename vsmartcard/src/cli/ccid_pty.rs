//! `saifu-card run --ccid-pty`: a card in a reader of its own, which libccid drives.

use std::io::Write;
use std::path::{Path, PathBuf};

use super::Failure;
use super::keep::ONLY;
use super::tell::tell;
use crate::plug::{CcidPtyPlug, InSlot, ReaderEvent};
use crate::rig::{Place, Told};

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
    let place = Place::CcidPty(plug.path().to_owned());
    Ok(plug.run(card, &mut |event| {
        if let ReaderEvent::Ready(path) = &event {
            drop(writeln!(out, "card in reader at {}", path.display()));
        }
        tell(&place, ONLY, &Told::Reader(event), out);
    })?)
}
