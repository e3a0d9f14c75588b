use alloc::vec;

use super::*;
use saifu_wire::answer::{CardStatus, LifeCycle, MemoryState};
use saifu_wire::certificate::Role;
use saifu_wire::ins::Ins;
use saifu_wire::signed::{Credit, EventKind};
use saifu_wire::value::Kind;
use saifu_wire::{CardId, Wire};

use crate::chain;
use crate::memory::MAX_PURSES;
use crate::memory::content::Place;
use crate::memory::records::{ContentRecord, HoldRecord};
use crate::platform::ram::{Cut, Leaves, RamPlatform};
use crate::platform::{Form, MemoryFailed};
use crate::test_kit::sale::work;
use crate::test_kit::{ADMINISTRATION, PIN, TestCard, TestCenter, purse};

const CENTER: TestCenter = TestCenter { id: CenterId([0xC1; 16]) };

/// A center with a lower id.
const OTHER: TestCenter = TestCenter { id: CenterId([0x07; 16]) };

/// The card with a stored work, as every memory has something then.
fn with_work(card: TestCard) -> TestCard {
    let header = work(1, 1_000);
    let mut store = Store::recover(card.card.into_platform());
    let id = store.next_content_id().unwrap();
    let mut change = Change::new();
    let record = ContentRecord { id, header, complete: false };
    change.put(Key::Content(CENTER.id, 1, false), &record);
    store.commit(change).unwrap();
    store.write_segment(Form::Content, Place { id, index: 0 }, b"a segment").unwrap();
    TestCard::with_power(store.into_platform())
}

/// A card that knows the administration, with 700 yen at one center and two empty purses at
/// another.
fn customer() -> TestCard {
    let mut card = CENTER.customer(1, 700).know_administration();
    OTHER.introduce(&mut card);
    let opening = OTHER.opening(card.id(), 0, &[purse(1), purse(2)]);
    OTHER.send(&mut card, Ins::OpenAccount, opening).unwrap();
    card
}

fn challenge(card: &mut TestCard) -> Nonce {
    Nonce::from_bytes(&card.send(Ins::GetChallenge, 0, 0, &[]).unwrap()).unwrap()
}

/// An order for a fresh challenge of the card, changed and then signed.
fn order(card: &mut TestCard, change: impl FnOnce(&mut TerminateOrder)) -> Vec<u8> {
    let nonce = challenge(card);
    let mut order = TerminateOrder { signer: 1, card: card.id(), nonce, erase: false };
    change(&mut order);
    ADMINISTRATION.sign(Role::Administration, order).to_bytes()
}

fn close(card: &mut TestCard, number: u8) -> Result<Signed<Closing>, u16> {
    let order = order(card, |_| ());
    let answer = card.send(Ins::Terminate, 0, number, &order)?;
    Ok(Signed::parse(&answer).unwrap())
}

fn erase(card: &mut TestCard) -> Result<Vec<u8>, u16> {
    let order = order(card, |order| order.erase = true);
    card.send(Ins::Terminate, 1, 0, &order)
}

/// An order that is refused, and changes nothing; the status word.
fn refused(card: &mut TestCard, p1: u8, p2: u8, change: impl FnOnce(&mut TerminateOrder)) -> u16 {
    let order = order(card, change);
    card.refused(Ins::Terminate, p1, p2, &order)
}

fn status(card: &mut TestCard) -> CardStatus {
    CardStatus::from_bytes(&card.send(Ins::GetData, 0xDF, 0x02, &[]).unwrap()).unwrap()
}

#[test]
fn each_center_gets_a_signed_closing_and_then_the_card_is_empty() {
    let mut card = customer();
    let account: AccountRecord = card.card.store().get(&Key::Account(CENTER.id)).unwrap().unwrap();
    let first = close(&mut card, 0).unwrap();
    assert_eq!(first.message().center, OTHER.id);
    assert_eq!(first.message().purses.0.len(), 2);
    let second = close(&mut card, 1).unwrap();
    card.verifier().verify(&[second.unsigned()], second.signature()).unwrap();
    let said = second.message();
    assert_eq!((said.center, said.account), (CENTER.id, CENTER.account()));
    assert_eq!((said.counter, said.previous), (account.counter, account.previous));
    let [left] = &said.purses.0[..] else { panic!("one purse") };
    assert_eq!((left.purse, left.kind, left.balance), (1, Kind::BitCash, 700));
    assert_eq!(erase(&mut card), Ok(vec![]));
    for mut card in [TestCard::with_power(card.card.store().platform().clone()), card] {
        assert_eq!(card.select().1, 0x6285);
        assert_eq!(status(&mut card).life_cycle, LifeCycle::Terminated);
        assert_eq!(status(&mut card).memory, MemoryState::Missing);
        assert!(card.card.store().platform().image().outside.is_empty());
    }
}

