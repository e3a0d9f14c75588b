//! Keys for tests: each follows from a number.

use p256::ecdsa::signature::Signer;
use p256::ecdsa::{Signature, SigningKey};
use saifu_wire::certificate::PublicKey;
use saifu_wire::personalise::PinnedRoot;
use saifu_wire::test_root;

pub(crate) fn root() -> PinnedRoot {
    test_root::pinned().unwrap()
}

pub(crate) fn root_key() -> SigningKey {
    SigningKey::from_slice(&test_root::ROOT_PRIVATE).unwrap()
}

pub(crate) fn signing(number: u8) -> SigningKey {
    SigningKey::from_slice(&[number; 32]).unwrap()
}

pub(crate) fn sign(key: &SigningKey, bytes: &[u8]) -> [u8; 64] {
    let signature: Signature = key.sign(bytes);
    signature.to_bytes().into()
}

pub(crate) fn point(key: &SigningKey) -> [u8; 65] {
    key.verifying_key().to_sec1_point(false).as_bytes().try_into().unwrap()
}

/// A key that looks like one of RSA; the terminal never computes with it.
pub(crate) fn rsa(number: u8) -> PublicKey {
    let mut modulus = vec![number; 256];
    modulus[0] = 0x80;
    modulus[255] = 1;
    PublicKey::Rsa { modulus, exponent: vec![1, 0, 1] }
}
