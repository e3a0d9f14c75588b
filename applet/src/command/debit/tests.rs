use alloc::vec;
use alloc::vec::Vec;

use super::*;
use saifu_wire::applet::{AID, Applet};
use saifu_wire::certificate::{Name, Role};
use saifu_wire::codec::{Bytes, List};
use saifu_wire::ins::Ins;
use saifu_wire::signed::{Event, Licence, Signed, Token, TokenPayload};
use saifu_wire::value::{Kind, Price, PurseTerms, Unit};
use saifu_wire::{CenterId, Digest, ShopId};

use crate::chain;
use crate::memory::records::{AccountRecord, OutboxRecord};
use crate::memory::{Change, MAX_OUTBOX_OF_CENTER};
use crate::test_kit::sale::{PRICE, SOLD, pay, price};
use crate::test_kit::{
    PIN, TestCard, TestCenter, certify, command, encryption_key, public_rsa, purse,
};

const CENTER: TestCenter = TestCenter { id: CenterId([0xC1; 16]) };

/// A card with 1,000 yen and licence 1 at [`PRICE`].
fn card() -> TestCard {
    card_with(1_000, |_| ())
}

pub(super) fn card_with(balance: u64, change: impl FnOnce(&mut Licence)) -> TestCard {
    let mut card = CENTER.customer(1, balance);
    let mut licence = CENTER.licence(card.id(), 1);
    change(&mut licence);
    card.load_licence(&CENTER.issue(licence)).unwrap();
    card
}

/// Opens an account with these purses on a card that knows the center.
pub(super) fn with_purses(purses: &[PurseTerms]) -> TestCard {
    let mut card = TestCard::in_use(1);
    CENTER.introduce(&mut card);
    let opening = CENTER.opening(card.id(), 0, purses);
    CENTER.send(&mut card, Ins::OpenAccount, opening).unwrap();
    card
}

/// Loads value into one of the purses.
pub(super) fn load(card: &mut TestCard, terms: &PurseTerms, amount: u64) {
    let mut credit = CENTER.load(card.id(), 1, amount);
    (credit.purse, credit.kind, credit.unit) = (terms.purse, terms.kind, terms.unit);
    CENTER.send(card, Ins::Credit, credit).unwrap();
}

pub(super) fn balance(card: &TestCard, purse: u32) -> u64 {
    card.purse(&CENTER, purse).balance
}

/// A debit with a PIN that must be refused, and must change nothing.
pub(super) fn refused(card: &mut TestCard, number: u64, price_index: u8, purse: u32) -> u16 {
    card.verify(PIN).unwrap();
    card.refused(Ins::Debit, 0, 0, &pay(&CENTER, number, price_index, purse))
}

/// Sells licence `number` at this price.
pub(super) fn load_licence_at(card: &mut TestCard, number: u64, price: Price) {
    let mut licence = CENTER.licence(card.id(), number);
    licence.prices = List(vec![price]);
    card.load_licence(&CENTER.issue(licence)).unwrap();
}

#[test]
fn a_debit_pays_its_price_with_a_token_that_the_center_can_read() {
    let mut card = card_with(1_000, |licence| {
        licence.shop = ShopId([0x51; 16]);
        licence.prices = List(vec![price(999), price(PRICE)]);
    });
    let state = card.licence_state(&CENTER, 1);
    card.verify(PIN).unwrap();
    let token = card.send(Ins::Debit, 0, 0, &pay(&CENTER, 1, 1, 1)).unwrap();
    let (header, payload) = CENTER.read(&card, &token);
    assert_eq!((header.center, header.account), (CENTER.id, CENTER.account()));
    let expected = TokenPayload {
        licence: 1,
        licence_identity: state.identity,
        order: CENTER.licence(card.id(), 1).order,
        shop: ShopId([0x51; 16]),
        content: state.content,
        content_version: 1,
        price_index: 1,
        purse: 1,
        kind: Kind::BitCash,
        unit: Unit::new("JPY").unwrap(),
        amount: PRICE,
        balance: 700,
        blinding: payload.blinding,
    };
    assert_eq!(payload, expected);
    let after = card.licence_state(&CENTER, 1);
    assert_eq!((after.status, after.token), (LicenceStatus::Paid, header.counter));
    assert_eq!((balance(&card, 1), after.acknowledged), (700, false));
}

