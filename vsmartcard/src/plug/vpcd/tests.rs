use super::*;
use crate::plug::VpcdReader;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Instant;

const WITHIN: Duration = Duration::from_secs(10);

/// Answers with the command turned round and 9000; tells what happened to it.
struct Mirror(Sender<&'static str>);

impl InSlot for Mirror {
    fn power_off(&mut self) {
        self.0.send("off").unwrap();
    }

    fn power_on(&mut self) {
        self.0.send("on").unwrap();
    }

    fn reset(&mut self) {
        self.0.send("reset").unwrap();
    }

    fn transmit(&mut self, command: &[u8]) -> Reply {
        let answer: Vec<u8> = command.iter().rev().copied().chain([0x90, 0x00]).collect();
        match command {
            [0xEE, ..] => Reply::Answer(Vec::new()),
            [0xDD, ..] => Reply::Answer(vec![0; 65_536]),
            [0xCC, ..] => {
                self.0.send("busy").unwrap();
                thread::sleep(Duration::from_millis(100));
                Reply::Answer(vec![0x90, 0x00])
            }
            [0xF0, ..] => Reply::Exactly(Vec::new()),
            [0xF1, ..] => Reply::Twice(answer),
            [0xF2, ..] => Reply::Stray { answer, after: vec![7, 7, 7] },
            [0xF3, sent_bytes, ..] => Reply::Cut { answer, sent_bytes: usize::from(*sent_bytes) },
            [0xF4, ..] => Reply::Silence,
            [0xF5, tenths, ..] => Reply::Pulled(Duration::from_millis(100) * u32::from(*tenths)),
            [0xF6, ..] => Reply::Gone,
            [0xF7, ..] => panic!("as a card does that breaks"),
            _ => Reply::Answer(answer),
        }
    }
}

/// A plug that runs, and the place where its reader listens.
struct Scene {
    reader: TcpListener,
    happened: Receiver<&'static str>,
    told: Receiver<&'static str>,
    stop: Stop,
    plug: thread::JoinHandle<()>,
}

fn scene() -> Scene {
    let reader = TcpListener::bind("127.0.0.1:0").unwrap();
    let plug = VpcdPlug::new(reader.local_addr().unwrap().to_string(), Atr::default());
    let stop = plug.stop();
    let (send, happened) = channel();
    let (tell, told) = channel();
    let plug = thread::spawn(move || {
        plug.run(&mut Mirror(send), &mut |event| tell.send(name(&event)).unwrap());
    });
    Scene { reader, happened, told, stop, plug }
}

fn name(event: &Event) -> &'static str {
    match event {
        Event::Connected(_) => "connected",
        Event::Unreachable(_) => "unreachable",
        Event::Lost(None) => "lost",
        Event::Lost(Some(_)) => "broken",
    }
}

impl Scene {
    fn accept(&self) -> TcpStream {
        let (stream, _) = self.reader.accept().unwrap();
        stream.set_read_timeout(Some(WITHIN)).unwrap();
        stream.set_nodelay(true).unwrap();
        assert_eq!(self.told(), "connected");
        assert_eq!(self.happened(), "on", "each connection is a power-up");
        stream
    }

    fn happened(&self) -> &'static str {
        self.happened.recv_timeout(WITHIN).unwrap()
    }

    fn told(&self) -> &'static str {
        self.told.recv_timeout(WITHIN).unwrap()
    }

    /// The plug ends, and has left nothing more to tell.
    fn end(self) {
        self.stop.stop();
        self.plug.join().unwrap();
        assert_eq!(self.told.iter().collect::<Vec<_>>(), [""; 0]);
    }
}

fn frame(payload: &[u8]) -> Vec<u8> {
    let length = u16::try_from(payload.len()).unwrap();
    [&length.to_be_bytes(), payload].concat()
}

fn read_frame(stream: &mut TcpStream) -> Vec<u8> {
    let mut length = [0; 2];
    stream.read_exact(&mut length).unwrap();
    let mut payload = vec![0; u16::from_be_bytes(length).into()];
    stream.read_exact(&mut payload).unwrap();
    payload
}

