use std::net::SocketAddr;
use std::sync::Mutex;

use tempfile::TempDir;

use super::*;
use crate::plug::{Reply, VpcdListener, VpcdReader};
use crate::virtual_card::{CardError, NewCard, VirtualCard, select};

const WITHIN: Duration = Duration::from_secs(10);
const GET_ID: [u8; 5] = [0x00, 0xCA, 0xDF, 0x01, 0x00];

/// A rig whose other side is here, with the folders of its cards.
struct Bench {
    rig: Arc<Rig>,
    readers: Vec<VpcdListener>,
    folder: TempDir,
    told: Arc<Mutex<Vec<(usize, String)>>>,
}

impl Bench {
    fn new(readers: usize) -> Self {
        let readers: Vec<_> =
            (0..readers).map(|_| VpcdListener::bind("127.0.0.1:0").unwrap()).collect();
        let place = |reader: &VpcdListener| Place::Vpcd(reader.address().unwrap().to_string());
        let told = Arc::new(Mutex::new(Vec::new()));
        let list = Arc::clone(&told);
        let tell =
            move |reader, event: Told| list.lock().unwrap().push((reader, format!("{event:?}")));
        let open = |_: (usize, &Faults), folder: &Path| -> Result<Box<dyn InSlot + Send>, NoCard> {
            Ok(Box::new(VirtualCard::open(folder)?))
        };
        let places = readers.iter().map(place).collect();
        let rig = Rig::new(places, &Atr::default(), Box::new(open), Arc::new(tell)).unwrap();
        Self { rig: Arc::new(rig), readers, folder: tempfile::tempdir().unwrap(), told }
    }

    /// The folder of a new card.
    fn card(&self, name: &str) -> PathBuf {
        let folder = self.folder.path().join(name);
        drop(VirtualCard::create(&folder, &NewCard::default()).unwrap());
        folder
    }

    fn accept(&self, reader: usize) -> VpcdReader {
        self.readers[reader].accept(WITHIN).unwrap()
    }
}

fn exchange(reader: &mut VpcdReader, command: &[u8]) -> Vec<u8> {
    reader.transmit(command, WITHIN).unwrap()
}

fn id(reader: &mut VpcdReader) -> Vec<u8> {
    assert!(exchange(reader, &select()).ends_with(&[0x90, 0x00]));
    exchange(reader, &GET_ID)
}

#[test]
fn a_card_goes_in_and_comes_out_and_its_folder_is_free_again() {
    let bench = Bench::new(2);
    let card = bench.card("one");
    bench.rig.insert(1, &card).unwrap();
    let mut reader = bench.accept(1);
    assert!(id(&mut reader).ends_with(&[0x90, 0x00]));
    assert!(bench.rig.wait_until_connected(1, WITHIN).unwrap());
    let [empty, full] = &bench.rig.status()[..] else { panic!("two readers") };
    assert_eq!((&empty.card, empty.connected, empty.reader), (&None, false, 0));
    assert_eq!((&full.card, full.connected, full.reader), (&Some(card.clone()), true, 1));
    assert!(matches!(VirtualCard::open(&card), Err(CardError::Folder(_))), "it is in use");
    assert_eq!(bench.rig.remove(1).unwrap(), card);
    assert!(reader.transmit(&GET_ID, WITHIN).is_err(), "it is out");
    drop(VirtualCard::open(&card).unwrap());
    let told = bench.told.lock().unwrap();
    assert!(told.iter().all(|(reader, _)| *reader == 1), "{told:?}");
}

#[test]
fn what_cannot_be_is_refused_and_changes_nothing() {
    let bench = Bench::new(1);
    let (card, other) = (bench.card("one"), bench.card("other"));
    assert!(matches!(bench.rig.remove(0), Err(RigError::Empty(0))));
    assert!(matches!(bench.rig.reset(0), Err(RigError::Empty(0))));
    assert!(matches!(
        bench.rig.insert(1, &card),
        Err(RigError::NoReader { reader: 1, readers: 1 })
    ));
    let nowhere = bench.folder.path().join("nowhere");
    assert!(matches!(bench.rig.insert(0, &nowhere), Err(RigError::Card(_))));
    bench.rig.insert(0, &card).unwrap();
    let mut reader = bench.accept(0);
    let before = id(&mut reader);
    assert!(matches!(bench.rig.insert(0, &other), Err(RigError::Occupied { reader: 0, .. })));
    assert!(matches!(bench.rig.swap(0, &nowhere), Err(RigError::Card(_))));
    assert_eq!(id(&mut reader), before);
}

#[test]
fn a_card_is_swapped_for_another_and_for_itself() {
    let bench = Bench::new(1);
    let (one, other) = (bench.card("one"), bench.card("other"));
    bench.rig.swap(0, &one).unwrap();
    let first = id(&mut bench.accept(0));
    let begun = Instant::now();
    bench.rig.swap(0, &other).unwrap();
    assert!(begun.elapsed() >= EMPTY_FOR, "a host can see it");
    let second = id(&mut bench.accept(0));
    assert_ne!(first, second);
    bench.rig.swap(0, &other).unwrap();
    assert_eq!(id(&mut bench.accept(0)), second);
    drop(VirtualCard::open(&one).unwrap());
}

