//! Media types (RFC 6838) and the formats of which a preview can be made.

use std::fmt;
use std::str::FromStr;

use super::PreviewError;

/// Longest name accepted on either side of the slash (RFC 6838, section 4.2).
const MAX_NAME_CHARS: usize = 127;

/// A media type: lower case, `type/subtype`, no parameters, aliases replaced by the usual name.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct MediaType(String);

/// A format that is read here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// `image/jpeg`
    Jpeg,
    /// `image/png`
    Png,
    /// `image/webp`
    WebP,
    /// `image/gif`
    Gif,
    /// `audio/wav`
    Wav,
    /// `audio/flac`
    Flac,
    /// `audio/ogg`, of which Vorbis is read
    Ogg,
    /// `audio/mpeg`, layer III
    Mp3,
    /// `text/plain` in UTF-8
    Text,
}

const NAMES: [(Format, &str); 9] = [
    (Format::Jpeg, "image/jpeg"),
    (Format::Png, "image/png"),
    (Format::WebP, "image/webp"),
    (Format::Gif, "image/gif"),
    (Format::Wav, "audio/wav"),
    (Format::Flac, "audio/flac"),
    (Format::Ogg, "audio/ogg"),
    (Format::Mp3, "audio/mpeg"),
    (Format::Text, "text/plain"),
];

const ALIASES: [(&str, &str); 9] = [
    ("image/jpg", "image/jpeg"),
    ("image/pjpeg", "image/jpeg"),
    ("audio/x-wav", "audio/wav"),
    ("audio/wave", "audio/wav"),
    ("audio/vnd.wave", "audio/wav"),
    ("audio/x-flac", "audio/flac"),
    ("audio/vorbis", "audio/ogg"),
    ("audio/mp3", "audio/mpeg"),
    ("audio/x-mp3", "audio/mpeg"),
];

impl Format {
    /// Returns the format's usual media type name.
    #[must_use]
    pub fn name(self) -> &'static str {
        NAMES.iter().find(|(format, _)| *format == self).map_or("", |(_, name)| name)
    }
}

impl MediaType {
    /// Returns the media type of a format.
    #[must_use]
    pub fn of(format: Format) -> Self {
        Self(format.name().to_owned())
    }

    /// Returns the format, where it is one that is read here.
    #[must_use]
    pub fn format(&self) -> Option<Format> {
        NAMES.iter().find(|(_, name)| *name == self.0).map(|(format, _)| *format)
    }

    /// Returns the name, `type/subtype`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for MediaType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Reads a media type as HTTP and file managers write it; parameters are dropped, but a text in
/// another character set than UTF-8 is refused.
impl FromStr for MediaType {
    type Err = PreviewError;

    fn from_str(text: &str) -> Result<Self, PreviewError> {
        let bad = |why| PreviewError::BadMediaType { text: text.to_owned(), why };
        let lower = text.to_ascii_lowercase();
        let (essence, parameters) = lower.split_once(';').unwrap_or((&lower, ""));
        let essence = essence.trim();
        if !essence.split_once('/').is_some_and(|(top, sub)| is_name(top) && is_name(sub)) {
            return Err(bad("write it like image/jpeg or text/plain"));
        }
        if essence == "text/plain" && !is_utf8(parameters) {
            return Err(bad("texts are taken in UTF-8 only: convert the file"));
        }
        let usual = ALIASES.iter().find(|(alias, _)| *alias == essence);
        Ok(Self(usual.map_or(essence, |(_, name)| name).to_owned()))
    }
}

/// RFC 6838's restricted-name.
fn is_name(name: &str) -> bool {
    name.len() <= MAX_NAME_CHARS
        && name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&b))
}

fn is_utf8(parameters: &str) -> bool {
    parameters
        .split(';')
        .filter_map(|parameter| parameter.trim().strip_prefix("charset="))
        .all(|charset| ["utf-8", "utf8", "us-ascii"].contains(&charset.trim_matches('"')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_is_named_and_found_by_its_name() {
        for (format, name) in NAMES {
            let media_type: MediaType = name.parse().unwrap();
            assert_eq!(media_type.format(), Some(format));
            assert_eq!(media_type, MediaType::of(format));
            assert_eq!(media_type.to_string(), name);
        }
    }

    #[test]
    fn case_parameters_and_aliases_make_no_difference() {
        for (text, name) in [
            ("Image/JPEG", "image/jpeg"),
            ("image/jpg", "image/jpeg"),
            ("audio/x-wav; codecs=1", "audio/wav"),
            ("text/plain; charset=\"UTF-8\"", "text/plain"),
            ("application/epub+zip", "application/epub+zip"),
        ] {
            assert_eq!(text.parse::<MediaType>().unwrap().as_str(), name);
        }
    }

    #[test]
    fn what_is_no_media_type_is_refused() {
        for text in ["", "image", "image/", "/png", "a/b/c", "image/p ng", "text/\u{e9}", "../x"] {
            assert!(text.parse::<MediaType>().is_err(), "{text}");
        }
        assert!(format!("a/{}", "b".repeat(128)).parse::<MediaType>().is_err());
    }

    #[test]
    fn a_text_in_another_character_set_is_refused() {
        assert!("text/plain; charset=shift_jis".parse::<MediaType>().is_err());
        assert!("text/plain; format=flowed; charset=us-ascii".parse::<MediaType>().is_ok());
    }
}
