//! Keeps works and previews as blobs, each under the SHA-256 of its bytes.
//!
//! A blob never changes: the same bytes are one blob, other bytes are another. What [`Blobs::put`]
//! has returned survives a power cut; what it has not returned is as if it had never begun.

use std::fmt;
use std::io::{self, Read, Seek};
use std::str::FromStr;

mod checked;
mod folder;

pub use checked::Checked;
pub use folder::Folder;

/// Where blobs are kept: a folder, or another store with the same promises.
pub trait Blobs: Send + Sync {
    /// Keeps all that `source` reads and returns its reference, in bounded memory.
    ///
    /// # Errors
    /// The source cannot be read, the store cannot be written, or the blob is over the store's
    /// limit; the store is then as before.
    fn put(&self, source: &mut dyn Read) -> Result<BlobRef, BlobError>;

    /// Takes in all that `source` reads, in bounded memory, if it has the digest `sha256` where
    /// one is named: to be read, and then kept or dropped.
    ///
    /// # Errors
    /// As [`Blobs::put`]; it has another digest.
    fn stage(
        &self,
        source: &mut dyn Read,
        sha256: Option<BlobId>,
    ) -> Result<Box<dyn Staged + '_>, BlobError>;

    /// Opens a blob at its first byte.
    ///
    /// # Errors
    /// The blob is not there, has another length than `blob` says, or cannot be read.
    fn open(&self, blob: &BlobRef) -> Result<Box<dyn Blob>, BlobError>;
}

/// What was taken in, and is no blob yet: dropped, it leaves nothing behind.
pub trait Staged {
    /// What names it.
    fn blob(&self) -> BlobRef;

    /// Opens it at its first byte.
    ///
    /// # Errors
    /// It cannot be read.
    fn open(&self) -> Result<Box<dyn Blob>, BlobError>;

    /// Keeps it; as [`Blobs::put`].
    ///
    /// # Errors
    /// The store cannot be written; it is then as before.
    fn keep(self: Box<Self>) -> Result<BlobRef, BlobError>;
}

/// An open blob.
pub trait Blob: Read + Seek + Send + Sync {}

impl<T: Read + Seek + Send + Sync> Blob for T {}

/// What names a blob: digest and length.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct BlobRef {
    /// The digest of its bytes.
    pub sha256: BlobId,
    /// How many bytes it has.
    pub length: u64,
}

/// A SHA-256 digest; written as 64 hexadecimal digits, lower case.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BlobId(pub [u8; 32]);

impl fmt::Display for BlobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for BlobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BlobId({self})")
    }
}

impl FromStr for BlobId {
    type Err = BlobError;

    fn from_str(text: &str) -> Result<Self, BlobError> {
        let mut digest = [0; 32];
        hex::decode_to_slice(text, &mut digest).map_err(|_| BlobError::BadId)?;
        Ok(Self(digest))
    }
}

/// Why a blob was not kept or not opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BlobError {
    /// The bytes to be kept cannot be read.
    #[error("what is to be kept cannot be read ({0}): nothing was kept, try again")]
    Source(#[source] io::Error),
    /// The store cannot be read or written.
    #[error("the blob store fails to {what} ({error}): check its disk and its permissions")]
    Store {
        /// What it was doing.
        what: &'static str,
        /// What the system said.
        #[source]
        error: io::Error,
    },
    /// What was to be kept is not what its sender says it is.
    #[error(
        "the file has the SHA-256 {is}, and should have {should}: nothing was kept, fetch the \
         file again or correct the digest"
    )]
    OtherDigest {
        /// Its digest.
        is: BlobId,
        /// The digest that it should have.
        should: BlobId,
    },
    /// The blob is longer than the store takes.
    #[error("the file has more than {max_bytes} bytes, the most that is kept: raise the limit")]
    TooLong {
        /// The store's limit.
        max_bytes: u64,
    },
    /// The store has no such blob.
    #[error("the blob store has no {0}: restore it from a backup, or register the work again")]
    Missing(BlobId),
    /// The store's blob was cut or grew.
    #[error(
        "blob {id} has {is} bytes and should have {should}: it is damaged, restore it from a \
         backup"
    )]
    WrongLength {
        /// Which blob.
        id: BlobId,
        /// Its length in the store.
        is: u64,
        /// The length in its reference.
        should: u64,
    },
    /// What should name a blob does not.
    #[error("a blob is named by the 64 hexadecimal digits of its SHA-256: give these")]
    BadId,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_64_hex_digits_and_nothing_else() {
        let text = "00ff".repeat(16);
        let id: BlobId = text.parse().unwrap();
        assert_eq!(id.to_string(), text);
        assert_eq!(text.to_uppercase().parse::<BlobId>().unwrap(), id);
        for bad in ["", &text[..63], &text[..62], &format!("{text}0"), &format!("{text}00")] {
            assert!(matches!(bad.parse::<BlobId>(), Err(BlobError::BadId)), "{bad}");
        }
        for bad in ["../../../../../../../../../../../../../../../../../../etc/passwd.", "g"] {
            assert!(bad.repeat(64 / bad.len()).parse::<BlobId>().is_err(), "{bad}");
        }
    }
}
