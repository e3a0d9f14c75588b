//! What is carried out, and in which order.

use super::*;

fn verdicts(file: &FileResult) -> Vec<(String, Verdict)> {
    file.sections.iter().map(|section| (section.number.clone(), section.verdict())).collect()
}

#[test]
fn loops_count_and_numbers_are_one_byte() {
    let mut script = Script::default();
    ran("for i from 1 to 3\n> 00 CA 00 $i\nrepeat 2\n> 00 B0 $i 00\nend\nend\n", &mut script);
    let bytes: Vec<_> = script.sent.iter().map(|sent| [sent[1], sent[2], sent[3]]).collect();
    assert_eq!(bytes.len(), 9);
    assert_eq!(bytes[..4], [[0xCA, 0, 1], [0xB0, 1, 0], [0xB0, 1, 0], [0xCA, 0, 2]]);
    let told = failures("for i from 1 to 65537\n> 00 CA 00 00\nend\n", &[]);
    assert!(told[0].1.contains("65536 turns"), "{told:?}");
}

#[test]
fn answers_are_followed_and_lengths_corrected_only_where_that_is_asked_for() {
    let mut script = Script::of(&["01026102", "03046C01", "059000"]);
    let file = ran("> 01 CA 00 00 00 follow\n< 0102030405 9000\n", &mut script);
    assert_eq!(file.verdict(), Verdict::Passed, "{file:?}");
    assert_eq!(script.sent[1], [1, 0xC0, 0, 0, 2]);
    assert_eq!(script.sent[2], [1, 0xC0, 0, 0, 1]);
    assert_eq!(failures("> 00 CA 00 00 00\n< 0102 6102\n", &["01026102"]), []);
}

#[test]
fn a_chain_stops_at_the_first_part_that_is_refused() {
    let mut script = Script::of(&["9000", "6884"]);
    let file = ran("> SELECT chain=1 010203\nsw 6884\n", &mut script);
    assert_eq!((file.verdict(), script.sent.len()), (Verdict::Passed, 2));
    assert_eq!(script.sent[0][..6], [0x10, 0xA4, 4, 0, 1, 1]);
}

#[test]
fn a_card_is_made_before_the_first_line_that_needs_it() {
    let mut script = Script::default();
    let text = "card blank pin=\"9999\"\nset x = $pin\nreset\nfault drop\nfault none\npower cycle\n\
                remove\ninsert\n> VERIFY $pin\ncard test\n> 00 CA 00 00\n";
    let file = ran(text, &mut script);
    let done = ["prepare blank 9999", "reset", "fault drop", "fault none", "off", "on", "remove"];
    assert_eq!(script.done[..7], done);
    assert_eq!(script.done[7..], ["insert", "prepare test 9999"]);
    assert!(script.sent[0].ends_with(b"\x049999"));
    assert_eq!(file.verdict(), Verdict::Passed, "{file:?}");
}

#[test]
fn skipping_ends_a_section_or_the_file() {
    let text = "section 1 \"a\"\nskip unless real\n> 00 CA 00 00\nsection 2 \"b\"\nskip if real\n\
                > 00 CA 00 01\n";
    let mut script = Script::default();
    let file = ran(text, &mut script);
    assert_eq!(verdicts(&file), [("1".into(), Verdict::Skipped), ("2".into(), Verdict::Passed)]);
    assert_eq!(script.sent, [[0, 0xCA, 0, 1]]);
    let file = ran("skip if emulated\nsection 1 \"a\"\n> 00 CA 00 00\n", &mut script);
    assert_eq!(file.verdict(), Verdict::Skipped);
    assert!(file.sections.iter().all(|section| section.skipped.is_some()));
}

#[test]
fn a_run_stops_where_it_is_asked_to() {
    let text = "section 1 \"a\"\n> 00 CA 00 00\n> 00 CA 00 01\nsection 2 \"b\"\n> 00 CA 00 02\n";
    let folder = Folder::of(&[("a.apdu", text), ("b.apdu", text)]);
    for (stop_at, sent) in
        [(StopAt::Never, 6), (StopAt::Section, 5), (StopAt::File, 4), (StopAt::First, 1)]
    {
        let mut script = Script::of(&["6A82"]);
        let result = folder.run(&Settings { stop_at, ..Settings::default() }, &mut script);
        assert_eq!(script.sent.len(), sent, "{stop_at:?}");
        assert_eq!(result.stopped.is_some(), stop_at == StopAt::First);
        assert_eq!(result.counts().failed, 1);
    }
}

