//! Keys, signatures, key transport and derivation, with libraries of their own standing.

use super::HelperError;
use super::aes::Key;
use chacha20::ChaCha20Rng;
use hkdf::Hkdf;
use p256::ecdsa::signature::hazmat::{PrehashSigner, PrehashVerifier};
use p256::ecdsa::{Signature, SigningKey, VerifyingKey};
use rand_core::SeedableRng;
use rsa::traits::{PaddingScheme, PublicKeyParts};
use rsa::{BoxedUint, Oaep, RsaPrivateKey, RsaPublicKey};
use saifu_wire::certificate::{Certificate, PublicKey};
use saifu_wire::codec::Reader;
use sha2::{Digest, Sha256};

/// The SHA-256 of the parts as if they were one string.
pub(super) fn sha256(parts: &[&[u8]]) -> [u8; 32] {
    let mut hash = Sha256::new();
    parts.iter().for_each(|part| hash.update(part));
    hash.finalize().into()
}

/// HKDF-Expand to 32 bytes (§1).
pub(super) fn expand(key: &[u8], info: &[&[u8]]) -> Result<[u8; 32], HelperError> {
    let mut out = [0; 32];
    let hkdf = Hkdf::<Sha256>::from_prk(key)
        .map_err(|_| HelperError(format!("a key of {} bytes is too short", key.len())))?;
    hkdf.expand_multi_info(info, &mut out)
        .map_err(|_| HelperError("HKDF gives no more bytes".into()))?;
    Ok(out)
}

/// The AES key that is derived so.
pub(super) fn derived(key: &[u8], info: &[&[u8]]) -> Result<Key, HelperError> {
    Key::new(&expand(key, info)?)
}

/// Signs with this scalar (RFC 6979), r‖s.
pub(super) fn sign(scalar: &[u8], bytes: &[u8]) -> Result<[u8; 64], HelperError> {
    let wrong = || HelperError("that is no private key of P-256: a scalar of 32 bytes".into());
    let key = SigningKey::from_slice(scalar).map_err(|_| wrong())?;
    let signature: Signature = key.sign_prehash(&sha256(&[bytes])).map_err(|_| wrong())?;
    Ok(signature.to_bytes().into())
}

/// The point of a scalar, uncompressed.
pub(super) fn point(scalar: &[u8]) -> Result<[u8; 65], HelperError> {
    let wrong = || HelperError("that is no private key of P-256: a scalar of 32 bytes".into());
    let key = SigningKey::from_slice(scalar).map_err(|_| wrong())?;
    key.verifying_key().to_sec1_point(false).as_bytes().try_into().map_err(|_| wrong())
}

/// Whether the signature over these bytes is of the key with this point.
pub(super) fn verifies(point: &[u8], bytes: &[u8], signature: &[u8]) -> bool {
    let key = VerifyingKey::from_sec1_bytes(point);
    let signature = Signature::from_slice(signature);
    let (Ok(key), Ok(signature)) = (key, signature) else { return false };
    key.verify_prehash(&sha256(&[bytes]), &signature).is_ok()
}

/// n − s in the place of s: the other signature that verifies.
pub(super) fn twin(signature: &[u8]) -> Result<[u8; 64], HelperError> {
    let wrong = || HelperError("that ends in no signature r‖s".into());
    let signature = Signature::from_slice(signature).map_err(|_| wrong())?;
    let (r, s) = signature.split_scalars();
    let twin = Signature::from_scalars(r.to_bytes(), (-*s).to_bytes()).map_err(|_| wrong())?;
    Ok(twin.to_bytes().into())
}

/// Wraps for the RSA key (OAEP with SHA-256). The seed follows from label and message, so that the
/// same words give the same bytes: right for tests, and for nothing else.
pub(super) fn wrap(key: &PublicKey, label: &[u8], message: &[u8]) -> Result<Vec<u8>, HelperError> {
    let PublicKey::Rsa { modulus, exponent } = key else {
        return Err(HelperError("that is no RSA key".into()));
    };
    let failed = |_| HelperError(format!("{} bytes do not fit this key", message.len()));
    let key = RsaPublicKey::new(integer(modulus)?, integer(exponent)?).map_err(failed)?;
    let mut random = ChaCha20Rng::from_seed(sha256(&[b"wrap", label, message]));
    Oaep::<Sha256>::new_with_label(label).encrypt(&mut random, &key, message).map_err(failed)
}

/// Unwraps with the RSA key of these primes.
pub(super) fn unwrap(
    primes: (&[u8], &[u8]),
    label: &[u8],
    wrapped: &[u8],
) -> Result<Vec<u8>, HelperError> {
    let key = private(primes)?;
    Oaep::<Sha256>::new_with_label(label)
        .decrypt::<ChaCha20Rng>(None, &key, wrapped)
        .map_err(|_| HelperError("it was not wrapped for this key and label".into()))
}

/// The public key of these primes.
pub(super) fn public(primes: (&[u8], &[u8])) -> Result<PublicKey, HelperError> {
    let modulus = private(primes)?.n_bytes().into_vec();
    Ok(PublicKey::Rsa { modulus, exponent: vec![1, 0, 1] })
}

fn private((p, q): (&[u8], &[u8])) -> Result<RsaPrivateKey, HelperError> {
    RsaPrivateKey::from_p_q(integer(p)?, integer(q)?, integer(&[1, 0, 1])?)
        .map_err(|_| HelperError("these are no primes of an RSA key".into()))
}

fn integer(bytes: &[u8]) -> Result<BoxedUint, HelperError> {
    let bits = u32::try_from(bytes.len() * 8).unwrap_or(u32::MAX);
    BoxedUint::from_be_slice(bytes, bits).map_err(|_| HelperError("that is no number".into()))
}

/// The public keys in: a key object (7F49), certificates (7F21, one after the other) or a point.
pub(super) fn public_keys(bytes: &[u8]) -> Result<Vec<PublicKey>, HelperError> {
    if let Ok(point) = <[u8; 65]>::try_from(bytes) {
        return Ok(vec![PublicKey::P256(point)]);
    }
    if let Ok(key) = PublicKey::parse(bytes) {
        return Ok(vec![key]);
    }
    let mut reader = Reader::new(bytes);
    let mut keys = Vec::new();
    while reader.remaining() > 0 {
        let certificate = Certificate::read_next(&mut reader).map_err(|error| {
            HelperError(format!(
                "{} bytes that are no certificates (7F21), no key (7F49) and no point: {error}",
                bytes.len()
            ))
        })?;
        keys.push(certificate.body().key.clone());
    }
    Ok(keys)
}

/// The RSA key among them.
pub(super) fn encryption_key(bytes: &[u8]) -> Result<PublicKey, HelperError> {
    let keys = public_keys(bytes)?;
    let rsa = keys.into_iter().find(|key| matches!(key, PublicKey::Rsa { .. }));
    rsa.ok_or_else(|| HelperError("there is no RSA key in it".into()))
}

/// The point among them.
pub(super) fn signature_key(bytes: &[u8]) -> Result<[u8; 65], HelperError> {
    let found = public_keys(bytes)?.into_iter().find_map(|key| match key {
        PublicKey::P256(point) => Some(point),
        PublicKey::Rsa { .. } => None,
    });
    found.ok_or_else(|| HelperError("there is no key of P-256 in it".into()))
}

/// The key id (§3.2).
pub(super) fn key_id(key: &PublicKey) -> [u8; 32] {
    sha256(&[&key.to_object()])
}
