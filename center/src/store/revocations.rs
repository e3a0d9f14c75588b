//! The lists of revoked cards that were taken.

use super::{Make, Revocation};
use crate::refusal::Result;

/// Where that is kept. As with all of a [`Store`](super::Store).
pub trait RevocationStore {
    /// Revokes the cards of an issuer's list, if `judge` takes it: it gets the number of the last
    /// list of that issuer that was taken, if one was. Returns how many cards were not revoked
    /// before.
    fn take_revocations(
        &self,
        list: RevocationListRow,
        judge: Make<Option<u64>, ()>,
    ) -> Result<u32>;
}

/// An issuer's list of revoked cards.
#[derive(Debug, Clone)]
pub struct RevocationListRow {
    /// The name of its root.
    pub issuer: String,
    /// Its number.
    pub number: u64,
    /// When it was signed, Unix time.
    pub signed: u64,
    /// When it is taken, Unix time.
    pub taken: u64,
    /// Its cards.
    pub cards: Vec<Revocation>,
}
