//! The books.

use saifu_wire::ShopId;
use saifu_wire::value::{Kind, Unit};

use crate::ledger::{Books, Statement, StatementAsked};
use crate::refusal::Result;

/// Where the books are kept. As with all of a [`Store`](super::Store).
pub trait BookStore {
    /// Everything the ledger and the evidence sum up to, read at one moment.
    fn books(&self) -> Result<Books>;
}

/// Where shops' accounts are read. As with all of a [`Store`](super::Store).
pub trait StatementStore {
    /// A shop's account over a period, and a page of its lines, read at one moment.
    fn statement(&self, asked: StatementAsked) -> Result<Statement>;

    /// The kinds and units in which a shop was ever paid.
    fn shop_units(&self, shop: ShopId) -> Result<Vec<(Kind, Unit)>>;
}
