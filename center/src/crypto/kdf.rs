//! HKDF-Expand with SHA-256 (RFC 5869, 2.3): the 32-byte key is the pseudorandom key itself.

use super::Secret;
use aws_lc_rs::hkdf::{HKDF_SHA256, KeyType, Prk};

/// Derives a 32-byte key: HKDF-Expand(`key`, `label` ‖ `context`, 32).
///
/// The two are joined without a separator. Labels of one key must therefore be such that none
/// is the beginning of another, or be followed by a context of one fixed length.
pub fn expand(key: &Secret<32>, label: &[u8], context: &[u8]) -> Secret<32> {
    let prk = Prk::new_less_safe(HKDF_SHA256, key.expose());
    let mut derived = Secret::new([0; 32]);
    prk.expand(&[label, context], Bytes32)
        .and_then(|okm| okm.fill(derived.expose_mut()))
        .expect("32 bytes are within the limits of RFC 5869, 2.3");
    derived
}

/// The one length that is derived.
struct Bytes32;

impl KeyType for Bytes32 {
    fn len(&self) -> usize {
        32
    }
}

#[cfg(test)]
mod tests {
    use super::super::test_help::{hex, hex_secret};
    use super::*;

    #[test]
    fn expand_gives_the_beginning_of_rfc_5869_cases_1_and_3() {
        let cases = [
            (
                "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5",
                "f0f1f2f3f4f5f6f7f8f9",
                "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf",
            ),
            (
                "19ef24a32c717b167f33a91d6f648bdf96596776afdb6377ac434c1c293ccb04",
                "",
                "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d",
            ),
        ];
        for (prk, info, okm) in cases {
            let info = hex(info);
            let (label, context) = info.split_at(info.len() / 3);
            assert_eq!(expand(&hex_secret(prk), label, context), hex_secret(okm));
        }
    }

    #[test]
    fn another_label_or_context_gives_another_key() {
        let key = Secret::new([1; 32]);
        let derived = expand(&key, b"label", b"context");
        assert_ne!(expand(&key, b"lapel", b"context"), derived);
        assert_ne!(expand(&key, b"label", b"contexts"), derived);
        assert_ne!(expand(&Secret::new([2; 32]), b"label", b"context"), derived);
    }
}
