//! The content stream's keys, and its segments: check, then decrypt (§13.2, §13.3).
//!
//! ```text
//! key(label) = HKDF-Expand(content key, label ‖ SHA-256(header), 32)
//! IV         = AES-256(iv key, 00 × 8 ‖ index)
//! segment    = AES-256-CBC(cipher key, IV, plaintext zero-padded to whole blocks) ‖ tag (16)
//! tag        = AES-256-CMAC(mac key, prefix (48) ‖ ciphertext)
//! prefix     = SHA-256(header) (32) ‖ index (8) ‖ last (1) ‖ length (4) ‖ 00 × 3
//! ```
//! Numbers are big-endian, `length` is the plaintext's, and empty content has no ciphertext. Only
//! [`Verified`] segments can be decrypted, and several are verified all together or not at all.

use alloc::vec::Vec;

use saifu_wire::stream::{LABEL_CIPHER, LABEL_IV, LABEL_MAC, Segment as Place, mac_prefix};
use zeroize::Zeroize;

use super::aes::{AesKey, BLOCK_LEN};
use super::cmac::TAG_LEN;
use super::hash::HASH_LEN;
use super::{CryptoError, Secret, cbc, cmac, kdf};

/// Holds the three keys of one delivery and the hash of the header they are bound to.
#[derive(Clone, Debug)]
pub struct StreamKeys {
    cipher: AesKey,
    mac: AesKey,
    iv: AesKey,
    header_hash: [u8; HASH_LEN],
}

/// Lends a segment as it came, and says where in the stream it must belong.
#[derive(Clone, Copy, Debug)]
pub struct Segment<'a> {
    /// Its index, whether it is the last, and the length of its plaintext.
    pub place: Place,
    /// Ciphertext ‖ tag.
    pub bytes: &'a [u8],
}

/// Holds segments whose tags were all right under `keys`; only these can be decrypted.
#[derive(Debug)]
pub struct Verified<'k, 'a> {
    keys: &'k StreamKeys,
    segments: Vec<Authentic<'a>>,
}

/// One segment whose tag was right.
#[derive(Debug)]
struct Authentic<'a> {
    index: u64,
    plaintext_len: usize,
    ciphertext: &'a [u8],
}

impl StreamKeys {
    /// Derives the keys from a content key and SHA-256 of the stream's header.
    #[must_use]
    pub fn derive(content_key: &Secret<32>, header_hash: &[u8; HASH_LEN]) -> Self {
        let key = |label| AesKey::from(&kdf::expand(content_key, label, header_hash));
        Self {
            cipher: key(LABEL_CIPHER),
            mac: key(LABEL_MAC),
            iv: key(LABEL_IV),
            header_hash: *header_hash,
        }
    }

    /// Checks that every one of the segments is authentic: its bytes, position, end and length.
    ///
    /// # Errors
    /// [`CryptoError::Refused`], one answer for all, if a single one is not.
    pub fn verify<'a>(&self, segments: &[Segment<'a>]) -> Result<Verified<'_, 'a>, CryptoError> {
        let segments = segments.iter().map(|segment| self.verify_one(segment));
        Ok(Verified { keys: self, segments: segments.collect::<Result<_, _>>()? })
    }

    fn verify_one<'a>(&self, segment: &Segment<'a>) -> Result<Authentic<'a>, CryptoError> {
        let (ciphertext, tag) =
            segment.bytes.split_last_chunk::<TAG_LEN>().ok_or(CryptoError::Refused)?;
        let prefix = mac_prefix(&self.header_hash, &segment.place);
        cmac::verify(&self.mac, &[&prefix, ciphertext], tag)?;
        let plaintext_len =
            usize::try_from(segment.place.plain_bytes).map_err(|_| CryptoError::Refused)?;
        Ok(Authentic { index: segment.place.index, plaintext_len, ciphertext })
    }

    fn iv(&self, index: u64) -> [u8; BLOCK_LEN] {
        let mut block = u128::from(index).to_be_bytes();
        self.iv.encrypt_block(&mut block);
        block
    }
}

impl Verified<'_, '_> {
    /// Decrypts the segments one after the other onto the end of `out`.
    ///
    /// # Errors
    /// [`CryptoError::Refused`] when a sealer with the right keys padded with anything but zeros;
    /// all that was appended is then wiped and taken back.
    pub fn decrypt_into(&self, out: &mut Vec<u8>) -> Result<(), CryptoError> {
        let start = out.len();
        out.reserve(self.segments.iter().map(|segment| segment.ciphertext.len()).sum());
        let result = self.segments.iter().try_for_each(|segment| self.decrypt_one(segment, out));
        if result.is_err() {
            out.iter_mut().skip(start).for_each(|byte| byte.zeroize());
            out.truncate(start);
        }
        result
    }

