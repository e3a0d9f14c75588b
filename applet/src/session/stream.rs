//! The stream that is open in a session (§6.18).

use saifu_wire::stream::Header;

use crate::crypto::stream::StreamKeys;

/// A work that this session may decrypt; its keys are wiped when it is closed.
#[derive(Debug)]
pub struct OpenStream {
    /// The stream's header, the one that the licence names.
    pub header: Header,
    /// The keys of its segments.
    pub keys: StreamKeys,
}
