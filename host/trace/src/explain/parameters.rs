//! P1 and P2.

use super::Told;
use super::command::Sent;
use super::tags;
use crate::commands::{self, Origin};
use saifu_wire::ins::Ins;

pub(super) fn explain(sent: &Sent, is_ours: bool) -> Vec<Told> {
    let [_, ins, p1, p2] = sent.header;
    let name = format!("P1-P2 {p1:02X} {p2:02X}");
    let is_gp = commands::by_header(&sent.header)
        .is_some_and(|command| command.origin == Origin::GlobalPlatform);
    let ours = sent.ours().filter(|_| is_ours).and_then(|ins| of_ours(ins, p1, p2));
    let said = ours.or_else(|| match (sent.header[0] & 0x80 != 0, is_gp) {
        (true, true) => of_global_platform(ins, p1, p2),
        (false, _) => of_standard(ins, p1, p2),
        _ => None,
    });
    match said {
        Some(said) => vec![Told::new(name, said)],
        None => vec![Told::new(name, "")],
    }
}

/// Of our own commands: apdu-spec.md section 6.
fn of_ours(ins: Ins, p1: u8, p2: u8) -> Option<String> {
    let said = match (ins, p1, p2) {
        (Ins::GetLicence, 0, _) => "one licence",
        (Ins::GetLicence, 1, _) => "the licences from this number on",
        (Ins::LoadLicence, 0, _) => "its key is opened at once",
        (Ins::LoadLicence, 1, _) => "its key is kept as it came",
        (Ins::OpenStream, 0, _) => "the terminal brings the segments",
        (Ins::OpenStream, 1, _) => "from the content memory",
        (Ins::Decrypt, 0, _) => "only answered",
        (Ins::Decrypt, 1, _) => "answered and stored",
        (Ins::StoreContent, 0, _) => "begins",
        (Ins::StoreContent, 1, _) => "segments",
        (Ins::StoreContent, 2, _) => "all segments are there",
        (Ins::HandBack, 0, _) => "the header",
        (Ins::HandBack, 1, _) => "segments",
        (Ins::DeleteContent, 0, _) => "the plain form",
        (Ins::DeleteContent, 1, _) => "the double form",
        (Ins::Terminate, 0, center) => {
            return Some(format!("closes; the closing of center {center}"));
        }
        (Ins::Terminate, 1, _) => "erases the master key for ever",
        (Ins::GenerateKeyPair, 0x80, 1) => "the encryption key",
        (Ins::GenerateKeyPair, 0x80, 2) => "the signature key",
        (Ins::InitializeUpdate, version, _) => return Some(format!("key version {version:02X}")),
        (Ins::Verify | Ins::ChangeReferenceData | Ins::ResetRetryCounter, 0, 0x81) => "the PIN",
        _ => return None,
    };
    Some(said.to_owned())
}

/// ISO/IEC 7816-4 section 11.
fn of_standard(ins: u8, p1: u8, p2: u8) -> Option<String> {
    match ins {
        0xA4 => Some(select(p1, p2)),
        0xB0 | 0xD0 | 0xD6 | 0x0E => Some(binary(p1, p2)),
        0xB2 | 0xDC | 0xD2 => Some(record(p1, p2)),
        0xCA | 0xCB | 0xDA | 0xDB => Some(object(p1, p2)),
        0x20 | 0x21 | 0x24 | 0x2C | 0x26 | 0x28 => Some(password(p2)),
        0x70 => Some(channel(p1, p2)),
        0x22 => Some(environment(p1, p2)),
        0x88 | 0x82 | 0x86 | 0x87 => Some(match (p1, p2) {
            (0, 0) => "algorithm and key are known".to_owned(),
            _ => format!("algorithm {p1:02X}, key {p2:02X}"),
        }),
        _ => None,
    }
}

fn select(p1: u8, p2: u8) -> String {
    let how = match p1 {
        0x00 => "by file identifier",
        0x01 => "a DF below the current one",
        0x02 => "an EF in the current DF",
        0x03 => "the DF above the current one",
        0x04 => "by name",
        0x08 => "by path from the MF",
        0x09 => "by path from the current DF",
        _ => "in a way the standard does not have",
    };
    let which = ["the first or only", "the last", "the next", "the previous"][usize::from(p2 & 3)];
    let answer = match p2 & 0x0C {
        0x00 => "answers FCI",
        0x04 => "answers FCP",
        0x08 => "answers FMD",
        _ => "answers no data",
    };
    format!("{how}, {which}, {answer}")
}

