//! What cards have signed and their centers are still to be told: events and closings (§9.1,
//! §12.2).
//!
//! Each is a file beside the journals of the sales, on disk before anything follows from it, and
//! gone once its center has taken it. A center takes the same thing as often as it comes.

use super::JournalError;
use super::journal::{disk, sync_folder_of};
use super::private::PrivateFile;
use crate::center::{CenterError, Client};
use crate::trust::sha256;
use saifu_wire::CenterId;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// The most bytes of such a file: a closing of many purses in hex.
const MAX_BYTES: u64 = 1 << 16;

/// The most of them that are sent in one go.
const MAX_SENT: usize = 1_000;

/// The digits of a hash that name a file.
const NAME_DIGITS: usize = 32;

/// What a card has signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Word {
    /// An event of its chain.
    Event,
    /// Its Closing of an account.
    Closing,
}

impl Word {
    const ALL: [Self; 2] = [Self::Event, Self::Closing];

    fn ending(self) -> &'static str {
        match self {
            Self::Event => "event",
            Self::Closing => "closing",
        }
    }
}

/// What waits in a folder of sales to be sent.
#[derive(Debug, Clone)]
pub struct Outgoing {
    folder: PathBuf,
}

/// What became of what waited for a center.
#[derive(Debug, Default)]
pub struct Sent {
    /// How many the center took.
    pub taken: usize,
    /// What it refused for good, and why; it waits until it is set aside.
    pub refused: Vec<(PathBuf, String)>,
    /// Why the rest waits; none where nothing does.
    pub waits: Option<CenterError>,
}

impl Outgoing {
    pub(super) fn of(folder: &Path) -> Self {
        Self { folder: folder.to_owned() }
    }

    /// Keeps what a card has signed for `center`, durably; again, it is the same.
    ///
    /// # Errors
    /// The disk refuses.
    pub fn keep(&self, center: CenterId, word: Word, signed: &[u8]) -> Result<(), JournalError> {
        let text = hex::encode(signed);
        let name = &sha256(text.as_bytes()).to_string()[..NAME_DIGITS];
        let path = self.folder.join(format!("{center}-{name}.{}", word.ending()));
        let write = |near: PathBuf| {
            let mut file = PrivateFile::create(near)?;
            file.write(text.as_bytes())?;
            file.keep()
        };
        let near = write(path.with_extension("part")).map_err(|error| lost(&path, &error))?;
        fs::rename(near, &path).map_err(disk(&path))?;
        sync_folder_of(&path)
    }

    /// Whether anything waits, for whatever center.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub fn is_empty(&self) -> Result<bool, JournalError> {
        Ok(self.waiting("")?.is_empty())
    }

    /// Sends `center`, which `client` leads to, what waits for it; stops where it does not answer.
    ///
    /// # Errors
    /// The disk refuses; what was sent stays sent.
    pub fn send(&self, client: &Client, center: CenterId) -> Result<Sent, JournalError> {
        let mut sent = Sent::default();
        for (path, word) in self.waiting(&center.to_string())? {
            let Some(signed) = read(&path).map_err(disk(&path))? else {
                sent.refused.push((path, "it is damaged on this disk".into()));
                continue;
            };
            let answer = match word {
                Word::Event => client.event(signed),
                Word::Closing => client.closing(signed),
            };
            match answer {
                Ok(()) => {
                    fs::remove_file(&path).map_err(disk(&path))?;
                    sent.taken += 1;
                }
                Err(error @ CenterError::Refused(_)) if !error.is_passing() => {
                    sent.refused.push((path, error.to_string()));
                }
                Err(error) => {
                    sent.waits = Some(error);
                    break;
                }
            }
        }
        Ok(sent)
    }

    /// Sends nothing any more of what was refused; its files stay under another name.
    ///
    /// # Errors
    /// The disk refuses.
    pub fn set_aside(&self, sent: &Sent) -> Result<(), JournalError> {
        for (path, _) in &sent.refused {
            let ending = path.extension().unwrap_or_default().to_string_lossy();
            let aside = path.with_extension(format!("{ending}.refused"));
            fs::rename(path, aside).map_err(disk(path))?;
        }
        Ok(())
    }

    /// The files that begin so, at most [`MAX_SENT`].
    fn waiting(&self, center: &str) -> Result<Vec<(PathBuf, Word)>, JournalError> {
        let mut found = Vec::new();
        for entry in fs::read_dir(&self.folder).map_err(disk(&self.folder))? {
            let path = entry.map_err(disk(&self.folder))?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let ending = path.extension().unwrap_or_default().to_string_lossy();
            let word = Word::ALL.into_iter().find(|word| word.ending() == ending);
            let Some(word) = word.filter(|_| name.starts_with(center)) else { continue };
            found.push((path.clone(), word));
            if found.len() == MAX_SENT {
                break;
            }
        }
        Ok(found)
    }
}

