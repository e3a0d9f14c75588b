//! Answers to reset (ISO/IEC 7816-3 section 8.2; historical bytes ISO/IEC 7816-4 section 12.1.1).

use super::Told;

pub(super) fn explain(bytes: &[u8]) -> Told {
    let mut told = Told::bytes("answer to reset", bytes);
    if read(bytes, &mut told).is_none() {
        told.push(Told::new("cut short", "an interface or historical byte is missing"));
    }
    told
}

/// At most so many rounds of interface bytes: an answer has 33 bytes.
const MAX_ROUNDS: usize = 8;

fn read(bytes: &[u8], told: &mut Told) -> Option<()> {
    let (&[first, format], mut rest) = bytes.split_first_chunk::<2>()?;
    told.push(Told::new(
        format!("TS {first:02X}"),
        match first {
            0x3B => "direct convention",
            0x3F => "inverse convention",
            _ => "no convention: not an answer to reset",
        },
    ));
    let historical_bytes = usize::from(format & 0x0F);
    told.push(Told::new(
        format!("T0 {format:02X}"),
        format!("{historical_bytes} historical bytes"),
    ));
    let mut next = format >> 4;
    let mut protocols = Vec::new();
    for round in 1..=MAX_ROUNDS {
        for (bit, name) in [(1, 'A'), (2, 'B'), (4, 'C')] {
            if next & bit != 0 {
                let (byte, after) = rest.split_first()?;
                let protocol = protocols.last().copied();
                let title = format!("T{name}{round} {byte:02X}");
                told.push(Told::new(title, interface(name, round, *byte, protocol)));
                rest = after;
            }
        }
        if next & 8 == 0 {
            break;
        }
        let (byte, after) = rest.split_first()?;
        told.push(Told::new(format!("TD{round} {byte:02X}"), format!("T={}", byte & 0x0F)));
        protocols.push(byte & 0x0F);
        next = byte >> 4;
        rest = after;
    }
    let (historical, rest) = rest.split_at_checked(historical_bytes)?;
    if !historical.is_empty() {
        told.push(historical_told(historical));
    }
    told.extend(check(bytes, rest, &protocols));
    Some(())
}

fn interface(name: char, round: usize, byte: u8, protocol: Option<u8>) -> String {
    match (name, round, protocol) {
        ('A', 1, _) => format!("Fi and Di: {:X} and {:X}", byte >> 4, byte & 15),
        ('B', 1, _) => "deprecated".to_owned(),
        ('C', 1, _) => format!("extra guard time {byte}"),
        ('A', 2, _) => format!("specific mode, T={}", byte & 15),
        ('C', 2, _) => format!("waiting time of T=0: {byte}"),
        ('A', 3.., Some(1)) => format!("information fields of {byte} bytes"),
        ('B', 3.., Some(1)) => {
            format!("waiting times: block {}, character {}", byte >> 4, byte & 15)
        }
        ('C', 3.., Some(1)) => {
            if byte & 1 == 0 { "check byte: LRC" } else { "check byte: CRC" }.to_owned()
        }
        ('A', 3.., Some(15)) => format!("clock stop and classes: {byte:02X}"),
        _ => String::new(),
    }
}

/// The check byte, which is there unless T=0 alone is.
fn check(bytes: &[u8], rest: &[u8], protocols: &[u8]) -> Vec<Told> {
    let is_needed = protocols.iter().any(|protocol| *protocol != 0);
    match (is_needed, rest) {
        (false, []) => Vec::new(),
        (true, [tck]) => {
            let sum = bytes[1..].iter().fold(0, |sum, byte| sum ^ byte);
            let said = if sum == 0 { "right" } else { "wrong: the bytes do not sum up to 0" };
            vec![Told::new(format!("TCK {tck:02X}"), said)]
        }
        (true, []) => vec![Told::new("TCK", "missing")],
        _ => vec![Told::bytes("more than there should be", rest)],
    }
}

fn historical_told(bytes: &[u8]) -> Told {
    let mut told = Told::bytes("historical bytes", bytes);
    let Some((&category, mut rest)) = bytes.split_first() else { return told };
    match category {
        0x80 => {}
        0x00 => {
            let (objects, status) = rest.split_at(rest.len().saturating_sub(3));
            rest = objects;
            told.push(Told::bytes("status", status));
        }
        _ => return told,
    }
    while let Some((&head, after)) = rest.split_first() {
        let Some((value, after)) = after.split_at_checked(usize::from(head & 0x0F)) else {
            told.push(Told::bytes("not well formed", rest));
            return told;
        };
        told.extend(compact(head >> 4, value));
        rest = after;
    }
    told
}

/// An object in compact form: its tag without the 4 before it.
fn compact(tag: u8, value: &[u8]) -> Vec<Told> {
    let name = match tag {
        1 => "country",
        2 => "issuer identification number",
        3 => "card service data",
        4 => "initial access data",
        5 => "card issuer's data",
        6 => "pre-issuing data",
        7 => "card capabilities",
        8 => "status",
        15 => "application identifier",
        _ => "object",
    };
    let mut told = Told::bytes(name, value);
    match tag {
        3 => told.extend(value.first().into_iter().flat_map(|byte| services(*byte))),
        7 => told.extend(capabilities(value)),
        _ => {}
    }
    vec![told]
}

/// ISO/IEC 7816-4 table 117.
fn services(byte: u8) -> Vec<Told> {
    let all = [(0x80, "selection by full name"), (0x40, "selection by partial name")];
    let said = all.iter().filter(|(bit, _)| byte & bit != 0);
    said.map(|(_, name)| Told::new(*name, "")).collect()
}

/// ISO/IEC 7816-4 tables 118 to 120.
fn capabilities(value: &[u8]) -> Vec<Told> {
    let mut told = Vec::new();
    let mut say = |name: &str| told.push(Told::new(name, ""));
    if let Some(first) = value.first() {
        let all = [(0x80, "selection by full DF name"), (0x40, "selection by partial DF name")];
        all.iter().filter(|(bit, _)| first & bit != 0).for_each(|(_, name)| say(name));
    }
    if let Some(third) = value.get(2) {
        let all = [
            (0x80, "command chaining"),
            (0x40, "extended Lc and Le"),
            (0x20, "extended length information"),
        ];
        all.iter().filter(|(bit, _)| third & bit != 0).for_each(|(_, name)| say(name));
        let channels = match third & 7 {
            7 => "8 or more logical channels".to_owned(),
            count => format!("{} logical channels", count + 1),
        };
        say(&channels);
    }
    told
}
