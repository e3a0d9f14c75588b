//! What `saifu trace check` finds without running a trace.

use saifu_trace::syntax::{Diagnostic, Outside, Source, check, parse};
use std::sync::Arc;

fn found(text: &str) -> Vec<Diagnostic> {
    let source = Source { path: "a.apdu".into(), text: text.into() };
    let trace = parse(Arc::new(source)).unwrap_or_else(|wrong| panic!("{text}\n{}", wrong[0]));
    let fault = |text: &str| match text {
        "drop@3" => Ok(()),
        other => Err(format!("`{other}` is none")),
    };
    let outside = Outside {
        variables: &["key".to_owned()],
        fault: &fault,
        capabilities: &["faults", "extended"],
    };
    check(&trace, &outside)
}

/// A trace, what is marked in it, part of what is found, part of the help.
const WRONG: &[(&str, &str, &str, &str)] = &[
    ("> 00 $a", "$a", "`$a` has no value here", "`set a = ...`"),
    ("set aid = 00\n> 00 $ait", "$ait", "no value here", "did you mean `$aid`?"),
    ("> 00 u8($a)\nset a = 00", "$a", "no value here", "in line 2, after this"),
    ("> VERIFY p2=$r", "$r", "no value here", ""),
    ("> 00\n< $a 9000", "$a", "no value here", ""),
    ("> 00\ntlv 6F = {$a}", "$a", "no value here", ""),
    ("set a = $a", "$a", "no value here", "too late"),
    ("for i from 1 to $i\nreset\nend", "$i", "no value here", ""),
    ("repeat $n\nreset\nend", "$n", "no value here", ""),
    ("> 00\nlength 1 to $n", "1 to $n", "no value here", ""),
    ("scp03 open keys=$k", "$k", "no value here", ""),
    ("skip if $k = 00", "$k", "no value here", ""),
    ("> 00 as slow\ntime slow <= 2 * quik", "quik", "timed as `quik`", "`as quik`"),
    ("> 00 as slow\ntime slo <= 2 * slow", "slo", "timed as `slo`", "`slow`"),
    ("set a = sha265(\"\")", "sha265", "no helper `sha265`", "did you mean `sha256`?"),
    ("set a = u8()", "u8", "0 values", ""),
    ("set a = u8(1, 2)", "u8", "2 values", ""),
    ("set a = u8(1, size=2)", "2", "no `size=`", ""),
    ("set a = u16(u8(1, 2))", "u8", "2 values", ""),
    ("> 00\ndata {u8()}", "u8", "0 values", ""),
    ("sw 9000", "sw 9000", "nothing is sent before", ""),
    ("> 00\nsection 1\nsw 9000", "sw 9000", "nothing is sent before", ""),
    ("> 00\nset a = 00\nsw 6A82", "sw 6A82", "apart from its command", "directly behind"),
    ("> 00\nrepeat 2\nlost\nend", "lost", "apart from its command", "directly behind"),
    ("skip if sw 9000\n> 00", "skip if sw 9000", "nothing is sent before", ""),
    ("section 1 \"a\"\nset a = 00\nsection 2\nreset\n> 00", "section 1 \"a\"", "sends nothing", ""),
    ("section 7", "section 7", "section 7 sends nothing", ""),
    (
        "skip unless faults\nskip if faults",
        "skip if faults",
        "line 1 asked for `faults`",
        "ever run",
    ),
    (
        "skip if faults\nsection 1\nskip unless extended, faults\n> 00",
        "skip unless extended, faults",
        "always skips",
        "ever run",
    ),
    ("> 00 secure", "> 00 secure", "without a secure channel", "scp03 open"),
    ("> 00\ndestructive \"it ends it\"", "destructive \"it ends it\"", "sent without it", "before"),
    ("fault dorp@3", "dorp@3", "no fault: `dorp@3` is none", ""),
    ("require fault", "fault", "no capability", "did you mean `faults`?"),
    ("card tests", "tests", "no card `tests`", "`test`"),
    ("card test seed=1 seed=2", "2", "`seed=` here", ""),
    ("card test key=1", "1", "`key=` here", ""),
    ("card test pin=\"123\"", "\"123\"", "no PIN", ""),
    ("card test pin=1234", "1234", "no PIN", ""),
    ("for i from 2 to 1\nreset\nend", "2 to 1", "goes round never", "smaller"),
    ("for i from 0 to 65536\nreset\nend", "0 to 65536", "more than 65536 times", ""),
    ("> 00\nlength 4 to 2", "4 to 2", "no length is 4 to 2", "smaller"),
    ("> 00\ntlv 6F length 4 to 2", "4 to 2", "no length is 4 to 2", "smaller"),
];

#[test]
fn each_mistake_is_found_with_its_place() {
    let mut not_so = Vec::new();
    for (text, marked, what, help) in WRONG {
        let all = found(text);
        let [wrong] = all.as_slice() else { panic!("{text}: {all:?}") };
        let line = text.lines().nth(wrong.span.line as usize - 1).unwrap();
        let place = line.get(wrong.span.from as usize..wrong.span.to as usize);
        if place != Some(*marked) || !wrong.found.contains(what) || !wrong.help.contains(help) {
            not_so.push(format!("{wrong}\n  but: {marked:?}, {what:?}, {help:?}"));
        }
    }
    assert!(not_so.is_empty(), "{}", not_so.join("\n\n"));
}

#[test]
fn what_a_run_can_carry_out_is_left_alone() {
    for text in [
        "> 00 $key $pin $pin2",
        "> 00\n< a:[2] {b:[1] $a} 9000".replace("{b:[1] $a}", "b:([1] $a)").as_str(),
        "for i from 1 to 3\n> 00 $i\nsw any\nend\n> 00 $i",
        "> 00\n# why\n\nsw any\nskip unless sw 9000\n< a:[*] 9000",
        "> 00\nset a = 00\ntlv 6F = $a",
        "select F0\n< 6F [*] 9000",
        "scp03 open\n> 00 secure\nsw 9000",
        "skip unless faults, extended\nsection 1\n> 00\nsection 2\nskip unless faults\n> 00",
        "section 1\nskip if faults\n> 00\nsection 2\nskip unless faults\n> 00",
        "fault drop@3\nfault none",
        "destructive \"why\"\n> 00 as a\ntime a <= 1.5 * a",
        "card test seed=\"x\" pin=\"123456\"\ncard any\ncard blank",
        "set a = sha256(0x00, $key, \"x\")\nexpect $a = [32]",
        "for i from 0 to 65535\n> 00\nend",
        "reset\natr 3B [*]",
    ] {
        assert_eq!(found(text), [], "{text}");
    }
}

#[test]
fn a_hundred_mistakes_are_told_and_no_more_wherever_they_stand() {
    let line = format!("set x = {}\n", "$y ".repeat(3_000));
    assert_eq!(found(&line).len(), 100);
    assert_eq!(found(&"set x = $y\n".repeat(3_000)).len(), 100);
}
