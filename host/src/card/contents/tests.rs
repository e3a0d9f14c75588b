use super::*;
use crate::card::Pin;
use crate::card::tests::{card, command, good, select, verify};
use crate::testing::world;
use saifu_wire::Status;
use saifu_wire::codec::List;

const LICENCE: LicenceRef = LicenceRef { center: world::CENTER, number: 7 };
const LONG: Option<usize> = Some(65_536);

fn content(licence: u64, doubly: bool) -> ContentState {
    ContentState { center: world::CENTER, licence, doubly, complete: true, segments: 25 }
}

fn list(from: u64, contents: Vec<ContentState>) -> (Vec<u8>, Vec<u8>) {
    let from = LicenceRef { center: world::CENTER, number: from };
    let contents: Contents = List(contents);
    (command(0x80, 0x4C, [0, 0], &from.to_bytes(), LONG), good(&contents.to_bytes()))
}

/// What is listed by a card with these pages.
fn listed(pages: Vec<(Vec<u8>, Vec<u8>)>) -> Vec<ContentState> {
    let mut card = card([vec![select(), verify([0x90, 0])], pages].concat());
    let mut selected = card.select().unwrap();
    let mut verified = selected.verify(&Pin::new("1234").unwrap()).unwrap();
    verified.contents(world::CENTER).unwrap()
}

#[test]
fn all_stored_works_are_listed_though_a_page_ends_between_two_forms_of_one() {
    let all: Vec<_> = (1..=40).flat_map(|n| [content(n, false), content(n, true)]).collect();
    let mut uneven = all.clone();
    uneven.remove(0);
    for all in [all, uneven] {
        let last = all[63].licence;
        let rest: Vec<_> = all.iter().filter(|one| one.licence >= last).cloned().collect();
        assert_eq!(listed(vec![list(0, all[..64].to_vec()), list(last, rest)]), all);
    }
    assert_eq!(listed(vec![list(0, vec![])]), []);
}

#[test]
fn a_card_that_lists_the_same_for_ever_is_believed_once() {
    let page: Vec<_> = (1..=64).map(|n| content(n, false)).collect();
    assert_eq!(listed(vec![list(0, page.clone()), list(64, page.clone())]), page);
}

#[test]
fn a_work_is_stored_as_it_comes_and_handed_back() {
    let header = world::header().to_bytes();
    let begin = [LICENCE.to_bytes(), header.clone()].concat();
    let range = SegmentRange { first: 3, count: 2 };
    let lines = vec![
        select(),
        (command(0x80, 0x48, [0, 0], &begin, None), good(&[])),
        (command(0x80, 0x48, [1, 0], &segments_data(3, b"segments"), None), good(&[])),
        (command(0x80, 0x48, [2, 0], &[], None), good(&[])),
        (command(0x80, 0x4A, [0, 0], &LICENCE.to_bytes(), LONG), good(&header)),
        (command(0x80, 0x4A, [1, 0], &range.to_bytes(), LONG), good(b"segments")),
    ];
    let mut card = card(lines);
    let mut selected = card.select().unwrap();
    selected.begin_storing(&LICENCE, &world::header()).unwrap();
    selected.store(3, b"segments").unwrap();
    selected.finish_storing().unwrap();
    assert_eq!(selected.hand_back(&LICENCE).unwrap(), world::header());
    assert_eq!(selected.handed_back(&range).unwrap(), b"segments");
}

#[test]
fn a_kept_work_is_opened_read_and_deleted_in_its_form() {
    let range = SegmentRange { first: 0, count: 1 };
    let opened = StreamOpened { segments: 25, uses_left: 1 };
    let named = LICENCE.to_bytes();
    let lines = vec![
        select(),
        (command(0x80, 0x40, [1, 0], &named, LONG), good(&opened.to_bytes())),
        (command(0x80, 0x44, [0, 0], &range.to_bytes(), LONG), good(b"plaintext")),
        verify([0x90, 0]),
        (command(0x80, 0x4E, [0, 0], &named, None), good(&[])),
        (command(0x80, 0x4E, [1, 0], &named, None), vec![0x6A, 0x88]),
    ];
    let mut card = card(lines);
    let mut selected = card.select().unwrap();
    assert_eq!(selected.open_kept(&LICENCE).unwrap(), opened);
    assert_eq!(selected.read_content(&range).unwrap(), b"plaintext");
    let mut verified = selected.verify(&Pin::new("1234").unwrap()).unwrap();
    verified.delete_content(&LICENCE, Form::Plain).unwrap();
    let gone = verified.delete_content(&LICENCE, Form::Doubly).unwrap_err();
    assert!(gone.is_refusal(Status::NotFound), "{gone}");
}

#[test]
fn a_header_or_a_size_too_short_too_long_or_other_is_none() {
    let header = world::header().to_bytes();
    let other = [b"XSTR", &header[4..]].concat();
    let longer = [&header[..], &[0]].concat();
    for wrong in [&header[..69], &longer, &other, &[]] {
        let hand_back = command(0x80, 0x4A, [0, 0], &LICENCE.to_bytes(), LONG);
        let memory = command(0x00, 0xCA, [0xDF, 0x06], &[], LONG);
        let mut card = card(vec![select(), (hand_back, good(wrong)), (memory, good(&[0; 15]))]);
        let mut selected = card.select().unwrap();
        assert!(selected.hand_back(&LICENCE).is_err());
        assert!(matches!(selected.content_memory(), Err(CardError::Malformed { .. })));
    }
}

#[test]
fn as_many_segments_are_asked_for_as_one_answer_bears() {
    let mut card = card(vec![select()]);
    let selected = card.select().unwrap();
    let counts = [4_032, 16_384, 256, 1, 100_000].map(|bytes| selected.segments_per_answer(bytes));
    assert_eq!(counts, [16, 3, 255, 255, 1]);
}
