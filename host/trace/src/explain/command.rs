//! A command: header, lengths, data.

use super::{Application, Told, class, data, is_our_name, parameters, secret};
use crate::commands::{self, Origin};
use saifu_wire::apdu::Command;
use saifu_wire::ins::Ins;

/// A command that was sent.
#[derive(Debug, Clone)]
pub(super) struct Sent {
    pub(super) header: [u8; 4],
    /// How many of the header's bytes there were.
    header_bytes: usize,
    body: Result<Body, String>,
}

#[derive(Debug, Clone)]
struct Body {
    data: Vec<u8>,
    le: Option<usize>,
    is_extended: bool,
}

/// A fourth byte and more than that is a header with a body.
const HEADER_BYTES: usize = 4;
const SELECT: u8 = 0xA4;
const BY_NAME: u8 = 0x04;
const GET_RESPONSE: u8 = 0xC0;

impl Sent {
    pub(super) fn new(bytes: &[u8]) -> Self {
        let mut header = [0; HEADER_BYTES];
        let header_bytes = bytes.len().min(HEADER_BYTES);
        header[..header_bytes].copy_from_slice(&bytes[..header_bytes]);
        let body = match Command::parse(bytes) {
            Ok(Command { data, le, extended, .. }) => {
                Ok(Body { data: data.to_vec(), le, is_extended: extended })
            }
            // A SIM card's commands have a fifth byte in any case.
            Err(_) if bytes.len() == HEADER_BYTES + 1 => {
                Ok(Body { data: Vec::new(), le: None, is_extended: false })
            }
            Err(wrong) => Err(format!("{} bytes behind the header: {wrong}", body_bytes(bytes))),
        };
        Self { header, header_bytes, body }
    }

    pub(super) fn is_get_response(&self) -> bool {
        self.header_bytes == HEADER_BYTES && self.header[1] == GET_RESPONSE
    }

    /// The data field.
    pub(super) fn data(&self) -> &[u8] {
        self.body.as_ref().map_or(&[], |body| &body.data)
    }

    /// Ours, where the class fits.
    pub(super) fn ours(&self) -> Option<Ins> {
        let [cla, ins, ..] = self.header;
        let proprietary = cla & 0x80 != 0;
        let ins = Ins::find(proprietary, ins)?;
        let only_certificates = ins != Ins::VerifyCertificate || self.header[2..] == [0x00, 0xBE];
        (cla != 0xFF && only_certificates).then_some(ins)
    }

    /// What answers from now on, once this command was answered so.
    pub(super) fn selects(&self, status: [u8; 2], before: Application) -> Application {
        let is_select = self.header[1..3] == [SELECT, BY_NAME] && self.header[0] & 0x80 == 0;
        let is_done = matches!(status, [0x90, _] | [0x61..=0x63, _]);
        match is_select && is_done && !self.data().is_empty() {
            true if is_our_name(self.data()) => Application::Ours,
            true => Application::Another,
            false => before,
        }
    }

    fn is_secret(&self) -> bool {
        secret::is_secret(self.header[0], self.header[1])
    }
}

fn body_bytes(bytes: &[u8]) -> usize {
    bytes.len().saturating_sub(HEADER_BYTES)
}

/// The bytes of a command as they may be shown: of a secret one, the header.
pub(super) fn shown(bytes: &[u8]) -> String {
    let [cla, ins, ..] = bytes else { return hex::encode_upper(bytes) };
    let secret = bytes.len() > HEADER_BYTES && secret::is_secret(*cla, *ins);
    match secret {
        true => format!("{}[secret]", hex::encode_upper(&bytes[..HEADER_BYTES])),
        false => hex::encode_upper(bytes),
    }
}

pub(super) fn explain(sent: &Sent, is_ours: bool) -> Told {
    let header = sent.header;
    if sent.header_bytes < HEADER_BYTES {
        let what = format!("{} bytes: a command has at least 4", sent.header_bytes);
        return Told::new("no command", what);
    }
    let mut told = Told::new(name(sent, is_ours), origin(sent, is_ours));
    told.push(class::explain(header[0]));
    if header[0] != 0xFF {
        told.extend(parameters::explain(sent, is_ours));
    }
    match &sent.body {
        Err(wrong) => told.push(Told::new("lengths", wrong)),
        Ok(body) => {
            told.push(lengths(body));
            told.extend(field(sent, &body.data, is_ours));
        }
    }
    told
}

fn name(sent: &Sent, is_ours: bool) -> String {
    match commands::by_header(&sent.header) {
        Some(command) if is_ours || !matches!(command.origin, Origin::Saifu(_)) => {
            command.name.to_owned()
        }
        _ => format!("INS {:02X}", sent.header[1]),
    }
}

fn origin(sent: &Sent, is_ours: bool) -> String {
    match commands::by_header(&sent.header) {
        Some(command) if is_ours || !matches!(command.origin, Origin::Saifu(_)) => {
            match sent.ours().filter(|_| is_ours) {
                Some(ins) if !matches!(command.origin, Origin::Saifu(_)) => {
                    format!("{}, apdu-spec.md {}", command.origin, ins.section())
                }
                _ => command.origin.to_string(),
            }
        }
        _ => "not known".to_owned(),
    }
}

/// Lc and Le, and which of the standard's cases it is (ISO/IEC 7816-3 section 12.1).
fn lengths(body: &Body) -> Told {
    let case = match (body.data.is_empty(), body.le) {
        (true, None) => "case 1".to_owned(),
        (true, Some(_)) => format!("case 2{}", form(body)),
        (false, None) => format!("case 3{}", form(body)),
        (false, Some(_)) => format!("case 4{}", form(body)),
    };
    let lc = match body.data.len() {
        0 => "no data".to_owned(),
        count => format!("{count} bytes of data"),
    };
    let le = match body.le {
        None => "none asked for".to_owned(),
        Some(le) => format!("at most {le} asked for"),
    };
    Told::new("lengths", format!("{lc}, {le} ({case})"))
}

fn form(body: &Body) -> &'static str {
    if body.is_extended { ", extended" } else { ", short" }
}

fn field(sent: &Sent, bytes: &[u8], is_ours: bool) -> Vec<Told> {
    if bytes.is_empty() && sent.header[1] != 0x20 {
        return Vec::new();
    }
    if class::is_protected(sent.header[0]) && !data::is_readable_under_mac(sent) {
        return vec![Told::bytes("protected data", bytes)];
    }
    if class::is_chained(sent.header[0]) && !sent.is_secret() {
        return vec![Told::bytes("a part of the data", bytes)];
    }
    data::explain(sent, bytes, is_ours)
}
