//! Files that take what passes.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use super::redact::Shown;
use super::{pcap, text};

/// The ending of a file's name that makes it a pcap; every other is text.
const PCAP: &str = "pcap";

/// Something that passed between card and reader.
#[derive(Debug, Clone, Copy)]
pub(super) enum Event<'e> {
    Command(Shown<'e>),
    Answer(Shown<'e>),
    Atr(&'e [u8]),
    /// What is neither a command nor an answer, in words.
    Happened(&'e str),
    /// What somebody did to it, in words.
    Comment(&'e str),
}

/// Why there is no recording, or no more of it.
#[derive(Debug, thiserror::Error)]
#[error("the recording {} cannot be written: {error}; choose another file or make room", path.display())]
pub struct RecordError {
    /// The file.
    pub path: PathBuf,
    /// What the system says.
    #[source]
    pub error: io::Error,
}

/// A file that is written as a card runs; its name's ending, `.pcap` or any other, says how.
#[derive(Debug)]
pub struct Recording {
    path: PathBuf,
    file: File,
    form: Form,
    is_redacted: bool,
    begun: Instant,
    begun_after_1970: Duration,
    failed: Option<io::Error>,
    /// What is written with the next event.
    bytes: Vec<u8>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Text,
    Pcap,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Start {
    /// In the place of what the file holds.
    Anew,
    /// After it.
    Further,
}

impl Recording {
    /// Begins a recording without secrets, in the place of what the file held.
    ///
    /// # Errors
    /// [`RecordError`].
    pub fn create(path: &Path) -> Result<Self, RecordError> {
        Self::begin(path, true, Start::Anew)
    }

    /// Begins a recording of everything, PINs and keys included; only its owner can read it.
    ///
    /// # Errors
    /// [`RecordError`].
    pub fn create_unredacted(path: &Path) -> Result<Self, RecordError> {
        Self::begin(path, false, Start::Anew)
    }

    /// Goes on with a recording of this process's, also while whoever began it still writes: the
    /// next card's in the same reader.
    ///
    /// # Errors
    /// [`RecordError`].
    pub fn go_on(path: &Path, is_redacted: bool) -> Result<Self, RecordError> {
        Self::begin(path, is_redacted, Start::Further)
    }

    fn begin(path: &Path, is_redacted: bool, start: Start) -> Result<Self, RecordError> {
        let failed = |error| RecordError { path: path.to_owned(), error };
        let file = open(path, is_redacted, start).map_err(failed)?;
        // Somebody has taken away what was begun.
        let is_lost = file.metadata().is_ok_and(|found| found.is_file() && found.len() == 0);
        let start = if is_lost { Start::Anew } else { start };
        let is_pcap = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case(PCAP));
        let mut recording = Self {
            path: path.to_owned(),
            file,
            form: if is_pcap { Form::Pcap } else { Form::Text },
            is_redacted,
            begun: Instant::now(),
            begun_after_1970: SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default(),
            failed: None,
            bytes: Vec::new(),
        };
        match (recording.form, start) {
            // Its times count from now on, and stand after what the card before has still said.
            (Form::Text, Start::Further) => recording.head(),
            (Form::Pcap, Start::Further) => {}
            (_, Start::Anew) => {
                recording.head();
                recording.file.write_all(&recording.bytes).map_err(failed)?;
                recording.bytes.clear();
            }
        }
        Ok(recording)
    }

    /// What stands before the first event.
    fn head(&mut self) {
        match self.form {
            Form::Text => text::begin(&mut self.bytes, self.begun_after_1970),
            Form::Pcap => pcap::begin(&mut self.bytes),
        }
    }

    /// Whether secrets are left out.
    #[must_use]
    pub const fn is_redacted(&self) -> bool {
        self.is_redacted
    }

    /// Says why nothing was written any more from some moment on, if that is so; the card runs
    /// on all the same.
    ///
    /// # Errors
    /// [`RecordError`].
    pub fn finish(self) -> Result<(), RecordError> {
        match self.failed {
            None => Ok(()),
            Some(error) => Err(RecordError { path: self.path, error }),
        }
    }

    /// Writes what happened, in one write.
    pub(super) fn write(&mut self, event: Event<'_>) {
        if self.failed.is_some() {
            return;
        }
        let at = self.begun.elapsed();
        match self.form {
            Form::Text => text::put(&mut self.bytes, at, event),
            Form::Pcap => pcap::put(&mut self.bytes, self.begun_after_1970 + at, event),
        }
        self.failed = self.file.write_all(&self.bytes).err();
        self.bytes.clear();
    }
}

/// Opens a file, of which every write goes to its end; one with secrets is its owner's alone
/// before anything is in it.
fn open(path: &Path, is_redacted: bool, start: Start) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    let file = if is_redacted { options.open(path)? } else { open_private(&mut options, path)? };
    // What is no file, such as a pipe, has nothing to lose.
    if start == Start::Anew && file.metadata()?.is_file() {
        file.set_len(0)?;
    }
    Ok(file)
}

#[cfg(unix)]
fn open_private(options: &mut OpenOptions, path: &Path) -> io::Result<File> {
    use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
    let file = options.mode(0o600).open(path)?;
    file.set_permissions(std::fs::Permissions::from_mode(0o600))?;
    Ok(file)
}

#[cfg(not(unix))]
fn open_private(options: &mut OpenOptions, path: &Path) -> io::Result<File> {
    options.open(path)
}
