//! The test under which every random number is drawn (NIST SP 800-90B, 4.4.1).
//!
//! The repetition count test over samples of 16 bytes, with a cutoff of two: a sound source gives
//! the same sample twice in a row once in 2^128 draws. Beyond the standard, a draw may not begin
//! as the one before it did, which finds a source that starts afresh at every call, and no sample
//! may be zero, which finds one that writes nothing.
//!
//! A source that failed once, by its own word or by this test, is not asked again: everything that
//! draws fails until the next power-up.

use super::hash::{HASH_LEN, sha256};
use super::{Random, RandomFailed, Secret};

/// The bytes of one sample.
pub const SAMPLE_LEN: usize = 16;

/// Remembers what was drawn last, by hashes: what was drawn is a secret.
#[derive(Clone, Debug, Default)]
pub struct HealthTest {
    begin_of_draw: Option<[u8; HASH_LEN]>,
    last: Option<[u8; HASH_LEN]>,
    failed: bool,
}

impl HealthTest {
    /// Says whether the source failed since power-up.
    #[must_use]
    pub const fn has_failed(&self) -> bool {
        self.failed
    }

    /// Fills the whole buffer from a source that passes, now and in every draw before.
    ///
    /// What does not fill a sample is cut from a whole one.
    ///
    /// # Errors
    /// [`RandomFailed`]; the buffer is zero then, and every later draw fails, too.
    pub fn draw(&mut self, source: &mut Random<'_>, out: &mut [u8]) -> Result<(), RandomFailed> {
        let drawn = if self.failed { Err(RandomFailed) } else { self.fill(source, out) };
        if drawn.is_err() {
            self.failed = true;
            out.fill(0);
        }
        drawn
    }

    fn fill(&mut self, source: &mut Random<'_>, out: &mut [u8]) -> Result<(), RandomFailed> {
        let (samples, rest) = out.as_chunks_mut::<SAMPLE_LEN>();
        if !samples.is_empty() {
            source(samples.as_flattened_mut())?;
            self.test(samples)?;
        }
        if !rest.is_empty() {
            let mut sample = Secret::<SAMPLE_LEN>::random(source)?;
            self.test(core::slice::from_mut(sample.expose_mut()))?;
            rest.iter_mut().zip(sample.expose()).for_each(|(to, from)| *to = *from);
        }
        Ok(())
    }

    /// Tests the samples of one draw.
    fn test(&mut self, samples: &[[u8; SAMPLE_LEN]]) -> Result<(), RandomFailed> {
        for (number, sample) in samples.iter().enumerate() {
            let hash = Some(sha256(&[sample]));
            let restarted = number == 0 && self.begin_of_draw == hash;
            if restarted || self.last == hash || *sample == [0; SAMPLE_LEN] {
                return Err(RandomFailed);
            }
            self.last = hash;
            if number == 0 {
                self.begin_of_draw = hash;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::test_help::{broken, counting};
    use super::*;
    use alloc::vec;
    use alloc::vec::Vec;

    /// Gives its draws one after the other.
    fn scripted(
        draws: &[&[[u8; 16]]],
    ) -> impl FnMut(&mut [u8]) -> Result<(), RandomFailed> + use<> {
        let mut draws: Vec<Vec<u8>> = draws.iter().rev().map(|draw| draw.concat()).collect();
        move |out| {
            out.copy_from_slice(&draws.pop().ok_or(RandomFailed)?);
            Ok(())
        }
    }

    /// How many draws of such lengths pass before the first that fails.
    fn passed(source: &mut Random<'_>, lengths: &[usize]) -> usize {
        let mut test = HealthTest::default();
        let draw = |length: &&usize| test.draw(source, &mut vec![0; **length]).is_ok();
        lengths.iter().take_while(draw).count()
    }

    #[test]
    fn a_sound_source_passes_at_every_length_and_unchanged() {
        let mut test = HealthTest::default();
        let (mut tested, mut bare) = (counting(1), counting(1));
        for length in [0, 16, 32, 48, 1_024] {
            let (mut one, mut other) = (vec![0; length], vec![0; length]);
            test.draw(&mut tested, &mut one).unwrap();
            bare(&mut other).unwrap();
            assert_eq!(one, other);
        }
        for length in [1, 8, 15, 17, 33] {
            let mut drawn = vec![0; length];
            test.draw(&mut tested, &mut drawn).unwrap();
            assert!(drawn.iter().any(|byte| *byte != 0), "{length}");
        }
        assert!(!test.has_failed());
    }

    #[test]
    fn pi8_a_source_that_is_zero_stuck_or_repeats_fails() {
        let stuck = |value: u8, lengths: &[usize]| {
            let mut source = |out: &mut [u8]| {
                out.fill(value);
                Ok(())
            };
            passed(&mut source, lengths)
        };
        assert_eq!(stuck(0, &[16]), 0, "zero");
        assert_eq!(stuck(0, &[5]), 0, "zero, and short");
        assert_eq!(stuck(0xA5, &[32]), 0, "within a draw");
        assert_eq!(stuck(0xA5, &[16, 16]), 1, "from draw to draw");
        assert_eq!(stuck(0xA5, &[8, 8]), 1, "short ones");
        let mut restarting = |out: &mut [u8]| counting(7)(out);
        assert_eq!(passed(&mut restarting, &[32, 32]), 1, "the same draw again");
        assert_eq!(passed(&mut restarting, &[48, 16]), 1, "and shorter");
    }

    #[test]
    fn a_sample_that_comes_again_later_is_no_failure() {
        let (a, b, c) = ([1; 16], [2; 16], [3; 16]);
        let mut source = scripted(&[&[a, b], &[c], &[b, a]]);
        assert_eq!(passed(&mut source, &[32, 16, 32]), 3);
        let mut source = scripted(&[&[a, b], &[b]]);
        assert_eq!(passed(&mut source, &[32, 16]), 1, "the last one again");
    }

    #[test]
    fn a_source_that_failed_once_is_not_asked_again_and_leaves_nothing() {
        let mut test = HealthTest::default();
        let mut out = [7; 20];
        assert_eq!(test.draw(&mut broken(), &mut out), Err(RandomFailed));
        assert_eq!((out, test.has_failed()), ([0; 20], true));
        let mut asked = false;
        let mut sound = |_: &mut [u8]| {
            asked = true;
            Ok(())
        };
        assert_eq!(test.draw(&mut sound, &mut [7; 16]), Err(RandomFailed));
        assert!(!asked);
    }
}
