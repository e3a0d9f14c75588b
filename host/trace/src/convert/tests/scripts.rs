//! Scripts of other tools, as their users write them.

use super::*;

const SCRIPTOR: &str = "\
#! /usr/bin/env scriptor
# Script to test a driver
reset

# Select applet
00 A4 04 00 09 A0 00 00 00 66 03 01 B3 01
00A4040007F053414946550100
00 10 00 \\
00 00
";

#[test]
fn a_scriptor_file_becomes_a_trace_that_takes_any_answer() {
    let expected = "\
# ! /usr/bin/env scriptor
# Script to test a driver
reset

# Select applet
> 00 A4 04 00 09 A0000000660301B301
sw any
> 00 A4 04 00 07 F0534149465501 00
sw any
> 00 10 00 00 00
sw any
";
    assert_eq!(trace_of(Format::Scriptor, SCRIPTOR), expected);
}

#[test]
fn scriptor_stops_at_exit_also_in_a_comment_and_so_does_the_trace() {
    let text = "00A4\n# do not exit here\n00B0\n";
    let trace = trace_of(Format::Scriptor, text);
    assert_eq!(trace.matches("> ").count(), 1, "{trace}");
    assert_eq!(text_of(Format::Scriptor, &trace), "00 A4\n# do not exit here\n00B0\n");
    let (line, why) = unwritable(Format::Scriptor, "> 00 A4\nsw any\n# exit\n> 00 B0\nsw any\n");
    assert_eq!(line, 3, "{why}");
}

#[test]
fn what_scriptor_itself_chokes_on_is_refused_where_it_stands() {
    for (text, line, column) in [
        ("00 A4\n00  A4\n", 2, 4),
        ("00A\n", 1, 1),
        ("00 A4 0G\n", 1, 8),
        (" 00 A4\n", 1, 1),
        ("00 A404\n", 1, 4),
        ("00A4\\\n", 1, 1),
        ("00 \\\nreset\n", 2, 1),
    ] {
        let (at_line, at_column, why) = refused(Format::Scriptor, text);
        assert_eq!((at_line, at_column), (line, column), "{why}");
    }
}

#[test]
fn scriptor_is_given_nothing_it_cannot_do() {
    for (trace, line) in [
        ("> 00 A4\n", 1),
        ("reset\n> 00 A4\nsw 9000\n", 2),
        ("power off\n", 1),
        ("wait 5 ms\n", 1),
        ("note \"a\"\n", 1),
        ("set a = 00\n> $a A4\nsw any\n", 1),
        ("> 00 A4 random(4)\nsw any\n", 1),
        ("repeat 2\nreset\nend\n", 1),
        ("atr 3B00\n", 1),
        ("> 00 A4 04 00 follow\nsw any\n", 1),
    ] {
        let (at, why) = unwritable(Format::Scriptor, trace);
        assert_eq!(at, line, "{trace}: {why}");
        assert!(why.len() > 10, "{why}");
    }
}

#[test]
fn where_losses_are_allowed_scriptor_gets_the_commands_and_comments_for_the_rest() {
    let trace = "title \"t\"\n> GET DATA p1=DF p2=01\n< [16] 9000\nwait 5 ms\n";
    let expected = "# (no counterpart) title \"t\"\n00 CA DF 01 00\n# expected: XXXXXXXXXXXXXXXXXXXX\
                    XXXXXXXXXXXX 9000\n# (no counterpart) wait 5 ms\n";
    assert_eq!(lossy(Format::Trace, Format::Scriptor, trace), expected);
}

#[test]
fn no_line_that_is_lost_goes_untold() {
    let trace =
        "set a = 00\nfor n from 1 to 2\n    > 00 A4 $n\n    sw 9000\nend\n> $a\n< [4] 6A82\n";
    let expected = "\
# (no counterpart) set a = 00
# (no counterpart) for n from 1 to 2
# (no counterpart) > 00 A4 $n
# (no counterpart) sw 9000
# (no counterpart) > $a
# (no counterpart) < [4] 6A82
";
    assert_eq!(lossy(Format::Trace, Format::Scriptor, trace), expected);
    let open_ended = "> 00 CA DF 01 00\n< 6F [*] 9000\ntlv 6F/84\n";
    let expected = "00 CA DF 01 00\n# expected: 9000\n# (no counterpart) < 6F [*] 9000\n\
                    # (no counterpart) tlv 6F/84\n";
    assert_eq!(lossy(Format::Trace, Format::Scriptor, open_ended), expected);
    let whole = lossy(Format::Trace, Format::Apdu4j, "> 00 A4\nsw 9000|6A82\n");
    assert_eq!(whole, "# (no counterpart) > 00 A4\n# (expected: 9000 or 6A82)\n");
}

const APDUTOOL: &str = "\
// Select all installed applets
#define purse //aid/A000000062/03010C0102
output off;
contacted;
powerup; /* a comment
 of two lines */
0x00 0xA4 0x04 0x00 0x02 0x3F
    0x00 0x7F;
echo \"a note; with // in it\";
delay 500;
select purse;
128 0x30 0 0 0x00 0x00;
extended on;
0x80 0x10 0x00 0x00 0x00 0x00 0x01 0x05 0x00 0x00;
extended off;
powerdown;
";

