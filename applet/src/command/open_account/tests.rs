use super::*;
use crate::test_kit::{PIN, TestCard, TestCenter, purse};
use alloc::vec::Vec;
use saifu_wire::answer::Balances;
use saifu_wire::ins::Ins;
use saifu_wire::signed::Event;
use saifu_wire::value::{Kind, ScopeKind, Unit};
use saifu_wire::{AccountId, CardId, Wire};

/// A card that knows the center.
fn introduced(center: &TestCenter) -> TestCard {
    let mut card = TestCard::in_use(1);
    center.introduce(&mut card);
    card
}

fn open(center: &TestCenter, card: &mut TestCard, opening: Opening) -> Result<Vec<u8>, u16> {
    center.send(card, Ins::OpenAccount, opening)
}

/// Sends an opening that must be refused and must change nothing.
fn refused(center: &TestCenter, card: &mut TestCard, opening: Opening) -> u16 {
    let signed = center.sign(Role::Credit, opening);
    card.refused(Ins::OpenAccount, 0, 0, &signed.to_bytes())
}

fn balances(center: &TestCenter, card: &mut TestCard) -> Balances {
    card.verify(PIN).unwrap();
    Balances::from_bytes(&card.send(Ins::GetBalance, 0, 0, &center.id.0).unwrap()).unwrap()
}

#[test]
fn an_opening_begins_the_chain_at_the_cards_certificate() {
    let center = TestCenter::new(9);
    let mut card = introduced(&center);
    let opening = center.opening(card.id(), 0, &[purse(1), purse(7)]);
    let answer = open(&center, &mut card, opening.clone()).unwrap();
    let event = Signed::<Event>::parse(&answer).unwrap();
    assert_eq!(card.verifier().verify(&[event.unsigned()], event.signature()), Ok(()));
    let identity = chain::identity(&center.sign(Role::Credit, opening));
    let certificate: CardRecord = card.card.store().get(&Key::Card).unwrap().unwrap();
    let expected = Event {
        center: center.id,
        account: center.account(),
        counter: 1,
        previous: Digest(sha256(&[&certificate.signature_certificate.0])),
        kind: EventKind::Opened,
        purse: 0,
        amount: 0,
        balance: 0,
        held: 0,
        sequence: 0,
        cause: identity,
        load: LoadId::ZERO,
    };
    assert_eq!(*event.message(), expected);
    let found = balances(&center, &mut card);
    let purses: Vec<(u32, u64)> = found.purses.0.iter().map(|p| (p.purse, p.balance)).collect();
    assert_eq!((found.account, found.counter), (center.account(), 1));
    assert_eq!(purses, [(1, 0), (7, 0)]);
}

#[test]
fn the_same_opening_again_gives_the_same_answer() {
    let center = TestCenter::new(9);
    let mut card = introduced(&center);
    let opening = center.opening(card.id(), 0, &[purse(1)]);
    let first = open(&center, &mut card, opening.clone()).unwrap();
    let load = center.load(card.id(), 1, 500);
    center.send(&mut card, Ins::Credit, load).unwrap();
    let mut card = card.power_cycle();
    assert_eq!(open(&center, &mut card, opening), Ok(first));
    assert_eq!(balances(&center, &mut card).purses.0[0].balance, 500, "nothing is reset");
}

#[test]
fn a_later_opening_adds_purses_and_joins_the_chain() {
    let center = TestCenter::new(9);
    let mut card = introduced(&center);
    let opening = center.opening(card.id(), 0, &[purse(1)]);
    let first = open(&center, &mut card, opening).unwrap();
    let opening = center.opening(card.id(), 1, &[purse(2)]);
    let second = open(&center, &mut card, opening).unwrap();
    let first = Signed::<Event>::parse(&first).unwrap();
    let second = Signed::<Event>::parse(&second).unwrap();
    assert_eq!((second.message().counter, second.message().sequence), (2, 1));
    assert_eq!(second.message().previous, chain::identity(&first));
    assert_eq!(balances(&center, &mut card).purses.0.len(), 2);
}

#[test]
fn an_opening_out_of_order_or_for_another_account_is_refused() {
    let center = TestCenter::new(9);
    let mut card = introduced(&center);
    let id = card.id();
    let later = center.opening(id, 1, &[purse(1)]);
    assert_eq!(refused(&center, &mut card, later), 0x6985, "sequence 0 opens");
    open(&center, &mut card, center.opening(id, 0, &[purse(1)])).unwrap();
    for (opening, word) in [
        (center.opening(id, 0, &[purse(2)]), 0x6A89),
        (center.opening(id, 2, &[purse(2)]), 0x6985),
        (center.opening(id, u32::MAX, &[purse(2)]), 0x6985),
    ] {
        assert_eq!(refused(&center, &mut card, opening), word);
    }
    let other = AccountId([0x55; 16]);
    let elsewhere = Opening { account: other, ..center.opening(id, 1, &[purse(2)]) };
    assert_eq!(refused(&center, &mut card, elsewhere), 0x6A89);
}

