//! Guessing the PIN, and keeping what a PIN has opened.

use crate::fixture::{PIN, TestCard, TestCenter, buyer, command, customer};
use saifu_applet::Card;
use saifu_vsmartcard::platform::{Cut, Leaves};
use saifu_vsmartcard::runtime::Runtime;
use saifu_vsmartcard::virtual_card::select;
use saifu_wire::applet::Applet;
use saifu_wire::ins::Ins;

use super::kit::{WRONG_PIN as WRONG, size};
use super::tally::Tally;

fn tries(card: &mut TestCard) -> u8 {
    card.status().pin_tries
}

pub(super) fn pi1_three_wrong_pins_block_the_right_one_for_good(t: &mut Tally) {
    let (mut card, center) = customer(0xCA, 1_000);
    for word in [0x63C2, 0x63C1, 0x63C0] {
        let wrong = command(Ins::Verify, 0x00, 0x81, WRONG, None);
        t.tried(&mut card, word, &wrong);
        card.power_cycle();
    }
    for pin in [PIN, WRONG, &[]] {
        t.refused(&mut card, 0x6983, Ins::Verify, [0x00, 0x81], pin);
    }
    let change = saifu_wire::request::change_pin_data(PIN, b"9999");
    t.refused(&mut card, 0x6983, Ins::ChangeReferenceData, [0x00, 0x81], &change);
    t.refused(&mut card, 0x6983, Ins::GetBalance, [0, 0], &center.id().0);
}

pub(super) fn pi1_the_right_pin_gives_the_tries_back(t: &mut Tally) {
    let (mut card, _) = customer(0xCA, 0);
    assert_eq!(card.verify(WRONG), Err(0x63C2));
    assert_eq!(card.verify(WRONG), Err(0x63C1));
    card.verify(PIN).unwrap();
    assert_eq!(tries(&mut card), 3);
    assert_eq!(card.verify(WRONG), Err(0x63C2));
    assert_eq!(card.verify(&[]), Err(0x63C2), "a wrong PIN ends the verification");
    t.accepted();
}

pub(super) fn pi3_what_is_no_pin_costs_no_try(t: &mut Tally) {
    let (mut card, _) = customer(0xCA, 0);
    t.refused(&mut card, 0x63C3, Ins::Verify, [0x00, 0x81], &[]);
    let long = [b'1'; 255];
    for bad in
        [&b"123"[..], b"1234567890123", &long, b"12a4", b"12 4", b"1234\0", b"\xFF\xFF\xFF\xFF"]
    {
        t.refused(&mut card, 0x6A80, Ins::Verify, [0x00, 0x81], bad);
    }
    assert_eq!(tries(&mut card), 3);
    card.verify(PIN).unwrap();
    card.send(Ins::Verify, 0x00, 0x81, &[]).unwrap();
}

/// Cuts power at one write of VERIFY, again and again; how many were compared, as far as the
/// terminal can tell, and how many tries they cost.
fn cut_again_and_again(pin: &[u8], at_write: u64, leaves: Leaves) -> (u32, u32) {
    let (mut card, _) = customer(0xCA, 0);
    let (mut compared, mut spent) = (0, 0);
    for _ in 0..100 {
        let before = tries(&mut card);
        let writes = card.writes();
        card.cut_power(Cut { at_write, leaves, keeps_unsynced: true });
        let answer = card.verify(pin);
        // A second write comes only after a comparison, and so tells its outcome.
        let second = card.writes() - writes > 1;
        compared += u32::from(second || matches!(answer, Ok(_) | Err(0x63C0..=0x63CF)));
        card.power_cycle();
        spent += u32::from(before.saturating_sub(tries(&mut card)));
    }
    (compared, spent)
}

pub(super) fn pi2_no_cut_gives_a_free_try(t: &mut Tally) {
    let beginnings = [Leaves::Beginning(1), Leaves::Beginning(127)];
    let all = [Leaves::Nothing, Leaves::Erased, Leaves::Garbage, Leaves::Everything];
    let all: Vec<_> = all.into_iter().chain(beginnings).collect();
    let remains = size(all[..3].to_vec(), all);
    for leaves in remains {
        for at_write in 1..=3 {
            let (compared, spent) = cut_again_and_again(WRONG, at_write, leaves);
            let told = || format!("{compared} compared for {spent}: {at_write} {leaves:?}");
            t.case(compared <= spent && spent <= 3, told);
        }
        // The right PIN, cut before its tries are given back, is no better than a wrong one; once
        // all of that write is there, they are given back.
        if leaves == Leaves::Everything {
            continue;
        }
        let (compared, spent) = cut_again_and_again(PIN, 2, leaves);
        let told = || format!("{compared} compared for {spent}: {leaves:?}");
        t.case(compared <= spent && spent <= 3, told);
    }
}

