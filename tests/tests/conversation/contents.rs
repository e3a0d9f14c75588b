//! Works that the card keeps: stored as they are played (procedure 1), and as they came
//! (procedure 2).

use saifu_tests::fixture::{Delivery, stored_content};
use saifu_wire::codec::Wire;
use saifu_wire::ins::Ins;
use saifu_wire::request::{LicenceRef, PayRequest, SegmentRange, segments_data};
use saifu_wire::stream::HEADER_BYTES;

use crate::life::NEW_PIN;
use crate::script::{LONG, SHORT, Script};

/// Both segments of every work here.
const BOTH: SegmentRange = SegmentRange { first: 0, count: 2 };

/// The number of the licence that procedure 2 is shown with.
const LATER: u64 = 9;

pub(crate) fn tell(script: &mut Script) {
    at_once(script);
    let delivery = later(script);
    procedure_1_from_there(script, &delivery);
    what_is_stored(script);
}

fn licence(script: &Script, number: u64) -> LicenceRef {
    LicenceRef { center: script.center.id(), number }
}

fn deliver(script: &mut Script, number: u64) -> Delivery {
    let keys = script.card.keys();
    script.card.take_record();
    script.center.deliver(&keys, number)
}

fn at_once(script: &mut Script) {
    let delivery = deliver(script, 1);
    let named = licence(script, 1).to_bytes();
    script.part(Ins::OpenStream, "Licence 1 once more.");
    script.say(0, 0, &[named.clone(), delivery.header.to_bytes()].concat(), SHORT);
    script.part(Ins::Decrypt, "Answered, and stored as well: a segment, then the next.");
    for (index, segment) in (0..).zip(&delivery.segments) {
        script.say(1, 0, &segments_data(index, segment), LONG);
    }
    script.part(Ins::OpenStream, "The stored work.");
    script.say(1, 0, &named, SHORT);
    script.part(Ins::ReadContent, "Both segments of it.");
    assert_eq!(script.say(0, 0, &BOTH.to_bytes(), LONG), stored_content());
}

fn later(script: &mut Script) -> Delivery {
    let delivery = deliver(script, LATER);
    let named = licence(script, LATER).to_bytes();
    script.part(Ins::LoadLicence, "Licence 9, whose key is kept as it came.");
    script.say(1, 0, &delivery.licence.to_bytes(), SHORT);
    script.part(Ins::StoreContent, "`Ke[M]` is stored as it came, and then complete.");
    script.say(0, 0, &[named.clone(), delivery.header.to_bytes()].concat(), None);
    script.say(1, 0, &segments_data(0, &delivery.segments.concat()), None);
    script.say(2, 0, &[], None);
    script.part(Ins::HandBack, "The header; then the segments, as the center sent them.");
    assert_eq!(script.say(0, 0, &named, SHORT).len(), HEADER_BYTES);
    assert_eq!(script.say(1, 0, &BOTH.to_bytes(), LONG), delivery.segments.concat());
    delivery
}

fn procedure_1_from_there(script: &mut Script, delivery: &Delivery) {
    let licence = licence(script, LATER);
    script.part(Ins::Verify, "For one more payment.");
    script.say(0x00, 0x81, NEW_PIN, None);
    let pay = PayRequest { licence: licence.clone(), price_index: 0, purse: 1 };
    script.part(Ins::Debit, "The key is opened, and then the price is paid.");
    let token = script.say(0, 0, &pay.to_bytes(), LONG);
    script.part(Ins::Acknowledge, "The center has booked it.");
    script.say(0, 0, &script.center.receipt(&token, 3).to_bytes(), None);
    script.part(Ins::OpenStream, "What was handed back.");
    script.say(0, 0, &[licence.to_bytes(), delivery.header.to_bytes()].concat(), SHORT);
    script.part(Ins::Decrypt, "Both segments.");
    let segments = segments_data(0, &delivery.segments.concat());
    assert_eq!(script.say(0, 0, &segments, LONG), stored_content());
}

fn what_is_stored(script: &mut Script) {
    script.part(Ins::ListContents, "Two works, each in one form.");
    script.say(0, 0, &licence(script, 0).to_bytes(), LONG);
    script.part(Ins::GetData, "How much room the card has for works, and how much they take.");
    let before = script.say(0xDF, 0x06, &[], SHORT);
    script.part(Ins::DeleteContent, "The plain form of the first; there is none then.");
    let first = licence(script, 1).to_bytes();
    script.say(0, 0, &first, None);
    script.say_for(0x6A88, 0, 0, &first, None);
    script.part(Ins::DeleteContent, "The double form of the other.");
    script.say(1, 0, &licence(script, LATER).to_bytes(), None);
    script.part(Ins::GetData, "All the room is there again.");
    assert_ne!(script.say(0xDF, 0x06, &[], SHORT), before);
}
