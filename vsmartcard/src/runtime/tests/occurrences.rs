use super::*;

const NONE: &[u8] = b"\x6A\x82";

#[test]
fn select_finds_an_applet_by_its_whole_name_or_a_part_of_it() {
    let (mut card, _) = card();
    assert_eq!(card.transmit(&select(b"BBBBB", 0, 0)), b"BBBBB\x90\0");
    assert_eq!(card.transmit(&select(b"AAAA", 0, 0)), b"AAAA1\x90\0");
    assert_eq!(card.transmit(&select(b"A", 0, 0)), b"AAAA1\x90\0");
    assert_eq!(card.transmit(&select(b"AAAA11", 0, 0)), NONE, "longer than any");
    assert_eq!(card.transmit(&select(b"CCCCC", 0, 0)), NONE);
}

#[test]
fn each_occurrence_of_a_partial_name_is_found_and_none_beyond_the_ends() {
    let (mut card, _) = card();
    for (occurrence, found) in [
        (0x01, &b"AAAA2\x90\0"[..]),
        (0x03, b"AAAA1\x90\0"),
        (0x03, NONE),
        (0x02, b"AAAA2\x90\0"),
        (0x02, NONE),
        (0x00, b"AAAA1\x90\0"),
    ] {
        assert_eq!(card.transmit(&select(b"AAAA", 0, occurrence)), found, "P2 {occurrence:02x}");
    }
    card.transmit(&select(b"BBBBB", 0, 0));
    assert_eq!(card.transmit(&select(b"AAAA", 0, 0x02)), NONE, "none after B");
    assert_eq!(card.transmit(&select(b"AAAA", 0, 0x03)), b"AAAA2\x90\0", "the last before B");
}

#[test]
fn where_nothing_is_selected_next_is_the_first_and_previous_the_last() {
    for (occurrence, found) in [(0x02, b"AAAA1\x90\0"), (0x03, b"AAAA2\x90\0")] {
        let (mut card, _) = card();
        assert_eq!(card.transmit(&select(b"AAAA", 0, occurrence)), found);
    }
}

#[test]
fn each_channel_counts_occurrences_from_its_own_selection() {
    let (mut card, _) = card();
    card.transmit(&select(b"AAAA2", 0, 0));
    card.transmit(&[0, 0x70, 0, 1]);
    assert_eq!(card.transmit(&select(b"AAAA", 0x01, 0x02)), b"AAAA1\x90\0");
    assert_eq!(card.transmit(&select(b"AAAA", 0x00, 0x02)), NONE);
}

#[test]
fn a_select_that_asks_for_no_data_gets_the_status_word_alone() {
    let (mut card, log) = card();
    for p2 in [0x0C, 0x0E] {
        assert_eq!(card.transmit(&select(b"AAAA", 0, p2)), [0x90, 0x00], "P2 {p2:02x}");
    }
    let without_le = &select(b"BBBBB", 0, 0)[..10];
    assert_eq!(card.transmit(without_le), b"BBBBB\x90\0", "the applet's to judge");
    let selected: Vec<_> = entries(&log).into_iter().filter(|e| e.contains("select")).collect();
    assert_eq!(selected, ["AAAA1 select 0", "AAAA2 select 0", "BBBBB select 0"]);
}

#[test]
fn an_applet_refuses_a_second_channel_and_both_keep_what_they_had() {
    let (mut card, log) = card();
    card.install(Box::new(Named { aid: SINGLE.to_vec(), log: log.clone() })).unwrap();
    card.transmit(&[0, 0x70, 0, 1]);
    card.transmit(&select(b"BBBBB", 0x01, 0));
    assert_eq!(card.transmit(&select(SINGLE, 0, 0)), b"SINGLE\x90\0");
    entries(&log);
    assert_eq!(card.transmit(&select(SINGLE, 0x01, 0)), [0x69, 0x85]);
    assert_eq!(entries(&log), ["BBBBB interrupt 1"]);
    assert_eq!(card.transmit(&select(SINGLE, 0, 0)), b"SINGLE\x90\0", "on its own channel again");
    card.transmit(&select(b"BBBBB", 0, 0));
    assert_eq!(card.transmit(&select(SINGLE, 0x01, 0)), b"SINGLE\x90\0", "once it was left");
}
