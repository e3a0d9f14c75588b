//! A card's program that is killed, started again on the same folder, and is itself again.
//!
//! The reader is ours, without pcscd, so that nothing but the card can be late.

#![cfg(unix)]

use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use saifu_vsmartcard::harness::CardProcess;
use saifu_vsmartcard::plug::{ReaderError, VpcdListener, VpcdReader};
use saifu_vsmartcard::virtual_card::select;
use saifu_vsmartcard::{NewCard, VirtualCard};
use saifu_wire::answer::{CardStatus, LifeCycle, MemoryState};
use saifu_wire::codec::Wire;
use tempfile::TempDir;

const WITHIN: Duration = Duration::from_secs(30);
const SILENCE: Duration = Duration::from_millis(200);
const OK: [u8; 2] = [0x90, 0x00];
const GET_ID: [u8; 5] = [0x00, 0xCA, 0xDF, 0x01, 0x00];
const GET_STATUS: [u8; 5] = [0x00, 0xCA, 0xDF, 0x02, 0x00];
const RIGHT_PIN: &[u8] = b"\x00\x20\x00\x81\x041234";
const WRONG_PIN: &[u8] = b"\x00\x20\x00\x81\x044321";
const TRIES: u8 = 3;

/// A card of class test in a folder, and the reader where its program shall put it.
struct Place {
    folder: TempDir,
    reader: VpcdListener,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        drop(VirtualCard::create(&folder.path().join("card"), &NewCard::default()).unwrap());
        Self { folder, reader: VpcdListener::bind("127.0.0.1:0").unwrap() }
    }

    /// Starts the card's program, with a test that watches its barriers if there is a socket.
    fn start(&self, barriers: Option<&Path>) -> (CardProcess, VpcdReader) {
        let port = self.reader.address().unwrap().port();
        let program = Path::new(env!("CARGO_BIN_EXE_saifu-card"));
        let process =
            CardProcess::start_with(program, &self.folder.path().join("card"), port, |command| {
                match barriers {
                    Some(socket) => command.env(saifu_barrier::VARIABLE, socket),
                    None => command.env_remove(saifu_barrier::VARIABLE),
                };
            });
        (process.unwrap(), self.reader.accept(WITHIN).unwrap())
    }

    /// Takes the card up again after its program was killed: it is whole, and has so many tries.
    fn tries_after_restart(&self) -> u8 {
        let (process, mut reader) = self.start(None);
        assert!(exchange(&mut reader, &select()).ends_with(&OK));
        let status = status(&mut reader);
        assert_eq!(status.life_cycle, LifeCycle::Activated);
        assert_eq!(status.memory, MemoryState::Good);
        assert_eq!(exchange(&mut reader, RIGHT_PIN), OK, "the PIN is what it was");
        drop(reader);
        assert!(process.end().unwrap());
        status.pin_tries
    }
}

fn exchange(reader: &mut VpcdReader, command: &[u8]) -> Vec<u8> {
    reader.transmit(command, WITHIN).unwrap()
}

fn status(reader: &mut VpcdReader) -> CardStatus {
    let answer = exchange(reader, &GET_STATUS);
    CardStatus::from_bytes(answer.strip_suffix(&OK).unwrap()).unwrap()
}

/// What stands at a card's barriers.
struct Barriers {
    socket: PathBuf,
    reached: Receiver<(String, UnixStream)>,
}

impl Barriers {
    /// Listens in `folder`; the points of one program come one by one.
    fn listen(folder: &Path) -> Self {
        let socket = folder.join("barriers");
        let _ = std::fs::remove_file(&socket);
        let listener = UnixListener::bind(&socket).unwrap();
        let (tell, reached) = channel();
        thread::spawn(move || {
            let (program, _) = listener.accept().unwrap();
            let letter = program.try_clone().unwrap();
            for line in BufReader::new(program).lines().map_while(Result::ok) {
                let (_, point) = line.split_once(' ').unwrap();
                tell.send((point.to_owned(), letter.try_clone().unwrap())).unwrap();
            }
        });
        Self { socket, reached }
    }

    /// Lets the program pass so many points and gives the next one's name.
    fn pass_then_stop(&self, passed: usize) -> String {
        for _ in 0..passed {
            let (_, mut program) = self.reached.recv_timeout(WITHIN).unwrap();
            program.write_all(b"\n").unwrap();
        }
        self.reached.recv_timeout(WITHIN).unwrap().0
    }
}

