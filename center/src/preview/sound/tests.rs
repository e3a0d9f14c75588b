//! Sounds made here in code, and what their excerpts must be.

use std::f64::consts::PI;

use super::*;

/// A sound as 16-bit WAV; `at` gives the sample at a time in seconds.
fn wav_of(rate_hz: u32, channels: u16, seconds: f64, at: impl Fn(f64) -> f64) -> Vec<u8> {
    let sample_format = hound::SampleFormat::Int;
    let spec =
        hound::WavSpec { channels, sample_rate: rate_hz, bits_per_sample: 16, sample_format };
    let mut bytes = Cursor::new(Vec::new());
    let mut writer = hound::WavWriter::new(&mut bytes, spec).unwrap();
    for n in 0..(f64::from(rate_hz) * seconds) as u32 {
        let sample = (at(f64::from(n) / f64::from(rate_hz)) * 30_000.0) as i16;
        (0..channels).for_each(|_| writer.write_sample(sample).unwrap());
    }
    writer.finalize().unwrap();
    bytes.into_inner()
}

fn sine(hz: f64) -> impl Fn(f64) -> f64 {
    move |seconds| 0.8 * (2.0 * PI * hz * seconds).sin()
}

/// A tone that climbs by 100 Hz every second, so that a moment is known by its pitch.
fn climbing(seconds: f64) -> f64 {
    (2.0 * PI * (200.0 + 50.0 * seconds) * seconds).sin() * 0.8
}

fn excerpt_of(work: &[u8], format: Format, options: &Options) -> Result<Heard, PreviewError> {
    let preview = crate::preview::make(Cursor::new(work), &MediaType::of(format), options)?;
    assert_eq!(preview.media_type.as_str(), "audio/wav");
    preview.check_light(work.len() as u64)?;
    let mut reader = hound::WavReader::new(Cursor::new(preview.bytes)).unwrap();
    assert_eq!((reader.spec().channels, reader.spec().bits_per_sample), (1, 16));
    let samples = reader.samples::<i16>().map(|s| f64::from(s.unwrap()) / 32_767.0).collect();
    Ok(Heard { rate_hz: reader.spec().sample_rate, samples })
}

struct Heard {
    rate_hz: u32,
    samples: Vec<f64>,
}

impl Heard {
    fn seconds(&self) -> f64 {
        self.samples.len() as f64 / f64::from(self.rate_hz)
    }

    /// The pitch in Hz, from the upward zero crossings between two moments in seconds.
    fn pitch(&self, from: f64, to: f64) -> f64 {
        let at = |seconds: f64| (seconds * f64::from(self.rate_hz)) as usize;
        let part = &self.samples[at(from)..at(to)];
        part.windows(2).filter(|w| w[0] < 0.0 && w[1] >= 0.0).count() as f64 / (to - from)
    }

    fn peak(&self) -> f64 {
        self.samples.iter().fold(0.0, |peak, s| peak.max(s.abs()))
    }
}

fn part(start_ms: u64, length_ms: u64) -> Options {
    Options { start_ms: Some(start_ms), length_ms: Some(length_ms), ..Options::default() }
}

#[test]
fn five_seconds_from_the_first_third_on_are_taken_of_a_long_sound() {
    let work = wav_of(44_100, 2, 60.0, climbing);
    let heard = excerpt_of(&work, Format::Wav, &Options::default()).unwrap();
    assert_eq!((heard.rate_hz, heard.samples.len()), (16_000, 80_000));
    assert!((heard.pitch(0.0, 1.0) - 2_250.0).abs() < 5.0, "{}", heard.pitch(0.0, 1.0));
    assert!((heard.pitch(4.0, 5.0) - 2_650.0).abs() < 5.0, "{}", heard.pitch(4.0, 5.0));
}

#[test]
fn of_a_short_sound_an_eighth_is_taken() {
    let work = wav_of(48_000, 1, 8.0, sine(440.0));
    let heard = excerpt_of(&work, Format::Wav, &Options::default()).unwrap();
    assert!((heard.seconds() - 1.0).abs() < 0.001, "{}", heard.seconds());
    assert!((heard.pitch(0.0, 1.0) - 440.0).abs() < 3.0);
    let instant = wav_of(48_000, 1, 0.7, sine(440.0));
    let error = excerpt_of(&instant, Format::Wav, &Options::default()).err().unwrap();
    assert!(matches!(error, PreviewError::TooShort { .. }), "{error}");
}

#[test]
fn the_publisher_chooses_where_it_starts_and_how_long_it_is() {
    let work = wav_of(22_050, 1, 40.0, climbing);
    let heard = excerpt_of(&work, Format::Wav, &part(30_000, 2_000)).unwrap();
    assert!((heard.seconds() - 2.0).abs() < 0.001);
    assert!((heard.pitch(0.0, 1.0) - 3_250.0).abs() < 5.0, "{}", heard.pitch(0.0, 1.0));
    let heard = excerpt_of(&work, Format::Wav, &part(39_000, 2_000)).unwrap();
    assert!((heard.seconds() - 1.0).abs() < 0.001, "the rest is what there is");
    let heard = excerpt_of(&work, Format::Wav, &part(0, 30_000)).unwrap();
    assert!(heard.seconds() <= 10.0, "a quarter is the most");
}

