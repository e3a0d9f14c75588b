//! What center and card sign (§8 to §12).
//!
//! Every signed structure is its own four-byte tag, a version, fields of one layout, and
//! an ECDSA P-256 signature (r‖s, 64 bytes) over all bytes before it. Its **identity** is
//! the SHA-256 of those bytes: turning s into n - s changes nothing that anyone compares.

mod card;
mod center;
mod licence;
mod token;

pub use card::{Authentication, Challenge, Closing, ClosingPurse, Event, EventKind, Proof};
pub use center::{Credit, Opening, Outcome, Receipt, TerminateOrder, TimeOrder, UnblockOrder};
pub use licence::{Licence, MAX_PRICES, PaymentOrder};
pub use token::{
    LABEL_PAYLOAD, LABEL_TOKEN_CIPHER, LABEL_TOKEN_MAC, TOKEN_HEADER_BYTES, Token, TokenPayload,
};

use crate::codec::{Malformed, Reader, Wire};
use alloc::vec::Vec;

/// The bytes of a signature: r and s, 32 each.
pub const SIGNATURE_BYTES: usize = 64;

/// The version of every signed structure this crate knows.
pub const VERSION: u8 = 1;

/// A structure that somebody signs.
pub trait Message: Wire {
    /// The four bytes it begins with.
    const TAG: [u8; 4];
}

/// A message with its signature, and the bytes exactly as they were signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed<M> {
    message: M,
    unsigned: Vec<u8>,
    signature: [u8; SIGNATURE_BYTES],
}

/// The bytes of `message` that are signed: tag, version, fields.
pub fn unsigned_bytes<M: Message>(message: &M) -> Vec<u8> {
    let mut out = Vec::from(M::TAG);
    out.push(VERSION);
    message.write(&mut out);
    out
}

impl<M: Message> Signed<M> {
    /// Signs `message` with `sign`, which gets the bytes to be signed.
    pub fn sign<E>(
        message: M,
        sign: impl FnOnce(&[u8]) -> Result<[u8; SIGNATURE_BYTES], E>,
    ) -> Result<Self, E> {
        let unsigned = unsigned_bytes(&message);
        let signature = sign(&unsigned)?;
        Ok(Self { message, unsigned, signature })
    }

    /// Takes a signed structure apart; the signature is **not** verified.
    pub fn parse(bytes: &[u8]) -> Result<Self, Malformed> {
        let (unsigned, signature) = bytes.split_last_chunk().ok_or(Malformed::Short)?;
        let mut reader = Reader::new(unsigned);
        if reader.array::<4>()? != M::TAG || u8::read(&mut reader)? != VERSION {
            return Err(Malformed::Tag);
        }
        let message = M::read(&mut reader)?;
        reader.finish()?;
        Ok(Self { message, unsigned: unsigned.to_vec(), signature: *signature })
    }

    /// The message; worth as much as the signature, once that is verified.
    pub fn message(&self) -> &M {
        &self.message
    }

    /// The bytes that are signed, and whose SHA-256 is the identity.
    pub fn unsigned(&self) -> &[u8] {
        &self.unsigned
    }

    /// The signature, r‖s.
    pub fn signature(&self) -> &[u8; SIGNATURE_BYTES] {
        &self.signature
    }

    /// The whole structure as it travels.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = self.unsigned.clone();
        out.extend_from_slice(&self.signature);
        out
    }
}

/// Declares a message: a tag and a layout.
macro_rules! message {
    ($(#[$meta:meta])* $tag:literal struct $name:ident { $($body:tt)* }) => {
        $crate::layout! {
            $(#[$meta])*
            pub struct $name { $($body)* }
        }
        impl $crate::signed::Message for $name {
            const TAG: [u8; 4] = *$tag;
        }
    };
}
pub(crate) use message;

#[cfg(test)]
mod tests;
