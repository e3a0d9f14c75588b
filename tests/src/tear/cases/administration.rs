//! Time, expiry, and what the issuer orders (§6.8, §6.32 to §6.34).

use saifu_wire::certificate::Role;
use saifu_wire::codec::Bytes;
use saifu_wire::ins::Ins;
use saifu_wire::request::{PurseRef, UnblockRequest};
use saifu_wire::signed::{TerminateOrder, TimeOrder, UnblockOrder};
use saifu_wire::value::PurseTerms;
use saifu_wire::{Nonce, Wire};

use super::super::case::Case;
use super::super::seen::Answer;
use super::super::world::{World, first};
use crate::fixture::{PIN, TIME, TestCard, TestCenter, certify, money_purse};

const NEW: &[u8] = b"56789";

pub(super) fn cases() -> Vec<Case> {
    [times(), unblocking(), termination()].concat()
}

fn times() -> Vec<Case> {
    let later = TIME + 1_000;
    let mut world = World::customer(1_000);
    let delivery = world.order_as(1, |terms| terms.not_after = TIME + 10);
    world.buys(1);
    world.shows(1, &delivery);
    let set_time = move |card: &mut TestCard| {
        let (center, nonce) = (first().id(), challenge(card)?);
        let order = TimeOrder { center, signer: 1, card: card.id(), nonce, time: later };
        card.send(Ins::SetTime, 0, 0, &first().sign(Role::Licence, order).to_bytes())
    };
    let mut expired = World::in_use();
    let coupon = PurseTerms { not_after: TIME + 10, ..money_purse(1) };
    expired.joins(&first(), &[coupon, money_purse(2)]);
    expired.load(&first(), 1, 1, 500);
    set_time(&mut expired.card).expect("a later time");
    let purse = PurseRef { center: first().id(), purse: 1 }.to_bytes();
    let expire = move |card: &mut TestCard| card.send(Ins::Expire, 0, 0, &purse);
    vec![
        Case::new("SET TIME", &world, set_time),
        Case::new("EXPIRE", &expired, expire).moves(|value| value.clear()),
    ]
}

fn unblocking() -> Vec<Case> {
    let mut world = administered();
    world.view.pins = vec![PIN.to_vec(), NEW.to_vec()];
    for _ in 0..3 {
        world.card.verify(b"0000").expect_err("a wrong PIN");
    }
    let order = UnblockOrder { signer: 1, card: world.card.id(), sequence: 1 };
    let order = Bytes(administration().sign(Role::Administration, order).to_bytes());
    let request = UnblockRequest { order, new_pin: Bytes(NEW.to_vec()) }.to_bytes();
    let unblock = move |card: &mut TestCard| card.send(Ins::ResetRetryCounter, 0, 0x81, &request);
    vec![Case::new("RESET RETRY COUNTER", &world, unblock).again(0x6985)]
}

fn termination() -> Vec<Case> {
    let world = administered();
    let close = |number| move |card: &mut TestCard| terminate(card, Some(number));
    let mut closing = world.copy();
    close(0)(&mut closing.card).expect("a closing");
    let mut closed = closing.copy();
    close(1)(&mut closed.card).expect("a closing");
    vec![
        Case::new("TERMINATE, that closes the card", &world, close(0)).drawn(),
        Case::new("TERMINATE, the other center's closing", &closing, close(1)).drawn().unseen(),
        Case::new("TERMINATE, that erases Km", &closed, |card| terminate(card, None)).again(0x6985),
    ]
}

/// A customer's card that knows the issuer's administration.
fn administered() -> World {
    let mut world = World::customer(1_000);
    let certificate = certify(administration().body(Role::Administration, 1));
    let content = certificate.content();
    world.card.send(Ins::VerifyCertificate, 0x00, 0xBE, &content).expect("a key");
    world
}

/// The holder of the administration key.
fn administration() -> TestCenter {
    TestCenter::new(0xAD)
}

/// TERMINATE for the closing of a center, or else to erase `Km`.
fn terminate(card: &mut TestCard, center: Option<u8>) -> Answer {
    let (nonce, erase) = (challenge(card)?, center.is_none());
    let order = TerminateOrder { signer: 1, card: card.id(), nonce, erase };
    let order = administration().sign(Role::Administration, order).to_bytes();
    card.send(Ins::Terminate, erase.into(), center.unwrap_or(0), &order)
}

fn challenge(card: &mut TestCard) -> Result<Nonce, u16> {
    let answer = card.send(Ins::GetChallenge, 0, 0, &[])?;
    Ok(Nonce::from_bytes(&answer).expect("32 bytes"))
}
