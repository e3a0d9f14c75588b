//! Who pays: what settling asks of an account, read once and kept for the next payments.
//!
//! None of what it decides by ever changes. Whether a card is frozen does, and is asked of the
//! store, in the transaction that books.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use saifu_wire::AccountId;

use crate::accounts::card_of;
use crate::center::Center;
use crate::chain::{self, FirstLink};
use crate::crypto::ecdsa::VerifyingKey;
use crate::refusal::Result;
use crate::store::AccountRow;

/// The most accounts that are kept; some 2 KiB each.
const MAX_KEPT: usize = 8_192;

/// An account whose card pays.
pub(crate) struct Payer {
    /// The account, as it was opened.
    pub(crate) account: AccountRow,
    /// What its card signs with.
    pub(crate) signature_key: VerifyingKey,
    /// The first link of its chain.
    pub(crate) first_link: FirstLink,
    /// The highest number of its links that is known here to be booked.
    booked: AtomicU64,
}

impl Payer {
    fn of(account: AccountRow, booked: u64) -> Result<Self> {
        let signature_key = card_of(&account)?.signature_key;
        let first_link = chain::first_link(&account)?;
        Ok(Self { account, signature_key, first_link, booked: AtomicU64::new(booked) })
    }

    /// Whether a link of this number may be booked already. One that says no may be wrong where
    /// another process booked it: who goes on is told so when it books.
    pub(crate) fn may_be_booked(&self, counter: u64) -> bool {
        counter <= self.booked.load(Ordering::Relaxed)
    }

    /// Notes that a link of this number is booked.
    pub(crate) fn note_booked(&self, counter: u64) {
        self.booked.fetch_max(counter, Ordering::Relaxed);
    }
}

/// What is kept of accounts; all of it is let go when there is no more room.
struct Kept<T>(Mutex<HashMap<AccountId, Arc<T>>>);

/// The payers that are kept.
pub(crate) struct Payers(Kept<Payer>);

impl<T> Kept<T> {
    fn new() -> Self {
        Self(Mutex::new(HashMap::new()))
    }

    fn find(&self, account: AccountId) -> Option<Arc<T>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&account).cloned()
    }

    fn keep(&self, account: AccountId, of_it: Arc<T>) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= MAX_KEPT {
            kept.clear();
        }
        kept.insert(account, of_it);
    }
}

impl Payers {
    /// Nobody yet.
    pub(crate) fn new() -> Self {
        Self(Kept::new())
    }
}

impl Center {
    /// The payer of an account.
    ///
    /// # Errors
    /// `not-found`; the account is damaged.
    pub(crate) fn payer(&self, account: AccountId) -> Result<Arc<Payer>> {
        if let Some(payer) = self.payers.0.find(account) {
            return Ok(payer);
        }
        let booked = self.store.last_link(account)?;
        let payer = Arc::new(Payer::of(self.account(account)?, booked)?);
        self.payers.0.keep(account, Arc::clone(&payer));
        Ok(payer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_are_kept_than_may_be_and_the_last_is_among_them() {
        let account = |number: usize| {
            let mut id = [0; 16];
            id[..8].copy_from_slice(&number.to_be_bytes());
            AccountId(id)
        };
        let kept = Kept::new();
        for number in 0..=MAX_KEPT {
            kept.keep(account(number), Arc::new(number));
            assert!(kept.0.lock().unwrap().len() <= MAX_KEPT);
            assert_eq!(kept.find(account(number)).as_deref(), Some(&number));
        }
        assert_eq!(kept.find(account(MAX_KEPT + 1)), None);
    }
}
