//! Logs of other tools, as they print them.

use super::*;

#[test]
fn what_scriptor_prints_becomes_commands_and_their_answers() {
    let text = "\
Using T=1 protocol
reset
> RESET
< OK: 3B 8D 80 01
# Select
00A4040007F053414946550100
> 00 A4 04 00 07 F0 53 41 49 46 55 01 00
< 6F 13 84 07 F0 53 41 49 46 55 01 A5 08 80 01 01
81 01 05 82 00 90 00 : Normal processing.
> 00 B0 00 00 00
< 69 85 : Command not allowed. Conditions of use not satisfied.
";
    let expected = "\
reset
atr 3B8D8001
# Select
> 00 A4 04 00 07 F0534149465501 00
< 6F138407F0534149465501A508800101 8101058200 9000
> 00 B0 00 00 00
< 6985
";
    assert_eq!(trace_of(Format::ScriptorLog, text), expected);
    assert_eq!(refused(Format::ScriptorLog, "< 90 00 : done\n").0, 1);
    assert_eq!(refused(Format::ScriptorLog, "> 00\n< 90\n").0, 2);
    let cut = trace_of(Format::ScriptorLog, "> 00 A4 04 00\n");
    assert!(cut.contains("no answer to the last command"), "{cut}");
}

#[test]
fn what_apdutool_and_jcardsim_print_becomes_commands_and_their_answers() {
    let text = "\
Java Card APDU Tool, Version 3.0.4
CLA: 00, INS: a4, P1: 04, P2: 00, Lc: 02, 3f, 00, Le: 00, SW1: 90, SW2: 00
CLA: 80, INS: 50, P1: 00, P2: 00, Lc: 00, Le: 02, 03, e8, SW1: 90, SW2: 00
";
    let expected = "> 00 A4 04 00 02 3F00\n< 9000\n> 80 50 00 00 00\n< 03E8 9000\n";
    assert_eq!(trace_of(Format::ApdutoolLog, text), expected);
    assert_eq!(refused(Format::ApdutoolLog, "CLA: 00, INS: a4, P1: 04, P2: 00, Lc: 02, 3f").1, 45);
}