#[test]
fn a_token_is_the_next_link_after_the_event_before_it() {
    let mut card = CENTER.customer(1, 0);
    let load = CENTER.load(card.id(), 1, 1_000);
    let event = CENTER.send(&mut card, Ins::Credit, load).unwrap();
    let event: Signed<Event> = Signed::parse(&event).unwrap();
    for number in [1, 2] {
        load_licence_at(&mut card, number, price(PRICE));
    }
    let first: Signed<Token> = Signed::parse(&card.buy(&CENTER, 1).unwrap()).unwrap();
    let second: Signed<Token> = Signed::parse(&card.buy(&CENTER, 2).unwrap()).unwrap();
    let place = |token: &Signed<Token>| (token.message().counter, token.message().previous);
    assert_eq!(place(&first), (event.message().counter + 1, chain::identity(&event)));
    assert_eq!(place(&second), (event.message().counter + 2, chain::identity(&first)));
}

#[test]
fn two_tokens_share_neither_key_nor_blinding() {
    let mut card = card();
    load_licence_at(&mut card, 2, price(PRICE));
    let tokens = [card.buy(&CENTER, 1).unwrap(), card.buy(&CENTER, 2).unwrap()];
    let [first, second] = tokens.map(|token| CENTER.read(&card, &token));
    assert_ne!(first.1.blinding, second.1.blinding);
    assert_ne!(first.0.wrapped_key, second.0.wrapped_key);
}

#[test]
fn pa1_without_a_pin_nothing_above_the_limit_is_paid() {
    let mut card = card();
    let debit = pay(&CENTER, 1, 0, 1);
    assert_eq!(card.refused(Ins::Debit, 0, 0, &debit), 0x6982);
    card.verify(PIN).unwrap();
    card.select();
    assert_eq!(card.refused(Ins::Debit, 0, 0, &debit), 0x6982);
    card.verify(PIN).unwrap();
    let mut card = card.power_cycle();
    assert_eq!(card.refused(Ins::Debit, 0, 0, &debit), 0x6982);
    assert!(card.buy(&CENTER, 1).is_ok());
}

#[test]
fn pa1_a_blocked_pin_pays_small_sums_only() {
    let mut card = card();
    load_licence_at(&mut card, 2, price(100));
    card.verify(PIN).unwrap();
    for _ in 0..3 {
        card.verify(b"0000").unwrap_err();
    }
    assert_eq!(card.refused(Ins::Debit, 0, 0, &pay(&CENTER, 1, 0, 1)), 0x6983);
    assert!(card.debit(&CENTER, 2).is_ok());
}

#[test]
fn pa1_a_pin_blocked_on_another_channel_authorises_nothing_any_more() {
    let mut card = card();
    card.verify(PIN).unwrap();
    let mut select = command(Ins::Select, 4, 0, &AID, Some(256));
    select[0] |= 1;
    card.card.select(1, &select, &mut vec![]);
    let mut verify = command(Ins::Verify, 0, 0x81, b"0000", None);
    verify[0] |= 1;
    let words: Vec<u16> = (0..3).map(|_| card.transmit(&verify).1).collect();
    assert_eq!(words, [0x63C2, 0x63C1, 0x63C0]);
    assert_eq!(card.refused(Ins::Debit, 0, 0, &pay(&CENTER, 1, 0, 1)), 0x6983);
}

#[test]
fn pa2_a_price_a_purse_or_a_licence_that_is_not_there_pays_nothing() {
    let mut card = card();
    assert_eq!(refused(&mut card, 1, 1, 1), 0x6A80);
    assert_eq!(refused(&mut card, 1, 255, 1), 0x6A80);
    assert_eq!(refused(&mut card, 1, 0, 2), 0x6A88);
    assert_eq!(refused(&mut card, 1, 0, 0), 0x6A88);
    assert_eq!(refused(&mut card, 2, 0, 1), 0x6A88);
    assert!(card.debit(&CENTER, 1).is_ok(), "a refusal leaves the authorisation");
}

#[test]
fn without_a_pin_a_licence_that_is_not_there_asks_for_it() {
    let mut card = card();
    assert_eq!(card.refused(Ins::Debit, 0, 0, &pay(&CENTER, 2, 0, 1)), 0x6982);
    assert_eq!(card.refused(Ins::Debit, 0, 0, &pay(&CENTER, 1, 9, 1)), 0x6982);
}

