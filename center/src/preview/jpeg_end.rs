//! Finds out whether a JPEG is whole, which its lenient decoder does not say.

use std::io::{self, BufRead, ErrorKind, Read};

const START_OF_SCAN: u8 = 0xDA;
const END_OF_IMAGE: u8 = 0xD9;

/// Reads a JPEG's segments (ITU-T T.81, annex B) up to the end of the image; what follows, as
/// cameras append, is not looked at. Returns whether that end is there.
///
/// # Errors
/// Those of the reader, except for the end of the file.
pub(super) fn is_whole(source: impl BufRead) -> io::Result<bool> {
    match find_end(source) {
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => Ok(false),
        other => other,
    }
}

fn find_end(mut source: impl BufRead) -> io::Result<bool> {
    let start = [byte(&mut source)?, byte(&mut source)?];
    if start != [0xFF, 0xD8] {
        return Ok(false);
    }
    let mut in_scan = false;
    loop {
        match next_marker(&mut source, in_scan)? {
            None => return Ok(false),
            Some(END_OF_IMAGE) => return Ok(true),
            Some(marker) => {
                skip_segment(&mut source)?;
                in_scan = marker == START_OF_SCAN;
            }
        }
    }
}

/// Returns the next marker; in a scan, the coded data before it is passed over.
fn next_marker(source: &mut impl BufRead, in_scan: bool) -> io::Result<Option<u8>> {
    loop {
        if byte(source)? != 0xFF {
            if in_scan {
                continue;
            }
            return Ok(None);
        }
        let mut marker = 0xFF;
        while marker == 0xFF {
            marker = byte(source)?;
        }
        let stuffed_or_restart = marker == 0 || (0xD0..=0xD7).contains(&marker);
        if !(in_scan && stuffed_or_restart) {
            return Ok(Some(marker));
        }
    }
}

fn skip_segment(source: &mut impl BufRead) -> io::Result<()> {
    let length = u16::from_be_bytes([byte(source)?, byte(source)?]);
    let rest = u64::from(length.saturating_sub(2));
    if io::copy(&mut source.by_ref().take(rest), &mut io::sink())? < rest {
        return Err(ErrorKind::UnexpectedEof.into());
    }
    Ok(())
}

fn byte(source: &mut impl BufRead) -> io::Result<u8> {
    let mut byte = [0];
    source.read_exact(&mut byte)?;
    Ok(byte[0])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A thumbnail's end inside a segment, a stuffed FF, a restart marker, the end, a trailer.
    const WHOLE: &[u8] = b"\xFF\xD8\xFF\xE1\0\x04\xFF\xD9\xFF\xDA\0\x02a\xFF\0b\xFF\xD0c\xFF\xD9z";

    #[test]
    fn a_whole_jpeg_is_seen_as_whole() {
        assert!(is_whole(WHOLE).unwrap());
        assert!(is_whole(&WHOLE[..WHOLE.len() - 1]).unwrap());
    }

    #[test]
    fn every_shorter_beginning_is_seen_as_cut() {
        for length in 0..WHOLE.len() - 1 {
            assert!(!is_whole(&WHOLE[..length]).unwrap(), "{length} bytes");
        }
    }

    #[test]
    fn garbage_between_segments_is_not_whole() {
        assert!(!is_whole(&b"\xFF\xD8ab\xFF\xD9"[..]).unwrap());
    }
}