/// Sends a command whose card is killed at the barrier after `passed` others; that one's name.
fn kill_at(place: &Place, commands: [&[u8]; 2], passed: usize) -> String {
    let barriers = Barriers::listen(place.folder.path());
    let (process, mut reader) = place.start(Some(&barriers.socket));
    let commands = [&select(), commands[0], commands[1]].map(<[u8]>::to_vec);
    let terminal = thread::spawn(move || {
        commands.iter().try_for_each(|command| reader.transmit(command, WITHIN).map(drop))
    });
    let point = barriers.pass_then_stop(passed);
    process.kill().unwrap();
    let cut = terminal.join().unwrap();
    assert!(matches!(cut, Err(ReaderError::Pulled)), "at {point}: {cut:?}");
    point
}

/// A try is spent before the PIN is compared and given back after, in one commit each.
#[test]
fn a_card_killed_at_any_barrier_of_verify_comes_back_with_the_tries_it_had_committed() {
    let place = Place::new();
    let right = [GET_ID.as_slice(), RIGHT_PIN];
    for (passed, point, tries) in [
        (0, "card commit: before", TRIES),
        (1, "card commit: done", TRIES - 1),
        (2, "card commit: before", TRIES - 1),
        (3, "card commit: done", TRIES),
    ] {
        let reached = kill_at(&place, right, passed);
        assert!(reached.starts_with(point), "{reached}");
        assert_eq!(place.tries_after_restart(), tries, "after {reached}, {passed} passed");
    }
}

#[test]
fn a_card_killed_at_any_barrier_of_a_wrong_verify_gives_no_try_back() {
    let place = Place::new();
    let wrong = [GET_ID.as_slice(), WRONG_PIN];
    for (passed, tries) in [(0, TRIES), (1, TRIES - 1)] {
        kill_at(&place, wrong, passed);
        assert_eq!(place.tries_after_restart(), tries, "{passed} passed");
    }
}

#[test]
fn a_card_that_only_reads_reaches_no_barrier() {
    let place = Place::new();
    let barriers = Barriers::listen(place.folder.path());
    let (process, mut reader) = place.start(Some(&barriers.socket));
    for command in [select().as_slice(), &GET_ID, &GET_STATUS] {
        assert!(exchange(&mut reader, command).ends_with(&OK));
    }
    assert!(barriers.reached.recv_timeout(SILENCE).is_err());
    process.kill().unwrap();
    assert_eq!(place.tries_after_restart(), TRIES);
}

#[test]
fn a_card_killed_between_any_two_frames_comes_back_as_it_was() {
    let place = Place::new();
    let selecting = select();
    let talk: [&[u8]; 5] = [&selecting, &GET_ID, WRONG_PIN, RIGHT_PIN, &GET_STATUS];
    for frames in 0..=talk.len() {
        let (process, mut reader) = place.start(None);
        talk[..frames].iter().for_each(|command| drop(exchange(&mut reader, command)));
        process.kill().unwrap();
        let tries = if frames == 3 { TRIES - 1 } else { TRIES };
        assert_eq!(place.tries_after_restart(), tries, "after {frames} frames");
    }
}

#[test]
fn a_slot_that_was_torn_by_a_kill_leaves_the_state_before_it() {
    let place = Place::new();
    let point = kill_at(&place, [&GET_ID, RIGHT_PIN], 0);
    let slot = point.rsplit(' ').next().unwrap();
    let path = place.folder.path().join(format!("card/secure/slot-{slot}"));
    let whole = std::fs::read(&path).unwrap();
    std::fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    assert_eq!(place.tries_after_restart(), TRIES);
}

/// The folder beside the card's where one is being made, once something was stored in it.
fn is_being_made(folder: &Path) -> bool {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.filter(|path| path.join("outside").exists()).any(|path| {
        let objects = std::fs::read_dir(path.join("outside/00-manifest"));
        objects.is_ok_and(|mut objects| objects.next().is_some())
    })
}

/// Makes a card and kills its maker half way; whether that was before the card was whole.
fn kill_maker(card: &Path) -> bool {
    let mut program = Command::new(env!("CARGO_BIN_EXE_saifu-card"));
    program.arg("new").arg(card).args(["--rsa-bits", "3072"]).stdout(Stdio::null());
    let mut making = program.spawn().unwrap();
    let deadline = Instant::now() + WITHIN;
    while !is_being_made(card.parent().unwrap()) {
        assert!(Instant::now() < deadline, "nothing is stored");
        thread::sleep(Duration::from_millis(1));
    }
    making.kill().unwrap();
    !making.wait().unwrap().success()
}

#[test]
fn a_card_whose_making_was_killed_is_not_there_and_is_made_anew() {
    let folder = tempfile::tempdir().unwrap();
    let card = folder.path().join("card");
    // On a busy machine it may be whole before it can be killed.
    let was_killed = (0..10).any(|_| kill_maker(&card) || std::fs::remove_dir_all(&card).is_err());
    assert!(was_killed && !card.exists());
    let place = Place { folder, reader: VpcdListener::bind("127.0.0.1:0").unwrap() };
    assert_eq!(place.tries_after_restart(), TRIES, "run --new makes one");
}
