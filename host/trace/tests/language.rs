//! What can be written, as `LANGUAGE.md` says.

use saifu_trace::commands;
use saifu_trace::syntax::ast::*;
use saifu_trace::syntax::{Source, Trace, parse};
use std::sync::Arc;

const EVERYTHING: &str = include_str!("data/everything.apdu");
const LANGUAGE: &str = include_str!("../LANGUAGE.md");

fn read(text: &str) -> Trace {
    let source = Source { path: "a.apdu".into(), text: text.into() };
    parse(Arc::new(source)).unwrap_or_else(|wrong| {
        let told: Vec<_> = wrong.iter().map(ToString::to_string).collect();
        panic!("{}", told.join("\n"))
    })
}

fn statement(text: &str) -> Statement {
    let mut lines = read(text).lines;
    assert_eq!(lines.len(), 1, "{text}");
    lines.remove(0).statement.expect("a statement").it
}

fn pattern(text: &str) -> Vec<Match> {
    match statement(&format!("data {text}")) {
        Statement::Expect(Expect::Data(pattern)) => pattern.into_iter().map(|at| at.it).collect(),
        other => panic!("{other:?}"),
    }
}

fn named(text: &str) -> Named {
    match statement(text) {
        Statement::Send(Send { form: Form::Named(named), .. }) => *named,
        other => panic!("{other:?}"),
    }
}

#[test]
fn every_statement_can_be_read() {
    let trace = read(EVERYTHING);
    assert_eq!(trace.lines.len(), 55);
    let last = trace.lines.last().and_then(|line| line.statement.clone());
    assert_eq!(last.map(|at| at.it), Some(Statement::Note("done".into())));
}

#[test]
fn the_examples_of_the_language_can_be_read() {
    let blocks: Vec<_> = LANGUAGE.split("```text\n").skip(1).collect();
    assert!(!blocks.is_empty());
    for block in blocks {
        read(block.split("```").next().unwrap());
    }
}

#[test]
fn the_same_bytes_can_be_written_in_pairs_or_together() {
    let bytes = |text: &str| match statement(text) {
        Statement::Send(Send { form: Form::Bytes(pieces), .. }) => pieces
            .into_iter()
            .flat_map(|piece| match piece.it {
                Piece::Hex(bytes) => bytes,
                other => panic!("{other:?}"),
            })
            .collect::<Vec<_>>(),
        other => panic!("{other:?}"),
    };
    assert_eq!(bytes("> 00 a4 04 00"), [0, 0xA4, 4, 0]);
    assert_eq!(bytes(">00A40400"), bytes("> 00 A4 \\\n 0400"));
}

#[test]
fn a_command_by_name_has_what_is_said_otherwise() {
    let read = named("> GET DATA p1=DF le=65536 channel=19 p2=02 secure");
    assert_eq!(read.name.it, "GET DATA");
    assert_eq!(read.p1.unwrap().it, Value::Hex(vec![0xDF]));
    assert_eq!(read.le.unwrap().unwrap().it, Value::Number(65_536));
    assert_eq!(read.channel.unwrap().it, Value::Number(19));
    assert_eq!((read.cla, read.extended, read.data.len()), (None, false, 0));
    let read = named("> VERIFY p2=$ref \"1234\" le=none extended");
    assert_eq!((read.le, read.extended), (Some(None), true));
    assert_eq!(read.data[0].it, Piece::Text(b"1234".to_vec()));
}

#[test]
fn every_name_of_a_command_is_read_with_data_behind_it() {
    for command in commands::all() {
        let read = named(&format!("> {} FEED", command.name));
        assert_eq!(read.name.it, command.name);
        assert_eq!(read.data[0].it, Piece::Hex(vec![0xFE, 0xED]), "{}", command.name);
    }
}

