//! Who the card is, as its certificates and a fresh signature show (§6.5, §7).

use super::{CardError, Selected};
use crate::trust::{CardIdentity, Untrusted};
use saifu_wire::Nonce;
use saifu_wire::personalise::PinnedRoot;

impl Selected<'_> {
    /// Reads the card's certificates, verifies them up to `root`, and has the card sign
    /// `nonce`, which must be fresh.
    ///
    /// `now` is Unix time. Fails with [`CardError::Untrusted`] where anything does not verify.
    pub fn authenticate(
        &mut self,
        root: &PinnedRoot,
        nonce: &Nonce,
        now: u64,
    ) -> Result<CardIdentity, CardError> {
        let identity = CardIdentity::verify(self.certificates()?, root, now)?;
        let answer = self.internal_authenticate(nonce)?;
        identity.check(&answer, "the card's authentication")?;
        let message = answer.message();
        if message.card != identity.id || message.nonce != *nonce {
            let what = "the card's authentication";
            return Err(Untrusted::Other { what, field: "card or nonce" }.into());
        }
        Ok(identity)
    }
}