#[test]
fn pa3_the_balance_must_suffice_and_be_of_the_price_s_kind() {
    assert_eq!(refused(&mut card_with(PRICE - 1, |_| ()), 1, 0, 1), 0x6985);
    let mut exact = card_with(PRICE, |_| ());
    assert!(exact.buy(&CENTER, 1).is_ok());
    assert_eq!(balance(&exact, 1), 0);
    let unit = Unit::new("POINT").unwrap();
    let coins = PurseTerms { kind: Kind::CyberCoin, unit, ..purse(1) };
    let mut rich = with_purses(core::slice::from_ref(&coins));
    load(&mut rich, &coins, 10_000);
    load_licence_at(&mut rich, 1, price(PRICE));
    assert_eq!(refused(&mut rich, 1, 0, 1), 0x6985);
}

#[test]
fn pa4_a_debit_again_is_the_same_token_and_one_debit() {
    let mut card = card();
    let token = card.buy(&CENTER, 1).unwrap();
    let root = card.card.store().root();
    assert_eq!(card.debit(&CENTER, 1), Ok(token.clone()));
    let mut card = card.power_cycle();
    assert_eq!(card.debit(&CENTER, 1), Ok(token.clone()));
    // Whatever else it says: the licence is paid.
    assert_eq!(card.send(Ins::Debit, 0, 0, &pay(&CENTER, 1, 9, 9)), Ok(token));
    assert_eq!((balance(&card, 1), card.card.store().root()), (700, root));
}

#[test]
fn pa4_a_repeated_debit_leaves_the_authorisation() {
    let mut card = card();
    load_licence_at(&mut card, 2, price(PRICE));
    card.buy(&CENTER, 1).unwrap();
    card.verify(PIN).unwrap();
    card.debit(&CENTER, 1).unwrap();
    assert!(card.debit(&CENTER, 2).is_ok());
}

/// The first of the tokens of [`fill_outbox`], beyond any that a test card makes.
const FILLED: u64 = 1_000;

/// Fills a center's places in the outbox.
fn fill_outbox(change: &mut Change, center: CenterId) {
    let waiting = OutboxRecord { licence: 9, identity: Digest([1; 32]), token: Bytes(vec![]) };
    for counter in FILLED..FILLED + u64::from(MAX_OUTBOX_OF_CENTER) {
        change.put(Key::Outbox(center, counter), &waiting);
    }
}

#[test]
fn pa5_with_a_full_outbox_nothing_is_paid_until_there_is_room() {
    let mut change = Change::new();
    fill_outbox(&mut change, CENTER.id);
    let mut card = card().with_change(change);
    assert_eq!(refused(&mut card, 1, 0, 1), 0x6A84);
    let mut change = Change::new();
    change.remove(Key::Outbox(CENTER.id, FILLED));
    assert!(card.with_change(change).buy(&CENTER, 1).is_ok());
}

#[test]
fn pa5_the_tokens_of_another_center_take_no_place_of_this_one() {
    let mut change = Change::new();
    fill_outbox(&mut change, CenterId([0xC0; 16]));
    fill_outbox(&mut change, CenterId([0xC2; 16]));
    assert!(card().with_change(change).buy(&CENTER, 1).is_ok());
}

#[test]
fn pa14_a_payment_key_that_the_card_does_not_know_is_not_paid_to() {
    let mut card = card_with(1_000, |licence| licence.center_key = Digest([7; 32]));
    assert_eq!(refused(&mut card, 1, 0, 1), 0x6A80);
}

#[test]
fn pa14_another_center_s_payment_key_is_not_paid_to() {
    let mut card = TestCard::in_use(1);
    let other = TestCenter::new(0xC2);
    other.introduce(&mut card);
    for role in [Role::Licence, Role::Credit] {
        let content = CENTER.certificate(role, 1).content();
        card.send(Ins::VerifyCertificate, 0x00, 0xBE, &content).unwrap();
    }
    let opening = CENTER.opening(card.id(), 0, &[purse(1)]);
    CENTER.send(&mut card, Ins::OpenAccount, opening).unwrap();
    load(&mut card, &purse(1), 1_000);
    load_licence_at(&mut card, 1, price(PRICE));
    assert_eq!(refused(&mut card, 1, 0, 1), 0x6A80);
    let own = CENTER.certificate(Role::Payment, 1).content();
    card.send(Ins::VerifyCertificate, 0x00, 0xBE, &own).unwrap();
    assert!(card.debit(&CENTER, 1).is_ok());
}

