//! How long what was named took (LANGUAGE.md §6).

use super::limits::{MAX_SAMPLES, MAX_TIMED};
use std::collections::HashMap;
use std::time::Duration;

/// Samples by name.
#[derive(Default)]
pub(super) struct Times {
    samples: HashMap<String, Vec<Duration>>,
}

impl Times {
    /// Notes a sample; where there are too many, not.
    pub(super) fn add(&mut self, name: &str, took: Duration) {
        if let Some(samples) = self.samples.get_mut(name) {
            if samples.len() < MAX_SAMPLES {
                samples.push(took);
            }
        } else if self.samples.len() < MAX_TIMED {
            self.samples.insert(name.to_owned(), vec![took]);
        }
    }

    /// The median of a name's samples, and how many there are.
    pub(super) fn median(&self, name: &str) -> Option<(Duration, usize)> {
        let mut samples = self.samples.get(name)?.clone();
        samples.sort_unstable();
        let middle = samples.get(samples.len() / 2)?;
        Some((*middle, samples.len()))
    }

    /// Whether the median of one is at most so many thousandths of another's; else both.
    pub(super) fn compare(&self, name: &str, thousandths: u32, than: &str) -> Result<(), Slower> {
        let median = |name: &str| {
            self.median(name).ok_or_else(|| {
                Slower::None(format!("nothing was timed as {name}: `as {name}` at a command does"))
            })
        };
        let ((slow, _), (quick, _)) = (median(name)?, median(than)?);
        let most = quick.as_nanos().saturating_mul(u128::from(thousandths)) / 1_000;
        if slow.as_nanos() <= most { Ok(()) } else { Err(Slower::By { slow, quick }) }
    }
}

/// Why a time does not hold.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Slower {
    /// There is nothing to compare.
    None(String),
    /// The medians.
    By { slow: Duration, quick: Duration },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians_are_compared_by_their_ratio() {
        let mut times = Times::default();
        for (name, micros) in [("slow", 30), ("slow", 900), ("slow", 20), ("quick", 20)] {
            times.add(name, Duration::from_micros(micros));
        }
        assert_eq!(times.median("slow"), Some((Duration::from_micros(30), 3)));
        assert_eq!(times.compare("slow", 1_500, "quick"), Ok(()));
        let slower = times.compare("slow", 1_499, "quick");
        assert!(matches!(slower, Err(Slower::By { .. })), "{slower:?}");
        let Err(Slower::None(why)) = times.compare("slow", 1_000, "other") else { panic!() };
        assert!(why.contains("as other"));
    }
}
