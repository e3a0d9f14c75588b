//! What stands between a card and its reader: faults, a pace, a recording.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use super::Failure;
use crate::faults::{Fault, Faults, Faulty, GRAMMAR, Pace};
use crate::plug::InSlot;
use crate::record::{Recorded, Recording};

/// What is told of it.
#[derive(Debug, Clone, Default, clap::Args)]
pub(super) struct Between {
    /// Let something go wrong, such as drop@3 or delay=2s@1+:A4; may be given many times
    #[arg(long, value_name = "FAULT", long_help = fault_help())]
    fault: Vec<Fault>,
    /// Answer as slowly as a real card: t1-9600, t1-115200, t1-250000, nfc-106, nfc-848, or
    /// bytes a second and a time for each command, such as 10000/s,2ms
    #[arg(long)]
    pace: Option<Pace>,
    /// Record every command and answer into this file: for Wireshark where it ends in .pcap,
    /// else as text. PINs, keys and what they open are left out
    #[arg(long, value_name = "FILE")]
    record: Option<PathBuf>,
    /// Record PINs and keys, too; only you can read the file
    #[arg(long, requires = "record")]
    unredacted: bool,
    /// The recordings that cards have begun: the next card in a reader goes on with the last's.
    #[arg(skip)]
    begun: Arc<Mutex<BTreeSet<PathBuf>>>,
}

fn fault_help() -> String {
    format!("Let something go wrong; may be given many times:\n{GRAMMAR}")
}

/// A card with what stands before it.
pub(super) type Before<C> = Recorded<Faulty<C>>;

impl Between {
    /// Makes the hand on a card's faults, with those that were told.
    pub(super) fn faults(&self) -> Result<Faults, Failure> {
        let faults = Faults::default();
        self.add_to(&faults)?;
        Ok(faults)
    }

    /// Adds those that were told to a card's faults.
    pub(super) fn add_to(&self, faults: &Faults) -> Result<(), Failure> {
        for fault in &self.fault {
            faults.add(fault.clone())?;
        }
        faults.set_pace(self.pace);
        Ok(())
    }

    /// Puts it before a card; the `number`th of several records into a file of its own.
    pub(super) fn before<C: InSlot>(
        &self,
        card: C,
        faults: Faults,
        number: usize,
    ) -> Result<Before<C>, Failure> {
        let recording = self.record.as_deref().map(|path| self.begin(&numbered(path, number)));
        let recording = recording.transpose()?;
        Ok(Recorded::new(Faulty::new(card, faults.clone()), recording, faults))
    }

    fn begin(&self, path: &Path) -> Result<Recording, Failure> {
        let mut begun = self.begun.lock().unwrap_or_else(PoisonError::into_inner);
        if begun.contains(path) {
            return Ok(Recording::go_on(path, !self.unredacted)?);
        }
        let recording = match self.unredacted {
            true => Recording::create_unredacted(path)?,
            false => Recording::create(path)?,
        };
        begun.insert(path.to_owned());
        Ok(recording)
    }
}

/// The file's name as it is for the first (1), and with a number for the others.
fn numbered(path: &Path, number: usize) -> PathBuf {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    match (number, path.extension()) {
        (..=1, _) => path.to_owned(),
        (_, None) => path.with_file_name(format!("{stem}-{number}")),
        (_, Some(ending)) => {
            path.with_file_name(format!("{stem}-{number}.{}", ending.to_string_lossy()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_of_several_cards_records_into_a_file_of_its_own() {
        let name = |path: &str, number| numbered(Path::new(path), number).display().to_string();
        assert_eq!(name("a/talk.pcap", 1), "a/talk.pcap");
        assert_eq!(name("a/talk.pcap", 2), "a/talk-2.pcap");
        assert_eq!(name("talk", 3), "talk-3");
    }

    #[test]
    fn the_next_card_in_a_reader_goes_on_with_the_recording() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("talk.txt");
        let between = Between { record: Some(path.clone()), ..Between::default() };
        std::fs::write(&path, "of another day").unwrap();
        for opens in [between.clone(), between] {
            let card = crate::harness::Echo::answering(0);
            let mut card = opens.before(card, Faults::default(), 1).unwrap();
            card.transmit(&[0, 0xCA, 0, 0]);
            card.finish().unwrap();
        }
        let text = std::fs::read_to_string(&path).unwrap();
        assert_eq!(text.matches("\n< 9000 @").count(), 2, "{text}");
        assert!(text.starts_with("# saifu-card recording 1"), "{text}");
    }
}
