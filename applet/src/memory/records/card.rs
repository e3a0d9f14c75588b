//! What a card knows of itself.

use alloc::vec::Vec;

use saifu_wire::codec::{Bytes, Reader};
use saifu_wire::personalise::{Limits, PinnedRoot};
use saifu_wire::request::{PIN_DIGITS, is_pin};
use saifu_wire::{Malformed, Wire, layout};

use crate::crypto::Secret;

layout! {
    /// What STORE DATA brought, but for the PIN (§14.6).
    pub struct CardRecord {
        /// The issuer's root, which the card trusts.
        root: PinnedRoot,
        /// What may be paid how.
        limits: Limits,
        /// The certificate of `Ksig`, tag 7F21 included.
        signature_certificate: Bytes,
        /// The certificate of `Kup`, tag 7F21 included.
        encryption_certificate: Bytes,
    }
}

layout! {
    /// How far the end of the card's life has come (§6.34).
    #[derive(Default, Copy)]
    pub struct ClosingRecord {
        /// One bit for each center whose closing was answered, in the order of their ids, the
        /// lowest first.
        answered: u32,
    }
}

/// One byte of length, then the most digits a PIN has.
const PIN_BYTES: usize = 1 + *PIN_DIGITS.end();

/// Holds the PIN, padded to one length so that comparing tells nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PinRecord(Secret<PIN_BYTES>);

impl PinRecord {
    /// Takes a PIN over; `None` unless it is well formed (§6.6).
    #[must_use]
    pub fn new(pin: &[u8]) -> Option<Self> {
        if !is_pin(pin) {
            return None;
        }
        let mut padded = Secret::new([0; PIN_BYTES]);
        let (length, digits) = padded.expose_mut().split_first_mut()?;
        *length = u8::try_from(pin.len()).ok()?;
        digits.get_mut(..pin.len())?.copy_from_slice(pin);
        Some(Self(padded))
    }

    /// Says whether `pin` is this one, in constant time; what is not well formed never is.
    #[must_use]
    pub fn is(&self, pin: &[u8]) -> bool {
        Self::new(pin).is_some_and(|presented| presented == *self)
    }
}

impl Wire for PinRecord {
    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.0.expose());
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        let bytes = reader.take(PIN_BYTES)?;
        Secret::try_from(bytes).map(Self).map_err(|_| Malformed::Value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_pin_is_the_same() {
        let stored = PinRecord::from_bytes(&PinRecord::new(b"123456").unwrap().to_bytes()).unwrap();
        assert!(stored.is(b"123456"));
        for wrong in [&b"123457"[..], b"12345", b"1234560", b"", b"123456\0", b"12345678901234"] {
            assert!(!stored.is(wrong));
        }
    }

    #[test]
    fn what_is_not_a_pin_is_not_stored() {
        for bad in [&b"123"[..], b"1234567890123", b"12a4"] {
            assert_eq!(PinRecord::new(bad), None);
        }
    }
}
