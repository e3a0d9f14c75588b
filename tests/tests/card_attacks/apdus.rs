//! Bytes that mean nothing, or nearly something.

use saifu_tests::fixture::{Draws, Exchange, PIN, TestCard, TestCenter, customer};
use saifu_vsmartcard::platform::RamPlatform;
use saifu_wire::apdu::Command;
use saifu_wire::ins::Ins;
use saifu_wire::status::Status;

use crate::kit::{account_for, size, tell};

/// What §5.1 and §5.5 say of a class and an instruction alone, on a card whose channels are all
/// open: 6E00, 6882 or 6D00; `None` where the rest of the command decides.
fn said_of(cla: u8, ins: u8) -> Option<u16> {
    if matches!(cla, 0x20..=0x3F | 0xA0..=0xBF | 0xFF) {
        return Some(0x6E00);
    }
    let secure = if cla & 0x40 != 0 { cla & 0x20 != 0 } else { cla & 0x0C != 0 };
    let personalises = matches!(ins, 0x82 | 0x10 | 0x46 | 0x12 | 0xE2 | 0xF0);
    if secure && !(matches!(cla, 0x84 | 0x94) && personalises) {
        return Some(0x6882);
    }
    let proprietary = cla & 0x80 != 0;
    let known: &[u8] = if proprietary {
        &[
            0x30, 0x32, 0x34, 0x36, 0x38, 0x3A, 0x3C, 0x3E, 0x40, 0x42, 0x44, 0x48, 0x4A, 0x4C,
            0x4E, 0x52, 0x54, 0x56, 0x58, 0x5A, 0x5C, 0x5E, 0x72, 0x74, 0x50, 0x82, 0x10, 0x46,
            0x12, 0xE2, 0xF0, 0xFE,
        ]
    } else {
        &[0xA4, 0xC0, 0xCA, 0x84, 0x88, 0x20, 0x24, 0x2C, 0x2A]
    };
    (!known.contains(&ins)).then_some(0x6D00)
}

/// MANAGE CHANNEL is the runtime's.
fn is_the_runtimes(cla: u8, ins: u8) -> bool {
    cla & 0x80 == 0 && ins == 0x70
}

fn word(answer: &[u8]) -> u16 {
    let (data, word) = answer.split_at(answer.len() - 2);
    let word = u16::from_be_bytes([word[0], word[1]]);
    assert!(Status::is_documented(word), "{word:04X}");
    let answered = matches!(word >> 8, 0x90 | 0x61 | 0x62);
    assert!(data.is_empty() || answered, "{word:04X} comes with data");
    word
}

/// Opens all twenty channels, and selects the applet on each.
fn on_all_channels(card: &mut TestCard) {
    for channel in 1..20 {
        assert_eq!(card.transmit(&[0x00, 0x70, 0x00, channel]), [0x90, 0x00]);
        let cla = if channel < 4 { channel } else { 0x40 + channel - 4 };
        let mut select = saifu_vsmartcard::virtual_card::select();
        select[0] = cla;
        assert_eq!(word(&card.transmit(&select)), 0x9000);
    }
}

#[test]
fn ap2_every_class_and_instruction_is_answered_as_the_specification_says() {
    let (mut card, _) = customer(0xCA, 0);
    on_all_channels(&mut card);
    let stored = card.image();
    let mut unknown = 0;
    for (cla, ins) in (0..=0xFF).flat_map(|cla| (0..=0xFF).map(move |ins| (cla, ins))) {
        if is_the_runtimes(cla, ins) {
            continue;
        }
        let word = word(&card.transmit(&[cla, ins, 0x00, 0x00]));
        match said_of(cla, ins) {
            Some(expected) => assert_eq!(word, expected, "{cla:02X} {ins:02X}"),
            None => assert!(!matches!(word, 0x6E00 | 0x6D00 | 0x6882), "{cla:02X} {ins:02X}"),
        }
        unknown += usize::from(word == 0x6D00);
    }
    assert!(card.image() == stored);
    assert!(unknown > 18_000, "{unknown}");
}

