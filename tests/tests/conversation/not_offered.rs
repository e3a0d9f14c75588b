//! Commands of the specification that this card does not offer yet: what they look like.

use saifu_tests::fixture::{TIME, TestCenter};
use saifu_wire::certificate::Role;
use saifu_wire::codec::{Bytes, Wire};
use saifu_wire::ins::Ins;
use saifu_wire::request::{
    LicenceRef, PayRequest, PurseRef, SegmentRange, UnblockRequest, segments_data,
};
use saifu_wire::signed::{TerminateOrder, TimeOrder, UnblockOrder};
use saifu_wire::{Nonce, stream};

use crate::script::{LONG, SHORT, Script};

/// The holder id of the administration is sixteen times this.
pub(crate) const ADMINISTRATION: u8 = 0xAD;

pub(crate) fn tell(script: &mut Script) {
    let licence = LicenceRef { center: script.center.id(), number: 1 };
    pin_and_licence(script, &licence);
    content(script, &licence);
    value(script, &licence);
    orders(script);
}

/// A part of one command, which the card does not offer.
fn refused(script: &mut Script, ins: Ins, why: &str, p1: u8, data: &[u8], le: Option<usize>) {
    script.part(ins, &format!("{why} Not offered by this card yet."));
    let p2 = if ins == Ins::ResetRetryCounter { 0x81 } else { 0x00 };
    script.say_for(0x6D00, p1, p2, data, le);
}

fn pin_and_licence(script: &mut Script, licence: &LicenceRef) {
    let order = UnblockOrder { signer: 1, card: script.card.id(), sequence: 1 };
    let order = TestCenter::new(ADMINISTRATION).sign(Role::Administration, order);
    let request =
        UnblockRequest { order: Bytes(order.to_bytes()), new_pin: Bytes(b"2580".to_vec()) };
    let data = request.to_bytes();
    refused(script, Ins::ResetRetryCounter, "An unblock order and the PIN `2580`.", 0, &data, None);
    let data = licence.to_bytes();
    refused(script, Ins::DeleteLicence, "Forgets the licence.", 0, &data, None);
}

fn content(script: &mut Script, licence: &LicenceRef) {
    let keys = script.card.keys();
    script.card.take_record();
    let delivery = script.center.deliver(&keys, 1);
    let segments = segments_data(0, &delivery.segments.concat());
    let range = SegmentRange { first: 0, count: 2 }.to_bytes();
    let header = delivery.header.to_bytes();
    assert_eq!(header.len(), stream::HEADER_BYTES);
    let named = licence.to_bytes();
    refused(script, Ins::Decrypt, "Both segments, to be stored as well.", 1, &segments, LONG);
    refused(script, Ins::ReadContent, "Both segments of what was stored.", 0, &range, LONG);
    let begin = [named.clone(), header].concat();
    refused(script, Ins::StoreContent, "Begins to store `Ke[M]`.", 0, &begin, None);
    script.say_for(0x6D00, 1, 0, &segments, None);
    script.say_for(0x6D00, 2, 0, &[], None);
    refused(script, Ins::HandBack, "Header, then segments of `Ke[M]`.", 0, &named, SHORT);
    script.say_for(0x6D00, 1, 0, &range, LONG);
    refused(script, Ins::ListContents, "What is stored, from this licence on.", 0, &named, LONG);
    refused(script, Ins::DeleteContent, "The plain form, then the double one.", 0, &named, None);
    script.say_for(0x6D00, 1, 0, &named, None);
}

fn value(script: &mut Script, licence: &LicenceRef) {
    let pay = PayRequest { licence: licence.clone(), price_index: 0, purse: 1 }.to_bytes();
    refused(script, Ins::Hold, "The price on hold.", 0, &pay, SHORT);
    let named = licence.to_bytes();
    refused(script, Ins::Release, "The hold becomes a payment.", 0, &named, LONG);
    refused(script, Ins::Cancel, "The hold is given back.", 0, &named, SHORT);
    let purse = PurseRef { center: script.center.id(), purse: 1 }.to_bytes();
    refused(script, Ins::Expire, "Writes off what is past its date.", 0, &purse, SHORT);
}

fn orders(script: &mut Script) {
    script.part(Ins::GetChallenge, "For the two orders that name it.");
    let challenge = script.say(0, 0, &[], Some(32));
    let nonce = Nonce(challenge.try_into().expect("32 bytes"));
    let card = script.card.id();
    let order = TimeOrder { center: script.center.id(), signer: 1, card, nonce, time: TIME };
    let order = script.center.sign(Role::Licence, order).to_bytes();
    refused(script, Ins::SetTime, "The center's time, for this session.", 0, &order, None);
    let order = TerminateOrder { signer: 1, card, nonce };
    let order = TestCenter::new(ADMINISTRATION).sign(Role::Administration, order).to_bytes();
    refused(script, Ins::Terminate, "The end of the card.", 0, &order, LONG);
}
