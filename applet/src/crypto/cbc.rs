//! AES-CBC on whole blocks (NIST SP 800-38A, 6.2), in place, and zero padding.
//!
//! CBC by itself authenticates nothing: callers verify a MAC before they decrypt.

use alloc::vec::Vec;

use ::aes::cipher::{Array, Block, BlockModeDecrypt, BlockModeEncrypt, InnerIvInit};
use ::cbc::{Decryptor, Encryptor};

use super::CryptoError;
use super::aes::{AesKey, BLOCK_LEN};

/// Encrypts `data` in place.
///
/// # Errors
/// [`CryptoError::Refused`] unless `data` is a whole number of blocks; it is then untouched.
pub fn encrypt(key: &AesKey, iv: &[u8; BLOCK_LEN], data: &mut [u8]) -> Result<(), CryptoError> {
    let blocks = whole_blocks(data)?;
    match key {
        AesKey::Aes128(aes) => Encryptor::inner_iv_init(aes, iv.into()).encrypt_blocks(blocks),
        AesKey::Aes256(aes) => Encryptor::inner_iv_init(aes, iv.into()).encrypt_blocks(blocks),
    }
    Ok(())
}

/// Decrypts `data` in place.
///
/// # Errors
/// [`CryptoError::Refused`] unless `data` is a whole number of blocks; it is then untouched.
pub fn decrypt(key: &AesKey, iv: &[u8; BLOCK_LEN], data: &mut [u8]) -> Result<(), CryptoError> {
    let blocks = whole_blocks(data)?;
    match key {
        AesKey::Aes128(aes) => Decryptor::inner_iv_init(aes, iv.into()).decrypt_blocks(blocks),
        AesKey::Aes256(aes) => Decryptor::inner_iv_init(aes, iv.into()).decrypt_blocks(blocks),
    }
    Ok(())
}

/// Gives the length of `len` bytes once padded to whole blocks, or `None` beyond `usize`.
#[must_use]
pub const fn padded_len(len: usize) -> Option<usize> {
    len.checked_next_multiple_of(BLOCK_LEN)
}

/// Copies `plaintext` and fills its last block with zeros; what is whole already stays as it is.
///
/// The copy is made at its final size, so that none is left behind unwiped.
#[must_use]
pub fn zero_padded(plaintext: &[u8]) -> Vec<u8> {
    let full = padded_len(plaintext.len()).unwrap_or(plaintext.len());
    let mut padded = Vec::with_capacity(full);
    padded.extend_from_slice(plaintext);
    padded.resize(full, 0);
    padded
}

/// Gives the first `len` bytes of `padded`, once the rest is found to be exactly its zero padding.
///
/// # Errors
/// [`CryptoError::Refused`] when the padded length is another, or a byte of the padding is not zero.
pub fn strip_zero_padding(padded: &[u8], len: usize) -> Result<&[u8], CryptoError> {
    if padded_len(len) != Some(padded.len()) {
        return Err(CryptoError::Refused);
    }
    let (plaintext, padding) = padded.split_at_checked(len).ok_or(CryptoError::Refused)?;
    let not_zero = padding.iter().fold(0, |seen, byte| seen | byte);
    if not_zero == 0 { Ok(plaintext) } else { Err(CryptoError::Refused) }
}

/// Views the bytes as blocks; AES-128 and AES-256 have the same ones.
fn whole_blocks(data: &mut [u8]) -> Result<&mut [Block<::aes::Aes256>], CryptoError> {
    let (blocks, rest) = Array::slice_as_chunks_mut(data);
    if rest.is_empty() { Ok(blocks) } else { Err(CryptoError::Refused) }
}

#[cfg(test)]
mod tests {
    use super::super::test_help::{hex, hex_array, hex_secret};
    use super::*;

    // NIST SP 800-38A, appendix F.2.
    const IV: &str = "000102030405060708090a0b0c0d0e0f";
    const PLAINTEXT: &str = "6bc1bee22e409f96e93d7e117393172a ae2d8a571e03ac9c9eb76fac45af8e51
                             30c81c46a35ce411e5fbc1191a0a52ef f69f2445df4f9b17ad2b417be66c3710";
    const CIPHERTEXT_128: &str = "7649abac8119b246cee98e9b12e9197d 5086cb9b507219ee95db113a917678b2
                                  73bed6b8e3c1743b7116e69e22229516 3ff1caa1681fac09120eca307586e1a7";
    const CIPHERTEXT_256: &str = "f58c4c04d6e5f1ba779eabfb5f7bfbd6 9cfc4e967edb808d679f777bc6702c7d
                                  39f23369a9d9bacfa530e26304231461 b2eb05e2c39be9fcda6c19078c6a9d1b";

    fn keys() -> [(AesKey, &'static str); 2] {
        let short = hex_secret::<16>("2b7e151628aed2a6abf7158809cf4f3c");
        let long =
            hex_secret::<32>("603deb1015ca71be2b73aef0857d7781 1f352c073b6108d72d9810a30914dff4");
        [(AesKey::from(&short), CIPHERTEXT_128), (AesKey::from(&long), CIPHERTEXT_256)]
    }

    #[test]
    fn sp_800_38a_holds_both_ways() {
        for (key, ciphertext) in keys() {
            let mut data = hex(PLAINTEXT);
            encrypt(&key, &hex_array(IV), &mut data).unwrap();
            assert_eq!(data, hex(ciphertext));
            decrypt(&key, &hex_array(IV), &mut data).unwrap();
            assert_eq!(data, hex(PLAINTEXT));
        }
    }

    #[test]
    fn a_part_of_a_block_is_refused_and_left_alone() {
        for (key, _) in keys() {
            let mut data = hex(PLAINTEXT)[..17].to_vec();
            assert_eq!(encrypt(&key, &hex_array(IV), &mut data), Err(CryptoError::Refused));
            assert_eq!(decrypt(&key, &hex_array(IV), &mut data), Err(CryptoError::Refused));
            assert_eq!(data, hex(PLAINTEXT)[..17]);
        }
    }

    #[test]
    fn zero_padding_comes_off_as_it_was_put_on() {
        for len in [0, 1, 15, 16, 17, 4032] {
            let plaintext = alloc::vec![7; len];
            let padded = zero_padded(&plaintext);
            assert_eq!(padded.len(), len.div_ceil(16) * 16);
            assert_eq!(strip_zero_padding(&padded, len), Ok(plaintext.as_slice()));
        }
    }

    #[test]
    fn padding_that_is_not_zero_or_not_the_shortest_is_refused() {
        let mut padded = zero_padded(&[7; 20]);
        for wrong_len in [0, 16, 33, usize::MAX] {
            assert_eq!(strip_zero_padding(&padded, wrong_len), Err(CryptoError::Refused));
        }
        for at in 20..32 {
            padded[at] = 0x80;
            assert_eq!(strip_zero_padding(&padded, 20), Err(CryptoError::Refused));
            padded[at] = 0;
        }
    }
}