#[test]
fn a_start_or_length_outside_the_sound_is_refused() {
    let work = wav_of(8_000, 1, 10.0, sine(440.0));
    assert!(excerpt_of(&work, Format::Wav, &part(9_900, 100)).is_ok());
    for options in [part(9_901, 100), part(u64::MAX, 100), part(0, 99), part(0, 30_001)] {
        let error = excerpt_of(&work, Format::Wav, &options).err().unwrap();
        assert!(matches!(error, PreviewError::OutOfRange { .. }), "{error}");
    }
}

#[test]
fn a_tone_too_high_for_the_preview_is_silent_in_it() {
    let high = wav_of(44_100, 1, 20.0, sine(9_500.0));
    assert!(excerpt_of(&high, Format::Wav, &Options::default()).unwrap().peak() < 0.01);
    let low = wav_of(44_100, 1, 20.0, sine(950.0));
    assert!(excerpt_of(&low, Format::Wav, &Options::default()).unwrap().peak() > 0.6);
}

#[test]
fn the_excerpt_swells_up_and_dies_away() {
    let work = wav_of(44_100, 1, 20.0, |_| 0.8);
    let heard = excerpt_of(&work, Format::Wav, &Options::default()).unwrap();
    let last = heard.samples.len() - 1;
    assert!(heard.samples[0].abs() < 0.01 && heard.samples[last].abs() < 0.01);
    assert!(heard.samples[400] < heard.samples[700]);
    assert!(heard.samples[last - 400] < heard.samples[last - 700]);
    assert!((heard.samples[last / 2] - 0.8 * 30_000.0 / 32_767.0).abs() < 0.01);
}

#[test]
fn a_rate_is_never_raised_and_falls_where_the_work_is_light_itself() {
    let slow = wav_of(6_000, 1, 20.0, sine(440.0));
    assert_eq!(excerpt_of(&slow, Format::Wav, &Options::default()).unwrap().rate_hz, 6_000);
    let excerpt = Excerpt { start_ms: 0, length_ms: 5_000 };
    assert_eq!(excerpt.lighten(44_100, 1_000_000), (excerpt, 16_000));
    assert_eq!(excerpt.lighten(44_100, 500_000), (excerpt, 11_025));
    assert_eq!(excerpt.lighten(44_100, 330_000), (excerpt, 8_000));
    let (shorter, rate_hz) = excerpt.lighten(44_100, 100_000);
    assert_eq!((shorter.length_ms, rate_hz), (1_559, 8_000));
    let long = Excerpt { start_ms: 0, length_ms: MAX_LENGTH_MS };
    assert!(long.lighten(384_000, 65_537).0.length_ms > 1_000, "there is always room for some");
}

#[test]
fn lossy_and_packed_formats_are_heard_too() {
    let tones: [(Format, &[u8]); 3] = [
        (Format::Flac, include_bytes!("samples/tone.flac")),
        (Format::Ogg, include_bytes!("samples/tone.ogg")),
        (Format::Mp3, include_bytes!("samples/tone.mp3")),
    ];
    for (format, work) in tones {
        let heard = excerpt_of(work, format, &part(1_000, 500)).unwrap();
        assert!((heard.seconds() - 0.5).abs() < 0.01, "{format:?} {}", heard.seconds());
        let pitch = heard.pitch(0.05, 0.45);
        assert!((pitch - 440.0).abs() < 5.0, "{format:?} {pitch}");
        assert!(heard.peak() > 0.3, "{format:?} {}", heard.peak());
    }
}

#[test]
fn a_cut_sound_is_refused() {
    let wav = wav_of(8_000, 1, 10.0, sine(440.0));
    let cut: [(Format, &[u8]); 3] = [
        (Format::Wav, &wav),
        (Format::Flac, include_bytes!("samples/tone.flac")),
        (Format::Ogg, include_bytes!("samples/tone.ogg")),
    ];
    for (format, whole) in cut {
        for percent in [1, 20, 60, 98] {
            let result = excerpt_of(&whole[..whole.len() * percent / 100], format, &part(0, 100));
            let refused = matches!(result, Err(PreviewError::Malformed { .. }));
            assert!(refused, "{format:?} {percent} {:?}", result.err());
        }
    }
}

#[test]
fn garbage_behind_a_right_signature_is_refused() {
    for (format, signature) in [
        (Format::Wav, &b"RIFF\xFF\0\0\0WAVEfmt "[..]),
        (Format::Flac, b"fLaC\0\0\0\x22"),
        (Format::Ogg, b"OggS\0\x02"),
        (Format::Mp3, b"\xFF\xFB\x90\x64"),
    ] {
        let garbage: Vec<u8> =
            signature.iter().copied().chain((0..=255).cycle().take(4_000)).collect();
        let result = excerpt_of(&garbage, format, &Options::default());
        let refused = matches!(result, Err(PreviewError::Malformed { .. }));
        assert!(refused, "{format:?} {:?}", result.err());
    }
}

#[test]
fn a_codec_that_is_not_read_asks_for_a_brought_preview() {
    let mut wav = wav_of(8_000, 1, 1.0, sine(440.0));
    wav[20..22].copy_from_slice(&[0x11, 0]);
    let error = excerpt_of(&wav, Format::Wav, &Options::default()).err().unwrap();
    assert!(error.to_string().contains("bring a preview"), "{error}");
}
