//! Tokens that were proved lately: argon2 is dear on purpose, and a request shall not pay for it.
//!
//! Remembered is the SHA-256 of a token, never the token; at most [`MAX_REMEMBERED`], each for
//! [`REMEMBERED_FOR`]. One proof is made at a time, so that strangers who send many wrong
//! secrets take one processor and 19 MiB, not all of them.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::token::Token;
use super::unknown;
use crate::refusal::Result;
use crate::store::OperatorRow;

/// For how many seconds a proof is remembered.
const REMEMBERED_FOR: u64 = 300;

/// The most proofs that are remembered.
const MAX_REMEMBERED: usize = 1_024;

/// What was proved, by the digest of each token: its id, and when.
type Remembered = HashMap<[u8; 32], ([u8; 8], u64)>;

/// The proofs of one center.
#[derive(Default)]
pub(crate) struct Verified {
    remembered: Mutex<Remembered>,
    proving: Mutex<()>,
}

/// A proof.
pub(super) struct Proved {
    /// Whether it was not remembered.
    pub(super) anew: bool,
}

impl Verified {
    /// Proves `token` by its row.
    ///
    /// # Errors
    /// `unauthorized`: its secret is another. `internal`: the row is damaged.
    pub(super) fn prove(&self, token: &Token, row: &OperatorRow, now: u64) -> Result<Proved> {
        let digest = token.digest();
        if self.knows(&digest, row, now) {
            return Ok(Proved { anew: false });
        }
        let _one = self.proving.lock().unwrap_or_else(PoisonError::into_inner);
        // Whoever waited here with the same token need not prove it again.
        if self.knows(&digest, row, now) {
            return Ok(Proved { anew: false });
        }
        if !token.is_proved_by(&row.proof)? {
            return Err(unknown());
        }
        let mut remembered = self.remembered();
        if remembered.len() >= MAX_REMEMBERED {
            remembered.retain(|_, (_, since)| is_fresh(*since, now));
        }
        if remembered.len() < MAX_REMEMBERED {
            remembered.insert(digest, (row.id, now));
        }
        Ok(Proved { anew: true })
    }

    /// Forgets a token's proofs.
    pub(super) fn forget(&self, id: [u8; 8]) {
        self.remembered().retain(|_, (named, _)| *named != id);
    }

    fn knows(&self, digest: &[u8; 32], row: &OperatorRow, now: u64) -> bool {
        let found = self.remembered().get(digest).copied();
        found.is_some_and(|(id, since)| id == row.id && is_fresh(since, now))
    }

    fn remembered(&self) -> MutexGuard<'_, Remembered> {
        // Whoever panicked has left a whole map: each change of it is one call.
        self.remembered.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether a proof of `since` still holds; a clock that was set back ends it.
fn is_fresh(since: u64, now: u64) -> bool {
    now.checked_sub(since).is_some_and(|age| age < REMEMBERED_FOR)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Role;

    fn row(token: &Token) -> OperatorRow {
        OperatorRow {
            id: token.id,
            role: Role::Owner,
            shop: String::new(),
            proof: token.prove().unwrap(),
            made: 0,
            expires: 0,
            revoked: None,
            last_used: None,
        }
    }

    #[test]
    fn a_proof_is_remembered_for_some_minutes_and_until_it_is_forgotten() {
        let verified = Verified::default();
        let token = Token::draw().unwrap();
        let row = row(&token);
        let anew = |now| verified.prove(&token, &row, now).unwrap().anew;
        assert!(anew(1_000) && !anew(1_000) && !anew(1_299));
        assert!(anew(1_300), "five minutes later");
        assert!(anew(5), "the clock was set back");
        verified.forget([0; 8]);
        assert!(!anew(6));
        verified.forget(token.id);
        assert!(anew(6));
    }

    #[test]
    fn another_secret_of_the_same_id_is_never_taken_for_one_that_was_proved() {
        let verified = Verified::default();
        let (token, mut other) = (Token::draw().unwrap(), Token::draw().unwrap());
        let row = row(&token);
        verified.prove(&token, &row, 0).unwrap();
        other.id = token.id;
        assert!(verified.prove(&other, &row, 0).is_err());
        assert!(verified.prove(&other, &row, 0).is_err(), "nor the second time");
    }
}
