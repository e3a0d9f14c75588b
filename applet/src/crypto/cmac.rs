//! AES-CMAC (NIST SP 800-38B, RFC 4493).

use ::cmac::digest::InnerInit;
use ::cmac::{Cmac, Mac};

use super::aes::{AesKey, BLOCK_LEN};
use super::{CryptoError, same_bytes};

/// Length of a full tag in bytes.
pub const TAG_LEN: usize = BLOCK_LEN;
/// Length of a tag as secure messaging sends it, in bytes.
pub const SHORT_TAG_LEN: usize = 8;

/// Computes the tag over the parts as if they were one string.
#[must_use]
pub fn cmac(key: &AesKey, parts: &[&[u8]]) -> [u8; TAG_LEN] {
    match key {
        AesKey::Aes128(aes) => tag(Cmac::inner_init(aes), parts),
        AesKey::Aes256(aes) => tag(Cmac::inner_init(aes), parts),
    }
}

/// Computes the tag and keeps its first eight bytes (SCP03).
#[must_use]
pub fn short_cmac(key: &AesKey, parts: &[&[u8]]) -> [u8; SHORT_TAG_LEN] {
    shortened(&cmac(key, parts))
}

/// Keeps the first eight bytes of a tag.
#[must_use]
pub fn shortened(full: &[u8; TAG_LEN]) -> [u8; SHORT_TAG_LEN] {
    let mut short = [0; SHORT_TAG_LEN];
    short.iter_mut().zip(full).for_each(|(to, from)| *to = *from);
    short
}

/// Checks a full tag in constant time.
///
/// # Errors
/// [`CryptoError::Refused`] when the tag is another, or is not of [`TAG_LEN`] bytes.
pub fn verify(key: &AesKey, parts: &[&[u8]], claimed: &[u8]) -> Result<(), CryptoError> {
    if same_bytes(&cmac(key, parts), claimed) { Ok(()) } else { Err(CryptoError::Refused) }
}

/// Checks a tag of eight bytes in constant time (SCP03).
///
/// # Errors
/// [`CryptoError::Refused`] when the tag is another, or is not of [`SHORT_TAG_LEN`] bytes.
pub fn verify_short(key: &AesKey, parts: &[&[u8]], claimed: &[u8]) -> Result<(), CryptoError> {
    if same_bytes(&short_cmac(key, parts), claimed) { Ok(()) } else { Err(CryptoError::Refused) }
}

fn tag<M: Mac<OutputSize = ::aes::cipher::consts::U16>>(
    mut mac: M,
    parts: &[&[u8]],
) -> [u8; TAG_LEN] {
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::super::test_help::{hex, hex_secret};
    use super::*;

    const MESSAGE: &str = "6bc1bee22e409f96e93d7e117393172a ae2d8a571e03ac9c9eb76fac45af8e51
                           30c81c46a35ce411e5fbc1191a0a52ef f69f2445df4f9b17ad2b417be66c3710";

    /// RFC 4493, section 4 (AES-128); NIST SP 800-38B, appendix D.3 (AES-256).
    fn cases() -> [(AesKey, [(usize, &'static str); 4]); 2] {
        let short = hex_secret::<16>("2b7e151628aed2a6abf7158809cf4f3c");
        let long =
            hex_secret::<32>("603deb1015ca71be2b73aef0857d7781 1f352c073b6108d72d9810a30914dff4");
        let short_tags = [
            (0, "bb1d6929e95937287fa37d129b756746"),
            (16, "070a16b46b4d4144f79bdd9dd04a287c"),
            (40, "dfa66747de9ae63030ca32611497c827"),
            (64, "51f0bebf7e3b9d92fc49741779363cfe"),
        ];
        let long_tags = [
            (0, "028962f61b7bf89efc6b551f4667d983"),
            (16, "28a7023f452e8f82bd4bf28d8c37c35c"),
            (40, "aaf3d8f1de5640c232f5b169b9c911e6"),
            (64, "e1992190549f6ed5696a2c056c315410"),
        ];
        [(AesKey::from(&short), short_tags), (AesKey::from(&long), long_tags)]
    }

    #[test]
    fn the_standards_examples_hold_however_the_message_is_cut() {
        for (key, tags) in cases() {
            for (len, expected) in tags {
                let message = &hex(MESSAGE)[..len];
                let (a, b) = message.split_at(len / 3);
                assert_eq!(cmac(&key, &[message]).as_slice(), hex(expected));
                assert_eq!(cmac(&key, &[a, &[], b]).as_slice(), hex(expected));
                assert_eq!(short_cmac(&key, &[message]).as_slice(), &hex(expected)[..8]);
            }
        }
    }

    #[test]
    fn a_right_tag_passes_and_each_flipped_bit_does_not() {
        let (key, _) = &cases()[1];
        let mut full = cmac(key, &[b"message"]);
        let mut short = short_cmac(key, &[b"message"]);
        assert_eq!(verify(key, &[b"message"], &full), Ok(()));
        assert_eq!(verify_short(key, &[b"message"], &short), Ok(()));
        for bit in 0..128 {
            full[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(verify(key, &[b"message"], &full), Err(CryptoError::Refused));
            full[bit / 8] ^= 1 << (bit % 8);
        }
        short[7] ^= 1;
        assert_eq!(verify_short(key, &[b"message"], &short), Err(CryptoError::Refused));
    }

    #[test]
    fn a_tag_of_another_length_is_refused() {
        let (key, _) = &cases()[0];
        let full = cmac(key, &[b"message"]);
        for len in [0, 8, 15] {
            assert_eq!(verify(key, &[b"message"], &full[..len]), Err(CryptoError::Refused));
        }
        for len in [0, 7, 9, 16] {
            assert_eq!(verify_short(key, &[b"message"], &full[..len]), Err(CryptoError::Refused));
        }
    }
}
