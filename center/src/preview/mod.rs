//! Makes the preview M' of a work M: light, and telling enough to make one want to buy.
//!
//! A picture is made smaller, of a sound and of a text an excerpt is taken (ST2). A provider may
//! bring a preview of its own instead, for these and for every other medium. Nothing here stores
//! or sends: bytes come in through a reader and leave as a [`Preview`].
//!
//! What holds for every preview:
//! - the content is what the media type claims ([`check`]);
//! - of a work above [`SMALL_WORK_BYTES`] it has at most a quarter of the bytes
//!   ([`largest_bytes`]);
//! - memory is bounded, whatever the work's length, and a decoder that panics fails one preview
//!   only;
//! - nothing that the file says beside its content (places, names, thumbnails) is taken over.

use std::io::{Read, Seek, SeekFrom};
use std::panic::{AssertUnwindSafe, catch_unwind};

mod brought;
mod error;
mod jpeg_end;
mod media_type;
mod picture;
mod sniff;
mod sound;
mod text;

pub use brought::{DEFAULT_MAX_BROUGHT_BYTES, bring};
pub use error::PreviewError;
pub use media_type::{Format, MediaType};
pub use picture::MAX_PIXELS;
pub use sniff::check;

/// Works up to this many bytes have no limit on the share that their preview shows.
pub const SMALL_WORK_BYTES: u64 = 64 * 1024;

/// A preview of a work above [`SMALL_WORK_BYTES`] has at most one byte for so many of the work.
pub const WORK_BYTES_PER_PREVIEW_BYTE: u64 = 4;

/// A light advertisement M' of a work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preview {
    /// What the bytes are.
    pub media_type: MediaType,
    /// The whole file, as a browser shows or plays it.
    pub bytes: Vec<u8>,
}

impl Preview {
    /// Refuses a preview that is not light beside a work of `work_bytes` bytes.
    pub fn check_light(&self, work_bytes: u64) -> Result<(), PreviewError> {
        let preview_bytes = self.bytes.len() as u64;
        let most_bytes = largest_bytes(work_bytes);
        if preview_bytes > most_bytes {
            return Err(PreviewError::NotLight { preview_bytes, work_bytes, most_bytes });
        }
        Ok(())
    }
}

/// What the publisher chooses about a preview.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// A picture's longest side in pixels, 16 to 1,024; never more than half the work's own.
    pub max_side_px: u32,
    /// Where a sound's excerpt starts; without it, a third of the way in.
    pub start_ms: Option<u64>,
    /// How long a sound's excerpt is, 100 to 30,000 and at most a quarter of the work; without
    /// it, five seconds and at most an eighth of the work.
    pub length_ms: Option<u64>,
    /// Where a text's excerpt starts, in characters.
    pub start_char: u64,
    /// How many characters a text's excerpt has at most, 1 to 20,000; it never has more than a
    /// quarter of the work's bytes.
    pub length_chars: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            max_side_px: 320,
            start_ms: None,
            length_ms: None,
            start_char: 0,
            length_chars: 2_000,
        }
    }
}

/// Makes the preview of the work that `source` reads, from its first byte to its last.
///
/// # Errors
/// The work is unreadable, damaged or too large to take apart, is not what `media_type` claims,
/// is of a medium of which no preview can be made here, or `options` ask for what it has not.
pub fn make(
    mut source: impl Read + Seek + Send + Sync,
    media_type: &MediaType,
    options: &Options,
) -> Result<Preview, PreviewError> {
    let made = catch_unwind(AssertUnwindSafe(|| make_trusting(&mut source, media_type, options)));
    made.unwrap_or_else(|_| Err(PreviewError::malformed(media_type, "its decoder broke down")))
}

/// Returns how many bytes a preview of a work of `work_bytes` bytes may have.
#[must_use]
pub fn largest_bytes(work_bytes: u64) -> u64 {
    if work_bytes <= SMALL_WORK_BYTES { u64::MAX } else { work_bytes / WORK_BYTES_PER_PREVIEW_BYTE }
}

