//! ECDSA on P-256 with SHA-256 (FIPS 186-5): raw signatures r‖s, points uncompressed.
//!
//! Signatures of one message differ from one another: whoever must answer twice with the
//! same bytes stores the first answer. Both s and n - s are good; what a signed thing *is*
//! excludes its signature.

use super::CryptoError;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair,
    ParsedPublicKey,
};
use saifu_wire::certificate::PublicKey;
use saifu_wire::signed::{Message, SIGNATURE_BYTES, Signed};
use std::fmt;
use zeroize::Zeroizing;

/// A private key, wiped when dropped.
pub struct SigningKey {
    pair: EcdsaKeyPair,
    point: [u8; 65],
}

impl SigningKey {
    /// Makes a new key.
    ///
    /// # Errors
    /// [`CryptoError::Failed`] when the random source fails.
    pub fn generate() -> Result<Self, CryptoError> {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING);
        Self::of_pair(pair.map_err(|_| CryptoError::Failed)?)
    }

    /// Reads a key from its scalar, big-endian, and its point, which must belong together.
    ///
    /// # Errors
    /// [`CryptoError::Refused`] when they do not.
    pub fn from_parts(scalar: &[u8; 32], point: &[u8; 65]) -> Result<Self, CryptoError> {
        let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let pair = EcdsaKeyPair::from_private_key_and_public_key(algorithm, scalar, point);
        Self::of_pair(pair.map_err(|_| CryptoError::Refused)?)
    }

    /// Reads a key from PKCS#8 (RFC 5208), DER.
    ///
    /// # Errors
    /// [`CryptoError::Refused`] for anything but a P-256 key.
    pub fn from_pkcs8(der: &[u8]) -> Result<Self, CryptoError> {
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, der);
        Self::of_pair(pair.map_err(|_| CryptoError::Refused)?)
    }

    /// The key as PKCS#8, DER, wiped when dropped.
    ///
    /// # Errors
    /// [`CryptoError::Failed`] when the library fails.
    pub fn to_pkcs8(&self) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
        let document = self.pair.to_pkcs8v1().map_err(|_| CryptoError::Failed)?;
        Ok(Zeroizing::new(document.as_ref().to_vec()))
    }

    /// The public half.
    pub fn public_key(&self) -> PublicKey {
        PublicKey::P256(self.point)
    }

    /// The public half's point 04 ‖ x ‖ y.
    pub fn point(&self) -> &[u8; 65] {
        &self.point
    }

    /// Signs `message`.
    ///
    /// # Errors
    /// [`CryptoError::Failed`] when the random source fails.
    pub fn sign(&self, message: &[u8]) -> Result<[u8; SIGNATURE_BYTES], CryptoError> {
        let signature = self.pair.sign(&SystemRandom::new(), message);
        let signature = signature.map_err(|_| CryptoError::Failed)?;
        signature.as_ref().try_into().map_err(|_| CryptoError::Failed)
    }

    fn of_pair(pair: EcdsaKeyPair) -> Result<Self, CryptoError> {
        let point = pair.public_key().as_ref().try_into().map_err(|_| CryptoError::Refused)?;
        Ok(Self { pair, point })
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey(P-256)")
    }
}

/// A public key: a point on the curve and not at infinity.
#[derive(Clone)]
pub struct VerifyingKey {
    key: ParsedPublicKey,
    point: [u8; 65],
}

impl VerifyingKey {
    /// Reads a key from its point 04 ‖ x ‖ y.
    ///
    /// # Errors
    /// [`CryptoError::Refused`] for any other form, and for a point off the curve.
    pub fn from_point(point: &[u8; 65]) -> Result<Self, CryptoError> {
        if point[0] != 0x04 {
            return Err(CryptoError::Refused);
        }
        let key = ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point);
        Ok(Self { key: key.map_err(|_| CryptoError::Refused)?, point: *point })
    }

    /// Reads a key out of a certificate.
    ///
    /// # Errors
    /// [`CryptoError::Refused`] for an RSA key, and as [`VerifyingKey::from_point`].
    pub fn from_public_key(key: &PublicKey) -> Result<Self, CryptoError> {
        match key {
            PublicKey::P256(point) => Self::from_point(point),
            PublicKey::Rsa { .. } => Err(CryptoError::Refused),
        }
    }

    /// The key as certificates carry it.
    pub fn public_key(&self) -> PublicKey {
        PublicKey::P256(self.point)
    }

    /// Checks the signature r‖s over `message`.
    ///
    /// # Errors
    /// [`CryptoError::Refused`] when it is out of range, or not this key's.
    pub fn verify(
        &self,
        message: &[u8],
        signature: &[u8; SIGNATURE_BYTES],
    ) -> Result<(), CryptoError> {
        self.key.verify_sig(message, signature).map_err(|_| CryptoError::Refused)
    }

    /// Checks the signature of a signed structure.
    ///
    /// # Errors
    /// As [`VerifyingKey::verify`].
    pub fn verify_signed<M: Message>(&self, signed: &Signed<M>) -> Result<(), CryptoError> {
        self.verify(signed.unsigned(), signed.signature())
    }
}

impl fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VerifyingKey({})", hex::encode(&self.point[1..]))
    }
}

/// The order of the group (SEC 2, 2.4.2).
const ORDER: [u8; 32] = [
    0xFF, 0xFF, 0xFF, 0xFF, 0x00, 0x00, 0x00, 0x00, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
    0xBC, 0xE6, 0xFA, 0xAD, 0xA7, 0x17, 0x9E, 0x84, 0xF3, 0xB9, 0xCA, 0xC2, 0xFC, 0x63, 0x25, 0x51,
];

/// Something signed, whose last 64 bytes are its signature, with the other signature that is as
/// good: s turned into n - s. Bytes that are too short stay as they are.
pub fn other_half(signed: &[u8]) -> Vec<u8> {
    let mut turned = signed.to_vec();
    if let Some((_, s)) = turned.split_last_chunk_mut::<32>() {
        let mut borrow = 0;
        for (digit, order) in s.iter_mut().zip(ORDER).rev() {
            let left = i16::from(order) - i16::from(*digit) - borrow;
            borrow = i16::from(left < 0);
            *digit = left.rem_euclid(256) as u8;
        }
    }
    turned
}

#[cfg(test)]
mod tests;
