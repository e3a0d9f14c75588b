use super::*;
use crate::run::value::Slot;
use crate::syntax::ast::Piece;
use crate::syntax::source::{At, Source, Span};
use std::sync::Arc;

fn at<T>(it: T) -> At<T> {
    let source = Arc::new(Source { path: "a.apdu".into(), text: String::new() });
    At { it, span: Span { source, line: 1, from: 0, to: 0 } }
}

fn digits(text: &str) -> At<Match> {
    at(Match::Digits(text.chars().map(|c| c.to_digit(16).map(|d| d as u8)).collect()))
}

fn any(least: u32, most: Option<u32>) -> At<Match> {
    at(Match::Any { least, most })
}

fn capture(name: &str, pattern: Pattern) -> At<Match> {
    at(Match::Capture { name: name.into(), pattern })
}

fn met(pattern: &Pattern, data: &[u8]) -> Result<Vec<(String, Vec<u8>)>, Box<Mismatch>> {
    let compiled = Compiled::of(pattern, &Variables::new(b"")).unwrap();
    let captured = compiled.meet(data)?;
    Ok(captured.into_iter().map(|(name, range)| (name.into(), data[range].to_vec())).collect())
}

#[test]
fn digits_masks_and_lengths_match_and_others_do_not() {
    let pattern = vec![digits("1XXX"), at(Match::Masked { value: vec![0xA0], mask: vec![0xF0] })];
    assert!(met(&pattern, &[0x12, 0x34, 0xAF]).is_ok());
    let wrong = met(&pattern, &[0x22, 0x34, 0xBF]).err().unwrap();
    assert_eq!(wrong.what, "2 of 3 bytes differ");
    let marked: Vec<_> = wrong.came.tokens.iter().map(|token| token.differs).collect();
    assert_eq!(marked, [true, false, true]);
    assert_eq!(wrong.expected.line(), "1X XX AX");
    assert_eq!(met(&pattern, &[0x12]).err().unwrap().what, "1 bytes came, 3 were expected");
    let long = met(&pattern, &[0x12, 0x34, 0xAF, 9]).err().unwrap();
    assert!(long.came.tokens[3].differs && !long.came.tokens[2].differs);
}

#[test]
fn one_piece_may_have_no_fixed_length_and_captures_are_where_they_stand() {
    let inner = vec![digits("01"), any(2, Some(4)), digits("02")];
    let pattern = vec![digits("00"), capture("a", inner), capture("b", vec![any(1, Some(1))])];
    let data = [0, 1, 7, 7, 7, 2, 9];
    let captured = met(&pattern, &data).ok().unwrap();
    assert_eq!(captured, [("a".into(), vec![1, 7, 7, 7, 2]), ("b".into(), vec![9])]);
    let short = met(&pattern, &[0, 1, 7, 2, 9]).err().unwrap();
    assert_eq!(short.what, "5 bytes came, 6 to 8 were expected");
    assert_eq!(short.expected.line(), "00 01 [2..4] 02 XX");
    let two = Compiled::of(&vec![any(0, None), any(0, None)], &Variables::new(b""));
    assert!(two.err().unwrap().contains("two pieces"));
}

#[test]
fn what_stands_behind_the_gap_is_compared_with_the_end() {
    let pattern = vec![any(0, None), digits("9000")];
    assert!(met(&pattern, &[1, 2, 3, 0x90, 0]).is_ok() && met(&pattern, &[0x90, 0]).is_ok());
    let wrong = met(&pattern, &[1, 2, 0x90, 1]).err().unwrap();
    let marked: Vec<_> = wrong.came.tokens.iter().map(|token| token.differs).collect();
    assert_eq!(marked, [false, false, false, true]);
}

#[test]
fn variables_are_put_in_and_one_without_a_value_is_an_error() {
    let pattern = vec![at(Match::Value(Piece::Variable("v".into())))];
    let mut variables = Variables::new(b"");
    assert!(Compiled::of(&pattern, &variables).err().unwrap().contains("$v has no value"));
    variables.set("v", Slot::Number(7)).unwrap();
    assert!(Compiled::of(&pattern, &variables).unwrap().meet(&[7]).is_ok());
    variables.miss("v", &at(()).span);
    let missing = Compiled::of(&pattern, &variables).err().unwrap();
    assert_eq!(missing, "$v has no value: it should have been captured at a.apdu:1");
}

#[test]
fn the_quick_way_says_the_same() {
    let pattern = vec![digits("1X"), digits("0203")];
    for data in [&[0x1F, 2, 3][..], &[0x2F, 2, 3], &[0x1F, 2], &[0x1F, 2, 3, 4], &[]] {
        assert_eq!(matches_plain(&pattern, data), Some(met(&pattern, data).is_ok()), "{data:?}");
    }
    assert_eq!(matches_plain(&vec![any(0, None)], &[]), None);
}

#[test]
fn long_data_is_shown_around_the_first_difference() {
    let pattern = vec![any(3_000, Some(3_000)), digits("01")];
    let mismatch = met(&pattern, &[0; 3_001]).err().unwrap();
    assert_eq!((mismatch.came.before, mismatch.came.after), (3_000 - 32, 0));
    assert!(mismatch.came.tokens[32].differs);
}
