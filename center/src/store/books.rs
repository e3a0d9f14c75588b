//! The books.

use crate::ledger::Books;
use crate::refusal::Result;

/// Where the books are kept. As with all of a [`Store`](super::Store).
pub trait BookStore {
    /// Everything the ledger and the evidence sum up to, read at one moment.
    fn books(&self) -> Result<Books>;
}
