//! RSAES-OAEP with SHA-256 and MGF1-SHA-256 (RFC 8017, 7.1), 2048 or 3072 bits, e = 65537.
//!
//! The private operation is always blinded, and its result is raised to e again and compared, so
//! that a fault in the Chinese-remainder computation gives nothing away.

use alloc::vec::Vec;
use core::fmt;

use ::rsa::traits::{PaddingScheme, PrivateKeyParts, PublicKeyParts};
use ::rsa::{BoxedUint, Oaep, RsaPrivateKey, RsaPublicKey};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::random::seeded;
use super::{CryptoError, Random, Secret, SecretVec};

/// The one public exponent, 65537, as it stands in certificates.
pub const EXPONENT: [u8; 3] = [0x01, 0x00, 0x01];
/// What OAEP with SHA-256 takes from the modulus, in bytes.
pub const OAEP_OVERHEAD: usize = 66;

/// Names the two sizes of key that the card knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeySize {
    /// A modulus of 256 bytes.
    Rsa2048,
    /// A modulus of 384 bytes.
    Rsa3072,
}

impl KeySize {
    /// Gives the length of the modulus, and of a ciphertext, in bytes.
    #[must_use]
    pub const fn modulus_len(self) -> usize {
        match self {
            Self::Rsa2048 => 256,
            Self::Rsa3072 => 384,
        }
    }

    const fn bits(self) -> usize {
        match self {
            Self::Rsa2048 => 2048,
            Self::Rsa3072 => 3072,
        }
    }

    const fn of_modulus(bytes: usize) -> Option<Self> {
        match bytes {
            256 => Some(Self::Rsa2048),
            384 => Some(Self::Rsa3072),
            _ => None,
        }
    }
}

/// Holds a private key, wiped when dropped.
#[derive(Clone)]
pub struct PrivateKey {
    size: KeySize,
    key: RsaPrivateKey,
}

impl PrivateKey {
    /// Makes a new key.
    ///
    /// # Errors
    /// [`CryptoError::RandomFailed`] when the source fails.
    pub fn generate(size: KeySize, random: &mut Random<'_>) -> Result<Self, CryptoError> {
        let key = RsaPrivateKey::new(&mut seeded(random)?, size.bits())?;
        Ok(Self { size, key })
    }

    /// Reads a key as [`PrivateKey::to_bytes`] wrote it: p ‖ q, each half as long as the modulus.
    ///
    /// That the two are primes is not checked again; a key that is none gives
    /// [`CryptoError::Fault`] when it is used.
    ///
    /// # Errors
    /// [`CryptoError::Refused`] for another length, p = q, an even number, one whose top bit is not
    /// set, a product of too few bits, and a prime less one that e divides.
    pub fn from_bytes(primes: &[u8]) -> Result<Self, CryptoError> {
        let size = KeySize::of_modulus(primes.len()).ok_or(CryptoError::Refused)?;
        let (p, q) = primes.split_at_checked(primes.len() / 2).ok_or(CryptoError::Refused)?;
        if !is_full_and_odd(p) || !is_full_and_odd(q) {
            return Err(CryptoError::Refused);
        }
        let key = RsaPrivateKey::from_p_q(integer(p)?, integer(q)?, integer(&EXPONENT)?)?;
        check_modulus(&key.n_bytes())?;
        Ok(Self { size, key })
    }

    /// Gives p ‖ q, to be sealed; e is always 65537 and the rest follows.
    #[must_use]
    pub fn to_bytes(&self) -> SecretVec {
        let half = self.size.modulus_len() / 2;
        let mut bytes = Vec::with_capacity(self.size.modulus_len());
        for prime in self.key.primes() {
            let number = Zeroizing::new(prime.to_be_bytes());
            let excess = number.len().saturating_sub(half);
            bytes.extend(number.iter().skip(excess));
        }
        SecretVec::new(bytes)
    }

    /// Gives the public half.
    #[must_use]
    pub fn public_key(&self) -> PublicKey {
        PublicKey { size: self.size, key: self.key.to_public_key() }
    }

