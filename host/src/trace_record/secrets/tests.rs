use super::*;

/// What stands for the data of a command, as a trace has it.
fn told(secrets: &mut Secrets, command: &[u8]) -> String {
    let parsed = Command::parse(command).ok();
    let data = secrets.command(command, parsed.as_ref());
    let part = |part: Part| match part {
        Part::Bytes(bytes) => hex::encode_upper(bytes),
        Part::Variable(name) => format!("${name}"),
        Part::Counted(name) => format!("{{${name}}}"),
    };
    data.parts.into_iter().map(part).collect::<Vec<_>>().join(" ")
}

fn short(header: [u8; 4], data: &[u8]) -> Vec<u8> {
    [&header[..], &[data.len() as u8], data].concat()
}

#[test]
fn a_pin_has_one_name_wherever_it_comes_and_another_pin_another() {
    let mut secrets = Secrets::default();
    let verify = [0x00, 0x20, 0x00, 0x81];
    assert_eq!(told(&mut secrets, &short(verify, b"1234")), "$pin");
    assert_eq!(told(&mut secrets, &short(verify, b"0000")), "$pin2");
    assert_eq!(told(&mut secrets, &short(verify, b"1234")), "$pin");
    let change = [0x00, 0x24, 0x00, 0x81];
    assert_eq!(told(&mut secrets, &short(change, b"\x041234567890")), "{$pin} $pin3");
    assert_eq!(told(&mut secrets, &short(change, b"00005555")), "$pin2 $pin4");
    let padded = b"99\xFF\xFF\xFF\xFF\xFF\xFF77\xFF\xFF\xFF\xFF\xFF\xFF";
    assert_eq!(told(&mut secrets, &short(change, padded)), "$pin5 $pin6");
    let unknown = b"abcdefgh";
    assert_eq!(told(&mut secrets, &short(change, unknown)), "$pin7", "where it is, nobody knows");
    let reset = [0x00, 0x2C, 0x00, 0x81];
    let order = [&[0x7E; 80][..], b"\x041234"].concat();
    assert_eq!(told(&mut secrets, &short(reset, &order)), "7E".repeat(80) + " {$pin}");
    assert_eq!(told(&mut secrets, &short(reset, b"8888888800000000")), "$pin8");
    let counted = b"\x0888888888\x041234";
    assert_eq!(told(&mut secrets, &short(reset, counted)), "$pin9", "its beginning is a PUK");
}

#[test]
fn a_question_about_a_pin_has_none() {
    assert_eq!(told(&mut Secrets::default(), &[0x00, 0x20, 0x00, 0x81]), "");
}

#[test]
fn a_pin_in_a_command_whose_lengths_lie_is_not_shown() {
    let torn = [0x00, 0x20, 0x00, 0x81, 0x08, b'1', b'2', b'3', b'4'];
    assert_eq!(told(&mut Secrets::default(), &torn), "$secret1");
}

#[test]
fn keys_are_not_shown_and_what_is_deciphered_or_signed_is() {
    let mut secrets = Secrets::default();
    for (header, want) in [
        ([0x80, 0xD8, 0x00, 0x81], "$secret1"),
        ([0x00, 0xDA, 0x00, 0xD3], "$secret2"),
        ([0x00, 0x2A, 0x80, 0x86], "0102"),
        ([0x00, 0x2A, 0x9E, 0x9A], "0102"),
        ([0x00, 0x2A, 0x00, 0xBE], "0102"),
        ([0x00, 0x2A, 0x86, 0x80], "$secret3"),
        ([0x80, 0x42, 0x00, 0x00], "0102"),
        ([0x00, 0x88, 0x00, 0x81], "0102"),
        ([0x00, 0xA4, 0x04, 0x00], "0102"),
    ] {
        assert_eq!(told(&mut secrets, &short(header, &[1, 2])), want, "{header:02X?}");
    }
}

#[test]
fn of_an_answer_only_what_tells_nothing_is_shown() {
    for (header, bytes, want) in [
        ([0x80, 0x42, 0x00, 0x00], 4_096, Shown::Digest),
        ([0x80, 0x42, 0x00, 0x00], 15, Shown::Length),
        ([0x80, 0x44, 0x00, 0x00], 16, Shown::Digest),
        ([0x00, 0x2A, 0x80, 0x86], 16, Shown::Length),
        ([0x00, 0x88, 0x00, 0x81], 40, Shown::Length),
        ([0x00, 0xC2, 0x00, 0x00], 40, Shown::Nothing),
        ([0x00, 0x20, 0x00, 0x81], 0, Shown::All),
        ([0x00, 0xCA, 0xDF, 0x02], 40, Shown::All),
    ] {
        let mut secrets = Secrets::default();
        told(&mut secrets, &short(header, &[1]));
        assert_eq!(secrets.answer(bytes), want, "{header:02X?}");
    }
}

#[test]
fn what_get_response_fetches_is_as_secret_as_the_answer_it_belongs_to() {
    let mut secrets = Secrets::default();
    let shown = |secrets: &mut Secrets, command: &[u8]| {
        told(secrets, command);
        secrets.answer(64)
    };
    let (decrypt, rest) = ([0x80, 0x42, 0, 0, 1, 9], [0x00, 0xC0, 0, 0, 0]);
    assert_eq!(shown(&mut secrets, &decrypt), Shown::Digest);
    assert_eq!(shown(&mut secrets, &rest), Shown::Digest);
    assert_eq!(shown(&mut secrets, &[0x01, 0xCA, 0, 0, 0]), Shown::All);
    assert_eq!(shown(&mut secrets, &rest), Shown::Digest, "channel 0's");
    assert_eq!(shown(&mut secrets, &[0x01, 0xC0, 0, 0, 0]), Shown::All);
    assert_eq!(shown(&mut secrets, &[0xFF, 0xC0, 0, 0, 0]), Shown::Digest, "it may be any's");
    assert_eq!(shown(&mut secrets, &[0x00, 0xCA, 0, 0, 0]), Shown::All);
    assert_eq!(shown(&mut Secrets::default(), &rest), Shown::All);
}