#[test]
fn a_closing_tells_how_the_last_load_of_each_purse_ended() {
    let mut card = customer();
    let none = close(&mut card, 0).unwrap();
    assert!(
        none.message().purses.0.iter().all(|purse| (purse.sequence, purse.last.0.len()) == (0, 0))
    );
    for voids in [false, true] {
        let mut card = customer();
        let load = CENTER.sign(Role::Credit, CENTER.load(card.id(), 2, 50));
        card.verify(PIN).unwrap();
        let ends = if voids { Ins::Void } else { Ins::Credit };
        let event = card.send(ends, 0, 0, &load.to_bytes()).unwrap();
        let closing = close(&mut card, 1).unwrap();
        let left = &closing.message().purses.0[0];
        assert_eq!((left.sequence, &left.last.0), (2, &event));
        let kind = if voids { EventKind::Voided } else { EventKind::Credited };
        assert_eq!(
            (card.event(&left.last.0).kind, left.balance),
            (kind, if voids { 700 } else { 750 })
        );
        assert_eq!(card.event(&left.last.0).cause, chain::identity(&load));
    }
}

#[test]
fn the_closing_of_as_many_purses_as_there_can_be_is_one_answer() {
    let mut card = TestCard::administrated(1);
    CENTER.introduce(&mut card);
    let numbers = 1..=u32::from(MAX_PURSES);
    for (sequence, some) in (0..).zip(numbers.clone().collect::<Vec<_>>().chunks(16)) {
        let purses: Vec<_> = some.iter().map(|number| purse(*number)).collect();
        let opening = CENTER.opening(card.id(), sequence, &purses);
        CENTER.send(&mut card, Ins::OpenAccount, opening).unwrap();
    }
    for number in numbers.clone() {
        let load = Credit { purse: number, ..CENTER.load(card.id(), 1, 50) };
        CENTER.send(&mut card, Ins::Credit, load).unwrap();
    }
    let closing = close(&mut card, 0).unwrap();
    let told = closing.message().purses.0.iter().map(|left| left.purse);
    assert_eq!(told.collect::<Vec<_>>(), numbers.collect::<Vec<_>>());
    assert!(closing.to_bytes().len() < 20_000, "{}", closing.to_bytes().len());
}

#[test]
fn a_card_that_is_being_closed_does_nothing_else() {
    let mut card = customer();
    card.verify(PIN).unwrap();
    close(&mut card, 1).unwrap();
    for mut card in [TestCard::with_power(card.card.store().platform().clone()), card] {
        assert_eq!(status(&mut card).life_cycle, LifeCycle::Deactivated);
        assert_eq!(card.refused(Ins::Verify, 0x00, 0x81, PIN), 0x6985);
        assert_eq!(card.refused(Ins::GetBalance, 0, 0, &CENTER.id.0), 0x6985);
        let load = CENTER.sign(Role::Credit, CENTER.load(card.id(), 2, 100));
        assert_eq!(card.refused(Ins::Credit, 0, 0, &load.to_bytes()), 0x6985);
        assert_eq!(refused(&mut card, 1, 0, |order| order.erase = true), 0x6985, "one is missing");
        close(&mut card, 0).unwrap();
        assert_eq!(erase(&mut card), Ok(vec![]));
    }
}

#[test]
fn a_closing_may_be_asked_for_again_and_says_the_same() {
    let mut card = customer();
    let first = close(&mut card, 1).unwrap();
    let mut card = card.power_cycle();
    let again = close(&mut card, 1).unwrap();
    assert_eq!(first.message().purses, again.message().purses);
    assert_ne!(chain::identity(&first), chain::identity(&again), "each names its challenge");
}

