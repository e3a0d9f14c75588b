//! A host that speaks to the line as a driver does, and as none should.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::sync::mpsc::{Receiver, channel};

use super::*;
use crate::harness::Echo;
use crate::plug::Reply;

const WITHIN: Duration = Duration::from_secs(10);

/// A reader in a thread, its card, and what happens to it.
struct Desk {
    stop: Stop,
    presence: Presence,
    events: Receiver<ReaderEvent>,
    link: PathBuf,
    thread: Option<thread::JoinHandle<Result<(), PtyError>>>,
    _folder: tempfile::TempDir,
}

impl Desk {
    fn with(mut card: impl InSlot + Send + 'static) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let link = folder.path().join("reader");
        let plug = CcidPtyPlug::new(&link, Atr::default());
        let (stop, presence) = (plug.stop(), plug.presence());
        let (tell, events) = channel();
        let run = move || plug.run(&mut card, &mut |event| drop(tell.send(event)));
        let thread = Some(thread::spawn(run));
        let ready = events.recv_timeout(WITHIN).unwrap();
        assert!(matches!(ready, ReaderEvent::Ready(path) if path == link));
        Self { stop, presence, events, link, thread, _folder: folder }
    }

    fn open(&self) -> Host {
        let line = OpenOptions::new().read(true).write(true).open(&self.link).unwrap();
        Host { line, sequence: 0 }
    }

    fn event(&self) -> ReaderEvent {
        self.events.recv_timeout(WITHIN).unwrap()
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        self.stop.stop();
        self.thread.take().unwrap().join().unwrap().unwrap();
    }
}

/// The other end of the line.
struct Host {
    line: File,
    sequence: u8,
}

impl Host {
    fn message(&mut self, kind: u8, data: &[u8]) -> Vec<u8> {
        self.sequence = self.sequence.wrapping_add(1);
        let length = (data.len() as u32).to_le_bytes();
        [&[kind][..], &length, &[0, self.sequence, 0, 0, 0], data].concat()
    }

    fn hear<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        self.line.read_exact(&mut bytes).unwrap();
        bytes
    }

    /// Sends a message and gives the answer; what came before it in `news`.
    fn ask(&mut self, kind: u8, data: &[u8], news: &[u8]) -> Vec<u8> {
        let frame = frame::seal(&self.message(kind, data));
        self.line.write_all(&frame).unwrap();
        let mut echo = vec![0; frame.len()];
        self.line.read_exact(&mut echo).unwrap();
        assert_eq!(echo, frame, "the reader says it again first");
        let mut heard = vec![0; news.len()];
        self.line.read_exact(&mut heard).unwrap();
        assert_eq!(heard, news);
        self.frame()
    }

    fn frame(&mut self) -> Vec<u8> {
        let head: [u8; 12] = self.hear();
        let data = u32::from_le_bytes(head[3..7].try_into().unwrap()) as usize;
        let mut rest = vec![0; data + 1];
        self.line.read_exact(&mut rest).unwrap();
        let whole = [&head[..], &rest].concat();
        assert_eq!(frame::seal(&whole[2..whole.len() - 1]), whole);
        whole[2..whole.len() - 1].to_vec()
    }
}

const INSERTED: [u8; 2] = [0x50, 3];
const REMOVED: [u8; 2] = [0x50, 2];
const STATUS: u8 = 0x65;
const POWER_ON: u8 = 0x62;
const XFR: u8 = 0x6F;
const ESCAPE: u8 = 0x6B;
/// I(0, 0) with an APDU of four bytes, and its answer 9000.
const BLOCK: [u8; 8] = [0x00, 0x00, 0x04, 0x00, 0xCA, 0x00, 0x00, 0xCE];
const ANSWER: [u8; 6] = [0x00, 0x00, 0x02, 0x90, 0x00, 0x92];

#[test]
fn a_driver_finds_the_reader_and_the_card_answers() {
    let desk = Desk::with(Echo::answering(0));
    let mut host = desk.open();
    assert!(host.ask(ESCAPE, &[0x02], &INSERTED).ends_with(b"V1.00"));
    assert!(matches!(desk.event(), ReaderEvent::Host));
    assert_eq!(host.ask(ESCAPE, &[0x01, 0x01, 0x01], &[])[7..], [1, 0, 0]);
    assert_eq!(host.ask(ESCAPE, &[0x6A], &[])[7..], [0x41, 0, 0], "not ours");
    assert_eq!(host.ask(STATUS, &[], &[])[7], 1);
    assert_eq!(&host.ask(POWER_ON, &[], &[])[10..], Atr::default().as_bytes());
    assert_eq!(host.ask(XFR, &BLOCK, &[])[10..], ANSWER);
}

