//! Takes an excerpt of a sound: mono, at a low sample rate, as 16-bit WAV.

use std::io::{Cursor, Read, Seek};

use super::{Format, MediaType, Options, Preview, PreviewError, largest_bytes};
use decode::Sound;

mod decode;
mod resample;

/// Sample rates in Hz that an excerpt has, the best that is light first.
const RATES_HZ: [u32; 3] = [16_000, 11_025, 8_000];

const DEFAULT_LENGTH_MS: u64 = 5_000;
const MIN_LENGTH_MS: u64 = 100;
const MAX_LENGTH_MS: u64 = 30_000;

/// Where the publisher chooses no length, an excerpt is at most this part of the work.
const DEFAULT_PART: u64 = 8;

/// Where the publisher chooses the length, it is at most this part of the work.
const CHOSEN_PART: u64 = 4;

/// Where the publisher chooses no start: beginnings are often quiet.
const DEFAULT_START_PART: u64 = 3;

/// The excerpt swells up and dies away for so long, at most a quarter of it each.
const FADE_MS: u64 = 50;

const WAV_HEADER_BYTES: u64 = 44;
const BYTES_PER_SAMPLE: u64 = 2;

/// Makes the preview of a sound of `work_bytes` bytes.
///
/// The file is walked through twice: once to learn its true length, which headers may get wrong,
/// and once to decode the excerpt, the only part of it that is ever in memory.
pub(super) fn make(
    source: &mut (impl Read + Seek + Send + Sync),
    media_type: &MediaType,
    work_bytes: u64,
    options: &Options,
) -> Result<Preview, PreviewError> {
    let total_ms = Sound::open(source, work_bytes, media_type)?.length_ms()?;
    let asked = Excerpt::choose(total_ms, media_type, options)?;
    let sound = Sound::open(source, work_bytes, media_type)?;
    let rate_hz = sound.rate_hz();
    let (excerpt, to_hz) = asked.lighten(rate_hz, work_bytes);
    let samples = sound.mono(excerpt.start_ms, excerpt.length_ms)?;
    let mut samples = resample::down(&samples, rate_hz, to_hz);
    if samples.is_empty() {
        return Err(PreviewError::malformed(media_type, "there is no sound in the excerpt"));
    }
    fade(&mut samples, to_hz);
    let bytes = wav(&samples, to_hz).map_err(|error| PreviewError::malformed(media_type, error))?;
    Ok(Preview { media_type: MediaType::of(Format::Wav), bytes })
}

/// Which part of a sound is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Excerpt {
    start_ms: u64,
    length_ms: u64,
}

impl Excerpt {
    fn choose(
        total_ms: u64,
        media_type: &MediaType,
        options: &Options,
    ) -> Result<Self, PreviewError> {
        let wanted_ms = match options.length_ms {
            None => DEFAULT_LENGTH_MS.min(total_ms / DEFAULT_PART),
            Some(ms) => {
                let range = MIN_LENGTH_MS..=MAX_LENGTH_MS;
                PreviewError::unless_within("the excerpt's length in ms", ms, range)?;
                ms.min(total_ms / CHOSEN_PART)
            }
        };
        if wanted_ms < MIN_LENGTH_MS {
            return Err(PreviewError::TooShort { media_type: media_type.clone() });
        }
        let start_ms = options.start_ms.unwrap_or(total_ms / DEFAULT_START_PART);
        let range = 0..=total_ms - MIN_LENGTH_MS;
        PreviewError::unless_within("the excerpt's start in ms", start_ms, range)?;
        Ok(Self { start_ms, length_ms: wanted_ms.min(total_ms - start_ms) })
    }

    /// Picks the best sample rate at which the excerpt is light; at the lowest it gets shorter.
    fn lighten(self, rate_hz: u32, work_bytes: u64) -> (Self, u32) {
        let samples = largest_bytes(work_bytes).saturating_sub(WAV_HEADER_BYTES) / BYTES_PER_SAMPLE;
        let fitting_ms = |hz: u32| samples.saturating_mul(1_000) / u64::from(hz);
        let lowest_hz = RATES_HZ[RATES_HZ.len() - 1].min(rate_hz);
        let mut rates_hz = RATES_HZ.into_iter().filter(|hz| *hz <= rate_hz);
        let best_hz = rates_hz.find(|hz| self.length_ms <= fitting_ms(*hz));
        let to_hz = best_hz.unwrap_or(lowest_hz);
        let length_ms = self.length_ms.min(fitting_ms(to_hz));
        (Self { length_ms, ..self }, to_hz)
    }
}

fn fade(samples: &mut [f32], rate_hz: u32) {
    let wanted = FADE_MS * u64::from(rate_hz) / 1_000;
    let count = usize::try_from(wanted).unwrap_or(usize::MAX).min(samples.len() / 4);
    let gain = |at: usize| at as f32 / count as f32;
    for (at, sample) in samples.iter_mut().take(count).enumerate() {
        *sample *= gain(at);
    }
    for (at, sample) in samples.iter_mut().rev().take(count).enumerate() {
        *sample *= gain(at);
    }
}

fn wav(samples: &[f32], rate_hz: u32) -> Result<Vec<u8>, hound::Error> {
    let sample_format = hound::SampleFormat::Int;
    let spec =
        hound::WavSpec { channels: 1, sample_rate: rate_hz, bits_per_sample: 16, sample_format };
    let mut bytes = Cursor::new(Vec::new());
    let mut writer = hound::WavWriter::new(&mut bytes, spec)?;
    for sample in samples {
        let scaled = sample.clamp(-1.0, 1.0) * f32::from(i16::MAX);
        writer.write_sample(scaled.round() as i16)?;
    }
    writer.finalize()?;
    Ok(bytes.into_inner())
}

#[cfg(test)]
mod tests;
