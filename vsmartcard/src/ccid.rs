//! A card reader as USB sees it: CCID messages in, CCID messages out.
//!
//! The rules are those of the USB Device Class Specification for Integrated Circuit Card
//! Interface Devices, revision 1.1. Nothing here reads or writes: a front end brings each
//! message of the bulk-out pipe and takes what goes into the bulk-in and interrupt pipes.
//! There is one, over a serial line (`plug::ccid_pty`); one over USB needs the
//! [`class_descriptor`] beside it.
//!
//! ```text
//! message type (1) ‖ length of data (4, little-endian) ‖ slot (1) ‖ sequence (1) ‖ specific (3) ‖ data
//! ```
//!
//! - [`Engine`] is the reader with its one slot
//! - [`Level`] is how much of the card's protocol the reader leaves to the host
//! - [`t1`] is the card's side of T=1, which a host meets at [`Level::Tpdu`]

mod apdu;
mod card;
mod descriptor;
mod engine;
mod message;
mod parameters;
mod slot_error;
pub mod t1;

pub use card::Away;
pub use descriptor::class_descriptor;
pub use engine::{Engine, EngineError, Escapes, Level};
pub use message::{HEADER_BYTES, more_time};

/// The check byte of a T=1 block (ISO/IEC 7816-3 section 11.3.4) and of a frame on a serial line:
/// with it, all bytes come to 00.
pub(crate) fn lrc(bytes: &[u8]) -> u8 {
    bytes.iter().fold(0, |sum, byte| sum ^ byte)
}

/// The longest command APDU: header, Lc of three bytes, 65,535 bytes of data, Le of two.
pub const MAX_COMMAND_BYTES: usize = 4 + 3 + 65_535 + 2;

/// The longest answer: 65,536 bytes of data and the status word.
pub const MAX_ANSWER_BYTES: usize = 65_536 + 2;

/// The longest message that any level needs: a header and the longest command.
pub const MAX_MESSAGE_BYTES: usize = HEADER_BYTES + MAX_COMMAND_BYTES;

/// The shortest limit of a message that the specification allows: a short APDU or a block.
pub const MIN_MESSAGE_BYTES: usize = HEADER_BYTES + 261;

#[cfg(all(test, unix))]
mod fuzz;
