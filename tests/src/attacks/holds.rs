//! What a terminal tries with a price on hold, a refund, and purses that are not plain money.

use saifu_vsmartcard::platform::{Cut, Leaves};
use saifu_wire::answer::LicenceStatus;
use saifu_wire::certificate::Role;
use saifu_wire::codec::List;
use saifu_wire::ins::Ins;
use saifu_wire::signed::{Credit, PaymentOrder};
use saifu_wire::value::{Kind, Price, PurseTerms, ScopeKind, Unit};
use saifu_wire::{ContentId, Digest};

use super::kit::{account_for, named, opening, pay, set_time, sold, time_order};
use super::tally::Tally;
use crate::fixture::{
    Delivery, OUTBOX_PLACES, PIN, PRICE, TIME, TestCard, TestCenter, buyer, customer, identity,
    money_purse, price,
};

type Answer = Result<Vec<u8>, u16>;

/// A decrypt-first licence on a card with so many yen, its price on hold.
pub(super) fn held(balance: u64) -> (TestCard, TestCenter, Delivery) {
    let (mut card, center, delivery) = offered(balance);
    card.verify(PIN).expect("the right PIN");
    card.send(Ins::Hold, 0, 0, &pay(&center, 1, 0, 1)).expect("a hold");
    (card, center, delivery)
}

fn offered(balance: u64) -> (TestCard, TestCenter, Delivery) {
    let (mut card, center) = customer(0xCA, balance);
    let decrypt_first = |licence: &mut saifu_wire::signed::Licence| {
        licence.payment = PaymentOrder::DecryptFirst;
    };
    let keys = card.keys();
    let delivery = center.deliver_as(&keys, 1, &crate::fixture::stored_content(), decrypt_first);
    card.load_licence(&delivery.licence).expect("a licence");
    (card, center, delivery)
}

/// VERIFY and CANCEL.
pub(super) fn cancel(card: &mut TestCard, center: &TestCenter) -> Answer {
    card.verify(PIN)?;
    card.send(Ins::Cancel, 0, 0, &named(center, 1))
}

fn status(card: &mut TestCard, center: &TestCenter) -> LicenceStatus {
    card.licence(center, 1).expect("a licence").status
}

pub(super) fn id6_a_hold_that_was_cut_stays_cancellable(t: &mut Tally) {
    for at_write in 1..=12 {
        for leaves in [Leaves::Nothing, Leaves::Garbage, Leaves::Everything] {
            let (mut card, center, _) = offered(1_000);
            card.verify(PIN).unwrap();
            card.cut_power(Cut { at_write, leaves, keeps_unsynced: true });
            let answered = card.send(Ins::Hold, 0, 0, &pay(&center, 1, 0, 1)).is_ok();
            card.power_cycle();
            let held = status(&mut card, &center) == LicenceStatus::Held;
            assert!(held || !answered, "answered, and not held");
            if held {
                cancel(&mut card, &center).expect("what is held can be given back");
            }
            assert_eq!(account_for(&mut card, &center, 1_000).balance(1), 1_000);
            t.accepted();
        }
    }
}

pub(super) fn id6_what_was_released_is_final_and_its_token_is_there(t: &mut Tally) {
    let (mut card, center, delivery) = held(1_000);
    card.open_stream(&center, 1, &delivery.header).unwrap();
    card.decrypt(0, &delivery.segments[0]).unwrap();
    card.power_cycle();
    card.verify(PIN).unwrap();
    t.refused(&mut card, 0x6985, Ins::Cancel, [0, 0], &named(&center, 1));
    let token = card.send(Ins::Release, 0, 0, &named(&center, 1)).unwrap();
    let payload = center.open_token(&card.keys(), &token);
    assert_eq!((payload.amount, payload.balance), (PRICE, 700));
    t.accepted();
    account_for(&mut card, &center, 1_000);
}

pub(super) fn id6_with_a_full_outbox_nothing_is_held(t: &mut Tally) {
    let (mut card, center) = buyer(0xCA, 40_000, 2..=OUTBOX_PLACES + 1);
    let keys = card.keys();
    let first = center.deliver_as(&keys, 1, b"work", |licence| {
        licence.payment = PaymentOrder::DecryptFirst;
    });
    card.load_licence(&first.licence).unwrap();
    let tokens: Vec<_> =
        (2..=OUTBOX_PLACES + 1).map(|number| card.buy(&center, number).unwrap()).collect();
    card.verify(PIN).unwrap();
    t.refused(&mut card, 0x6A84, Ins::Hold, [0, 0], &pay(&center, 1, 0, 1));
    card.acknowledge(&center.receipt(&tokens[0], 1)).unwrap();
    card.send(Ins::Hold, 0, 0, &pay(&center, 1, 0, 1)).unwrap();
    t.accepted();
}

