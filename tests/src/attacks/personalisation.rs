//! The issuer's door: shut on a card in use, and open to nobody else on a blank one.

use crate::fixture::{TestCard, customer};
use saifu_wire::ins::{Family, Ins};

use super::tally::Tally;

/// P1 and P2 with which the command would be right.
fn parameters(ins: Ins) -> (u8, u8) {
    match ins {
        Ins::ExternalAuthenticate => (0x33, 0x00),
        Ins::GenerateKeyPair => (0x80, 0x01),
        Ins::SetStatus => (0x80, 0x05),
        _ => (0x00, 0x00),
    }
}

pub(super) fn pi5_personalisation_is_over_for_a_card_in_use(t: &mut Tally) {
    let (mut card, _) = customer(0xCA, 0);
    t.refused(&mut card, 0x6985, Ins::InitializeUpdate, [0x01, 0x00], &[1; 8]);
    let personalises = |ins: &&Ins| ins.family() == Family::Personalisation;
    for ins in Ins::ALL.iter().filter(personalises) {
        let (p1, p2) = parameters(*ins);
        t.refused(&mut card, 0x6985, *ins, [p1, p2], &[0; 24]);
    }
}

pub(super) fn pi7_a_blank_card_offers_a_channel_under_its_own_key_version_only(t: &mut Tally) {
    let mut card = TestCard::blank(0xCA);
    card.select();
    for version in [0x00, 0x02, 0xFF] {
        t.refused(&mut card, 0x6A88, Ins::InitializeUpdate, [version, 0x00], &[1; 8]);
    }
    assert!(card.send(Ins::InitializeUpdate, 0x01, 0x00, &[1; 8]).is_ok());
}

pub(super) fn pi7_without_the_keys_a_blank_card_does_nothing(t: &mut Tally) {
    let mut card = TestCard::blank(0xCA);
    card.select();
    let id = [0xCA; 16];
    t.refused(&mut card, 0x6982, Ins::Initialise, [0, 0], &id);
    t.refused(&mut card, 0x6985, Ins::ExternalAuthenticate, [0x33, 0], &[0; 16]);
    card.send(Ins::InitializeUpdate, 0x01, 0x00, &[1; 8]).unwrap();
    t.refused(&mut card, 0x6982, Ins::Initialise, [0, 0], &id);
    card.send(Ins::InitializeUpdate, 0x01, 0x00, &[1; 8]).unwrap();
    t.refused(&mut card, 0x6982, Ins::ExternalAuthenticate, [0x33, 0], &[0; 16]);
    t.refused(&mut card, 0x6985, Ins::ExternalAuthenticate, [0x33, 0], &[0; 16]);
}

pub(super) fn pi7_a_recorded_personalisation_does_not_play_again(t: &mut Tally) {
    let mut card = TestCard::blank(0xCA);
    let blank = card.machine();
    card.select();
    card.record();
    card.personalise();
    let recorded = card.take_record();
    // A card that has spoken once has another challenge; so has every later session.
    let mut card = TestCard::on(blank);
    card.select();
    card.send(Ins::InitializeUpdate, 0x01, 0x00, &[1; 8]).unwrap();
    let stored = card.image().outside;
    for (number, exchange) in recorded.iter().enumerate().skip(1) {
        card.transmit(&recorded[0].command);
        let answer = card.transmit(&exchange.command);
        let same = card.image().outside == stored;
        t.case(answer[0] == 0x69 && same, || format!("command {number}: {answer:02x?}"));
    }
}
