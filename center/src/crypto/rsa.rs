//! RSAES-OAEP with SHA-256 and MGF1-SHA-256 (RFC 8017, 7.1), 2048 or 3072 bits, e = 65537.
//!
//! The library blinds the private operation and checks its result.

use super::{CryptoError, Secret};
use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::rsa::{
    OAEP_SHA256_MGF1SHA256, OaepPrivateDecryptingKey, OaepPublicEncryptingKey,
    PrivateDecryptingKey, PublicKeyComponents,
};
use saifu_wire::certificate::PublicKey;
use saifu_wire::codec::{Malformed, Reader};
use saifu_wire::tlv;
use std::fmt;
use zeroize::Zeroizing;

/// The sizes of key that the protocol knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum KeySize {
    /// A modulus of 256 bytes.
    #[default]
    Rsa2048,
    /// A modulus of 384 bytes.
    Rsa3072,
}

/// A private key, wiped when dropped.
pub struct PrivateKey {
    oaep: OaepPrivateDecryptingKey,
    pkcs8: Zeroizing<Vec<u8>>,
    public: PublicKey,
}

impl PrivateKey {
    /// Makes a new key.
    ///
    /// # Errors
    /// [`CryptoError::Failed`] when the random source fails.
    pub fn generate(size: KeySize) -> Result<Self, CryptoError> {
        let size = match size {
            KeySize::Rsa2048 => aws_lc_rs::rsa::KeySize::Rsa2048,
            KeySize::Rsa3072 => aws_lc_rs::rsa::KeySize::Rsa3072,
        };
        Self::of(PrivateDecryptingKey::generate(size).map_err(|_| CryptoError::Failed)?)
    }

    /// Reads a key from PKCS#8 (RFC 5208), DER.
    ///
    /// # Errors
    /// [`CryptoError::Refused`] for anything but an RSA key of 2048 or 3072 bits, e = 65537.
    pub fn from_pkcs8(der: &[u8]) -> Result<Self, CryptoError> {
        Self::of(PrivateDecryptingKey::from_pkcs8(der).map_err(|_| CryptoError::Refused)?)
    }

    /// The key as PKCS#8, DER.
    pub fn to_pkcs8(&self) -> &[u8] {
        &self.pkcs8
    }

    /// The public half.
    pub fn public_key(&self) -> &PublicKey {
        &self.public
    }

    /// Decrypts an OAEP ciphertext; `label` may be any bytes. What comes out is wiped when
    /// dropped.
    ///
    /// # Errors
    /// [`CryptoError::Refused`], the same for all that can be wrong with length, range,
    /// padding and label.
    pub fn unwrap_oaep(
        &self,
        label: &[u8],
        ciphertext: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
        let mut message = Zeroizing::new(vec![0; self.oaep.min_output_size()]);
        let length = self
            .oaep
            .decrypt(&OAEP_SHA256_MGF1SHA256, ciphertext, &mut message, Some(label))
            .map_err(|_| CryptoError::Refused)?
            .len();
        message.truncate(length);
        Ok(message)
    }

    /// Decrypts an OAEP ciphertext that holds a key of exactly 32 bytes.
    ///
    /// # Errors
    /// As [`PrivateKey::unwrap_oaep`]; a message of another length is
    /// [`CryptoError::Refused`] too.
    pub fn unwrap_key(&self, label: &[u8], ciphertext: &[u8]) -> Result<Secret<32>, CryptoError> {
        Secret::try_from(self.unwrap_oaep(label, ciphertext)?.as_slice())
    }

    fn of(key: PrivateDecryptingKey) -> Result<Self, CryptoError> {
        let public = AsDer::<PublicKeyX509Der<'_>>::as_der(&key.public_key());
        let public = public.map_err(|_| CryptoError::Failed)?;
        let public = public_key_of(public.as_ref()).map_err(|_| CryptoError::Refused)?;
        let pkcs8 = AsDer::<Pkcs8V1Der<'_>>::as_der(&key).map_err(|_| CryptoError::Failed)?;
        let pkcs8 = Zeroizing::new(pkcs8.as_ref().to_vec());
        let oaep = OaepPrivateDecryptingKey::new(key).map_err(|_| CryptoError::Failed)?;
        Ok(Self { oaep, pkcs8, public })
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PrivateKey(RSA, {} bits)", self.oaep.key_size_bits())
    }
}

/// A public key under which keys are wrapped.
pub struct WrappingKey {
    oaep: OaepPublicEncryptingKey,
    public: PublicKey,
}

impl WrappingKey {
    /// Reads a key out of a certificate.
    ///
    /// # Errors
    /// [`CryptoError::Refused`] for a P-256 key, and for any RSA key that is not of 2048 or
    /// 3072 bits with e = 65537.
    pub fn from_public_key(key: &PublicKey) -> Result<Self, CryptoError> {
        // Through its object, so that a key that no certificate could carry is refused.
        let public = PublicKey::parse(&key.to_object()).map_err(|_| CryptoError::Refused)?;
        let PublicKey::Rsa { modulus, exponent } = &public else {
            return Err(CryptoError::Refused);
        };
        let components = PublicKeyComponents { n: modulus, e: exponent };
        let key = components.try_into().map_err(|_| CryptoError::Refused)?;
        let oaep = OaepPublicEncryptingKey::new(key).map_err(|_| CryptoError::Refused)?;
        Ok(Self { oaep, public })
    }

    /// The key as certificates carry it.
    pub fn public_key(&self) -> &PublicKey {
        &self.public
    }

    /// Encrypts a 32-byte key under `label`, which may be any bytes.
    ///
    /// # Errors
    /// [`CryptoError::Failed`] when the random source fails.
    pub fn wrap_key(&self, label: &[u8], key: &Secret<32>) -> Result<Vec<u8>, CryptoError> {
        let mut ciphertext = vec![0; self.oaep.ciphertext_size()];
        let algorithm = &OAEP_SHA256_MGF1SHA256;
        let written = self.oaep.encrypt(algorithm, key.expose(), &mut ciphertext, Some(label));
        let written = written.map_err(|_| CryptoError::Failed)?.len();
        if written == ciphertext.len() { Ok(ciphertext) } else { Err(CryptoError::Failed) }
    }
}

impl fmt::Debug for WrappingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WrappingKey(RSA, {} bits)", self.oaep.key_size_bits())
    }
}

/// Takes modulus and exponent out of a SubjectPublicKeyInfo (RFC 5280, 4.1; RFC 8017, A.1.1):
/// the library gives a key's public half in this form only.
fn public_key_of(spki: &[u8]) -> Result<PublicKey, Malformed> {
    let mut info = Reader::new(tlv::only(spki, 0x30)?);
    tlv::expect(&mut info, 0x30)?;
    let bits = tlv::expect(&mut info, 0x03)?;
    info.finish()?;
    let key = bits.strip_prefix(&[0]).ok_or(Malformed::Value)?;
    let mut numbers = Reader::new(tlv::only(key, 0x30)?);
    let (modulus, exponent) = (tlv::expect(&mut numbers, 0x02)?, tlv::expect(&mut numbers, 0x02)?);
    numbers.finish()?;
    let number = |der: &[u8]| der.strip_prefix(&[0]).unwrap_or(der).to_vec();
    let key = PublicKey::Rsa { modulus: number(modulus), exponent: number(exponent) };
    PublicKey::parse(&key.to_object())
}

#[cfg(test)]
mod tests;
