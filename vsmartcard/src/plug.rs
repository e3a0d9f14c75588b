//! The plugs that join a card to a reader.
//!
//! The protocol is that of vpcd, the virtual reader of the vsmartcard project. Card and
//! reader send each other frames over TCP; the card connects, the reader listens:
//!
//! ```text
//! length (2, big-endian) ‖ payload
//!
//! reader to card   00 power off · 01 power on · 02 reset · 04 ask for the ATR · else an APDU
//! card to reader   the ATR, or data and status word of an answer; nothing to 00, 01 and 02
//! ```
//!
//! A command of one byte that is one of those controls is taken for it: the protocol has no
//! way to tell.
//!
//! - [`vpcd`] is the card's side: it puts a card into a reader
//! - [`listener`] is the reader's: it drives any card that connects, without pcscd
//!
//! - [`Relayed`] joins the two: another's card, with whatever stands between it and a reader
//!
//! [`ccid_pty`] needs no vpcd: it is a reader by itself, for pcscd's own driver libccid.

#[cfg(target_os = "linux")]
pub mod ccid_pty;
mod line;
pub mod listener;
mod relayed;
mod reply;
mod stop;
pub mod vpcd;

#[cfg(target_os = "linux")]
pub use ccid_pty::{CcidPtyPlug, Presence, PtyError, ReaderEvent};
pub use listener::{ReaderError, VpcdListener, VpcdReader};
pub use relayed::Relayed;
pub use reply::Reply;
pub use stop::Stop;
pub use vpcd::{Event, VpcdPlug};

use crate::atr::Atr;
use crate::runtime::Runtime;
use crate::virtual_card::VirtualCard;

/// The port where vpcd listens if nobody told it otherwise; its second slot is at the next.
pub const VPCD_PORT: u16 = 35_963;

/// The most bytes of an answer that a reader can take, status word included.
pub const MAX_FRAME_PAYLOAD: usize = line::MAX_PAYLOAD;

const POWER_OFF: u8 = 0;
const POWER_ON: u8 = 1;
const RESET: u8 = 2;
const GET_ATR: u8 = 4;

/// A card as a reader's contacts meet it.
pub trait InSlot {
    /// Takes power away.
    fn power_off(&mut self);

    /// Gives power; whatever was volatile is gone, whether it had power before or not.
    fn power_on(&mut self);

    /// Resets the card.
    fn reset(&mut self);

    /// Carries out a command of any length.
    fn transmit(&mut self, command: &[u8]) -> Reply;

    /// Says its answer to reset; `usual` is what its plug was told, and what it says unless it
    /// knows better.
    fn atr(&mut self, usual: &Atr) -> Reply {
        Reply::Answer(usual.as_bytes().to_vec())
    }
}

impl InSlot for Runtime {
    fn power_off(&mut self) {
        self.power_down();
    }

    fn power_on(&mut self) {
        self.power_down();
        self.power_up();
    }

    fn reset(&mut self) {
        Self::reset(self);
    }

    fn transmit(&mut self, command: &[u8]) -> Reply {
        Reply::Answer(Self::transmit(self, command))
    }
}

impl InSlot for VirtualCard {
    fn power_off(&mut self) {
        self.power_down();
    }

    fn power_on(&mut self) {
        self.power_up();
    }

    fn reset(&mut self) {
        Self::reset(self);
    }

    fn transmit(&mut self, command: &[u8]) -> Reply {
        Reply::Answer(Self::transmit(self, command))
    }
}
