//! How slow a real card is.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use super::fault::Time;
use super::text::{self, MAX_TIME};

/// The bytes of a second and the time of each command, as on a card's line.
///
/// | preset | what it is | source |
/// |---|---|---|
/// | `t1-9600` | T=1 at the rate of the ATR's default: 372 clocks a bit at 3.57 MHz | ISO/IEC 7816-3:2006, 8.1, F = 372, D = 1 |
/// | `t1-115200` | T=1 with TA1 18: 31 clocks a bit at 3.57 MHz | tables 7 and 8, F = 372, D = 12 |
/// | `t1-250000` | T=1 with TA1 96: 16 clocks a bit at 4 MHz | tables 7 and 8, F = 512, D = 32 |
/// | `nfc-106` | contactless, 106 kbit/s: 128 clocks a bit at 13.56 MHz | ISO/IEC 14443-4 over 14443-2 |
/// | `nfc-848` | contactless, 848 kbit/s: 16 clocks a bit | the same |
///
/// A T=1 character takes 11 bits (character guard time, 11.2), a block of at most 254 bytes
/// has 4 more (11.3), a chained one is acknowledged by 4, and the direction turns after 22 bits
/// at the earliest (block guard time). Contactless, a byte takes 9 bits, a block of 253 has 3
/// more, and a card answers after about 0.1 ms. What a card computes comes on top.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    bytes_per_second: u32,
    per_command: Duration,
    blocks: Option<Blocks>,
}

/// How what is sent is divided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Blocks {
    most_bytes: usize,
    overhead_bytes: usize,
}

/// T=1 with the largest information field (ISO/IEC 7816-3, 11.3).
const T1: Option<Blocks> = Some(Blocks { most_bytes: 254, overhead_bytes: 4 });
/// ISO/IEC 14443-4 with frames of 256 bytes.
const CONTACTLESS: Option<Blocks> = Some(Blocks { most_bytes: 253, overhead_bytes: 3 });

/// Name, bits per second, bits per byte, microseconds per command, blocks.
const PRESETS: [(&str, u32, u32, u64, Option<Blocks>); 5] = [
    ("t1-9600", 9_600, 11, 4_583, T1),
    ("t1-115200", 115_200, 11, 382, T1),
    ("t1-250000", 250_000, 11, 176, T1),
    ("nfc-106", 105_938, 9, 200, CONTACTLESS),
    ("nfc-848", 847_500, 9, 200, CONTACTLESS),
];

/// A text that is no pace.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is no pace: write t1-9600, t1-115200, t1-250000, nfc-106, nfc-848, or bytes a \
     second and a time for each command, such as 10000/s,2ms"
)]
pub struct PaceTextError(String);

impl Pace {
    /// So many bytes a second, at least 1, and a time for each command.
    #[must_use]
    pub fn new(bytes_per_second: u32, per_command: Duration) -> Self {
        Self { bytes_per_second: bytes_per_second.max(1), per_command, blocks: None }
    }

    /// How long a command and its answer take.
    #[must_use]
    pub fn time(&self, command_bytes: usize, answer_bytes: usize) -> Duration {
        let bytes = self.on_line(command_bytes) + self.on_line(answer_bytes);
        let micros = (bytes as u64).saturating_mul(1_000_000) / u64::from(self.bytes_per_second);
        self.per_command.saturating_add(Duration::from_micros(micros))
    }

    /// The bytes of a message with what its blocks add.
    fn on_line(&self, bytes: usize) -> usize {
        let Some(blocks) = self.blocks else { return bytes };
        let count = bytes.div_ceil(blocks.most_bytes).max(1);
        bytes + (2 * count - 1) * blocks.overhead_bytes
    }
}

impl FromStr for Pace {
    type Err = PaceTextError;

    fn from_str(text: &str) -> Result<Self, PaceTextError> {
        if let Some(preset) = PRESETS.iter().find(|preset| preset.0 == text) {
            let (_, bits, per_byte, micros, blocks) = *preset;
            let per_command = Duration::from_micros(micros);
            return Ok(Self { bytes_per_second: bits / per_byte, per_command, blocks });
        }
        parse(text).ok_or_else(|| PaceTextError(text.to_owned()))
    }
}

fn parse(text: &str) -> Option<Pace> {
    let (rate, time) = match text.split_once(',') {
        Some((rate, time)) => (rate, text::time(time).filter(|time| *time <= MAX_TIME)?),
        None => (text, Duration::ZERO),
    };
    let rate = rate.strip_suffix("/s")?.parse().ok().filter(|rate| *rate > 0)?;
    Some(Pace::new(rate, time))
}

impl fmt::Display for Pace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let named = PRESETS.iter().find(|preset| preset.0.parse().as_ref() == Ok(self));
        match named {
            Some(preset) => f.write_str(preset.0),
            None => write!(f, "{}/s,{}", self.bytes_per_second, Time(self.per_command)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pace_is_read_and_gives_its_text_back() {
        for text in ["t1-9600", "t1-250000", "nfc-848", "10000/s,2ms", "1/s,0s"] {
            assert_eq!(text.parse::<Pace>().unwrap().to_string(), text);
        }
        assert_eq!("500/s".parse(), Ok(Pace::new(500, Duration::ZERO)));
        for bad in
            ["", "fast", "0/s", "10000", "10/s,", "10/s,2", "-1/s", "5000000000/s", "1/s,61m"]
        {
            assert!(bad.parse::<Pace>().is_err(), "{bad}");
        }
    }

    /// 9,600 bits a second are 872 characters of 11 bits; a block has 4 more bytes.
    #[test]
    fn a_contact_card_takes_as_long_as_the_standard_says() {
        let slow: Pace = "t1-9600".parse().unwrap();
        let short = slow.time(5, 2);
        assert!((21..23).contains(&short.as_millis()), "15 bytes and 4.6 ms: {short:?}");
        let long = slow.time(5, 1_024);
        assert!((1_230..1_260).contains(&long.as_millis()), "five blocks: {long:?}");
    }

    #[test]
    fn a_plain_pace_is_bytes_and_a_time() {
        let pace = Pace::new(1_000, Duration::from_millis(5));
        assert_eq!(pace.time(60, 40), Duration::from_millis(105));
        assert_eq!(Pace::new(1, Duration::MAX).time(1, 2), Duration::MAX);
    }
}
