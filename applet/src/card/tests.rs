use super::*;
use crate::test_kit::{PIN, TestCard, TestCenter, command};
use alloc::vec;
use saifu_wire::answer::{CardStatus, LifeCycle, MemoryState, Selected};
use saifu_wire::apdu;
use saifu_wire::{CenterId, Wire};

const CHALLENGE: [u8; 5] = [0x00, 0x84, 0, 0, 0];

/// Sends an APDU on any channel, whatever its class byte says.
fn on_channel(card: &mut TestCard, channel: u8, apdu: &[u8]) -> Vec<u8> {
    let mut answer = Vec::new();
    card.card.transmit(channel, apdu, &mut answer);
    answer
}

fn select_on(card: &mut TestCard, channel: u8) -> Vec<u8> {
    let cla = if channel < 4 { channel } else { 0x40 | (channel - 4) };
    let mut answer = Vec::new();
    card.card.select(channel, &[&[cla, 0xA4, 4, 0, 7][..], &AID, &[0]].concat(), &mut answer);
    answer
}

#[test]
fn select_tells_life_cycle_and_limits() {
    let (answer, word) = TestCard::blank(1).select();
    let selected = Selected::from_fci(&answer).unwrap();
    assert_eq!((selected.life_cycle, word), (LifeCycle::Creation, 0x9000));
    let (answer, word) = TestCard::in_use(1).select();
    let selected = Selected::from_fci(&answer).unwrap();
    assert_eq!((selected.life_cycle, word), (LifeCycle::Activated, 0x9000));
    assert_eq!(usize::from(selected.max_command_data), apdu::MAX_COMMAND_DATA);
}

#[test]
fn select_of_another_name_or_form_is_refused() {
    for (apdu, word) in [
        (&[0x00, 0xA4, 4, 0, 2, 0xA0, 0x00, 0][..], 0x6A82),
        (&[0x00, 0xA4, 0, 0, 2, 0x3F, 0x00, 0], 0x6A86),
        (&[0x00, 0xA4, 4, 2, 2, 0xF0, b'S', 0], 0x6A86),
        (&[0x00, 0xA4, 4, 0, 2, 0xF0, b'S'], 0x6700),
        (&[0x00, 0xA4, 4, 0, 0], 0x6700),
    ] {
        assert_eq!(TestCard::in_use(1).transmit(apdu), (vec![], word), "{apdu:02x?}");
    }
    let by_prefix = TestCard::in_use(1).transmit(&[0x00, 0xA4, 4, 0, 2, 0xF0, b'S', 0]);
    assert_eq!(by_prefix.1, 0x9000);
}

#[test]
fn ap14_nothing_but_select_works_before_select() {
    let mut card = TestCard::in_use(1);
    card.card.deselect(0);
    assert_eq!(card.transmit(&CHALLENGE), (vec![], 0x6985));
    assert_eq!(card.verify(PIN), Err(0x6985));
    assert_eq!(card.transmit(&[0x00, 0xCA, 0xDF, 0x01, 0]), (vec![], 0x6985));
    card.select();
    assert_eq!(card.verify(PIN), Ok(vec![]));
}

#[test]
fn ap14_a_terminated_card_answers_select_with_6285_and_else_tells_its_status() {
    let mut platform = TestCard::in_use(1).card.into_platform();
    let mut store = Store::recover(platform);
    store.terminate().unwrap();
    platform = store.into_platform();
    let mut card = TestCard::with_power(platform);
    let (answer, word) = card.select();
    assert_eq!(Selected::from_fci(&answer).unwrap().life_cycle, LifeCycle::Terminated);
    assert_eq!(word, 0x6285);
    let status = card.send(Ins::GetData, 0xDF, 0x02, &[]).unwrap();
    let status = CardStatus::from_bytes(&status).unwrap();
    assert_eq!((status.life_cycle, status.pin_tries), (LifeCycle::Terminated, 0));
    assert_eq!(card.send(Ins::GetData, 0x7F, 0x21, &[]), Err(0x6985));
    assert_eq!(card.transmit(&CHALLENGE), (vec![], 0x6985));
    assert_eq!(card.verify(PIN), Err(0x6985));
}