    /// Decrypts an OAEP ciphertext under its label, which may be any bytes.
    ///
    /// # Errors
    /// [`CryptoError::Refused`], the same for all that can be wrong with length, range, padding and
    /// label; [`CryptoError::RandomFailed`]; [`CryptoError::Fault`] when the result check fails.
    pub fn unwrap_oaep(
        &self,
        random: &mut Random<'_>,
        label: &[u8],
        ciphertext: &[u8],
    ) -> Result<SecretVec, CryptoError> {
        let mut blinding = seeded(random)?;
        let message = oaep(label).decrypt(Some(&mut blinding), &self.key, ciphertext)?;
        Ok(SecretVec::new(message))
    }

    /// Decrypts an OAEP ciphertext that holds a key of exactly 32 bytes.
    ///
    /// # Errors
    /// As [`PrivateKey::unwrap_oaep`]; a message of another length is [`CryptoError::Refused`] too.
    pub fn unwrap_key(
        &self,
        random: &mut Random<'_>,
        label: &[u8],
        ciphertext: &[u8],
    ) -> Result<Secret<32>, CryptoError> {
        Secret::try_from(self.unwrap_oaep(random, label, ciphertext)?.expose())
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PrivateKey({:?})", self.size)
    }
}

/// Holds a public key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey {
    size: KeySize,
    key: RsaPublicKey,
}

impl PublicKey {
    /// Reads a key from modulus and exponent, big-endian, as they stand in a certificate.
    ///
    /// # Errors
    /// [`CryptoError::Refused`] unless the modulus is odd and of exactly 2048 or 3072 bits and the
    /// exponent is [`EXPONENT`].
    pub fn from_parts(modulus: &[u8], exponent: &[u8]) -> Result<Self, CryptoError> {
        if exponent != EXPONENT {
            return Err(CryptoError::Refused);
        }
        let size = check_modulus(modulus)?;
        let key = RsaPublicKey::new(integer(modulus)?, integer(exponent)?)?;
        Ok(Self { size, key })
    }

    /// Gives the size of the key.
    #[must_use]
    pub const fn size(&self) -> KeySize {
        self.size
    }

    /// Gives the modulus, big-endian, in exactly its length.
    #[must_use]
    pub fn modulus(&self) -> Vec<u8> {
        self.key.n_bytes().into_vec()
    }

    /// Encrypts a message under a label, which may be any bytes.
    ///
    /// # Errors
    /// [`CryptoError::Refused`] for a message longer than the modulus less [`OAEP_OVERHEAD`];
    /// [`CryptoError::RandomFailed`].
    pub fn wrap_oaep(
        &self,
        random: &mut Random<'_>,
        label: &[u8],
        message: &[u8],
    ) -> Result<Vec<u8>, CryptoError> {
        let mut rng = seeded(random)?;
        Ok(oaep(label).encrypt(&mut rng, &self.key, message)?)
    }
}

impl From<::rsa::Error> for CryptoError {
    fn from(error: ::rsa::Error) -> Self {
        match error {
            ::rsa::Error::Internal => Self::Fault,
            ::rsa::Error::Rng => Self::RandomFailed,
            _ => Self::Refused,
        }
    }
}

fn oaep(label: &[u8]) -> Oaep<Sha256> {
    Oaep::new_with_label(label)
}

fn check_modulus(modulus: &[u8]) -> Result<KeySize, CryptoError> {
    let size = KeySize::of_modulus(modulus.len()).ok_or(CryptoError::Refused)?;
    if is_full_and_odd(modulus) { Ok(size) } else { Err(CryptoError::Refused) }
}

/// Says whether an odd number has as many bits as its bytes have.
fn is_full_and_odd(number: &[u8]) -> bool {
    number.first().is_some_and(|byte| byte & 0x80 != 0)
        && number.last().is_some_and(|byte| byte & 1 != 0)
}

fn integer(bytes: &[u8]) -> Result<BoxedUint, CryptoError> {
    let bits = bytes.len().checked_mul(8).and_then(|bits| u32::try_from(bits).ok());
    BoxedUint::from_be_slice(bytes, bits.ok_or(CryptoError::Refused)?)
        .map_err(|_| CryptoError::Refused)
}

#[cfg(test)]
mod tests;
