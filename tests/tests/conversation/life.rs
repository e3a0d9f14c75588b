//! From the first SELECT of a card in use to a settled sale.

use saifu_tests::fixture::{PIN, TIME, money_purse, stored_content};
use saifu_wire::Nonce;
use saifu_wire::applet::AID;
use saifu_wire::codec::Wire;
use saifu_wire::ins::Ins;
use saifu_wire::request::{
    ChallengeRequest, LicenceRef, PayRequest, PurseRef, TokenRef, change_pin_data, segments_data,
};

use crate::script::{LONG, SHORT, Script};

/// The PIN after CHANGE REFERENCE DATA.
pub(crate) const NEW_PIN: &[u8] = b"4711";

pub(crate) fn tell(script: &mut Script) {
    introductions(script);
    pin(script);
    center_keys(script);
    account(script);
    loads(script);
    let token = payment(script);
    plaintext(script);
    settlement(script, &token);
}

fn introductions(script: &mut Script) {
    script.part(Ins::Select, "The applet of a card in use.");
    script.say(0x04, 0x00, &AID, SHORT);
    script.part(
        Ins::GetData,
        "Certificates, lengths, card id, status, limits, root, and the center keys: none yet.",
    );
    script.say(0x7F, 0x21, &[], LONG);
    for (p1, p2) in [(0x7F, 0x66), (0xDF, 1), (0xDF, 2), (0xDF, 3), (0xDF, 4), (0xDF, 5)] {
        script.say(p1, p2, &[], SHORT);
    }
    script.part(Ins::GetChallenge, "A random number of the card's.");
    script.say(0, 0, &[], Some(32));
    script.part(Ins::InternalAuthenticate, "Is the card the one whose certificates were read?");
    script.say(0, 0, &[0x11; 32], SHORT);
}

fn pin(script: &mut Script) {
    script.part(Ins::Verify, "How many tries are left; a wrong PIN costs one; the right one.");
    script.say_for(0x63C3, 0x00, 0x81, &[], None);
    script.say_for(0x63C2, 0x00, 0x81, b"0000", None);
    script.say(0x00, 0x81, PIN, None);
    script.part(Ins::ChangeReferenceData, "A new PIN, `4711`.");
    script.say(0x00, 0x81, &change_pin_data(PIN, NEW_PIN), None);
    script.part(Ins::Verify, "The old PIN is wrong now, the new one right.");
    script.say_for(0x63C2, 0x00, 0x81, PIN, None);
    script.say(0x00, 0x81, NEW_PIN, None);
}

fn center_keys(script: &mut Script) {
    let certificates = script.center.certificates().map(|certificate| certificate.content());
    let [licence, credit, receipt, payment] = &certificates;
    script.part(
        Ins::VerifyCertificate,
        "The center's licence, credit and receipt keys; then its payment key `Kcp` in a chain of \
         two commands.",
    );
    for certificate in [licence, credit, receipt] {
        script.say(0x00, 0xBE, certificate, None);
    }
    let (first, last) = payment.split_at(255);
    script.say_bytes(0x9000, &[&[0x10, 0x2A, 0x00, 0xBE, 255], first].concat());
    script.say_bytes(0x9000, &[&[0x00, 0x2A, 0x00, 0xBE, last.len() as u8], last].concat());
    script.part(Ins::GetData, "The center keys that the card has now.");
    script.say(0xDF, 0x05, &[], SHORT);
}

fn account(script: &mut Script) {
    let center = script.center;
    script.part(Ins::OpenAccount, "An account with one purse of yen. Event 1 of the chain.");
    let opening = center.opening(script.card.id(), 0, &[money_purse(1)]);
    script.say(0, 0, &opening.to_bytes(), SHORT);
    script.part(Ins::GetBalance, "The purse is empty.");
    script.say(0, 0, &center.id().0, SHORT);
}