#[test]
fn what_opensc_tool_prints_becomes_commands_and_their_answers() {
    let text = "\
Using reader with a card: Virtual PCD 00 00
Sending: 00 A4 04 00 08 A0 00 00 05 27 20 01 01
Received (SW1=0x90, SW2=0x00):
41 42 7B 13 F8 80 AB{...
Sending: 00 CA 00 00 00
Received (SW1=0x90, SW2=0x00):
61 11 4F 06 00 00 10 00 01 00 79 07 4F 05 A0 00 a.O.......y.O...
41 42                                           AB
Sending: 00 01 14 00
Received (SW1=0x6B, SW2=0x00)
Sending: 00 01 15 00
";
    let expected = "\
> 00 A4 04 00 08 A000000527200101
< 41427B13F880 9000
> 00 CA 00 00 00
< 61114F0600001000010079074F05A000 4142 9000
> 00 01 14 00
< 6B00
> 00 01 15 00
lost
";
    assert_eq!(trace_of(Format::OpenscTool, text), expected);
    assert_eq!(refused(Format::OpenscTool, "Received (SW1=0x90, SW2=0x00)\n").0, 1);
}

#[test]
fn a_debug_log_of_opensc_becomes_commands_and_their_answers() {
    let text = "\
P:729; T:0x1407 15:19:52.123 [piv-tool] reader-pcsc.c:283:pcsc_transmit: reader 'x'
P:729; T:0x1407 15:19:52.123 [piv-tool] apdu.c:550:sc_transmit_apdu: called
Outgoing APDU (12 bytes):
00 A4 04 00 07 62 76 01 FF 00 00 00 .....bv.....
P:729; T:0x1407 15:19:52.142 [piv-tool] reader-pcsc.c:307:pcsc_transmit:
Incoming APDU (2 bytes):
6A 82 j.
2010-01-01 12:00 Outgoing APDU data [    5 bytes] =====================================
00 84 00 00 08 .....
======================================================================
";
    let expected = "> 00 A4 04 00 07 627601FF000000\n< 6A82\n> 00 84 00 00 08\nlost\n";
    assert_eq!(trace_of(Format::OpenscDebug, text), expected);
    assert_eq!(refused(Format::OpenscDebug, "Outgoing APDU (5 bytes):\n00 84\n").0, 1);
    assert_eq!(refused(Format::OpenscDebug, "Outgoing APDU (99999999 bytes):\n00 84\n").0, 1);
}

#[test]
fn a_debug_log_of_global_platform_pro_becomes_commands_and_their_answers() {
    let text = "\
# GlobalPlatformPro v21.12.31
SCardConnect(\"Virtual PCD 00 00\", T=*) -> T=1, 3BF81300008131FE
SCardBeginTransaction(\"Virtual PCD 00 00\")
A>> T=1 (4+0000) 00A40400 00
A<< (0018+2) (60ms) 6F108408A000000151000000A5049F6501FF 9000
A#1>> (4+0002) 01B00000 02 1122
A#1<< (0000+2) (1s378ms) 6985
[DEBUG] x >> 80CA9F7F 00
<< [error] SCARD_W_REMOVED_CARD (3.14ms)
B>> (4+0000) 00840000 08
<< SCARD_E_NO_SMARTCARD (3ms)
";
    let expected = "\
atr 3BF81300008131FE
> 00 A4 04 00 00
< 6F108408A000000151000000A5049F65 01FF 9000
> 01 B0 00 00 02 1122
< 6985
> 80 CA 9F 7F 00
# [error] SCARD_W_REMOVED_CARD (3.14ms)
lost
> 00 84 00 00 08
# SCARD_E_NO_SMARTCARD (3ms)
lost
";
    assert_eq!(trace_of(Format::GlobalPlatformPro, text), expected);
    assert_eq!(refused(Format::GlobalPlatformPro, "A<< (0000+2) (1ms) 9000\n").0, 1);
    assert_eq!(refused(Format::GlobalPlatformPro, "A>> (4+0000) 00A4040\n").0, 1);
}

#[test]
fn a_recording_becomes_a_trace_that_says_what_to_fill_in() {
    let text = "\
# saifu-card recording 1, begun 1795408200.000000 s after 1970
= power on @0.000120
= atr 3B00 @0.000310
> 00A4040007F053414946550100 @0.001200
< 6F009000 @0.001275
> 00200081[redacted] @0.002000
< 9000 @0.002300
> 80420000[redacted] @0.003
< [redacted]9000 @0.004
# fault drop@3 at command 3 (00CADF02)
> 00CADF0200 @0.005
= silence @0.006
= reset @0.007
";
    let trace = trace_of(Format::Recording, text);
    for line in [
        "power on\natr 3B00\n> 00 A4 04 00 07 F0534149465501 00\n< 6F00 9000\n",
        "--set pin=",
        "> 00200081 {$pin}\n< 9000\n",
        "--set redacted_1=0x",
        "> 80420000 $redacted_1\n# the data was left out\nsw 9000\n",
        "> 00 CA DF 02 00\nlost\n# silence\nreset\n",
    ] {
        assert!(trace.contains(line), "{line} is not in:\n{trace}");
    }
    assert_eq!(refused(Format::Recording, "> 00\nnonsense\n").0, 2);
    assert_eq!(refused(Format::Recording, "< 9000\n").0, 1);
}

#[test]
fn a_log_without_a_command_is_not_one_of_that_tool() {
    let (line, column, why) = refused(Format::GlobalPlatformPro, "00A4040000\n00CA000000\n");
    assert!((line, column) == (1, 1) && why.contains("gp -d"), "{why}");
    assert!(why.contains("--from"), "{why}");
    assert_eq!(trace_of(Format::Scriptor, "# only a comment\n"), "# only a comment\n");
}
