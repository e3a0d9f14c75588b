//! SHA-256 (FIPS 180-4).

use sha2::{Digest, Sha256};

/// Length of a hash in bytes.
pub const HASH_LEN: usize = 32;

/// Hashes the parts as if they were one string.
#[must_use]
pub fn sha256(parts: &[&[u8]]) -> [u8; HASH_LEN] {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part);
    }
    hasher.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::super::test_help::hex;
    use super::*;

    #[test]
    fn the_standards_examples_hold() {
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
}