#[test]
fn an_opening_that_is_not_authentic_is_6a80() {
    let center = TestCenter::new(9);
    let mut card = introduced(&center);
    let opening = center.opening(card.id(), 0, &[purse(1)]);
    let elsewhere = Opening { card: CardId([2; 16]), ..opening.clone() };
    assert_eq!(refused(&center, &mut card, elsewhere), 0x6A80);
    let unknown_key = Opening { signer: 2, ..opening.clone() };
    assert_eq!(refused(&center, &mut card, unknown_key), 0x6A80);
    for role in [Role::Licence, Role::Receipt] {
        let signed = center.sign(role, opening.clone()).to_bytes();
        assert_eq!(card.refused(Ins::OpenAccount, 0, 0, &signed), 0x6A80);
    }
    let signed = center.sign(Role::Credit, opening).to_bytes();
    for byte in 0..signed.len() {
        let mut wrong = signed.clone();
        wrong[byte] ^= 1;
        assert_eq!(card.refused(Ins::OpenAccount, 0, 0, &wrong), 0x6A80, "byte {byte}");
    }
    assert!(card.send(Ins::OpenAccount, 0, 0, &signed).is_ok());
}

#[test]
fn purse_numbers_are_new_and_not_0() {
    let center = TestCenter::new(9);
    let mut card = introduced(&center);
    let id = card.id();
    for purses in [&[purse(0)][..], &[purse(1), purse(2), purse(1)]] {
        assert_eq!(refused(&center, &mut card, center.opening(id, 0, purses)), 0x6A80);
    }
    open(&center, &mut card, center.opening(id, 0, &[purse(1)])).unwrap();
    let again = center.opening(id, 1, &[purse(2), purse(1)]);
    assert_eq!(refused(&center, &mut card, again), 0x6A80);
}

#[test]
fn a_purse_that_is_not_one_of_its_kind_or_can_never_pay_is_refused() {
    let center = TestCenter::new(9);
    let mut card = introduced(&center);
    let id = card.id();
    let scoped = |scope, id| PurseTerms { scope, scope_id: [id; 16], ..purse(2) };
    let of = |kind, terms| PurseTerms { kind, ..terms };
    let ticket = of(Kind::Ticket, PurseTerms { face_amount: 1, ..scoped(ScopeKind::Work, 1) });
    let cheque = of(Kind::Cheque, PurseTerms { face_amount: 500, max_balance: 500, ..purse(2) });
    let until = |kind| of(kind, PurseTerms { not_after: 9, ..purse(2) });
    let points = PurseTerms { unit: Unit::new("POINT").unwrap(), ..purse(2) };
    for never in [
        scoped(ScopeKind::Any, 1),
        scoped(ScopeKind::Work, 0),
        PurseTerms { max_balance: 0, ..purse(2) },
        points.clone(),
        of(Kind::CyberCoin, purse(2)),
        of(Kind::Coupon, purse(2)),
        of(Kind::CreditCard, purse(2)),
        PurseTerms { face_amount: 2, ..ticket.clone() },
        of(Kind::Ticket, PurseTerms { face_amount: 1, ..purse(2) }),
        PurseTerms { max_balance: 1_000, ..cheque.clone() },
        PurseTerms { max_balance: 0, face_amount: 0, ..cheque.clone() },
    ] {
        let opening = center.opening(id, 0, &[purse(1), never]);
        assert_eq!(refused(&center, &mut card, opening), 0x6A80);
    }
    for (sequence, terms) in (0..).zip([
        scoped(ScopeKind::Work, 1),
        scoped(ScopeKind::Shop, 1),
        scoped(ScopeKind::Shop, 0),
        PurseTerms { max_balance: 1, ..purse(2) },
        of(Kind::CyberCoin, points),
        until(Kind::Coupon),
        until(Kind::CreditCard),
        ticket,
        cheque.clone(),
        cheque,
    ]) {
        let numbered = PurseTerms { purse: sequence + 1, ..terms };
        assert!(open(&center, &mut card, center.opening(id, sequence, &[numbered])).is_ok());
    }
}

#[test]
fn more_purses_than_there_is_room_for_are_6a84() {
    let center = TestCenter::new(9);
    let mut card = introduced(&center);
    let id = card.id();
    let numbers: Vec<u32> = (1..=u32::from(MAX_PURSES)).collect();
    for (sequence, numbers) in numbers.chunks(16).enumerate() {
        let purses: Vec<PurseTerms> = numbers.iter().map(|number| purse(*number)).collect();
        open(&center, &mut card, center.opening(id, sequence as u32, &purses)).unwrap();
    }
    let next = numbers.chunks(16).count() as u32;
    let more = center.opening(id, next, &[purse(1_000)]);
    assert_eq!(refused(&center, &mut card, more), 0x6A84);
    assert_eq!(balances(&center, &mut card).purses.0.len(), numbers.len());
}

#[test]
fn each_center_has_a_chain_of_its_own() {
    let (one, two) = (TestCenter::new(8), TestCenter::new(9));
    let mut card = one.customer(1, 500);
    two.introduce(&mut card);
    let opening = two.opening(card.id(), 0, &[purse(1)]);
    let event = open(&two, &mut card, opening).unwrap();
    assert_eq!(Signed::<Event>::parse(&event).unwrap().message().counter, 1);
    assert_eq!(balances(&one, &mut card).counter, 2);
    assert_eq!(card.send(Ins::GetBalance, 0, 0, &[7; 16]), Err(0x6A88));
}
