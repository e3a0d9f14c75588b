//! Cards that come and go at a reader of one's own, as its host sees it.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};

use super::*;
use crate::faults::Faulty;
use crate::harness::Echo;

const POWER_ON: u8 = 0x62;
const GET_SLOT_STATUS: u8 = 0x65;
const XFR_BLOCK: u8 = 0x6F;
const NOTIFY_SLOT_CHANGE: u8 = 0x50;

/// GET DATA in a block of T=1.
const BLOCK: [u8; 9] = [0x00, 0x00, 0x05, 0x00, 0xCA, 0xDF, 0x01, 0x00, 0x11];

/// What a host finds in the slot: the low bits of `bStatus`.
#[derive(Debug, PartialEq, Eq)]
enum Slot {
    Active,
    Inactive,
    Absent,
}

/// The driver's end of the line.
struct Host(File);

impl Host {
    fn open(link: &Path) -> Self {
        Self(OpenOptions::new().read(true).write(true).open(link).unwrap())
    }

    /// Sends a message; gives what is in the slot then, and the answer's data.
    fn ask(&mut self, kind: u8, data: &[u8]) -> (Slot, Vec<u8>) {
        let mut frame = vec![0x03, 0x06, kind, data.len() as u8, 0, 0, 0, 0, 7, 0, 0, 0];
        frame.extend_from_slice(data);
        frame.push(frame.iter().fold(0, |sum, byte| sum ^ byte));
        self.0.write_all(&frame).unwrap();
        assert_eq!(self.read(frame.len()), frame, "the reader echoes");
        let mut begun = self.read(2);
        if begun[0] == NOTIFY_SLOT_CHANGE {
            begun = self.read(2);
        }
        assert_eq!(begun, [0x03, 0x06]);
        let header = self.read(10);
        let data = self.read(usize::from(header[1]) + 1);
        let slot = match header[7] & 0x03 {
            0 => Slot::Active,
            1 => Slot::Inactive,
            _ => Slot::Absent,
        };
        (slot, data[..data.len() - 1].to_vec())
    }

    fn read(&mut self, bytes: usize) -> Vec<u8> {
        let mut read = vec![0; bytes];
        self.0.read_exact(&mut read).unwrap();
        read
    }

    fn slot(&mut self) -> Slot {
        self.ask(GET_SLOT_STATUS, &[]).0
    }
}

/// A rig of one reader at a line, and its link; the card of any folder answers 9000.
fn rig_at_line(folder: &TempDir) -> (Rig, PathBuf, Arc<Mutex<Vec<String>>>) {
    let link = folder.path().join("reader");
    let told = Arc::new(Mutex::new(Vec::new()));
    let list = Arc::clone(&told);
    let tell = move |_, event: Told| list.lock().unwrap().push(format!("{event:?}"));
    let open =
        |(_, faults): (usize, &Faults), _: &Path| -> Result<Box<dyn InSlot + Send>, NoCard> {
            Ok(Box::new(Faulty::new(Echo::answering(0), faults.clone())))
        };
    let places = vec![Place::CcidPty(link.clone())];
    let rig = Rig::new(places, &Atr::default(), Box::new(open), Arc::new(tell)).unwrap();
    (rig, link, told)
}

#[test]
fn a_host_meets_no_card_where_none_is_and_a_new_one_without_power_after_a_swap() {
    let folder = tempfile::tempdir().unwrap();
    let (rig, link, _) = rig_at_line(&folder);
    let mut host = Host::open(&link);
    assert_eq!(host.slot(), Slot::Absent);
    assert_eq!(host.ask(POWER_ON, &[]), (Slot::Absent, vec![]), "nobody says an ATR");
    rig.insert(0, Path::new("one")).unwrap();
    assert!(rig.wait_until_connected(0, WITHIN).unwrap());
    for other in ["two", "three", "three"] {
        assert_eq!(host.ask(POWER_ON, &[]), (Slot::Active, Atr::default().as_bytes().to_vec()));
        assert_eq!(host.ask(XFR_BLOCK, &BLOCK).1[3..5], [0x90, 0x00]);
        let begun = Instant::now();
        rig.swap(0, Path::new(other)).unwrap();
        assert!(rig.wait_until_connected(0, WITHIN).unwrap());
        assert!(begun.elapsed() > Duration::from_millis(900), "whoever looks now and then sees it");
        assert_eq!(host.slot(), Slot::Inactive, "it has not had power yet");
    }
    host.ask(POWER_ON, &[]);
    rig.remove(0).unwrap();
    assert!(!rig.status()[0].connected);
    assert_eq!(host.slot(), Slot::Absent);
    assert!(rig.end() && std::fs::symlink_metadata(&link).is_err());
}

#[test]
fn a_card_that_dies_is_out_and_its_reader_takes_another() {
    let folder = tempfile::tempdir().unwrap();
    let (rig, link, told) = rig_at_line(&folder);
    let mut host = Host::open(&link);
    rig.insert(0, Path::new("one")).unwrap();
    assert!(rig.wait_until_connected(0, WITHIN).unwrap());
    host.ask(POWER_ON, &[]);
    rig.faults(0).unwrap().add("die".parse().unwrap()).unwrap();
    assert_eq!(host.ask(XFR_BLOCK, &BLOCK), (Slot::Absent, vec![]));
    assert!(told.lock().unwrap().contains(&"Died".to_owned()));
    assert!(!rig.wait_until_connected(0, Duration::from_millis(100)).unwrap());
    assert_eq!(rig.remove(0).unwrap(), Path::new("one"));
    rig.insert(0, Path::new("two")).unwrap();
    assert!(rig.wait_until_connected(0, WITHIN).unwrap());
    assert_eq!(host.ask(POWER_ON, &[]).0, Slot::Active);
}
