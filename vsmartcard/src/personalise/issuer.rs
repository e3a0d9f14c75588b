//! The published test root as an issuer of cards (§14.8).

use super::{Order, PersonaliseError};
use saifu_applet::crypto::ecdsa::{SigningKey, VerifyingKey};
use saifu_applet::crypto::rsa;
use saifu_applet::crypto::scp03::StaticKeys;
use saifu_applet::crypto::{Random, Secret};
use saifu_wire::certificate::{Body, Certificate, Date, Name, PublicKey, Role};
use saifu_wire::personalise::{LABEL_PROOF, PinnedRoot};
use saifu_wire::signed::{Message, Signed};
use saifu_wire::{CardId, test_root};

/// From which day to which a certificate is valid.
#[derive(Debug, Clone, Copy)]
pub struct Validity {
    /// The first day.
    pub effective: Date,
    /// The last day.
    pub expires: Date,
}

/// Signs with the test root, whose private key everybody knows.
pub struct TestIssuer {
    root: PinnedRoot,
    key: SigningKey,
}

impl TestIssuer {
    /// The issuer of the published test root.
    ///
    /// # Errors
    /// None in practice: the root's constants are well formed.
    pub fn new() -> Result<Self, PersonaliseError> {
        let root = test_root::pinned().ok_or(PersonaliseError::Computation)?;
        let key = SigningKey::from_scalar(&Secret::new(test_root::ROOT_PRIVATE));
        Ok(Self { root, key: key? })
    }

    /// The root that its cards pin.
    pub fn root(&self) -> PinnedRoot {
        self.root.clone()
    }

    /// The version of the SCP03 keys of its cards.
    pub fn key_version(&self) -> u8 {
        test_root::SCP03_KEY_VERSION
    }

    /// The SCP03 keys of one of its cards (§14.1).
    pub fn card_keys(&self, card: &CardId) -> StaticKeys {
        let master = Secret::new(test_root::SCP03_MASTER);
        StaticKeys::diversified(&master, &card.0, test_root::SCP03_KEY_VERSION)
    }

    /// Certifies a card's key.
    ///
    /// # Errors
    /// [`PersonaliseError::Computation`].
    pub fn certify(
        &self,
        order: &Order,
        key: &PublicKey,
        role: Role,
    ) -> Result<Vec<u8>, PersonaliseError> {
        let body = Body {
            authority: self.root.name,
            key: key.clone(),
            holder: Name::of_holder(&order.card.0, role, 1),
            role,
            effective: order.validity.effective,
            expires: order.validity.expires,
            holder_id: order.card.0,
            assurance: order.assurance,
            sequence: 1,
            retires_below: 0,
        };
        Ok(self.sign(body)?.to_bytes())
    }

    /// Certifies what a body says.
    pub(super) fn sign(&self, body: Body) -> Result<Certificate, PersonaliseError> {
        Ok(Certificate::sign(body, |bytes| self.key.sign(&[bytes]))?)
    }
}

/// Wraps the proof's secret for `Kup`.
pub(super) fn wrap(
    key: &PublicKey,
    secret: &[u8],
    random: &mut Random<'_>,
) -> Result<Vec<u8>, PersonaliseError> {
    let PublicKey::Rsa { modulus, exponent } = key else {
        return Err(PersonaliseError::Answer("GENERATE ASYMMETRIC KEY PAIR"));
    };
    let key = rsa::PublicKey::from_parts(modulus, exponent)
        .map_err(|_| PersonaliseError::Answer("GENERATE ASYMMETRIC KEY PAIR"))?;
    Ok(key.wrap_oaep(random, LABEL_PROOF, secret)?)
}

/// Whether `signed` verifies under `key`.
pub(super) fn verify<M: Message>(key: &PublicKey, signed: &Signed<M>) -> bool {
    let PublicKey::P256(point) = key else { return false };
    VerifyingKey::from_point(point)
        .is_ok_and(|key| key.verify(&[signed.unsigned()], signed.signature()).is_ok())
}
