//! Scripts of Oracle's `apdutool` (Java Card development kit 2.2 to 3.1, user guide "Using APDU
//! script files") and of jCardSim's `APDUScriptTool` (3.0.6), and what both print.
//!
//! ```text
//! // comment                       /* or this, in apdutool */
//! powerup; powerdown;              power on, power off; jCardSim passes over them
//! 0x00 0xA4 0x04 0x00 0x02 0x3F 0x00 0x7F;      CLA INS P1 P2 Lc data Le: always Lc and Le
//! echo "text"; delay 500;          a note, milliseconds: apdutool alone, like what follows
//! output off; contacted;           change nothing of what the card gets: kept for the way back
//! extended on;                     commands in extended form follow, as they stand
//! #define purse //aid/A000000062/03010C0102
//! select purse;                    SELECT by name
//! ```
//! Le `0x00` is none, as in `javax.smartcardio`, where it counts bytes; so apdutool has nothing
//! for an Le of 256, jCardSim has `0x100`. Nothing is expected: a command comes with `sw any`.
//! Numbers may be decimal. `contactless`, `open`, `close` and `send` have no counterpart.
//!
//! What is printed says how many bytes came behind `Le:`, not how many were asked for: a command
//! that got data asks for 256.

mod log;
mod reader;
mod statement;
mod writer;

pub(super) use log::read_log;
pub(super) use writer::Writer;

use super::Loss;
use crate::syntax::Diagnostic;
use crate::syntax::ast::Trace;
use crate::syntax::source::Source;
use std::sync::Arc;

/// Who reads a script.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Dialect {
    Apdutool,
    JCardSim,
}

/// What a line that only apdutool knows is kept as.
const KEPT: &str = "scr";

/// The lines that are kept: they change nothing of what the card gets.
const KEPT_LINES: [&str; 3] = ["output on", "output off", "contacted"];

pub(super) fn read(source: &Arc<Source>, loss: Loss) -> Result<Trace, Diagnostic> {
    reader::read(source, Dialect::Apdutool, loss)
}

pub(super) fn read_jcardsim(source: &Arc<Source>, loss: Loss) -> Result<Trace, Diagnostic> {
    reader::read(source, Dialect::JCardSim, loss)
}
