//! How often one account may name a wrong code: kept in memory, bounded.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use saifu_wire::AccountId;

use crate::refusal::{Refusal, Result};

/// The most wrong codes of one account in a window.
const MAX_WRONG: u32 = 10;

/// For how long wrong codes are remembered.
const WINDOW_SECONDS: u64 = 3_600;

/// The most accounts that are remembered; beyond it the oldest window is forgotten.
const MAX_ACCOUNTS: usize = 10_000;

/// The wrong codes that accounts have named.
#[derive(Debug, Default)]
pub(crate) struct Attempts(Mutex<HashMap<AccountId, Wrong>>);

#[derive(Debug, Clone, Copy)]
struct Wrong {
    since: u64,
    count: u32,
}

impl Wrong {
    fn is_over(self, now: u64) -> bool {
        now.saturating_sub(self.since) >= WINDOW_SECONDS
    }
}

impl Attempts {
    /// Refuses an account that has named too many wrong codes, right ones included, or one could
    /// guess on.
    ///
    /// # Errors
    /// `limit`.
    pub(crate) fn check(&self, account: AccountId, now: u64) -> Result<()> {
        let wrong = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match wrong.get(&account) {
            Some(found) if found.count >= MAX_WRONG && !found.is_over(now) => {
                Err(Refusal::limit(format!(
                    "account {account} has named {MAX_WRONG} wrong codes: try again in an hour"
                )))
            }
            _ => Ok(()),
        }
    }

    /// Counts a wrong code.
    pub(crate) fn count(&self, account: AccountId, now: u64) {
        let mut wrong = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if wrong.len() >= MAX_ACCOUNTS && !wrong.contains_key(&account) {
            let oldest = wrong.iter().min_by_key(|(_, wrong)| wrong.since).map(|(id, _)| *id);
            oldest.and_then(|oldest| wrong.remove(&oldest));
        }
        let found = wrong.entry(account).or_insert(Wrong { since: now, count: 0 });
        if found.is_over(now) {
            *found = Wrong { since: now, count: 0 };
        }
        found.count = found.count.saturating_add(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_wrong_codes_in_an_hour_and_no_more_and_others_are_served() {
        let (attempts, account) = (Attempts::default(), AccountId([1; 16]));
        for second in 0..10 {
            assert!(attempts.check(account, second).is_ok());
            attempts.count(account, second);
        }
        assert!(attempts.check(account, 10).is_err());
        assert!(attempts.check(account, WINDOW_SECONDS - 1).is_err());
        assert!(attempts.check(AccountId([2; 16]), 10).is_ok());
        assert!(attempts.check(account, WINDOW_SECONDS).is_ok());
        attempts.count(account, WINDOW_SECONDS);
        assert!(attempts.check(account, WINDOW_SECONDS + 1).is_ok(), "a new window");
    }

    #[test]
    fn no_more_accounts_are_remembered_than_there_is_room_for() {
        let attempts = Attempts::default();
        for number in 0..MAX_ACCOUNTS as u64 + 5 {
            let mut id = [0; 16];
            id[..8].copy_from_slice(&number.to_be_bytes());
            attempts.count(AccountId(id), number);
        }
        assert_eq!(attempts.0.lock().unwrap().len(), MAX_ACCOUNTS);
    }
}
