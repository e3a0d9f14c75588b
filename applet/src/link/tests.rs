use super::*;
use alloc::vec;
use saifu_wire::apdu::MAX_RESPONSE_DATA;

/// What came of an APDU.
#[derive(Debug, PartialEq, Eq)]
enum Outcome {
    Command(Ins, Vec<u8>),
    Answer(Vec<u8>),
    Refused(Status),
}
use Outcome::{Answer, Refused};

/// Sends an APDU; a whole command is answered with `reply`.
fn send_and_reply(link: &mut Link, apdu: &[u8], reply: &[u8]) -> Outcome {
    let mut answer = Vec::new();
    match link.receive(0, apdu, &mut answer) {
        Err(status) => Refused(status),
        Ok(Received::Part(_) | Received::Answered) => Answer(answer),
        Ok(Received::Whole(request)) if reply.is_empty() => {
            Outcome::Command(request.order.ins(), request.data.bytes().to_vec())
        }
        Ok(Received::Whole(request)) => {
            answer.extend_from_slice(reply);
            link.reply(&request, Status::Ok, &mut answer);
            Answer(answer)
        }
    }
}

fn send(link: &mut Link, apdu: &[u8]) -> Outcome {
    send_and_reply(link, apdu, &[])
}

fn credit(chained: bool, data: &[u8]) -> Vec<u8> {
    let cla = if chained { 0x90 } else { 0x80 };
    let le = (!chained).then_some(256);
    Command { cla, ins: 0x5C, p1: 0, p2: 0, data, le, extended: data.len() > 255 }.to_bytes()
}

const GET_CHALLENGE: [u8; 5] = [0x00, 0x84, 0, 0, 0];
const GET_RESPONSE: [u8; 5] = [0x00, 0xC0, 0, 0, 0];
const PART_DONE: [u8; 2] = [0x90, 0x00];

#[test]
fn ap1_an_unknown_class_is_6e00() {
    for cla in (0x20..=0x3F).chain(0xA0..=0xBF).chain([0xFF]) {
        let apdu = [cla, 0x84, 0, 0, 0];
        assert_eq!(send(&mut Link::default(), &apdu), Refused(Status::ClassNotSupported));
    }
}

#[test]
fn ap2_an_unknown_instruction_is_6d00_in_every_class_of_ours() {
    for cla in (0..=0xFF).filter(|cla| Class::parse(*cla).is_some_and(|class| !class.secure)) {
        let class = Class::parse(cla).unwrap();
        for ins in (0..=0xFF).filter(|ins| Ins::find(class.proprietary, *ins).is_none()) {
            let mut answer = Vec::new();
            let apdu = [cla, ins, 0, 0, 0];
            let received = Link::default().receive(class.channel, &apdu, &mut answer);
            assert_eq!(received.unwrap_err(), Status::InsNotSupported, "{cla:02X} {ins:02X}");
        }
    }
}

#[test]
fn ap4_lc_that_lies_and_a_missing_le_are_6700() {
    let wrong: [&[u8]; 6] = [
        &[0x80, 0x5C, 0, 0, 3, 1, 2],
        &[0x80, 0x5C, 0, 0, 1, 1, 2, 3],
        &[0x80, 0x5C, 0, 0, 0, 1, 2, 3, 4, 5],
        &[0x80, 0x5C, 0, 0, 2, 1, 2],
        &[0x00, 0x84, 0, 0],
        &[0x00, 0x84, 0, 0, 1, 7, 0],
    ];
    for apdu in wrong {
        let outcome = send(&mut Link::default(), apdu);
        assert_eq!(outcome, Refused(Status::WrongLength), "{apdu:02x?}");
    }
}

#[test]
fn ap5_extended_lengths_that_lie_are_6700_and_too_much_data_is_6a84() {
    let long = |count: usize| credit(false, &vec![7; count]);
    let mut short = long(300);
    short.truncate(250);
    let mut trailing = long(300);
    trailing.extend_from_slice(&[1, 2]);
    for apdu in [short, trailing] {
        assert_eq!(send(&mut Link::default(), &apdu), Refused(Status::WrongLength));
    }
    let most = long(MAX_COMMAND_DATA);
    assert!(matches!(send(&mut Link::default(), &most), Outcome::Command(Ins::Credit, _)));
    let more = long(MAX_COMMAND_DATA + 1);
    assert_eq!(send(&mut Link::default(), &more), Refused(Status::NotEnoughMemory));
}

#[test]
fn ap6_fewer_than_four_bytes_are_6700_and_the_link_lives() {
    let mut link = Link::default();
    for count in 0..4 {
        assert_eq!(send(&mut link, &GET_CHALLENGE[..count]), Refused(Status::WrongLength));
    }
    assert_eq!(send(&mut link, &GET_CHALLENGE), Outcome::Command(Ins::GetChallenge, vec![]));
}

