use super::*;

const OK: [u8; 2] = [0x90, 0x00];

#[test]
fn a_conversation_becomes_a_trace() {
    let mut script = Script::new();
    script.power();
    script.atr(&[0x3B, 0x00]);
    let mut text = script.head(&Head {
        date: "2026-11-23T00:00:00Z".into(),
        reader: "A \"B\"\n".into(),
        program: Some("gpg".into()),
        card: Some("test seed=\"S\"".into()),
    });
    text += &script.command(&[0x00, 0xA4, 4, 0, 1, 0xF0, 0]);
    text += &script.answer(&[0x6F, 0x00, 0x90, 0x00]);
    text += &script.command(b"\x00\x20\x00\x81\x041234");
    text += &script.answer(&OK);
    script.reset();
    script.atr(&[0x3B, 0x00]);
    text += &script.command(&[0x80, 0x42, 0, 0, 1, 9, 0]);
    text += &script.answer(&[&b"the work of a lifetime"[..], &OK].concat());
    script.power();
    script.reset();
    script.atr(&[0x3B, 0x80, 0x80]);
    text += &script.command(&[0x00, 0xCA, 0xDF, 2, 0]);
    text += &script.lost("pulled");
    let want = "\
        # recorded 2026-11-23T00:00:00Z\n\
        # reader A _B__\n\
        # PINs are variables, other secrets are left out\n\
        card test seed=\"S\"\n\n\
        section 1 \"gpg\"\n\
        atr 3B 00\n\
        > SELECT F0\n\
        < 6F 00 9000\n\
        # $pin: a PIN; a run needs it: --set 'pin=\"...\"'\n\
        > VERIFY $pin\n\
        < 9000\n\n\
        reset\n\
        > DECRYPT 09\n\
        < work1:[22] 9000\n\
        DIGEST\n\
        power cycle\n\
        atr 3B 80 80\n\
        > GET DATA p1=DF p2=02\n\
        lost  # pulled\n";
    let digest = named::hex(&Sha256::digest(b"the work of a lifetime"));
    let digest = settled(&format!("expect sha256($work1) = {digest}\n"));
    assert_eq!(text, want.replace("DIGEST\n", &format!("{digest}\n")));
}

#[test]
fn unredacted_everything_is_there_and_in_hex_without_names() {
    let mut script = Script::new().unredacted().in_hex();
    assert!(script.head(&Head::default()).contains("every secret"));
    assert_eq!(script.command(b"\x00\x20\x00\x81\x041234"), "> 00 20 00 81 04 31 32 33 34\n");
    assert_eq!(script.command(&[0x80, 0x42, 0, 0, 1, 9, 0]), "> 80 42 00 00 01 09 00\n");
    assert_eq!(script.answer(&[7, 0x90, 0x00]), "< 07 9000\n");
}

#[test]
fn what_shows_nothing_still_matches_what_comes() {
    let mut script = Script::new();
    script.command(&[0x00, 0xC2, 0, 0, 1, 9, 0]);
    assert_eq!(script.answer(&[7, 7, 0x90, 0x00]), "< [*] 9000\n");
    script.command(&[0x00, 0x2A, 0x80, 0x86, 1, 9, 0]);
    assert_eq!(script.answer(&[7, 7, 0x90, 0x00]), "< [2] 9000\n");
    assert_eq!(script.answer(&[0x90]), "lost  # an answer without a status word\n");
}

#[test]
fn whatever_passes_the_trace_can_be_read() {
    use saifu_trace::syntax::{Source, parse};
    use std::sync::Arc;
    let mut script = Script::new();
    let mut text = script.head(&Head { reader: "A # \"B\"".into(), ..Head::default() });
    let headers =
        [[0x00, 0x20, 0, 0x81], [0x00, 0x24, 0, 0x81], [0x80, 0xD8, 0, 0], [0x00, 0x38, 0, 0]];
    for header in headers.into_iter().chain([[0x01, 0xCB, 0x3F, 0xFF], [0x90, 0x42, 0, 0]]) {
        for body in ["", "00", "021234", "02123405", "0000021234", "00000212340100", "09", "0000"] {
            let command = [&header[..], &hex::decode(body).unwrap()].concat();
            text += &script.command(&command);
            text += &script.answer(&[&[7; 20][..], &OK].concat());
        }
        script.power();
        text += &script.command(&header[..3]);
        text += &script.lost("# \"why\"");
    }
    let source = Source { path: "-".into(), text };
    parse(Arc::new(source)).unwrap_or_else(|wrong| panic!("{}", wrong[0]));
}
