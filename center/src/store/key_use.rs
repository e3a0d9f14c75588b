//! What still rests on a key.

use crate::refusal::Result;

/// Where it is seen what still rests on a key. As with all of a [`Store`](super::Store).
pub trait KeyUseStore {
    /// Whether `rests` says so of the licence of any order that waits to be paid at `now`.
    fn any_unpaid_licence(&self, now: u64, rests: &dyn Fn(&[u8]) -> bool) -> Result<bool>;

    /// Whether `rests` says so of any credit that was given out and is not closed.
    fn any_open_credit(&self, rests: &dyn Fn(&[u8]) -> bool) -> Result<bool>;
}
