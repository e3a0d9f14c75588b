//! Commands that are none: of no class, of no instruction, with wrong parameters or lengths.

use saifu_vsmartcard::virtual_card::select;
use saifu_wire::apdu::{Command, MAX_COMMAND_DATA};
use saifu_wire::ins::{Family, Ins};

use super::tally::Tally;
use crate::fixture::{TestCard, customer};

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

/// Opens all twenty channels, and selects the applet on each.
fn on_all_channels() -> TestCard {
    let (mut card, _) = customer(0xCA, 0);
    for channel in 1..20 {
        assert_eq!(card.transmit(&[0x00, 0x70, 0x00, channel]), [0x90, 0x00]);
        let mut select = select();
        select[0] = if channel < 4 { channel } else { 0x40 + channel - 4 };
        assert!(card.transmit(&select).ends_with(&[0x90, 0x00]));
    }
    card
}

/// Every class with every instruction of which the specification says this word.
fn all_said_of(t: &mut Tally, word: u16) {
    let mut card = on_all_channels();
    for (cla, ins) in (0..=0xFF).flat_map(|cla| (0..=0xFF).map(move |ins| (cla, ins))) {
        if !is_the_runtimes(cla, ins) && said_of(cla, ins) == Some(word) {
            t.apdu(&mut card, word, &[cla, ins, 0x00, 0x00]);
        }
    }
}

pub(super) fn ap1_a_class_that_is_not_ours_is_6e00_whatever_the_instruction(t: &mut Tally) {
    all_said_of(t, 0x6E00);
}

pub(super) fn ap2_an_unknown_instruction_is_6d00_in_every_class_on_every_channel(t: &mut Tally) {
    all_said_of(t, 0x6D00);
}

pub(super) fn ap2_every_known_instruction_is_answered_by_what_its_command_says(t: &mut Tally) {
    let mut card = on_all_channels();
    for (cla, ins) in (0..=0xFF).flat_map(|cla| (0..=0xFF).map(move |ins| (cla, ins))) {
        if !is_the_runtimes(cla, ins) && said_of(cla, ins).is_none() {
            let answer = card.transmit(&[cla, ins, 0x00, 0x00]);
            let by_code = [[0x6E, 0x00], [0x6D, 0x00], [0x68, 0x82]];
            assert!(!by_code.iter().any(|word| answer == word), "{cla:02X} {ins:02X}");
            t.accepted();
        }
    }
}

/// The commands that a card in use has for whoever comes.
fn commands() -> impl Iterator<Item = Ins> {
    let personal =
        |ins: &Ins| ins.family() == Family::Personalisation || *ins == Ins::InitializeUpdate;
    Ins::ALL.iter().copied().filter(move |ins| !personal(ins))
}

/// Whether a command has these parameters.
fn has_parameters(ins: Ins, p1: u8, p2: u8) -> bool {
    match ins {
        Ins::GetData => true,
        Ins::Select => p1 == 0x04,
        Ins::Verify | Ins::ChangeReferenceData | Ins::ResetRetryCounter => (p1, p2) == (0, 0x81),
        Ins::VerifyCertificate => (p1, p2) == (0x00, 0xBE),
        Ins::LoadLicence
        | Ins::GetLicence
        | Ins::OpenStream
        | Ins::Decrypt
        | Ins::HandBack
        | Ins::DeleteContent => p1 <= 1 && p2 == 0,
        Ins::StoreContent => p1 <= 2 && p2 == 0,
        Ins::Terminate => p1 == 0 || (p1, p2) == (1, 0),
        _ => (p1, p2) == (0, 0),
    }
}

pub(super) fn ap3_parameters_that_a_command_does_not_have_are_6a86(t: &mut Tally) {
    let (mut card, _) = customer(0xCA, 0);
    let pairs = (0..=0xFF).flat_map(|other| {
        [(other, 0x00), (0x00, other), (other, 0x81), (other, 0xBE), (0x01, other), (other, other)]
    });
    for (ins, (p1, p2)) in commands().flat_map(|ins| pairs.clone().map(move |pair| (ins, pair))) {
        if !has_parameters(ins, p1, p2) {
            t.apdu(&mut card, 0x6A86, &[ins.cla(), ins.code(), p1, p2]);
        }
    }
}

