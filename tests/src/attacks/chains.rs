//! Commands in parts, answers in parts, and a card that is not selected or at its end.

use saifu_vsmartcard::platform::RamPlatform;
use saifu_wire::apdu::{Command, MAX_COMMAND_DATA};
use saifu_wire::ins::{Family, Ins};

use super::administration::{Issuer, terminated};
use super::tally::Tally;
use crate::fixture::{PIN, TestCard, customer};

/// GET RESPONSE.
const GET_RESPONSE: [u8; 5] = [0x00, 0xC0, 0x00, 0x00, 0x00];

/// GET DATA of the card id, whose answer is cut after a byte.
const ONE_BYTE_OF_ID: [u8; 5] = [0x00, 0xCA, 0xDF, 0x01, 0x01];

const DONE: [u8; 2] = [0x90, 0x00];

/// VERIFY of some digits, as a part of a chain or its end.
fn verify(last: bool, digits: &[u8]) -> Vec<u8> {
    let cla = if last { 0x00 } else { 0x10 };
    let le = None;
    Command { cla, ins: 0x20, p1: 0x00, p2: 0x81, data: digits, le, extended: false }.to_bytes()
}

/// A part of a credit.
fn part_of_credit(data: &[u8]) -> Vec<u8> {
    let extended = data.len() > 255;
    Command { cla: 0x90, ins: 0x5C, p1: 0, p2: 0, data, le: None, extended }.to_bytes()
}

pub(super) fn ap7_another_command_ends_a_chain_and_neither_has_an_effect(t: &mut Tally) {
    let (mut card, center) = customer(0xCA, 1_000);
    let (first, last) = PIN.split_at(2);
    let balance = [&[0x80, 0x52, 0x00, 0x00, 0x10], &center.id().0[..], &[0x00]].concat();
    let others = [balance, part_of_credit(&[1]), GET_RESPONSE.to_vec(), verify(true, PIN)];
    for other in &others[..3] {
        assert_eq!(card.transmit(&verify(false, first)), DONE);
        t.apdu(&mut card, 0x6883, other);
        t.apdu(&mut card, 0x6A80, &verify(true, &last[..2]));
    }
    t.refused(&mut card, 0x63C3, Ins::Verify, [0x00, 0x81], &[]);
    assert_eq!(card.transmit(&verify(false, first)), DONE);
    assert_eq!(card.transmit(&verify(true, last)), DONE, "the chain is the PIN");
    t.accepted();
}

pub(super) fn ap7_a_chain_of_a_command_that_takes_no_data_is_6884(t: &mut Tally) {
    let (mut card, _) = customer(0xCA, 0);
    for ins in [Ins::GetResponse, Ins::GetData, Ins::GetChallenge, Ins::ListOutbox] {
        let (p1, p2) = if ins == Ins::GetData { (0xDF, 0x02) } else { (0, 0) };
        t.apdu(&mut card, 0x6884, &[ins.cla() | 0x10, ins.code(), p1, p2, 1, 7]);
    }
}

pub(super) fn ap8_a_chain_longer_than_a_command_is_6a84_and_gone(t: &mut Tally) {
    let (mut card, _) = customer(0xCA, 0);
    for parts in [1, 2, 7] {
        for part in vec![7; MAX_COMMAND_DATA].chunks(MAX_COMMAND_DATA.div_ceil(parts)) {
            assert_eq!(card.transmit(&part_of_credit(part)), DONE);
        }
        t.apdu(&mut card, 0x6A84, &part_of_credit(&[7]));
        t.refused(&mut card, 0x6A80, Ins::Credit, [0, 0], &[7]);
    }
}

/// A way to leave the middle of a chain, and what the rest of it is answered with then.
type Leave = (fn(&mut TestCard), u16);

