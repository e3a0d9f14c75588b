//! Sessions of a real card replayed at both ends, and every way to disturb one.

use alloc::vec;

use super::super::super::Secret;
use super::super::super::test_help::{hex, hex_array, hex_secret};
use super::super::StaticKeys;
use super::*;

/// A session of a real eUICC (osmocom pySim, `test_globalplatform.py`): host and card challenge,
/// data of EXTERNAL AUTHENTICATE, then commands and their protected form, and one response.
struct Session {
    level: SecurityLevel,
    challenges: [&'static str; 2],
    authenticate: &'static str,
    commands: [&'static str; 5],
    first_response: &'static str,
}

const PLAIN: [&str; 5] = [
    "80e29100 bf3e035c015a",
    "80f22002",
    "80ca0066",
    "80f22002 4f0212345c054f9f70c5",
    "80f28002 4f00",
];
const FIRST_RESPONSE: &str = "bf3e125a1089882119900000000000000000000005";

const SESSIONS: [Session; 3] = [
    Session {
        level: SecurityLevel::BothMac,
        challenges: ["b13e5f938fc108c4", "3eb51047495b249f"],
        authenticate: "7d5f5826a993ebc89eea24957fa0b3ce",
        commands: [
            "84e29100 bf3e035c015a558d036518a28297",
            "84f22002 63a63f8959827fb2",
            "84ca0066 a0c6a4a74166f7ce",
            "84f22002 4f0212345c054f9f70c52249b50272656536",
            "84f28002 4f00e91443f6dce6b8ed",
        ],
        first_response: "bf3e125a1089882119900000000000000000000005971be68992dbbdfa",
    },
    Session {
        level: SecurityLevel::CommandEncryption,
        challenges: ["8e1552d0513c60f3", "30760cd2c47c1dd3"],
        authenticate: "fd4721a14d9b07003c451d2f8ae6bb21",
        commands: [
            "84e29100 ca9c00f6713d79bc8baa642bdff51c3f6a4082d3bd9ad26c",
            "84f22002 c9811b11f1264cf1",
            "84ca0066 e10ab60b30547988",
            "84f22002 4e2908bdb48b2315a55482e9e936ca122d6ecfae7d17416e",
            "84f28002 0dd10a6b6193e5340b9e77d32d5a179cd710ac2773aefb28",
        ],
        first_response: FIRST_RESPONSE,
    },
    Session {
        level: SecurityLevel::Full,
        challenges: ["fdf38259a1e0de44", "3b1aca81e821f219"],
        authenticate: "8c36f96bcc00724a4e13ad591d7da3f0",
        commands: [
            "84e29100 267a85dfe4a98fca6fb0527e0dfecce4914e40401433c87f",
            "84f22002 ac6a59024bed84cc",
            "84ca0066 409912ad8fb7aed0",
            "84f22002 5f3dafc3ac14c381536a488bf44e06d056df9d74dbd21e5a",
            "84f28002 65165105be3373347d0424d4400af2ac393f569ec779389e",
        ],
        first_response: "f3ba2b1013aa6224f5e1c138d71805c569e5439b47576260b75fc021b25097cb
                         2e68f8a0144975b9",
    },
];

const OK: [u8; 2] = [0x90, 0x00];

fn apdu(digits: &str) -> (Header, Vec<u8>) {
    let bytes = hex(digits);
    (bytes[..4].try_into().unwrap(), bytes[4..].to_vec())
}

fn open(session: &Session) -> (Channel, Channel) {
    let keys = StaticKeys {
        enc: hex_secret("000102030405060708090a0b0c0d0e0f"),
        mac: hex_secret("101112131415161718191a1b1c1d1e1f"),
    };
    let [host, card] = session.challenges.map(hex_array);
    let keys = SessionKeys::derive(&keys, &host, &card);
    let (off_card, data) = Channel::request(keys.clone(), &host, &card, session.level).unwrap();
    assert_eq!(data.as_slice(), hex(session.authenticate));
    let header = [0x84, 0x82, session.level as u8, 0];
    (off_card, Channel::accept(keys, &host, &card, header, &data).unwrap())
}

#[test]
fn a_real_cards_sessions_replay_at_both_ends() {
    for session in &SESSIONS {
        let (mut off_card, mut card) = open(session);
        for (at, (plain, protected)) in PLAIN.iter().zip(session.commands).enumerate() {
            let (header, data) = apdu(plain);
            let wrapped;
            (off_card, wrapped) = {
                let (channel, header, data) = off_card.wrap_command(header, &data).unwrap();
                (channel, (header, data))
            };
            assert_eq!(wrapped, apdu(protected));
            let unwrapped;
            (card, unwrapped) = card.unwrap_command(wrapped.0, &wrapped.1).unwrap();
            assert_eq!(unwrapped.expose(), data);
            if at == 0 {
                let response = card.wrap_response(&hex(FIRST_RESPONSE), OK).unwrap();
                assert_eq!(response, hex(session.first_response));
                let plain = off_card.unwrap_response(&response, OK).unwrap();
                assert_eq!(plain.expose(), hex(FIRST_RESPONSE));
            }
        }
    }
}

#[test]
fn a_wrong_authentication_opens_nothing() {
    for session in &SESSIONS {
        let [host, card] = session.challenges.map(hex_array);
        let (off_card, _) = open(session);
        let header = [0x84, 0x82, session.level as u8, 0];
        let good = hex(session.authenticate);
        for bit in 0..128 {
            let mut wrong = good.clone();
            wrong[bit / 8] ^= 1 << (bit % 8);
            let refused = Channel::accept(off_card.keys.clone(), &host, &card, header, &wrong);
            assert_eq!(refused.unwrap_err(), CryptoError::Refused);
        }
        for p1 in (0..=255).filter(|p1| *p1 != session.level as u8) {
            let header = [0x84, 0x82, p1, 0];
            let refused = Channel::accept(off_card.keys.clone(), &host, &card, header, &good);
            assert_eq!(refused.unwrap_err(), CryptoError::Refused);
        }
    }
}

#[test]
fn a_right_mac_over_a_wrong_cryptogram_opens_nothing() {
    let [host, card] = SESSIONS[0].challenges.map(hex_array);
    let (off_card, _) = open(&SESSIONS[0]);
    let header = [0x84, 0x82, 0x01, 0];
    let mut forger = Channel::new(off_card.keys.clone(), SecurityLevel::CommandMac);
    let mac = forger.add_mac(header, &[0; 8]).unwrap();
    let data = [[0; 8], mac].concat();
    let refused = Channel::accept(off_card.keys, &host, &card, header, &data);
    assert_eq!(refused.unwrap_err(), CryptoError::Refused);
}

#[test]
fn every_flipped_bit_of_a_command_is_refused() {
    for session in &SESSIONS {
        let good = hex(session.commands[0]);
        // The logical channel (bits 2 and 1 of the class) and the chaining bit are not covered.
        for bit in (0..good.len() * 8).filter(|bit| ![0, 1, 4].contains(bit)) {
            let mut wrong = good.clone();
            wrong[bit / 8] ^= 1 << (bit % 8);
            let (_, card) = open(session);
            let refused = card.unwrap_command(wrong[..4].try_into().unwrap(), &wrong[4..]);
            assert_eq!(refused.unwrap_err(), CryptoError::Refused, "bit {bit}");
        }
    }
}

#[test]
fn a_replayed_skipped_or_bare_command_is_refused() {
    for session in &SESSIONS {
        let [first, second] = [0, 1].map(|at: usize| apdu(session.commands[at]));
        let (_, card) = open(session);
        let (card, _) = card.unwrap_command(first.0, &first.1).unwrap();
        assert!(card.unwrap_command(first.0, &first.1).is_err(), "replayed");
        let (_, card) = open(session);
        assert!(card.unwrap_command(second.0, &second.1).is_err(), "skipped");
        let (_, card) = open(session);
        let (header, data) = apdu(PLAIN[0]);
        assert!(card.unwrap_command(header, &data).is_err(), "bare");
        let (_, card) = open(session);
        assert!(card.unwrap_command([0x84, 0xF2, 0x20, 0x02], &[0; 7]).is_err(), "short");
    }
}

#[test]
fn every_flipped_bit_of_a_response_with_a_mac_is_refused() {
    for session in [&SESSIONS[0], &SESSIONS[2]] {
        let (off_card, card) = open(session);
        let good = card.wrap_response(b"answer", OK).unwrap();
        assert_eq!(off_card.unwrap_response(&good, OK).unwrap().expose(), b"answer");
        for bit in 0..good.len() * 8 {
            let mut wrong = good.clone();
            wrong[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(off_card.unwrap_response(&wrong, OK), Err(CryptoError::Refused));
        }
        assert_eq!(off_card.unwrap_response(&good, [0x62, 0x85]), Err(CryptoError::Refused));
        assert_eq!(off_card.unwrap_response(&good[..7], OK), Err(CryptoError::Refused));
    }
}

#[test]
fn an_error_status_goes_bare_and_a_warning_does_not() {
    let (off_card, card) = open(&SESSIONS[2]);
    assert_eq!(card.wrap_response(b"", [0x69, 0x85]).unwrap(), vec![]);
    assert_eq!(card.wrap_response(b"x", [0x69, 0x85]), Err(CryptoError::Refused));
    assert!(off_card.unwrap_response(b"", [0x69, 0x85]).unwrap().is_empty());
    assert_eq!(off_card.unwrap_response(b"x", [0x69, 0x85]), Err(CryptoError::Refused));
    let warned = card.wrap_response(b"", [0x62, 0x85]).unwrap();
    assert_eq!(warned.len(), MAC_LEN);
    assert!(off_card.unwrap_response(&warned, [0x62, 0x85]).unwrap().is_empty());
}

#[test]
fn commands_of_every_length_come_through_and_too_long_ones_do_not() {
    for len in [1, 15, 16, 17, 240, 247, 248, 4000, 65_000] {
        let (off_card, card) = open(&SESSIONS[2]);
        let data = vec![0x80; len];
        let (_, header, sent) = off_card.wrap_command([0x80, 0xE2, 0, 0], &data).unwrap();
        assert_eq!(card.unwrap_command(header, &sent).unwrap().1.expose(), data);
    }
    let (off_card, _) = open(&SESSIONS[0]);
    let too_long = vec![0; 65_528];
    assert!(off_card.wrap_command([0x80, 0xE2, 0, 0], &too_long).is_err());
}

#[test]
fn an_extended_length_enters_the_mac_in_three_bytes() {
    let (off_card, _) = open(&SESSIONS[0]);
    let data = vec![7; 248];
    let head = [0x84, 0xE2, 0, 0, 0x00, 0x01, 0x00];
    let expected = short_cmac(&off_card.keys.mac, &[&off_card.chaining, &head, &data]);
    let (_, _, sent) = off_card.wrap_command([0x80, 0xE2, 0, 0], &data).unwrap();
    assert_eq!(sent[248..], expected);
}

#[test]
fn a_logical_channel_keeps_its_class_and_has_the_same_mac() {
    let (basic, _) = open(&SESSIONS[0]);
    let (_, _, basic) = basic.wrap_command([0x80, 0xF2, 0x20, 0x02], b"").unwrap();
    for (class, sent) in [(0x80, 0x84), (0x83, 0x87), (0xC0, 0xE0), (0xCF, 0xEF)] {
        let (off_card, card) = open(&SESSIONS[0]);
        let (_, header, data) = off_card.wrap_command([class, 0xF2, 0x20, 0x02], b"").unwrap();
        assert_eq!((header[0], &data), (sent, &basic));
        assert!(card.unwrap_command(header, &data).is_ok());
    }
}

#[test]
fn authentic_data_with_wrong_padding_is_refused() {
    for plain in [[0; 16].as_slice(), &[1; 16], &[[0x80; 16], [0; 16]].concat(), &[0x80; 15]] {
        let (off_card, card) = open(&SESSIONS[2]);
        let mut forger = off_card;
        forger.counter = 1;
        let mut body = plain.to_vec();
        let _ = cbc::encrypt(&forger.keys.enc, &forger.icv(Direction::Command), &mut body);
        let header = [0x84, 0xE2, 0, 0];
        let mac = forger.add_mac(header, &body).unwrap();
        let data = [body.as_slice(), &mac].concat();
        assert_eq!(card.unwrap_command(header, &data).unwrap_err(), CryptoError::Refused);
    }
}

#[test]
fn a_spent_counter_is_refused_and_does_not_wrap() {
    let (mut off_card, mut card) = open(&SESSIONS[2]);
    off_card.counter = u32::MAX;
    card.counter = u32::MAX;
    assert!(off_card.wrap_command([0x80, 0xE2, 0, 0], b"x").is_err());
    let (header, data) = apdu(SESSIONS[2].commands[0]);
    assert!(card.unwrap_command(header, &data).is_err());
}

#[test]
fn only_the_five_levels_are_known() {
    let known = (0..=255).filter(|p1| SecurityLevel::try_from(*p1).is_ok());
    assert_eq!(known.collect::<Vec<u8>>(), [0x01, 0x03, 0x11, 0x13, 0x33]);
    let keys = StaticKeys { enc: Secret::new([1; 16]), mac: Secret::new([2; 16]) };
    let keys = SessionKeys::derive(&keys, &[0; 8], &[0; 8]);
    let channel = Channel::new(keys, SecurityLevel::Full);
    assert_eq!(channel.level(), SecurityLevel::Full);
}