#[test]
fn a_script_of_apdutool_becomes_a_trace() {
    let expected = "\
# Select all installed applets
# ~scr output off;
# ~scr contacted;
power on
# a comment
# of two lines
> 00 A4 04 00 02 3F00 7F
sw any
note \"a note; with // in it\"
wait 500 ms
> 00 A4 04 00 0A A00000006203010C0102 7F
sw any
> 80 30 00 00
sw any
> 80 10 00 00 000001 05 0000
sw any
power off
";
    assert_eq!(trace_of(Format::Apdutool, APDUTOOL), expected);
    let written = text_of(Format::Apdutool, expected);
    for line in ["output off;", "contacted;", "powerup;", "extended on;", "extended off;"] {
        assert!(written.contains(line) || line == "extended off;", "{line} is not in:\n{written}");
    }
    assert_eq!(trace_of(Format::Apdutool, &written), expected);
}

#[test]
fn jcardsim_counts_an_le_of_256_and_takes_commands_and_power_alone() {
    let script = "powerup;\n0x00 0xA4 0x04 0x00 0x00 0x100;\n0x80 0x01 0x00 0x00 0x00 0x00;\n";
    let trace = "power on\n> 00 A4 04 00 00\nsw any\n> 80 01 00 00\nsw any\n";
    assert_eq!(trace_of(Format::JCardSim, script), trace);
    assert_eq!(text_of(Format::JCardSim, trace), script);
    for (line, text) in
        [(1, "note \"a\"\n"), (1, "wait 5 ms\n"), (1, "> 80 01 00 00 00 0001\nsw any\n")]
    {
        assert_eq!(unwritable(Format::JCardSim, text).0, line, "{text}");
    }
}

#[test]
fn mistakes_in_a_script_are_told_where_they_stand() {
    for (text, line, column) in [
        ("powerup;\n0x00 0xA4;\n", 2, 1),
        ("0x00 0xA4 0x04 0x00 0x02 0x3F 0x7F;", 1, 1),
        ("0x00 0xA4 0x04 0x00 0x100 0x7F;", 1, 21),
        ("0x00 0xZZ 0x04 0x00 0x00 0x7F;", 1, 6),
        ("powerup;\npowerup", 2, 1),
        ("echo \"a", 1, 6),
        ("/* a\n b", 1, 1),
        ("contactless;", 1, 1),
        ("send a to b on 19;", 1, 1),
        ("delay 60001;", 1, 1),
        ("#include \"a\"", 1, 1),
        ("select //aid/00;", 1, 1),
        ("extended on; 0x00 0xA4 0x00;", 1, 14),
    ] {
        let (at_line, at_column, why) = refused(Format::Apdutool, text);
        assert_eq!((at_line, at_column), (line, column), "{why}");
    }
    let converted = lossy(Format::Apdutool, Format::Trace, "contactless;\npowerup;\n");
    assert_eq!(converted, "# (no counterpart) contactless\npower on\n");
}

#[test]
fn apdutool_is_given_nothing_it_cannot_do() {
    for (trace, line) in [
        ("> 00 A4 04 00 00\nsw any\n", 1),
        ("> 00 A4 04 00\n", 1),
        ("reset\n", 1),
        ("> 00 A4\nsw any\n", 1),
        ("> 00 A4 04 00 02 01\nsw any\n", 1),
        ("note \"a \\\" b\"\n", 1),
    ] {
        assert_eq!(unwritable(Format::Apdutool, trace).0, line, "{trace}");
    }
    let written = lossy(Format::Trace, Format::Apdutool, "reset\n> 00 A4 04 00 00\n");
    let expected = "powerdown;\npowerup;\n0x00 0xA4 0x04 0x00 0x00 0x7F;\n// expected: 9000\n";
    assert_eq!(written, expected);
}

const SIM: &str = "\
REM this is an example
RST
ABC what another tool does

REM Case 1 example
CMD A0 C2 00 00 00 (91 33 , 69 XX)
REM Case 2 example
CMD A0 C2 00 00 07 \\
 [XX XX XX 55 55 XX 55](91 33 , 69 XX)
CMD A0 C2 00 00 B0 [] (91 33 , 69 XX)
REM Case 3 example
CMD A0 A4 00 00 02 \\
 3F 00 \\
 (9F XX)
CMD A0 F2 00 00 10
CMD A0 F2 00 00 10 [XX]
OFF
";

#[test]
fn a_script_of_51_013_keeps_all_it_expects() {
    let expected = "\
# this is an example
reset
# ~51.013 ABC what another tool does

# Case 1 example
> A0 C2 00 00 00
sw 9133|69XX
# Case 2 example
> A0 C2 00 00 07
< XXXXXX5555XX55 9133|69XX
> A0 C2 00 00 B0
< 9133|69XX
# Case 3 example
> A0 A4 00 00 02 3F00
sw 9FXX
> A0 F2 00 00 10
sw any
> A0 F2 00 00 10
data XX
sw any
power off
";
    assert_eq!(trace_of(Format::SimApi, SIM), expected);
    let written = text_of(Format::SimApi, expected);
    assert!(written.contains("CMD A0 A4 00 00 02 \\\n3F 00 \\\n(9F XX)\n"), "{written}");
    assert!(written.contains("\nABC what another tool does\n"), "{written}");
    assert_eq!(trace_of(Format::SimApi, &written), expected);
}

