use super::*;
use crate::syntax::{Source, parse};
use std::sync::Arc;

const TRACE: &str = "
atr 3B 00
> SELECT F0 01
< 6F 00 9000
> VERIFY $pin
> GET DATA p1=DF p2=02
< 01 02 9000
reset
> GET DATA p1=DF p2=02
< 01 03 9000
lost_is_next_door:
";

fn mock(text: &str, variables: &[(&str, &[u8])], order: Order) -> Result<Mock, NoMock> {
    let text = text.replace("lost_is_next_door:\n", "> GET CHALLENGE le=8\nlost\n");
    let trace = parse(Arc::new(Source { path: "a.apdu".into(), text })).unwrap();
    let variables: Vec<_> =
        variables.iter().map(|(name, value)| ((*name).to_owned(), value.to_vec())).collect();
    Mock::of(&trace, &variables, order)
}

/// What a card answers to commands in hex; `reset` resets it.
fn said(mock: &mut Mock, commands: &[&str]) -> Vec<String> {
    let mut said = Vec::new();
    for command in commands {
        if *command == "reset" {
            mock.reset();
            continue;
        }
        said.push(match mock.transmit(&hex::decode(command.replace(' ', "")).unwrap()) {
            Answer::Bytes(bytes) => hex::encode_upper(bytes),
            Answer::Lost => "lost".into(),
            Answer::Unexpected(why) => why.to_string(),
        });
    }
    said
}

const SELECT: &str = "00A4040002F00100";
const DATA: &str = "00CADF0200";

#[test]
fn a_card_answers_in_order_what_its_trace_says() {
    let mut card = mock(TRACE, &[], Order::Strict).unwrap();
    assert_eq!(card.atr(), Some(&[0x3B, 0x00][..]));
    assert_eq!(card.progress().left, 5);
    let commands = ["reset", SELECT, "0020008104 31323334", DATA, "reset", DATA, "0084000008"];
    let answers = ["6F009000", "9000", "01029000", "01039000", "lost"];
    assert_eq!(said(&mut card, &commands), answers);
    let progress = Progress { answered: 5, ..Progress::default() };
    assert_eq!(card.progress(), progress);
    assert_eq!(said(&mut card, &["reset", "reset", SELECT]), ["6F009000"], "from the beginning");
}

#[test]
fn what_it_does_not_wait_for_leaves_it_where_it_is_and_names_the_line() {
    let mut card = mock(TRACE, &[], Order::Strict).unwrap();
    let [wrong, good] = &said(&mut card, &[DATA, SELECT])[..] else { panic!("two answers") };
    assert!(wrong.contains("GET DATA") && wrong.contains("line 3 waits for: 00 A4"), "{wrong}");
    assert_eq!(good, "6F009000");
    let wrong = &said(&mut card, &[SELECT])[0];
    assert!(wrong.contains("line 5 waits for: 00 20 00 81  VERIFY  with any data"), "{wrong}");
    assert_eq!(card.progress().unexpected, 2);
}

#[test]
fn a_pin_that_is_told_is_the_only_one() {
    let verify = |pin: &str| format!("00200081{:02X}{}", pin.len(), hex::encode(pin));
    let mut card = mock(TRACE, &[("pin", b"1234")], Order::Strict).unwrap();
    let answers = said(&mut card, &[SELECT, &verify("9999"), &verify("1234")]);
    assert!(answers[1].starts_with("not in the trace here"), "{answers:?}");
    assert!(!answers[1].contains("39 39 39 39") && !answers[1].contains("31 32 33 34"));
    assert_eq!(answers[2], "9000");
}

#[test]
fn in_any_order_the_same_command_gets_the_next_answer_of_its_place() {
    let mut card = mock(TRACE, &[], Order::Any).unwrap();
    let commands = [DATA, DATA, DATA, SELECT, DATA, "reset", DATA, "00CADF0300"];
    let answers = said(&mut card, &commands);
    let good = ["01029000", "01039000", "01039000", "6F009000", "01029000", "01039000"];
    assert_eq!(answers[..6], good);
    assert!(answers[6].contains("no such command"), "{}", answers[6]);
}

#[test]
fn what_the_trace_leaves_open_is_zero_and_counted() {
    let text = "
        set aid = F0 02
        select $aid
        > 00 84 00 00 08
        < challenge:[8] 9000
        > 00 82 00 00 {$challenge}
        sw 63CX|9000
        > GET DATA
        < 4X A5/F0 [2..4] $aid 6282|9000
        repeat 2
        > GET DATA p2=07
        length 3
        end
        for n from 1 to 2
        > READ RECORD p1=$n
        end
        > PUT DATA chain=1 01 02
        < 9000
    ";
    let mut card = mock(text, &[], Order::Strict).unwrap();
    let commands = [
        "00A4040002F00200",
        "0084000008",
        "008200000800000000 00000000",
        "00CA000000",
        "00CA000700",
        "00CA000700",
        "00B2010400",
        "00B2020400",
        "10DA00000101",
        "00DA00000102",
    ];
    let zeros = "0000009000";
    let answers = said(&mut card, &commands);
    let data = "40A00000F0026282";
    let want = [
        "9000",
        "00000000000000009000",
        "63C0",
        data,
        zeros,
        zeros,
        "9000",
        "9000",
        "9000",
        "9000",
    ];
    assert_eq!(answers, want);
    assert_eq!((card.progress().left, card.progress().open_answers), (0, 4));
}

#[test]
fn what_is_other_bytes_each_time_makes_no_card() {
    for (text, says) in [
        ("scp03 open", "a secure channel"),
        ("> GET DATA secure", "what goes through a secure channel"),
        ("> $what", "nothing of the command is known"),
        ("repeat 65536\nrepeat 65536\n> GET DATA\nend\nend", "at most 200000 commands"),
        ("repeat 65536\nrepeat 65536\nrepeat 65536\nend\nend\nend", "lines with all loops"),
    ] {
        let error = mock(text, &[], Order::Strict).unwrap_err().to_string();
        assert!(error.starts_with("a.apdu:") && error.contains(says), "{error}");
    }
}