#[test]
fn a_broken_target_ends_the_run_and_is_told() {
    let folder = Folder::of(&[("a.apdu", "> 00 CA 00 00\n> 00 CA 00 00\n"), ("b.apdu", "reset\n")]);
    let mut script = Script { breaks: true, ..Script::default() };
    let result = folder.run(&Settings::default(), &mut script);
    assert!(matches!(&result.stopped, Some(Stopped::Target(why)) if why.contains("plug it in")));
    assert_eq!((result.files.len(), result.files[0].sections[0].failures.len()), (1, 1));
}

#[test]
fn a_real_card_is_spared_unless_that_is_allowed() {
    let real = || Script { is_real: true, ..Script::default() };
    let text = "> 00 A4 04 00\n> VERIFY \"0000\"\n> 00 CA 00 00\n";
    let mut script = real();
    let file = ran(text, &mut script);
    assert_eq!(script.sent.len(), 2, "{:02X?}", script.sent);
    assert!(file.sections[0].failures[0].what.contains("--destructive"));
    let folder =
        Folder::of(&[("a.apdu", "destructive \"it ends\"\nsection 1 \"a\"\n> 00 FE 00 00\n")]);
    let careful = folder.run(&Settings::default(), &mut script);
    assert_eq!(careful.files[0].verdict(), Verdict::Skipped);
    let mut script = real();
    let settings = Settings { destructive: true, ..Settings::default() };
    assert_eq!(folder.run(&settings, &mut script).counts().failed, 0);
    assert_eq!(script.sent, [[0, 0xFE, 0, 0]]);
}

#[test]
fn what_the_user_gives_stands_and_what_is_asked_for_runs() {
    let text = "set a = 01\nsection 1 \"one\"\n> 00 CA 00 $a\nsection 2 \"two\"\n> 00 CA 01 $a\n";
    let folder = Folder::of(&[("a.apdu", text)]);
    let variables = vec![("a".into(), vec![7])];
    let settings = Settings { variables, filter: Some("two".into()), ..Settings::default() };
    let mut script = Script::default();
    let result = folder.run(&settings, &mut script);
    assert_eq!(script.sent, [[0, 0xCA, 1, 7]]);
    assert_eq!(result.files[0].sections.len(), 1);
}

#[test]
fn a_folder_is_run_but_for_what_is_there_to_be_included() {
    let folder = Folder::of(&[
        ("_lib/get.apdu", "> 00 CA 00 $n\nset n = 02\n"),
        ("_b.apdu", "> 00 CA 00 0F\n"),
        (
            "sub/a.apdu",
            "set n = 01\ninclude \"../_b.apdu\"\ninclude \"../_lib/get.apdu\"\n\
                        > 00 B0 00 $n\n",
        ),
        ("out.apdu", "include \"../secret.apdu\"\n"),
        ("notes.txt", ""),
    ]);
    let mut script = Script::default();
    let result = folder.run(&Settings::default(), &mut script);
    assert_eq!(script.sent, [[0, 0xCA, 0, 0x0F], [0, 0xCA, 0, 1], [0, 0xB0, 0, 2]]);
    assert_eq!(result.files.len(), 2, "{result:?}");
    assert!(result.files[0].unreadable.is_some(), "nothing outside is included");
}

#[test]
fn skipping_goes_by_what_came_and_what_was_captured_as_well() {
    let text = "section 1 \"a\"\n> 00 CA 00 00 00\n< id:[1] 9000\nskip if sw 6AXX\n\
                skip unless $id = 01\n> 00 CA 00 01\nskip unless sw 9000\n> 00 CA 00 02\n\
                section 2 \"b\"\nskip if $none = 00\n";
    let mut script = Script::of(&["019000", "6A82"]);
    let file = ran(&text.replace("> 00 CA 00 01\n", "> 00 CA 00 01\nsw any\n"), &mut script);
    assert_eq!(script.sent.len(), 2);
    assert_eq!(verdicts(&file), [("1".into(), Verdict::Skipped), ("2".into(), Verdict::Failed)]);
}

