//! AES-256-CMAC (NIST SP 800-38B).

use super::{CryptoError, Secret};
use aws_lc_rs::cmac::{AES_256, Context, Key};

/// The bytes of a tag.
pub const TAG_BYTES: usize = 16;

/// Computes the tag over the parts as if they were one string.
///
/// # Errors
/// [`CryptoError::Failed`] when the library fails.
pub fn tag(key: &Secret<32>, parts: &[&[u8]]) -> Result<[u8; TAG_BYTES], CryptoError> {
    let computed = context(key, parts)?.sign().map_err(|_| CryptoError::Failed)?;
    computed.as_ref().try_into().map_err(|_| CryptoError::Failed)
}

/// Checks a tag in constant time.
///
/// # Errors
/// [`CryptoError::Refused`] when the tag is another, or is not of [`TAG_BYTES`] bytes.
pub fn verify(key: &Secret<32>, parts: &[&[u8]], claimed: &[u8]) -> Result<(), CryptoError> {
    context(key, parts)?.verify(claimed).map_err(|_| CryptoError::Refused)
}

fn context(key: &Secret<32>, parts: &[&[u8]]) -> Result<Context, CryptoError> {
    let key = Key::new(AES_256, key.expose()).map_err(|_| CryptoError::Failed)?;
    let mut context = Context::with_key(&key);
    for part in parts {
        context.update(part).map_err(|_| CryptoError::Failed)?;
    }
    Ok(context)
}

#[cfg(test)]
mod tests {
    use super::super::test_help::{hex, hex_secret};
    use super::*;

    // NIST SP 800-38B, appendix D.3 (AES-256).
    const KEY: &str = "603deb1015ca71be2b73aef0857d7781 1f352c073b6108d72d9810a30914dff4";
    const MESSAGE: &str = "6bc1bee22e409f96e93d7e117393172a ae2d8a571e03ac9c9eb76fac45af8e51
                           30c81c46a35ce411e5fbc1191a0a52ef f69f2445df4f9b17ad2b417be66c3710";
    const TAGS: [(usize, &str); 4] = [
        (0, "028962f61b7bf89efc6b551f4667d983"),
        (16, "28a7023f452e8f82bd4bf28d8c37c35c"),
        (40, "aaf3d8f1de5640c232f5b169b9c911e6"),
        (64, "e1992190549f6ed5696a2c056c315410"),
    ];

    #[test]
    fn sp_800_38b_holds_however_the_message_is_cut() {
        for (length, expected) in TAGS {
            let message = &hex(MESSAGE)[..length];
            let (a, b) = message.split_at(length / 3);
            assert_eq!(tag(&hex_secret(KEY), &[message]).unwrap().as_slice(), hex(expected));
            assert_eq!(tag(&hex_secret(KEY), &[a, &[], b]).unwrap().as_slice(), hex(expected));
        }
    }

    #[test]
    fn a_right_tag_passes_and_each_flipped_bit_or_other_length_does_not() {
        let key = hex_secret(KEY);
        let mut good = tag(&key, &[b"message"]).unwrap();
        assert_eq!(verify(&key, &[b"mess", b"age"], &good), Ok(()));
        for bit in 0..128 {
            good[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(verify(&key, &[b"message"], &good), Err(CryptoError::Refused));
            good[bit / 8] ^= 1 << (bit % 8);
        }
        for wrong in [&good[..15], &good[..8], &[], &[good.as_slice(), &[0]].concat()] {
            assert_eq!(verify(&key, &[b"message"], wrong), Err(CryptoError::Refused));
        }
    }
}