pub(super) fn st6_a_held_work_gives_nothing_once_the_hold_is_cancelled(t: &mut Tally) {
    let (mut card, center, delivery) = held(1_000);
    card.open_stream(&center, 1, &delivery.header).unwrap();
    cancel(&mut card, &center).unwrap();
    let segments = saifu_wire::request::segments_data(0, &delivery.segments.concat());
    t.refused(&mut card, 0x6985, Ins::Decrypt, [0, 0], &segments);
    t.refused(&mut card, 0x6985, Ins::OpenStream, [0, 0], &opening(&center, 1, &delivery.header));
    assert_eq!(account_for(&mut card, &center, 1_000).balance(1), 1_000);
}

/// The refund of what a token paid for licence 1.
fn refund(center: &TestCenter, card: &TestCard, token: &[u8]) -> Credit {
    let credit = center.credit(card.id(), 1, 2, PRICE);
    Credit { refunded_token: identity(token), refunded_licence: 1, ..credit }
}

pub(super) fn cr8_a_refund_pays_once_and_the_work_plays_no_more(t: &mut Tally) {
    let (mut card, center, delivery) = sold(|_| ());
    let token = card.buy(&center, 1).unwrap();
    let credit = refund(&center, &card, &token);
    let refused = |t: &mut Tally, card: &mut TestCard, word, credit: Credit| {
        let signed = center.sign(Role::Credit, credit).to_bytes();
        t.refused(card, word, Ins::Credit, [0, 0], &signed);
    };
    let changes: [fn(&mut Credit); 4] = [
        |credit| credit.refunded_token = Digest([1; 32]),
        |credit| credit.refunded_token = Digest::ZERO,
        |credit| credit.refunded_licence = 0,
        |credit| credit.amount = PRICE + 1,
    ];
    for change in changes {
        let mut changed = credit.clone();
        change(&mut changed);
        refused(t, &mut card, 0x6A80, changed);
    }
    card.open_stream(&center, 1, &delivery.header).unwrap();
    card.credit(&center.sign(Role::Credit, credit.clone())).unwrap();
    t.accepted();
    let segments = saifu_wire::request::segments_data(0, &delivery.segments.concat());
    t.refused(&mut card, 0x6985, Ins::Decrypt, [0, 0], &segments);
    t.refused(&mut card, 0x6985, Ins::OpenStream, [0, 0], &opening(&center, 1, &delivery.header));
    refused(t, &mut card, 0x6985, Credit { sequence: 3, ..credit });
    card.verify(PIN).unwrap();
    t.refused(&mut card, 0x6985, Ins::Debit, [0, 0], &pay(&center, 1, 0, 1));
    assert_eq!(card.see(&center).unwrap().balance(1), 1_000);
}

pub(super) fn cr8_a_refund_cut_at_any_write_is_done_or_not_begun(t: &mut Tally) {
    let (mut base, center, _) = sold(|_| ());
    let token = base.buy(&center, 1).unwrap();
    let credit = center.sign(Role::Credit, refund(&center, &base, &token));
    for at_write in 1..=12 {
        for leaves in [Leaves::Nothing, Leaves::Garbage, Leaves::Everything] {
            let mut card = TestCard::on(base.machine());
            card.select();
            card.cut_power(Cut { at_write, leaves, keeps_unsynced: false });
            let answered = card.credit(&credit).is_ok();
            card.power_cycle();
            let refunded = status(&mut card, &center) == LicenceStatus::Refunded;
            let balance = if refunded { 1_000 } else { 700 };
            assert_eq!(card.see(&center).unwrap().balance(1), balance);
            assert!(refunded || !answered, "answered, and not refunded");
            t.accepted();
        }
    }
}

/// A card with one more purse of these terms and so much in it, and a licence with one price.
fn with_purse(terms: PurseTerms, amount: u64, price: Price) -> (TestCard, TestCenter) {
    let (mut card, center, _) = sold(|licence| licence.prices = List(vec![price]));
    let opening = center.opening(card.id(), 1, std::slice::from_ref(&terms));
    card.open_account(&opening).expect("a purse");
    let credit = center.credit(card.id(), 1, 1, amount);
    let (kind, unit, purse) = (terms.kind, terms.unit, terms.purse);
    card.credit(&center.sign(Role::Credit, Credit { purse, kind, unit, ..credit })).expect("value");
    (card, center)
}

/// DEBIT from purse 3 is refused with 6985, and nothing is lost.
fn does_not_pay(t: &mut Tally, card: &mut TestCard, center: &TestCenter, left: u64) {
    card.verify(PIN).unwrap();
    t.refused(card, 0x6985, Ins::Debit, [0, 0], &pay(center, 1, 0, 3));
    assert_eq!(card.see(center).unwrap().balance(3), left);
}

