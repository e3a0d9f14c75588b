//! How large a campaign is, what the commands of a sale carry, and what must hold of value after
//! any of them.

use saifu_wire::Nonce;
use saifu_wire::certificate::{Body, Role};
use saifu_wire::codec::Wire;
use saifu_wire::ins::Ins;
use saifu_wire::request::{LicenceRef, PayRequest};
use saifu_wire::signed::{Licence, TimeOrder};
use saifu_wire::stream::Header;

use crate::fixture::{
    Delivery, PRICE, Seen, TestCard, TestCenter, certify, customer, stored_content,
};

/// A PIN that no card has.
pub(super) const WRONG_PIN: &[u8] = b"4321";

/// One number for a reduced campaign, the other for a full one.
pub(super) fn size<T>(reduced: T, full: T) -> T {
    let whole = std::env::var("SAIFU_CAMPAIGN").is_ok_and(|size| size == "full");
    if whole { full } else { reduced }
}

/// The data that name a licence.
pub(super) fn named(center: &TestCenter, number: u64) -> Vec<u8> {
    LicenceRef { center: center.id(), number }.to_bytes()
}

/// The data of DEBIT and HOLD.
pub(super) fn pay(center: &TestCenter, number: u64, price_index: u8, purse: u32) -> Vec<u8> {
    let licence = LicenceRef { center: center.id(), number };
    PayRequest { licence, price_index, purse }.to_bytes()
}

/// The data of OPEN STREAM for segments that the terminal brings, and of STORE CONTENT.
pub(super) fn opening(center: &TestCenter, number: u64, header: &Header) -> Vec<u8> {
    [named(center, number), header.to_bytes()].concat()
}

/// A customer's card with one licence whose terms were changed; it has 1,000 yen.
pub(super) fn sold(change: impl FnOnce(&mut Licence)) -> (TestCard, TestCenter, Delivery) {
    let (mut card, center) = customer(0xCA, 1_000);
    let delivery = center.deliver_as(&card.keys(), 1, &stored_content(), change);
    card.load_licence(&delivery.licence).expect("a licence");
    (card, center, delivery)
}

/// Shows a card a certificate of its center that was changed before the issuer signed it.
pub(super) fn show(card: &mut TestCard, mut body: Body, change: impl FnOnce(&mut Body)) {
    change(&mut body);
    let content = certify(body).content();
    card.send(Ins::VerifyCertificate, 0x00, 0xBE, &content).expect("a key");
}

/// The time order for a fresh challenge of the session.
pub(super) fn time_order(card: &mut TestCard, center: &TestCenter, time: u64) -> Vec<u8> {
    let challenge = card.send(Ins::GetChallenge, 0, 0, &[]).expect("a challenge");
    let nonce = Nonce(challenge.try_into().expect("32 bytes"));
    let order = TimeOrder { center: center.id(), signer: 1, card: card.id(), nonce, time };
    center.sign(Role::Licence, order).to_bytes()
}

/// SET TIME with what the center signs for it.
pub(super) fn set_time(card: &mut TestCard, center: &TestCenter, time: u64) {
    let order = time_order(card, center, time);
    card.send(Ins::SetTime, 0, 0, &order).expect("a time");
}

/// Reads the card, and finds every yen that was loaded: in purse 1, in a token of the outbox,
/// or settled. A token waits exactly for what is paid and not settled.
pub(super) fn account_for(card: &mut TestCard, center: &TestCenter, loaded: u64) -> Seen {
    let seen = card.see(center).expect("a card that can be read");
    let keys = card.keys();
    let paid = seen.licences.iter().filter(|licence| licence.token != 0);
    let (settled, owed): (Vec<_>, Vec<_>) = paid.partition(|licence| licence.acknowledged);
    let owed: Vec<_> = owed.iter().map(|licence| (licence.token, licence.number)).collect();
    let waiting: Vec<_> = seen.outbox.iter().map(|entry| (entry.counter, entry.licence)).collect();
    assert_eq!(waiting, owed);
    let mut unsettled = 0;
    for (counter, licence) in waiting {
        let token = card.token(center, counter).expect("a token that waits");
        let payload = center.open_token(&keys, &token);
        assert_eq!(payload.licence, licence);
        unsettled += payload.amount;
    }
    assert_eq!(seen.balance(1) + unsettled + PRICE * settled.len() as u64, loaded);
    seen
}
