//! What the tests of this crate share: a center's keys, and cards of a test issuer.

use super::{Card, Issuer, Keys, Subject};
use crate::crypto::ecdsa::SigningKey;
use crate::crypto::rsa::{KeySize, PrivateKey};
use saifu_wire::certificate::{Assurance, PublicKey, Role};
use std::sync::OnceLock;

/// 2026-11-22, 00:00 UTC.
pub(crate) const NOW: u64 = 1_795_305_600;

/// The keys of one center, made once for all tests.
pub(crate) fn center_keys() -> &'static Keys {
    static KEYS: OnceLock<Keys> = OnceLock::new();
    KEYS.get_or_init(|| Keys::generate(&Issuer::test().unwrap(), NOW, KeySize::Rsa2048).unwrap())
}

/// The private keys of a card, and what an issuer says of it.
pub(crate) struct TestCard {
    pub(crate) id: [u8; 16],
    pub(crate) assurance: Assurance,
    pub(crate) signature: SigningKey,
    pub(crate) encryption: &'static PrivateKey,
}

impl TestCard {
    /// A card of class test; all cards share their RSA key, which is dear to make.
    pub(crate) fn new(id: u8) -> Self {
        static RSA: OnceLock<PrivateKey> = OnceLock::new();
        Self {
            id: [id; 16],
            assurance: Assurance::Test,
            signature: SigningKey::generate().unwrap(),
            encryption: RSA.get_or_init(|| PrivateKey::generate(KeySize::Rsa2048).unwrap()),
        }
    }

    /// The bytes of the signature certificate and of the encryption certificate.
    pub(crate) fn certificates(&self, issuer: &Issuer) -> [Vec<u8>; 2] {
        [
            self.certificate(issuer, Role::CardSignature, self.signature.public_key()),
            self.certificate(issuer, Role::CardEncryption, self.encryption.public_key().clone()),
        ]
    }

    /// The bytes of a certificate for `key` with any role.
    pub(crate) fn certificate(&self, issuer: &Issuer, role: Role, key: PublicKey) -> Vec<u8> {
        let (holder_id, assurance) = (self.id, self.assurance);
        let subject = Subject { holder_id, role, assurance, sequence: 1 };
        issuer.certify(key, subject, NOW).unwrap().to_bytes()
    }

    /// The card as the center knows it once it was taken.
    pub(crate) fn taken(&self) -> Card {
        let [signature, encryption] = self.certificates(&Issuer::test().unwrap());
        Card::of_certificates(&signature, &encryption).unwrap()
    }
}