#[test]
fn id11_an_order_that_is_not_the_issuers_for_this_card_and_challenge_is_refused() {
    let mut card = customer();
    assert_eq!(refused(&mut card, 0, 0, |order| order.card = CardId([9; 16])), 0x6982);
    assert_eq!(refused(&mut card, 0, 0, |order| order.nonce = Nonce([9; 32])), 0x6982);
    assert_eq!(refused(&mut card, 0, 0, |order| order.signer = 2), 0x6982);
    assert_eq!(refused(&mut card, 0, 0, |order| order.erase = true), 0x6982, "for another step");
    assert_eq!(refused(&mut card, 1, 0, |_| ()), 0x6982, "for another step");
    let nonce = challenge(&mut card);
    let order = TerminateOrder { signer: 1, card: card.id(), nonce, erase: false };
    let host = CENTER.sign(Role::Administration, order).to_bytes();
    assert_eq!(card.refused(Ins::Terminate, 0, 0, &host), 0x6982);
    assert_eq!(status(&mut card).life_cycle, LifeCycle::Activated);
}

#[test]
fn a_challenge_is_good_once_and_in_its_own_session() {
    let mut card = customer();
    let good = order(&mut card, |_| ());
    card.select_on(1);
    assert_eq!(card.send_on(1, Ins::Terminate, [0, 0], &good), Err(0x6982));
    card.send(Ins::Terminate, 0, 0, &good).unwrap();
    assert_eq!(card.refused(Ins::Terminate, 0, 0, &good), 0x6982);
    let wrong = order(&mut card, |order| order.signer = 2);
    assert_eq!(card.refused(Ins::Terminate, 0, 0, &wrong), 0x6982);
    let good = order(&mut card, |_| ());
    card.select();
    assert_eq!(card.refused(Ins::Terminate, 0, 0, &good), 0x6982);
}

#[test]
fn a_card_that_knows_no_administration_ends_for_nobody() {
    let mut card = CENTER.customer(1, 0);
    assert_eq!(refused(&mut card, 0, 0, |_| ()), 0x6982);
}

#[test]
fn id11_value_that_is_on_its_way_keeps_the_card_alive() {
    let mut card = customer();
    let licence = CENTER.issue(CENTER.licence(card.id(), 1));
    card.load_licence(&licence).unwrap();
    let mut hold = Change::new();
    hold.put(Key::Hold(CENTER.id, 1), &HoldRecord { purse: 1, price_index: 0 });
    let mut held = TestCard::with_power(card.card.store().platform().clone()).with_change(hold);
    card.buy(&CENTER, 1).unwrap();
    for card in [&mut held, &mut card] {
        // At the center that has nothing to do with it, too.
        assert_eq!(refused(card, 0, 0, |_| ()), 0x6985);
        assert_eq!(refused(card, 1, 0, |order| order.erase = true), 0x6985);
        assert_eq!(status(card).life_cycle, LifeCycle::Activated);
    }
}

#[test]
fn there_is_no_closing_beyond_the_last_center() {
    let mut card = customer();
    assert_eq!(refused(&mut card, 0, 2, |_| ()), 0x6A88);
    assert_eq!(refused(&mut card, 0, 0xFF, |_| ()), 0x6A88);
    assert_eq!(refused(&mut card, 1, 0, |order| order.erase = true), 0x6985, "none is answered");
}

#[test]
fn a_card_without_accounts_ends_at_once() {
    let mut card = TestCard::administrated(1);
    assert_eq!(refused(&mut card, 0, 0, |_| ()), 0x6A88);
    assert_eq!(erase(&mut card), Ok(vec![]));
    assert_eq!(card.select().1, 0x6285);
}

#[test]
fn h4_the_end_ends_every_session_and_what_was_left_to_say_in_it() {
    let mut card = customer();
    card.select_on(1);
    let (_, word) = card.transmit(&[0x01, 0xCA, 0x7F, 0x21, 0x01]);
    assert_eq!(word, 0x6100, "the certificates are longer");
    for number in 0..2 {
        close(&mut card, number).unwrap();
    }
    assert_eq!(erase(&mut card), Ok(vec![]));
    assert_eq!(card.transmit(&[0x01, 0xC0, 0x00, 0x00, 0x00]), (vec![], 0x6985));
    assert_eq!(card.transmit(&[0x01, 0xCA, 0xDF, 0x01, 0x00]).1, 0x9000, "selected it stays");
}