fn binary(p1: u8, p2: u8) -> String {
    match p1 & 0x80 {
        0 => format!("the current file, from byte {}", u16::from_be_bytes([p1, p2])),
        _ => format!("short file identifier {}, from byte {p2}", p1 & 0x1F),
    }
}

fn record(p1: u8, p2: u8) -> String {
    let file = match p2 >> 3 {
        0 => "the current file".to_owned(),
        number => format!("short file identifier {number}"),
    };
    match p2 & 0x07 {
        4 => format!("record {p1} of {file}"),
        5 => format!("the records from {p1} on of {file}"),
        6 => format!("the records up to {p1} of {file}"),
        way => {
            let which = ["first", "last", "next", "previous"].get(usize::from(way));
            format!("the {} record of {file}", which.unwrap_or(&"last"))
        }
    }
}

fn object(p1: u8, p2: u8) -> String {
    let tag = u32::from(u16::from_be_bytes([p1, p2]));
    let tag = if p1 == 0 { u32::from(p2) } else { tag };
    match tags::name(tag, &[]) {
        Some(name) => format!("{tag:02X}, {name}"),
        None if tag == 0x3FFF => "the current DF: the tag is in the data".to_owned(),
        None => format!("the object {tag:02X}"),
    }
}

fn password(p2: u8) -> String {
    match (p2 & 0x80, p2 & 0x1F) {
        (_, 0) if p2 == 0 => "the password of the card".to_owned(),
        (0, number) => format!("global password {number}"),
        (_, number) => format!("password {number} of the application"),
    }
}

fn channel(p1: u8, p2: u8) -> String {
    match (p1, p2) {
        (0x00, 0) => "opens the next channel that is closed".to_owned(),
        (0x00, number) => format!("opens channel {number}"),
        (0x80, 0) => "closes this channel".to_owned(),
        (0x80, number) => format!("closes channel {number}"),
        _ => "in a way the standard does not have".to_owned(),
    }
}

fn environment(p1: u8, p2: u8) -> String {
    let template = match p2 {
        0xA4 => "authentication",
        0xA6 => "key agreement",
        0xAA => "hashing",
        0xB4 => "checksums",
        0xB6 => "signatures",
        0xB8 => "confidentiality",
        _ => "environment",
    };
    let what = match p1 & 0x0F {
        1 => "sets the template of",
        2 => "stores the environment of",
        3 => "restores the environment of",
        _ => "erases the environment of",
    };
    format!("{what} {template} ({p2:02X})")
}

/// GlobalPlatform Card Specification 2.3 chapter 11.
fn of_global_platform(ins: u8, p1: u8, p2: u8) -> Option<String> {
    Some(match ins {
        0x50 => format!("key version {p1:02X}, key {p2:02X}"),
        0x82 => format!("security level {p1:02X}"),
        0xF2 => {
            let what = match p1 {
                0x80 => "the issuer's security domain",
                0x40 => "applications and security domains",
                0x20 => "load files",
                0x10 => "load files and their modules",
                _ => "something else",
            };
            let which = if p2 & 1 == 0 { "from the beginning" } else { "the next" };
            format!("of {what}, {which}")
        }
        0xF0 => format!(
            "of {}, to state {p2:02X}",
            if p1 == 0x80 { "the card" } else { "an application" }
        ),
        0xE6 => install(p1),
        0xE8 | 0xE2 => {
            let last = if p1 & 0x80 == 0 { "more follow" } else { "the last" };
            format!("block {p2}, {last}")
        }
        0xE4 => if p2 & 0x80 == 0 { "the object" } else { "the object and what belongs to it" }
            .to_owned(),
        0xD8 => match p1 & 0x7F {
            0 => format!("a new key version, from key {:02X} on", p2 & 0x7F),
            version => {
                format!("in the place of key version {version:02X}, from key {:02X} on", p2 & 0x7F)
            }
        },
        0xCA => object(p1, p2),
        _ => return None,
    })
}

fn install(p1: u8) -> String {
    let all = [
        (0x02, "load"),
        (0x04, "install"),
        (0x08, "make selectable"),
        (0x10, "extradition"),
        (0x20, "personalisation"),
        (0x40, "registry update"),
    ];
    let named = all.iter().filter(|(bit, _)| p1 & bit != 0).map(|(_, name)| *name);
    format!("for {}", named.collect::<Vec<_>>().join(" and "))
}
