//! Takes a preview that the provider made.

use std::io::Cursor;

use super::{Format, MediaType, Preview, PreviewError, picture, sniff, text};

/// The most bytes that a brought preview has where the center's owner sets no other limit.
pub const DEFAULT_MAX_BROUGHT_BYTES: u64 = 2 * 1024 * 1024;

/// Films, which can be brought but not made; all else that can be brought is a [`Format`].
const FILMS: [&str; 2] = ["video/mp4", "video/webm"];

const FORMATS: [Format; 9] = [
    Format::Jpeg,
    Format::Png,
    Format::WebP,
    Format::Gif,
    Format::Wav,
    Format::Flac,
    Format::Ogg,
    Format::Mp3,
    Format::Text,
];

/// Takes a provider's own preview of at most `max_bytes` bytes.
///
/// Only media that cannot carry a script are allowed, since the center serves previews from its
/// own address. Whether it is light beside its work shows [`Preview::check_light`], once the work
/// is there.
///
/// # Errors
/// The medium is not allowed, the content is not what it claims, or it is too large.
pub fn bring(
    media_type: &MediaType,
    bytes: Vec<u8>,
    max_bytes: u64,
) -> Result<Preview, PreviewError> {
    if media_type.format().is_none() && !FILMS.contains(&media_type.as_str()) {
        let allowed = FORMATS.map(Format::name).into_iter().chain(FILMS);
        let allowed = allowed.collect::<Vec<_>>().join(", ");
        return Err(PreviewError::NotAllowed { media_type: media_type.clone(), allowed });
    }
    let is = bytes.len() as u64;
    if is > max_bytes {
        let what = "the brought preview's length in bytes";
        return Err(PreviewError::TooLarge { what, is, most: max_bytes });
    }
    sniff::check(&mut Cursor::new(&bytes), media_type)?;
    match media_type.format() {
        Some(Format::Text) => text::check(&bytes)?,
        Some(Format::Jpeg | Format::Png | Format::WebP | Format::Gif) => {
            picture::check_size(Cursor::new(&bytes), media_type)?;
        }
        _ => {}
    }
    Ok(Preview { media_type: media_type.clone(), bytes })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bring_as(name: &str, bytes: &[u8]) -> Result<Preview, PreviewError> {
        bring(&name.parse().unwrap(), bytes.to_vec(), 1_000)
    }

    #[test]
    fn a_text_is_taken_as_it_is() {
        let preview = bring_as("text/plain", "Chapter one. 春\n".as_bytes()).unwrap();
        assert_eq!(preview.bytes, "Chapter one. 春\n".as_bytes());
        assert_eq!(preview.media_type.as_str(), "text/plain");
    }

    #[test]
    fn a_text_that_is_not_utf8_or_controls_a_terminal_is_refused() {
        assert!(matches!(bring_as("text/plain", b"caf\xE9"), Err(PreviewError::Malformed { .. })));
        assert!(bring_as("text/plain", b"\x1B[2Jgone").is_err());
        assert!(bring_as("text/plain", b"").is_err());
    }

    #[test]
    fn the_limit_is_allowed_and_one_byte_more_is_not() {
        assert!(bring_as("text/plain", &[b'a'; 1_000]).is_ok());
        let error = bring_as("text/plain", &[b'a'; 1_001]).unwrap_err();
        assert!(error.to_string().contains("1001"), "{error}");
    }

    #[test]
    fn media_that_can_carry_scripts_are_refused() {
        for name in ["text/html", "image/svg+xml", "application/pdf"] {
            let error = bring_as(name, b"<html>").unwrap_err();
            assert!(matches!(error, PreviewError::NotAllowed { .. }), "{error}");
            assert!(error.to_string().contains("video/mp4"), "{error}");
        }
    }

    #[test]
    fn a_film_is_taken_when_it_is_one() {
        assert!(bring_as("video/mp4", b"\0\0\0\x18ftypisom\0\0\0\0isomiso2").is_ok());
        assert!(bring_as("video/mp4", b"a text").is_err());
    }

    #[test]
    fn a_picture_must_have_a_readable_size() {
        let error = bring_as("image/png", b"\x89PNG\r\n\x1A\n").unwrap_err();
        assert!(matches!(error, PreviewError::Malformed { .. }), "{error}");
    }
}