#[test]
fn mistakes_in_a_script_of_51_013_are_told_where_they_stand() {
    for (text, line, column) in [
        ("RST\nCMD A0 C2 00 00 0 (90 00)\n", 2, 17),
        ("CMD A0 C2 XX 00 00\n", 1, 11),
        ("CMD A0 C2 00 00 01 [5X] (90 00)\n", 1, 21),
        ("CMD A0 C2 00 00 01 \\\n[55 \\\n(90 00)\n", 3, 1),
        ("CMD A0 C2 00 00 01 (90 0)\n", 1, 24),
        ("CMD A0 C2 00 00 01 (90)\n", 1, 23),
        ("CMD A0 C2 00 00 01 (90 00,)\n", 1, 27),
        ("CMD A0 C2 00 00 01 (90 00) 00\n", 1, 28),
        ("CMD\n", 1, 1),
        ("RST now\n", 1, 5),
        ("INI FF FF\n", 1, 1),
        ("SWI {\n 91 33:\nRST\n}\n", 1, 1),
        ("RESET\n", 1, 1),
        ("CMD A0 \\\n", 1, 1),
    ] {
        let (at_line, at_column, why) = refused(Format::SimApi, text);
        assert_eq!((at_line, at_column), (line, column), "{why}");
    }
}

#[test]
fn where_losses_are_allowed_ini_becomes_its_terminal_profile_and_swi_a_comment() {
    let script = "RST\nINI FF FF\nSWI { 91 33 :\nCMD A0 12 00 00 33\n}\nRST\n";
    let expected = "\
reset
# INI: FETCH and TERMINAL RESPONSE behind it are not sent
> A0 10 00 00 02 FFFF
sw 9000|91XX
# (no counterpart) SWI { 91 33 :
# (no counterpart) CMD A0 12 00 00 33
# (no counterpart) }
reset
";
    assert_eq!(lossy(Format::SimApi, Format::Trace, script), expected);
}

#[test]
fn a_script_of_51_013_is_given_nothing_it_cannot_say() {
    for (trace, line) in [
        ("> A0 F2 00 00 10\nlost\n", 1),
        ("> A0 F2 00 00 10\n< 4X 9000\n", 1),
        ("> A0 F2 00 00 10\n< [2..3] 9000\n", 1),
        ("> A0 F2 00 00 10\nlength 3\n", 1),
        ("power on\n", 1),
        ("note \"a\"\n", 1),
    ] {
        assert_eq!(unwritable(Format::SimApi, trace).0, line, "{trace}");
    }
    let same = "CMD A0 F2 00 00 02 \\\n[XX XX] \\\n(90 00)\n";
    assert_eq!(text_of(Format::SimApi, "> A0 F2 00 00 02\n< [2] 9000\n"), same);
    assert_eq!(text_of(Format::SimApi, "> A0 F2 00 00 02\n< 0000/0000 9000\n"), same);
}

const DUMP: &str = "\
# Generated on Sun, 25 Jan 2015 19:11:03 +0200 by apdu4j
# ATR: 3BF91300008131FE454A434F503234325232A3
# PROTOCOL: T=1
#
00A4040000
# 40ms
6F108408A000000151000000A5049F6501FF9000
80CA9F7F00
# 11ms
6A88
";

#[test]
fn a_dump_of_apdu4j_comes_back_line_by_line() {
    let trace = trace_of(Format::Apdu4j, DUMP);
    assert!(trace.contains("atr 3BF913"), "{trace}");
    assert!(trace.contains("> 80 CA 9F 7F 00\n# 11ms\n< 6A88\n"), "{trace}");
    assert_eq!(text_of(Format::Apdu4j, &trace), DUMP);
}

#[test]
fn what_a_dump_cannot_hold_is_refused() {
    for (trace, line) in [
        ("reset\n", 1),
        ("> 00 A4\nsw any\n", 1),
        ("> 00 A4\nsw 9000\n", 1),
        ("> 00 A4\n< XX 9000\n", 1),
        ("> 00 A4\n< 9000|6A82\n", 1),
        ("> 00 A4\n# 42ms it failed\nlost\n", 1),
        ("# ATR: 3B00\n", 1),
    ] {
        assert_eq!(unwritable(Format::Apdu4j, trace).0, line, "{trace}");
    }
    for (text, line) in [("00A4\n", 1), ("00A4\n9000\n00A\n9000\n", 3), ("00A4\n90\n", 2)] {
        let (at, _, why) = refused(Format::Apdu4j, text);
        assert_eq!(at, line, "{why}");
    }
    let failed = trace_of(Format::Apdu4j, "00A4\n# 42ms it failed\n00B0\n9000\n");
    assert_eq!(failed, "> 00 A4\n# 42ms it failed\nlost\n> 00 B0\n< 9000\n");
}