    fn decrypt_one(&self, segment: &Authentic<'_>, out: &mut Vec<u8>) -> Result<(), CryptoError> {
        let start = out.len();
        out.extend_from_slice(segment.ciphertext);
        let (before, body) = out.split_at_mut_checked(start).ok_or(CryptoError::Refused)?;
        cbc::decrypt(&self.keys.cipher, &self.keys.iv(segment.index), body)?;
        let plaintext = cbc::strip_zero_padding(body, segment.plaintext_len)?;
        let kept = before.len().saturating_add(plaintext.len());
        out.truncate(kept);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use super::super::hash::sha256;
    use super::*;

    const HEADER: &[u8] = b"a header";

    fn keys() -> StreamKeys {
        StreamKeys::derive(&Secret::new([0x4B; 32]), &sha256(&[HEADER]))
    }

    /// Seals as the format says, step by step and apart from the code above.
    fn seal(index: u64, last: bool, length: u32, padded: &[u8]) -> Vec<u8> {
        let hash = sha256(&[HEADER]);
        let key = |label: &[u8]| AesKey::from(&kdf::expand(&Secret::new([0x4B; 32]), label, &hash));
        let mut iv = [0; 16];
        iv[8..].copy_from_slice(&index.to_be_bytes());
        key(b"saifu/1 stream iv").encrypt_block(&mut iv);
        let mut body = padded.to_vec();
        cbc::encrypt(&key(b"saifu/1 stream cipher"), &iv, &mut body).unwrap();
        let mut prefix = [0; 48];
        prefix[..32].copy_from_slice(&hash);
        prefix[32..40].copy_from_slice(&index.to_be_bytes());
        prefix[40] = u8::from(last);
        prefix[41..45].copy_from_slice(&length.to_be_bytes());
        let tag = cmac::cmac(&key(b"saifu/1 stream mac"), &[&prefix, &body]);
        [body.as_slice(), &tag].concat()
    }

    fn sealed(index: u64, last: bool, plaintext: &[u8]) -> Vec<u8> {
        seal(index, last, plaintext.len() as u32, &cbc::zero_padded(plaintext))
    }

    fn segment(index: u64, last: bool, plain_bytes: u32, bytes: &[u8]) -> Segment<'_> {
        Segment { place: Place { index, last, plain_bytes }, bytes }
    }

    fn open(segments: &[Segment<'_>]) -> Result<Vec<u8>, CryptoError> {
        let mut out = vec![];
        keys().verify(segments)?.decrypt_into(&mut out)?;
        Ok(out)
    }

    #[test]
    fn segments_come_out_in_the_order_they_were_handed_in() {
        let (a, b) = (sealed(0, false, &[0xA1; 4032]), sealed(1, true, b"the end"));
        let first = segment(0, false, 4032, &a);
        let second = segment(1, true, 7, &b);
        assert_eq!(open(&[first, second]).unwrap(), [[0xA1; 4032].as_slice(), b"the end"].concat());
        assert_eq!(open(&[second]).unwrap(), b"the end");
    }

    #[test]
    fn empty_content_is_one_tag() {
        let bytes = sealed(0, true, b"");
        assert_eq!(bytes.len(), TAG_LEN);
        assert_eq!(open(&[segment(0, true, 0, &bytes)]).unwrap(), b"");
    }

    #[test]
    fn every_flipped_bit_and_every_cut_is_refused() {
        let good = sealed(3, false, b"seventeen bytes!!");
        assert!(open(&[segment(3, false, 17, &good)]).is_ok());
        for bit in 0..good.len() * 8 {
            let mut wrong = good.clone();
            wrong[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(open(&[segment(3, false, 17, &wrong)]), Err(CryptoError::Refused));
        }
        for len in 0..good.len() {
            assert_eq!(open(&[segment(3, false, 17, &good[..len])]), Err(CryptoError::Refused));
        }
    }

    #[test]
    fn another_position_end_or_length_is_refused() {
        let bytes = sealed(3, false, b"abc");
        assert!(open(&[segment(3, false, 3, &bytes)]).is_ok());
        for wrong in [
            segment(2, false, 3, &bytes),
            segment(u64::MAX, false, 3, &bytes),
            segment(3, true, 3, &bytes),
            segment(3, false, 2, &bytes),
            segment(3, false, 4, &bytes),
            segment(3, false, u32::MAX, &bytes),
        ] {
            assert_eq!(open(&[wrong]), Err(CryptoError::Refused));
        }
    }

    #[test]
    fn another_content_key_or_header_is_refused() {
        let bytes = sealed(0, true, b"abc");
        let other_key = StreamKeys::derive(&Secret::new([0x4C; 32]), &sha256(&[HEADER]));
        let other_header = StreamKeys::derive(&Secret::new([0x4B; 32]), &sha256(&[b"A header"]));
        for keys in [other_key, other_header] {
            assert_eq!(
                keys.verify(&[segment(0, true, 3, &bytes)]).unwrap_err(),
                CryptoError::Refused
            );
        }
    }

    #[test]
    fn one_bad_segment_among_good_ones_yields_nothing() {
        let pieces: Vec<_> = (0..16).map(|i| sealed(i, false, &[7; 100])).collect();
        let segments: Vec<_> = (0..16).map(|i| segment(i as u64, false, 100, &pieces[i])).collect();
        assert_eq!(open(&segments).unwrap().len(), 1600);
        for bad in 0..16 {
            let mut wrong = segments.clone();
            wrong[bad].place.index = 99;
            assert_eq!(keys().verify(&wrong).unwrap_err(), CryptoError::Refused);
        }
    }

    #[test]
    fn authentic_padding_that_is_not_zero_is_refused_and_leaves_nothing_behind() {
        let good = sealed(0, false, &[0x77; 32]);
        let bad = seal(1, true, 3, b"abc\x80\0\0\0\0\0\0\0\0\0\0\0\0");
        let keys = keys();
        let verified =
            keys.verify(&[segment(0, false, 32, &good), segment(1, true, 3, &bad)]).unwrap();
        let mut out = Vec::with_capacity(64);
        out.extend_from_slice(b"kept");
        assert_eq!(verified.decrypt_into(&mut out), Err(CryptoError::Refused));
        assert_eq!(out, b"kept");
    }

    #[test]
    fn authentic_length_that_does_not_fit_the_ciphertext_is_refused() {
        for (length, padded) in [(16, [0; 32].as_slice()), (33, &[0; 32]), (0, &[0; 16])] {
            let bytes = seal(0, true, length, padded);
            assert_eq!(open(&[segment(0, true, length, &bytes)]), Err(CryptoError::Refused));
        }
    }
}