fn loads(script: &mut Script) {
    let center = script.center;
    let purse = PurseRef { center: center.id(), purse: 1 };
    let challenge = |nonce| {
        let request = ChallengeRequest { purse: purse.clone(), nonce: Nonce([nonce; 32]) };
        request.to_bytes()
    };
    script
        .part(Ins::GetCreditChallenge, "Where the purse stands, for the center that will load it.");
    script.say(0, 0, &challenge(0x21), SHORT);
    script.part(Ins::Credit, "10,000 yen. Event 2.");
    script.say(0, 0, &center.load(script.card.id(), 1, 1, 10_000).to_bytes(), SHORT);
    script.part(Ins::GetCreditChallenge, "A second load is begun; the challenge carries event 2.");
    script.say(0, 0, &challenge(0x22), LONG);
    script.part(Ins::Void, "It is given up: its credit will never be applied. Event 3.");
    let load = center.load(script.card.id(), 1, 2, 5_000).to_bytes();
    script.say(0, 0, &load, SHORT);
    script.part(Ins::Credit, "The credit is too late now.");
    script.say_for(0x6985, 0, 0, &load, SHORT);
}

fn payment(script: &mut Script) -> Vec<u8> {
    let center = script.center;
    let keys = script.card.keys();
    script.card.take_record();
    let licence = LicenceRef { center: center.id(), number: 1 };
    script.part(Ins::LoadLicence, "A licence for 300 bytes at 300 yen, pay first.");
    script.say(0, 0, &center.deliver(&keys, 1).licence.to_bytes(), SHORT);
    script.part(Ins::GetLicence, "Its state; then all licences from number 0 on.");
    script.say(0, 0, &licence.to_bytes(), SHORT);
    let first = LicenceRef { center: center.id(), number: 0 };
    script.say(1, 0, &first.to_bytes(), SHORT);
    let pay = PayRequest { licence, price_index: 0, purse: 1 }.to_bytes();
    script.part(Ins::Debit, "The VERIFY before was used up by VOID.");
    script.say_for(0x6982, 0, 0, &pay, LONG);
    script.part(Ins::Verify, "The PIN again.");
    script.say(0x00, 0x81, NEW_PIN, None);
    script.part(Ins::Debit, "The price is paid. The token is link 4 of the chain.");
    let token = script.say(0, 0, &pay, LONG);
    let payload = center.open_token(&keys, &token);
    assert_eq!((payload.amount, payload.balance), (300, 9_700));
    script.part(Ins::GetToken, "The same token from the outbox, as much as a short Le allows.");
    let reference = TokenRef { center: center.id(), counter: 4 }.to_bytes();
    let mut again = script.say_for(0x6100, 0, 0, &reference, SHORT);
    script.part(Ins::GetResponse, "The rest of it.");
    again.extend(script.say_for(0x6181, 0, 0, &[], SHORT));
    again.extend(script.say(0, 0, &[], Some(0x81)));
    assert_eq!(again, token);
    script.part(Ins::ListOutbox, "One token waits for its receipt.");
    script.say(0, 0, &[], SHORT);
    token
}

fn plaintext(script: &mut Script) {
    let center = script.center;
    let keys = script.card.keys();
    script.card.take_record();
    let delivery = center.deliver(&keys, 1);
    let licence = LicenceRef { center: center.id(), number: 1 };
    script.part(Ins::OpenStream, "The header of the delivery: segments of 256 bytes.");
    let data = [licence.to_bytes(), delivery.header.to_bytes()].concat();
    script.say(0, 0, &data, SHORT);
    script.part(Ins::Decrypt, "Both segments, and the work.");
    let plaintext = script.say(0, 0, &segments_data(0, &delivery.segments.concat()), LONG);
    assert_eq!(plaintext, stored_content());
    script.part(Ins::Decrypt, "The last segment with one bit changed: nothing comes out.");
    let mut forged = delivery.segments[1].clone();
    forged[0] ^= 1;
    script.say_for(0x6A80, 0, 0, &segments_data(1, &forged), SHORT);
}

fn settlement(script: &mut Script, token: &[u8]) {
    let center = script.center;
    script.part(Ins::Acknowledge, &format!("The center has booked the token, at {TIME}."));
    script.say(0, 0, &center.receipt(token, 1).to_bytes(), None);
    script.part(Ins::ListOutbox, "Nothing waits any more.");
    script.say(0, 0, &[], SHORT);
    script.part(Ins::GetBalance, "9,700 yen, after four links of the chain.");
    script.say(0, 0, &center.id().0, SHORT);
}
