//! What many send in at one moment: whichever comes first counts, once (PA7, PA11, PA13, CR1, CR5,
//! CR6, CR8, ID1).

use std::sync::Barrier;
use std::thread;

use saifu_center_api::{Account, Funding, Problem, ProblemCode};
use saifu_wire::signed::{Outcome, Receipt};

use super::{credit_under_way, message, sales};
use crate::card::Card;
use crate::desk::{Desk, code, registration};
use crate::funding::{batch, redeem, vouchers};
use crate::running::Expected;

/// How many come at once.
const MANY: usize = 32;

/// Does something with each of `all` at one moment.
fn at_once<T: Sync, R: Send>(all: &[T], does: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let gate = Barrier::new(all.len());
    thread::scope(|scope| {
        let one = |it| {
            let (gate, does) = (&gate, &does);
            scope.spawn(move || {
                gate.wait();
                does(it)
            })
        };
        let running: Vec<_> = all.iter().map(one).collect();
        running.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}

/// What was taken, and how many were refused with `refused`.
fn taken<T>(answers: Vec<Result<T, Problem>>, refused: ProblemCode) -> (Vec<T>, usize) {
    let (good, bad): (Vec<_>, Vec<_>) = answers.into_iter().partition(Result::is_ok);
    let bad = bad.into_iter().map(|answer| code(answer)).filter(|code| *code == refused).count();
    (good.into_iter().map(Result::unwrap).collect(), bad)
}

#[test]
fn pa11_of_many_forks_that_come_at_once_one_is_booked() {
    let (desk, card, orders) = sales::<MANY>();
    desk.expect(Expected::Dishonest);
    let pay = |licence: &Vec<u8>| (card.clone().debit(licence), licence.clone());
    let forks = orders.each_ref().map(|order| pay(&order.licence.0));
    let answers = at_once(&forks, |(token, licence)| desk.settle(token, licence));
    let (receipts, frozen) = taken(answers, ProblemCode::CardFrozen);
    assert_eq!((receipts.len(), frozen), (1, MANY - 1));
    assert_eq!(message::<Receipt>(&receipts[0]).outcome, Outcome::Settled);
    let books = desk.center().books().unwrap();
    assert_eq!((books.frozen, books.evidence), (1, MANY as u64 - 1));
    assert_eq!(desk.value(), [0, 9_700, 300, 0]);
}

#[test]
fn pa13_of_many_payments_of_one_order_that_come_at_once_one_is_settled() {
    let (desk, mut card, [order]) = sales();
    let tokens = [(); MANY].map(|()| card.debit(&order.licence.0));
    let receipts = at_once(&tokens, |token| desk.settle(token, &order.licence.0).unwrap());
    let settled = receipts.iter().filter(|it| message::<Receipt>(it).outcome == Outcome::Settled);
    assert_eq!(settled.count(), 1);
    let paid = 300 * MANY as i64;
    assert_eq!((desk.gaps(), desk.value()), (0, [0, 10_000 - paid, 300, paid - 300]));
    let again = at_once(&tokens, |token| desk.settle(token, &order.licence.0).unwrap());
    assert_eq!(again, receipts);
}

#[test]
fn pa7_payments_and_replays_that_come_at_once_are_each_booked_once() {
    let (desk, mut card, orders) = sales::<MANY>();
    let paid = orders.map(|order| (card.debit(&order.licence.0), order.licence.0));
    let mut all = paid.to_vec();
    all.extend(paid.iter().rev().cloned());
    let receipts = at_once(&all, |(token, licence)| desk.settle(token, licence).unwrap());
    let (first, second) = receipts.split_at(MANY);
    assert!(first.iter().eq(second.iter().rev()), "each payment has one receipt");
    assert_eq!(desk.center().sales(0, 100).unwrap().len(), MANY);
    assert_eq!(desk.gaps(), 0);
    desk.value();
}

#[test]
fn cr1_a_challenge_that_comes_many_times_at_once_gets_one_credit() {
    let (desk, mut card) = (Desk::open(), Card::new());
    desk.register(&mut card);
    let load = desk.open_load(&card).unwrap();
    let credits = at_once(&[(); MANY], |()| desk.credit(&card, &load).unwrap());
    assert!(credits.windows(2).all(|pair| pair[0] == pair[1]));
    assert_eq!(desk.value(), [10_000, 0, 0, 0]);
    let loads = at_once(&[(); MANY], |()| desk.open_load(&card).unwrap());
    assert!(loads.iter().all(|other| *other == load), "one load is open at a time");
}

#[test]
fn cr6_of_a_credit_and_its_void_that_come_at_once_one_is_booked() {
    for _ in 0..8 {
        let (desk, mut card) = (Desk::open(), Card::new());
        desk.expect(Expected::Dishonest);
        desk.register(&mut card);
        let load = desk.open_load(&card).unwrap();
        let credit = desk.credit(&card, &load).unwrap();
        let events = [card.clone().credit(&credit), card.void(&credit)];
        let answers = at_once(&events, |event| desk.close_load(&load, event));
        let voided = answers[1].is_ok();
        let (closed, frozen) = taken(answers, ProblemCode::CardFrozen);
        assert_eq!((closed.len(), frozen), (1, 1));
        assert_eq!(desk.value(), [0, if voided { 0 } else { 10_000 }, 0, 0]);
    }
}

#[test]
fn cr8_a_load_that_is_closed_many_times_at_once_is_booked_once() {
    let desk = Desk::open();
    let mut card = desk.customer();
    let (load, credit) = credit_under_way(&desk, &card);
    let event = card.credit(&credit);
    let answers = at_once(&[true, false].repeat(MANY / 2), |by_load| match by_load {
        true => desk.close_load(&load, &event),
        false => desk.event(&event),
    });
    assert!(answers.iter().all(|answer| answer.as_ref() == Ok(&event)), "{answers:?}");
    assert_eq!(desk.value(), [0, 10_500, 0, 0]);
}

#[test]
fn cr5_a_voucher_that_many_redeem_at_once_brings_its_value_to_one() {
    let desk = Desk::open();
    let cards = [(); 8].map(|()| desk.customer());
    let (_, codes) = vouchers(&desk, &batch(1, 500));
    let answers = at_once(&cards, |card| redeem(&desk, card, &codes[0]));
    let (redeemed, refused): (Vec<Funding>, _) = taken(answers, ProblemCode::Conflict);
    assert_eq!((redeemed.len(), refused), (1, cards.len() - 1));
    let due = cards.iter().filter(|card| desk.open_load(card).is_ok());
    assert_eq!(due.count(), 1);
}

#[test]
fn id1_a_card_that_registers_many_times_at_once_has_one_account() {
    let (desk, card) = (Desk::open(), Card::new());
    let body = registration(&card);
    let accounts =
        at_once(&[(); MANY], |()| desk.send::<Account>("POST", "/v1/accounts", &body).unwrap());
    assert!(accounts.windows(2).all(|pair| pair[0] == pair[1]));
    assert_eq!(desk.center().books().unwrap().accounts, 1);
}