pub(super) fn id9_a_cheque_pays_its_whole_amount_or_nothing(t: &mut Tally) {
    let cheque =
        PurseTerms { kind: Kind::Cheque, face_amount: 500, max_balance: 500, ..money_purse(3) };
    let of = |amount| Price { kind: Kind::Cheque, ..price(amount) };
    for amount in [300, 499, 501] {
        let (mut card, center) = with_purse(cheque.clone(), 500, of(amount));
        does_not_pay(t, &mut card, &center, 500);
    }
    let (mut card, center) = with_purse(cheque, 500, of(500));
    card.verify(PIN).unwrap();
    assert!(card.send(Ins::Debit, 0, 0, &pay(&center, 1, 0, 3)).is_ok());
    t.accepted();
}

pub(super) fn id9_a_ticket_of_another_work_does_not_admit(t: &mut Tally) {
    let unit = Unit::new("SEAT").unwrap();
    let ticket = |work| PurseTerms {
        kind: Kind::Ticket,
        unit,
        face_amount: 1,
        scope: ScopeKind::Work,
        scope_id: work,
        ..money_purse(3)
    };
    let price = Price { kind: Kind::Ticket, unit, amount: 1, scope: ScopeKind::Any };
    let other = ContentId([0xC3; 16]).0;
    let (mut card, center) = with_purse(ticket(other), 2, price.clone());
    does_not_pay(t, &mut card, &center, 2);
    let (mut card, center) = with_purse(ticket(crate::fixture::CONTENT.0), 2, price);
    card.verify(PIN).unwrap();
    assert!(card.send(Ins::Debit, 0, 0, &pay(&center, 1, 0, 3)).is_ok());
    t.accepted();
}

pub(super) fn id9_a_coupon_past_its_date_pays_nothing(t: &mut Tally) {
    let coupon = PurseTerms { kind: Kind::Coupon, not_after: TIME + 10, ..money_purse(3) };
    let price = Price { kind: Kind::Coupon, ..price(300) };
    let (mut card, center) = with_purse(coupon.clone(), 500, price.clone());
    set_time(&mut card, &center, TIME + 11);
    does_not_pay(t, &mut card, &center, 500);
    let (mut card, center) = with_purse(coupon, 500, price);
    set_time(&mut card, &center, TIME + 10);
    card.verify(PIN).unwrap();
    assert!(card.send(Ins::Debit, 0, 0, &pay(&center, 1, 0, 3)).is_ok());
    t.accepted();
}

pub(super) fn id9_a_credit_line_ends_at_its_limit(t: &mut Tally) {
    let line = PurseTerms {
        kind: Kind::CreditCard,
        max_balance: 400,
        not_after: TIME + 10,
        ..money_purse(3)
    };
    let of = |amount| Price { kind: Kind::CreditCard, ..price(amount) };
    let (mut card, center) = with_purse(line.clone(), 400, of(401));
    does_not_pay(t, &mut card, &center, 400);
    let (mut card, center) = with_purse(line, 400, of(400));
    let more = Credit { purse: 3, kind: Kind::CreditCard, ..center.credit(card.id(), 1, 2, 1) };
    let more = center.sign(Role::Credit, more).to_bytes();
    t.refused(&mut card, 0x6985, Ins::Credit, [0, 0], &more);
    card.verify(PIN).unwrap();
    assert!(card.send(Ins::Debit, 0, 0, &pay(&center, 1, 0, 3)).is_ok());
    t.accepted();
}

pub(super) fn id8_a_signed_time_is_good_for_one_challenge_of_one_card(t: &mut Tally) {
    let (mut card, center) = customer(0xCA, 0);
    let stale = time_order(&mut card, &center, TIME);
    card.send(Ins::SetTime, 0, 0, &stale).unwrap();
    t.refused(&mut card, 0x6A80, Ins::SetTime, [0, 0], &stale);
    for at in 0..stale.len() {
        let mut forged = time_order(&mut card, &center, TIME);
        forged[at] ^= 1 << (at % 8);
        t.refused(&mut card, 0x6A80, Ins::SetTime, [0, 0], &forged);
    }
    let (mut other, _) = customer(0xCB, 0);
    let foreign = time_order(&mut other, &center, TIME);
    t.refused(&mut card, 0x6A80, Ins::SetTime, [0, 0], &foreign);
    let earlier = time_order(&mut card, &center, TIME - 1);
    t.refused(&mut card, 0x6985, Ins::SetTime, [0, 0], &earlier);
}
