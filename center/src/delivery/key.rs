//! `Ke`, the key of one delivery.

use crate::chance::Chance;
use crate::crypto::{CryptoError, Secret, kdf};
use saifu_wire::Digest;
use saifu_wire::stream::LABEL_COMMITMENT;

/// `Ke`: drawn at random for each delivery, wiped when dropped, never printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryKey(Secret<32>);

impl DeliveryKey {
    /// Draws the key of a new delivery.
    ///
    /// # Errors
    /// [`CryptoError::Failed`] when the random source fails.
    pub fn draw(chance: &dyn Chance) -> Result<Self, CryptoError> {
        let mut drawn = Secret::new([0; 32]);
        chance.fill(drawn.expose_mut())?;
        Ok(Self(drawn))
    }

    /// Takes up the key of a delivery that is under way.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(Secret::new(bytes))
    }

    /// Lends the bytes, to be stored: the same delivery asked for again has the same bytes.
    pub fn expose(&self) -> &[u8; 32] {
        self.0.expose()
    }

    /// What a licence says of the key, so that no ciphertext fits two (§8.1).
    pub fn commitment(&self) -> Digest {
        Digest(*kdf::expand(&self.0, LABEL_COMMITMENT, &[]).expose())
    }

    /// Lends the secret to what derives from it or wraps it.
    pub(super) fn secret(&self) -> &Secret<32> {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chance::SystemChance;

    fn draw() -> DeliveryKey {
        DeliveryKey::draw(&SystemChance).unwrap()
    }

    #[test]
    fn two_deliveries_have_two_keys() {
        let (one, other) = (draw(), draw());
        assert_ne!(one, other);
        assert_ne!(one.commitment(), other.commitment());
    }

    #[test]
    fn a_stored_key_is_the_same_key() {
        let key = draw();
        let stored = DeliveryKey::from_bytes(*key.expose());
        assert_eq!((stored.commitment(), stored), (key.commitment(), key.clone()));
    }

    #[test]
    fn a_key_does_not_print() {
        let key = DeliveryKey::from_bytes([0x5A; 32]);
        assert_eq!(format!("{key:?}"), "DeliveryKey(Secret(32 bytes))");
    }
}