#[test]
fn a_reset_ends_the_session_and_nothing_else() {
    let bench = Bench::new(1);
    bench.rig.insert(0, &bench.card("one")).unwrap();
    let mut reader = bench.accept(0);
    let before = id(&mut reader);
    bench.rig.reset(0).unwrap();
    assert_ne!(exchange(&mut reader, &GET_ID), before, "nothing is selected");
    assert_eq!(id(&mut reader), before);
}

/// A card that does not come to an end of its command before it is told to.
struct Slow(Arc<Mutex<()>>);

impl InSlot for Slow {
    fn power_off(&mut self) {}

    fn power_on(&mut self) {}

    fn reset(&mut self) {}

    fn transmit(&mut self, _: &[u8]) -> Reply {
        drop(self.0.lock());
        Reply::Answer(vec![0x90, 0x00])
    }
}

#[test]
fn a_busy_card_is_waited_for_and_stays_where_that_takes_too_long() {
    let listener = VpcdListener::bind("127.0.0.1:0").unwrap();
    let address: SocketAddr = listener.address().unwrap();
    let gate = Arc::new(Mutex::new(()));
    let held = Arc::clone(&gate);
    let open = move |_: (usize, &Faults), _: &Path| -> Result<Box<dyn InSlot + Send>, NoCard> {
        Ok(Box::new(Slow(Arc::clone(&held))))
    };
    let places = vec![Place::Vpcd(address.to_string())];
    let rig = Rig::new(places, &Atr::default(), Box::new(open), Arc::new(|_, _| ())).unwrap();
    rig.insert(0, Path::new("card")).unwrap();
    let mut reader = listener.accept(WITHIN).unwrap();
    let busy = gate.lock().unwrap();
    let asked = thread::spawn(move || reader.transmit(&GET_ID, 3 * WITHIN).unwrap());
    thread::sleep(Duration::from_millis(200));
    assert!(matches!(rig.reset(0), Err(RigError::Busy(0))));
    assert!(matches!(rig.remove(0), Err(RigError::Busy(0))));
    assert_eq!(rig.status()[0].card.as_deref(), Some(Path::new("card")));
    drop(busy);
    assert_eq!(asked.join().unwrap(), [0x90, 0x00], "the command in hand is answered");
    assert_eq!(rig.remove(0).unwrap(), Path::new("card"));
}

#[test]
fn all_come_out_at_the_end() {
    let bench = Bench::new(3);
    let cards = ["a", "b", "c"].map(|name| bench.card(name));
    for (reader, card) in cards.iter().enumerate() {
        bench.rig.insert(reader, card).unwrap();
        id(&mut bench.accept(reader));
    }
    assert!(bench.rig.end());
    // The rig is there still, and none of its cards.
    cards.iter().for_each(|card| drop(VirtualCard::open(card).unwrap()));
    assert!(bench.rig.status().iter().all(|reader| reader.card.is_none()));
}

#[test]
fn a_rig_that_is_forgotten_leaves_no_card_behind() {
    let bench = Bench::new(1);
    let card = bench.card("one");
    bench.rig.insert(0, &card).unwrap();
    let mut reader = bench.accept(0);
    id(&mut reader);
    let Bench { rig, folder: _folder, .. } = bench;
    drop(rig);
    let deadline = Instant::now() + WITHIN;
    while VirtualCard::open(&card).is_err() {
        assert!(Instant::now() < deadline, "its folder is still locked");
    }
    assert!(reader.transmit(&GET_ID, WITHIN).is_err(), "it is out");
}

#[cfg(target_os = "linux")]
mod line;

#[cfg(unix)]
mod controlled {
    use std::io::{BufRead, BufReader, Write};
    use std::os::unix::fs::PermissionsExt;
    use std::os::unix::net::UnixStream;

    use super::super::control::{Answer, Control, Request, ask};
    use super::*;

    fn refused(answer: Answer) -> String {
        match answer {
            Answer::Refused(why) => why,
            Answer::Done(readers) => panic!("done: {readers:?}"),
        }
    }

