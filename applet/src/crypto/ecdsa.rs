//! ECDSA on P-256 with SHA-256 (FIPS 186-5): raw signatures r ‖ s, points without compression.
//!
//! Signing is deterministic (RFC 6979). It needs no random source, so no weak draw can give the key
//! away and nothing can fail between a commit and its answer, and a token that is built again is
//! the same token. Against faults, to which deterministic signing is more exposed, every signature
//! is verified before it is given out.
//!
//! Both s and n - s are accepted: what a signed thing *is* excludes its signature.

use core::fmt;

use p256::ecdsa::signature::hazmat::{PrehashSigner, PrehashVerifier};
use p256::ecdsa::{self, Signature};
use p256::elliptic_curve::Generate;

use super::hash::sha256;
use super::random::seeded;
use super::{CryptoError, Random, RandomFailed, Secret};

/// Length of a signature r ‖ s in bytes.
pub const SIGNATURE_LEN: usize = 64;
/// Length of a public point 04 ‖ x ‖ y in bytes (SEC 1, 2.3.3).
pub const POINT_LEN: usize = 65;

/// Holds a private key, wiped when dropped.
#[derive(Clone)]
pub struct SigningKey(ecdsa::SigningKey);

impl SigningKey {
    /// Makes a new key.
    ///
    /// # Errors
    /// [`RandomFailed`] when the source fails.
    pub fn generate(random: &mut Random<'_>) -> Result<Self, RandomFailed> {
        Ok(Self(ecdsa::SigningKey::generate_from_rng(&mut seeded(random)?)))
    }

    /// Reads a key from its scalar, big-endian.
    ///
    /// # Errors
    /// [`CryptoError::Refused`] for zero, and for the order of the group and beyond.
    pub fn from_scalar(scalar: &Secret<32>) -> Result<Self, CryptoError> {
        ecdsa::SigningKey::from_slice(scalar.expose()).map(Self).map_err(|_| CryptoError::Refused)
    }

    /// Gives the scalar, big-endian, to be sealed.
    #[must_use]
    pub fn to_scalar(&self) -> Secret<32> {
        Secret::new(self.0.to_bytes().into())
    }

    /// Gives the public point 04 ‖ x ‖ y.
    #[must_use]
    pub fn public_point(&self) -> [u8; POINT_LEN] {
        point(self.0.verifying_key())
    }

    /// Signs the parts as if they were one string.
    ///
    /// # Errors
    /// [`CryptoError::Fault`] when the signature does not verify, and then there is none.
    pub fn sign(&self, parts: &[&[u8]]) -> Result<[u8; SIGNATURE_LEN], CryptoError> {
        let digest = sha256(parts);
        let signature: Signature = self.0.sign_prehash(&digest).map_err(|_| CryptoError::Fault)?;
        self.0
            .verifying_key()
            .verify_prehash(&digest, &signature)
            .map_err(|_| CryptoError::Fault)?;
        Ok(signature.to_bytes().into())
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey(P-256)")
    }
}

/// Holds a public key: a point that is on the curve and not at infinity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifyingKey(ecdsa::VerifyingKey);

impl VerifyingKey {
    /// Reads a key from its point 04 ‖ x ‖ y.
    ///
    /// # Errors
    /// [`CryptoError::Refused`] for any other form or length, and for a point off the curve.
    pub fn from_point(point: &[u8]) -> Result<Self, CryptoError> {
        if point.first() != Some(&0x04) {
            return Err(CryptoError::Refused);
        }
        ecdsa::VerifyingKey::from_sec1_bytes(point).map(Self).map_err(|_| CryptoError::Refused)
    }

    /// Checks a signature r ‖ s over the parts as if they were one string.
    ///
    /// # Errors
    /// [`CryptoError::Refused`] when it is not of 64 bytes, out of range, or not this key's.
    pub fn verify(&self, parts: &[&[u8]], signature: &[u8]) -> Result<(), CryptoError> {
        let signature = Signature::from_slice(signature).map_err(|_| CryptoError::Refused)?;
        self.0.verify_prehash(&sha256(parts), &signature).map_err(|_| CryptoError::Refused)
    }
}

fn point(key: &ecdsa::VerifyingKey) -> [u8; POINT_LEN] {
    let mut out = [0; POINT_LEN];
    let encoded = key.to_sec1_point(false);
    out.iter_mut().zip(encoded.as_bytes()).for_each(|(to, from)| *to = *from);
    out
}

#[cfg(test)]
mod tests {
    use super::super::test_help::{broken, counting, hex, hex_array, hex_secret};
    use super::*;

