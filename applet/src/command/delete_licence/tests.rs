use alloc::vec;
use alloc::vec::Vec;

use super::*;
use saifu_wire::answer::LicenceStatus;
use saifu_wire::certificate::Role;
use saifu_wire::ins::Ins;
use saifu_wire::signed::PaymentOrder;
use saifu_wire::stream::Header;
use saifu_wire::{CenterId, Wire};

use crate::memory::content::Place;
use crate::memory::records::{ContentRecord, HoldRecord, SettledRecord};
use crate::platform::ram::{Cut, Leaves, RamPlatform};
use crate::platform::{Form, Memory, MemoryFailed};
use crate::test_kit::sale::{delivery, opening, work};
use crate::test_kit::{PIN, TestCard, TestCenter};

const CENTER: TestCenter = TestCenter { id: CenterId([0xC1; 16]) };

fn named(number: u64) -> Vec<u8> {
    LicenceRef { center: CENTER.id, number }.to_bytes()
}

fn delete(card: &mut TestCard, number: u64) -> Result<Vec<u8>, u16> {
    card.verify(PIN).unwrap();
    card.send(Ins::DeleteLicence, 0, 0, &named(number))
}

fn refused(card: &mut TestCard, number: u64) -> u16 {
    card.verify(PIN).unwrap();
    card.refused(Ins::DeleteLicence, 0, 0, &named(number))
}

/// A card with 1,000 yen and licence 1, not paid.
fn loaded() -> TestCard {
    let mut card = CENTER.customer(1, 1_000);
    card.load_licence(&CENTER.issue(CENTER.licence(card.id(), 1))).unwrap();
    card
}

/// The same, paid and settled.
fn settled() -> TestCard {
    let mut card = loaded();
    let token = card.buy(&CENTER, 1).unwrap();
    let receipt = CENTER.sign(Role::Receipt, CENTER.receipt(&token));
    card.send(Ins::Acknowledge, 0, 0, &receipt.to_bytes()).unwrap();
    card
}

/// A card whose licence 1 has its work stored in both forms.
fn stored(header: &Header) -> TestCard {
    let mut store = Store::recover(settled().card.into_platform());
    for doubly in [false, true] {
        let id = store.next_content_id().unwrap();
        for index in 0..header.segment_count() {
            store.write_segment(Form::Content, Place { id, index }, b"a segment").unwrap();
        }
        let mut change = Change::new();
        let record = ContentRecord { id, header: header.clone(), complete: true };
        change.put(Key::Content(CENTER.id, 1, doubly), &record);
        store.commit(change).unwrap();
    }
    TestCard::with_power(store.into_platform())
}

fn objects(card: &TestCard, memory: Memory) -> usize {
    let names = card.card.store().platform().image().outside.keys();
    names.filter(|name| name.memory == memory).count()
}

#[test]
fn id4_what_was_deleted_is_gone_and_its_number_never_opens_again() {
    for mut card in [loaded(), settled()] {
        let balance = card.purse(&CENTER, 1).balance;
        assert_eq!(delete(&mut card, 1), Ok(vec![]));
        let mut card = card.power_cycle();
        assert_eq!(card.send(Ins::GetLicence, 0, 0, &named(1)), Err(0x6A88));
        let licence = CENTER.issue(CENTER.licence(card.id(), 1));
        assert_eq!(card.refused(Ins::LoadLicence, 0, 0, &licence.to_bytes()), 0x6985);
        assert_eq!(card.buy(&CENTER, 1), Err(0x6A88));
        assert_eq!(card.open(&CENTER, 1, &work(1, 1_000)), Err(0x6A88));
        assert_eq!(refused(&mut card, 1), 0x6A88);
        assert_eq!(card.purse(&CENTER, 1).balance, balance, "nothing is given back");
        assert_eq!(objects(&card, Memory::Key), 0);
    }
}

#[test]
fn id4_uses_that_were_spent_never_come_back() {
    let mut card = CENTER.customer(1, 0);
    let mut gift = CENTER.licence(card.id(), 1);
    gift.payment = PaymentOrder::AlreadyPaid;
    gift.prices.0.clear();
    gift.uses = 1;
    let gift = CENTER.issue(gift);
    card.load_licence(&gift).unwrap();
    card.open(&CENTER, 1, &work(1, 1_000)).unwrap();
    delete(&mut card, 1).unwrap();
    assert_eq!(card.load_licence(&gift), Err(0x6985));
}

#[test]
fn other_licences_and_their_keys_stay() {
    let mut card = settled();
    let other = CENTER.licence(card.id(), 2);
    card.load_licence(&CENTER.issue(other)).unwrap();
    delete(&mut card, 1).unwrap();
    assert_eq!(card.licence_state(&CENTER, 2).status, LicenceStatus::Loaded);
    card.buy(&CENTER, 2).unwrap();
    assert!(card.open(&CENTER, 2, &work(2, 1_000)).is_ok());
}

