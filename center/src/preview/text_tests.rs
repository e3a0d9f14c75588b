//! Texts made here in code, and what their excerpts must be.

use std::io::{self, Cursor, SeekFrom};

use super::*;

fn excerpt_of(text: &[u8], options: &Options) -> Result<String, PreviewError> {
    let preview = super::super::make(Cursor::new(text), &MediaType::of(Format::Text), options)?;
    preview.check_light(text.len() as u64)?;
    Ok(String::from_utf8(preview.bytes).unwrap())
}

fn from_to(start_char: u64, length_chars: u64) -> Options {
    Options { start_char, length_chars, ..Options::default() }
}

/// Paragraphs of three numbered sentences each.
fn novel(paragraphs: usize) -> String {
    (0..paragraphs).fold(String::new(), |text, n| {
        text + &format!("Paragraph {n} begins. It goes on for a while! Does it end?\n\n")
    })
}

#[test]
fn an_excerpt_is_the_beginning_up_to_the_end_of_a_paragraph() {
    let novel = novel(1_000);
    let excerpt = excerpt_of(novel.as_bytes(), &Options::default()).unwrap();
    let text = excerpt.strip_suffix("\n\n\u{2026}\n").unwrap();
    assert!(novel.starts_with(&format!("{text}\n\n")));
    assert!((1_000..=2_000).contains(&text.chars().count()), "{}", text.len());
}

#[test]
fn without_a_paragraph_the_cut_is_after_a_sentence_then_after_a_word() {
    let sentences = "One sentence here. ".repeat(500);
    let excerpt = excerpt_of(sentences.as_bytes(), &from_to(0, 100)).unwrap();
    assert_eq!(excerpt, format!("{}\n\n\u{2026}\n", "One sentence here. ".repeat(5).trim_end()));
    let said = "\u{201C}So it is.\u{201D} ".repeat(100);
    let excerpt = excerpt_of(said.as_bytes(), &from_to(0, 30)).unwrap();
    assert!(excerpt.starts_with("\u{201C}So it is.\u{201D} \u{201C}So it is."), "{excerpt}");
    let words = "word ".repeat(500);
    let excerpt = excerpt_of(words.as_bytes(), &from_to(0, 52)).unwrap();
    assert_eq!(excerpt, format!("{}\n\n\u{2026}\n", "word ".repeat(10).trim_end()));
}

#[test]
fn a_japanese_text_is_counted_in_characters_and_cut_after_its_full_stop() {
    let text = "\u{6625}\u{306F}\u{3042}\u{3051}\u{307C}\u{306E}\u{3002}".repeat(1_000);
    let excerpt = excerpt_of(text.as_bytes(), &from_to(0, 100)).unwrap();
    let shown = excerpt.strip_suffix("\n\n\u{2026}\n").unwrap();
    assert_eq!(shown.chars().count(), 98);
    assert!(text.starts_with(shown) && shown.ends_with('\u{3002}'));
}

#[test]
fn the_publisher_chooses_where_it_starts_and_how_long_it_is() {
    let text: String = (0..10_000).map(|n| format!("{n:05} ")).collect();
    let excerpt = excerpt_of(text.as_bytes(), &from_to(6 * 4_000, 60)).unwrap();
    assert!(excerpt.starts_with("\u{2026}\n\n04000 04001"), "{excerpt}");
    assert!(excerpt.ends_with("04009\n\n\u{2026}\n"), "{excerpt}");
    let end = excerpt_of(text.as_bytes(), &from_to(6 * 9_990, 100)).unwrap();
    assert!(end.ends_with("09998 09999\n"), "{end}");
}

#[test]
fn a_start_or_length_outside_the_text_is_refused() {
    let text = novel(10);
    let chars = text.chars().count() as u64;
    assert!(excerpt_of(text.as_bytes(), &from_to(chars - 10, 100)).is_ok());
    for options in [from_to(chars, 100), from_to(0, 0), from_to(0, 20_001)] {
        let error = excerpt_of(text.as_bytes(), &options).unwrap_err();
        assert!(matches!(error, PreviewError::OutOfRange { .. }), "{error}");
    }
}

#[test]
fn at_most_a_quarter_of_a_short_text_is_shown() {
    let text = "Seventeen syllables are all that a haiku has: so show a few of them.";
    let excerpt = excerpt_of(text.as_bytes(), &Options::default()).unwrap();
    assert!(excerpt.len() <= text.len() / 4, "{excerpt}");
    assert!(text.starts_with(excerpt.trim_end_matches("\n\n\u{2026}\n")));
    let error = excerpt_of(b"Too short.", &Options::default()).unwrap_err();
    assert!(matches!(error, PreviewError::TooShort { .. }), "{error}");
}

#[test]
fn bytes_that_are_not_utf8_are_refused_with_their_place() {
    for at in [0, 1_000, BUFFER_BYTES - 1, BUFFER_BYTES, 200_000] {
        let mut text = vec![b'a'; 200_001];
        text[at] = 0xE9;
        let message = excerpt_of(&text, &Options::default()).unwrap_err().to_string();
        assert!(message.contains(&format!("byte {at} is not UTF-8")), "{message}");
    }
    let message = excerpt_of(b"plain\0text", &Options::default()).unwrap_err().to_string();
    assert!(message.contains("byte 5 is zero"), "{message}");
}

#[test]
fn a_text_cut_inside_its_last_character_is_refused() {
    let text = "\u{6625}".repeat(30_000);
    assert!(excerpt_of(text.as_bytes(), &Options::default()).is_ok());
    assert!(excerpt_of(&text.as_bytes()[..text.len() - 1], &Options::default()).is_err());
}

#[test]
fn a_byte_order_mark_and_control_characters_are_left_out() {
    let text = format!("\u{FEFF}\x1B[2JFirst.\r\n\tSecond. {}", "More. ".repeat(100));
    let excerpt = excerpt_of(text.as_bytes(), &Options::default()).unwrap();
    assert!(excerpt.starts_with("[2JFirst.\r\n\tSecond."), "{excerpt:?}");
}

/// A long text that is never in memory.
struct Endless {
    position: u64,
    length: u64,
}

impl Read for Endless {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = (self.length - self.position).min(buffer.len() as u64).min(1_000);
        buffer[..count as usize].fill(b'x');
        self.position += count;
        Ok(count as usize)
    }
}

impl Seek for Endless {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.position = if to == SeekFrom::Start(0) { 0 } else { self.length };
        Ok(self.position)
    }
}

#[test]
fn a_text_longer_than_any_buffer_is_read_in_pieces() {
    let text = Endless { position: 0, length: 20_000_000 };
    let preview = super::super::make(text, &MediaType::of(Format::Text), &Options::default());
    assert_eq!(preview.unwrap().bytes.len(), 2_000 + "\n\n\u{2026}\n".len());
}