    // RFC 6979, A.2.5, with SHA-256.
    const SCALAR: &str = "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721";
    const POINT: &str = "04 60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6
                            7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299";
    const SAMPLE: &str = "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716
                          f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8";
    const TEST: &str = "f1abb023518351cd71d881567b1ea663ed3efcf6c5132b354f28d3b0b7d38367
                        019f4113742a2b14bd25926b49c649155f267e60d3814b4c0cc84250e46f0083";
    /// The order n of the group.
    const ORDER: &str = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";

    fn key() -> SigningKey {
        SigningKey::from_scalar(&hex_secret(SCALAR)).unwrap()
    }

    #[test]
    fn rfc_6979_signatures_come_out_and_verify() {
        assert_eq!(key().public_point(), hex_array(POINT));
        let verifier = VerifyingKey::from_point(&hex(POINT)).unwrap();
        let cases: [(&[&[u8]], &str); 2] = [(&[b"sam", b"ple"], SAMPLE), (&[b"test"], TEST)];
        for (parts, expected) in cases {
            assert_eq!(key().sign(parts).unwrap(), hex_array(expected));
            assert_eq!(verifier.verify(parts, &hex(expected)), Ok(()));
        }
        assert_eq!(verifier.verify(&[b"test"], &hex(SAMPLE)), Err(CryptoError::Refused));
    }

    #[test]
    fn a_signature_of_another_key_length_or_range_is_refused() {
        let verifier = VerifyingKey::from_point(&hex(POINT)).unwrap();
        let other = SigningKey::generate(&mut counting(1)).unwrap().sign(&[b"sample"]).unwrap();
        let good = hex(SAMPLE);
        let (r, s) = good.split_at(32);
        let order = hex(ORDER);
        let wrong: [&[u8]; 8] = [
            &other,
            &good[..63],
            &[good.as_slice(), &[0]].concat(),
            &[&[0; 32], s].concat(),
            &[r, &[0; 32]].concat(),
            &[&order, s].concat(),
            &[r, &order].concat(),
            &[],
        ];
        for signature in wrong {
            assert_eq!(verifier.verify(&[b"sample"], signature), Err(CryptoError::Refused));
        }
    }

    #[test]
    fn s_and_its_negative_both_verify() {
        let verifier = VerifyingKey::from_point(&hex(POINT)).unwrap();
        let low = Signature::from_slice(&hex(SAMPLE)).unwrap().normalize_s().to_bytes();
        assert_ne!(low.as_slice(), hex(SAMPLE));
        assert_eq!(verifier.verify(&[b"sample"], &low), Ok(()));
    }

    #[test]
    fn a_point_off_the_curve_or_in_another_form_is_refused() {
        let good = hex(POINT);
        let mut off = good.clone();
        off[64] ^= 1;
        let compressed = [&[0x03], &good[1..33]].concat();
        let hybrid = [&[0x07], &good[1..]].concat();
        let zero = [0x04].into_iter().chain([0; 64]).collect::<alloc::vec::Vec<u8>>();
        for wrong in [off, compressed, hybrid, zero, [0].to_vec(), good[..64].to_vec(), [].to_vec()]
        {
            assert_eq!(VerifyingKey::from_point(&wrong), Err(CryptoError::Refused));
        }
    }

    #[test]
    fn a_scalar_out_of_range_is_refused() {
        for wrong in [hex_secret("00".repeat(32).as_str()), hex_secret(ORDER)] {
            assert_eq!(SigningKey::from_scalar(&wrong).unwrap_err(), CryptoError::Refused);
        }
    }

    #[test]
    fn a_new_key_survives_storage_and_two_draws_differ() {
        let mut source = counting(1);
        let (one, two) = (
            SigningKey::generate(&mut source).unwrap(),
            SigningKey::generate(&mut source).unwrap(),
        );
        assert_ne!(one.to_scalar(), two.to_scalar());
        let again = SigningKey::from_scalar(&one.to_scalar()).unwrap();
        assert_eq!(again.public_point(), one.public_point());
    }

    #[test]
    fn a_failed_source_makes_no_key() {
        assert_eq!(SigningKey::generate(&mut broken()).unwrap_err(), RandomFailed);
    }

    #[test]
    fn a_stuck_source_does_not_hang_key_generation() {
        for stuck in [0x00, 0xFF] {
            let mut source = |out: &mut [u8]| {
                out.fill(stuck);
                Ok(())
            };
            assert!(SigningKey::generate(&mut source).is_ok());
        }
    }
}
