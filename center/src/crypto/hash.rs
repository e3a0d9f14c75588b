//! SHA-256 (FIPS 180-4), and what the protocol names by it.

use aws_lc_rs::digest::{Context, SHA256};
use saifu_wire::Digest;
use saifu_wire::certificate::PublicKey;
use saifu_wire::signed::{Message, Signed};

/// Hashes the parts as if they were one string.
pub fn sha256(parts: &[&[u8]]) -> [u8; 32] {
    let mut context = Context::new(&SHA256);
    parts.iter().for_each(|part| context.update(part));
    let mut hash = [0; 32];
    hash.copy_from_slice(context.finish().as_ref());
    hash
}

/// The identity of a signed structure: the hash of its bytes without the signature (§8).
pub fn identity<M: Message>(signed: &Signed<M>) -> Digest {
    Digest(sha256(&[signed.unsigned()]))
}

/// What names a public key: the hash of its object (§7.3).
pub fn key_id(key: &PublicKey) -> Digest {
    Digest(sha256(&[&key.to_object()]))
}

#[cfg(test)]
mod tests {
    use super::super::test_help::hex;
    use super::*;

    #[test]
    fn the_standards_examples_hold_however_the_message_is_cut() {
        // FIPS 180-4 examples (NIST CSRC, SHA256.pdf) and the empty message.
        let examples: [(&[&[u8]], &str); 3] = [
            (&[], "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            (
                &[b"a", b"", b"bc"],
                "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
            ),
            (
                &[b"abcdbcdecdefdefgefghfghighijhijk", b"ijkljklmklmnlmnomnopnopq"],
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
            ),
        ];
        for (parts, expected) in examples {
            assert_eq!(sha256(parts).as_slice(), hex(expected));
        }
    }

    #[test]
    fn another_key_has_another_id() {
        assert_ne!(key_id(&PublicKey::P256([4; 65])), key_id(&PublicKey::P256([5; 65])));
    }
}
