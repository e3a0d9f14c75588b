//! The file of a recording.

use super::script::{Head, Script};
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Why there is no recording, or no more of it.
#[derive(Debug, thiserror::Error)]
#[error("the recording {} cannot be written: {error}; choose another file or make room", path.display())]
pub struct TapeError {
    /// The file.
    pub path: PathBuf,
    /// What the system says.
    #[source]
    pub error: io::Error,
}

/// How much is in a recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Commands.
    pub commands: u64,
    /// Those that were not answered.
    pub lost: u64,
}

/// A recording that is written as it comes, whole lines in one write: a kill loses at most the
/// last. What cannot be written ends the recording and not the card.
#[derive(Debug)]
pub struct Tape {
    path: PathBuf,
    file: File,
    script: Script,
    counts: Counts,
    failed: Option<io::Error>,
}

impl Tape {
    /// Begins a recording in the place of what the file held; `is_private` lets nobody but its
    /// owner read it, before anything is in it.
    ///
    /// # Errors
    /// [`TapeError`].
    pub fn create(
        path: &Path,
        script: Script,
        head: &Head,
        is_private: bool,
    ) -> Result<Self, TapeError> {
        let failed = |error| TapeError { path: path.to_owned(), error };
        let mut file = open(path, is_private).map_err(failed)?;
        file.write_all(script.head(head).as_bytes()).map_err(failed)?;
        Ok(Self { path: path.to_owned(), file, script, counts: Counts::default(), failed: None })
    }

    /// Writes a command.
    pub fn command(&mut self, command: &[u8]) {
        self.counts.commands += 1;
        let text = self.script.command(command);
        self.write(&text);
    }

    /// Writes its answer, status word included.
    pub fn answer(&mut self, answer: &[u8]) {
        let text = self.script.answer(answer);
        self.write(&text);
    }

    /// Writes that it has none, and why.
    pub fn lost(&mut self, why: &str) {
        self.counts.lost += 1;
        let text = self.script.lost(why);
        self.write(&text);
    }

    /// What the card's power and answers to reset are told to.
    pub const fn script(&mut self) -> &mut Script {
        &mut self.script
    }

    /// How much is in it; or why nothing was written any more from some moment on.
    ///
    /// # Errors
    /// [`TapeError`], once.
    pub fn finish(&mut self) -> Result<Counts, TapeError> {
        match self.failed.take() {
            None => Ok(self.counts),
            Some(error) => Err(TapeError { path: self.path.clone(), error }),
        }
    }

    fn write(&mut self, text: &str) {
        if self.failed.is_none() {
            self.failed = self.file.write_all(text.as_bytes()).err();
        }
    }
}

fn open(path: &Path, is_private: bool) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    let file = if is_private { open_private(&mut options, path)? } else { options.open(path)? };
    // What is no file, such as a pipe, has nothing to lose.
    if file.metadata()?.is_file() {
        file.set_len(0)?;
    }
    Ok(file)
}

#[cfg(unix)]
fn open_private(options: &mut OpenOptions, path: &Path) -> io::Result<File> {
    use std::fs::Permissions;
    use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
    let file = options.mode(0o600).open(path)?;
    file.set_permissions(Permissions::from_mode(0o600))?;
    Ok(file)
}

#[cfg(not(unix))]
fn open_private(options: &mut OpenOptions, path: &Path) -> io::Result<File> {
    options.open(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn each_line_is_in_the_file_as_soon_as_it_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.apdu");
        fs::write(&path, "what was there").unwrap();
        let mut tape = Tape::create(&path, Script::new(), &Head::default(), false).unwrap();
        let text = || fs::read_to_string(&path).unwrap();
        assert!(text().ends_with("section 1 \"a session\"\n"), "{}", text());
        tape.command(&[0x00, 0xCA, 0xDF, 2, 0]);
        assert!(text().ends_with("> GET DATA p1=DF p2=02\n"), "{}", text());
        tape.answer(&[0x90, 0x00]);
        assert!(text().ends_with("< 9000\n"), "{}", text());
        tape.lost("pulled");
        assert_eq!(tape.finish().unwrap(), Counts { commands: 1, lost: 1 });
        assert!(!text().contains("what was there"));
    }

    #[cfg(unix)]
    #[test]
    fn what_has_secrets_is_its_owners_alone_also_where_the_file_was_open_to_others() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        let path = folder.path().join("a.apdu");
        fs::write(&path, "").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        drop(Tape::create(&path, Script::new(), &Head::default(), false).unwrap());
        assert_eq!(mode(&path), 0o644);
        drop(Tape::create(&path, Script::new().unredacted(), &Head::default(), true).unwrap());
        assert_eq!(mode(&path), 0o600);
    }

    #[test]
    fn a_place_that_cannot_be_written_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("none").join("a.apdu");
        let error = Tape::create(&path, Script::new(), &Head::default(), false).unwrap_err();
        assert!(error.to_string().contains("a.apdu cannot be written"), "{error}");
    }
}
