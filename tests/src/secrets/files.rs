//! The search through files and folders.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::canary::Canary;

/// How much of a file is looked at at a time, in bytes.
const PIECE_BYTES: usize = 1024 * 1024;

/// Folders in which secrets are at home: a card's secure area, a center's keys and works, and
/// what a customer has bought.
const AT_HOME: [&str; 4] = ["secure", "keys", "works", "bought"];

/// What was searched, and what was found.
#[derive(Debug, Default)]
pub struct Searched {
    /// How many files.
    pub files: u64,
    /// How many bytes.
    pub bytes: u64,
    /// How many secrets were looked for.
    pub canaries: usize,
    /// In which file which secret lies.
    pub found: Vec<(PathBuf, String)>,
}

/// Searches files, and folders with all that is in them, for any of the secrets. Links are not
/// followed, and folders in which secrets are at home are left out, unless they are named.
///
/// # Errors
/// Something cannot be read.
pub fn search(places: &[PathBuf], canaries: &[Canary]) -> io::Result<Searched> {
    let mut searched = Searched { canaries: canaries.len(), ..Searched::default() };
    let mut waiting = places.to_vec();
    while let Some(path) = waiting.pop() {
        let kind = fs::symlink_metadata(&path)?.file_type();
        if kind.is_dir() {
            waiting.extend(inside(&path)?);
        } else if kind.is_file() {
            searched.file(&path, canaries)?;
        }
    }
    Ok(searched)
}

/// What is to be searched in a folder.
fn inside(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path()));
    let is_at_home =
        |path: &PathBuf| path.is_dir() && AT_HOME.iter().any(|name| path.ends_with(name));
    entries.filter(|path| !path.as_ref().is_ok_and(is_at_home)).collect()
}

impl Searched {
    /// Searches a file piece by piece; what a piece ends with begins the next one.
    fn file(&mut self, path: &Path, canaries: &[Canary]) -> io::Result<()> {
        let longest = canaries.iter().flat_map(Canary::forms).map(<[u8]>::len).max();
        let kept = longest.unwrap_or(1) - 1;
        let (mut file, mut piece) = (File::open(path)?, Vec::new());
        let mut sought: Vec<_> = canaries.iter().collect();
        loop {
            let read = file.by_ref().take(PIECE_BYTES as u64).read_to_end(&mut piece)?;
            let (found, rest) = sought.into_iter().partition(|canary| canary.is_in(&piece));
            let found: Vec<&Canary> = found;
            self.found.extend(found.iter().map(|c| (path.to_owned(), c.name().to_owned())));
            self.bytes += read as u64;
            sought = rest;
            if read < PIECE_BYTES {
                break;
            }
            piece.drain(..piece.len() - kept);
        }
        self.files += 1;
        Ok(())
    }
}

impl fmt::Display for Searched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { files, bytes, canaries, found } = self;
        write!(f, "secrets: {files} files, {bytes} bytes, {canaries} canaries, ")?;
        match found.len() {
            0 => f.write_str("none found"),
            found => write!(f, "{found} FOUND"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn canaries() -> Vec<Canary> {
        vec![Canary::new("the PIN", b"135792468024"), Canary::new("Km", &[0xA7; 32])]
    }

    /// The names of what is found of `planted` in a file `name` of a folder.
    fn found(name: &str, planted: &[u8]) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, planted).unwrap();
        let searched = search(&[folder.path().to_owned()], &canaries()).unwrap();
        searched.found.into_iter().map(|(_, name)| name).collect()
    }

    #[test]
    fn a_secret_planted_in_a_log_a_database_or_outside_memory_is_found_raw_and_in_hex() {
        for place in ["test-run.log", "center/center.sqlite3", "card/outside/13-money/01"] {
            for canary in canaries() {
                for form in canary.forms() {
                    let planted = [b"before ", form, b" after"].concat();
                    assert_eq!(found(place, &planted), [canary.name()], "{place}");
                    assert_eq!(found(place, &planted[..planted.len() - 7]), [""; 0], "{place}");
                }
            }
        }
    }

    #[test]
    fn a_secret_across_two_pieces_of_a_long_file_is_found_once() {
        let mut long = vec![0x5A; PIECE_BYTES - 5];
        long.extend(b"135792468024");
        long.extend(vec![0x5A; PIECE_BYTES]);
        long.extend(b"135792468024");
        assert_eq!(found("a.log", &long), ["the PIN"]);
    }

    #[test]
    fn where_secrets_are_at_home_they_are_left_alone() {
        for home in AT_HOME {
            assert_eq!(found(&format!("card/{home}/slot-a"), b"135792468024"), [""; 0]);
        }
        assert_eq!(found("card/works.txt", b"135792468024"), ["the PIN"]);
    }

    #[test]
    fn what_is_not_there_is_an_error_and_what_was_searched_is_told() {
        assert!(search(&["/nowhere/at/all".into()], &canaries()).is_err());
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("a"), [0; 10]).unwrap();
        fs::write(folder.path().join("b"), b"135792468024").unwrap();
        let told = |name| search(&[folder.path().join(name)], &canaries()).unwrap().to_string();
        assert_eq!(told("a"), "secrets: 1 files, 10 bytes, 2 canaries, none found");
        assert_eq!(told("b"), "secrets: 1 files, 12 bytes, 2 canaries, 1 FOUND");
    }
}
