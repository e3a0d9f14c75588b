//! The data of an answer.

use super::command::Sent;
use super::{Told, class, data, layout, secret, signed, tags, tlv};
use saifu_wire::answer::{
    Balances, CONTENTS_PER_LIST, CardStatus, CenterKey, ContentMemory, ContentState, DataObject,
    EXTENDED_LENGTH, LICENCES_PER_LIST, LicenceState, OutboxEntry, StreamOpened,
};
use saifu_wire::ins::Ins;
use saifu_wire::personalise::Limits;

pub(super) fn explain(sent: Option<&Sent>, bytes: &[u8], is_ours: bool) -> Vec<Told> {
    let Some(sent) = sent else { return guessed(bytes) };
    if class::is_protected(sent.header[0]) {
        return vec![Told::bytes("protected data", bytes)];
    }
    let ours = sent.ours().filter(|_| is_ours);
    ours.and_then(|ins| of_ours(ins, sent, bytes)).unwrap_or_else(|| of_standard(sent, bytes))
}

/// The answer to a command that is not known.
fn guessed(bytes: &[u8]) -> Vec<Told> {
    if signed::is_one(bytes) { vec![signed::explain(bytes)] } else { tlv::or_bytes("data", bytes) }
}

/// apdu-spec.md section 6.
fn of_ours(ins: Ins, sent: &Sent, bytes: &[u8]) -> Option<Vec<Told>> {
    let [_, _, p1, p2] = sent.header;
    Some(match ins {
        work if secret::is_work(work) => {
            vec![Told::new("plaintext of the work", format!("{} bytes", bytes.len()))]
        }
        Ins::GetData => object(u16::from_be_bytes([p1, p2]), bytes)?,
        Ins::GetChallenge => vec![Told::bytes("challenge", bytes)],
        Ins::LoadLicence => layout::whole::<LicenceState>("LicenceState", bytes),
        Ins::GetLicence if p1 == 1 => {
            layout::list::<LicenceState, LICENCES_PER_LIST>("LicenceState", "licences", bytes)
        }
        Ins::GetLicence => layout::whole::<LicenceState>("LicenceState", bytes),
        Ins::ListOutbox => layout::list::<OutboxEntry, 255>("OutboxEntry", "tokens", bytes),
        Ins::OpenStream => layout::whole::<StreamOpened>("StreamOpened", bytes),
        Ins::HandBack if p1 == 0 => data::header(bytes),
        Ins::HandBack => vec![Told::new("segments", format!("{} bytes", bytes.len()))],
        Ins::ListContents => {
            layout::list::<ContentState, CONTENTS_PER_LIST>("ContentState", "contents", bytes)
        }
        Ins::GetBalance => layout::whole::<Balances>("Balances", bytes),
        Ins::InitializeUpdate => initialize_update(bytes),
        _ if signed::is_one(bytes) => vec![signed::explain(bytes)],
        _ => return None,
    })
}

/// What GET DATA reads of our card (apdu-spec.md section 6.3).
fn object(tag: u16, bytes: &[u8]) -> Option<Vec<Told>> {
    let [high, low] = tag.to_be_bytes();
    if tag == EXTENDED_LENGTH {
        return tlv::tree(bytes, &[u32::from(EXTENDED_LENGTH)]).ok();
    }
    if high != 0xDF {
        return None;
    }
    Some(match DataObject::from_code(low)? {
        DataObject::CardId => vec![Told::bytes("card", bytes)],
        DataObject::Status => layout::whole::<CardStatus>("CardStatus", bytes),
        DataObject::Limits => layout::whole::<Limits>("Limits", bytes),
        DataObject::Root => tlv::or_bytes("root", bytes),
        DataObject::CenterKeys => layout::list::<CenterKey, 255>("CenterKey", "keys", bytes),
        DataObject::ContentMemory => layout::whole::<ContentMemory>("ContentMemory", bytes),
    })
}

fn of_standard(sent: &Sent, bytes: &[u8]) -> Vec<Told> {
    let [cla, ins, p1, p2] = sent.header;
    match (cla & 0x80 != 0, ins) {
        (false, 0x84) => vec![Told::bytes("challenge", bytes)],
        (false, 0x70) => vec![Told::bytes("channel", bytes)],
        (true, 0x50) => initialize_update(bytes),
        (_, 0xCA | 0xCB) => {
            let tag = u32::from(u16::from_be_bytes([p1, p2]));
            let tag = if p1 == 0 { u32::from(p2) } else { tag };
            tlv::or_bytes(tags::name(tag, &[]).unwrap_or("data"), bytes)
        }
        _ => guessed(bytes),
    }
}

/// GlobalPlatform amendment D section 7.1.1: diversification data, key information, challenge,
/// cryptogram and, where challenges are pseudo-random, the sequence counter.
fn initialize_update(bytes: &[u8]) -> Vec<Told> {
    let Some((diversification, rest)) = bytes.split_at_checked(10) else {
        return vec![Told::bytes("not well formed", bytes)];
    };
    let mut told = vec![Told::bytes("diversification data", diversification)];
    let key_bytes = if rest.get(1) == Some(&0x03) { 3 } else { 2 };
    let fields = [("key information", key_bytes), ("card challenge", 8), ("card cryptogram", 8)];
    let mut rest = rest;
    for (name, length) in fields {
        let Some((value, after)) = rest.split_at_checked(length) else {
            told.push(Told::bytes(format!("{name}, not well formed"), rest));
            return told;
        };
        told.push(Told::bytes(name, value));
        rest = after;
    }
    if !rest.is_empty() {
        told.push(Told::bytes("sequence counter", rest));
    }
    told
}
