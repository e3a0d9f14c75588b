//! Secrets of a fixed length: wiped when dropped, compared in constant time, never printed.

use super::{CryptoError, random};
use std::fmt;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// A secret of exactly `N` bytes.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Secret<const N: usize>([u8; N]);

impl<const N: usize> Secret<N> {
    /// Takes over the bytes; the caller's own copy is the caller's to wipe.
    pub const fn new(bytes: [u8; N]) -> Self {
        Self(bytes)
    }

    /// Draws a fresh secret.
    ///
    /// # Errors
    /// [`CryptoError::Failed`] when the random source fails.
    pub fn random() -> Result<Self, CryptoError> {
        let mut drawn = Self([0; N]);
        random::fill(&mut drawn.0)?;
        Ok(drawn)
    }

    /// Lends the bytes.
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
        aws_lc_rs::constant_time::verify_slices_are_equal(&self.0, &other.0).is_ok()
    }
}

impl<const N: usize> Eq for Secret<N> {}

impl<const N: usize> fmt::Debug for Secret<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secret({N} bytes)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_does_not_print_its_bytes() {
        assert_eq!(format!("{:?}", Secret::new([0x5A; 4])), "Secret(4 bytes)");
    }

    #[test]
    fn equal_bytes_are_the_same_secret_and_others_are_not() {
        assert_eq!(Secret::new([1, 2]), Secret::new([1, 2]));
        assert_ne!(Secret::new([1, 2]), Secret::new([1, 3]));
    }

    #[test]
    fn a_secret_is_made_of_its_exact_length_only() {
        assert_eq!(Secret::<4>::try_from(&[7; 4][..]), Ok(Secret::new([7; 4])));
        for wrong in [&[7; 3][..], &[7; 5], &[]] {
            assert_eq!(Secret::<4>::try_from(wrong), Err(CryptoError::Refused));
        }
    }

    #[test]
    fn a_wiped_secret_is_zero() {
        let mut secret = Secret::new([0x5A; 4]);
        secret.zeroize();
        assert_eq!(secret.expose(), &[0; 4]);
    }

    #[test]
    fn two_draws_differ() {
        assert_ne!(Secret::<32>::random().unwrap(), Secret::random().unwrap());
    }
}
