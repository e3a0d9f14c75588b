//! A center in whose books everything has happened that can happen to honest cards.

use saifu_center::config::{Config, PurseConfig};
use saifu_center::replacement::Replace;
use saifu_center::store::{NewPayout, TokenName};
use saifu_center_api as api;
use saifu_wire::signed::Outcome;
use saifu_wire::value::{Kind, Unit};
use saifu_wire::{OrderId, ShopId};

use crate::card::Card;
use crate::desk::{Desk, NOW};
use crate::funding::{batch, begin, give, redeem, vouchers};

const DAY: u64 = 86_400;

/// The first entries of the ledger are the loads of two customers, two entries each, and then six
/// sales for 300.
pub(crate) fn everything() -> Desk {
    let purse = PurseConfig::new(1, "bit-cash", "JPY", 1_000_000, 10_000);
    let ending = PurseConfig::new(2, "bit-cash", "JPY", 1_000_000, 50);
    let ending = PurseConfig { not_after: NOW + 200 * DAY, ..ending };
    let desk = Desk::with(&Config { purses: vec![purse, ending], ..Config::default() });
    let work = desk.sell("jpy:300");
    let mut cards = [desk.customer(), desk.customer()];
    for (n, card) in cards.iter_mut().enumerate() {
        for sale in 0..3 {
            desk.buy(card, &work, &format!("{n}-{sale}"));
        }
    }
    let [mut buyer, mut late] = cards;
    holds(&desk, &mut buyer);
    given_back(&desk, &mut buyer, &work);
    suspended(&desk, &mut late, &work);
    funded(&desk);
    replaced(&desk, &work);
    closed(&desk);
    pay_out(&desk);
    load(&desk, &mut buyer, 2, true);
    desk.register(&mut Card::new());
    desk.clock.advance(200 * DAY);
    desk.event(&buyer.expire(2)).unwrap();
    desk
}

/// Takes what is ready for a purse, or gives it up.
fn load(desk: &Desk, card: &mut Card, purse: u32, takes: bool) {
    let path = format!("/v1/accounts/{}/loads", card.account);
    let load: api::Load = desk.send("POST", &path, &api::LoadRequest { purse }).unwrap();
    let nonce = saifu_wire::Nonce(load.nonce.0.clone().try_into().unwrap());
    let credit = desk.challenge(&load, &card.challenge(purse, nonce)).unwrap();
    let event = if takes { card.credit(&credit) } else { card.void(&credit) };
    desk.close_load(&load, &event).unwrap();
}

/// One hold is paid, one given back.
fn holds(desk: &Desk, card: &mut Card) {
    let work = desk.sell_decrypt_first("jpy:200");
    let [paid, back] = ["paid", "back"].map(|key| desk.order(card, &work, key).unwrap());
    desk.event(&card.hold(&paid.licence.0)).unwrap();
    desk.event(&card.hold(&back.licence.0)).unwrap();
    desk.event(&card.cancel(&back.licence.0)).unwrap();
    let token = card.release(&paid.licence.0);
    assert_eq!(desk.outcome(&token, &paid.licence.0), Outcome::Settled);
}

/// A work is licensed again, another is given back, and the refund of a third given up.
fn given_back(desk: &Desk, card: &mut Card, work: &str) {
    let orders = ["bought", "refunded", "kept"].map(|key| desk.buy(card, work, key).0);
    desk.again(&orders[0].id, "again").unwrap();
    for (order, takes) in [(&orders[1], true), (&orders[2], false)] {
        refund(desk, order);
        load(desk, card, 1, takes);
    }
}

fn refund(desk: &Desk, order: &api::Order) {
    desk.center().refund(OrderId::from_hex(&order.id).unwrap(), "on purpose").unwrap();
}

/// Of five late payments one is never sent in, one stays in suspense, one is settled out of it, one
/// given back, and of one the card gives the refund up.
fn suspended(desk: &Desk, card: &mut Card, work: &str) {
    let keys = ["missing", "stays", "settled", "refunded", "kept"];
    let orders = keys.map(|key| desk.order(card, work, key).unwrap());
    card.debit(&orders[0].licence.0);
    desk.clock.advance(30 * DAY);
    let mut names = Vec::new();
    for order in &orders[1..] {
        let token = card.debit(&order.licence.0);
        assert_eq!(desk.outcome(&token, &order.licence.0), Outcome::Suspense);
        names.push(TokenName::Identity(card.previous));
    }
    desk.center().resolve(names[1]).unwrap();
    for (order, takes) in [(&orders[3], true), (&orders[4], false)] {
        refund(desk, order);
        load(desk, card, 1, takes);
    }
}

/// Value of each source, one load of a payment and one of the initial value given up, and one load
/// under way.
fn funded(desk: &Desk) {
    let mut card = Card::new();
    desk.register(&mut card);
    load(desk, &mut card, 1, false);
    load(desk, &mut card, 1, true);
    let (_, codes) = vouchers(desk, &batch(2, 500));
    redeem(desk, &card, &codes[0]).unwrap();
    load(desk, &mut card, 1, true);
    for (key, takes) in [("loaded", true), ("repaid", false)] {
        let payment = begin(desk, &card, key, 700).unwrap();
        let id = hex::decode(&payment.id).unwrap().try_into().unwrap();
        desk.center().confirm_test_payment(id).unwrap();
        load(desk, &mut card, 1, takes);
        if !takes {
            desk.center().repay(id, Some("reference")).unwrap();
        }
    }
    give(desk, &card, 400, "first").unwrap();
    load(desk, &mut card, 1, true);
    give(desk, &card, 400, "second").unwrap();
    let open = desk.open_load(&card).unwrap();
    desk.credit(&card, &open).unwrap();
}

/// A card is replaced; of its late payments one comes while the value waits, one after.
fn replaced(desk: &Desk, work: &str) {
    let (mut old, mut new) = (desk.customer(), desk.customer());
    let orders = ["soon", "late"].map(|key| desk.order(&old, work, key).unwrap());
    let tokens = orders.each_ref().map(|order| old.debit(&order.licence.0));
    let asked = Replace {
        old: old.account,
        new: new.account,
        reason: "lost".into(),
        waiting: 3 * DAY,
        with_limited: false,
    };
    desk.center().replace_card(&asked).unwrap();
    desk.settle(&tokens[0], &orders[0].licence.0).unwrap();
    desk.clock.advance(3 * DAY);
    load(desk, &mut new, 1, true);
    assert_eq!(desk.outcome(&tokens[1], &orders[1].licence.0), Outcome::Suspense);
}

/// A card is terminated while a load is under way, and its holder is paid out.
fn closed(desk: &Desk) {
    let card = desk.customer();
    give(desk, &card, 100, "never taken").unwrap();
    let open = desk.open_load(&card).unwrap();
    desk.credit(&card, &open).unwrap();
    desk.close_card(&card.closing(|_| {})).unwrap();
    desk.center().pay_out_card(card.account).unwrap();
}

fn pay_out(desk: &Desk) {
    for (amount, reference) in [(500, "first"), (300, "second")] {
        let (kind, unit) = (Kind::BitCash, Unit::new("JPY").unwrap());
        let reference = reference.to_owned();
        let payout = NewPayout { shop: ShopId::ZERO, kind, unit, amount, reference };
        desk.center().pay_out(payout).unwrap();
    }
}
