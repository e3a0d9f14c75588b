//! The secrets that are stored: content keys (memory 15) and private keys (memory 16).

use alloc::vec::Vec;

use saifu_wire::codec::{Bytes, Reader};
use saifu_wire::{Digest, Malformed, Wire, layout};

use crate::crypto::{Secret, SecretVec};

/// Holds `Ke`: sealed, it is the seed's `Km[Ke]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContentKeyRecord {
    /// The content key.
    pub key: Secret<32>,
}

impl Wire for ContentKeyRecord {
    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.key.expose());
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        let key = Secret::try_from(reader.take(32)?).map_err(|_| Malformed::Value)?;
        Ok(Self { key })
    }
}

layout! {
    /// Holds `Kup[Ke]` as a verified licence brought it: sealed, it is the seed's
    /// `Km{Kup[Ke]}`.
    pub struct DoubleKeyRecord {
        /// The wrapped key.
        wrapped: Bytes,
        /// The label under which it opens: SHA-256 of the licence's terms (§8.1).
        label: Digest,
        /// The commitment that the key must have.
        commitment: Digest,
    }
}

/// Holds a private key in its own encoding: sealed, it is the seed's `Km[Kus]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretKeyRecord {
    /// The encoded key.
    pub key: SecretVec,
}

impl Wire for SecretKeyRecord {
    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.key.expose());
    }

    /// Takes all that is left: the key is the whole record.
    fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(Self { key: SecretVec::new(reader.rest().to_vec()) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_content_key_has_exactly_32_bytes() {
        assert!(ContentKeyRecord::from_bytes(&[7; 32]).is_ok());
        for wrong in [&[7; 31][..], &[7; 33], &[]] {
            assert!(ContentKeyRecord::from_bytes(wrong).is_err());
        }
    }

    #[test]
    fn a_private_key_comes_back() {
        let record = SecretKeyRecord { key: SecretVec::new([7; 1_200].to_vec()) };
        assert_eq!(SecretKeyRecord::from_bytes(&record.to_bytes()), Ok(record));
    }
}
