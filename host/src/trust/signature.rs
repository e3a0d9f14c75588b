//! ECDSA P-256 over SHA-256, and the digests that name things (§3.2).

use super::Untrusted;
use p256::ecdsa::signature::Verifier;
use p256::ecdsa::{Signature, VerifyingKey};
use saifu_wire::Digest;
use saifu_wire::signed::{Message, Signed};
use sha2::{Digest as _, Sha256};

/// The SHA-256 of `bytes`.
pub fn sha256(bytes: &[u8]) -> Digest {
    Digest(Sha256::digest(bytes).into())
}

/// The identity of a signed structure: unchanged by another form of its signature.
pub fn identity<M: Message>(signed: &Signed<M>) -> Digest {
    sha256(signed.unsigned())
}

/// Verifies the signature r‖s over `bytes` under an uncompressed point.
pub fn verify_signature(
    point: &[u8; 65],
    bytes: &[u8],
    signature: &[u8; 64],
    what: &'static str,
) -> Result<(), Untrusted> {
    let key = VerifyingKey::from_sec1_bytes(point);
    let good = key.and_then(|key| key.verify(bytes, &Signature::from_slice(signature)?));
    good.map_err(|_| Untrusted::Signature { what })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::keys;

    #[test]
    fn a_signature_verifies_and_one_over_other_bytes_does_not() {
        let key = keys::signing(1);
        let signature = keys::sign(&key, b"bytes");
        let point = keys::point(&key);
        assert_eq!(verify_signature(&point, b"bytes", &signature, "it"), Ok(()));
        let refused = Err(Untrusted::Signature { what: "it" });
        assert_eq!(verify_signature(&point, b"other", &signature, "it"), refused);
        let other = keys::point(&keys::signing(2));
        assert_eq!(verify_signature(&other, b"bytes", &signature, "it"), refused);
        assert_eq!(verify_signature(&[4; 65], b"bytes", &signature, "it"), refused);
        assert_eq!(verify_signature(&point, b"bytes", &[0; 64], "it"), refused);
    }
}
