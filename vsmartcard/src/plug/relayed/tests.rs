use super::*;
use crate::faults::{Faults, Faulty};
use crate::plug::VpcdPlug;
use std::net::TcpStream;
use std::thread;

const WITHIN: Duration = Duration::from_secs(10);
const THEIR_ATR: &str = "3B80800101";

/// A card of somebody else: says its own ATR and how often it got power.
#[derive(Default)]
struct Theirs {
    power_ups: u8,
}

impl InSlot for Theirs {
    fn power_off(&mut self) {}

    fn power_on(&mut self) {
        self.power_ups += 1;
    }

    fn reset(&mut self) {}

    fn transmit(&mut self, command: &[u8]) -> Reply {
        match command[0] {
            0xEE => Reply::Exactly(Vec::new()),
            0xDD => Reply::Gone,
            _ => Reply::Answer(vec![self.power_ups, 0x90, 0x00]),
        }
    }
}

/// A reader, and the place where cards for it connect.
struct Scene {
    reader: VpcdListener,
    cards: String,
    faults: Faults,
    stop: Stop,
    proxy: thread::JoinHandle<()>,
}

fn scene() -> Scene {
    let reader = VpcdListener::bind("127.0.0.1:0").unwrap();
    let listener = VpcdListener::bind("127.0.0.1:0").unwrap();
    let cards = listener.address().unwrap().to_string();
    let (stop, faults) = (Stop::default(), Faults::default());
    let plug = VpcdPlug::new(reader.address().unwrap().to_string(), Atr::default());
    let plug = plug.stopped_by(stop.clone());
    let (until, hand) = (stop.clone(), faults.clone());
    let proxy = thread::spawn(move || {
        let mut slot = Faulty::new(Relayed::new(listener), hand);
        while slot.card_mut().wait_for_card(&until).unwrap() {
            plug.run(&mut slot, &mut |_| ());
        }
    });
    Scene { reader, cards, faults, stop, proxy }
}

impl Scene {
    fn put_in(&self) -> thread::JoinHandle<()> {
        let plug = VpcdPlug::new(&self.cards, THEIR_ATR.parse().unwrap());
        let stop = self.stop.clone();
        let plug = plug.stopped_by(stop);
        thread::spawn(move || plug.run(&mut Theirs::default(), &mut |_| ()))
    }

    fn reader(&self) -> VpcdReader {
        self.reader.accept(WITHIN).unwrap()
    }

    fn end(self) {
        self.stop.stop();
        self.proxy.join().unwrap();
    }
}

#[test]
fn another_ones_card_answers_through_it_and_says_its_own_atr() {
    let scene = scene();
    let _card = scene.put_in();
    let mut reader = scene.reader();
    assert_eq!(hex::encode_upper(reader.atr(WITHIN).unwrap()), THEIR_ATR);
    let answer = reader.transmit(&[0; 4], WITHIN).unwrap();
    assert!(answer.ends_with(&[0x90, 0x00]));
    scene.end();
}

#[test]
fn faults_stand_before_it() {
    let scene = scene();
    scene.faults.add("status=6A82@2".parse().unwrap()).unwrap();
    let _card = scene.put_in();
    let mut reader = scene.reader();
    let answers = [(); 3].map(|()| reader.transmit(&[0; 4], WITHIN).unwrap());
    assert_eq!(answers[1], [0x6A, 0x82]);
    assert_eq!(answers[0], answers[2]);
    scene.end();
}

#[test]
fn a_card_that_is_gone_leaves_the_reader_and_the_next_one_is_taken() {
    let scene = scene();
    let card = scene.put_in();
    let mut reader = scene.reader();
    let pulled = reader.transmit(&[0xDD, 0, 0, 0], WITHIN).unwrap_err();
    assert!(matches!(pulled, ReaderError::Pulled), "{pulled:?}");
    card.join().unwrap();
    let _next = scene.put_in();
    let mut reader = scene.reader();
    assert_eq!(hex::encode_upper(reader.atr(WITHIN).unwrap()), THEIR_ATR);
    scene.end();
}

#[test]
fn an_empty_answer_is_passed_on_as_it_is() {
    let scene = scene();
    let _card = scene.put_in();
    let mut reader = scene.reader();
    let empty = reader.transmit(&[0xEE, 0, 0, 0], WITHIN).unwrap_err();
    assert!(matches!(empty, ReaderError::NotAnAnswer), "{empty:?}");
    scene.end();
}

#[test]
fn what_no_card_can_be_sent_is_answered_6700() {
    let mut slot = Relayed::new(VpcdListener::bind("127.0.0.1:0").unwrap());
    let _card = TcpStream::connect(slot.cards.address().unwrap()).unwrap();
    assert!(slot.wait_for_card(&Stop::default()).unwrap());
    assert_eq!(slot.transmit(&[0, 1]), Reply::Answer(vec![0x67, 0x00]));
}

#[test]
fn without_a_card_there_is_no_answer() {
    let mut slot = Relayed::new(VpcdListener::bind("127.0.0.1:0").unwrap());
    assert_eq!(slot.transmit(&[0; 4]), Reply::Gone);
    assert_eq!(slot.atr(&Atr::default()), Reply::Gone);
    let stop = Stop::default();
    stop.stop();
    assert!(!slot.wait_for_card(&stop).unwrap());
}
