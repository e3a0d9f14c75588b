//! The system's random source, as aws-lc-rs conditions it.

use super::CryptoError;

/// Fills the whole buffer with random bytes.
///
/// # Errors
/// [`CryptoError::Failed`] when the source fails; the buffer must not be used then.
pub fn fill(out: &mut [u8]) -> Result<(), CryptoError> {
    aws_lc_rs::rand::fill(out).map_err(|_| CryptoError::Failed)
}

/// Draws an identifier, a nonce or a salt: `N` public random bytes.
///
/// # Errors
/// [`CryptoError::Failed`] when the source fails.
pub fn array<const N: usize>() -> Result<[u8; N], CryptoError> {
    let mut drawn = [0; N];
    fill(&mut drawn)?;
    Ok(drawn)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_draw_fills_the_whole_buffer() {
        // A byte that stays zero in each of 64 draws would be chance once in 2^512.
        let mut seen = [0; 33];
        for _ in 0..64 {
            let drawn: [u8; 33] = array().unwrap();
            seen.iter_mut().zip(drawn).for_each(|(seen, byte)| *seen |= byte);
        }
        assert!(seen.iter().all(|byte| *byte != 0));
    }
}
