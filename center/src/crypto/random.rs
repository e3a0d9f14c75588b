//! The system's random source, as aws-lc-rs conditions it.

use std::time::{SystemTime, UNIX_EPOCH};

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

/// Draws an identifier that sorts by when it was drawn: a UUID of version 7 (RFC 9562 §5.7). What
/// is drawn one after the other lies side by side in an index; 74 bits of it cannot be guessed.
///
/// # Errors
/// [`CryptoError::Failed`] when the source fails.
pub fn ordered_id() -> Result<[u8; 16], CryptoError> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let millis = u64::try_from(since.as_millis()).unwrap_or(u64::MAX);
    let mut id = array::<16>()?;
    id[..6].copy_from_slice(&millis.to_be_bytes()[2..]);
    id[6] = 0x70 | (id[6] & 0x0F);
    id[8] = 0x80 | (id[8] & 0x3F);
    Ok(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_differ_and_sort_by_the_time_at_which_they_were_drawn() {
        let first = ordered_id().unwrap();
        std::thread::sleep(std::time::Duration::from_millis(2));
        let (second, third) = (ordered_id().unwrap(), ordered_id().unwrap());
        assert!(first[..6] < second[..6], "{first:?} {second:?}");
        assert_ne!(second, third);
        for id in [first, second, third] {
            assert_eq!((id[6] >> 4, id[8] >> 6), (7, 2), "version and variant: {id:?}");
        }
    }

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
