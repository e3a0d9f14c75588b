//! Secrets as types: wiped when dropped, compared in constant time, never printed.

use alloc::vec::Vec;
use core::fmt;

use subtle::ConstantTimeEq;
use zeroize::{Zeroize, ZeroizeOnDrop};

use super::{CryptoError, Random, RandomFailed};

/// Says whether two byte strings are equal, in a time that depends on their lengths alone.
#[must_use]
pub fn same_bytes(a: &[u8], b: &[u8]) -> bool {
    a.ct_eq(b).into()
}

/// Holds a secret of exactly `N` bytes.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Secret<const N: usize>([u8; N]);

impl<const N: usize> Secret<N> {
    /// Takes over the bytes; the caller's own copy is the caller's to wipe.
    #[must_use]
    pub const fn new(bytes: [u8; N]) -> Self {
        Self(bytes)
    }

    /// Draws a fresh secret.
    ///
    /// # Errors
    /// [`RandomFailed`] when the source fails; what it wrote is wiped.
    pub fn random(random: &mut Random<'_>) -> Result<Self, RandomFailed> {
        let mut drawn = Self([0; N]);
        random(&mut drawn.0)?;
        Ok(drawn)
    }

    /// Lends the bytes.
    #[must_use]
    pub const fn expose(&self) -> &[u8; N] {
        &self.0
    }

    /// Lends the bytes to be filled in place, so that no unwiped copy is made on the way.
    pub const fn expose_mut(&mut self) -> &mut [u8; N] {
        &mut self.0
    }
}

impl<const N: usize> TryFrom<&[u8]> for Secret<N> {
    type Error = CryptoError;

    fn try_from(bytes: &[u8]) -> Result<Self, CryptoError> {
        let bytes: &[u8; N] = bytes.try_into().map_err(|_| CryptoError::Refused)?;
        Ok(Self(*bytes))
    }
}

impl<const N: usize> PartialEq for Secret<N> {
    fn eq(&self, other: &Self) -> bool {
        same_bytes(&self.0, &other.0)
    }
}

impl<const N: usize> Eq for Secret<N> {}

impl<const N: usize> fmt::Debug for Secret<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secret({N} bytes)")
    }
}

/// Holds a secret whose length is not fixed.
#[derive(Clone, Default, Zeroize, ZeroizeOnDrop)]
pub struct SecretVec(Vec<u8>);

impl SecretVec {
    /// Takes over the bytes; the vector is wiped with its whole capacity.
    #[must_use]
    pub const fn new(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// Lends the bytes.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        &self.0
    }

    /// Lends the bytes to be changed in place.
    #[must_use]
    pub fn expose_mut(&mut self) -> &mut [u8] {
        &mut self.0
    }

    /// Keeps the first `len` bytes; the others are wiped with the rest.
    pub fn truncate(&mut self, len: usize) {
        self.0.truncate(len);
    }

    /// Gives the length in bytes, which is no secret.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.0.len()
    }

    /// Says whether there are no bytes.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<Vec<u8>> for SecretVec {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }
}

impl PartialEq for SecretVec {
    fn eq(&self, other: &Self) -> bool {
        same_bytes(&self.0, &other.0)
    }
}

impl Eq for SecretVec {}

impl fmt::Debug for SecretVec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretVec({} bytes)", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use alloc::format;

    use super::super::test_help::{broken, counting};
    use super::*;

    #[test]
    fn a_secret_does_not_print_its_bytes() {
        assert_eq!(format!("{:?}", Secret::new([0x5A; 4])), "Secret(4 bytes)");
        assert_eq!(format!("{:?}", SecretVec::new([0x5A; 4].to_vec())), "SecretVec(4 bytes)");
    }

    #[test]
    fn equal_bytes_are_the_same_and_others_are_not() {
        assert!(same_bytes(b"", b"") && same_bytes(b"abc", b"abc"));
        assert!(!same_bytes(b"abc", b"abd") && !same_bytes(b"abc", b"ab"));
        assert_eq!(Secret::new([1, 2]), Secret::new([1, 2]));
        assert_ne!(Secret::new([1, 2]), Secret::new([1, 3]));
    }

    #[test]
    fn a_secret_wipes() {
        let mut secret = Secret::new([0x5A; 4]);
        secret.zeroize();
        assert_eq!(secret.expose(), &[0; 4]);
    }

    #[test]
    fn a_secret_is_made_of_its_exact_length_only() {
        assert!(Secret::<4>::try_from([1, 2, 3, 4].as_slice()).is_ok());
        for wrong in [[0; 3].as_slice(), &[0; 5], &[]] {
            assert_eq!(Secret::<4>::try_from(wrong), Err(CryptoError::Refused));
        }
    }

    #[test]
    fn a_failed_draw_is_no_secret() {
        assert!(Secret::<32>::random(&mut counting(1)).is_ok());
        assert_eq!(Secret::<32>::random(&mut broken()), Err(RandomFailed));
    }
}
