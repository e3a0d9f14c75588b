//! HKDF with SHA-256 (RFC 5869).

use hkdf::Hkdf;
use sha2::Sha256;

use super::{CryptoError, Secret};

/// The most bytes that one expansion gives (RFC 5869, 2.3).
pub const MAX_OUTPUT_LEN: usize = 255 * 32;

/// Derives a 32-byte key: HKDF-Expand(`key`, `label` ‖ `context`, 32).
///
/// The two are joined without a separator. Labels of one master key must therefore be such that
/// none is the beginning of another, or be followed by a context of one fixed length.
#[must_use]
pub fn expand(key: &Secret<32>, label: &[u8], context: &[u8]) -> Secret<32> {
    let mut derived = Secret::new([0; 32]);
    #[expect(clippy::expect_used, reason = "32 bytes is within the limits of RFC 5869, 2.3")]
    expand_into(key, &[label, context], derived.expose_mut()).expect("32 bytes fit");
    derived
}

/// Derives `out.len()` bytes from keying material of any length: extract, then expand.
///
/// # Errors
/// [`CryptoError::Refused`] for more than [`MAX_OUTPUT_LEN`] bytes.
pub fn hkdf(salt: &[u8], material: &[u8], info: &[u8], out: &mut [u8]) -> Result<(), CryptoError> {
    let (prk, _) = Hkdf::<Sha256>::extract(Some(salt), material);
    expand_into(&Secret::new(prk.into()), &[info], out)
}

fn expand_into(key: &Secret<32>, info: &[&[u8]], out: &mut [u8]) -> Result<(), CryptoError> {
    let prk = Hkdf::<Sha256>::from_prk(key.expose()).map_err(|_| CryptoError::Refused)?;
    prk.expand_multi_info(info, out).map_err(|_| CryptoError::Refused)
}

#[cfg(test)]
mod tests {
    use alloc::vec;
    use alloc::vec::Vec;

    use super::super::test_help::{hex, hex_secret};
    use super::*;

    #[test]
    fn rfc_5869_cases_1_to_3_hold() {
        let long = |first: u8| (first..=first + 79).collect::<Vec<u8>>();
        let cases = [
            (
                hex("0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b"),
                hex("000102030405060708090a0b0c"),
                hex("f0f1f2f3f4f5f6f7f8f9"),
                "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865",
            ),
            (
                long(0x00),
                long(0x60),
                long(0xb0),
                "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c
                 59045a99cac7827271cb41c65e590e09da3275600c2f09b8367793a9aca3db71
                 cc30c58179ec3e87c14c01d5c1f3434f1d87",
            ),
            (
                hex("0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b"),
                vec![],
                vec![],
                "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8",
            ),
        ];
        for (material, salt, info, expected) in cases {
            let mut out = vec![0; hex(expected).len()];
            hkdf(&salt, &material, &info, &mut out).unwrap();
            assert_eq!(out, hex(expected));
        }
    }

    #[test]
    fn expand_gives_the_beginning_of_rfc_5869_case_1() {
        let prk = hex_secret("077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5");
        let okm = hex_secret("3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf");
        assert_eq!(expand(&prk, &hex("f0f1f2f3"), &hex("f4f5f6f7f8f9")), okm);
        assert_ne!(expand(&prk, &hex("f0f1f2f3"), &hex("f4f5f6f7f8")), okm);
    }

    #[test]
    fn more_than_255_blocks_are_refused() {
        let mut out = vec![0; MAX_OUTPUT_LEN + 1];
        assert_eq!(hkdf(b"", b"k", b"", &mut out), Err(CryptoError::Refused));
        assert_eq!(hkdf(b"", b"k", b"", &mut out[1..]), Ok(()));
    }
}
