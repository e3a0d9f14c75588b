//! A wrong line is told with file, line, caret, what was found, what was expected and what to do.

use saifu_trace::syntax::{DIAGNOSTICS_MAX, Diagnostic, LINES_MAX, Source, parse};
use std::sync::Arc;

fn mistakes(text: &str) -> Vec<Diagnostic> {
    let source = Source { path: "a.apdu".into(), text: text.into() };
    parse(Arc::new(source)).err().unwrap_or_default()
}

/// A line, the place that is marked in it, part of what is expected, part of the help.
const WRONG: &[(&str, &str, &str, &str)] = &[
    ("> 00 A", "A", "bytes", "two digits make a byte"),
    ("> 00 A4 0O 00", "O", "bytes", "a zero is `0`"),
    ("> 0xA4", "0xA4", "bytes", "without `0x`"),
    ("> 00 4X", "X", "bytes", "expected alone"),
    ("> 00 {A4", "", "`}`", ""),
    ("> $a follow 00", "00", "`follow`", "all bytes stand before"),
    ("> 00A40400 extended", "extended", "nothing is added", "by its name"),
    (">", "", "a command", ""),
    ("> SELCT F053", "SELCT", "annex A", "did you mean `SELECT`?"),
    ("> select F053", "select", "annex A", "did you mean `SELECT`?"),
    ("> GET DATE p1=DF", "GET DATE", "annex A", "did you mean `GET DATA`?"),
    ("> LOAD LICENSE 00", "LOAD LICENSE", "annex A", "did you mean `LOAD LICENCE`?"),
    ("> FROBNICATE", "FROBNICATE", "annex A", "hexadecimal"),
    ("> VERIFY p3=00", "p3", "an option", ""),
    ("> VERIFY chanel=1", "chanel", "an option", "did you mean `channel`?"),
    ("> VERIFY p2=8", "8", "two hexadecimal digits", ""),
    ("> VERIFY p2=81 p2=81", "p2", "each option once", ""),
    ("> GET DATA le=0", "0", "from 1 to 65536", "`le=256` is `00`"),
    ("> SELECT channel=20", "20", "from 0 to 19", ""),
    ("> SELECT as 1st", "1st", "how long it took", "a letter"),
    ("< 9O00", "9O00", "a status word", "did you mean `9000`?"),
    ("< 6F009000", "6F009000", "a status word", "Write it apart: 6F00 9000"),
    ("< 6F [16]", "", "a status word", ""),
    ("sw 900", "900", "a status word", ""),
    ("sw OK", "OK", "a status word", "`9000`"),
    ("sw 9000 6285", "6285", "end of the line", ""),
    ("data", "", "what the bytes must look like", "`length 0`"),
    ("data [4..2]", "4..2", "so many bytes", "smaller number stands first"),
    ("data [x]", "x", "so many bytes", ""),
    ("data [redacted]", "redacted", "so many bytes", ""),
    ("data A0B0/F0", "A0B0/F0", "as many bytes before the stroke", ""),
    ("data [*] 00 [1..2]", "[1..2]", "", "say how long one of them is"),
    ("data a:([*]) b:[*]", "b:[*]", "", "say how long"),
    ("data 1st:[2]", "1st", "the name", "a letter"),
    ("data challenge", "challenge", "bytes", "`$challenge`"),
    ("length -1", "-1", "a length", ""),
    ("length 4 too 5", "too", "end of the line", ""),
    ("tlv 6F/1F", "6F/1F", "tags in hexadecimal", ""),
    ("tlv 6F#0", "6F#0", "tags", ""),
    ("tlv 6F abcent", "abcent", "`absent`", ""),
    ("time slow <= 1.5 quick", "quick", "`*`", ""),
    ("time slow < 1.5 * quick", "<", "`<=`", ""),
    ("time slow <= 0 * quick", "0", "a factor", "1.5 * quick"),
    ("section \"text\"", "\"text\"", "number", ""),
    ("section 6.1 SELECT", "SELECT", "text", "double quotes"),
    ("title Hello", "Hello", "reports", "double quotes"),
    ("note \"\\xFF\"", "\"\\xFF\"", "report", ""),
    ("card test seed", "", "`=`", ""),
    ("require faults scp03", "scp03", "`,`", ""),
    ("skip unles faults", "unles", "`unless`", "did you mean `unless`?"),
    ("set $a = 00", "$a", "variable's name", "write `a`"),
    ("set a 00", "00", "`=`", ""),
    ("set a =", "", "bytes", ""),
    ("set a = foo", "foo", "bytes", "`$foo`"),
    ("set a = u16(0x1)", "1", "bytes", "two digits"),
    ("set a = u16(1A)", "1A", "a number", "`0x1A`"),
    ("set a = u16(1 2)", "2", "`,`", ""),
    ("set a = u16(99999999999999999999)", "99999999999999999999", "", ""),
    ("expect $a", "", "`=`", ""),
    ("power of", "of", "`off`", "did you mean `off`?"),
    ("reset now", "now", "end of the line", ""),
    ("fault", "", "`none`", ""),
    ("scp03 opn", "opn", "`open`", "did you mean `open`?"),
    ("scp03 open kys=$k", "kys", "`keys=`", "did you mean `keys`?"),
    ("scp03 open level=33 level=01", "level", "each once", ""),
    ("include more.apdu", "more.apdu", "file", "double quotes"),
    ("wait 100", "", "`ms`", ""),
    ("wait 60001 ms", "60001", "from 0 to 60000", ""),
    ("secton 6.1", "secton", "a keyword", "did you mean `section`?"),
    ("Reset", "Reset", "a keyword", "lower case: `reset`"),
    ("9000", "9000", "a keyword", "`sw 9000`"),
    ("00A40400", "00A40400", "a keyword", "begins with `>`"),
    ("SELECT F0", "SELECT", "a keyword", "begins with `>`"),
    ("$a = 00", "$a", "a keyword", "`set a = ...`"),
    ("= power on", "=", "a keyword", "`saifu trace convert`"),
    ("> 00A40400 @0.0012", "@", "", "`saifu trace convert`"),
    ("> 00 'a'", "'", "", "double quotes"),
    ("repeat", "", "how often", ""),
    ("for $i from 1 to 2", "$i", "variable", "write `i`"),
    ("for i in 1 to 2", "in", "`from`", ""),
    ("end", "end", "`for` or `repeat`", ""),
];

