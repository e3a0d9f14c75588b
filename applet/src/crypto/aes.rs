//! AES keys (FIPS 197), expanded once and wiped when dropped.

use core::fmt;

use ::aes::cipher::{BlockCipherEncrypt, KeyInit};
use ::aes::{Aes128, Aes256};

use super::Secret;

/// Length of an AES block in bytes.
pub const BLOCK_LEN: usize = 16;

/// Holds an AES key with its schedule: AES-128 for secure messaging, AES-256 for all the rest.
#[derive(Clone)]
pub enum AesKey {
    /// A key of 16 bytes.
    Aes128(Aes128),
    /// A key of 32 bytes.
    Aes256(Aes256),
}

impl AesKey {
    /// Encrypts one block in place.
    pub fn encrypt_block(&self, block: &mut [u8; BLOCK_LEN]) {
        match self {
            Self::Aes128(cipher) => cipher.encrypt_block(block.into()),
            Self::Aes256(cipher) => cipher.encrypt_block(block.into()),
        }
    }
}

impl From<&Secret<16>> for AesKey {
    fn from(key: &Secret<16>) -> Self {
        Self::Aes128(Aes128::new(key.expose().into()))
    }
}

impl From<&Secret<32>> for AesKey {
    fn from(key: &Secret<32>) -> Self {
        Self::Aes256(Aes256::new(key.expose().into()))
    }
}

impl fmt::Debug for AesKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Aes128(_) => "AesKey(128 bits)",
            Self::Aes256(_) => "AesKey(256 bits)",
        })
    }
}

#[cfg(test)]
mod tests {
    use alloc::format;

    use super::super::test_help::{hex_array, hex_secret};
    use super::*;

    #[test]
    fn fips_197_appendix_c_holds() {
        let cases = [
            (
                AesKey::from(&hex_secret::<16>("000102030405060708090a0b0c0d0e0f")),
                "69c4e0d86a7b0430d8cdb78070b4c55a",
            ),
            (
                AesKey::from(&hex_secret::<32>(
                    "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
                )),
                "8ea2b7ca516745bfeafc49904b496089",
            ),
        ];
        for (key, expected) in cases {
            let mut block = hex_array("00112233445566778899aabbccddeeff");
            key.encrypt_block(&mut block);
            assert_eq!(block, hex_array(expected));
        }
    }

    #[test]
    fn a_key_does_not_print_its_bytes() {
        assert_eq!(format!("{:?}", AesKey::from(&Secret::new([0x5A; 16]))), "AesKey(128 bits)");
    }
}
