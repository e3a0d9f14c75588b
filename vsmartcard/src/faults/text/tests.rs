use super::*;

/// What is written, and what it is written back as.
const GOOD: [(&str, &str); 29] = [
    ("drop@3", "drop@3"),
    ("drop", "drop@1"),
    ("drop,before@2+", "drop,before@2+"),
    ("delay=500ms@1+:A4", "delay=500ms@1+:A4"),
    ("delay=120s", "delay=2m@1"),
    ("delay=1500us,before", "delay=1500us,before@1"),
    ("truncate", "truncate=1@1"),
    ("truncate=7@3-5", "truncate=7@3-5"),
    ("corrupt", "corrupt@1"),
    ("corrupt=-1:00ca", "corrupt=-1@1:00CA"),
    ("duplicate@2-2", "duplicate@2"),
    ("lengthen=40", "lengthen=40@1"),
    ("status=6f00@9", "status=6F00@9"),
    ("silent", "silent@1"),
    ("silent=5s@4", "silent=5s@4"),
    ("empty", "empty@1"),
    ("cut", "cut=1@1"),
    ("cut=3:20", "cut=3@1:20"),
    ("stray=0102ff", "stray=0102FF@1"),
    ("die,before@1:80380000", "die,before@1:80380000"),
    ("reconnect", "reconnect@1"),
    ("away=0s", "reconnect@1"),
    ("tear", "tear=half@1"),
    ("tear=garbage@5+", "tear=garbage@5+"),
    ("random", "random=failed@1"),
    ("random=stuck@2", "random=stuck@2"),
    ("memory", "memory=write@1"),
    ("memory=gone@1+", "memory=gone@1+"),
    ("selftest@2", "selftest@2"),
];

#[test]
fn a_fault_is_read_and_gives_its_text_back() {
    for (text, back) in GOOD {
        let fault: Fault = text.parse().unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(fault.to_string(), back);
        assert_eq!(back.parse::<Fault>().as_ref(), Ok(&fault), "{back}");
    }
}

#[test]
fn what_is_left_of_a_write_is_read_and_told() {
    for left in ["nothing", "erased", "half", "garbage", "all"] {
        let text = format!("tear={left}@1");
        assert_eq!(text.parse::<Fault>().unwrap().to_string(), text);
    }
}

#[test]
fn a_mistake_is_shown_with_its_place_and_what_was_expected() {
    for (text, column, expected) in [
        ("", 1, "drop, delay"),
        ("dorp@3", 1, "drop, delay"),
        ("drop=2", 5, "no argument: drop has none"),
        ("drop@x3", 6, "3, 3-5 or 3+"),
        ("drop@0", 6, "3, 3-5 or 3+"),
        ("drop@5-3", 8, "a number from 5"),
        ("drop@+3", 6, "3, 3-5 or 3+"),
        ("drop@", 6, "3, 3-5 or 3+"),
        ("delay", 6, "=TIME"),
        ("delay=2", 7, "500ms, 2s or 1m"),
        ("delay=2h", 7, "500ms, 2s or 1m"),
        ("delay=61m", 7, "at most an hour"),
        ("truncate=0", 10, "from 1 to 65535"),
        ("truncate=65536", 10, "from 1 to 65535"),
        ("corrupt=a", 9, "index of a byte"),
        ("status", 7, "status=6F00"),
        ("status=6F0", 8, "four hex digits"),
        ("stray=", 7, "bytes in hex"),
        ("cut,before", 5, "no \"before\""),
        ("drop,after", 6, "\"before\""),
        ("tear=some", 6, "nothing, erased, half"),
        ("tear@5:A4", 7, "tear counts writes"),
        ("random@5:A4", 9, "random counts draws"),
        ("memory=read:A4", 12, "memory counts reads"),
        ("selftest:A4", 9, "selftest counts power-ups"),
        ("random=some", 8, "failed, zeros or stuck"),
        ("memory=some", 8, "read, gone, write or full"),
        ("random,before", 8, "no \"before\""),
        ("drop:A", 6, "2, 4, 6 or 8 digits"),
        ("drop@1:0g", 9, "a hex digit, or x"),
        ("drop:0äA", 7, "a hex digit"),
    ] {
        let error = text.parse::<Fault>().expect_err(text);
        assert_eq!(error.column, column, "{error}");
        assert!(error.expected.contains(expected), "{error}");
    }
}

#[test]
fn the_place_of_a_mistake_is_under_the_text() {
    let shown = "drop@x3".parse::<Fault>().unwrap_err().to_string();
    let lines: Vec<_> = shown.lines().collect();
    assert_eq!(lines[1..], ["  drop@x3", "       ^"], "{shown}");
}

#[test]
fn a_mistake_after_very_many_bytes_is_told_all_the_same() {
    let error = format!("stray={}@x", "00".repeat(40_000)).parse::<Fault>().unwrap_err();
    assert_eq!(error.column, 80_008);
    assert!(error.to_string().contains("at column 80008"));
}

#[test]
fn every_action_is_in_the_grammar_that_people_read() {
    for (text, _) in GOOD {
        let end = text.find(['=', '@', ',', ':']).unwrap_or(text.len());
        assert!(GRAMMAR.contains(&text[..end]), "{text}");
    }
}
