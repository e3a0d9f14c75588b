//! The issuer's orders: a new PIN, and the end of the card.

use saifu_vsmartcard::personalise::{TestAdministration, Validity};
use saifu_wire::certificate::Date;
use saifu_wire::codec::{Bytes, Wire};
use saifu_wire::ins::Ins;
use saifu_wire::request::{LicenceRef, UnblockRequest};
use saifu_wire::signed::{Closing, Signed};
use saifu_wire::{Nonce, Status};

use crate::script::{LONG, SHORT, Script};

const NEW_PIN: &[u8] = b"2580";

pub(crate) fn tell(script: &mut Script) {
    let issuer = TestAdministration::new().expect("the published key");
    unblock(script, &issuer);
    forget(script);
    end(script, &issuer);
}

fn unblock(script: &mut Script, issuer: &TestAdministration) {
    let day = |year, month, day| Date::new(year, month, day).expect("a day");
    let validity = Validity { effective: day(26, 1, 1), expires: day(46, 12, 31) };
    let certificate = issuer.certificate(validity).expect("a certificate");
    script.part(Ins::VerifyCertificate, "The administration's key, in a chain of two commands.");
    let content = certificate.content();
    let (first, last) = content.split_at(content.len() / 2);
    script.say_bytes(0x9000, &[&[0x10, 0x2A, 0x00, 0xBE, first.len() as u8], first].concat());
    script.say_bytes(0x9000, &[&[0x00, 0x2A, 0x00, 0xBE, last.len() as u8], last].concat());
    let order = issuer.unblock(script.card.id(), 1).expect("an order");
    let (order, new_pin) = (Bytes(order.to_bytes()), Bytes(NEW_PIN.to_vec()));
    let data = UnblockRequest { order, new_pin }.to_bytes();
    script.part(Ins::ResetRetryCounter, "An order and the PIN `2580`; it is good once.");
    script.say(0x00, 0x81, &data, None);
    script.say_for(Status::ConditionsNotSatisfied as u16, 0x00, 0x81, &data, None);
    script.part(Ins::Verify, "The new PIN.");
    script.say(0x00, 0x81, NEW_PIN, None);
}

fn forget(script: &mut Script) {
    let licence = LicenceRef { center: script.center.id(), number: 1 }.to_bytes();
    script.part(Ins::DeleteLicence, "Forgets the licence; there is none then.");
    script.say(0, 0, &licence, None);
    script.say_for(Status::NotFound as u16, 0, 0, &licence, None);
}

fn end(script: &mut Script, issuer: &TestAdministration) {
    let order = order(script, issuer, false);
    script.part(Ins::Terminate, "The closing of the only center; the card is deactivated.");
    let closing = script.say(0, 0, &order, LONG);
    let closing: Signed<Closing> = Signed::parse(&closing).expect("a closing");
    assert_eq!(closing.message().purses.0.len(), 2);
    let order = self::order(script, issuer, true);
    script.part(Ins::Terminate, "The end of `Km`.");
    script.say(1, 0, &order, None);
    script.part(Ins::Select, "A terminated card.");
    script.say_for(Status::Terminated as u16, 0x04, 0x00, &saifu_wire::applet::AID, SHORT);
}

/// An order for a fresh challenge.
fn order(script: &mut Script, issuer: &TestAdministration, erase: bool) -> Vec<u8> {
    script.part(Ins::GetChallenge, "For the order that names it.");
    let challenge = script.say(0, 0, &[], Some(32));
    let nonce = Nonce(challenge.try_into().expect("32 bytes"));
    issuer.terminate(script.card.id(), nonce, erase).expect("an order").to_bytes()
}
