//! The stream that is open in a session (§6.18).

use alloc::boxed::Box;

use saifu_wire::Digest;
use saifu_wire::request::LicenceRef;

use crate::secure::ContentCipher;
use crate::works::{Storing, Work};

/// A work whose plaintext this session may have; its keys are wiped when it is closed.
#[derive(Debug)]
pub struct OpenStream {
    /// What stands between it and its plaintext.
    pub gate: Gate,
    /// Where its segments come from.
    pub source: StreamSource,
}

/// Where the segments of an open stream come from.
#[derive(Debug)]
pub enum StreamSource {
    /// The terminal: what decrypts them, and how far they are stored, too, if they are.
    Terminal(Box<ContentCipher>, Option<Storing>),
    /// The content memory.
    Memory(Work),
}

/// Under which licence plaintext leaves, and what must still be stored before it does.
#[derive(Debug)]
pub struct Gate {
    /// The licence that opened the stream.
    pub licence: LicenceRef,
    /// The root of the memory in which that licence was last found to open it.
    pub root: Digest,
    /// Whether nothing has left yet under a price on hold: it is paid, and the stream's use is
    /// counted, in one commit before the first byte.
    pub unpaid: bool,
}