#[test]
fn each_mistake_is_told_with_its_place_and_what_was_expected() {
    let mut not_so = Vec::new();
    for (line, marked, expected, help) in WRONG {
        let ends = if line.starts_with("for") || line.starts_with("repeat") { "end\n" } else { "" };
        let found = mistakes(&format!("# first\nreset\n{line}\n{ends}reset\n"));
        let [wrong] = found.as_slice() else { panic!("{line}: {found:?}") };
        let place = line.get(wrong.span.from as usize..wrong.span.to as usize);
        let right = wrong.to_string().starts_with("a.apdu:3:")
            && place == Some(*marked)
            && wrong.expected.contains(expected)
            && wrong.help.contains(help)
            && help.is_empty() == wrong.help.is_empty();
        if !right {
            not_so.push(format!("{wrong}\n  but: {marked:?}, {expected:?}, {help:?}"));
        }
    }
    assert!(not_so.is_empty(), "{}", not_so.join("\n\n"));
}

#[test]
fn a_mistake_reads_as_people_expect() {
    let told = mistakes("reset\n< 9O00\n")[0].to_string();
    let expected = "a.apdu:2:3: found `9O00`\n    2 | < 9O00\n      |   ^^^^\n      = expected: a \
                    status word: four digits, `X` for any, as in `9000` or `63CX`; `9000|6285` for \
                    a choice; or `any`\n      = help: did you mean `9000`?";
    assert_eq!(told, expected);
}

#[test]
fn all_mistakes_of_a_file_are_told_in_order() {
    let found = mistakes("rest\nfor i from 1 to\n> SELCT\nend\nreset\nsw 1\nend\nrepeat 2\n");
    let lines: Vec<_> = found.iter().map(|wrong| wrong.span.line).collect();
    assert_eq!(lines, [1, 2, 3, 6, 7, 8]);
}

#[test]
fn a_section_does_not_begin_inside_a_loop() {
    let found = mistakes("repeat 2\nsection 1\nend");
    assert_eq!(found.len(), 1);
    assert!(found[0].found.contains("the loop of line 1"), "{}", found[0]);
}

#[test]
fn a_recording_is_no_trace_and_says_what_makes_one_of_it() {
    let found = mistakes("# saifu-card recording 1, begun 1.0 s after 1970\n= power on @0.1\n");
    assert_eq!(found.len(), 1);
    assert!(found[0].help.contains("`saifu trace convert`"));
}

#[test]
fn lines_depth_and_mistakes_have_limits() {
    assert!(mistakes(&"reset\n".repeat(LINES_MAX)).is_empty());
    assert_eq!(mistakes(&"reset\n".repeat(LINES_MAX + 1)).len(), 1);
    assert_eq!(mistakes(&"rest\n".repeat(LINES_MAX)).len(), DIAGNOSTICS_MAX);
    let deep = |depth: usize| format!("> {}00{}\n", "{".repeat(depth), "}".repeat(depth));
    assert!(mistakes(&deep(16)).is_empty());
    assert_eq!(mistakes(&deep(17)).len(), 1);
    assert_eq!(mistakes(&deep(40_000)).len(), 1);
    let loops = |depth: usize| format!("{}{}", "repeat 1\n".repeat(depth), "end\n".repeat(depth));
    assert!(mistakes(&loops(16)).is_empty());
    assert_eq!(mistakes(&loops(17)).len(), 1);
    assert_eq!(mistakes(&loops(10_000)).len(), 1);
}