#[test]
fn nothing_is_deleted_that_is_not_there_or_without_the_pin() {
    let mut card = loaded();
    assert_eq!(card.refused(Ins::DeleteLicence, 0, 0, &named(1)), 0x6982);
    assert_eq!(refused(&mut card, 2), 0x6A88);
    let other = LicenceRef { center: CenterId([2; 16]), number: 1 };
    assert_eq!(card.refused(Ins::DeleteLicence, 0, 0, &other.to_bytes()), 0x6A88);
    assert_eq!(card.refused(Ins::DeleteLicence, 0, 0, &named(1)[1..]), 0x6A80);
}

#[test]
fn a_token_that_waits_and_a_price_on_hold_keep_their_licence() {
    let mut card = loaded();
    card.buy(&CENTER, 1).unwrap();
    assert_eq!(refused(&mut card, 1), 0x6985);
    let mut hold = Change::new();
    hold.put(Key::Hold(CENTER.id, 1), &HoldRecord { purse: 1, price_index: 0 });
    let mut card = loaded().with_change(hold);
    assert_eq!(refused(&mut card, 1), 0x6985);
}

#[test]
fn an_open_stream_of_it_is_closed_on_every_channel() {
    let mut card = settled();
    let header = work(1, 1_000);
    let segments = delivery(1, &header).concat();
    card.select_on(1);
    card.send_on(1, Ins::OpenStream, [0, 0], &opening(&CENTER, 1, &header)).unwrap();
    card.open(&CENTER, 1, &header).unwrap();
    card.decrypt(0, &segments).unwrap();
    delete(&mut card, 1).unwrap();
    assert_eq!(card.decrypt(0, &segments), Err(0x6985));
    let data = saifu_wire::request::segments_data(0, &segments);
    assert_eq!(card.send_on(1, Ins::Decrypt, [0, 0], &data), Err(0x6985));
}

#[test]
fn its_stored_work_and_its_settled_token_go_with_it() {
    let header = work(1, 1_000);
    let mut settled = Change::new();
    let record: LicenceRecord =
        stored(&header).card.store().get(&Key::Licence(CENTER.id, 1)).unwrap().unwrap();
    let token = Key::Settled(CENTER.id, record.state.token);
    settled.put(token, &SettledRecord { licence: 1, identity: record.token });
    let mut card = stored(&header).with_change(settled);
    assert_eq!(objects(&card, Memory::Content) as u64, 2 * header.segment_count());
    delete(&mut card, 1).unwrap();
    assert_eq!(objects(&card, Memory::Content), 0);
    let store = card.card.store();
    assert_eq!(store.keys(Key::contents()).count(), 0);
    assert_eq!(store.keys(token..=token).count(), 0);
}

/// Cuts the command at its write number `at_write`; whether power failed, and whether the
/// licence is gone.
fn cut(platform: &RamPlatform, at_write: u64, leaves: Leaves) -> (bool, bool) {
    let mut card = TestCard::with_power(platform.clone());
    card.verify(PIN).unwrap();
    card.card.platform_mut().cut_power(Cut { at_write, leaves, keeps_unsynced: true });
    let answer = card.send(Ins::DeleteLicence, 0, 0, &named(1));
    let failed = !card.card.store().platform().has_power();
    let card = card.power_cycle();
    let store = card.card.store();
    let gone = [
        store.get::<LicenceRecord>(&Key::Licence(CENTER.id, 1)).unwrap().is_none(),
        store.keys(Key::contents()).count() == 0,
        objects(&card, Memory::Key) == 0,
        objects(&card, Memory::Content) == 0,
    ];
    assert!(gone.iter().all(|part| *part == gone[0]), "{gone:?}: half deleted");
    assert!(answer.is_err() || gone[0], "an answer only after the commit");
    (failed, gone[0])
}

#[test]
fn a_cut_leaves_the_licence_with_everything_or_gone_with_everything() {
    let platform = stored(&work(1, 1_000)).card.into_platform();
    let mut seen = Vec::new();
    for leaves in [Leaves::Nothing, Leaves::Erased, Leaves::Garbage, Leaves::Everything] {
        let cuts = (1..).map(|at_write| cut(&platform, at_write, leaves));
        seen.extend(cuts.take_while(|(failed, _)| *failed).map(|(_, gone)| gone));
    }
    assert!(seen.contains(&true) && seen.contains(&false));
}

#[test]
fn a_memory_that_fails_deletes_nothing() {
    let mut card = loaded();
    card.verify(PIN).unwrap();
    card.card.platform_mut().refuse_writes(1, MemoryFailed::Error);
    assert_eq!(card.refused(Ins::DeleteLicence, 0, 0, &named(1)), 0x6581);
    card.card.platform_mut().accept_writes();
    assert_eq!(card.licence_state(&CENTER, 1).status, LicenceStatus::Loaded);
}