#[test]
fn an_order_that_is_not_well_formed_changes_nothing() {
    let mut card = customer();
    let good = order(&mut card, |_| ());
    for bad in [&good[1..], &good[..good.len() - 1], &[&good[..], &[0]].concat()] {
        assert_eq!(card.refused(Ins::Terminate, 0, 0, bad), 0x6A80);
    }
    assert!(card.send(Ins::Terminate, 0, 0, &good).is_ok());
}

/// Carries a step out on a copy of a card and cuts it at its write number `at_write`; whether
/// power failed, and the card afterwards.
fn cut(platform: &RamPlatform, at: (u64, Leaves), erases: bool) -> (bool, TestCard) {
    let (at_write, leaves) = at;
    let mut card = TestCard::with_power(platform.clone());
    let order = order(&mut card, |order| order.erase = erases);
    card.card.platform_mut().cut_power(Cut { at_write, leaves, keeps_unsynced: true });
    let answer = card.send(Ins::Terminate, u8::from(erases), 0, &order);
    let failed = !card.card.store().platform().has_power();
    let card = card.power_cycle();
    let after = if erases { LifeCycle::Terminated } else { LifeCycle::Deactivated };
    assert!(answer.is_err() || card.card.store().life_cycle() == after);
    (failed, card)
}

const CUTS: [Leaves; 5] =
    [Leaves::Nothing, Leaves::Erased, Leaves::Beginning(90), Leaves::Garbage, Leaves::Everything];

#[test]
fn a_cut_inside_a_closing_leaves_the_card_in_use_or_being_closed_with_it() {
    let platform = customer().card.into_platform();
    let mut seen = Vec::new();
    for leaves in CUTS {
        let cuts = (1..).map(|at_write| cut(&platform, (at_write, leaves), false));
        for (_, mut card) in cuts.take_while(|(failed, _)| *failed) {
            let found = (status(&mut card).life_cycle, answered(card.card.store()).unwrap());
            seen.push(found);
            close(&mut card, 0).unwrap();
        }
    }
    let whole = [(LifeCycle::Activated, 0), (LifeCycle::Deactivated, 1)];
    assert!(seen.iter().all(|found| whole.contains(found)));
    assert!(whole.iter().all(|state| seen.contains(state)));
}

#[test]
fn pi6_a_cut_inside_the_end_leaves_the_card_alive_or_without_master_key() {
    let mut card = with_work(customer());
    close(&mut card, 0).unwrap();
    close(&mut card, 1).unwrap();
    let platform = card.card.into_platform();
    let master = master_of(&platform);
    let mut seen = Vec::new();
    for leaves in CUTS {
        let cuts = (1..).map(|at_write| cut(&platform, (at_write, leaves), true));
        for (_, mut card) in cuts.take_while(|(failed, _)| *failed) {
            let state = status(&mut card).life_cycle;
            seen.push(state);
            if state == LifeCycle::Terminated {
                let image = card.card.store().platform().image();
                let left = image.slots.iter().filter(|slot| holds(*slot, &master)).count();
                assert_eq!(left, 0, "no slot has the master key");
                assert!(image.outside.is_empty(), "nothing it sealed is left");
            } else {
                assert_eq!(erase(&mut card), Ok(vec![]));
            }
        }
    }
    assert!(seen.contains(&LifeCycle::Deactivated) && seen.contains(&LifeCycle::Terminated));
    assert_eq!(seen.iter().filter(|state| **state == LifeCycle::Activated).count(), 0);
}

/// `Km`, which stands before the check at the end of the current slot.
fn master_of(platform: &RamPlatform) -> Vec<u8> {
    let [a, b] = &platform.image().slots;
    assert_eq!(a[64..96], b[64..96]);
    a[64..96].to_vec()
}

fn holds(slot: &[u8], secret: &[u8]) -> bool {
    slot.windows(secret.len()).any(|window| window == secret)
}

#[test]
fn a_memory_that_fails_ends_nothing() {
    let mut card = customer();
    let order = order(&mut card, |_| ());
    card.card.platform_mut().refuse_writes(1, MemoryFailed::Error);
    assert_eq!(card.refused(Ins::Terminate, 0, 0, &order), 0x6581);
    card.card.platform_mut().accept_writes();
    assert!(close(&mut card, 0).is_ok());
}
