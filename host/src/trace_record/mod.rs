//! From a card's conversation into the language of traces, and back into a card.
//!
//! ```text
//! program ── private pcscd ── vpcd ── Traced ── a reader's card, a virtual one, one that connects
//!                                       │
//!                                     Tape ── FILE.apdu, a line as it comes
//!
//! program ── any pcscd ────── vpcd ── Mock ─── FILE.apdu
//! ```
//!
//! - [`Script`] makes lines of what passes; what is secret ([`secrets`]) becomes a variable, a
//!   length or a digest
//! - [`Tape`] writes them
//! - [`Traced`] stands around a card and gives both directions to a tape
//! - [`Stage`] runs a program with a card in a pcscd of its own
//! - [`MockCard`] is a trace as a card
//! - [`ReaderCard`] is the card in a reader of this machine, as something for another reader

mod mock;
mod named;
mod reader;
mod script;
mod secrets;
mod stage;
mod tape;
mod traced;

pub use mock::{MockCard, Surprise};
pub use reader::ReaderCard;
pub use script::{Head, Script};
pub use stage::{Output, Stage, StageError};
pub use tape::{Counts, Tape, TapeError};
pub use traced::Traced;