#[test]
fn a_chain_becomes_one_command() {
    let mut link = Link::default();
    assert_eq!(send(&mut link, &credit(true, b"ab")), Answer(PART_DONE.to_vec()));
    assert_eq!(send(&mut link, &credit(true, b"cd")), Answer(PART_DONE.to_vec()));
    let joined = Outcome::Command(Ins::Credit, b"abcde".to_vec());
    assert_eq!(send(&mut link, &credit(false, b"e")), joined);
    let alone = Outcome::Command(Ins::Credit, b"e".to_vec());
    assert_eq!(send(&mut link, &credit(false, b"e")), alone);
}

#[test]
fn ap7_another_command_ends_a_chain_and_neither_has_an_effect() {
    let others = [
        GET_CHALLENGE.to_vec(),
        GET_RESPONSE.to_vec(),
        [0x90, 0x38, 0, 0, 1, 7].to_vec(),
        [0x80, 0x5C, 1, 0, 1, 7, 0].to_vec(),
        [0x80, 0x5C, 0, 1, 1, 7, 0].to_vec(),
    ];
    for other in others {
        let mut link = Link::default();
        send(&mut link, &credit(true, b"ab"));
        assert_eq!(send(&mut link, &other), Refused(Status::LastCommandExpected));
        let alone = Outcome::Command(Ins::Credit, b"c".to_vec());
        assert_eq!(send(&mut link, &credit(false, b"c")), alone, "the first part is gone");
    }
}

#[test]
fn ap7_a_last_part_without_a_first_is_a_command_of_its_own() {
    let alone = Outcome::Command(Ins::Credit, b"c".to_vec());
    assert_eq!(send(&mut Link::default(), &credit(false, b"c")), alone);
}

#[test]
fn a_chain_of_a_command_that_takes_no_data_is_6884() {
    for apdu in [[0x10, 0x84, 0, 0, 1, 7], [0x10, 0xC0, 0, 0, 1, 7], [0x10, 0xCA, 0, 0, 1, 7]] {
        let outcome = send(&mut Link::default(), &apdu);
        assert_eq!(outcome, Refused(Status::ChainingNotSupported));
    }
}

#[test]
fn a_chain_is_checked_from_its_first_part_on() {
    let unknown = send(&mut Link::default(), &[0x90, 0x02, 0, 0, 1, 7]);
    assert_eq!(unknown, Refused(Status::InsNotSupported));
    let parameters = send(&mut Link::default(), &[0x90, 0x5C, 9, 0, 1, 7]);
    assert_eq!(parameters, Refused(Status::WrongP1P2));
    let empty = send(&mut Link::default(), &[0x90, 0x5C, 0, 0]);
    assert_eq!(empty, Refused(Status::WrongLength));
}

#[test]
fn ap8_a_chain_longer_than_a_command_is_6a84_and_gone() {
    let mut link = Link::default();
    let part = vec![7; MAX_COMMAND_DATA];
    assert_eq!(send(&mut link, &credit(true, &part)), Answer(PART_DONE.to_vec()));
    assert_eq!(send(&mut link, &credit(true, &[7])), Refused(Status::NotEnoughMemory));
    assert!(link.chain.is_none());
    let alone = Outcome::Command(Ins::Credit, b"c".to_vec());
    assert_eq!(send(&mut link, &credit(false, b"c")), alone);
}

#[test]
fn a_chain_of_short_parts_carries_as_much_as_an_extended_command() {
    let mut link = Link::default();
    let data: Vec<u8> = (0..MAX_COMMAND_DATA).map(|i| i as u8).collect();
    let (parts, last) = data.split_at(MAX_COMMAND_DATA - 1);
    for part in parts.chunks(255) {
        assert_eq!(send(&mut link, &credit(true, part)), Answer(PART_DONE.to_vec()));
    }
    assert_eq!(send(&mut link, &credit(false, last)), Outcome::Command(Ins::Credit, data.clone()));
}

#[test]
fn ap10_another_channel_in_the_class_byte_is_6881() {
    let mut answer = Vec::new();
    for (channel, cla, good) in
        [(0, 0x00, true), (0, 0x01, false), (4, 0x40, true), (19, 0x4F, true)]
    {
        let apdu = [cla, 0x84, 0, 0, 0];
        let received = Link::default().receive(channel, &apdu, &mut answer);
        assert_eq!(received.is_ok(), good, "channel {channel}, class {cla:02x}");
        if let Err(status) = received {
            assert_eq!(status, Status::ChannelNotSupported);
        }
    }
}