#[test]
fn a_frame_that_is_wrong_is_refused_and_the_next_one_taken() {
    let desk = Desk::with(Echo::answering(0));
    let mut host = desk.open();
    let mut wrong = frame::seal(&host.message(STATUS, &[]));
    *wrong.last_mut().unwrap() ^= 1;
    host.line.write_all(&wrong).unwrap();
    assert_eq!(host.hear(), frame::NAK);
    host.line.write_all(b"AT\r").unwrap();
    assert_eq!(host.hear(), frame::NAK);
    assert_eq!(host.ask(STATUS, &[], &INSERTED)[7], 1);
    host.line.write_all(&frame::seal(&[0x65, 0, 0, 0, 0, 7, 7, 0, 0, 0])).unwrap();
    let _echo: [u8; 13] = host.hear();
    assert_eq!(host.frame(), [0x81, 0, 0, 0, 0, 7, 7, 0x42, 5, 0], "no such slot");
}

#[test]
fn half_a_frame_is_dropped_after_a_second() {
    let desk = Desk::with(Echo::answering(0));
    let mut host = desk.open();
    host.line.write_all(&[0x03, 0x06, 0x65]).unwrap();
    assert_eq!(host.hear(), frame::NAK);
    assert_eq!(host.ask(STATUS, &[], &INSERTED)[7], 1);
}

#[test]
fn the_reader_outlives_its_host_and_the_card_loses_power_with_it() {
    let desk = Desk::with(Echo::answering(0));
    let mut host = desk.open();
    host.ask(POWER_ON, &[], &INSERTED);
    host.line.write_all(&[0x03, 0x06, 0x65, 0, 0]).unwrap();
    drop(host);
    assert!(matches!(desk.event(), ReaderEvent::Host));
    assert!(matches!(desk.event(), ReaderEvent::HostGone));
    let mut next = desk.open();
    assert_eq!(next.ask(STATUS, &[], &INSERTED)[7], 1, "a card without power");
    assert!(matches!(desk.event(), ReaderEvent::Host));
}

#[test]
fn a_card_is_taken_out_and_put_in_while_the_reader_runs() {
    let desk = Desk::with(Echo::answering(0));
    let mut host = desk.open();
    assert_eq!(host.ask(POWER_ON, &[], &INSERTED)[7], 0);
    desk.presence.remove();
    thread::sleep(3 * POLL);
    assert_eq!(host.ask(XFR, &BLOCK, &REMOVED)[7..9], [0x42, 0xFE]);
    desk.presence.insert();
    thread::sleep(3 * POLL);
    assert_eq!(host.ask(STATUS, &[], &[])[7], 2, "whoever looks now and then shall see it");
    thread::sleep(PULLED_FOR);
    assert_eq!(host.ask(STATUS, &[], &INSERTED)[7], 1);
}

/// Takes longer than a driver waits in silence; what it says of INS FF is the reply.
struct Slow {
    of_ff: Reply,
}

impl InSlot for Slow {
    fn power_off(&mut self) {}

    fn power_on(&mut self) {}

    fn reset(&mut self) {}

    fn transmit(&mut self, command: &[u8]) -> Reply {
        if command[1] == 0xFF {
            return self.of_ff.clone();
        }
        thread::sleep(Duration::from_millis(1_500));
        vec![0x90, 0x00].into()
    }
}

#[test]
fn a_card_that_works_long_asks_for_time_again_and_again() {
    let desk = Desk::with(Slow { of_ff: Reply::Pulled(Duration::ZERO) });
    let mut host = desk.open();
    host.ask(POWER_ON, &[], &INSERTED);
    let frame = frame::seal(&host.message(XFR, &BLOCK));
    host.line.write_all(&frame).unwrap();
    let mut wishes = 0;
    loop {
        match host.hear() {
            [0x80] => wishes += 1,
            [first] => break assert_eq!(first, frame[0]),
        }
    }
    assert!((2..=4).contains(&wishes), "{wishes}");
    let mut echo = vec![0; frame.len() - 1];
    host.line.read_exact(&mut echo).unwrap();
    assert_eq!(host.frame()[10..], ANSWER);
}

const PULL: [u8; 8] = [0x00, 0x00, 0x04, 0x00, 0xFF, 0x00, 0x00, 0xFB];

#[test]
fn a_card_that_is_pulled_at_work_comes_back() {
    let desk = Desk::with(Slow { of_ff: Reply::Pulled(Duration::ZERO) });
    let mut host = desk.open();
    host.ask(POWER_ON, &[], &INSERTED);
    assert_eq!(host.ask(XFR, &PULL, &REMOVED)[7..9], [0x42, 0xFE]);
    assert_eq!(host.ask(STATUS, &[], &[])[7], 2, "it stays out long enough to be missed");
    thread::sleep(PULLED_FOR + 3 * POLL);
    assert_eq!(host.ask(STATUS, &[], &INSERTED)[7], 1);
}

#[test]
fn a_card_that_is_gone_takes_its_reader_with_it() {
    let desk = Desk::with(Slow { of_ff: Reply::Gone });
    let mut host = desk.open();
    host.ask(POWER_ON, &[], &INSERTED);
    let frame = frame::seal(&host.message(XFR, &PULL));
    host.line.write_all(&frame).unwrap();
    assert!(matches!(desk.event(), ReaderEvent::Host));
    assert!(desk.events.recv_timeout(WITHIN).is_err(), "the plug has ended");
    assert!(std::fs::symlink_metadata(&desk.link).is_err());
}
