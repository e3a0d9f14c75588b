use super::*;
use crate::testing::{Script, world};
use saifu_wire::Status;
use saifu_wire::Wire;
use saifu_wire::answer::LifeCycle;
use saifu_wire::apdu::Command;
use saifu_wire::certificate::Assurance;
use saifu_wire::request::LicenceRef;

pub(super) type Lines = Vec<(Vec<u8>, Vec<u8>)>;

/// A command of ours, or with `cla` 0 an interindustry one.
pub(super) fn command(cla: u8, ins: u8, p1_p2: [u8; 2], data: &[u8], le: Option<usize>) -> Vec<u8> {
    let [p1, p2] = p1_p2;
    Command { cla, ins, p1, p2, data, le, extended: false }.to_bytes()
}

pub(super) fn good(data: &[u8]) -> Vec<u8> {
    [data, &[0x90, 0x00]].concat()
}

pub(super) fn select() -> (Vec<u8>, Vec<u8>) {
    let fci = answer::Selected::new(LifeCycle::Activated, Assurance::Test).to_fci();
    (command(0, 0xA4, [4, 0], &AID, Some(256)), good(&fci))
}

pub(super) fn verify(status: [u8; 2]) -> (Vec<u8>, Vec<u8>) {
    (command(0, 0x20, [0, 0x81], b"1234", None), status.into())
}

pub(super) fn card(lines: Lines) -> Card {
    Card::new(Box::new(Script::new(lines)))
}

#[test]
fn an_answer_in_parts_is_fetched_until_it_is_whole() {
    let certificates = world::card_certificates().map(|c| c.to_bytes()).concat();
    let (first, rest) = certificates.split_at(certificates.len() - 0x21);
    let lines = vec![
        select(),
        (command(0, 0xCA, [0x7F, 0x21], &[], Some(65_536)), [first, &[0x61, 0x21]].concat()),
        (command(0, 0xC0, [0, 0], &[], Some(0x21)), good(rest)),
    ];
    let read = card(lines).select().unwrap().certificates().unwrap();
    assert_eq!(read, world::card_certificates());
}

#[test]
fn an_answer_that_never_ends_is_an_error() {
    let get = command(0, 0xCA, [0x7F, 0x21], &[], Some(65_536));
    let more = command(0, 0xC0, [0, 0], &[], Some(256));
    for first in [vec![1, 0x61, 0], vec![0x61, 0]] {
        let empty = vec![select(), (get.clone(), first), (more.clone(), vec![0x61, 0])];
        let error = card(empty).select().unwrap().certificates().unwrap_err();
        assert!(matches!(error, CardError::Length { .. }), "{error}");
    }
}

#[test]
fn a_wrong_le_is_corrected_once() {
    let get = |le| command(0, 0xCA, [0x7F, 0x21], &[], Some(le));
    let certificates = world::card_certificates().map(|c| c.to_bytes()).concat();
    let (first, rest) = certificates.split_at(certificates.len() - 0x21);
    let first = [first, &[0x61, 0]].concat();
    let more = |le| command(0, 0xC0, [0, 0], &[], Some(le));
    let lines = vec![
        select(),
        (get(65_536), vec![0x6C, 0]),
        (get(256), first),
        (more(256), vec![0x6C, 0x21]),
        (more(0x21), good(rest)),
    ];
    let read = card(lines).select().unwrap().certificates().unwrap();
    assert_eq!(read, world::card_certificates());
    let lines = vec![select(), (get(65_536), vec![0x6C, 9]), (get(9), vec![0x6C, 8])];
    let refused = card(lines).select().unwrap().certificates().unwrap_err();
    let refusal = CardRefusal { command: Ins::GetData, status: 0x6C08 };
    assert_eq!(refused, CardError::Refused(refusal));
}

#[test]
fn where_no_le_was_sent_none_is_corrected() {
    let lines = vec![select(), verify([0x6C, 2])];
    let mut card = card(lines);
    let refused = card.select().unwrap().verify(&Pin::new("1234").unwrap()).err().unwrap();
    let refusal = CardRefusal { command: Ins::Verify, status: 0x6C02 };
    assert_eq!(refused, CardError::Refused(refusal));
}

