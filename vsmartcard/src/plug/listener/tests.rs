use super::*;
use crate::atr::Atr;
use crate::platform::RamPlatform;
use crate::plug::{InSlot, Reply, VpcdPlug};
use crate::virtual_card::{VirtualCard, select};
use std::io::{Read, Write};

const WITHIN: Duration = Duration::from_secs(10);
const SOON: Duration = Duration::from_millis(50);

/// Counts its power-ups and tells the number.
struct Counter(u8);

impl InSlot for Counter {
    fn power_off(&mut self) {
        self.0 += 1;
    }

    fn power_on(&mut self) {
        self.0 += 10;
    }

    fn reset(&mut self) {
        self.0 += 100;
    }

    fn transmit(&mut self, _: &[u8]) -> Reply {
        Reply::Answer(vec![self.0, 0x90, 0x00])
    }
}

fn listener() -> VpcdListener {
    VpcdListener::bind("127.0.0.1:0").unwrap()
}

/// A reader with a card whose side of the connection the test holds.
fn by_hand() -> (VpcdReader, TcpStream) {
    let listener = listener();
    let card = TcpStream::connect(listener.address().unwrap()).unwrap();
    card.set_nodelay(true).unwrap();
    (listener.accept(WITHIN).unwrap(), card)
}

#[test]
fn a_plugged_card_is_driven_without_pcscd() {
    let listener = listener();
    let plug = VpcdPlug::new(listener.address().unwrap().to_string(), Atr::default());
    let stop = plug.stop();
    let runs = thread::spawn(move || plug.run(&mut Counter(0), &mut |_| ()));
    let mut reader = listener.accept(WITHIN).unwrap();
    assert_eq!(reader.atr(WITHIN).unwrap(), Atr::default().as_bytes());
    assert_eq!(reader.transmit(&[0; 4], WITHIN).unwrap()[0], 10, "connected, so powered up");
    reader.reset(WITHIN).unwrap();
    reader.power_off(WITHIN).unwrap();
    reader.power_on(WITHIN).unwrap();
    assert_eq!(reader.transmit(&[0; 65_535], WITHIN).unwrap(), [121, 0x90, 0x00]);
    stop.stop();
    runs.join().unwrap();
    let pulled = reader.transmit(&[0; 4], WITHIN).unwrap_err();
    assert!(matches!(pulled, ReaderError::Pulled), "{pulled:?}");
}

#[test]
fn a_card_that_connects_again_has_forgotten_what_was_selected() {
    let listener = listener();
    let plug = VpcdPlug::new(listener.address().unwrap().to_string(), Atr::default());
    let stop = plug.stop();
    let mut card = VirtualCard::on(RamPlatform::new(1));
    let runs = thread::spawn(move || plug.run(&mut card, &mut |_| ()));
    let get_status = [0x00, 0xCA, 0xDF, 0x02, 0x00];
    let mut reader = listener.accept(WITHIN).unwrap();
    assert!(reader.transmit(&select(), WITHIN).unwrap().ends_with(&[0x90, 0x00]));
    assert!(reader.transmit(&get_status, WITHIN).unwrap().ends_with(&[0x90, 0x00]));
    drop(reader);
    let mut reader = listener.accept(WITHIN).unwrap();
    assert_eq!(reader.transmit(&get_status, WITHIN).unwrap(), [0x69, 0x85]);
    stop.stop();
    runs.join().unwrap();
}

#[test]
fn commands_of_a_wrong_length_are_not_sent() {
    let (mut reader, mut card) = by_hand();
    for length in [0, 1, 3, 65_536] {
        let error = reader.transmit(&vec![0; length], WITHIN).unwrap_err();
        assert!(matches!(error, ReaderError::Length(n) if n == length), "{error:?}");
    }
    card.write_all(&[0, 2]).unwrap();
    drop(reader);
    let mut sent = Vec::new();
    let _ = card.read_to_end(&mut sent);
    assert_eq!(sent, [0; 0]);
}

#[test]
fn no_card_in_time_is_said() {
    assert!(matches!(listener().accept(SOON), Err(ReaderError::Late)));
}

#[test]
fn a_silent_card_is_given_up_and_stays_so() {
    let (mut reader, mut card) = by_hand();
    assert!(matches!(reader.transmit(&[0; 4], SOON), Err(ReaderError::Late)));
    card.write_all(&[0, 2, 0x90, 0x00]).unwrap();
    let after = reader.transmit(&[0; 4], WITHIN);
    assert!(matches!(after, Err(ReaderError::Pulled)), "a late answer is not the next one's");
}

#[test]
fn a_card_that_stops_within_an_answer_is_given_up() {
    let (mut reader, mut card) = by_hand();
    card.set_read_timeout(Some(WITHIN)).unwrap();
    let waits = thread::spawn(move || reader.transmit(&[0; 4], SOON * 4));
    card.read_exact(&mut [0; 6]).unwrap();
    card.write_all(&[0, 4, 1]).unwrap();
    assert!(matches!(waits.join().unwrap(), Err(ReaderError::Late)));
}

#[test]
fn what_is_no_answer_is_not_given_out() {
    for answer in [&[0, 0][..], &[0, 1, 0x90]] {
        let (mut reader, mut card) = by_hand();
        let waits = thread::spawn(move || reader.transmit(&[0; 4], WITHIN));
        card.read_exact(&mut [0; 6]).unwrap();
        card.write_all(answer).unwrap();
        assert!(matches!(waits.join().unwrap(), Err(ReaderError::NotAnAnswer)));
    }
}

#[test]
fn bytes_that_nobody_asked_for_end_the_conversation() {
    let (mut reader, mut card) = by_hand();
    card.write_all(&[0, 2, 0x90, 0x00]).unwrap();
    thread::sleep(SOON);
    assert!(matches!(reader.transmit(&[0; 4], WITHIN), Err(ReaderError::NotAnAnswer)));
}
