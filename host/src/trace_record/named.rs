//! A command as a line of a trace: by name where that says the same bytes, else in hex.

use super::secrets::Part;
use saifu_trace::commands::by_header;
use saifu_wire::apdu::Command;

/// The bytes of CLA, INS, P1 and P2.
const HEADER_BYTES: usize = 4;

/// The most data bytes of a command with short length fields.
const MAX_SHORT_DATA: usize = 255;

/// The most that short length fields ask for.
const MAX_SHORT_LE: usize = 256;

/// The line that sends a command, `parts` in the place of its data; by name if that is wanted
/// and the name says the same bytes.
pub(super) fn line(
    bytes: &[u8],
    parsed: Option<&Command<'_>>,
    parts: &[Part],
    by_name: bool,
) -> String {
    let named = || parsed.filter(|command| command.to_bytes() == bytes).and_then(name);
    let words = match by_name.then(named).flatten() {
        Some(words) => join(words, parts.iter().map(part)),
        None => in_hex(bytes, parsed, parts),
    };
    format!("> {words}")
}

/// Bytes as they stand in a trace.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02X}")).collect::<Vec<_>>().join(" ")
}

/// The name of a command, and what differs from what the name says.
fn name(command: &Command<'_>) -> Option<String> {
    let &Command { cla, ins, p1, p2, data, le, extended } = command;
    let usual = by_header(&[cla, ins, p1, p2])?;
    let mut words = vec![usual.name.to_owned()];
    for (key, value, usual) in [
        ("cla", cla, usual.cla),
        ("ins", ins, usual.ins),
        ("p1", p1, usual.p1),
        ("p2", p2, usual.p2),
    ] {
        if value != usual {
            words.push(format!("{key}={value:02X}"));
        }
    }
    let usual_le = usual.le.and_then(|le| usize::try_from(le).ok());
    match le {
        le if le == usual_le => {}
        Some(le) => words.push(format!("le={le}")),
        None => words.push("le=none".into()),
    }
    let needed = data.len() > MAX_SHORT_DATA || le.is_some_and(|le| le > MAX_SHORT_LE);
    if extended && !needed {
        words.push("extended".into());
    }
    Some(words.join(" "))
}

fn part(part: &Part) -> String {
    match part {
        Part::Bytes(bytes) => hex(bytes),
        Part::Variable(name) => format!("${name}"),
        Part::Counted(name) => format!("{{${name}}}"),
    }
}

/// A command's bytes; where a variable stands for some of them, its length counts itself.
fn in_hex(bytes: &[u8], parsed: Option<&Command<'_>>, parts: &[Part]) -> String {
    if matches!(parts, [] | [Part::Bytes(_)]) {
        return hex(bytes);
    }
    let header = hex(bytes.get(..HEADER_BYTES).unwrap_or(bytes));
    let data = join(String::new(), parts.iter().map(part));
    // One whose lengths lie has no length field of its own.
    let Some(command) = parsed else { return format!("{header} {data}") };
    let length = match (command.extended, command.data.len()) {
        (true, ..=MAX_SHORT_DATA) => " 00 00",
        _ => "",
    };
    let le_at = bytes.len() - le_bytes(command);
    join(format!("{header}{length} {{{data}}}"), [hex(&bytes[le_at..])].into_iter())
}

fn le_bytes(command: &Command<'_>) -> usize {
    match (command.le, command.extended) {
        (None, _) => 0,
        (Some(_), false) => 1,
        (Some(_), true) => 2,
    }
}

fn join(first: String, others: impl Iterator<Item = String>) -> String {
    let words = [first].into_iter().chain(others).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(bytes: &[u8], by_name: bool) -> String {
        let parsed = Command::parse(bytes).ok();
        let data = parsed.map_or(&[][..], |command| command.data);
        let parts = if data.is_empty() { Vec::new() } else { vec![Part::Bytes(data.to_vec())] };
        line(bytes, parsed.as_ref(), &parts, by_name)
    }

    #[test]
    fn a_name_stands_where_it_says_the_same_bytes() {
        for (bytes, want) in [
            ("00A4040002F00100", "> SELECT F0 01"),
            ("00A4040002F001", "> SELECT le=none F0 01"),
            ("00A4040C02F00100", "> SELECT p2=0C F0 01"),
            ("00CADF0200", "> GET DATA p1=DF p2=02"),
            ("01CADF0208", "> GET DATA cla=01 p1=DF p2=02 le=8"),
            ("00CADF02000000", "> GET DATA p1=DF p2=02 le=65536"),
            ("00CADF02000100", "> GET DATA p1=DF p2=02 extended"),
            ("8042000000000301020300C8", "> DECRYPT le=200 extended 01 02 03"),
        ] {
            assert_eq!(open(&::hex::decode(bytes).unwrap(), true), want);
        }
    }

    #[test]
    fn what_has_no_name_or_is_wanted_so_stands_in_hex() {
        assert_eq!(open(&[0x00, 0x38, 0, 0], true), "> 00 38 00 00");
        assert_eq!(open(&[0x00, 0xA4, 4], true), "> 00 A4 04");
        let lies = [0x00, 0xA4, 4, 0, 9, 1];
        assert_eq!(open(&lies, true), "> 00 A4 04 00 09 01");
        assert_eq!(open(&[0x00, 0xCA, 0xDF, 2, 0], false), "> 00 CA DF 02 00");
    }

    #[test]
    fn a_variable_in_hex_counts_itself() {
        let parts = [Part::Bytes(vec![0x7E]), Part::Counted("pin".into())];
        for (bytes, want) in [
            ("002C0081047E02313200", "> 00 2C 00 81 {7E {$pin}} 00"),
            ("002C0081047E023132", "> 00 2C 00 81 {7E {$pin}}"),
            ("002C00810000047E0231320100", "> 00 2C 00 81 00 00 {7E {$pin}} 01 00"),
        ] {
            let bytes = ::hex::decode(bytes).unwrap();
            let parsed = Command::parse(&bytes).ok();
            assert_eq!(line(&bytes, parsed.as_ref(), &parts, false), want);
        }
    }
}
