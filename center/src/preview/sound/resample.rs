//! Lowers a sample rate without folding high tones down into low ones.
//!
//! Each new sample is the old ones around it weighed by a low-pass, a sinc under a Kaiser window,
//! that lets nothing through above half the new rate.

use std::f64::consts::PI;

/// The low-pass reaches over so many new samples on either side.
const REACH: usize = 24;

/// Its middle, as a share of half the new rate: low enough that its slope ends there.
const CUT_OFF: f64 = 0.89;

/// Kaiser's shape parameter; 8 leaves less than a ten-thousandth of what is to be kept out.
const KAISER_BETA: f64 = 8.0;

/// Points of the table per new sample; between them it is interpolated.
const POINTS: usize = 512;

/// Returns the sound at `to_hz`, which is at most `from_hz`; same length in time.
pub(super) fn down(samples: &[f32], from_hz: u32, to_hz: u32) -> Vec<f32> {
    let table = low_pass();
    let (from, to) = (u64::from(from_hz), u64::from(to_hz));
    let step = f64::from(from_hz) / f64::from(to_hz);
    let reach = REACH as f64 * step;
    let count = samples.len() as u64 * to / from;
    let sample_at = |index: u64| {
        let centre = (index * from / to) as f64 + (index * from % to) as f64 / f64::from(to_hz);
        let first = (centre - reach).ceil().max(0.0) as usize;
        let last = ((centre + reach).floor() as usize + 1).min(samples.len());
        let near = samples.get(first..last).unwrap_or_default().iter().zip(first..);
        let sum: f64 = near
            .map(|(sample, at)| {
                f64::from(*sample) * weight(&table, (at as f64 - centre).abs() / step)
            })
            .sum();
        (sum / step) as f32
    };
    (0..count).map(sample_at).collect()
}

/// The table's value at a distance in new samples.
fn weight(table: &[f64], distance: f64) -> f64 {
    let point = distance * POINTS as f64;
    let index = point as usize;
    match table.get(index..index + 2) {
        Some(&[left, right]) => left + (right - left) * (point - index as f64),
        _ => 0.0,
    }
}

fn low_pass() -> Vec<f64> {
    let value = |point: usize| {
        let distance = point as f64 / POINTS as f64;
        let share = distance / REACH as f64;
        let window = bessel_i0(KAISER_BETA * (1.0 - share * share).max(0.0).sqrt());
        CUT_OFF * sinc(CUT_OFF * distance) * window / bessel_i0(KAISER_BETA)
    };
    (0..=REACH * POINTS).map(value).collect()
}

fn sinc(x: f64) -> f64 {
    if x == 0.0 { 1.0 } else { (PI * x).sin() / (PI * x) }
}

/// The modified Bessel function of the first kind and order zero, by its power series.
fn bessel_i0(x: f64) -> f64 {
    let (mut sum, mut term, mut n) = (1.0, 1.0, 1.0);
    while term > sum * 1e-12 {
        term *= (x / (2.0 * n)).powi(2);
        sum += term;
        n += 1.0;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tone(hz: f64, rate_hz: u32, seconds: f64) -> Vec<f32> {
        let count = (f64::from(rate_hz) * seconds) as usize;
        (0..count).map(|n| (2.0 * PI * hz * n as f64 / f64::from(rate_hz)).sin() as f32).collect()
    }

    /// The loudest sample, but for the ends, where the low-pass lacks its neighbours.
    fn peak(samples: &[f32]) -> f32 {
        let edge = samples.len() / 10;
        samples[edge..samples.len() - edge].iter().fold(0.0, |peak, s| peak.max(s.abs()))
    }

    #[test]
    fn a_tone_below_the_limit_comes_through_sample_for_sample() {
        for (from_hz, to_hz) in [(44_100, 16_000), (48_000, 11_025), (16_000, 16_000)] {
            for hz in [100.0, 1_000.0, 4_000.0] {
                let lowered = down(&tone(hz, from_hz, 0.5), from_hz, to_hz);
                let expected = tone(hz, to_hz, 0.5);
                assert_eq!(lowered.len(), expected.len());
                let off: Vec<f32> = lowered.iter().zip(&expected).map(|(a, b)| a - b).collect();
                assert!(peak(&off) < 0.002, "{from_hz} {to_hz} {hz}: {}", peak(&off));
            }
        }
    }

    #[test]
    fn a_tone_above_half_the_new_rate_is_not_heard_as_another() {
        for (from_hz, to_hz) in [(44_100, 16_000), (48_000, 8_000), (192_000, 11_025)] {
            for above in [1.0, 1.1, 1.5, 2.0, 2.7] {
                let hz = f64::from(to_hz) / 2.0 * above;
                let lowered = down(&tone(hz, from_hz, 0.3), from_hz, to_hz);
                assert!(peak(&lowered) < 0.001, "{from_hz} {to_hz} {hz}: {}", peak(&lowered));
            }
        }
    }

    #[test]
    fn nothing_in_gives_nothing_out() {
        assert!(down(&[], 44_100, 16_000).is_empty());
    }
}
