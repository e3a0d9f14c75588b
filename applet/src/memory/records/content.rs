//! A stored work (memory 14): what the card remembers of it; its segments lie there one by one.

use saifu_wire::layout;
use saifu_wire::stream::Header;

layout! {
    /// A work in the content memory, in one of its two forms.
    pub struct ContentRecord {
        /// Names its segments: [`crate::memory::content`].
        id: u64,
        /// The stream's header, which the licence names.
        header: Header,
        /// Whether all its segments are there.
        complete: bool,
    }
}
