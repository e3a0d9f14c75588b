//! Authenticated sealing of what leaves the secure area: AES-256-CBC, then AES-256-CMAC.
//!
//! ```text
//! sealed = length (4) ‖ IV (16) ‖ ciphertext (whole blocks) ‖ tag (16)
//! tag    = CMAC(mac key, length of ad (8) ‖ ad ‖ length ‖ IV ‖ ciphertext)
//! ```
//! The length is that of the plaintext, u32 big-endian; zeros fill the last block. The IV is drawn
//! at random for every sealing and is never a version number: a commit that was torn repeats its
//! version. The tag covers the associated data, which says what the record is and is not stored.

use alloc::vec::Vec;

use super::aes::{AesKey, BLOCK_LEN};
use super::cmac::TAG_LEN;
use super::{CryptoError, Random, Secret, SecretVec, cbc, cmac, kdf, same_bytes};

/// How many bytes a sealed record is longer than its zero-padded plaintext.
pub const OVERHEAD: usize = LENGTH_LEN + BLOCK_LEN + TAG_LEN;

const LENGTH_LEN: usize = 4;
const CIPHER_LABEL: &[u8] = b"saifu/1 seal cipher";
const MAC_LABEL: &[u8] = b"saifu/1 seal mac";

/// Gives the bytes of a sealed record of a plaintext of so many.
#[must_use]
pub const fn sealed_bytes(plain_bytes: usize) -> usize {
    plain_bytes.next_multiple_of(BLOCK_LEN).saturating_add(OVERHEAD)
}

/// Holds the two keys of one purpose.
#[derive(Clone, Debug)]
pub struct SealKeys {
    cipher: AesKey,
    mac: AesKey,
}

impl SealKeys {
    /// Derives the keys of one purpose from the master key.
    ///
    /// HKDF-Expand over `saifu/1 seal cipher` ‖ `purpose`, and `saifu/1 seal mac` ‖ `purpose`; so
    /// two purposes share no key.
    #[must_use]
    pub fn derive(master: &Secret<32>, purpose: &[u8]) -> Self {
        Self {
            cipher: AesKey::from(&kdf::expand(master, CIPHER_LABEL, purpose)),
            mac: AesKey::from(&kdf::expand(master, MAC_LABEL, purpose)),
        }
    }

    /// Seals a plaintext, bound to its associated data.
    ///
    /// # Errors
    /// [`CryptoError::RandomFailed`]; [`CryptoError::Refused`] for a plaintext of 4 GiB and more.
    pub fn seal(
        &self,
        random: &mut Random<'_>,
        associated: &[u8],
        plaintext: &[u8],
    ) -> Result<Vec<u8>, CryptoError> {
        let length = u32::try_from(plaintext.len()).map_err(|_| CryptoError::Refused)?;
        let mut iv = [0; BLOCK_LEN];
        random(&mut iv)?;
        let mut body = cbc::zero_padded(plaintext);
        cbc::encrypt(&self.cipher, &iv, &mut body)?;
        let record = Record { length: &length.to_be_bytes(), iv: &iv, body: &body };
        Ok([record.length.as_slice(), &iv, &body, &self.tag(associated, &record)].concat())
    }

    /// Opens a sealed record that has this associated data.
    ///
    /// # Errors
    /// [`CryptoError::Refused`], one answer for all: nothing is decrypted before the tag is right.
    pub fn open(&self, associated: &[u8], sealed: &[u8]) -> Result<SecretVec, CryptoError> {
        let (record, tag) = Record::split(sealed).ok_or(CryptoError::Refused)?;
        if !same_bytes(&self.tag(associated, &record), tag) {
            return Err(CryptoError::Refused);
        }
        let mut plaintext = SecretVec::new(record.body.to_vec());
        cbc::decrypt(&self.cipher, record.iv, plaintext.expose_mut())?;
        let len = record.plaintext_len()?;
        cbc::strip_zero_padding(plaintext.expose(), len)?;
        plaintext.truncate(len);
        Ok(plaintext)
    }

    fn tag(&self, associated: &[u8], record: &Record<'_>) -> [u8; TAG_LEN] {
        let associated_len = (associated.len() as u64).to_be_bytes();
        let parts = [&associated_len, associated, record.length, record.iv, record.body];
        cmac::cmac(&self.mac, &parts)
    }
}

/// What the tag of a sealed record covers, besides the associated data.
struct Record<'a> {
    length: &'a [u8; LENGTH_LEN],
    iv: &'a [u8; BLOCK_LEN],
    body: &'a [u8],
}

impl<'a> Record<'a> {
    fn split(sealed: &'a [u8]) -> Option<(Self, &'a [u8; TAG_LEN])> {
        let (length, rest) = sealed.split_first_chunk()?;
        let (iv, rest) = rest.split_first_chunk()?;
        let (body, tag) = rest.split_last_chunk()?;
        Some((Self { length, iv, body }, tag))
    }