#[test]
fn a_blank_card_tells_its_id_and_status_and_is_not_in_use() {
    let mut card = TestCard::blank(7);
    assert_eq!(card.send(Ins::GetData, 0xDF, 0x01, &[]), Ok(vec![7; 16]));
    let status = card.send(Ins::GetData, 0xDF, 0x02, &[]).unwrap();
    assert_eq!(CardStatus::from_bytes(&status).unwrap().memory, MemoryState::Blank);
    assert_eq!(card.send(Ins::GetData, 0xDF, 0x03, &[]), Err(0x6A88));
    assert_eq!(card.verify(PIN), Err(0x6985));
}

#[test]
fn a_memory_that_is_not_the_last_one_is_6581_until_it_comes_back() {
    let mut platform = TestCard::in_use(1).card.into_platform();
    let outside = core::mem::take(&mut platform.image_mut().outside);
    let mut card = TestCard::with_power(platform);
    assert_eq!(card.verify(PIN), Err(0x6581));
    assert_eq!(card.send(Ins::GetData, 0x7F, 0x21, &[]), Err(0x6581));
    let status = card.send(Ins::GetData, 0xDF, 0x02, &[]).unwrap();
    assert_eq!(CardStatus::from_bytes(&status).unwrap().memory, MemoryState::Missing);
    card.card.platform_mut().image_mut().outside = outside;
    card.card.power_up();
    card.select();
    assert_eq!(card.verify(PIN), Ok(vec![]));
}

#[test]
fn ap9_select_and_reset_end_a_chain_and_discard_a_rest() {
    let first = [0x10, 0x20, 0x00, 0x81, 2, b'1', b'2'];
    let last = [0x00, 0x20, 0x00, 0x81, 2, b'3', b'4'];
    let mut card = TestCard::in_use(1);
    assert_eq!(card.transmit(&first).1, 0x9000);
    assert_eq!(card.transmit(&last).1, 0x9000, "the chain is the PIN");
    assert_eq!(card.transmit(&first).1, 0x9000);
    assert_eq!(card.select().1, 0x9000);
    assert_eq!(card.transmit(&last).1, 0x6A80, "half a PIN");
    assert_eq!(card.transmit(&first).1, 0x9000);
    card.card.reset();
    assert_eq!(card.transmit(&last).1, 0x6985, "not selected");
    card.select();
    assert_eq!(card.transmit(&[0x00, 0xCA, 0xDF, 0x01, 1]).1, 0x610F);
    card.select();
    assert_eq!(card.transmit(&[0x00, 0xC0, 0, 0, 0]).1, 0x6985);
}

#[test]
fn ap9_another_command_of_the_runtime_ends_a_chain_and_a_rest_and_leaves_the_session() {
    let mut card = TestCard::in_use(1);
    card.verify(PIN).unwrap();
    assert_eq!(card.transmit(&[0x10, 0x20, 0x00, 0x81, 2, b'1', b'2']).1, 0x9000);
    card.card.interrupt(0);
    assert_eq!(card.transmit(&[0x00, 0x20, 0x00, 0x81, 0]).1, 0x9000, "verified; no digits before");
    assert_eq!(card.transmit(&[0x00, 0xCA, 0xDF, 0x01, 1]).1, 0x610F);
    card.card.interrupt(0);
    assert_eq!(card.transmit(&[0x00, 0xC0, 0, 0, 0]).1, 0x6985);
    card.card.interrupt(20);
}

#[test]
fn a_part_of_a_chain_is_kept_only_where_its_command_works() {
    let part = [0x10, 0x20, 0x00, 0x81, 2, b'1', b'2'];
    let mut card = TestCard::in_use(1);
    card.card.deselect(0);
    assert_eq!(card.transmit(&part), (vec![], 0x6985), "not selected");
    card.select();
    assert_eq!(card.transmit(&[0x00, 0x20, 0x00, 0x81, 2, b'3', b'4']).1, 0x6A80, "half a PIN");
    assert_eq!(card.transmit(&part), (vec![], 0x9000));
    assert_eq!(TestCard::blank(1).transmit(&part), (vec![], 0x6985), "creation");
    let mut store = Store::recover(card.card.into_platform());
    store.terminate().unwrap();
    let mut card = TestCard::with_power(store.into_platform());
    assert_eq!(card.transmit(&part), (vec![], 0x6985), "terminated");
}

