//! The stream that is open in a session (§6.18).

use saifu_wire::Digest;
use saifu_wire::request::LicenceRef;

use crate::secure::ContentCipher;

/// A work that this session may decrypt; its keys are wiped when it is closed.
#[derive(Debug)]
pub struct OpenStream {
    /// The licence that opened it.
    pub licence: LicenceRef,
    /// The root of the memory in which that licence was last found to open it.
    pub root: Digest,
    /// What decrypts its segments.
    pub cipher: ContentCipher,
}
