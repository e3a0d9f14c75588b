//! The center's time for a card, which has no clock (§12.3).

use saifu_wire::codec::Wire;
use saifu_wire::signed::TimeOrder;
use saifu_wire::{AccountId, Nonce};

use crate::center::Center;
use crate::refusal::{Refusal, Result};

impl Center {
    /// Signs the time for the session in which the account's card has drawn `challenge`.
    /// Frozen cards get it, too: it opens nothing that was not bought.
    ///
    /// # Errors
    /// `not-found`: no such account; `malformed`: no challenge of a card.
    pub fn sign_time(&self, account: AccountId, challenge: &[u8]) -> Result<Vec<u8>> {
        let nonce = Nonce::from_bytes(challenge).map_err(|_| {
            Refusal::malformed("a challenge has 32 bytes: send what GET CHALLENGE answered")
        })?;
        let card = self.account(account)?.card;
        let order = TimeOrder { center: self.id(), signer: 0, card, nonce, time: self.now() };
        Ok(self.keys.sign(order)?.to_bytes())
    }
}