fn nothing_comes(stream: &mut TcpStream) {
    stream.set_read_timeout(Some(Duration::from_millis(100))).unwrap();
    assert_eq!(stream.read(&mut [0]).unwrap_err().kind(), io::ErrorKind::WouldBlock);
    stream.set_read_timeout(Some(WITHIN)).unwrap();
}

#[test]
fn controls_reach_the_card_and_only_the_atr_is_answered() {
    let scene = scene();
    let mut reader = scene.accept();
    for (control, word) in [(1, "on"), (0, "off"), (2, "reset")] {
        reader.write_all(&frame(&[control])).unwrap();
        assert_eq!(scene.happened(), word);
    }
    nothing_comes(&mut reader);
    reader.write_all(&frame(&[4])).unwrap();
    assert_eq!(read_frame(&mut reader), Atr::default().as_bytes());
    scene.end();
}

#[test]
fn a_card_that_its_reader_has_not_seen_come_goes_out_for_a_second_and_not_twice_in_a_row() {
    const OFF: u8 = 0;
    let scene = scene();
    let mut reader = scene.accept();
    reader.write_all(&frame(&[4])).unwrap();
    assert_eq!(read_frame(&mut reader), Atr::default().as_bytes());
    reader.write_all(&frame(&[OFF])).unwrap();
    assert_eq!(reader.read(&mut [0]).unwrap(), 0, "it is out");
    let begun = Instant::now();
    assert_eq!((scene.happened(), scene.told()), ("off", "lost"));
    let mut again = scene.accept();
    assert!(begun.elapsed() > UNTIL_MISSED * 9 / 10, "only {:?}", begun.elapsed());
    again.write_all(&frame(&[OFF])).unwrap();
    assert_eq!(scene.happened(), "off");
    again.write_all(&frame(&[7, 7])).unwrap();
    assert_eq!(read_frame(&mut again), [7, 7, 0x90, 0x00], "it is still in");
    scene.end();
}

#[test]
fn a_card_that_its_reader_has_used_may_lose_its_power() {
    let scene = scene();
    let mut reader = scene.accept();
    reader.write_all(&frame(&[7, 7])).unwrap();
    assert_eq!(read_frame(&mut reader), [7, 7, 0x90, 0x00]);
    reader.write_all(&frame(&[0])).unwrap();
    assert_eq!(scene.happened(), "off");
    nothing_comes(&mut reader);
    scene.end();
}

#[test]
fn commands_of_every_length_are_answered() {
    let scene = scene();
    let mut reader = scene.accept();
    for length in [0, 2, 3, 4, 5, 261, 4_096, 65_533] {
        reader.write_all(&frame(&vec![0xAB; length])).unwrap();
        let answer = read_frame(&mut reader);
        assert_eq!(answer.len(), length + 2);
        assert!(answer.ends_with(&[0x90, 0x00]));
    }
    reader.write_all(&frame(&[0x03])).unwrap();
    assert_eq!(read_frame(&mut reader), [0x03, 0x90, 0x00], "a byte that is no control");
    scene.end();
}

#[test]
fn an_answer_that_is_empty_or_too_long_becomes_6f00() {
    let scene = scene();
    let mut reader = scene.accept();
    for first in [0xEE, 0xDD] {
        reader.write_all(&frame(&[first, 0, 0, 0])).unwrap();
        assert_eq!(read_frame(&mut reader), [0x6F, 0x00]);
    }
    reader.write_all(&frame(&[0x00; 65_534])).unwrap();
    assert_eq!(read_frame(&mut reader), [0x6F, 0x00], "two bytes more than fit");
    scene.end();
}

#[test]
fn a_frame_that_comes_byte_by_byte_is_one_command() {
    let scene = scene();
    let mut reader = scene.accept();
    for byte in frame(&[1, 2, 3, 4]) {
        reader.write_all(&[byte]).unwrap();
        thread::sleep(Duration::from_millis(2));
    }
    assert_eq!(read_frame(&mut reader), [4, 3, 2, 1, 0x90, 0x00]);
    nothing_comes(&mut reader);
    scene.end();
}

