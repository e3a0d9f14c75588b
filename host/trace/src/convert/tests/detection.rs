//! Formats are told apart.

use super::*;

fn detected(name: &str, text: &str) -> Option<Format> {
    Format::detect(Path::new(name), text)
}

#[test]
fn a_text_is_known_by_what_stands_in_it() {
    for (text, format) in [
        ("# saifu-card recording 1, begun 1 s\n> 00A4\n", Format::Recording),
        ("Sending: 00 A4\nReceived (SW1=0x90, SW2=0x00)\n", Format::OpenscTool),
        ("P:1 x\nOutgoing APDU (5 bytes):\n00 84 00 00 08 .....\n", Format::OpenscDebug),
        (
            "CLA: 00, INS: a4, P1: 04, P2: 00, Lc: 00, Le: 00, SW1: 90, SW2: 00\n",
            Format::ApdutoolLog,
        ),
        ("A>> T=1 (4+0000) 00A40400 00\n", Format::GlobalPlatformPro),
        ("> RESET\n< OK: 3B 00\n", Format::ScriptorLog),
        ("> 00 A4\n< 90 00 : Normal processing.\n", Format::ScriptorLog),
        ("REM a\nRST\nCMD A0 A4 00 00 00\n", Format::SimApi),
        ("> SELECT F0\n< 9000\n", Format::Trace),
        ("section 1 \"a\"\n> 00 A4\nsw any\n", Format::Trace),
        ("// a\npowerup;\n0x00 0xA4 0x04 0x00 0x00 0x7F;\n", Format::Apdutool),
        ("# PROTOCOL: T=1\n00A40400\n9000\n", Format::Apdu4j),
        ("00A40400\n6A82\n00CADF0100\n6985\n", Format::Apdu4j),
        ("# a\nreset\n00 A4 04 00\n00 CA DF 01 00\n", Format::Scriptor),
    ] {
        assert_eq!(detected("-", text), Some(format), "{text}");
    }
    for text in ["", "hello\n", "# nothing but a comment\n", "12 monkeys\n"] {
        assert_eq!(detected("-", text), None, "{text}");
    }
}

#[test]
fn the_name_decides_where_a_text_could_be_two() {
    let lines = "00A40400\n6A82\n";
    assert_eq!(detected("a.scriptor", lines), Some(Format::Scriptor));
    assert_eq!(detected("a.dump", lines), Some(Format::Apdu4j));
    assert_eq!(detected("a.apdu", lines), Some(Format::Trace));
    let script = "0x00 0xA4 0x04 0x00 0x00 0x7F;\n";
    assert_eq!(detected("a.scr", script), Some(Format::Apdutool));
    assert_eq!(detected("a.jcardsim", script), Some(Format::JCardSim));
    assert_eq!(detected("a.scr", "RST\nCMD A0 A4 00 00 00\n"), Some(Format::SimApi));
}
