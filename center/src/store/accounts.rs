//! Accounts of cards.

use saifu_wire::certificate::Assurance;
use saifu_wire::{AccountId, CardId};

use crate::refusal::Result;

/// Where accounts are kept. As with all of a [`Store`](super::Store).
pub trait AccountStore {
    /// Opens an account for a card; a card that has one keeps it, and it is returned.
    fn open_account(&self, account: AccountRow) -> Result<AccountRow>;

    /// An account.
    fn account(&self, id: AccountId) -> Result<Option<AccountRow>>;
}

/// An account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountRow {
    /// Its id.
    pub id: AccountId,
    /// Its card.
    pub card: CardId,
    /// The card's assurance class.
    pub assurance: Assurance,
    /// The certificate of `Ksig`, tag 7F21 included.
    pub signature_certificate: Vec<u8>,
    /// The certificate of `Kup`, tag 7F21 included.
    pub encryption_certificate: Vec<u8>,
    /// The signed opening.
    pub opening: Vec<u8>,
    /// When it was opened.
    pub opened: u64,
    /// Why it is frozen, if it is.
    pub frozen: Option<String>,
    /// Why its card is revoked, if it is.
    pub revoked: Option<String>,
    /// The card's signed Closing, if the account is closed.
    pub closing: Option<Vec<u8>>,
}