fn make_trusting(
    source: &mut (impl Read + Seek + Send + Sync),
    media_type: &MediaType,
    options: &Options,
) -> Result<Preview, PreviewError> {
    check(source, media_type)?;
    let work_bytes = source.seek(SeekFrom::End(0))?;
    source.rewind()?;
    let preview = match media_type.format() {
        None => return Err(PreviewError::Unsupported { media_type: media_type.clone() }),
        Some(Format::Text) => text::make(source, work_bytes, options)?,
        Some(Format::Jpeg | Format::Png | Format::WebP | Format::Gif) => {
            picture::make(source, media_type, work_bytes, options)?
        }
        Some(Format::Wav | Format::Flac | Format::Ogg | Format::Mp3) => {
            sound::make(source, media_type, work_bytes, options)?
        }
    };
    preview.check_light(work_bytes)?;
    Ok(preview)
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    struct Breaking;

    impl Read for Breaking {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            panic!("broken on purpose")
        }
    }

    impl Seek for Breaking {
        fn seek(&mut self, _: SeekFrom) -> io::Result<u64> {
            Ok(0)
        }
    }

    #[test]
    fn a_panic_fails_one_preview_and_nothing_else() {
        let result = make(Breaking, &MediaType::of(Format::Png), &Options::default());
        assert!(matches!(result, Err(PreviewError::Malformed { .. })), "{result:?}");
    }

    #[test]
    fn a_medium_without_a_maker_asks_for_a_brought_preview() {
        let film: MediaType = "video/x-matroska".parse().unwrap();
        let error =
            make(io::Cursor::new(b"\x1A\x45\xDF\xA3\xA3"), &film, &Options::default()).unwrap_err();
        assert!(matches!(error, PreviewError::Unsupported { .. }), "{error}");
        assert!(error.to_string().contains("bring a preview"), "{error}");
    }

    #[test]
    fn a_quarter_is_light_and_one_byte_more_is_not() {
        let preview =
            |bytes| Preview { media_type: MediaType::of(Format::Text), bytes: vec![b'a'; bytes] };
        assert!(preview(25_000).check_light(100_000).is_ok());
        let error = preview(25_001).check_light(100_000).unwrap_err();
        assert!(error.to_string().contains("25001"), "{error}");
        assert!(error.to_string().contains("25000"), "{error}");
        assert!(preview(60_000).check_light(SMALL_WORK_BYTES).is_ok());
    }

    /// Changes a few bytes of a file, the same ones for the same seed.
    fn damaged(whole: &[u8], seed: u32) -> Vec<u8> {
        let mut state = seed;
        let mut draw = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as usize
        };
        let mut bytes = whole.to_vec();
        for _ in 0..=draw() % 8 {
            let reach = if draw() % 2 == 0 { bytes.len().min(200) } else { bytes.len() };
            let at = draw() % reach;
            bytes[at] = draw() as u8;
        }
        bytes
    }

    #[test]
    fn a_file_with_any_few_bytes_changed_gives_a_light_preview_or_an_error_and_no_panic() {
        let mut files: Vec<(Format, Vec<u8>)> = vec![
            (Format::Flac, include_bytes!("sound/samples/tone.flac").to_vec()),
            (Format::Ogg, include_bytes!("sound/samples/tone.ogg").to_vec()),
            (Format::Mp3, include_bytes!("sound/samples/tone.mp3").to_vec()),
        ];
        let picture = image::RgbImage::from_fn(90, 60, |x, y| image::Rgb([x as u8, y as u8, 99]));
        for (format, image_format) in [
            (Format::Jpeg, image::ImageFormat::Jpeg),
            (Format::Png, image::ImageFormat::Png),
            (Format::WebP, image::ImageFormat::WebP),
            (Format::Gif, image::ImageFormat::Gif),
        ] {
            let mut bytes = io::Cursor::new(Vec::new());
            picture.write_to(&mut bytes, image_format).unwrap();
            files.push((format, bytes.into_inner()));
        }
        for (format, whole) in files {
            let made = (0..60).map(|seed| {
                let mut file = io::Cursor::new(damaged(&whole, seed));
                make_trusting(&mut file, &MediaType::of(format), &Options::default())
            });
            let refused = made.filter(|result| match result {
                Ok(preview) => {
                    assert!(!preview.bytes.is_empty());
                    false
                }
                Err(PreviewError::Io(error)) => panic!("{format:?}: blamed on the disk: {error}"),
                Err(_) => true,
            });
            assert!(refused.count() > 0, "{format:?}");
        }
    }
}
