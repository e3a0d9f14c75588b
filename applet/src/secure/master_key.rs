//! The master key memory (11): `Km`, drawn on the card, one for its whole life (§14.3).

use saifu_wire::{CardId, Malformed, Wire, codec::Reader};

use super::seal::{Form, Seal};
use crate::crypto::seal::SealKeys;
use crate::crypto::{Random, RandomFailed, Secret};
use alloc::vec::Vec;

/// Holds `Km`; it only ever derives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MasterKey(Secret<32>);

impl MasterKey {
    /// Draws a fresh master key.
    ///
    /// # Errors
    /// [`RandomFailed`], when the source fails.
    pub fn draw(random: &mut Random<'_>) -> Result<Self, RandomFailed> {
        Secret::random(random).map(Self)
    }

    /// Gives the absence of a master key: what a blank or terminated card has.
    #[must_use]
    pub const fn none() -> Self {
        Self(Secret::new([0; 32]))
    }

    /// Says whether there is a master key.
    #[must_use]
    pub fn is_there(&self) -> bool {
        *self != Self::none()
    }

    /// Gives the encryptor and decryptor of one form on this card.
    #[must_use]
    pub fn seal(&self, card: CardId, form: Form) -> Seal {
        Seal::new(SealKeys::derive(&self.0, form.label()), card, form)
    }
}

impl Wire for MasterKey {
    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.0.expose());
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        let mut key = Self::none();
        key.0.expose_mut().copy_from_slice(reader.take(32)?);
        Ok(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;

    #[test]
    fn a_drawn_key_is_there_and_an_absent_one_is_not() {
        let mut source = |out: &mut [u8]| {
            out.fill(7);
            Ok(())
        };
        assert!(MasterKey::draw(&mut source).unwrap().is_there());
        assert!(!MasterKey::none().is_there());
    }

    #[test]
    fn a_failed_source_gives_no_key() {
        assert_eq!(MasterKey::draw(&mut |_: &mut [u8]| Err(RandomFailed)), Err(RandomFailed));
    }

    #[test]
    fn a_master_key_does_not_print_its_bytes() {
        let key = MasterKey::from_bytes(&[0x5A; 32]).unwrap();
        assert_eq!(format!("{key:?}"), "MasterKey(Secret(32 bytes))");
    }
}
