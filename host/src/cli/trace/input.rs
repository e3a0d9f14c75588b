//! What a command for traces reads: a file, or standard input.

use crate::cli::{ExitCode, Failure};
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// The most that is read, in bytes.
const MAX_BYTES: u64 = saifu_trace::convert::MAX_TEXT_BYTES as u64;

/// The text of a file; `-` is standard input.
pub(super) fn text(path: &Path) -> Result<String, Failure> {
    let read = match path.as_os_str() == "-" {
        true => read(io::stdin().lock()),
        false => File::open(path).and_then(read),
    };
    let bytes = read.map_err(|why| Failure::file(path, &why))?;
    if bytes.len() as u64 > MAX_BYTES {
        let what = format!("{}: more than {MAX_BYTES} bytes", path.display());
        return Err(Failure::new(ExitCode::Failed, what, "give it in parts"));
    }
    String::from_utf8(bytes).map_err(|wrong| {
        let at = wrong.utf8_error().valid_up_to();
        let what = format!("{}: byte {at} is no UTF-8 text", path.display());
        let next = "a recording in pcap form is for Wireshark; record as text for `saifu trace`";
        Failure::new(ExitCode::Failed, what, next)
    })
}

fn read(from: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_text_and_what_is_not_there_is_told_with_its_path() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.pcap");
        assert!(text(&path).unwrap_err().what.contains("a.pcap"));
        std::fs::write(&path, [b'a', 0xD4, 0xC3]).unwrap();
        let failure = text(&path).unwrap_err();
        assert!(failure.what.ends_with("byte 1 is no UTF-8 text"), "{}", failure.what);
        std::fs::write(&path, "a").unwrap();
        assert_eq!(text(&path).unwrap(), "a");
    }
}
