//! Makes a picture smaller: upright, opaque, as JPEG.

use std::io::{BufReader, Read, Seek};

use fast_image_resize::images::Image;
use fast_image_resize::{PixelType, Resizer};
use image::codecs::jpeg::JpegEncoder;
use image::error::ImageError;
use image::metadata::Orientation;
use image::{DynamicImage, ExtendedColorType, ImageDecoder, ImageEncoder, ImageFormat};
use image::{ImageReader, Limits, RgbImage};

use super::{Format, MediaType, Options, Preview, PreviewError, jpeg_end, largest_bytes};

/// The most pixels that a picture may have to be taken apart: 64 Mi.
pub const MAX_PIXELS: u64 = 64 * 1024 * 1024;

/// The longest file: the JPEG decoder holds it in memory.
const MAX_FILE_BYTES: u64 = 128 * 1024 * 1024;

/// What the decoders may allocate, the decoded picture included.
const MAX_DECODER_BYTES: u64 = 512 * 1024 * 1024;

/// A colour profile up to this length is kept, since colours would shift without it.
const MAX_PROFILE_BYTES: usize = 4 * 1024;

/// JPEG qualities tried one after the other until the preview is light.
const QUALITIES: [u8; 5] = [80, 70, 60, 45, 30];

const MIN_SIDE_PX: u32 = 16;

const MAX_SIDE_PX: u32 = 1_024;

/// Makes the preview of a picture that has `work_bytes` bytes; of a film strip, its first frame.
pub(super) fn make(
    mut source: &mut (impl Read + Seek),
    media_type: &MediaType,
    work_bytes: u64,
    options: &Options,
) -> Result<Preview, PreviewError> {
    let range = u64::from(MIN_SIDE_PX)..=u64::from(MAX_SIDE_PX);
    PreviewError::unless_within("the longest side in pixels", options.max_side_px.into(), range)?;
    at_most("the file's length in bytes", work_bytes, MAX_FILE_BYTES)?;
    if media_type.format() == Some(Format::Jpeg) {
        if !jpeg_end::is_whole(BufReader::new(&mut source))? {
            return Err(PreviewError::malformed(media_type, "its end is missing"));
        }
        source.rewind()?;
    }
    let (picture, profile) = decode(source, media_type, options.max_side_px)?;
    let bytes = encode_light(picture, &profile, work_bytes, media_type)?;
    Ok(Preview { media_type: MediaType::of(Format::Jpeg), bytes })
}

/// Refuses a picture whose header is unreadable or tells of more than [`MAX_PIXELS`].
pub(super) fn check_size(
    source: impl Read + Seek,
    media_type: &MediaType,
) -> Result<(), PreviewError> {
    open(BufReader::new(source), media_type).map(drop)
}

fn at_most(what: &'static str, is: u64, most: u64) -> Result<(), PreviewError> {
    if is > most { Err(PreviewError::TooLarge { what, is, most }) } else { Ok(()) }
}

fn open<'a, R: Read + Seek + 'a>(
    source: BufReader<R>,
    media_type: &MediaType,
) -> Result<impl ImageDecoder + 'a, PreviewError> {
    let format = match media_type.format() {
        Some(Format::Jpeg) => ImageFormat::Jpeg,
        Some(Format::Png) => ImageFormat::Png,
        Some(Format::WebP) => ImageFormat::WebP,
        Some(Format::Gif) => ImageFormat::Gif,
        _ => return Err(PreviewError::Unsupported { media_type: media_type.clone() }),
    };
    let mut limits = Limits::default();
    limits.max_alloc = Some(MAX_DECODER_BYTES);
    let mut reader = ImageReader::with_format(source, format);
    reader.limits(limits);
    let decoder = reader.into_decoder().map_err(|error| explain(media_type, error))?;
    let (width, height) = decoder.dimensions();
    at_most("the number of pixels", u64::from(width) * u64::from(height), MAX_PIXELS)?;
    at_most("the decoded length in bytes", decoder.total_bytes(), MAX_DECODER_BYTES)?;
    Ok(decoder)
}

