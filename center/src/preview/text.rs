//! Takes an excerpt of a text.

use std::io::{Read, Seek};

use super::{Format, MediaType, Options, Preview, PreviewError, WORK_BYTES_PER_PREVIEW_BYTE};

const MAX_EXCERPT_CHARS: u64 = 20_000;
const BUFFER_BYTES: usize = 64 * 1024;
const ELLIPSIS: char = '\u{2026}';

/// The bytes that both ellipsis lines take.
const ELLIPSES_BYTES: usize = 2 * (ELLIPSIS.len_utf8() + 2);

/// Makes the preview of a text: an excerpt that ends with a paragraph, a sentence or a word, and
/// an ellipsis where the text goes on. The whole text is read, so that a damaged one shows.
pub(super) fn make(
    source: &mut (impl Read + Seek),
    work_bytes: u64,
    options: &Options,
) -> Result<Preview, PreviewError> {
    let range = 1..=MAX_EXCERPT_CHARS;
    PreviewError::unless_within("the excerpt's length in characters", options.length_chars, range)?;
    let share_bytes = usize::try_from(work_bytes / WORK_BYTES_PER_PREVIEW_BYTE);
    let most_bytes = share_bytes.unwrap_or(usize::MAX).saturating_sub(ELLIPSES_BYTES);
    let mut window = Window { most_bytes, ..Window::new(options) };
    read_chars(source, |char| window.take(char))?;
    let last_char = window.seen_chars.saturating_sub(1);
    PreviewError::unless_within(
        "the excerpt's first character",
        options.start_char,
        0..=last_char,
    )?;
    let excerpt = window.excerpt();
    if excerpt.trim().is_empty() {
        return Err(PreviewError::TooShort { media_type: MediaType::of(Format::Text) });
    }
    Ok(Preview { media_type: MediaType::of(Format::Text), bytes: excerpt.into_bytes() })
}

/// Refuses a brought text that is empty, is not UTF-8 or has control characters in it.
pub(super) fn check(bytes: &[u8]) -> Result<(), PreviewError> {
    let text = str::from_utf8(bytes).map_err(|error| not_utf8(error.valid_up_to() as u64))?;
    if text.trim().is_empty() || !text.chars().all(is_shown) {
        return Err(malformed("it is empty or has control characters in it".to_owned()));
    }
    Ok(())
}

/// The characters that an excerpt may take, and whether the text goes on after them.
struct Window {
    start_char: u64,
    length_chars: u64,
    most_bytes: usize,
    seen_chars: u64,
    text: String,
    is_full: bool,
    goes_on: bool,
}

impl Window {
    fn new(options: &Options) -> Self {
        Self {
            start_char: options.start_char,
            length_chars: options.length_chars,
            most_bytes: 0,
            seen_chars: 0,
            text: String::new(),
            is_full: false,
            goes_on: false,
        }
    }

    fn take(&mut self, char: char) {
        let position = self.seen_chars;
        self.seen_chars += 1;
        if position < self.start_char || !is_shown(char) {
            return;
        }
        self.is_full |= position - self.start_char >= self.length_chars
            || self.text.len() + char.len_utf8() > self.most_bytes;
        if self.is_full {
            self.goes_on |= !char.is_whitespace();
        } else {
            self.text.push(char);
        }
    }

    fn excerpt(&self) -> String {
        let end = if self.goes_on { best_end(&self.text) } else { self.text.len() };
        let text = self.text[..end].trim_end();
        let before = if self.start_char > 0 { "\u{2026}\n\n" } else { "" };
        let after = if self.goes_on { "\n\n\u{2026}\n" } else { "\n" };
        if text.trim().is_empty() { String::new() } else { format!("{before}{text}{after}") }
    }
}

/// What a page and a terminal show without harm.
fn is_shown(char: char) -> bool {
    !char.is_control() || matches!(char, '\n' | '\r' | '\t')
}

/// Where to cut: after the last paragraph, sentence or word that ends in the second half.
fn best_end(text: &str) -> usize {
    let half = text.len() / 2;
    let ends = [
        text.rfind("\n\n").max(text.rfind("\r\n\r\n")),
        last_sentence_end(text),
        text.rfind(char::is_whitespace),
    ];
    ends.into_iter().flatten().find(|&end| end > half).unwrap_or(text.len())
}

fn last_sentence_end(text: &str) -> Option<usize> {
    let mut next = None;
    for (at, char) in text.char_indices().rev() {
        let before_space = next.is_some_and(char::is_whitespace);
        let ends = matches!(char, '\u{3002}' | '\u{FF01}' | '\u{FF1F}')
            || (before_space && matches!(char, '.' | '!' | '?' | '\u{2026}'));
        if ends {
            return Some(at + char.len_utf8());
        }
        let closes = matches!(char, '"' | '\'' | ')' | '\u{201D}' | '\u{2019}');
        if !(closes && before_space) {
            next = Some(char);
        }
    }
    None
}

/// Hands every character to `take`, in pieces of bounded size, without a byte order mark.
fn read_chars(source: &mut impl Read, mut take: impl FnMut(char)) -> Result<(), PreviewError> {
    let mut buffer = vec![0; BUFFER_BYTES];
    let (mut held, mut read_bytes) = (0, 0_u64);
    loop {
        let count = match source.read(&mut buffer[held..]) {
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            other => other?,
        };
        let piece = &buffer[..held + count];
        let (text, is_broken) = match str::from_utf8(piece) {
            Ok(text) => (text, false),
            Err(error) => {
                let text = str::from_utf8(&piece[..error.valid_up_to()]).unwrap_or_default();
                (text, error.error_len().is_some() || count == 0)
            }
        };
        if let Some(at) = text.find('\0') {
            let at = read_bytes + at as u64;
            return Err(malformed(format!("byte {at} is zero, so it is no plain text")));
        }
        let is_first = read_bytes == 0;
        let mark = usize::from(is_first && text.starts_with('\u{FEFF}'));
        text.chars().skip(mark).for_each(&mut take);
        let (used, all) = (text.len(), held + count);
        read_bytes += used as u64;
        if is_broken {
            return Err(not_utf8(read_bytes));
        }
        if count == 0 {
            return Ok(());
        }
        buffer.copy_within(used..all, 0);
        held = all - used;
    }
}

fn not_utf8(at: u64) -> PreviewError {
    malformed(format!("byte {at} is not UTF-8, in which texts are taken"))
}

fn malformed(why: String) -> PreviewError {
    PreviewError::malformed(&MediaType::of(Format::Text), why)
}

#[cfg(test)]
#[path = "text_tests.rs"]
mod tests;
