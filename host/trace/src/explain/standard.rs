//! Data fields that the standards give a shape.

use super::command::Sent;
use super::{Told, is_our_name, secret, tlv};

/// The data of a command that is not our application's own; `None` where it may be anything.
pub(super) fn command(sent: &Sent, bytes: &[u8]) -> Option<Vec<Told>> {
    let [cla, ins, p1, p2] = sent.header;
    let is_proprietary = cla & 0x80 != 0;
    Some(match (is_proprietary, ins) {
        (false, 0xA4) => vec![selected(p1, bytes)],
        (true, 0xA4) if cla == 0xA0 => vec![Told::bytes("file identifier", bytes)],
        (false, 0x20) => vec![Told::new("secret", secret::pin(bytes))],
        (false, 0x88 | 0x82) => vec![Told::bytes("challenge or cryptogram", bytes)],
        (true, 0x50) => vec![Told::bytes("host challenge", bytes)],
        (true, 0x82) => external_authenticate(bytes),
        (true, 0xE6) => install(p1, bytes),
        (true, 0xF2) => tlv::or_bytes("search criterion", bytes),
        (true, 0xE8) => vec![Told::new("load block", format!("block {p2}, {} bytes", bytes.len()))],
        _ => return None,
    })
}

fn selected(p1: u8, bytes: &[u8]) -> Told {
    let name = match p1 {
        0x04 if is_our_name(bytes) => return Told::bytes("application: Saifu", bytes),
        0x04 => application(bytes),
        0x08 | 0x09 => "path",
        _ => "file identifier",
    };
    Told::bytes(name, bytes)
}

/// Applications that everybody meets, by the beginning of their names.
const APPLICATIONS: [(&[u8], &str); 12] = [
    (&[0xA0, 0x00, 0x00, 0x01, 0x51], "application: GlobalPlatform issuer security domain"),
    (&[0xA0, 0x00, 0x00, 0x00, 0x03, 0x00, 0x00], "application: Visa card manager"),
    (&[0xA0, 0x00, 0x00, 0x03, 0x08], "application: PIV"),
    (&[0xD2, 0x76, 0x00, 0x01, 0x24, 0x01], "application: OpenPGP"),
    (&[0xA0, 0x00, 0x00, 0x06, 0x47], "application: FIDO"),
    (&[0xA0, 0x00, 0x00, 0x05, 0x27, 0x21], "application: OATH"),
    (&[0xA0, 0x00, 0x00, 0x05, 0x27], "application: Yubico"),
    (&[0xA0, 0x00, 0x00, 0x02, 0x47, 0x10, 0x01], "application: travel document (LDS)"),
    (&[0xD2, 0x76, 0x00, 0x00, 0x85, 0x01], "application: NDEF tag"),
    (&[0x32, 0x50, 0x41, 0x59], "application: contactless payment directory"),
    (&[0x31, 0x50, 0x41, 0x59], "application: payment directory"),
    (&[0xA0, 0x00, 0x00, 0x00, 0x63], "application: PKCS #15"),
];

fn application(name: &[u8]) -> &'static str {
    let known = APPLICATIONS.iter().find(|(beginning, _)| name.starts_with(beginning));
    known.map_or("application", |(_, is)| is)
}

/// GlobalPlatform amendment D section 7.1.2.
fn external_authenticate(bytes: &[u8]) -> Vec<Told> {
    match bytes.split_at_checked(8) {
        Some((cryptogram, mac)) => {
            vec![Told::bytes("host cryptogram", cryptogram), Told::bytes("C-MAC", mac)]
        }
        None => vec![Told::bytes("not well formed", bytes)],
    }
}

/// GlobalPlatform 2.3 section 11.5: values with their length before them.
fn install(p1: u8, bytes: &[u8]) -> Vec<Told> {
    let names: &[&str] = match p1 & 0x0E {
        0x02 => &["load file", "security domain", "hash", "load parameters", "load token"],
        0x04 | 0x08 | 0x0C => &[
            "load file",
            "module",
            "application",
            "privileges",
            "install parameters",
            "install token",
        ],
        _ => return vec![Told::bytes("data", bytes)],
    };
    let mut told = Vec::new();
    let mut rest = bytes;
    for name in names {
        let Some((length, after)) = rest.split_first() else { break };
        let Some((value, after)) = after.split_at_checked(usize::from(*length)) else {
            told.push(Told::bytes(format!("{name}, not well formed"), rest));
            return told;
        };
        told.push(Told::bytes(*name, value));
        rest = after;
    }
    if !rest.is_empty() {
        told.push(Told::bytes("more", rest));
    }
    told
}