#[test]
fn pa14_an_old_payment_key_is_paid_to_until_it_is_retired() {
    let mut card = card();
    load_licence_at(&mut card, 2, price(PRICE));
    let mut body = CENTER.body(Role::Payment, 2);
    body.key = public_rsa(encryption_key());
    let newer = certify(body.clone()).content();
    card.send(Ins::VerifyCertificate, 0x00, 0xBE, &newer).unwrap();
    assert!(card.buy(&CENTER, 1).is_ok());
    (body.sequence, body.retires_below) = (3, 2);
    body.holder = Name::of_holder(&CENTER.id.0, Role::Payment, 3);
    card.send(Ins::VerifyCertificate, 0x00, 0xBE, &certify(body).content()).unwrap();
    assert_eq!(refused(&mut card, 2, 0, 1), 0x6A80);
}

#[test]
fn a_decrypt_first_licence_is_not_for_debit() {
    let mut card = card_with(1_000, |licence| licence.payment = PaymentOrder::DecryptFirst);
    assert_eq!(refused(&mut card, 1, 0, 1), 0x6985);
}

/// Puts the end of the card's chain at this counter.
fn count(card: &TestCard, change: &mut Change, counter: u64) {
    let account = Key::Account(CENTER.id);
    let record: AccountRecord = card.card.store().get(&account).unwrap().unwrap();
    change.put(account, &AccountRecord { counter, ..record });
}

#[test]
fn pa18_at_the_counter_s_end_nothing_is_paid() {
    let mut card = card();
    let mut change = Change::new();
    count(&card, &mut change, u64::MAX);
    // What is refused in any case is said before what may pass.
    fill_outbox(&mut change, CENTER.id);
    card = card.with_change(change);
    assert_eq!(refused(&mut card, 1, 0, 1), 0x6985);
    let mut change = Change::new();
    count(&card, &mut change, u64::MAX - 1);
    change.remove(Key::Outbox(CENTER.id, FILLED));
    card = card.with_change(change);
    let token = card.buy(&CENTER, 1).unwrap();
    assert_eq!(CENTER.read(&card, &token).0.counter, u64::MAX);
}

#[test]
fn what_is_not_for_sale_or_no_longer_is_not_paid() {
    let gift: fn(&mut Licence) = |licence| {
        licence.payment = PaymentOrder::AlreadyPaid;
        licence.prices = List(vec![]);
    };
    // Its price index does not exist.
    assert_eq!(refused(&mut card_with(1_000, gift), 1, 0, 1), 0x6A80);
    let mut late = card_with(1_000, |licence| licence.not_after = SOLD);
    assert!(late.buy(&CENTER, 1).is_ok());
    let mut late = card_with(1_000, |licence| licence.not_after = SOLD - 1);
    assert_eq!(refused(&mut late, 1, 0, 1), 0x6985);
}

#[test]
fn id10_one_verify_pays_once() {
    let mut card = card();
    load_licence_at(&mut card, 2, price(PRICE));
    card.buy(&CENTER, 1).unwrap();
    assert_eq!(card.refused(Ins::Debit, 0, 0, &pay(&CENTER, 2, 0, 1)), 0x6982);
    assert!(card.buy(&CENTER, 2).is_ok());
}

#[test]
fn id10_small_sums_add_up_to_the_limit_across_power_cycles() {
    let mut card = CENTER.customer(1, 1_000);
    for (number, amount) in [(1, 100), (2, 51), (3, 50), (4, 1), (5, 101)] {
        load_licence_at(&mut card, number, price(amount));
    }
    assert!(card.debit(&CENTER, 1).is_ok());
    let mut card = card.power_cycle();
    assert_eq!(card.refused(Ins::Debit, 0, 0, &pay(&CENTER, 2, 0, 1)), 0x6982);
    assert!(card.debit(&CENTER, 3).is_ok());
    assert_eq!(card.refused(Ins::Debit, 0, 0, &pay(&CENTER, 4, 0, 1)), 0x6982);
    // A VERIFY starts the sum anew, and its own payment is not part of it.
    card.buy(&CENTER, 2).unwrap();
    assert!(card.debit(&CENTER, 4).is_ok());
    assert_eq!(card.refused(Ins::Debit, 0, 0, &pay(&CENTER, 5, 0, 1)), 0x6982);
    assert_eq!(balance(&card, 1), 1_000 - 100 - 50 - 51 - 1);
}