    fn plaintext_len(&self) -> Result<usize, CryptoError> {
        usize::try_from(u32::from_be_bytes(*self.length)).map_err(|_| CryptoError::Refused)
    }
}

#[cfg(test)]
mod tests {
    use super::super::test_help::{broken, counting, hex};
    use super::*;

    fn keys(purpose: &[u8]) -> SealKeys {
        SealKeys::derive(&Secret::new([0x4B; 32]), purpose)
    }

    #[test]
    fn what_is_sealed_opens_again_at_every_length() {
        for len in [0, 1, 15, 16, 17, 1000] {
            let plaintext = alloc::vec![0x77; len];
            let sealed = keys(b"money").seal(&mut counting(1), b"card", &plaintext).unwrap();
            assert_eq!(sealed.len(), len.next_multiple_of(16) + OVERHEAD);
            assert_eq!(keys(b"money").open(b"card", &sealed).unwrap().expose(), plaintext);
        }
    }

    #[test]
    fn the_layout_is_the_documented_one() {
        let master = Secret::new([0x4B; 32]);
        let cipher = AesKey::from(&kdf::expand(&master, b"saifu/1 seal cipher", b"money"));
        let mac = AesKey::from(&kdf::expand(&master, b"saifu/1 seal mac", b"money"));
        let iv: [u8; 16] = core::array::from_fn(|i| i as u8 + 1);
        let mut body = [b"abc".as_slice(), &[0; 13]].concat();
        cbc::encrypt(&cipher, &iv, &mut body).unwrap();
        let prefix = [&[0, 0, 0, 3], iv.as_slice(), &body].concat();
        let tag = cmac::cmac(&mac, &[&hex("0000000000000004"), b"card", &prefix]);
        let sealed = keys(b"money").seal(&mut counting(1), b"card", b"abc").unwrap();
        assert_eq!(sealed, [prefix.as_slice(), &tag].concat());
    }

    #[test]
    fn every_flipped_bit_and_every_cut_is_refused() {
        let sealed = keys(b"money").seal(&mut counting(1), b"card", b"seventeen bytes!!").unwrap();
        for bit in 0..sealed.len() * 8 {
            let mut wrong = sealed.clone();
            wrong[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(keys(b"money").open(b"card", &wrong), Err(CryptoError::Refused));
        }
        for len in 0..sealed.len() {
            assert_eq!(keys(b"money").open(b"card", &sealed[..len]), Err(CryptoError::Refused));
        }
    }

    #[test]
    fn another_purpose_master_or_associated_data_does_not_open_it() {
        let sealed = keys(b"money").seal(&mut counting(1), b"card", b"100").unwrap();
        let other = SealKeys::derive(&Secret::new([0x4C; 32]), b"money");
        assert_eq!(keys(b"key").open(b"card", &sealed), Err(CryptoError::Refused));
        assert_eq!(other.open(b"card", &sealed), Err(CryptoError::Refused));
        for associated in [b"".as_slice(), b"car", b"card\0", b"dra"] {
            assert_eq!(keys(b"money").open(associated, &sealed), Err(CryptoError::Refused));
        }
    }

    #[test]
    fn bytes_cannot_move_between_associated_data_and_record() {
        let sealed = keys(b"money").seal(&mut counting(1), b"card", b"100").unwrap();
        let moved = [b"d".as_slice(), &sealed].concat();
        assert_eq!(keys(b"money").open(b"car", &moved), Err(CryptoError::Refused));
    }

    #[test]
    fn an_authentic_record_with_wrong_padding_is_refused() {
        let keys = keys(b"money");
        let iv = [9; 16];
        for (length, plain) in [(3u32, [7; 16]), (17, [0; 16]), (0, [0; 16]), (u32::MAX, [0; 16])] {
            let mut body = plain.to_vec();
            cbc::encrypt(&keys.cipher, &iv, &mut body).unwrap();
            let record = Record { length: &length.to_be_bytes(), iv: &iv, body: &body };
            let tag = keys.tag(b"card", &record);
            let sealed = [record.length.as_slice(), &iv, &body, &tag].concat();
            assert_eq!(keys.open(b"card", &sealed), Err(CryptoError::Refused));
        }
    }

    #[test]
    fn the_same_plaintext_sealed_twice_differs() {
        let mut source = counting(1);
        let one = keys(b"money").seal(&mut source, b"card", b"100").unwrap();
        let two = keys(b"money").seal(&mut source, b"card", b"100").unwrap();
        assert_ne!(one, two);
    }

    #[test]
    fn a_failed_source_seals_nothing() {
        let sealed = keys(b"money").seal(&mut broken(), b"card", b"100");
        assert_eq!(sealed, Err(CryptoError::RandomFailed));
    }
}
