//! Faults on demand: what goes wrong between a card and its host, when a test wants it to.
//!
//! A [`Fault`] is an action, and which commands it meets. Its text:
//!
//! ```text
//! ACTION[=ARGUMENT][,before][@WHEN][:COMMAND]
//!
//! ACTION                what becomes of the answer
//!   drop                it never comes; the card stays in the reader
//!   delay=TIME          it comes so much later
//!   truncate[=BYTES]    its last bytes are missing (1)
//!   corrupt[=INDEX]     all bits of a byte are inverted: 0 the first, -1 the last (the middle one)
//!   lengthen[=BYTES]    zeros stand before its status word (1)
//!   duplicate           it comes twice
//!   status=SW           it is this status word instead
//!   empty               it has length 0
//!   cut[=BYTES]         so many bytes of its frame, header of two bytes included, come (1), then
//!                       the connection closes
//!   stray[=HEX]         bytes follow it that nobody asked for (00)
//!   silent[=TIME]       nothing is carried out or answered any more, for ever or for so long
//!   die                 the card's process ends before it answers
//!   reconnect           the connection closes instead, and the card is back at once
//!   away=TIME           the connection closes instead, and the card is back after that
//!   tear[=LEFT]         power fails in a write of the card's memory, of which is left: nothing,
//!                       erased, half, garbage, all (half); then as reconnect
//!   random[=HOW]        the card's random source failed, gives zeros, or is stuck (failed)
//!   memory[=HOW]        its memory outside the secure area cannot be read, is gone, cannot be
//!                       written or is full: read, gone, write, full (write); power stays
//!   selftest            its self-test at power-up does not come out
//! ,before               the command never reaches the card: for drop, delay, status, empty,
//!                       die, reconnect, away
//! WHEN                  N, N-M or N+: which of the commands it meets, the first being 1; for
//!                       tear and memory which of the writes or reads, for random which of the
//!                       draws, for selftest which of the power-ups (1)
//! COMMAND               2 digits INS, 4 CLA INS, 6 with P1, 8 with P2; x is any digit (all)
//! TIME                  such as 500ms, 2s, 1m; at most an hour
//! ```
//!
//! `drop@3`, `delay=2s@1+:A4`, `status=6F00,before@2-4:80x8`, `tear=half@5`.
//!
//! [`Faulty`] puts them between a card and its plug, [`Torn`](crate::platform::Torn) under a
//! card. [`Faults`] is the hand on both while the card runs: it adds, lists and removes, and
//! tells what was injected. Where several meet one command, each changes what the one before
//! it has left. [`Pace`] makes a card as slow as a real one.

mod beneath;
mod control;
mod fault;
mod faulty;
mod pace;
mod text;

pub(crate) use beneath::WriteFault;
pub use control::{Faults, Injected, MAX_FAULTS, MAX_INJECTED, Pending, TooManyFaults};
pub use fault::{Action, Fault, MemoryFault, RandomFault, When, Which};
pub use faulty::Faulty;
pub use pace::{Pace, PaceTextError};
pub use text::{FaultTextError, GRAMMAR};
