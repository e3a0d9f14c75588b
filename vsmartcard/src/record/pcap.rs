//! The form that Wireshark opens.
//!
//! ```text
//! file     magic A1B23C4D (times in ns) · version 2.4 · 0 · 0 · snap length · link type 252
//! packet   seconds (4) · nanoseconds (4) · length (4) · length (4) ‖ tags ‖ payload
//! tag      number (2) · length (2) ‖ value, filled up with zeros to a multiple of 4
//!          12 the dissector's name · 33 what the list of packets shows as protocol ·
//!          35 direction (0 to the card, 1 from it) · 0 the end
//! ```
//! The file's numbers are little-endian, the tags' big-endian (`wsutil/exported_pdu_tlvs.h` of
//! Wireshark; IANA-like list of link types at tcpdump.org/linktypes.html).

use std::time::Duration;

use super::recording::Event;

const MAGIC_NANOSECONDS: u32 = 0xA1B2_3C4D;
const VERSION: [u16; 2] = [2, 4];
/// More than the longest packet.
const SNAP_BYTES: u32 = 0x0004_0000;
const LINKTYPE_WIRESHARK_UPPER_PDU: u32 = 252;

const TAG_END: u16 = 0;
const TAG_DISSECTOR: u16 = 12;
const TAG_PROTOCOL_COLUMN: u16 = 33;
const TAG_DIRECTION: u16 = 35;

/// What a column of the list has room for.
const MAX_COLUMN_BYTES: usize = 100;

/// Which way something goes.
#[derive(Clone, Copy)]
enum Way {
    ToCard = 0,
    FromCard = 1,
}

/// Writes the file's header.
pub(super) fn begin(out: &mut Vec<u8>) {
    out.extend(MAGIC_NANOSECONDS.to_le_bytes());
    VERSION.iter().for_each(|part| out.extend(part.to_le_bytes()));
    out.extend([0; 8]);
    out.extend(SNAP_BYTES.to_le_bytes());
    out.extend(LINKTYPE_WIRESHARK_UPPER_PDU.to_le_bytes());
}

/// Writes the packet of an event.
pub(super) fn put(out: &mut Vec<u8>, after_1970: Duration, event: Event<'_>) {
    let (dissector, way, payload) = match event {
        Event::Command(command) => ("iso7816", Way::ToCard, command.bytes),
        Event::Answer(answer) => ("iso7816", Way::FromCard, answer.bytes),
        Event::Atr(atr) => ("iso7816.atr", Way::FromCard, atr),
        Event::Happened(what) => ("data-text-lines", Way::FromCard, what.as_bytes()),
        Event::Comment(what) => ("data-text-lines", Way::ToCard, what.as_bytes()),
    };
    let mut packet = tag(TAG_DISSECTOR, dissector.as_bytes());
    packet.extend(tag(TAG_DIRECTION, &(way as u32).to_be_bytes()));
    if matches!(event, Event::Happened(_) | Event::Comment(_)) {
        // Text has no protocol of its own; so the list of packets tells what happened.
        let shown = &payload[..payload.len().min(MAX_COLUMN_BYTES)];
        packet.extend(tag(TAG_PROTOCOL_COLUMN, shown));
    }
    packet.extend(tag(TAG_END, &[]));
    packet.extend_from_slice(payload);
    // Both hold until 2106.
    let seconds = u32::try_from(after_1970.as_secs()).unwrap_or(u32::MAX);
    let length = u32::try_from(packet.len()).unwrap_or(u32::MAX);
    for field in [seconds, after_1970.subsec_nanos(), length, length] {
        out.extend(field.to_le_bytes());
    }
    out.extend(packet);
}

fn tag(number: u16, value: &[u8]) -> Vec<u8> {
    let length = value.len().next_multiple_of(4);
    let mut tag = [number.to_be_bytes(), (length as u16).to_be_bytes()].concat();
    tag.extend_from_slice(value);
    tag.resize(4 + length, 0);
    tag
}
