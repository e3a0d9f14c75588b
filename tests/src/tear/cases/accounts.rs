//! Certificates, accounts, credits and voids (§6.9, §6.10, §6.30, §6.31).

use saifu_wire::Digest;
use saifu_wire::certificate::{Body, Certificate, Role};
use saifu_wire::ins::Ins;
use saifu_wire::signed::Credit;

use super::super::case::Case;
use super::super::world::{World, first, more, second};
use crate::fixture::{PRICE, TestCenter, certify, identity, point_purse};

pub(super) fn cases() -> Vec<Case> {
    [certificates(), openings(), credits(), refunds(), voids()].concat()
}

fn certificates() -> Vec<Case> {
    let world = World::in_use();
    let known = World::customer(0);
    let change = |role, sequence, change: fn(&mut Body)| {
        let mut body = first().body(role, sequence);
        change(&mut body);
        certify(body)
    };
    let show = |name: &str, world: &World, certificate: Certificate| {
        let content = certificate.content();
        Case::new(name, world, move |card| card.send(Ins::VerifyCertificate, 0x00, 0xBE, &content))
    };
    let later = change(Role::Receipt, 2, |_| ());
    let retiring = change(Role::Credit, 2, |body| body.retires_below = 2);
    vec![
        show("VERIFY CERTIFICATE, a center's first", &world, change(Role::Licence, 1, |_| ())),
        show("VERIFY CERTIFICATE, another key", &known, later),
        show("VERIFY CERTIFICATE, that retires one", &known, retiring),
    ]
}

fn openings() -> Vec<Case> {
    let mut world = World::in_use();
    world.card.introduce(&first());
    world.view.centers = vec![first(), second()];
    let customer = World::customer(1_000);
    let open = |name: &str, world: &World, center: TestCenter, sequence, numbers: &[u32]| {
        let purses: Vec<_> = numbers.iter().map(|number| point_purse(*number)).collect();
        let opening = center.opening(world.card.id(), sequence, &purses);
        Case::new(name, world, move |card| card.open_account(&opening))
    };
    let sixteen: Vec<u32> = (11..27).collect();
    let mut third = World::customer(1_000);
    let another = TestCenter::new(0xC3);
    third.card.introduce(&another);
    third.view.centers.push(another);
    vec![
        open("OPEN ACCOUNT", &world, first(), 0, &[1, 2]),
        open("OPEN ACCOUNT, at a third center", &third, another, 0, &[1]),
        open("OPEN ACCOUNT, one more purse", &customer, first(), 1, &[3]),
        open("OPEN ACCOUNT, sixteen more purses", &customer, first(), 1, &sixteen),
    ]
}

fn credits() -> Vec<Case> {
    let load = |name: &str, balance: u64, sequence: u64| {
        let world = World::customer(balance);
        let load = first().load(world.card.id(), 1, sequence, 500);
        Case::new(name, &world, move |card| card.credit(&load)).moves(|value| more(value, 500))
    };
    vec![load("CREDIT, the first", 0, 1), load("CREDIT, another", 1_000, 2)]
}

fn refunds() -> Vec<Case> {
    let mut world = World::buyer(1_000, 1..=2);
    let token = world.buys(1);
    world.settles(&token);
    let refund = |world: &World, licence: u64, token: Digest| {
        let terms = first().credit(world.card.id(), 1, 2, PRICE);
        let terms = Credit { refunded_token: token, refunded_licence: licence, ..terms };
        first().sign(Role::Credit, terms)
    };
    let delivery = first().deliver(&world.keys(), 1);
    world.shows(1, &delivery);
    let held = refund(&world, 1, identity(&token));
    let gone = refund(&world, 9, Digest([9; 32]));
    vec![
        Case::new("CREDIT, a refund", &world, move |card| card.credit(&held))
            .moves(|value| more(value, PRICE)),
        Case::new("CREDIT, a refund of a licence that is not there", &world, move |card| {
            card.credit(&gone)
        })
        .moves(|value| more(value, PRICE)),
    ]
}

fn voids() -> Vec<Case> {
    let world = World::customer(1_000);
    let load = first().load(world.card.id(), 1, 2, 500).to_bytes();
    vec![Case::new("VOID", &world, move |card| card.send(Ins::Void, 0, 0, &load)).verified()]
}
