//! The issuer's orders in the wrong hands: unblocking, and the end of a card.

use saifu_applet::platform::SLOT_BYTES;
use saifu_vsmartcard::personalise::{TestAdministration, Validity};
use saifu_vsmartcard::platform::{Cut, Leaves};
use saifu_wire::answer::LifeCycle;
use saifu_wire::certificate::Date;
use saifu_wire::codec::{Bytes, Wire};
use saifu_wire::ins::Ins;
use saifu_wire::request::UnblockRequest;
use saifu_wire::{CardId, Nonce};

use super::kit::WRONG_PIN;
use super::tally::Tally;
use crate::fixture::{OUTBOX_PLACES, PIN, TestCard, TestCenter, buyer, customer};

/// The PIN that orders set.
pub(crate) const NEW_PIN: &[u8] = b"864209751357";

/// Where an order to end a card says whether `Km` is erased: 0 or 1.
const ERASE_AT: usize = 57;

/// Where `Km` lies in a slot of the secure area.
const MASTER: std::ops::Range<usize> = SLOT_BYTES - 64..SLOT_BYTES - 32;

/// The published test administration.
pub(super) struct Issuer(TestAdministration);

impl Issuer {
    pub(super) fn new() -> Self {
        Self(TestAdministration::new().expect("the published key"))
    }

    /// Shows a card the administration's certificate.
    pub(super) fn is_shown_to(&self, card: &mut TestCard) {
        let day = |year| Date::new(year, 1, 1).expect("a day");
        let validity = Validity { effective: day(26), expires: day(46) };
        let content = self.0.certificate(validity).expect("a certificate").content();
        card.send(Ins::VerifyCertificate, 0x00, 0xBE, &content).expect("an administration");
    }

    /// The data of RESET RETRY COUNTER.
    pub(super) fn unblock(&self, card: CardId, sequence: u64) -> Vec<u8> {
        let order = self.0.unblock(card, sequence).expect("an order");
        let (order, new_pin) = (Bytes(order.to_bytes()), Bytes(NEW_PIN.to_vec()));
        UnblockRequest { order, new_pin }.to_bytes()
    }

    /// An order to end a card, for a fresh challenge of its session.
    pub(super) fn end(&self, card: &mut TestCard, erase: bool) -> Vec<u8> {
        let challenge = card.send(Ins::GetChallenge, 0, 0, &[]).expect("a challenge");
        let nonce = Nonce(challenge.try_into().expect("32 bytes"));
        self.0.terminate(card.id(), nonce, erase).expect("an order").to_bytes()
    }
}

/// A card whose closing was answered, so that only `Km` is left to be erased.
fn deactivated(issuer: &Issuer) -> TestCard {
    let (mut card, _) = customer(0xCA, 0);
    issuer.is_shown_to(&mut card);
    let order = issuer.end(&mut card, false);
    card.send(Ins::Terminate, 0, 0, &order).expect("a closing");
    card
}

/// A card at its end.
pub(super) fn terminated(issuer: &Issuer) -> TestCard {
    let mut card = deactivated(issuer);
    let order = issuer.end(&mut card, true);
    card.send(Ins::Terminate, 1, 0, &order).expect("the end");
    card
}

pub(super) fn pi4_an_unblock_order_is_good_once_for_one_card_and_older_ones_never(t: &mut Tally) {
    let issuer = Issuer::new();
    let (mut card, _) = customer(0xCA, 0);
    let unblock = |t: &mut Tally, card: &mut TestCard, word, data: &[u8]| {
        t.refused(card, word, Ins::ResetRetryCounter, [0x00, 0x81], data);
    };
    let genuine = issuer.unblock(card.id(), 5);
    unblock(t, &mut card, 0x6A80, &genuine);
    issuer.is_shown_to(&mut card);
    unblock(t, &mut card, 0x6A80, &issuer.unblock(CardId([0xCB; 16]), 5));
    for at in 0..genuine.len() - NEW_PIN.len() {
        let mut forged = genuine.clone();
        forged[at] ^= 1 << (at % 8);
        unblock(t, &mut card, 0x6A80, &forged);
    }
    (0..3).for_each(|_| drop(card.verify(WRONG_PIN)));
    card.send(Ins::ResetRetryCounter, 0x00, 0x81, &genuine).expect("a new PIN");
    t.accepted();
    for sequence in 0..=5 {
        let again = issuer.unblock(card.id(), sequence);
        unblock(t, &mut card, 0x6985, &again);
    }
    card.power_cycle();
    unblock(t, &mut card, 0x6985, &genuine);
    card.verify(NEW_PIN).expect("the new PIN");
}

