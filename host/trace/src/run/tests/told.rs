//! What must come back.

use super::*;

#[test]
fn what_holds_is_silent() {
    let text = "> 00 CA 00 00 00\n< 6F028400 9000\nsw 9XXX\nlength 4\nlength 1 to 4\ntlv 6F/84\n\
                tlv 6F/85 absent\ntlv 6F/84 length 0\ndata a:(6F) [*]\nexpect $a = 6F\n";
    assert_eq!(failures(text, &["6F0284009000"]), []);
}

#[test]
fn a_command_without_a_word_of_its_status_must_answer_9000() {
    assert_eq!(failures("> 00 CA 00 00\n", &["6A82"])[0].0, 1);
    let text = "> 00 CA 00 00\n# why not\nlength 0\n";
    let told = failures(text, &["6A82"]);
    assert_eq!(told, [(1, "the status word is 6A82 (no application of this name)".into())]);
    assert_eq!(failures("> 00 CA 00 00\nlength 0\n\nsw 6A82\n", &["6A82"]), []);
    assert_eq!(failures("> 00 CA 00 00\nsw any\n", &["6A82"]), []);
}

#[test]
fn one_failure_never_hides_the_next() {
    let text = "> 00 CA 00 00 00\n< 01 9000\nsw 6A82\nlength 2\ntlv 84\n> 00 CA 00 01\nlost\n";
    let lines: Vec<_> = failures(text, &["029000", "9000"]).iter().map(|told| told.0).collect();
    assert_eq!(lines, [2, 3, 4, 5, 7]);
}

#[test]
fn data_and_status_of_one_line_are_told_apart() {
    let told = failures("> 00 CA 00 00 00\n< 0102 9000\n", &["01036A80"]);
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told[0].1.contains("6A80") && told[1].1.contains("1 of 2 bytes differ"), "{told:?}");
}

#[test]
fn a_capture_that_was_not_made_is_told_with_its_line() {
    let text =
        "> 00 CA 00 00 00\n< 01 id:[2] 9000\n> 00 CA 00 00 {$id}\n< 01 9000\nexpect $id = 00\n";
    let told = failures(text, &["0203049000"]);
    let lines: Vec<_> = told.iter().map(|told| told.0).collect();
    assert_eq!(lines, [2, 3, 5], "the lines about a command that was not sent say nothing");
    assert!(told[1].1.contains("should have been captured at") && told[1].1.ends_with(":2"));
}

#[test]
fn a_lost_answer_is_told_and_expected() {
    assert_eq!(failures("> 00 CA 00 00\nlost\n", &["lost"]), []);
    assert_eq!(failures("> 00 CA 00 00\nlost\n", &["90"]), [], "one byte is no status word");
    let told = failures("> 00 CA 00 00\n< a:[1] 9000\nexpect $a = 00\n", &["lost"]);
    assert_eq!(told[0], (2, "the answer was lost".into()));
    assert!(told[1].1.contains("captured at"));
    let apart = "no command was sent before this line in its section";
    assert_eq!(failures("sw 9000\n", &[])[0].1, apart);
    let told = failures("section 1\n> 00 CA 00 00\nsection 2\nsw 9000\ndata a:[*]\n", &[]);
    assert_eq!(told, [(4, apart.into()), (5, apart.into())], "another section's command");
}

#[test]
fn an_atr_is_compared_and_capabilities_are_read_out_of_it() {
    assert_eq!(failures("atr 3B 85 [*]\nrequire extended\n", &[]), []);
    let told = failures("atr 3B 86 [*]\nrequire chaining, emulated\n", &[]);
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(failures("require exttended\n", &[])[0].1.contains("no capability"));
}

#[test]
fn times_are_compared_where_they_mean_something() {
    let text = "> 00 CA 00 00 as a\n> 00 CA 00 00 as b\ntime a <= 0.5 * b\ntime a <= 1 * c\n";
    let file = ran(text, &mut Script { is_real: true, ..Script::default() });
    let failures = &file.sections[0].failures;
    assert_eq!(failures[0].what, "a took 1.00 times what b took");
    assert!(failures[1].what.contains("nothing was timed as c"));
    let file = ran(text, &mut Script::default());
    assert!(file.sections[0].failures.is_empty());
    assert_eq!(file.sections[0].unchecked.len(), 2);
}

#[test]
fn a_failure_names_file_line_what_came_what_was_expected_and_the_command() {
    let file = ran("> 00 CA 00 00 00\n< 0102 9000\n", &mut Script::of(&["01039000"]));
    let failure = &file.sections[0].failures[0];
    assert!(failure.place.place().ends_with("a.apdu:2:1"), "{:?}", failure.place);
    assert_eq!(failure.came.as_ref().unwrap().line(), "01 03");
    assert_eq!(failure.expected.as_ref().unwrap().line(), "01 02");
    assert_eq!(failure.command, Some((1, "00 CA 00 00 00  GET DATA".into())));
    assert!(failure.came.as_ref().unwrap().tokens[1].differs);
}