/// The header of a command, with parameters it has.
fn header(ins: Ins) -> [u8; 4] {
    let (p1, p2) = match ins {
        Ins::Select => (0x04, 0x00),
        Ins::GetData => (0xDF, 0x02),
        Ins::Verify | Ins::ChangeReferenceData | Ins::ResetRetryCounter => (0x00, 0x81),
        Ins::VerifyCertificate => (0x00, 0xBE),
        _ => (0x00, 0x00),
    };
    [ins.cla(), ins.code(), p1, p2]
}

/// Whether a command takes no data.
fn takes_none(ins: Ins) -> bool {
    matches!(ins, Ins::GetResponse | Ins::GetData | Ins::GetChallenge | Ins::ListOutbox)
}

/// Whether a command answers nothing but its status word.
fn answers_nothing(ins: Ins) -> bool {
    let pins = [Ins::Verify, Ins::ChangeReferenceData, Ins::ResetRetryCounter];
    let others = [Ins::VerifyCertificate, Ins::DeleteLicence, Ins::Acknowledge, Ins::StoreContent];
    let last = [Ins::DeleteContent, Ins::SetTime];
    [&pins[..], &others, &last].concat().contains(&ins)
}

pub(super) fn ap4_lengths_that_lie_and_a_missing_le_are_6700(t: &mut Tally) {
    let (mut card, _) = customer(0xCA, 0);
    for ins in commands() {
        let mut refused = |rest: &[u8]| t.apdu(&mut card, 0x6700, &[&header(ins), rest].concat());
        refused(&[7, 1, 2, 3, 4, 5, 6]);
        refused(&[7, 1, 2, 3, 4, 5, 6, 7, 8, 0]);
        refused(&[0, 1]);
        refused(&[0, 1, 2, 3, 4, 5]);
        if takes_none(ins) {
            refused(&[1, 7, 0]);
            refused(&[]);
        } else {
            refused_without(ins, &mut refused);
        }
    }
}

/// A command that takes data, without its data or its Le.
fn refused_without(ins: Ins, refused: &mut impl FnMut(&[u8])) {
    if ins != Ins::Verify {
        refused(&[]);
        refused(&[0]);
    }
    if !answers_nothing(ins) && ins != Ins::Terminate {
        refused(&[&[24][..], &[0xEE; 24]].concat());
    }
}

pub(super) fn ap5_extended_lengths_that_lie_are_6700_and_too_much_data_is_6a84(t: &mut Tally) {
    let (mut card, _) = customer(0xCA, 0);
    for ins in commands().filter(|ins| !takes_none(*ins)) {
        let [cla, ins, p1, p2] = header(ins);
        let of = |count: usize| {
            let data = vec![0xEE; count];
            Command { cla, ins, p1, p2, data: &data, le: None, extended: true }.to_bytes()
        };
        let whole = of(300);
        t.apdu(&mut card, 0x6700, &whole[..whole.len() - 1]);
        t.apdu(&mut card, 0x6700, &whole[..20]);
        t.apdu(&mut card, 0x6700, &[&whole[..], &[0]].concat());
        t.apdu(&mut card, 0x6700, &[&whole[..], &[0, 0, 0]].concat());
        // No AID is as long as that.
        let word = if ins == Ins::Select.code() { 0x6700 } else { 0x6A84 };
        t.apdu(&mut card, word, &of(MAX_COMMAND_DATA + 1));
    }
}

pub(super) fn ap6_fewer_than_four_bytes_are_6700_and_the_card_lives(t: &mut Tally) {
    let (mut card, _) = customer(0xCA, 0);
    for ins in commands() {
        for count in 0..4 {
            t.apdu(&mut card, 0x6700, &header(ins)[..count]);
        }
        assert_eq!(card.status().pin_tries, 3);
        t.accepted();
    }
}

pub(super) fn ap10_a_channel_that_is_not_open_is_6881_whatever_the_instruction(t: &mut Tally) {
    let (mut card, _) = customer(0xCA, 0);
    for cla in (0x01..=0x03).chain(0x41..=0x4F).chain(0x81..=0x83).chain(0xC0..=0xCF) {
        for ins in 0..=0xFF {
            t.apdu(&mut card, 0x6881, &[cla, ins, 0x00, 0x00]);
        }
    }
}

pub(super) fn ap10_secure_messaging_where_there_is_none_is_6882(t: &mut Tally) {
    all_said_of(t, 0x6882);
}
