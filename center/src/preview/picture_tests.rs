//! Pictures made here in code, and what their previews must show.

use std::io::Cursor;

use image::codecs::png::PngEncoder;
use image::{GenericImageView, Rgb, Rgba, RgbaImage};

use super::*;

/// Left half red, right half blue, with grain so that the file is not tiny.
fn red_and_blue(width: u32, height: u32) -> DynamicImage {
    RgbImage::from_fn(width, height, |x, y| {
        let grain = (x.wrapping_mul(2_654_435_761) ^ y.wrapping_mul(2_246_822_519)) >> 27;
        let (red, blue) = if x < width / 2 { (220, 10) } else { (10, 220) };
        Rgb([red, grain as u8, blue])
    })
    .into()
}

fn written(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

fn preview_of(work: &[u8], format: Format, options: &Options) -> Result<Preview, PreviewError> {
    super::super::make(Cursor::new(work), &MediaType::of(format), options)
}

fn shown(work: &[u8], format: Format) -> DynamicImage {
    let preview = preview_of(work, format, &Options::default()).unwrap();
    assert_eq!(preview.media_type.as_str(), "image/jpeg");
    preview.check_light(work.len() as u64).unwrap();
    image::load_from_memory_with_format(&preview.bytes, ImageFormat::Jpeg).unwrap()
}

fn is_red(picture: &DynamicImage, x: u32, y: u32) -> bool {
    let [red, _, blue, _] = picture.get_pixel(x, y).0;
    red > 150 && blue < 100
}

fn is_blue(picture: &DynamicImage, x: u32, y: u32) -> bool {
    let [red, _, blue, _] = picture.get_pixel(x, y).0;
    blue > 150 && red < 100
}

/// An Exif block (TIFF, little endian) of one entry: the orientation.
fn exif(orientation: u8) -> Vec<u8> {
    let mut block = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0".to_vec();
    block.extend([orientation, 0, 0, 0, 0, 0, 0, 0]);
    block
}

#[test]
fn every_format_is_made_smaller_and_still_shows_the_same() {
    let work = red_and_blue(1_000, 500);
    for (format, image_format) in [
        (Format::Jpeg, ImageFormat::Jpeg),
        (Format::Png, ImageFormat::Png),
        (Format::WebP, ImageFormat::WebP),
        (Format::Gif, ImageFormat::Gif),
    ] {
        let small = shown(&written(&work, image_format), format);
        assert_eq!(small.dimensions(), (320, 160), "{format:?}");
        assert!(is_red(&small, 40, 80) && is_blue(&small, 280, 80), "{format:?}");
    }
}

#[test]
fn a_photograph_lying_on_its_side_is_set_upright() {
    let work = red_and_blue(800, 400);
    for (orientation, first, last) in [(1, (40, 80), (280, 80)), (3, (280, 80), (40, 80))] {
        let small = shown(&photograph(&work, orientation), Format::Jpeg);
        assert_eq!(small.dimensions(), (320, 160));
        assert!(is_red(&small, first.0, first.1) && is_blue(&small, last.0, last.1));
    }
    for (orientation, red_y, blue_y) in [(6, 40, 280), (8, 280, 40)] {
        let small = shown(&photograph(&work, orientation), Format::Jpeg);
        assert_eq!(small.dimensions(), (160, 320));
        assert!(is_red(&small, 80, red_y) && is_blue(&small, 80, blue_y), "{orientation}");
    }
}

fn photograph(picture: &DynamicImage, orientation: u8) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = JpegEncoder::new_with_quality(&mut bytes, 95);
    encoder.set_exif_metadata(exif(orientation)).unwrap();
    picture.write_with_encoder(encoder).unwrap();
    bytes
}

#[test]
fn a_small_picture_is_not_given_away_whole() {
    let small = shown(&written(&red_and_blue(100, 60), ImageFormat::Png), Format::Png);
    assert_eq!(small.dimensions(), (50, 30));
}

#[test]
fn the_publisher_chooses_the_side_within_its_range() {
    let work = written(&red_and_blue(1_000, 500), ImageFormat::Png);
    let with = |max_side_px| Options { max_side_px, ..Options::default() };
    let preview = preview_of(&work, Format::Png, &with(64)).unwrap();
    assert_eq!(image::load_from_memory(&preview.bytes).unwrap().dimensions(), (64, 32));
    for px in [0, 15, 1_025] {
        let error = preview_of(&work, Format::Png, &with(px)).unwrap_err();
        assert!(matches!(error, PreviewError::OutOfRange { .. }), "{error}");
    }
}