#[test]
fn an_answer_ends_with_its_status_word() {
    let answer = |text: &str| match statement(text) {
        Statement::Expect(Expect::Answer { data, status }) => (data.len(), status.it),
        other => panic!("{other:?}"),
    };
    let of = |digits: [u8; 4]| digits.map(Some);
    assert_eq!(answer("< 9000"), (0, StatusSet::Of(vec![of([9, 0, 0, 0])])));
    let (pieces, choice) = answer("< 6F 9000 9000|6285");
    assert_eq!((pieces, choice), (2, StatusSet::Of(vec![of([9, 0, 0, 0]), of([6, 2, 8, 5])])));
    let (_, tries) = answer("< 63cx");
    assert_eq!(tries, StatusSet::Of(vec![[Some(6), Some(3), Some(12), None]]));
    assert_eq!(answer("< [*] any"), (1, StatusSet::Any));
}

#[test]
fn patterns_are_digits_masks_lengths_values_and_captures() {
    let read = pattern("4X A0B0/F0FF [16] [4..12] $a who:(01 [2])");
    assert_eq!(read[0], Match::Digits(vec![Some(4), None]));
    assert_eq!(read[1], Match::Masked { value: vec![0xA0, 0xB0], mask: vec![0xF0, 0xFF] });
    assert_eq!(read[2], Match::Any { least: 16, most: Some(16) });
    assert_eq!(read[3], Match::Any { least: 4, most: Some(12) });
    assert_eq!(read[4], Match::Value(Piece::Variable("a".into())));
    assert!(
        matches!(&read[5], Match::Capture { name, pattern } if name == "who" && pattern.len() == 2)
    );
    assert_eq!(pattern("[*]"), [Match::Any { least: 0, most: None }]);
}

#[test]
fn lines_are_skipped_by_capabilities_by_a_status_word_and_by_a_value() {
    let condition = |text: &str| match statement(text) {
        Statement::SkipUnless(condition) | Statement::SkipIf(condition) => condition,
        other => panic!("{other:?}"),
    };
    assert!(
        matches!(condition("skip if extended, power"), Condition::Capabilities(all) if all.len() == 2)
    );
    assert!(matches!(condition("skip unless sw 61XX|9000"), Condition::Status(_)));
    let Condition::Value { value, pattern } = condition("skip unless $fci u8(2) = 6F [*] 02")
    else {
        panic!("no value")
    };
    assert_eq!((value.len(), pattern.len()), (2, 3));
    assert!(matches!(condition("skip if len($fci) = 00"), Condition::Value { .. }));
}

#[test]
fn a_path_of_tags_may_count() {
    let Statement::Expect(Expect::Tlv { path, what }) = statement("tlv 6f/7F66/02#2 absent") else {
        panic!("no path")
    };
    assert_eq!(path.it, [(0x6F, 1), (0x7F66, 1), (0x02, 2)]);
    assert_eq!(what, TlvExpect::Absent);
}

#[test]
fn loops_hold_the_lines_up_to_their_end() {
    let Statement::For { name, body, end_comment, .. } =
        statement("for i from 0 to $n # a\n# b\nrepeat 2\nreset\nend\nend # c")
    else {
        panic!("no loop")
    };
    assert_eq!((name.as_str(), body.len(), end_comment.as_deref()), ("i", 2, Some(" c")));
    assert_eq!(body[0].comment.as_deref(), Some(" b"));
    let inner = &body[1].statement.as_ref().unwrap().it;
    assert!(matches!(inner, Statement::Repeat { body, .. } if body.len() == 1), "{inner:?}");
}

#[test]
fn line_ends_of_every_system_a_byte_order_mark_and_no_last_line_end_are_read() {
    assert_eq!(read("reset\r\n\r\nlost\r\n"), read("reset\n\nlost"));
    assert_eq!(read("\u{FEFF}reset"), read("reset\n"));
    assert_eq!(read("").lines.len(), 0);
    assert_eq!(read("\n\n").lines.len(), 2);
}

#[test]
fn places_are_those_of_the_text() {
    let trace = read("reset\n\n  > GET DATA \\\n  p1=DF 00\n");
    let sent = trace.lines[2].statement.as_ref().unwrap();
    assert_eq!(sent.span.place(), "a.apdu:3:3");
    let Statement::Send(Send { form: Form::Named(named), .. }) = &sent.it else {
        panic!("no name")
    };
    assert_eq!(named.p1.as_ref().unwrap().span.place(), "a.apdu:4:6");
    assert_eq!(named.data[0].span.place(), "a.apdu:4:9");
}