#[test]
fn ap10_a_channel_that_is_not_open_is_6881_whatever_the_instruction() {
    let (mut card, _) = customer(0xCA, 0);
    for ins in 0..=0xFF {
        for cla in [0x01, 0x02, 0x03, 0x81, 0x83, 0x40, 0x4F, 0xC0, 0xCF, 0x6F] {
            assert_eq!(word(&card.transmit(&[cla, ins, 0x00, 0x00])), 0x6881);
        }
    }
}

/// A sale whose commands, sent again, change nothing.
fn recorded_sale() -> (RamPlatform, TestCenter, Vec<Exchange>) {
    let (mut card, center) = customer(0xCA, 1_000);
    let delivery = center.deliver(&card.keys(), 1);
    card.record();
    card.introduce(&center);
    card.credit(&center.load(card.id(), 1, 2, 500)).unwrap();
    card.load_licence(&delivery.licence).unwrap();
    let token = card.buy(&center, 1).unwrap();
    card.open_stream(&center, 1, &delivery.header).unwrap();
    card.decrypt(0, &delivery.segments.concat()).unwrap();
    card.acknowledge(&center.receipt(&token, 1)).unwrap();
    card.see(&center).unwrap();
    card.send(Ins::InternalAuthenticate, 0, 0, &[0; 32]).unwrap();
    card.send(Ins::GetChallenge, 0, 0, &[]).unwrap();
    (card.machine(), center, card.take_record())
}

/// An APDU that is noise, or has a header of ours, or was right until a moment ago.
fn draw_apdu(draws: &mut Draws, recorded: &[Exchange]) -> Vec<u8> {
    let said = recorded[draws.below(recorded.len())].command.clone();
    match draws.below(10) {
        0 => {
            let count = draws.below(300);
            draws.bytes(count)
        }
        1 => {
            let count = draws.below(40);
            [&said[..2], &draws.bytes(count)].concat()
        }
        2 | 3 => mutate(draws, said),
        4..=6 => well_formed(draws, &said),
        _ => {
            let mut forged = said;
            let at = 4 + draws.below(forged.len() - 4);
            forged[at] ^= 1 << draws.below(8);
            forged
        }
    }
}

/// A command with the header of one that was said, or nearly so, and any data.
fn well_formed(draws: &mut Draws, said: &[u8]) -> Vec<u8> {
    let mut header = [said[0], said[1], said[2], said[3]];
    if draws.below(4) == 0 {
        header[draws.below(4)] = draws.byte();
    }
    let [cla, ins, p1, p2] = header;
    let count = [0, 4, 16, 24, 29, 214][draws.below(6)];
    let data = draws.bytes(count);
    let le = [None, Some(1), Some(256), Some(65_536)][draws.below(4)];
    Command { cla, ins, p1, p2, data: &data, le, extended: le == Some(65_536) }.to_bytes()
}

/// Changes a command in one to three places.
fn mutate(draws: &mut Draws, mut apdu: Vec<u8>) -> Vec<u8> {
    for _ in 0..=draws.below(3) {
        let at = draws.below(apdu.len().max(1));
        match draws.below(5) {
            0 => apdu.truncate(at),
            1 => apdu.push(draws.byte()),
            2 if at < apdu.len() => apdu[at] = draws.byte(),
            3 => apdu.insert(at.min(apdu.len()), draws.byte()),
            _ => apdu.get_mut(draws.below(8)).into_iter().for_each(|byte| *byte ^= 0x10),
        }
    }
    apdu
}

#[test]
fn ap13_random_commands_get_documented_answers_and_move_no_value() {
    const SESSION: usize = 500;
    let (machine, center, recorded) = recorded_sale();
    let mut draws = Draws::new("ap13");
    let sessions = size(20_000, 1_000_000) / SESSION;
    let (mut refused, mut blocked) = (0, 0);
    for _ in 0..sessions {
        let mut card = TestCard::on(machine.clone());
        card.select();
        card.verify(PIN).unwrap();
        for _ in 0..SESSION {
            let apdu = draw_apdu(&mut draws, &recorded);
            refused += usize::from(word(&card.transmit(&apdu)) != 0x9000);
        }
        card.power_cycle();
        match card.status().pin_tries {
            0 => blocked += 1,
            _ => drop(account_for(&mut card, &center, 1_500)),
        }
    }
    assert!(refused > sessions * SESSION / 2 && blocked < sessions / 2);
    tell("random commands", sessions * SESSION);
    tell("of them refused", refused);
}
