//! AES-256-GCM (NIST SP 800-38D) for what lies on a disk: nonce (12, random) ‖ ciphertext ‖
//! tag (16).
//!
//! Nonces are drawn: a key must seal far fewer than 2^32 things.

use super::{CryptoError, Secret, random};
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use zeroize::Zeroizing;

/// Encrypts `plain`, and binds it to `context`, which is not kept.
///
/// # Errors
/// [`CryptoError::Failed`] when the random source fails.
pub fn seal(key: &Secret<32>, context: &[u8], plain: &[u8]) -> Result<Vec<u8>, CryptoError> {
    let nonce: [u8; NONCE_LEN] = random::array()?;
    let mut sealed = Zeroizing::new(Vec::with_capacity(plain.len() + AES_256_GCM.tag_len()));
    sealed.extend_from_slice(plain);
    let unique = Nonce::assume_unique_for_key(nonce);
    cipher(key)?
        .seal_in_place_append_tag(unique, Aad::from(context), &mut *sealed)
        .map_err(|_| CryptoError::Failed)?;
    Ok([&nonce[..], &sealed].concat())
}

/// Decrypts what was sealed with this key and context; it is wiped when dropped.
///
/// # Errors
/// [`CryptoError::Refused`] when it is not, or was changed.
pub fn open(
    key: &Secret<32>,
    context: &[u8],
    sealed: &[u8],
) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
    let (nonce, sealed) = sealed.split_first_chunk::<NONCE_LEN>().ok_or(CryptoError::Refused)?;
    let mut plain = Zeroizing::new(sealed.to_vec());
    let nonce = Nonce::assume_unique_for_key(*nonce);
    let length = cipher(key)?
        .open_in_place(nonce, Aad::from(context), &mut plain)
        .map_err(|_| CryptoError::Refused)?
        .len();
    plain.truncate(length);
    Ok(plain)
}

fn cipher(key: &Secret<32>) -> Result<LessSafeKey, CryptoError> {
    let key = UnboundKey::new(&AES_256_GCM, key.expose()).map_err(|_| CryptoError::Failed)?;
    Ok(LessSafeKey::new(key))
}

#[cfg(test)]
mod tests {
    use super::super::test_help::{hex, hex_secret};
    use super::*;

    #[test]
    fn open_gives_the_plaintext_of_the_gcm_specifications_test_case_16() {
        let key = "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308";
        let context = hex("feedfacedeadbeeffeedfacedeadbeefabaddad2");
        let plain = "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c959568\
                     09532fcf0e2449a6b525b16aedf5aa0de657ba637b39";
        let sealed = "cafebabefacedbaddecaf888522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598\
                      a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f66276fc6ece\
                      0f4e1768cddf8853bb2d551b";
        let opened = open(&hex_secret(key), &context, &hex(sealed)).unwrap();
        assert_eq!(*opened, hex(plain));
    }

    #[test]
    fn what_was_sealed_opens_and_nothing_else_does() {
        let (key, context) = (Secret::new([1; 32]), b"a file");
        let sealed = seal(&key, context, b"secret").unwrap();
        assert_eq!(*open(&key, context, &sealed).unwrap(), b"secret");
        assert_eq!(open(&key, b"other", &sealed), Err(CryptoError::Refused));
        assert_eq!(open(&Secret::new([2; 32]), context, &sealed), Err(CryptoError::Refused));
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert_eq!(open(&key, context, &changed), Err(CryptoError::Refused), "byte {at}");
            assert_eq!(open(&key, context, &sealed[..at]), Err(CryptoError::Refused), "cut {at}");
        }
    }

    #[test]
    fn the_same_is_never_sealed_twice_the_same() {
        let key = Secret::new([1; 32]);
        assert_ne!(seal(&key, b"", b"secret").unwrap(), seal(&key, b"", b"secret").unwrap());
    }
}