/// What is in a file; none where it is no hex.
fn read(path: &Path) -> io::Result<Option<Vec<u8>>> {
    let mut text = Vec::new();
    File::open(path)?.take(MAX_BYTES).read_to_end(&mut text)?;
    Ok(hex::decode(text).ok())
}

fn lost(path: &Path, error: &super::SaleError) -> JournalError {
    disk(path)(io::Error::other(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{PlayCenter, world};
    use saifu_center_api::ProblemCode;

    const OTHER: CenterId = CenterId([0xEE; 16]);

    fn client(center: &PlayCenter) -> Client {
        Client::new(Box::new(center.clone()))
    }

    #[test]
    fn what_waits_is_sent_once_to_the_center_it_is_for() {
        let folder = tempfile::tempdir().unwrap();
        let (outgoing, center) = (Outgoing::of(folder.path()), PlayCenter::default());
        assert!(outgoing.is_empty().unwrap());
        outgoing.keep(world::CENTER, Word::Event, b"one").unwrap();
        outgoing.keep(world::CENTER, Word::Event, b"one").unwrap();
        outgoing.keep(world::CENTER, Word::Closing, b"two").unwrap();
        outgoing.keep(OTHER, Word::Event, b"three").unwrap();
        assert_eq!(outgoing.send(&client(&center), world::CENTER).unwrap().taken, 2);
        assert_eq!(outgoing.send(&client(&center), world::CENTER).unwrap().taken, 0);
        let mut told = center.kept.borrow().told.clone();
        told.sort();
        assert_eq!(told, [b"one", b"two"]);
        assert!(!outgoing.is_empty().unwrap(), "what is another center's waits");
    }

    #[test]
    fn what_is_not_answered_waits_and_what_is_refused_is_set_aside() {
        let folder = tempfile::tempdir().unwrap();
        let (outgoing, center) = (Outgoing::of(folder.path()), PlayCenter::default());
        outgoing.keep(world::CENTER, Word::Event, b"one").unwrap();
        for (code, waits) in [(ProblemCode::Unavailable, true), (ProblemCode::CardFrozen, false)] {
            center.kept.borrow_mut().refuses = Some(("/v1/events", code));
            let sent = outgoing.send(&client(&center), world::CENTER).unwrap();
            assert_eq!((sent.waits.is_some(), sent.refused.len()), (waits, usize::from(!waits)));
            outgoing.set_aside(&sent).unwrap();
        }
        assert!(outgoing.is_empty().unwrap());
        let left: Vec<_> =
            fs::read_dir(folder.path()).unwrap().map(|e| e.unwrap().path()).collect();
        assert!(left[0].to_string_lossy().ends_with(".event.refused"), "{left:?}");
    }

    #[test]
    fn a_damaged_file_is_told_and_stops_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let (outgoing, center) = (Outgoing::of(folder.path()), PlayCenter::default());
        fs::write(folder.path().join(format!("{}-0.event", world::CENTER)), "rubbish").unwrap();
        outgoing.keep(world::CENTER, Word::Event, b"one").unwrap();
        let sent = outgoing.send(&client(&center), world::CENTER).unwrap();
        assert_eq!((sent.taken, sent.refused.len()), (1, 1));
        assert!(sent.refused[0].1.contains("damaged"));
    }
}