pub(super) fn id11_nobody_but_the_issuer_ends_a_card(t: &mut Tally) {
    let issuer = Issuer::new();
    let (mut card, _) = customer(0xCA, 0);
    let before = issuer.end(&mut card, false);
    t.refused(&mut card, 0x6982, Ins::Terminate, [0, 0], &before);
    issuer.is_shown_to(&mut card);
    let genuine = issuer.end(&mut card, false);
    for at in 0..genuine.len() {
        let mut forged = genuine.clone();
        forged[at] ^= 1 << (at % 8);
        card.send(Ins::GetChallenge, 0, 0, &[]).expect("a challenge");
        let malformed = at < 5 || at == ERASE_AT;
        let word = if malformed { 0x6A80 } else { 0x6982 };
        t.refused(&mut card, word, Ins::Terminate, [0, 0], &forged);
    }
    t.refused(&mut card, 0x6982, Ins::Terminate, [0, 0], &genuine);
    let erase = issuer.end(&mut card, true);
    t.refused(&mut card, 0x6982, Ins::Terminate, [0, 0], &erase);
    let early = issuer.end(&mut card, true);
    t.refused(&mut card, 0x6985, Ins::Terminate, [1, 0], &early);
    let order = issuer.end(&mut card, false);
    t.refused(&mut card, 0x6A88, Ins::Terminate, [0, 1], &order);
    let order = issuer.end(&mut card, false);
    assert!(card.send(Ins::Terminate, 0, 0, &order).is_ok());
    t.accepted();
}

pub(super) fn id11_value_that_is_on_its_way_keeps_the_card_alive(t: &mut Tally) {
    let issuer = Issuer::new();
    let (mut card, center) = buyer(0xCA, 40_000, 1..=OUTBOX_PLACES);
    issuer.is_shown_to(&mut card);
    let tokens: Vec<_> =
        (1..=OUTBOX_PLACES).map(|number| card.buy(&center, number).unwrap()).collect();
    for token in tokens {
        for erase in [false, true] {
            let order = issuer.end(&mut card, erase);
            t.refused(&mut card, 0x6985, Ins::Terminate, [u8::from(erase), 0], &order);
        }
        card.acknowledge(&center.receipt(&token, 1)).unwrap();
    }
    let order = issuer.end(&mut card, false);
    assert!(card.send(Ins::Terminate, 0, 0, &order).is_ok());
    t.accepted();
}

pub(super) fn id11_a_price_on_hold_keeps_the_card_alive(t: &mut Tally) {
    let issuer = Issuer::new();
    let (mut card, center, _) = super::holds::held(1_000);
    issuer.is_shown_to(&mut card);
    let order = issuer.end(&mut card, false);
    t.refused(&mut card, 0x6985, Ins::Terminate, [0, 0], &order);
    super::holds::cancel(&mut card, &center).expect("a hold that is given back");
    let order = issuer.end(&mut card, false);
    assert!(card.send(Ins::Terminate, 0, 0, &order).is_ok());
    t.accepted();
}

pub(super) fn pi6_a_cut_inside_the_end_leaves_the_card_alive_or_without_km(t: &mut Tally) {
    let issuer = Issuer::new();
    let base = deactivated(&issuer).machine();
    let leaves = [
        Leaves::Nothing,
        Leaves::Erased,
        Leaves::Garbage,
        Leaves::Beginning(64),
        Leaves::Everything,
    ];
    for (at_write, leaves) in (1..=60).flat_map(|at| leaves.map(|leaves| (at, leaves))) {
        let mut card = TestCard::on(base.clone());
        card.select();
        let order = issuer.end(&mut card, true);
        card.cut_power(Cut { at_write, leaves, keeps_unsynced: true });
        let answered = card.send(Ins::Terminate, 1, 0, &order).is_ok();
        card.power_up_and_cut(Cut { at_write: 60, leaves, keeps_unsynced: true });
        card.transmit(&saifu_vsmartcard::virtual_card::select());
        match card.status().life_cycle {
            LifeCycle::Terminated => is_without_km(t, &mut card),
            LifeCycle::Deactivated => t.case(!answered, || format!("alive after {at_write}")),
            other => t.fail(format!("{other:?} after write {at_write}, {leaves:?}")),
        }
    }
}

/// A card at its end, after a power-up: `Km` is nowhere, and nothing lies outside.
fn is_without_km(t: &mut Tally, card: &mut TestCard) {
    let image = card.image();
    let gone = image.slots.iter().all(|slot| slot[MASTER] == [0; 32]);
    t.case(gone, || "a terminated card that has a master key".to_owned());
    t.refused(card, 0x6985, Ins::Verify, [0x00, 0x81], PIN);
}

pub(super) fn pi6_a_card_at_its_end_stays_there_whatever_is_put_back(t: &mut Tally) {
    let issuer = Issuer::new();
    let mut card = deactivated(&issuer);
    let before = card.image().outside;
    let order = issuer.end(&mut card, true);
    card.send(Ins::Terminate, 1, 0, &order).expect("the end");
    assert!(card.image().outside.is_empty());
    card.tamper(|image| image.outside = before);
    card.reset();
    let select = saifu_vsmartcard::virtual_card::select();
    assert!(card.transmit(&select).ends_with(&[0x62, 0x85]));
    let center = TestCenter::new(0xC1);
    t.refused(&mut card, 0x6985, Ins::GetBalance, [0, 0], &center.id().0);
    t.refused(&mut card, 0x6985, Ins::Verify, [0x00, 0x81], PIN);
    t.refused(&mut card, 0x6985, Ins::InitializeUpdate, [0x01, 0x00], &[1; 8]);
}