#[test]
fn frames_that_come_together_are_answered_one_by_one() {
    let scene = scene();
    let mut reader = scene.accept();
    let together = [frame(&[1, 1, 1, 1]), frame(&[2]), frame(&[4]), frame(&[3; 5])].concat();
    reader.write_all(&together).unwrap();
    assert_eq!(read_frame(&mut reader), [1, 1, 1, 1, 0x90, 0x00]);
    assert_eq!(scene.happened(), "reset");
    assert_eq!(read_frame(&mut reader), Atr::default().as_bytes());
    assert_eq!(read_frame(&mut reader), [3, 3, 3, 3, 3, 0x90, 0x00]);
    nothing_comes(&mut reader);
    scene.end();
}

/// Length and payload in two sends, as vpcd does it, with Nagle's algorithm on.
#[test]
#[cfg(target_os = "linux")]
fn a_reader_that_sends_length_and_payload_apart_is_answered_without_delay() {
    let scene = scene();
    let mut reader = scene.accept();
    reader.set_nodelay(false).unwrap();
    let mut times: Vec<Duration> = (0..31).map(|_| exchange_apart(&mut reader)).collect();
    times.sort();
    assert!(times[15] < Duration::from_millis(20), "median {:?}", times[15]);
    scene.end();
}

fn exchange_apart(reader: &mut TcpStream) -> Duration {
    let start = std::time::Instant::now();
    reader.write_all(&[0, 4]).unwrap();
    reader.write_all(&[1, 2, 3, 4]).unwrap();
    assert_eq!(read_frame(reader), [4, 3, 2, 1, 0x90, 0x00]);
    start.elapsed()
}

#[test]
fn a_reader_that_goes_away_is_waited_for() {
    let scene = scene();
    drop(scene.accept());
    assert_eq!((scene.happened(), scene.told()), ("off", "lost"));
    let mut torn = scene.accept();
    torn.write_all(&[0, 9, 1]).unwrap();
    drop(torn);
    assert_eq!((scene.happened(), scene.told()), ("off", "broken"));
    let mut reader = scene.accept();
    reader.write_all(&frame(&[1, 2, 3, 4])).unwrap();
    assert_eq!(read_frame(&mut reader), [4, 3, 2, 1, 0x90, 0x00]);
    scene.end();
}

#[test]
fn a_reader_that_is_not_there_is_told_once() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let plug = VpcdPlug::new(free.to_string(), Atr::default());
    let stop = plug.stop();
    let (tell, told) = channel();
    let (send, happened) = channel();
    let runs = thread::spawn(move || {
        plug.run(&mut Mirror(send), &mut |event| tell.send(name(&event)).unwrap());
    });
    assert_eq!(told.recv_timeout(WITHIN).unwrap(), "unreachable");
    thread::sleep(FIRST_PAUSE * 4);
    stop.stop();
    runs.join().unwrap();
    assert_eq!(told.iter().count(), 0);
    assert_eq!(happened.iter().count(), 0, "a card in no reader has no power");
}

#[test]
fn a_stopped_plug_ends_while_it_waits_for_a_command() {
    let scene = scene();
    let mut reader = scene.accept();
    thread::sleep(Duration::from_millis(20));
    scene.stop.stop();
    assert_eq!(reader.read(&mut [0]).unwrap(), 0, "the card is out of the reader");
    assert_eq!(scene.happened(), "off");
    scene.end();
}

#[test]
fn a_stopped_plug_answers_the_command_in_hand() {
    let scene = scene();
    let mut reader = scene.accept();
    reader.write_all(&frame(&[0xCC, 0, 0, 0])).unwrap();
    assert_eq!(scene.happened(), "busy");
    scene.stop.stop();
    assert_eq!(read_frame(&mut reader), [0x90, 0x00]);
    assert_eq!(reader.read(&mut [0]).unwrap(), 0);
    scene.end();
}