#[test]
fn ap10_secure_messaging_outside_personalisation_is_6882() {
    for apdu in [
        &[0x04, 0x84, 0, 0, 0][..],
        &[0x0C, 0x84, 0, 0, 0],
        &[0x84, 0x52, 0, 0, 0],
        &[0x88, 0x10, 0, 0, 1, 7, 0],
        &[0x8C, 0x10, 0, 0, 1, 7, 0],
    ] {
        let outcome = send(&mut Link::default(), apdu);
        assert_eq!(outcome, Refused(Status::SecureMessagingNotSupported));
    }
    let personalises = [0x84, 0x10, 0, 0, 1, 7, 0];
    assert_eq!(
        send(&mut Link::default(), &personalises),
        Outcome::Command(Ins::Initialise, vec![7])
    );
    let mut answer = Vec::new();
    let elsewhere = Link::default().receive(1, &[0x85, 0x10, 0, 0, 1, 7, 0], &mut answer);
    assert_eq!(elsewhere.unwrap_err(), Status::SecureMessagingNotSupported);
}

#[test]
fn ap11_get_response_with_nothing_pending_is_6985() {
    let mut link = Link::default();
    let refused = Refused(Status::ConditionsNotSatisfied);
    assert_eq!(send(&mut link, &GET_RESPONSE), refused);
    assert_eq!(send(&mut link, &GET_RESPONSE), refused);
    send_and_reply(&mut link, &GET_CHALLENGE, &[7; 300]);
    assert_eq!(send(&mut link, &GET_RESPONSE), Answer([&[7; 44][..], &PART_DONE].concat()));
    assert_eq!(send(&mut link, &GET_RESPONSE), refused);
}

#[test]
fn ap12_what_le_has_no_room_for_comes_with_get_response() {
    let mut link = Link::default();
    let reply: Vec<u8> = (0..600).map(|i| i as u8).collect();
    let first = send_and_reply(&mut link, &GET_CHALLENGE, &reply);
    assert_eq!(first, Answer([&reply[..256], &[0x61, 0x00]].concat()));
    let second = send(&mut link, &[0x00, 0xC0, 0, 0, 0xF0]);
    assert_eq!(second, Answer([&reply[256..496], &[0x61, 104]].concat()));
    let third = send(&mut link, &GET_RESPONSE);
    assert_eq!(third, Answer([&reply[496..], &PART_DONE].concat()));
}

#[test]
fn ap12_any_other_command_discards_the_rest() {
    for other in [&GET_CHALLENGE[..], &[0xFF, 0, 0, 0], &[0x00, 0xC0, 1, 0, 0], &[0x00]] {
        let mut link = Link::default();
        send_and_reply(&mut link, &GET_CHALLENGE, &[7; 300]);
        send_and_reply(&mut link, other, &[8]);
        assert_eq!(send(&mut link, &GET_RESPONSE), Refused(Status::ConditionsNotSatisfied));
    }
}

#[test]
fn an_extended_le_gets_the_longest_answer_at_once() {
    let mut link = Link::default();
    let reply = vec![7; MAX_RESPONSE_DATA];
    let extended = [0x00, 0x84, 0, 0, 0, 0, 0];
    let outcome = send_and_reply(&mut link, &extended, &reply);
    assert_eq!(outcome, Answer([&reply[..], &PART_DONE].concat()));
    let more = send_and_reply(&mut link, &extended, &vec![7; MAX_RESPONSE_DATA + 1]);
    assert_eq!(more, Answer([&reply[..], &[0x61, 0x01]].concat()));
}

#[test]
fn get_response_gives_no_more_than_an_answer_can_have() {
    let mut link = Link::default();
    let reply = vec![7; MAX_RESPONSE_DATA + 10];
    send_and_reply(&mut link, &[0x00, 0x84, 0, 0, 32], &reply);
    let Answer(answer) = send(&mut link, &[0x00, 0xC0, 0, 0, 0, 0, 0]) else { panic!("refused") };
    assert_eq!(answer.len(), reply.len() - 32 + 2);
    send_and_reply(&mut link, &[0x00, 0x84, 0, 0, 32], &vec![7; MAX_RESPONSE_DATA + 40]);
    let Answer(answer) = send(&mut link, &[0x00, 0xC0, 0, 0, 0, 0, 0]) else { panic!("refused") };
    assert_eq!(answer.split_last_chunk::<2>().unwrap().1, &[0x61, 8]);
}

#[test]
fn the_last_status_word_comes_with_the_last_byte() {
    let mut answer = vec![7; 3];
    let mut rest = Rest::split(&mut answer, Some(2), Status::Terminated);
    assert_eq!(answer, [7, 7, 0x61, 0x01]);
    answer.clear();
    rest.next(256, &mut answer);
    assert_eq!(answer, [7, 0x62, 0x85]);
}
