//! Identifiers (§3.2).
//!
//! Each is 16 bytes drawn at random by whoever creates the thing; a [`Digest`] is the
//! SHA-256 of something. They are public, and print as hex.

use crate::codec::{Malformed, Reader, Wire};
use alloc::vec::Vec;
use core::fmt;

macro_rules! identifier {
    ($($(#[$meta:meta])* $name:ident: $length:literal),* $(,)?) => {$(
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
        pub struct $name(pub [u8; $length]);

        impl $name {
            /// The length in bytes.
            pub const LENGTH: usize = $length;

            /// All bytes zero: "none" or "any" where a field allows it.
            pub const ZERO: Self = Self([0; $length]);

            /// Whether all bytes are zero.
            pub fn is_zero(&self) -> bool {
                self.0.iter().all(|byte| *byte == 0)
            }

            /// Reads hex digits, exactly as many as the length asks for.
            pub fn from_hex(text: &str) -> Option<Self> {
                let mut bytes = [0; $length];
                decode_hex(text, &mut bytes).map(|()| Self(bytes))
            }
        }

        impl Wire for $name {
            fn write(&self, out: &mut Vec<u8>) {
                out.extend_from_slice(&self.0);
            }
            fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
                Ok(Self(reader.array()?))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        }
    )*};
}

identifier! {
    /// Names a card for its whole life.
    CardId: 16,
    /// Names a center.
    CenterId: 16,
    /// Names a card's account at one center.
    AccountId: 16,
    /// Names a shop of a center; zero is the center itself.
    ShopId: 16,
    /// Names an order: one work, one licence, one delivery.
    OrderId: 16,
    /// Names a work.
    ContentId: 16,
    /// Names a load of value, or the source of a credit.
    LoadId: 16,
    /// A number used once.
    Nonce: 32,
    /// A SHA-256: of a key, of a header, or the identity of a signed thing.
    Digest: 32,
}

fn decode_hex(text: &str, out: &mut [u8]) -> Option<()> {
    if text.len() != out.len() * 2 || !text.is_ascii() {
        return None;
    }
    for (byte, pair) in out.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        let digits = core::str::from_utf8(pair).ok()?;
        if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return None;
        }
        *byte = u8::from_str_radix(digits, 16).ok()?;
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn hex_comes_back_as_it_went() {
        let text = "000102030405060708090a0b0c0d0e0f";
        assert_eq!(CardId::from_hex(text).unwrap().to_string(), text);
    }

    #[test]
    fn hex_of_another_length_or_alphabet_is_refused() {
        assert_eq!(CardId::from_hex("0001"), None);
        assert_eq!(CardId::from_hex("+00102030405060708090a0b0c0d0e0f"), None);
        assert_eq!(CardId::from_hex("é0102030405060708090a0b0c0d0e0f"), None);
    }
}
