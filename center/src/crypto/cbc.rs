//! AES-256-CBC over whole blocks, without padding (NIST SP 800-38A).

use super::{CryptoError, Secret};
use aws_lc_rs::cipher::{
    AES_256, DecryptingKey, DecryptionContext, EncryptingKey, EncryptionContext, UnboundCipherKey,
};
use aws_lc_rs::iv::FixedLength;

/// The bytes of an AES block.
pub const BLOCK_BYTES: usize = 16;

/// Encrypts `data` in place.
///
/// # Errors
/// [`CryptoError::Refused`] unless `data` is whole blocks; it is left alone then.
pub fn encrypt(key: &Secret<32>, iv: &[u8; 16], data: &mut [u8]) -> Result<(), CryptoError> {
    if whole_blocks(data)? {
        let key = EncryptingKey::cbc(unbound(key)?).map_err(failed)?;
        let context = EncryptionContext::Iv128(FixedLength::from(iv));
        key.less_safe_encrypt(data, context).map_err(failed)?;
    }
    Ok(())
}

/// Decrypts `data` in place.
///
/// # Errors
/// [`CryptoError::Refused`] unless `data` is whole blocks; it is left alone then.
pub fn decrypt(key: &Secret<32>, iv: &[u8; 16], data: &mut [u8]) -> Result<(), CryptoError> {
    if whole_blocks(data)? {
        let key = DecryptingKey::cbc(unbound(key)?).map_err(failed)?;
        let context = DecryptionContext::Iv128(FixedLength::from(iv));
        key.decrypt(data, context).map_err(failed)?;
    }
    Ok(())
}

/// Encrypts one block in place.
///
/// # Errors
/// [`CryptoError::Failed`] when the library fails.
pub fn encrypt_block(key: &Secret<32>, block: &mut [u8; 16]) -> Result<(), CryptoError> {
    let key = EncryptingKey::ecb(unbound(key)?).map_err(failed)?;
    key.encrypt(block).map_err(failed)?;
    Ok(())
}

/// Whether there is any block; refuses a part of one.
fn whole_blocks(data: &[u8]) -> Result<bool, CryptoError> {
    if data.len().is_multiple_of(BLOCK_BYTES) {
        Ok(!data.is_empty())
    } else {
        Err(CryptoError::Refused)
    }
}

fn unbound(key: &Secret<32>) -> Result<UnboundCipherKey, CryptoError> {
    UnboundCipherKey::new(&AES_256, key.expose()).map_err(failed)
}

fn failed(_: aws_lc_rs::error::Unspecified) -> CryptoError {
    CryptoError::Failed
}

#[cfg(test)]
mod tests {
    use super::super::test_help::{hex, hex_array, hex_secret};
    use super::*;

    // NIST SP 800-38A, F.2.5.
    const KEY: &str = "603deb1015ca71be2b73aef0857d7781 1f352c073b6108d72d9810a30914dff4";
    const IV: &str = "000102030405060708090a0b0c0d0e0f";
    const PLAINTEXT: &str = "6bc1bee22e409f96e93d7e117393172a ae2d8a571e03ac9c9eb76fac45af8e51
                             30c81c46a35ce411e5fbc1191a0a52ef f69f2445df4f9b17ad2b417be66c3710";
    const CIPHERTEXT: &str = "f58c4c04d6e5f1ba779eabfb5f7bfbd6 9cfc4e967edb808d679f777bc6702c7d
                              39f23369a9d9bacfa530e26304231461 b2eb05e2c39be9fcda6c19078c6a9d1b";

    #[test]
    fn sp_800_38a_holds_both_ways() {
        let mut data = hex(PLAINTEXT);
        encrypt(&hex_secret(KEY), &hex_array(IV), &mut data).unwrap();
        assert_eq!(data, hex(CIPHERTEXT));
        decrypt(&hex_secret(KEY), &hex_array(IV), &mut data).unwrap();
        assert_eq!(data, hex(PLAINTEXT));
    }

    #[test]
    fn nothing_encrypts_to_nothing() {
        let mut data = [];
        assert_eq!(encrypt(&hex_secret(KEY), &[0; 16], &mut data), Ok(()));
        assert_eq!(decrypt(&hex_secret(KEY), &[0; 16], &mut data), Ok(()));
    }

    #[test]
    fn a_part_of_a_block_is_refused_and_left_alone() {
        let mut data = hex(PLAINTEXT)[..17].to_vec();
        for length in [1, 15, 17] {
            let data = &mut data[..length];
            assert_eq!(encrypt(&hex_secret(KEY), &[0; 16], data), Err(CryptoError::Refused));
            assert_eq!(decrypt(&hex_secret(KEY), &[0; 16], data), Err(CryptoError::Refused));
        }
        assert_eq!(data, hex(PLAINTEXT)[..17]);
    }

    #[test]
    fn one_block_is_that_of_fips_197() {
        let key = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
        let mut block = hex_array("00112233445566778899aabbccddeeff");
        encrypt_block(&hex_secret(key), &mut block).unwrap();
        assert_eq!(block, hex_array("8ea2b7ca516745bfeafc49904b496089"));
    }
}