#[test]
fn what_is_transparent_becomes_white() {
    let clear: DynamicImage = RgbaImage::from_pixel(200, 200, Rgba([255, 0, 0, 0])).into();
    let small = shown(&written(&clear, ImageFormat::Png), Format::Png);
    assert!(small.get_pixel(50, 50).0[..3].iter().all(|&v| v > 250));
}

#[test]
fn a_preview_too_heavy_for_its_work_loses_quality_and_size_until_it_is_light() {
    let noise = RgbImage::from_fn(640, 640, |x, y| {
        let v = (x * 640 + y).wrapping_mul(2_654_435_761);
        Rgb([(v >> 24) as u8, (v >> 16) as u8, (v >> 8) as u8])
    });
    let bytes = encode_light(noise, &[], 70_000, &MediaType::of(Format::Png)).unwrap();
    assert!(bytes.len() <= 17_500, "{}", bytes.len());
    let shown = image::load_from_memory(&bytes).unwrap();
    assert!(shown.width() >= 160, "no smaller than it must be: {}", shown.width());
}

#[test]
fn a_cut_file_is_refused_wherever_it_is_cut() {
    let work = red_and_blue(400, 300);
    for (format, image_format) in [
        (Format::Jpeg, ImageFormat::Jpeg),
        (Format::Png, ImageFormat::Png),
        (Format::WebP, ImageFormat::WebP),
        (Format::Gif, ImageFormat::Gif),
    ] {
        let whole = written(&work, image_format);
        for percent in [1, 10, 50, 90, 98] {
            let cut = &whole[..whole.len() * percent / 100];
            let result = preview_of(cut, format, &Options::default());
            assert!(matches!(result, Err(PreviewError::Malformed { .. })), "{format:?} {percent}");
        }
    }
}

#[test]
fn garbage_behind_a_right_signature_is_refused() {
    for (format, signature) in [
        (Format::Jpeg, &b"\xFF\xD8\xFF\xE0"[..]),
        (Format::Png, b"\x89PNG\r\n\x1A\n"),
        (Format::WebP, b"RIFF\xFF\0\0\0WEBPVP8 "),
        (Format::Gif, b"GIF89a"),
    ] {
        let garbage: Vec<u8> = signature.iter().copied().chain(0..=255).collect();
        let result = preview_of(&garbage, format, &Options::default());
        assert!(matches!(result, Err(PreviewError::Malformed { .. })), "{format:?} {result:?}");
    }
}

#[test]
fn a_decompression_bomb_is_refused_by_its_header() {
    let mut png = Vec::new();
    PngEncoder::new(&mut png).write_image(&[0; 3], 1, 1, ExtendedColorType::Rgb8).unwrap();
    png[16..24].copy_from_slice(&[0, 0, 0xFF, 0xFF, 0, 0, 0xFF, 0xFF]);
    let check = crc32(&png[12..29]);
    png[29..33].copy_from_slice(&check.to_be_bytes());
    let error = preview_of(&png, Format::Png, &Options::default()).unwrap_err();
    assert!(matches!(error, PreviewError::TooLarge { .. }), "{error}");
    let error = check_size(Cursor::new(&png), &MediaType::of(Format::Png)).unwrap_err();
    assert!(matches!(error, PreviewError::TooLarge { .. }), "{error}");

    let mut gif = written(&red_and_blue(2, 2), ImageFormat::Gif);
    gif[6..10].copy_from_slice(&[0xFF; 4]);
    let error = preview_of(&gif, Format::Gif, &Options::default()).unwrap_err();
    assert!(matches!(error, PreviewError::TooLarge { .. }), "{error}");
}

/// CRC-32 as PNG uses it (ISO 3309), bit by bit.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| {
            (crc >> 1) ^ (0xEDB8_8320 & (crc & 1).wrapping_neg())
        })
    })
}

#[test]
fn a_colour_profile_is_kept_and_the_place_of_the_photograph_is_not() {
    let mut profile = vec![0; 128];
    profile[16..20].copy_from_slice(b"RGB ");
    let mut work = Vec::new();
    let mut encoder = JpegEncoder::new_with_quality(&mut work, 90);
    encoder.set_icc_profile(profile.clone()).unwrap();
    encoder.set_exif_metadata(exif(1)).unwrap();
    red_and_blue(300, 300).write_with_encoder(encoder).unwrap();
    let preview = preview_of(&work, Format::Jpeg, &Options::default()).unwrap();
    let mut decoder = image::codecs::jpeg::JpegDecoder::new(Cursor::new(&preview.bytes)).unwrap();
    assert_eq!(decoder.icc_profile().unwrap(), Some(profile));
    assert_eq!(decoder.exif_metadata().unwrap(), None);
}
