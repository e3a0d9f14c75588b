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
mod descriptor;
mod engine;
mod message;
mod parameters;
mod slot_error;
pub mod t1;

pub use descriptor::class_descriptor;
pub use engine::{Engine, EngineError, Escapes, Level};
pub use message::{HEADER_BYTES, more_time};

/// The longest command APDU: header, Lc of three bytes, 65,535 bytes of data, Le of two.
pub const MAX_COMMAND_BYTES: usize = 4 + 3 + 65_535 + 2;

/// The longest answer: 65,536 bytes of data and the status word.
pub const MAX_ANSWER_BYTES: usize = 65_536 + 2;

/// The longest message that any level needs: a header and the longest command.
pub const MAX_MESSAGE_BYTES: usize = HEADER_BYTES + MAX_COMMAND_BYTES;

/// The shortest limit of a message that the specification allows: a short APDU or a block.
pub const MIN_MESSAGE_BYTES: usize = HEADER_BYTES + 261;

/// What is said instead of an answer that is none (ISO/IEC 7816-4, 6F00: no precise diagnosis).
const NO_DIAGNOSIS: [u8; 2] = [0x6F, 0x00];

/// What can be said of a command's answer: as it is, if it has a status word and is not too
/// long, else 6F00.
fn sayable(answer: Vec<u8>) -> Vec<u8> {
    if (2..=MAX_ANSWER_BYTES).contains(&answer.len()) { answer } else { NO_DIAGNOSIS.to_vec() }
}

#[cfg(all(test, unix))]
mod fuzz;