pub(super) fn pi2_power_cut_at_each_write_of_a_right_verify_leaves_three_tries_or_one_less(
    t: &mut Tally,
) {
    let (base, _) = customer(0xCA, 0);
    for at_write in 1..=2 {
        for leaves in [Leaves::Nothing, Leaves::Erased, Leaves::Garbage, Leaves::Everything] {
            let mut card = TestCard::on(base.machine());
            card.select();
            card.cut_power(Cut { at_write, leaves, keeps_unsynced: true });
            assert_eq!(card.verify(PIN), Err(0x6581), "write {at_write}, {leaves:?}");
            card.power_cycle();
            assert!(matches!(tries(&mut card), 2 | 3));
            assert_eq!(card.verify(&[]), Err(0x63C0 | u16::from(tries(&mut card))));
            card.verify(PIN).unwrap();
            assert_eq!(tries(&mut card), 3);
            t.accepted();
        }
    }
}

/// Another application on the same card.
struct Neighbour;

impl Applet for Neighbour {
    fn aid(&self) -> &[u8] {
        b"NEIGHBOUR"
    }
    fn power_up(&mut self) {}
    fn reset(&mut self) {}
    fn select(&mut self, _: u8, _: &[u8], answer: &mut Vec<u8>) {
        answer.extend([0x90, 0x00]);
    }
    fn deselect(&mut self, _: u8) {}
    fn interrupt(&mut self, _: u8) {}
    fn transmit(&mut self, _: u8, _: &[u8], answer: &mut Vec<u8>) {
        answer.extend([0x90, 0x00]);
    }
}

/// A way to leave the session in which the PIN was verified.
type Leave = fn(&mut Runtime);

const LEAVES: [(&str, Leave); 5] = [
    ("reset", |card| card.reset()),
    ("power", |card| {
        card.power_down();
        card.power_up();
    }),
    ("SELECT again", |_| ()),
    ("SELECT of another", |card| {
        card.transmit(b"\x00\xA4\x04\x00\x09NEIGHBOUR\x00");
    }),
    ("channel closed", |card| {
        card.transmit(&[0x00, 0x70, 0x80, 0x01]);
        card.transmit(&[0x00, 0x70, 0x00, 0x01]);
    }),
];

/// The class byte of an APDU moved to a channel from 0 to 3.
fn on(channel: u8, mut apdu: Vec<u8>) -> Vec<u8> {
    apdu[0] |= channel;
    apdu
}

pub(super) fn pi11_no_verification_outlives_its_session(t: &mut Tally) {
    let (machine, center) = buyer(0xCA, 1_000, 1..=1);
    let balance = [&[0x80, 0x52, 0x00, 0x00, 0x10], &center.id().0[..], &[0x00]].concat();
    let verify = [&[0x00, 0x20, 0x00, 0x81, 4], PIN].concat();
    for (name, leave) in LEAVES {
        let channel = u8::from(name == "channel closed");
        let applets: [Box<dyn Applet + Send>; 2] =
            [Box::new(Card::new(machine.machine())), Box::new(Neighbour)];
        let mut card = Runtime::new(applets.into());
        card.power_up();
        if channel == 1 {
            card.transmit(&[0x00, 0x70, 0x00, 0x01]);
        }
        card.transmit(&on(channel, select()));
        assert_eq!(card.transmit(&on(channel, verify.clone())), [0x90, 0x00]);
        assert!(card.transmit(&on(channel, balance.clone())).ends_with(&[0x90, 0x00]), "{name}");
        leave(&mut card);
        card.transmit(&on(channel, select()));
        let answer = card.transmit(&on(channel, balance.clone()));
        t.case(answer == [0x69, 0x82], || format!("{name}: {answer:02X?}"));
    }
}

pub(super) fn pi11_a_verification_on_one_channel_is_none_on_another(t: &mut Tally) {
    let (machine, center): (TestCard, TestCenter) = buyer(0xCA, 1_000, 1..=1);
    let balance = [&[0x80, 0x52, 0x00, 0x00, 0x10], &center.id().0[..], &[0x00]].concat();
    let mut card = Runtime::new(vec![Box::new(Card::new(machine.machine()))]);
    card.power_up();
    card.transmit(&select());
    card.transmit(&[0x00, 0x70, 0x00, 0x01]);
    card.transmit(&on(1, select()));
    card.transmit(&[&[0x00, 0x20, 0x00, 0x81, 4], PIN].concat());
    assert!(card.transmit(&balance).ends_with(&[0x90, 0x00]));
    let answer = card.transmit(&on(1, balance));
    t.case(answer == [0x69, 0x82], || format!("{answer:02X?}"));
}
