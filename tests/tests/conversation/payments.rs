//! What follows the first sale: a price on hold, a signed time, and value that expires.

use saifu_tests::fixture::{TIME, money_purse, stored_content};
use saifu_wire::Nonce;
use saifu_wire::certificate::Role;
use saifu_wire::codec::Wire;
use saifu_wire::ins::Ins;
use saifu_wire::request::{LicenceRef, PayRequest, PurseRef, segments_data};
use saifu_wire::signed::{Credit, PaymentOrder, TimeOrder};
use saifu_wire::value::{Kind, PurseTerms};

use crate::life::NEW_PIN;
use crate::script::{LONG, SHORT, Script};

pub(crate) fn tell(script: &mut Script) {
    decrypt_first(script);
    expiry(script);
}

/// The holder says yes to one more payment.
fn verify(script: &mut Script) {
    script.part(Ins::Verify, "For one more payment.");
    script.say(0x00, 0x81, NEW_PIN, None);
}

fn decrypt_first(script: &mut Script) {
    let center = script.center;
    let keys = script.card.keys();
    script.card.take_record();
    let delivery = center.deliver_as(&keys, 2, &stored_content(), |licence| {
        licence.payment = PaymentOrder::DecryptFirst;
    });
    let licence = LicenceRef { center: center.id(), number: 2 };
    let named = licence.to_bytes();
    script.part(Ins::LoadLicence, "The same work again, decrypt first.");
    script.say(0, 0, &delivery.licence.to_bytes(), SHORT);
    verify(script);
    let pay = PayRequest { licence, price_index: 0, purse: 1 }.to_bytes();
    script.part(Ins::Hold, "300 yen are on hold. Event 5.");
    script.say(0, 0, &pay, SHORT);
    script.part(Ins::Cancel, "They are given back. Event 6.");
    script.say(0, 0, &named, SHORT);
    verify(script);
    script.part(Ins::Hold, "On hold once more. Event 7.");
    script.say(0, 0, &pay, SHORT);
    script.part(Ins::OpenStream, "A held licence opens.");
    script.say(0, 0, &[named.clone(), delivery.header.to_bytes()].concat(), SHORT);
    script.part(Ins::Decrypt, "Before the first byte leaves, the price is paid.");
    script.say(0, 0, &segments_data(0, &delivery.segments.concat()), LONG);
    script.part(Ins::Release, "It is paid already; this is the token, link 8.");
    let token = script.say(0, 0, &named, LONG);
    assert_eq!(center.open_token(&keys, &token).balance, 9_400);
    script.part(Ins::Acknowledge, "The center has booked it.");
    script.say(0, 0, &center.receipt(&token, 2).to_bytes(), None);
}

fn expiry(script: &mut Script) {
    let center = script.center;
    let card = script.card.id();
    let coupon = PurseTerms { kind: Kind::Coupon, not_after: TIME, ..money_purse(2) };
    script.part(Ins::OpenAccount, "A coupon of yen, good until 1795305600. Event 9.");
    script.say(0, 0, &center.opening(card, 1, &[coupon]).to_bytes(), SHORT);
    script.part(Ins::Credit, "500 yen for it. Event 10.");
    let (kind, unit) = (Kind::Coupon, money_purse(2).unit);
    let credit = Credit { kind, unit, ..center.credit(card, 2, 1, 500) };
    script.say(0, 0, &center.sign(Role::Credit, credit).to_bytes(), SHORT);
    let purse = PurseRef { center: center.id(), purse: 2 }.to_bytes();
    script.part(Ins::Expire, "It is not past its date by the card's time for the center.");
    script.say_for(0x6985, 0, 0, &purse, SHORT);
    script.part(Ins::GetChallenge, "For the signed time.");
    let challenge = script.say(0, 0, &[], Some(32));
    let nonce = Nonce(challenge.try_into().expect("32 bytes"));
    let order = TimeOrder { center: center.id(), signer: 1, card, nonce, time: TIME + 1 };
    script.part(Ins::SetTime, "The center's time, a second later.");
    script.say(0, 0, &center.sign(Role::Licence, order).to_bytes(), None);
    script.part(Ins::Expire, "What the coupon held is written off. Event 11.");
    script.say(0, 0, &purse, SHORT);
}