pub(super) fn ap9_select_reset_and_power_end_a_chain_and_discard_a_rest(t: &mut Tally) {
    let reset = |card: &mut TestCard| card.reset();
    let ways: [Leave; 3] =
        [(TestCard::select, 0x6A80), (reset, 0x6985), (TestCard::power_cycle, 0x6A80)];
    for (leave, word) in ways {
        let (mut card, _) = customer(0xCA, 0);
        let (first, last) = PIN.split_at(PIN.len() - 2);
        assert_eq!(card.transmit(&verify(false, first)), DONE);
        leave(&mut card);
        t.apdu(&mut card, word, &verify(true, last));
        card.select();
        assert_eq!(card.transmit(&ONE_BYTE_OF_ID), [0xCA, 0x61, 0x0F]);
        leave(&mut card);
        t.apdu(&mut card, 0x6985, &GET_RESPONSE);
    }
}

pub(super) fn ap11_get_response_with_nothing_pending_is_6985_however_often(t: &mut Tally) {
    let (mut card, _) = customer(0xCA, 0);
    for _ in 0..3 {
        t.apdu(&mut card, 0x6985, &GET_RESPONSE);
    }
    assert_eq!(card.transmit(&ONE_BYTE_OF_ID), [0xCA, 0x61, 0x0F]);
    assert_eq!(card.transmit(&GET_RESPONSE), [&[0xCA; 15][..], &DONE].concat());
    t.accepted();
    t.apdu(&mut card, 0x6985, &GET_RESPONSE);
}

pub(super) fn ap12_the_rest_of_an_answer_comes_once_and_any_command_discards_it(t: &mut Tally) {
    let (mut card, _) = customer(0xCA, 0);
    let others: [&[u8]; 4] = [
        &[0x00, 0x84, 0, 0, 32],
        &[0x00, 0x02, 0, 0],
        &[0x00, 0xC0, 1, 0, 0],
        &[0x00, 0x70, 0, 0, 1],
    ];
    for other in others {
        assert_eq!(card.transmit(&ONE_BYTE_OF_ID), [0xCA, 0x61, 0x0F]);
        let answer = card.transmit(other);
        assert!(answer.len() <= 34, "{answer:02X?}");
        t.apdu(&mut card, 0x6985, &GET_RESPONSE);
    }
}

/// Every command but those that tell what is public, with parameters that it has.
fn private_commands() -> impl Iterator<Item = Vec<u8>> {
    let public = [Ins::Select, Ins::GetResponse, Ins::GetData, Ins::GetChallenge];
    let own = |ins: &Ins| ins.family() == Family::Personalisation;
    let ours = Ins::ALL.iter().copied().filter(move |ins| !public.contains(ins) && !own(ins));
    ours.map(|ins| {
        let (p1, p2) = match ins {
            Ins::Verify | Ins::ChangeReferenceData | Ins::ResetRetryCounter => (0x00, 0x81),
            Ins::VerifyCertificate => (0x00, 0xBE),
            Ins::InitializeUpdate => (0x01, 0x00),
            _ => (0x00, 0x00),
        };
        let data: &[u8] = if ins == Ins::ListOutbox { &[] } else { &[0xEE; 8] };
        crate::fixture::command(ins, p1, p2, data, Some(256))
    })
}

pub(super) fn ap14_before_select_every_command_but_select_is_6985(t: &mut Tally) {
    for machine in [customer(0xCA, 0).0.machine(), RamPlatform::new(0xCB)] {
        let mut card = TestCard::on(machine);
        for apdu in private_commands() {
            t.apdu(&mut card, 0x6985, &apdu);
        }
        t.apdu(&mut card, 0x6985, &[0x00, 0xCA, 0xDF, 0x02, 0x00]);
        t.apdu(&mut card, 0x6985, &GET_RESPONSE);
        t.apdu(&mut card, 0x6985, &[0x00, 0x84, 0x00, 0x00, 0x00]);
        card.select();
        t.accepted();
    }
}

pub(super) fn ap14_a_terminated_card_does_nothing_and_says_so(t: &mut Tally) {
    let mut card = terminated(&Issuer::new());
    for apdu in private_commands() {
        t.apdu(&mut card, 0x6985, &apdu);
    }
    t.apdu(&mut card, 0x6985, &[0x00, 0x84, 0x00, 0x00, 0x00]);
    let select = saifu_vsmartcard::virtual_card::select();
    assert!(card.transmit(&select).ends_with(&[0x62, 0x85]));
    t.accepted();
}
