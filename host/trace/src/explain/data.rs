//! The data field of a command.

use super::command::Sent;
use super::{Told, layout, secret, signed, standard, tlv};
use saifu_wire::Wire;
use saifu_wire::codec::Fields;
use saifu_wire::ins::Ins;
use saifu_wire::personalise::InitialiseRequest;
use saifu_wire::request::{
    ChallengeRequest, LicenceRef, PayRequest, PurseRef, SegmentRange, TokenRef, UnblockRequest,
    parse_change_pin, parse_segments,
};
use saifu_wire::stream::{HEADER_BYTES, Header};

/// Whether a command under a MAC has data that anybody can read: the one that opens a channel.
pub(super) fn is_readable_under_mac(sent: &Sent) -> bool {
    sent.header[..2] == [0x84, 0x82]
}

pub(super) fn explain(sent: &Sent, bytes: &[u8], is_ours: bool) -> Vec<Told> {
    let [cla, ins, ..] = sent.header;
    if let Some(told) = sent.ours().filter(|_| is_ours).and_then(|ins| of_ours(ins, sent, bytes)) {
        return told;
    }
    if secret::is_secret(cla, ins) {
        return vec![Told::new("secret", secret::pin(bytes))];
    }
    standard::command(sent, bytes).unwrap_or_else(|| tlv::or_bytes("data", bytes))
}

/// apdu-spec.md section 6; `None` where the standard's own words do.
fn of_ours(ins: Ins, sent: &Sent, bytes: &[u8]) -> Option<Vec<Told>> {
    let p1 = sent.header[2];
    Some(match ins {
        Ins::InternalAuthenticate => vec![Told::bytes("nonce", bytes)],
        Ins::ChangeReferenceData => change_pin(bytes),
        Ins::ResetRetryCounter => unblock(bytes),
        Ins::OpenAccount
        | Ins::LoadLicence
        | Ins::Acknowledge
        | Ins::Credit
        | Ins::Void
        | Ins::SetTime
        | Ins::Terminate => vec![signed::explain(bytes)],
        Ins::GetLicence
        | Ins::DeleteLicence
        | Ins::Release
        | Ins::Cancel
        | Ins::ListContents
        | Ins::DeleteContent => layout::whole::<LicenceRef>("LicenceRef", bytes),
        Ins::Debit | Ins::Hold => layout::whole::<PayRequest>("PayRequest", bytes),
        Ins::GetToken => layout::whole::<TokenRef>("TokenRef", bytes),
        Ins::OpenStream => stream::<LicenceRef>("LicenceRef", bytes),
        Ins::Decrypt => segments(bytes),
        Ins::StoreContent if p1 == 0 => stream::<LicenceRef>("LicenceRef", bytes),
        Ins::StoreContent => segments(bytes),
        Ins::HandBack if p1 == 0 => layout::whole::<LicenceRef>("LicenceRef", bytes),
        Ins::ReadContent | Ins::HandBack => layout::whole::<SegmentRange>("SegmentRange", bytes),
        Ins::GetBalance => vec![Told::bytes("center", bytes)],
        Ins::GetCreditChallenge => layout::whole::<ChallengeRequest>("ChallengeRequest", bytes),
        Ins::Expire => layout::whole::<PurseRef>("PurseRef", bytes),
        // The tags of what it carries are known, the PIN's too; what has none may be a key.
        Ins::StoreData => return tlv::tree(bytes, &[]).ok(),
        Ins::Initialise => layout::whole::<InitialiseRequest>("InitialiseRequest", bytes),
        _ => return None,
    })
}

fn change_pin(bytes: &[u8]) -> Vec<Told> {
    match parse_change_pin(bytes) {
        Ok((old, new)) => {
            vec![Told::new("old PIN", secret::pin(old)), Told::new("new PIN", secret::pin(new))]
        }
        Err(_) => vec![Told::new("secret", format!("{} bytes, not well formed", bytes.len()))],
    }
}

/// What is no such request may be another card's: the code that unblocks a PIN.
fn unblock(bytes: &[u8]) -> Vec<Told> {
    match UnblockRequest::from_bytes(bytes) {
        Ok(_) => layout::whole::<UnblockRequest>("UnblockRequest", bytes),
        Err(_) => vec![Told::new("secret", format!("{} bytes, not well formed", bytes.len()))],
    }
}

/// A layout, and behind it the header of a stream.
fn stream<T: Fields>(structure: &str, bytes: &[u8]) -> Vec<Told> {
    let (mut told, rest) = layout::beginning::<T>(structure, bytes);
    if !rest.is_empty() {
        told.extend(header(rest));
    }
    told
}

/// The header of a stream (apdu-spec.md section 13.1).
pub(super) fn header(bytes: &[u8]) -> Vec<Told> {
    let Some(Ok(header)) = bytes.get(..HEADER_BYTES).map(Header::from_bytes) else {
        return vec![Told::bytes("header of a stream, not well formed", bytes)];
    };
    let parts = vec![
        Told::new("segment bytes", header.segment_bytes.to_string()),
        Told::new("content", header.content.to_string().to_ascii_uppercase()),
        Told::new("content version", header.content_version.to_string()),
        Told::new("total bytes", header.total_bytes.to_string()),
        Told::new("segments", header.segment_count().to_string()),
        Told::bytes("salt", &header.salt),
    ];
    vec![Told::with("header of a stream", parts)]
}

fn segments(bytes: &[u8]) -> Vec<Told> {
    match parse_segments(bytes) {
        Ok((first, segments)) => vec![
            Told::new("first segment", first.to_string()),
            Told::new("segments", format!("{} bytes", segments.len())),
        ],
        Err(_) if bytes.is_empty() => Vec::new(),
        Err(_) => vec![Told::bytes("not well formed", bytes)],
    }
}
