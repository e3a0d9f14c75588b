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
    /// What is written next.
    bytes: Vec<u8>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Text,
    Pcap,
}

impl Recording {
    /// Begins a recording without secrets, in the place of what the file held.
    ///
    /// # Errors
    /// [`RecordError`].
    pub fn create(path: &Path) -> Result<Self, RecordError> {
        Self::begin(path, true)
    }

    /// Begins a recording of everything, PINs and keys included; only its owner can read it.
    ///
    /// # Errors
    /// [`RecordError`].
    pub fn create_unredacted(path: &Path) -> Result<Self, RecordError> {
        Self::begin(path, false)
    }

    fn begin(path: &Path, is_redacted: bool) -> Result<Self, RecordError> {
        let failed = |error| RecordError { path: path.to_owned(), error };
        let file = open(path, is_redacted).map_err(failed)?;
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
        match recording.form {
            Form::Text => text::begin(&mut recording.bytes, recording.begun_after_1970),
            Form::Pcap => pcap::begin(&mut recording.bytes),
        }
        recording.file.write_all(&recording.bytes).map_err(failed)?;
        Ok(recording)
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
        self.bytes.clear();
        match self.form {
            Form::Text => text::put(&mut self.bytes, at, event),
            Form::Pcap => pcap::put(&mut self.bytes, self.begun_after_1970 + at, event),
        }
        self.failed = self.file.write_all(&self.bytes).err();
    }
}

/// Opens a file and empties it; one with secrets is its owner's alone before anything is in it.
fn open(path: &Path, is_redacted: bool) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    if !is_redacted {
        use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
        let file = options.mode(0o600).open(path)?;
        file.set_permissions(std::fs::Permissions::from_mode(0o600))?;
        return Ok(file);
    }
    #[cfg(not(unix))]
    let _ = is_redacted;
    options.open(path)
}
