//! Reads a sound packet by packet: its length, and a part of it in mono.

use std::io::{ErrorKind, Read, Seek, SeekFrom};

use symphonia::core::codecs::audio::{AudioDecoder, AudioDecoderOptions};
use symphonia::core::errors::Error;
use symphonia::core::formats::probe::Hint;
use symphonia::core::formats::{FormatReader, Track, TrackType};
use symphonia::core::io::{MediaSource, MediaSourceStream};
use symphonia::core::packet::Packet;

use crate::preview::{Format, MediaType, PreviewError};

/// Sample rates in Hz that are taken; the limit bounds the memory of an excerpt.
const RATES_HZ: std::ops::RangeInclusive<u32> = 1_000..=384_000;

/// Codecs that build on what came before are given so much of it, in ms, and their first, perhaps
/// broken, output is dropped.
const LEAD_IN_MS: u64 = 500;

/// A reader of known length, lent for one walk through it.
struct Source<'a, R> {
    inner: &'a mut R,
    length_bytes: u64,
}

impl<R: Read> Read for Source<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        self.inner.read(buffer)
    }
}

impl<R: Seek> Seek for Source<'_, R> {
    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        self.inner.seek(to)
    }
}

impl<R: Read + Seek + Send + Sync> MediaSource for Source<'_, R> {
    fn is_seekable(&self) -> bool {
        true
    }

    fn byte_len(&self) -> Option<u64> {
        Some(self.length_bytes)
    }
}

/// A sound at its beginning; each of its walks goes once through it.
pub(super) struct Sound<'a> {
    media_type: &'a MediaType,
    reader: Box<dyn FormatReader + 'a>,
    decoder: Box<dyn AudioDecoder>,
    track_id: u32,
    rate_hz: u32,
    declared_frames: Option<u64>,
}

impl<'a> Sound<'a> {
    /// Opens the sound that `source` reads from its first byte on.
    pub(super) fn open(
        source: &'a mut (impl Read + Seek + Send + Sync),
        length_bytes: u64,
        media_type: &'a MediaType,
    ) -> Result<Self, PreviewError> {
        source.rewind()?;
        let source = Box::new(Source { inner: source, length_bytes });
        let stream = MediaSourceStream::new(source, Default::default());
        let mut hint = Hint::new();
        hint.mime_type(media_type.as_str());
        let reader = symphonia::default::get_probe()
            .probe(&hint, stream, Default::default(), Default::default())
            .map_err(|error| explain(media_type, error))?;
        let unsupported = || PreviewError::Unsupported { media_type: media_type.clone() };
        let track = reader.default_track(TrackType::Audio).ok_or_else(unsupported)?;
        let (track_id, declared_frames) = (track.id, declared_frames(track, media_type));
        let codec = track.codec_params.as_ref().and_then(|codec| codec.audio());
        let codec = codec.ok_or_else(unsupported)?;
        let rate_hz = codec.sample_rate.filter(|hz| RATES_HZ.contains(hz));
        let rate_hz = rate_hz.ok_or_else(unsupported)?;
        let decoder = symphonia::default::get_codecs()
            .make_audio_decoder(codec, &AudioDecoderOptions::default())
            .map_err(|error| match error {
                Error::Unsupported(_) => unsupported(),
                other => explain(media_type, other),
            })?;
        Ok(Self { media_type, reader, decoder, track_id, rate_hz, declared_frames })
    }

    pub(super) fn rate_hz(&self) -> u32 {
        self.rate_hz
    }

    /// Walks to the end and returns the length; refuses a file that ends before it should.
    pub(super) fn length_ms(mut self) -> Result<u64, PreviewError> {
        let mut frames = 0_u64;
        while let Some(packet) = self.next()? {
            frames = frames.saturating_add(packet.dur.get());
        }
        if self.declared_frames.is_some_and(|declared| frames < declared) {
            return Err(PreviewError::malformed(self.media_type, "its end is missing"));
        }
        Ok(frames.saturating_mul(1_000) / u64::from(self.rate_hz))
    }

    /// Walks to the part and returns it, every frame the mean of its channels.
    pub(super) fn mono(mut self, start_ms: u64, length_ms: u64) -> Result<Vec<f32>, PreviewError> {
        let frames = |ms: u64| ms.saturating_mul(u64::from(self.rate_hz)) / 1_000;
        let (start, end) = (frames(start_ms), frames(start_ms.saturating_add(length_ms)));
        let lead_in = start.saturating_sub(frames(LEAD_IN_MS));
        let (mut mono, mut position) = (Vec::new(), 0_u64);
        while position < end {
            let Some(packet) = self.next()? else { break };
            let from = position;
            position = position.saturating_add(packet.dur.get());
            if position <= lead_in {
                continue;
            }
            match self.decoder.decode(&packet) {
                Ok(_) => {}
                Err(Error::DecodeError(_)) if position <= start => continue,
                Err(error) => return Err(explain(self.media_type, error)),
            }
            let skip = usize::try_from(start.saturating_sub(from)).unwrap_or(usize::MAX);
            let take = usize::try_from(end - from.max(start).min(end)).unwrap_or(usize::MAX);
            mono.extend(self.decoded_mono().into_iter().skip(skip).take(take));
        }
        Ok(mono)
    }

    /// Returns the next packet of the track, or none at the end.
    fn next(&mut self) -> Result<Option<Packet>, PreviewError> {
        loop {
            match self.reader.next_packet() {
                Ok(Some(packet)) if packet.track_id != self.track_id => {}
                Ok(packet) => return Ok(packet),
                Err(error) => return Err(explain(self.media_type, error)),
            }
        }
    }

    fn decoded_mono(&self) -> Vec<f32> {
        let decoded = self.decoder.last_decoded();
        let channels = decoded.spec().channels().count().max(1);
        let mut samples = Vec::<f32>::new();
        decoded.copy_to_vec_interleaved(&mut samples);
        samples
            .chunks_exact(channels)
            .map(|frame| frame.iter().sum::<f32>() / channels as f32)
            .collect()
    }
}

/// How long the file says it is; of MP3 that is often only an estimate, so it counts for nothing.
fn declared_frames(track: &Track, media_type: &MediaType) -> Option<u64> {
    track.num_frames.filter(|_| media_type.format() != Some(Format::Mp3))
}

fn explain(media_type: &MediaType, error: Error) -> PreviewError {
    match error {
        Error::IoError(error) if error.kind() == ErrorKind::UnexpectedEof => {
            PreviewError::malformed(media_type, "its end is missing")
        }
        Error::IoError(error) => error.into(),
        Error::ResetRequired => {
            PreviewError::malformed(media_type, "it is several sounds in one file")
        }
        other => PreviewError::malformed(media_type, other),
    }
}