    #[test]
    fn another_process_does_all_of_it_over_the_socket() {
        let bench = Bench::new(1);
        let socket = bench.folder.path().join("control");
        let control = Control::listen(Arc::clone(&bench.rig), &socket).unwrap();
        let mode = std::fs::metadata(&socket).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "its owner's alone");
        let card = bench.card("one");
        let insert = Request::Insert { reader: 0, card: card.clone() };
        let asked = thread::spawn({
            let (socket, insert) = (socket.clone(), insert.clone());
            move || ask(&socket, &insert).unwrap()
        });
        let mut reader = bench.accept(0);
        let Answer::Done(readers) = asked.join().unwrap() else { panic!("refused") };
        assert_eq!((readers[0].card.as_ref(), readers[0].connected), (Some(&card), true));
        assert!(refused(ask(&socket, &insert).unwrap()).contains("remove it first"));
        id(&mut reader);
        assert!(matches!(ask(&socket, &Request::Reset { reader: 0 }).unwrap(), Answer::Done(_)));
        assert!(matches!(ask(&socket, &Request::Remove { reader: 0 }).unwrap(), Answer::Done(_)));
        let gone = ask(&socket, &Request::Status).unwrap();
        assert!(matches!(gone, Answer::Done(readers) if readers[0].card.is_none()));
        drop(control);
        assert!(ask(&socket, &Request::Status).is_err() && !socket.exists());
        let deadline = Instant::now() + WITHIN;
        while Arc::strong_count(&bench.rig) > 1 {
            assert!(Instant::now() < deadline, "somebody still listens");
            thread::sleep(Duration::from_millis(5));
        }
    }

    #[test]
    fn faults_are_added_told_and_taken_back_by_whoever_controls_it() {
        let bench = Bench::new(1);
        let socket = bench.folder.path().join("control");
        let _control = Control::listen(Arc::clone(&bench.rig), &socket).unwrap();
        let told = |clear, add: &[&str]| {
            let add = add.iter().map(|text| (*text).to_owned()).collect();
            ask(&socket, &Request::Fault { reader: 0, clear, add }).unwrap()
        };
        let faults = |answer: Answer| match answer {
            Answer::Done(readers) => readers[0].faults.clone(),
            Answer::Refused(why) => panic!("{why}"),
        };
        assert_eq!(faults(told(false, &["drop@3", "delay=2s@1"])), ["drop@3", "delay=2s@1"]);
        assert!(refused(told(true, &["corrupt@1", "nonsense"])).contains("nonsense"));
        assert!(refused(told(false, &["drop@1"; 99])).contains("at most 100"));
        assert!(refused(told(true, &["drop@1"; 101])).contains("at most 100"));
        assert_eq!(faults(told(false, &[])).len(), 2, "all of it or nothing");
        assert_eq!(faults(told(true, &["drop@1"])), ["drop@1"]);
        let elsewhere = Request::Fault { reader: 1, clear: false, add: Vec::new() };
        assert!(refused(ask(&socket, &elsewhere).unwrap()).contains("no reader 1"));
    }

    #[test]
    fn nonsense_is_refused_and_the_next_line_is_heard() {
        let bench = Bench::new(1);
        let socket = bench.folder.path().join("control");
        let _control = Control::listen(Arc::clone(&bench.rig), &socket).unwrap();
        let mut stream = UnixStream::connect(&socket).unwrap();
        let mut answers = BufReader::new(stream.try_clone().unwrap()).lines();
        for line in ["", "x", "{\"insert\":{}}", "{\"remove\":{\"reader\":-1}}", "[]"] {
            writeln!(stream, "{line}").unwrap();
            let answer = answers.next().unwrap().unwrap();
            assert!(answer.starts_with("{\"refused\":\"not understood: "), "{line}: {answer}");
        }
        writeln!(stream, "\"status\"").unwrap();
        assert!(answers.next().unwrap().unwrap().starts_with("{\"done\":"));
    }

    #[test]
    fn a_process_that_ends_before_it_has_answered_is_told_as_that() {
        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join("control");
        for said in ["", "{\"done\":["] {
            let listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
            let ends = thread::spawn(move || {
                let (mut caller, _) = listener.accept().unwrap();
                BufReader::new(&caller).read_line(&mut String::new()).unwrap();
                write!(caller, "{said}").unwrap();
            });
            let error = ask(&socket, &Request::Status).unwrap_err();
            assert_eq!(error.kind(), std::io::ErrorKind::ConnectionAborted);
            assert!(error.to_string().contains("it ended"), "{error}");
            ends.join().unwrap();
            std::fs::remove_file(&socket).unwrap();
        }
    }

    #[test]
    fn a_socket_left_behind_is_replaced_and_one_in_use_is_not() {
        let bench = Bench::new(1);
        let socket = bench.folder.path().join("control");
        drop(std::os::unix::net::UnixListener::bind(&socket).unwrap());
        let _control = Control::listen(Arc::clone(&bench.rig), &socket).unwrap();
        let again = Control::listen(Arc::clone(&bench.rig), &socket).unwrap_err();
        assert_eq!(again.kind(), std::io::ErrorKind::AddrInUse);
        assert!(ask(&socket, &Request::Status).is_ok(), "the first still listens");
        let file = bench.folder.path().join("file");
        std::fs::write(&file, "kept").unwrap();
        assert!(Control::listen(Arc::clone(&bench.rig), &file).is_err());
        assert_eq!(std::fs::read(&file).unwrap(), b"kept");
    }
}