/// Returns the picture, upright and no larger than `max_side_px`, and its colour profile.
fn decode(
    source: &mut (impl Read + Seek),
    media_type: &MediaType,
    max_side_px: u32,
) -> Result<(RgbImage, Vec<u8>), PreviewError> {
    let explain = |error| explain(media_type, error);
    let mut decoder = open(BufReader::new(source), media_type)?;
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let in_colour = decoder.color_type().has_color();
    let profile = decoder.icc_profile().unwrap_or_default().unwrap_or_default();
    let keeps = in_colour && profile.len() <= MAX_PROFILE_BYTES && is_rgb_profile(&profile);
    let work = DynamicImage::from_decoder(decoder).map_err(explain)?;
    let longest_px = work.width().max(work.height());
    let small = shrink(work, max_side_px.min(longest_px / 2), media_type)?;
    let mut small = DynamicImage::ImageRgb8(small);
    small.apply_orientation(orientation);
    Ok((small.into_rgb8(), if keeps { profile } else { Vec::new() }))
}

/// ICC.1, section 7.2: bytes 16 to 19 name the colour space.
fn is_rgb_profile(profile: &[u8]) -> bool {
    profile.get(16..20) == Some(b"RGB ")
}

/// Scales so that the longest side has `side_px` pixels, and lays what is transparent on white.
fn shrink(
    work: DynamicImage,
    side_px: u32,
    media_type: &MediaType,
) -> Result<RgbImage, PreviewError> {
    let (width, height) = (work.width(), work.height());
    let longest_px = u64::from(width.max(height).max(1));
    let scaled = |px: u32| {
        let px = (u64::from(px) * u64::from(side_px) + longest_px / 2) / longest_px;
        u32::try_from(px).unwrap_or(side_px).max(1)
    };
    let (pixel_type, bytes) = if work.color().has_alpha() {
        (PixelType::U8x4, work.into_rgba8().into_raw())
    } else {
        (PixelType::U8x3, work.into_rgb8().into_raw())
    };
    let damaged = |error: &dyn std::fmt::Display| PreviewError::malformed(media_type, error);
    let from = Image::from_vec_u8(width, height, bytes, pixel_type).map_err(|e| damaged(&e))?;
    let mut to = Image::new(scaled(width), scaled(height), pixel_type);
    Resizer::new().resize(&from, &mut to, None).map_err(|e| damaged(&e))?;
    let (width, height) = (to.width(), to.height());
    let opaque = match pixel_type {
        PixelType::U8x4 => to.buffer().chunks_exact(4).flat_map(on_white).collect(),
        _ => to.into_vec(),
    };
    RgbImage::from_raw(width, height, opaque).ok_or_else(|| damaged(&"its size does not add up"))
}

fn on_white(rgba: &[u8]) -> [u8; 3] {
    let alpha = u16::from(rgba[3]);
    [0, 1, 2].map(|i| ((u16::from(rgba[i]) * alpha + 255 * (255 - alpha) + 127) / 255) as u8)
}

/// Lowers the quality, then the size, until the preview is light; a single pixel would always be.
fn encode_light(
    mut picture: RgbImage,
    profile: &[u8],
    work_bytes: u64,
    media_type: &MediaType,
) -> Result<Vec<u8>, PreviewError> {
    let most_bytes = largest_bytes(work_bytes);
    loop {
        for quality in QUALITIES {
            let bytes = encode(&picture, profile, quality).map_err(|e| explain(media_type, e))?;
            if bytes.len() as u64 <= most_bytes {
                return Ok(bytes);
            }
        }
        let side_px = picture.width().max(picture.height()) / 2;
        picture = shrink(picture.into(), side_px.max(1), media_type)?;
    }
}

fn encode(picture: &RgbImage, profile: &[u8], quality: u8) -> Result<Vec<u8>, ImageError> {
    let mut bytes = Vec::new();
    let mut encoder = JpegEncoder::new_with_quality(&mut bytes, quality);
    if !profile.is_empty() {
        encoder.set_icc_profile(profile.to_vec()).map_err(ImageError::Unsupported)?;
    }
    let (width, height) = picture.dimensions();
    encoder.write_image(picture.as_raw(), width, height, ExtendedColorType::Rgb8)?;
    Ok(bytes)
}

fn explain(media_type: &MediaType, error: ImageError) -> PreviewError {
    match error {
        ImageError::IoError(error) if error.kind() != std::io::ErrorKind::UnexpectedEof => {
            error.into()
        }
        ImageError::Limits(_) => PreviewError::TooLarge {
            what: "the memory in bytes that the decoder asks for",
            is: MAX_DECODER_BYTES + 1,
            most: MAX_DECODER_BYTES,
        },
        other => PreviewError::malformed(media_type, other),
    }
}

#[cfg(test)]
#[path = "picture_tests.rs"]
mod tests;
