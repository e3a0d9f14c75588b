//! Why no preview could be made.

use std::io;

use super::MediaType;

/// Why no preview could be made or taken: what, why, and what to do next.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PreviewError {
    /// The work or the preview cannot be read.
    #[error("the file cannot be read ({0}): check the disk or the connection and try again")]
    Io(#[from] io::Error),
    /// A media type is not of the form `type/subtype`, or names another character set.
    #[error("\"{text}\" is no media type to work with: {why}")]
    BadMediaType {
        /// What was given.
        text: String,
        /// What is wrong with it, and what would be right.
        why: &'static str,
    },
    /// The content is not what its media type claims.
    #[error("claimed is {claimed}, the content is {found}: name the right media type or file")]
    Mismatch {
        /// The media type that came with the content.
        claimed: MediaType,
        /// What the content looks like.
        found: &'static str,
    },
    /// No preview can be made of this medium here.
    #[error("no preview can be made of {media_type}: bring a preview of your own")]
    Unsupported {
        /// The medium.
        media_type: MediaType,
    },
    /// The content is damaged, or not of its format.
    #[error(
        "this {media_type} is damaged: {why}; give the undamaged file, or bring a preview of \
         your own"
    )]
    Malformed {
        /// What it should be.
        media_type: MediaType,
        /// What the decoder says.
        why: String,
    },
    /// Taking the content apart would need more than the center gives to one preview.
    #[error("{what} is {is}, the most is {most}: bring a preview of your own")]
    TooLarge {
        /// Which measure is too large.
        what: &'static str,
        /// Its value.
        is: u64,
        /// The limit.
        most: u64,
    },
    /// The work is too short for an excerpt.
    #[error("this {media_type} is too short for an excerpt: bring a preview of your own")]
    TooShort {
        /// The medium.
        media_type: MediaType,
    },
    /// An option is outside what is allowed, or outside the work.
    #[error("{option} is {is}: choose {least} to {most}")]
    OutOfRange {
        /// Which option.
        option: &'static str,
        /// What was chosen.
        is: u64,
        /// The least that can be chosen.
        least: u64,
        /// The most that can be chosen.
        most: u64,
    },
    /// The preview has too large a share of the work's bytes.
    #[error(
        "the preview has {preview_bytes} bytes, the work {work_bytes}, so the preview may have \
         {most_bytes}: make the preview smaller or shorter, or bring one of your own"
    )]
    NotLight {
        /// The preview's length.
        preview_bytes: u64,
        /// The work's length.
        work_bytes: u64,
        /// The longest that the preview may be.
        most_bytes: u64,
    },
    /// A brought preview is of a medium that no browser shows safely as it is.
    #[error("a preview cannot be {media_type}: bring one of {allowed}")]
    NotAllowed {
        /// The medium.
        media_type: MediaType,
        /// The media that are allowed.
        allowed: String,
    },
}

impl PreviewError {
    pub(super) fn malformed(media_type: &MediaType, why: impl ToString) -> Self {
        Self::Malformed { media_type: media_type.clone(), why: why.to_string() }
    }

    /// Refuses `is` unless it lies in `range`.
    pub(super) fn unless_within(
        option: &'static str,
        is: u64,
        range: std::ops::RangeInclusive<u64>,
    ) -> Result<(), Self> {
        if range.contains(&is) {
            return Ok(());
        }
        Err(Self::OutOfRange { option, is, least: *range.start(), most: *range.end() })
    }
}