/// Moves the card from one reader to the next whenever it is connected anew.
struct Moving {
    script: Script,
    readers: std::vec::IntoIter<(&'static str, Option<bool>)>,
    reader: (&'static str, Option<bool>),
}

impl Moving {
    fn new(readers: Vec<(&'static str, Option<bool>)>, lines: Lines) -> Self {
        let mut readers = readers.into_iter();
        let reader = readers.next().unwrap();
        Self { script: Script::new(lines), readers, reader }
    }
}

impl Transport for Moving {
    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, crate::transport::TransportError> {
        self.script.transmit(command)
    }

    fn reconnect(&mut self) -> Result<(), crate::transport::TransportError> {
        self.reader = self.readers.next().unwrap();
        Ok(())
    }

    fn name(&self) -> &str {
        self.reader.0
    }

    fn passes_extended(&self) -> Option<bool> {
        self.reader.1
    }
}

fn get_status(le: usize, answer: Vec<u8>) -> (Vec<u8>, Vec<u8>) {
    let (ins, [p1, p2]) = (0xCA, [0xDF, DataObject::Status as u8]);
    let probe = Command { cla: 0, ins, p1, p2, data: &[], le: Some(le), extended: le > 256 };
    (probe.to_bytes(), answer)
}

#[test]
fn in_another_reader_it_is_found_out_anew_whether_extended_apdus_pass() {
    let readers = vec![("A", None), ("A", None), ("B", None), ("C", Some(false))];
    let lines = vec![
        select(),
        get_status(65_536, vec![0x67, 0]),
        select(),
        select(),
        get_status(65_536, good(&[])),
        select(),
        get_status(256, vec![0x69, 0x85]),
    ];
    let script = Moving::new(readers, lines);
    let sent = script.script.counter();
    let mut card = Card::new(Box::new(script));
    for _ in 0..3 {
        card.select().unwrap();
        card.reconnect().unwrap();
    }
    card.select().unwrap().status().unwrap_err();
    assert_eq!(sent.get(), 7);
}

#[test]
fn in_another_reader_apdus_stay_short_where_the_user_asked_for_that() {
    let lines = vec![select(), get_status(256, vec![0x69, 0x85])];
    let script = Moving::new(vec![("A", Some(true)), ("B", Some(true))], lines);
    let mut card = Card::new(Box::new(script)).short();
    card.reconnect().unwrap();
    card.select().unwrap().status().unwrap_err();
}

#[test]
fn where_only_short_apdus_pass_a_command_is_chained() {
    let data: Vec<u8> = (0..600_u32).map(|i| i as u8).collect();
    let lines = vec![
        select(),
        (command(0x90, 0x3E, [0, 0], &data[..255], None), good(&[])),
        (command(0x90, 0x3E, [0, 0], &data[255..510], None), good(&[])),
        (command(0x80, 0x3E, [0, 0], &data[510..], None), good(&[])),
    ];
    let script = Script::new(lines).short();
    let sent = script.counter();
    Card::new(Box::new(script)).select().unwrap().acknowledge(&data).unwrap();
    assert_eq!(sent.get(), 4);
}

#[test]
fn where_extended_apdus_pass_a_command_goes_out_whole() {
    let data = vec![7; 600];
    let lines = vec![select(), (command(0x80, 0x3E, [0, 0], &data, None), good(&[]))];
    card(lines).select().unwrap().acknowledge(&data).unwrap();
}

#[test]
fn a_refusal_inside_a_chain_ends_it() {
    let data = vec![7; 600];
    let lines = vec![select(), (command(0x90, 0x3E, [0, 0], &data[..255], None), vec![0x68, 0x84])];
    let mut card = Card::new(Box::new(Script::new(lines).short()));
    let error = card.select().unwrap().acknowledge(&data).unwrap_err();
    assert!(error.is_refusal(Status::ChainingNotSupported), "{error}");
}

#[test]
fn data_behind_a_bad_status_word_are_not_to_be_had() {
    let get = command(0, 0xCA, [0xDF, 0x01], &[], Some(65_536));
    let lines = vec![select(), (get, [&[0xCA; 16][..], &[0x65, 0x81]].concat())];
    let error = card(lines).select().unwrap().card_id().unwrap_err();
    let refusal = CardRefusal { command: Ins::GetData, status: 0x6581 };
    assert_eq!(error, CardError::Refused(refusal));
}

#[test]
fn a_wrong_pin_tells_the_tries_left_and_the_last_one_blocks() {
    for (status, expected) in [
        ([0x63, 0xC2], CardError::WrongPin { tries_left: 2 }),
        ([0x63, 0xC0], CardError::PinBlocked),
        ([0x69, 0x83], CardError::PinBlocked),
    ] {
        let mut card = card(vec![select(), verify(status)]);
        let mut selected = card.select().unwrap();
        let error = selected.verify(&Pin::new("1234").unwrap()).err().unwrap();
        assert_eq!(error, expected);
    }
}

#[test]
fn a_right_pin_authorises() {
    let mut card = card(vec![select(), verify([0x90, 0x00])]);
    assert!(card.select().unwrap().verify(&Pin::new("1234").unwrap()).is_ok());
}

#[test]
fn a_card_of_another_interface_version_is_refused() {
    let mut about = answer::Selected::new(LifeCycle::Activated, Assurance::Test);
    about.version = 2;
    let mut card = card(vec![(select().0, good(&about.to_fci()))]);
    assert_eq!(card.select().err(), Some(CardError::Version(2)));
}

#[test]
fn a_card_without_the_applet_is_a_refusal() {
    let mut card = card(vec![(select().0, vec![0x6A, 0x82])]);
    let error = card.select().err().unwrap();
    assert!(error.is_refusal(Status::ApplicationNotFound), "{error}");
}

#[test]
fn a_licence_the_card_does_not_have_is_none() {
    let licence = LicenceRef { center: world::CENTER, number: 7 };
    let get = command(0x80, 0x34, [0, 0], &licence.to_bytes(), Some(65_536));
    let lines = vec![select(), (get, vec![0x6A, 0x88])];
    assert_eq!(card(lines).select().unwrap().licence(&licence), Ok(None));
}
