use super::*;

fn count(bytes: u16, le: Option<usize>, extended: bool) -> Vec<u8> {
    let data = &bytes.to_be_bytes();
    Command { cla: 0, ins: COUNT, p1: 0, p2: 0, data, le, extended }.to_bytes()
}

fn counted(from: usize, to: usize) -> Vec<u8> {
    (from..to).map(|byte| byte as u8).collect()
}

#[test]
fn an_answer_longer_than_le_comes_in_parts_and_is_whole() {
    let (mut card, _) = card();
    let first = card.transmit(&count(600, Some(256), false));
    assert_eq!(first, [&counted(0, 256)[..], &[0x61, 0x00]].concat());
    let second = card.transmit(&[0, 0xC0, 0, 0, 0]);
    assert_eq!(second, [&counted(256, 512)[..], &[0x61, 88]].concat());
    let third = card.transmit(&[0, 0xC0, 0, 0, 80]);
    assert_eq!(third, [&counted(512, 592)[..], &[0x61, 8]].concat());
    let last = card.transmit(&[0, 0xC0, 0, 0, 0]);
    assert_eq!(last, [&counted(592, 600)[..], &[0x90, 0x00]].concat(), "Le is no exact length");
    assert_eq!(card.transmit(&[0, 0xC0, 0, 0, 0]), [0x6D, 0x00], "nothing is left: the applet's");
}

#[test]
fn extended_lengths_carry_the_longest_command_and_answer_at_once() {
    let (mut card, _) = card();
    let data = counted(0, 65_526);
    let answer = card.transmit(&echo(0, &data, Some(65_536), true));
    assert_eq!(answer, [&data[..], &[0x90, 0x00]].concat());
    let full = card.transmit(&[0, FILL, 0, 0, 0, 0, 0]);
    assert_eq!(full, [0x6A, 0x84], "no answer is longer than a frame of a reader");
}

#[test]
fn a_short_le_holds_for_an_extended_command_too() {
    let (mut card, _) = card();
    let answer = card.transmit(&count(300, Some(299), true));
    assert_eq!(answer, [&counted(0, 299)[..], &[0x61, 1]].concat());
    let rest = card.transmit(&[0, 0xC0, 0, 0, 0, 0, 0]);
    assert_eq!(rest, [43, 0x90, 0x00]);
}

#[test]
fn without_le_there_is_as_much_data_as_a_short_answer_carries() {
    let (mut card, _) = card();
    assert_eq!(card.transmit(&count(3, None, false)), [0, 1, 2, 0x90, 0x00]);
    let first = card.transmit(&count(258, None, true));
    assert_eq!(first, [&counted(0, 256)[..], &[0x61, 2]].concat());
    assert_eq!(card.transmit(&[0, 0xC0, 0, 0, 0]), [0, 1, 0x90, 0x00]);
    assert_eq!(card.transmit(&echo(0, &[], None, false)), [0x90, 0x00]);
}

#[test]
fn a_rest_is_gone_with_the_next_command_of_its_channel() {
    let begin = || {
        let (mut card, _) = card();
        assert_eq!(card.transmit(&count(3, Some(1), false)), [0, 0x61, 2]);
        card
    };
    for other in [&refuse(0x9000)[..], &[0, ECHO, 0, 0, 9, 9], &select(0), &[0, 0x70, 0, 1]] {
        let mut card = begin();
        card.transmit(other);
        assert_eq!(card.transmit(&[0, 0xC0, 0, 0, 0]), [0x6D, 0x00], "{other:02x?}");
    }
    let mut card = begin();
    card.transmit(&[0, ECHO]);
    assert_eq!(card.transmit(&[0, 0xC0, 0, 0, 0]), [1, 2, 0x90, 0x00], "of no channel");
}

#[test]
fn a_get_response_of_another_form_is_refused_and_the_rest_stays() {
    let (mut card, _) = card();
    card.transmit(&count(3, Some(1), false));
    assert_eq!(card.transmit(&[0, 0xC0, 1, 0, 0]), [0x6A, 0x86]);
    assert_eq!(card.transmit(&[0, 0xC0, 0, 0]), [0x67, 0x00]);
    assert_eq!(card.transmit(&[0, 0xC0, 0, 0, 1, 7, 0]), [0x67, 0x00]);
    assert_eq!(card.transmit(&[0, 0xC0, 0, 0, 0]), [1, 2, 0x90, 0x00]);
}

#[test]
fn parts_of_a_chain_reach_the_applet_as_one_command() {
    let (mut card, probe) = card();
    assert_eq!(card.transmit(&echo(0x10, &[1; 255], None, false)), [0x90, 0x00]);
    assert_eq!(card.transmit(&echo(0x10, &[2; 300], None, true)), [0x90, 0x00]);
    assert!(probe.entries().is_empty(), "nothing has reached the applet");
    let answer = card.transmit(&echo(0x00, &[3], Some(65_536), true));
    assert_eq!(answer, [&[1; 255][..], &[2; 300], &[3, 0x90, 0x00]].concat());
    assert_eq!(probe.entries(), ["call"]);
    assert_eq!(card.transmit(&echo(0, &[4], Some(256), false)), [4, 0x90, 0x00], "a new command");
}

#[test]
fn a_chain_without_data_is_a_command_without_data() {
    let (mut card, _) = card();
    assert_eq!(card.transmit(&[0x10, ECHO, 0, 0]), [0x90, 0x00]);
    assert_eq!(card.transmit(&[0x00, ECHO, 0, 0]), [0x90, 0x00]);
    assert_eq!(card.transmit(&[0x10, SEEN, 0, 0]), [0x90, 0x00]);
    assert_eq!(card.transmit(&[0x00, SEEN, 0, 0, 0]), [0x00, 0, 0x90, 0x00], "no mark of a chain");
}

#[test]
fn a_part_of_another_command_ends_the_chain_and_neither_has_any_effect() {
    let first = echo(0x10, &[1], None, false);
    for other in [&refuse(0x9000)[..], &[0x80, ECHO, 0, 0], &[0, ECHO, 0, 1], &[0, 0xC0, 0, 0, 0]] {
        let (mut card, probe) = card();
        card.transmit(&first);
        assert_eq!(card.transmit(other), [0x68, 0x83], "{other:02x?}");
        assert!(probe.entries().is_empty());
        assert_eq!(card.transmit(&echo(0, &[2], Some(256), false)), [2, 0x90, 0x00]);
    }
}

#[test]
fn a_chain_is_joined_up_to_what_a_command_can_carry() {
    let (mut card, probe) = card();
    let part = echo(0x10, &[7; 65_000], None, true);
    assert_eq!(card.transmit(&part), [0x90, 0x00]);
    let longest = card.transmit(&echo(0, &[7; 535], None, true));
    assert_eq!(longest, [0x6A, 0x84], "the applet's: its answer would be too long");
    assert_eq!(probe.entries(), ["call"]);
    card.transmit(&part);
    assert_eq!(card.transmit(&echo(0, &[7; 536], None, true)), [0x6A, 0x84]);
    assert!(probe.entries().is_empty(), "too long: the chain is gone");
    assert_eq!(card.transmit(&echo(0, &[2], Some(256), false)), [2, 0x90, 0x00]);
}