#[test]
fn ap10_a_channel_that_does_not_exist_is_6881() {
    let mut card = TestCard::in_use(1);
    assert_eq!(on_channel(&mut card, 20, &CHALLENGE), [0x68, 0x81]);
    assert_eq!(on_channel(&mut card, 1, &CHALLENGE), [0x68, 0x81]);
    assert_eq!(on_channel(&mut card, 255, &CHALLENGE), [0x68, 0x81]);
}

#[test]
fn every_channel_has_a_session_of_its_own() {
    let center = TestCenter::new(9);
    let mut card = center.customer(1, 0);
    for channel in [3, 4, 19] {
        assert!(select_on(&mut card, channel).ends_with(&[0x90, 0x00]));
        let cla = if channel < 4 { 0x80 | channel } else { 0xC0 | (channel - 4) };
        let balance = [&[cla, 0x52, 0, 0, 16][..], &center.id.0, &[0]].concat();
        assert_eq!(on_channel(&mut card, channel, &balance), [0x69, 0x82]);
        let verify = [&[cla & 0x7F, 0x20, 0, 0x81, 4][..], PIN].concat();
        assert_eq!(on_channel(&mut card, channel, &verify), [0x90, 0x00]);
        assert!(on_channel(&mut card, channel, &balance).len() > 2);
    }
    assert_eq!(card.send(Ins::GetBalance, 0, 0, &center.id.0), Err(0x6982));
}

#[test]
fn h4_a_chain_on_one_channel_is_none_on_another() {
    let mut card = TestCard::in_use(1);
    select_on(&mut card, 1);
    assert_eq!(on_channel(&mut card, 0, &[0x10, 0x20, 0, 0x81, 2, b'1', b'2']), [0x90, 0x00]);
    assert_eq!(on_channel(&mut card, 1, &[0x01, 0x20, 0, 0x81, 2, b'3', b'4']), [0x6A, 0x80]);
    assert_eq!(on_channel(&mut card, 0, &[0x00, 0x20, 0, 0x81, 2, b'3', b'4']), [0x90, 0x00]);
}

#[test]
fn pi11_reset_select_deselect_and_power_end_the_verification() {
    let ends: [fn(&mut TestCard); 4] = [
        |card| card.card.reset(),
        |card| card.card.power_up(),
        |card| card.card.deselect(0),
        |_| (),
    ];
    for end in ends {
        let mut card = TestCard::in_use(1);
        card.verify(PIN).unwrap();
        let read = |card: &mut TestCard| card.send(Ins::GetBalance, 0, 0, &CenterId([1; 16]).0);
        assert_eq!(read(&mut card), Err(0x6A88), "passes the gate");
        end(&mut card);
        card.select();
        assert_eq!(read(&mut card), Err(0x6982));
    }
}

#[test]
fn a_refused_select_leaves_the_session_and_a_good_one_begins_another() {
    let mut card = TestCard::in_use(1);
    card.verify(PIN).unwrap();
    let mut answer = Vec::new();
    card.card.select(0, &[0x00, 0xA4, 4, 0, 2, 0xA0, 0x00, 0], &mut answer);
    assert_eq!(answer, [0x6A, 0x82]);
    assert_eq!(card.verify(&[]), Ok(vec![]), "still verified");
    card.select();
    assert_eq!(card.verify(&[]), Err(0x63C3));
}

#[test]
fn no_input_of_a_few_bytes_gives_anything_but_a_documented_status() {
    let mut card = TestCard::in_use(1);
    for cla in 0..=0xFF {
        for ins in 0..=0xFF {
            for tail in [&[][..], &[0, 0], &[0, 0, 0], &[0, 0x81, 1, 7], &[0, 0, 0, 0, 1, 7, 0, 0]]
            {
                let (_, word) = card.transmit(&[&[cla, ins][..], tail].concat());
                assert!(Status::is_documented(word), "{cla:02X} {ins:02X} {tail:02x?}: {word:04X}");
            }
        }
    }
    assert_eq!(card.verify(PIN), Ok(vec![]), "alive, and no try was spent");
}

