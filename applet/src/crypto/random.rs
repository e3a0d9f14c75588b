//! The way from the platform's random source, which may fail, to libraries that do not expect it.
//!
//! Key generation and blinding need an unknown number of random bytes and reject some of them.
//! They get a ChaCha20 generator whose 32-byte seed was drawn from the source in **one** call. So
//! a failure is seen before anything is computed, no failure can be ignored half way, and a source
//! that is stuck at one value cannot keep a rejection loop turning for ever.

use core::fmt;

use chacha20::ChaCha20Rng;
use rand_core::SeedableRng;

use super::Secret;

/// Fills the whole buffer with random bytes, or fails.
pub type Random<'a> = dyn FnMut(&mut [u8]) -> Result<(), RandomFailed> + 'a;

/// Says that the random source failed; whatever it wrote must not be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RandomFailed;

impl fmt::Display for RandomFailed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the random source failed")
    }
}

impl core::error::Error for RandomFailed {}

/// Seeds a generator for one operation; it never fails and is wiped when dropped.
pub(super) fn seeded(random: &mut Random<'_>) -> Result<ChaCha20Rng, RandomFailed> {
    let seed = Secret::<32>::random(random)?;
    Ok(ChaCha20Rng::from_seed(*seed.expose()))
}

#[cfg(test)]
mod tests {
    use rand_core::Rng;

    use super::super::test_help::{broken, counting, hex};
    use super::*;

    #[test]
    fn the_generator_is_chacha20_under_the_drawn_seed() {
        // RFC 8439, A.1, test vector 1: the keystream of an all-zero key and nonce.
        let mut stuck = |out: &mut [u8]| {
            out.fill(0);
            Ok(())
        };
        let mut out = [0; 32];
        seeded(&mut stuck).unwrap().fill_bytes(&mut out);
        let keystream = "76b8e0ada0f13d90405d6ae55386bd28 bdd219b8a08ded1aa836efcc8b770dc7";
        assert_eq!(out.as_slice(), hex(keystream));
    }

    #[test]
    fn one_draw_seeds_one_generator() {
        let mut draws = 0;
        let mut source = counting(0);
        let mut counted = |out: &mut [u8]| {
            draws += 1;
            assert_eq!(out.len(), 32);
            source(out)
        };
        let mut out = [0; 1000];
        seeded(&mut counted).unwrap().fill_bytes(&mut out);
        assert_eq!(draws, 1);
    }

    #[test]
    fn a_failed_source_gives_no_generator() {
        assert_eq!(seeded(&mut broken()).unwrap_err(), RandomFailed);
    }
}
