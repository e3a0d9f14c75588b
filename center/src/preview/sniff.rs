//! Recognises content by its first bytes and refuses what is not as claimed.

use std::io::{Read, Seek};

use super::{Format, MediaType, PreviewError};

/// So many bytes are looked at.
const HEAD_BYTES: u64 = 4_096;

/// Refuses content that is not of the media type it claims; leaves `source` at its start.
///
/// Formats known by a signature must show it, and no content may show another's. A medium without
/// a signature known here is taken at its word; whether a text is UTF-8 shows when it is read.
///
/// # Errors
/// [`PreviewError::Mismatch`], or the content cannot be read.
pub fn check(source: &mut (impl Read + Seek), media_type: &MediaType) -> Result<(), PreviewError> {
    let mut head = Vec::new();
    source.rewind()?;
    source.by_ref().take(HEAD_BYTES).read_to_end(&mut head)?;
    source.rewind()?;
    let found = recognise(&head);
    if agrees(found, media_type) {
        return Ok(());
    }
    let unknown = if head.is_empty() { "empty" } else { "of no kind known here" };
    let found = found.map_or(unknown, |found| found.name);
    Err(PreviewError::Mismatch { claimed: media_type.clone(), found })
}

/// A signature that was found: the usual media type, and whether it is only the wrapping, in
/// which media of other names come too.
#[derive(Clone, Copy)]
struct Found {
    name: &'static str,
    is_wrapping: bool,
}

/// The media types that show a signature known here, beside those of [`Format`].
const WRAPPINGS: [&str; 3] = ["video/mp4", "video/webm", "application/zip"];
const PDF: &str = "application/pdf";

fn agrees(found: Option<Found>, claimed: &MediaType) -> bool {
    let name = claimed.as_str();
    if name.starts_with("text/") {
        return found.is_none();
    }
    let must_show = claimed.format().is_some() || WRAPPINGS.contains(&name) || name == PDF;
    match found {
        Some(found) => found.name == name || (found.is_wrapping && !must_show),
        None => !must_show,
    }
}

/// Recognises content by its signature; text has none.
fn recognise(head: &[u8]) -> Option<Found> {
    let plain = |name| Some(Found { name, is_wrapping: false });
    let wrapping = |name| Some(Found { name, is_wrapping: true });
    let riff = head.starts_with(b"RIFF").then(|| head.get(8..12)).flatten();
    match head {
        [0xFF, 0xD8, 0xFF, ..] => plain(Format::Jpeg.name()),
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1A, b'\n', ..] => plain(Format::Png.name()),
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => plain(Format::Gif.name()),
        _ if riff == Some(b"WEBP") => plain(Format::WebP.name()),
        _ if riff == Some(b"WAVE") => plain(Format::Wav.name()),
        [b'f', b'L', b'a', b'C', ..] => plain(Format::Flac.name()),
        [b'I', b'D', b'3', 2..=4, ..] => plain(Format::Mp3.name()),
        [0xFF, second, third, ..] if is_layer_3(*second, *third) => plain(Format::Mp3.name()),
        [b'%', b'P', b'D', b'F', b'-', ..] => plain(PDF),
        [b'O', b'g', b'g', b'S', 0, ..] => wrapping(Format::Ogg.name()),
        [0, _, _, _, b'f', b't', b'y', b'p', ..] => wrapping("video/mp4"),
        [0x1A, 0x45, 0xDF, 0xA3, ..] => wrapping("video/webm"),
        [b'P', b'K', 3, 4, ..] => wrapping("application/zip"),
        _ => None,
    }
}

/// Whether these are the second and third byte of an MPEG audio frame header of layer III.
fn is_layer_3(second: u8, third: u8) -> bool {
    let (sync, version, layer) = (second >> 5, second >> 3 & 3, second >> 1 & 3);
    let (bit_rate, sample_rate) = (third >> 4, third >> 2 & 3);
    sync == 7 && version != 1 && layer == 1 && bit_rate != 15 && sample_rate != 3
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    const HEADS: [(Format, &[u8]); 10] = [
        (Format::Jpeg, b"\xFF\xD8\xFF\xE0"),
        (Format::Png, b"\x89PNG\r\n\x1A\n"),
        (Format::Gif, b"GIF89a"),
        (Format::WebP, b"RIFF\x10\0\0\0WEBPVP8 "),
        (Format::Wav, b"RIFF\x10\0\0\0WAVEfmt "),
        (Format::Flac, b"fLaC\0"),
        (Format::Ogg, b"OggS\0\x02"),
        (Format::Mp3, b"ID3\x04\0\0"),
        (Format::Mp3, b"\xFF\xFB\x90\x64"),
        (Format::Text, b"GIF is a format, ID3 a tag, BMW a car"),
    ];

    fn verdict(head: &[u8], claimed: &str) -> Result<(), PreviewError> {
        check(&mut Cursor::new(head), &claimed.parse().unwrap())
    }

    #[test]
    fn each_signature_passes_as_itself_and_as_nothing_else() {
        for (is, head) in HEADS {
            for (claimed, _) in HEADS {
                assert_eq!(
                    verdict(head, claimed.name()).is_ok(),
                    is == claimed,
                    "{is:?} {claimed:?}"
                );
            }
        }
    }

    #[test]
    fn a_known_content_does_not_hide_behind_an_unknown_type() {
        assert!(verdict(b"GIF89a", "application/octet-stream").is_err());
        assert!(verdict(b"some bytes", "application/octet-stream").is_ok());
    }

    #[test]
    fn media_without_a_maker_are_checked_where_their_signature_is_known() {
        assert!(verdict(b"%PDF-1.7", "application/pdf").is_ok());
        assert!(verdict(b"PK\x03\x04", "application/pdf").is_err());
        assert!(verdict(b"%PDF-1.7", "text/plain").is_err());
        assert!(verdict(b"PK\x03\x04", "text/html").is_err());
    }

    #[test]
    fn a_wrapping_may_hold_media_of_other_names_but_not_of_another_signature() {
        for (head, other) in [
            (&b"OggS\0\x02"[..], "video/ogg"),
            (b"PK\x03\x04", "application/epub+zip"),
            (b"\0\0\0\x18ftypM4A ", "audio/mp4"),
            (b"\x1A\x45\xDF\xA3", "video/x-matroska"),
        ] {
            assert!(verdict(head, other).is_ok(), "{other}");
            assert!(verdict(head, "image/png").is_err(), "{other}");
            assert!(verdict(head, "text/plain").is_err(), "{other}");
        }
        assert!(verdict(b"OggS\0\x02", "video/webm").is_err());
        assert!(verdict(b"no film", "video/webm").is_err());
    }

    #[test]
    fn the_refusal_names_both_sides() {
        let message = verdict(b"%PDF-1.7", "image/png").unwrap_err().to_string();
        assert!(message.contains("image/png") && message.contains("application/pdf"), "{message}");
        assert!(verdict(b"", "image/png").unwrap_err().to_string().contains("empty"));
    }

    #[test]
    fn a_utf16_mark_and_a_sound_frame_of_another_layer_are_no_mp3() {
        assert!(recognise(b"\xFF\xFE\x41\0").is_none());
        assert!(recognise(b"\xFF\xF1\x50\x80").is_none());
    }
}