#[test]
fn a_short_le_gets_the_answer_in_pieces_and_an_extended_one_at_once() {
    let mut card = TestCard::in_use(1);
    let whole = card.send(Ins::GetData, 0x7F, 0x21, &[]).unwrap();
    let (mut pieces, mut word) = card.transmit(&command(Ins::GetData, 0x7F, 0x21, &[], Some(256)));
    while word >> 8 == 0x61 {
        let next = card.transmit(&command(Ins::GetResponse, 0, 0, &[], Some(256)));
        pieces.extend_from_slice(&next.0);
        word = next.1;
    }
    assert_eq!((pieces, word), (whole, 0x9000));
}

#[test]
fn get_challenge_gives_32_bytes_another_each_time_and_6400_without_a_source() {
    let mut card = TestCard::in_use(1);
    let first = card.send(Ins::GetChallenge, 0, 0, &[]).unwrap();
    let second = card.send(Ins::GetChallenge, 0, 0, &[]).unwrap();
    assert_eq!((first.len(), second.len()), (32, 32));
    assert_ne!(first, second);
    card.card.platform_mut().fail_random(true);
    assert_eq!(card.send(Ins::GetChallenge, 0, 0, &[]), Err(0x6400));
}

/// The next of a line of numbers that repeats from run to run (Knuth's MMIX generator).
fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    *state >> 33
}

/// An APDU of random length and content; half of them begin like a command that is known.
fn random_apdu(state: &mut u64) -> Vec<u8> {
    let length = next(state) % 40;
    let mut apdu: Vec<u8> = (0..length).map(|_| next(state) as u8).collect();
    if next(state).is_multiple_of(2) {
        let ins = Ins::ALL[next(state) as usize % Ins::ALL.len()];
        let data: Vec<u8> = (0..next(state) % 60).map(|_| next(state) as u8).collect();
        let chained = if next(state).is_multiple_of(8) { 0x10 } else { 0 };
        let p1 = [0x00, 0x01, 0x80, 0xDF, 0x7F, next(state) as u8][next(state) as usize % 6];
        let p2 = [0x00, 0x81, 0xBE, 0x02, 0x66, next(state) as u8][next(state) as usize % 6];
        apdu = command(ins, p1, p2, &data, Some(256));
        apdu[0] |= chained;
    }
    apdu
}

#[test]
fn ap13_random_bytes_get_only_documented_status_words_and_a_refusal_changes_nothing() {
    let mut card = TestCenter::new(9).customer(1, 500);
    let mut state = 1;
    for number in 0..20_000 {
        let apdu = random_apdu(&mut state);
        // Every commit writes a slot: it names the root of all that is stored.
        let slots = card.card.store().platform().image().slots;
        let mut answer = Vec::new();
        card.card.transmit(0, &apdu, &mut answer);
        let word = u16::from_be_bytes(answer[answer.len() - 2..].try_into().unwrap());
        assert!(Status::is_documented(word), "{number}: {apdu:02x?} gave {word:04X}");
        let may_change = matches!(word >> 8, 0x90 | 0x61 | 0x63);
        let same = card.card.store().platform().image().slots == slots;
        assert!(same || may_change, "{number}: {apdu:02x?} gave {word:04X} and changed the card");
    }
    card.select();
    assert_eq!(card.transmit(&CHALLENGE).1, 0x9000, "alive");
}

#[test]
fn a_refusal_answers_nothing_but_its_status_word() {
    let mut card = TestCard::in_use(1);
    let mut answer = vec![];
    for apdu in [&[0x80, 0x52, 0, 0, 16][..], &[0x00, 0xCA, 0, 0, 0], &[0x00, 0x20, 0, 0x81, 1, 7]]
    {
        answer.clear();
        card.card.transmit(0, apdu, &mut answer);
        assert_eq!(answer.len(), 2, "{apdu:02x?}");
    }
}

#[test]
fn external_authenticate_comes_in_the_class_of_secure_messaging_alone() {
    let mut card = TestCard::blank(1);
    let data = [7; 16];
    let bare = command(Ins::ExternalAuthenticate, 0x33, 0, &data, None);
    assert_eq!(card.transmit(&bare).1, 0x6985, "nothing was offered");
    assert_eq!(card.transmit(&[&[0x80], &bare[1..]].concat()).1, 0x6982);
    assert_eq!(card.transmit(&[&[0x8C], &bare[1..]].concat()).1, 0x6882);
}