#[test]
fn a_fault_is_on_the_line_as_the_card_says_it() {
    let scene = scene();
    let mut reader = scene.accept();
    reader.write_all(&frame(&[0xF0, 0, 0, 0])).unwrap();
    assert_eq!(read_frame(&mut reader), [0; 0], "an answer of length 0");
    reader.write_all(&frame(&[0xF4, 0, 0, 0])).unwrap();
    nothing_comes(&mut reader);
    reader.write_all(&frame(&[0xF1, 1, 2, 3])).unwrap();
    for _ in 0..2 {
        assert_eq!(read_frame(&mut reader), [3, 2, 1, 0xF1, 0x90, 0x00]);
    }
    reader.write_all(&frame(&[0xF2, 1, 2, 3])).unwrap();
    assert_eq!(read_frame(&mut reader), [3, 2, 1, 0xF2, 0x90, 0x00]);
    let mut stray = [0; 3];
    reader.read_exact(&mut stray).unwrap();
    assert_eq!(stray, [7; 3]);
    nothing_comes(&mut reader);
    scene.end();
}

#[test]
fn an_answer_is_cut_where_the_card_says_and_the_card_comes_back() {
    let scene = scene();
    for (sent_bytes, sent) in [(0, &[][..]), (1, &[0]), (2, &[0, 6]), (4, &[0, 6, 0, 0])] {
        let mut reader = scene.accept();
        reader.write_all(&frame(&[0xF3, sent_bytes, 0, 0])).unwrap();
        let mut all = Vec::new();
        reader.read_to_end(&mut all).unwrap();
        assert_eq!(all, sent);
        assert_eq!((scene.happened(), scene.told()), ("off", "lost"));
    }
    let _again = scene.accept();
    scene.end();
}

#[test]
fn a_card_that_is_pulled_stays_away_as_long_as_it_says() {
    let scene = scene();
    let mut reader = scene.accept();
    reader.write_all(&frame(&[0xF5, 3, 0, 0])).unwrap();
    let begun = std::time::Instant::now();
    assert_eq!(reader.read(&mut [0]).unwrap(), 0);
    assert_eq!((scene.happened(), scene.told()), ("off", "lost"));
    let _again = scene.accept();
    assert!(begun.elapsed() >= Duration::from_millis(300));
    scene.end();
}

#[test]
fn the_plug_of_a_card_that_is_gone_ends() {
    let scene = scene();
    let mut reader = scene.accept();
    reader.write_all(&frame(&[0xF6, 0, 0, 0])).unwrap();
    assert_eq!(reader.read(&mut [0]).unwrap(), 0);
    scene.plug.join().unwrap();
    assert_eq!(scene.told.iter().collect::<Vec<_>>(), ["lost"]);
    assert!(!scene.stop.is_stopped());
}

#[test]
fn no_reader_waits_for_a_card_that_panicked() {
    let scene = scene();
    let mut reader = scene.accept();
    reader.set_read_timeout(Some(WITHIN)).unwrap();
    reader.write_all(&frame(&[0xF7, 0, 0, 0])).unwrap();
    assert_eq!(reader.read(&mut [0]).unwrap(), 0);
    assert!(scene.plug.join().is_err() && !scene.stop.is_stopped());
}

#[test]
fn readers_connect_to_a_card_that_listens_one_after_the_other() {
    let listener = VpcdListener::bind("127.0.0.1:0").unwrap();
    let address = listener.address().unwrap();
    let plug = VpcdPlug::listening(listener, Atr::default());
    let (stop, (send, happened)) = (plug.stop(), channel());
    let served = thread::spawn(move || plug.run(&mut Mirror(send), &mut |_| ()));
    for _ in 0..2 {
        let mut reader = VpcdReader::connect(address, WITHIN).unwrap();
        assert_eq!(reader.atr(WITHIN).unwrap(), Atr::default().as_bytes());
        assert_eq!(reader.transmit(&[1, 2, 3, 4], WITHIN).unwrap(), [4, 3, 2, 1, 0x90, 0x00]);
        assert_eq!(happened.recv_timeout(WITHIN).unwrap(), "on");
        drop(reader);
        assert_eq!(happened.recv_timeout(WITHIN).unwrap(), "off");
    }
    stop.stop();
    served.join().unwrap();
    assert!(VpcdReader::connect(address, WITHIN).is_err(), "it listens no more");
}