#[test]
fn a_file_that_is_no_trace_fails_and_the_others_run() {
    let folder =
        Folder::of(&[("a.apdu", "> 00 A\n"), ("b.apdu", "section 1 \"b\"\n> 00 CA 00 00\n")]);
    let result = folder.run(&Settings::default(), &mut Script::default());
    assert!(result.is_unreadable());
    let why = result.files[0].unreadable.as_ref().unwrap();
    assert!(why.contains("a.apdu:1:") && why.contains('^'), "{why}");
    assert_eq!((result.counts().passed, result.counts().failed), (1, 1));
    assert!(matches!(find(&[folder.0.join("none")], None), Err(NoTraces::System { .. })));
}

#[test]
fn what_was_covered_is_what_came_and_was_named_exactly() {
    let text = "> 00 CA 00 6E 00\n< 6E028400 9000\n> 00 CA 00 01 00\nsw 6AXX\n> 00 CA 00 02 02 8400\n\
                tlv 6F/A5\n> 00 CA 00 03\nsw 6A88\n";
    let folder = Folder::of(&[("a.apdu", text)]);
    let settings = Settings { coverage: true, ..Settings::default() };
    let mut script = Script::of(&["6E0284009000", "6A82", "6F02A5009000", "6A82"]);
    let covered = folder.run(&settings, &mut script).coverage();
    let header = |p2| [0x00, 0xCA, 0x00, p2];
    assert_eq!(covered.commands.len(), 4);
    let answers: Vec<_> = covered.answers.iter().copied().collect();
    assert_eq!(answers, [(header(2), 0x9000), (header(0x6E), 0x9000)]);
    let tags: Vec<_> = covered.answered_tags.iter().map(|(_, tag)| *tag).collect();
    assert_eq!(tags, [0x6F, 0xA5, 0x6E, 0x84]);
    assert_eq!(covered.sent_tags.into_iter().collect::<Vec<_>>(), [(header(2), 0x84)]);
}

#[test]
fn an_object_is_absent_only_from_what_is_read_to_its_end() {
    let absent = "> 00 CA 00 00\ntlv 84/85 absent\n";
    assert_eq!(failures(absent, &["84009000"]), []);
    assert_eq!(failures(absent, &["9000"]), []);
    for broken in ["84059000", "1234567890129000"] {
        let told = failures(absent, &[broken]);
        assert!(told[0].1.contains("no BER-TLV"), "{broken}: {told:?}");
    }
}

#[test]
fn loops_without_lines_end_and_their_turns_count() {
    let text = format!("{}{}", "repeat 60000\n".repeat(8), "end\n".repeat(8));
    let told = failures(&text, &[]);
    assert!(told[0].1.contains("lines were carried out"), "{told:?}");
    assert_eq!(told.len(), 1);
}

#[test]
fn what_is_not_told_any_more_has_failed_still() {
    let section = |number| format!("section {number}\nrepeat 100\nexpect 00 = 01\nend\n");
    let text: String = (1..=12).map(section).collect();
    let file = ran(&text, &mut Script::default());
    let told: usize = file.sections.iter().map(|section| section.failures.len()).sum();
    assert_eq!(told, 1_000);
    assert_eq!(file.counts().failed, 12);
    assert_eq!(file.sections[11].more_failures, 100);
}

#[test]
fn an_interrupted_run_sends_nothing_more_and_says_so() {
    let folder = Folder::of(&[("a.apdu", "section 1 \"a\"\n> 00 CA 00 00\n")]);
    let mut script = Script::of(&["9000"]);
    let settings = Settings::default();
    settings.interrupt.store(true, Ordering::Relaxed);
    let result = folder.run(&settings, &mut script);
    assert_eq!(result.stopped, Some(Stopped::Interrupted));
    assert!(script.sent.is_empty() && result.counts().passed == 0, "{result:?}");
}
