//! The published test administration: it unblocks and ends cards of class test (§12, §14.8).

use saifu_applet::crypto::Secret;
use saifu_applet::crypto::ecdsa::SigningKey;
use saifu_wire::certificate::{Assurance, Body, Certificate, Name, PublicKey, Role};
use saifu_wire::signed::{Message, Signed, TerminateOrder, UnblockOrder};
use saifu_wire::test_root::{ADMINISTRATION_ID, ADMINISTRATION_PRIVATE, ADMINISTRATION_SEQUENCE};
use saifu_wire::{CardId, Nonce};

use super::{PersonaliseError, TestIssuer, Validity};

/// Signs orders for test cards with a key that everybody knows.
pub struct TestAdministration {
    issuer: TestIssuer,
    key: SigningKey,
}

impl TestAdministration {
    /// The administration of the published test root.
    ///
    /// # Errors
    /// None in practice: the constants are well formed.
    pub fn new() -> Result<Self, PersonaliseError> {
        let key = SigningKey::from_scalar(&Secret::new(ADMINISTRATION_PRIVATE));
        Ok(Self { issuer: TestIssuer::new()?, key: key? })
    }

    /// The certificate that a card must have seen before it takes an order.
    ///
    /// # Errors
    /// [`PersonaliseError::Computation`].
    pub fn certificate(&self, validity: Validity) -> Result<Certificate, PersonaliseError> {
        let (role, sequence) = (Role::Administration, ADMINISTRATION_SEQUENCE);
        self.issuer.sign(Body {
            authority: self.issuer.root().name,
            key: PublicKey::P256(self.key.public_point()),
            holder: Name::of_holder(&ADMINISTRATION_ID, role, sequence),
            role,
            effective: validity.effective,
            expires: validity.expires,
            holder_id: ADMINISTRATION_ID,
            assurance: Assurance::Test,
            sequence,
            retires_below: 0,
        })
    }

    /// An order to set a new PIN (§12.1); `sequence` is higher than that of any before.
    ///
    /// # Errors
    /// [`PersonaliseError::Computation`].
    pub fn unblock(
        &self,
        card: CardId,
        sequence: u64,
    ) -> Result<Signed<UnblockOrder>, PersonaliseError> {
        self.sign(UnblockOrder { signer: ADMINISTRATION_SEQUENCE, card, sequence })
    }

    /// An order to answer a closing, or to erase `Km`, for this challenge of the card (§12.2).
    ///
    /// # Errors
    /// [`PersonaliseError::Computation`].
    pub fn terminate(
        &self,
        card: CardId,
        nonce: Nonce,
        erase: bool,
    ) -> Result<Signed<TerminateOrder>, PersonaliseError> {
        self.sign(TerminateOrder { signer: ADMINISTRATION_SEQUENCE, card, nonce, erase })
    }

    fn sign<M: Message>(&self, order: M) -> Result<Signed<M>, PersonaliseError> {
        Ok(Signed::sign(order, |unsigned| self.key.sign(&[unsigned]))?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use saifu_applet::crypto::hash::sha256;

    #[test]
    fn the_published_key_is_the_hash_that_the_specification_says() {
        assert_eq!(ADMINISTRATION_PRIVATE, sha256(&[b"saifu test administration"]));
    }
}
