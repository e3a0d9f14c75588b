use alloc::vec;
use alloc::vec::Vec;

use super::*;
use crate::crypto::Secret;
use saifu_wire::CenterId;
use saifu_wire::codec::List;
use saifu_wire::ins::Ins;
use saifu_wire::value::Kind;

use crate::crypto::hash::HASH_LEN;
use crate::secure::key_unwrap::count::private_operations;
use crate::test_kit::sale::{
    SOLD, commitment, content_key, delivery, plaintext, price, unsigned_with, work, wrap,
};
use crate::test_kit::{TestCard, TestCenter, certify, encryption_key};

const CENTER: TestCenter = TestCenter { id: CenterId([0xC1; 16]) };

fn card() -> TestCard {
    CENTER.customer(1, 1_000)
}

fn terms(card: &TestCard) -> Licence {
    CENTER.licence(card.id(), 1)
}

/// The status word with which a licence is refused, and whether the private operation was run.
fn refused(card: &mut TestCard, licence: &[u8]) -> (u16, bool) {
    let before = private_operations();
    let word = card.refused(Ins::LoadLicence, 0, 0, licence);
    (word, private_operations() > before)
}

/// Changes terms and has them signed as they are then.
fn changed(card: &TestCard, change: impl FnOnce(&mut Licence)) -> Signed<Licence> {
    let mut licence = terms(card);
    change(&mut licence);
    CENTER.issue(licence)
}

const NOT_AUTHENTIC_UNOPENED: (u16, bool) = (0x6A80, false);

#[test]
fn a_licence_is_kept_as_it_was_signed() {
    let mut card = card();
    let licence = changed(&card, |licence| licence.uses = 3);
    let state = card.load_licence(&licence).unwrap();
    let expected = LicenceState {
        number: 1,
        identity: chain::identity(&licence),
        content: licence.message().content,
        content_version: 1,
        total_bytes: 1_000,
        payment: PaymentOrder::PayFirst,
        status: LicenceStatus::Loaded,
        uses_left: 3,
        token: 0,
        acknowledged: false,
    };
    assert_eq!(state, expected);
    let mut card = card.power_cycle();
    assert_eq!(card.licence_state(&CENTER, 1), expected);
}

#[test]
fn an_already_paid_licence_is_paid_from_the_start_and_opens() {
    let mut card = card();
    let gift = changed(&card, |licence| {
        licence.payment = PaymentOrder::AlreadyPaid;
        licence.prices = List(vec![]);
    });
    let state = card.load_licence(&gift).unwrap();
    assert_eq!((state.status, state.uses_left), (LicenceStatus::Paid, UNLIMITED));
    let header = work(1, 1_000);
    card.open(&CENTER, 1, &header).unwrap();
    let out = card.decrypt(0, &delivery(1, &header).concat()).unwrap();
    assert_eq!(out, plaintext(&header));
}

#[test]
fn li1_each_flipped_byte_of_a_licence_is_refused_unopened() {
    let mut card = card();
    let good = CENTER.issue(terms(&card)).to_bytes();
    for at in 0..good.len() {
        let mut bad = good.clone();
        bad[at] ^= 1 << (at % 8);
        assert_eq!(refused(&mut card, &bad), NOT_AUTHENTIC_UNOPENED, "byte {at}");
    }
    assert!(card.send(Ins::LoadLicence, 0, 0, &good).is_ok());
}

#[test]
fn li2_a_licence_for_another_card_or_key_is_refused_unopened() {
    let mut card = card();
    let other_card = CENTER.issue(CENTER.licence(TestCard::in_use(2).id(), 1));
    let other_key = changed(&card, |licence| licence.card_key = Digest([7; HASH_LEN]));
    for licence in [other_card, other_key] {
        assert_eq!(refused(&mut card, &licence.to_bytes()), NOT_AUTHENTIC_UNOPENED);
    }
}

#[test]
fn li3_a_licence_signed_by_another_role_is_refused_unopened() {
    let mut card = card();
    let unsigned = CENTER.issue(terms(&card)).unsigned().to_vec();
    for role in [Role::Credit, Role::Receipt] {
        let licence = CENTER.sign_raw(role, &unsigned);
        assert_eq!(refused(&mut card, &licence), NOT_AUTHENTIC_UNOPENED, "{role:?}");
    }
    let root = saifu_wire::test_root::ROOT_PRIVATE;
    let root = crate::crypto::ecdsa::SigningKey::from_scalar(&Secret::new(root)).unwrap();
    let licence = [unsigned.as_slice(), &root.sign(&[&unsigned]).unwrap()].concat();
    assert_eq!(refused(&mut card, &licence), NOT_AUTHENTIC_UNOPENED);
}

#[test]
fn li4_a_licence_of_an_unknown_or_retired_key_is_refused_unopened() {
    let mut card = card();
    let unknown = changed(&card, |licence| licence.signer = 2);
    assert_eq!(refused(&mut card, &unknown.to_bytes()), NOT_AUTHENTIC_UNOPENED);
    let mut body = CENTER.body(Role::Licence, 2);
    body.retires_below = 2;
    card.send(Ins::VerifyCertificate, 0, 0xBE, &certify(body).content()).unwrap();
    let retired = CENTER.issue(terms(&card));
    assert_eq!(refused(&mut card, &retired.to_bytes()), NOT_AUTHENTIC_UNOPENED);
}

#[test]
fn id7_a_new_licence_key_strands_nothing_that_the_old_one_signed() {
    let mut card = card();
    let certificate = CENTER.certificate(Role::Licence, 2);
    card.send(Ins::VerifyCertificate, 0, 0xBE, &certificate.content()).unwrap();
    assert!(card.load_licence(&CENTER.issue(terms(&card))).is_ok());
}

#[test]
fn id2_a_licence_of_a_center_without_an_account_is_refused_unopened() {
    let mut card = card();
    let other = TestCenter::new(0xC2);
    let licence = other.issue(other.licence(card.id(), 1));
    assert_eq!(refused(&mut card, &licence.to_bytes()), NOT_AUTHENTIC_UNOPENED);
    other.introduce(&mut card);
    assert_eq!(refused(&mut card, &licence.to_bytes()), NOT_AUTHENTIC_UNOPENED);
}

#[test]
fn li5_the_wrapped_key_of_one_licence_does_not_open_in_another() {
    let mut card = card();
    let other = CENTER.issue(CENTER.licence(card.id(), 2));
    let foreign = other.message().wrapped_key.0.clone();
    let unsigned = unsigned_with(terms(&card), foreign);
    let genuine = CENTER.issue(terms(&card));
    let unsigned_by_center = [unsigned.as_slice(), genuine.signature()].concat();
    assert_eq!(refused(&mut card, &unsigned_by_center), NOT_AUTHENTIC_UNOPENED);
    // Even if the center itself had signed the mixture, the label does not fit.
    let signed = CENTER.sign_raw(Role::Licence, &unsigned);
    assert_eq!(refused(&mut card, &signed), (0x6A80, true));
}

#[test]
fn li6_prices_are_there_exactly_when_something_is_to_be_paid() {
    let mut card = card();
    let bad: [fn(&mut Licence); 3] = [
        |licence| licence.prices = List(vec![]),
        |licence| licence.payment = PaymentOrder::AlreadyPaid,
        |licence| licence.prices = List(vec![price(300), price(0)]),
    ];
    for change in bad {
        let licence = changed(&card, change).to_bytes();
        assert_eq!(refused(&mut card, &licence), NOT_AUTHENTIC_UNOPENED);
    }
    let highest = changed(&card, |licence| licence.prices = List(vec![price(u64::MAX)]));
    card.load_licence(&highest).unwrap();
    assert_eq!(card.buy(&CENTER, 1), Err(0x6985));
}

#[test]
fn li6_a_price_of_an_unknown_kind_is_refused_unopened() {
    let mut card = card();
    let mut unsigned = CENTER.issue(terms(&card)).unsigned().to_vec();
    let price = price(300).to_bytes();
    let at = unsigned.windows(price.len()).position(|window| window == price).unwrap();
    for kind in [0, Kind::ALL.len() as u8 + 1] {
        unsigned[at] = kind;
        let licence = CENTER.sign_raw(Role::Licence, &unsigned);
        assert_eq!(refused(&mut card, &licence), NOT_AUTHENTIC_UNOPENED, "kind {kind}");
    }
}

#[test]
fn li7_what_is_not_exactly_a_licence_is_refused_unopened_though_it_is_signed() {
    let mut card = card();
    let good = CENTER.issue(terms(&card)).unsigned().to_vec();
    let wrapped_length = good.len() - 256 - 2;
    let version = |version| [&good[..4], &[version], &good[5..]].concat();
    let mut short_length = good.clone();
    short_length[wrapped_length + 1] = 0xFF;
    short_length[wrapped_length] = 0x00;
    let mut long_length = good.clone();
    long_length[wrapped_length + 1] = 0x01;
    let receipt = [b"SRCT", &good[4..]].concat();
    let trailing = [good.as_slice(), &[0]].concat();
    let missing = good[..good.len() - 1].to_vec();
    let all = [trailing, missing, short_length, long_length, version(0), version(2), receipt];
    for unsigned in all {
        let licence = CENTER.sign_raw(Role::Licence, &unsigned);
        assert_eq!(refused(&mut card, &licence), NOT_AUTHENTIC_UNOPENED);
    }
}

#[test]
fn terms_that_could_never_hold_are_refused_unopened() {
    let mut card = card();
    let bad: [fn(&mut Licence); 4] = [
        |licence| licence.number = 0,
        |licence| licence.total_bytes = (1 << 36) + 1,
        |licence| licence.uses = UNLIMITED,
        |licence| (licence.not_before, licence.not_after) = (SOLD + 1, SOLD),
    ];
    for change in bad {
        let licence = changed(&card, change).to_bytes();
        assert_eq!(refused(&mut card, &licence), NOT_AUTHENTIC_UNOPENED);
    }
    let good: [fn(&mut Licence); 4] = [
        |licence| licence.total_bytes = 1 << 36,
        |licence| licence.uses = UNLIMITED - 1,
        |licence| (licence.not_before, licence.not_after) = (SOLD, SOLD),
        |licence| licence.not_before = SOLD,
    ];
    for (number, change) in (1..).zip(good) {
        let mut licence = CENTER.licence(card.id(), number);
        change(&mut licence);
        assert!(card.load_licence(&CENTER.issue(licence)).is_ok());
    }
}

/// Wrapped keys that do not open: each number a ciphertext must not be, and each bad padding.
fn unopenable(label: &[u8; 32]) -> Vec<(&'static str, Vec<u8>)> {
    let modulus = encryption_key().public_key().modulus();
    let mut below = modulus.clone();
    below[255] -= 1;
    let mut above = modulus.clone();
    above[255] += 1;
    let key = content_key(1);
    let good = wrap(label, key.expose());
    let mut one = vec![0; 256];
    one[255] = 1;
    let long = [&[0], good.as_slice()].concat();
    vec![
        ("0", vec![0; 256]),
        ("1", one),
        ("n - 1", below),
        ("n", modulus),
        ("n + 1", above),
        ("too short", good[..255].to_vec()),
        ("too long", long),
        ("empty", vec![]),
        ("another label", wrap(b"another", key.expose())),
        ("noise", vec![0x5A; 256]),
        ("0 bytes", wrap(label, b"")),
        ("16 bytes", wrap(label, &key.expose()[..16])),
        ("31 bytes", wrap(label, &key.expose()[..31])),
        ("33 bytes", wrap(label, &[key.expose().as_slice(), &[0]].concat())),
        ("another key", wrap(label, content_key(2).expose())),
    ]
}

#[test]
fn li8_li9_every_wrapped_key_that_does_not_open_is_refused_alike() {
    let mut card = card();
    let label = crate::crypto::hash::sha256(&[&terms(&card).terms()]);
    for (what, wrapped) in unopenable(&label) {
        let unsigned = unsigned_with(terms(&card), wrapped);
        let forged = [unsigned.as_slice(), &[1; 64]].concat();
        assert_eq!(refused(&mut card, &forged), NOT_AUTHENTIC_UNOPENED, "{what}");
        let signed = CENTER.sign_raw(Role::Licence, &unsigned);
        assert_eq!(refused(&mut card, &signed), (0x6A80, true), "{what}");
    }
    assert!(card.load_licence(&CENTER.issue(terms(&card))).is_ok());
}

#[test]
fn st10_a_key_other_than_the_one_committed_to_is_refused() {
    let mut card = card();
    let licence = changed(&card, |licence| licence.commitment = commitment(&content_key(2)));
    assert_eq!(refused(&mut card, &licence.to_bytes()), (0x6A80, true));
}

#[test]
fn li10_the_same_licence_again_tells_its_state_and_resets_nothing() {
    let mut card = card();
    let licence = changed(&card, |licence| licence.uses = 1);
    card.load_licence(&licence).unwrap();
    card.buy(&CENTER, 1).unwrap();
    card.open(&CENTER, 1, &work(1, 1_000)).unwrap();
    let operations = private_operations();
    let root = card.card.store().root();
    let again = card.load_licence(&licence).unwrap();
    assert_eq!((again.status, again.uses_left), (LicenceStatus::Paid, 0));
    assert_eq!((private_operations(), card.card.store().root()), (operations, root));
    assert_eq!(card.open(&CENTER, 1, &work(1, 1_000)), Err(0x6985));
}

#[test]
fn li11_another_licence_of_the_same_number_is_refused_unopened() {
    let mut card = card();
    card.load_licence(&CENTER.issue(terms(&card))).unwrap();
    let cheaper = changed(&card, |licence| licence.prices = List(vec![price(1)]));
    assert_eq!(refused(&mut card, &cheaper.to_bytes()), (0x6A89, false));
}

#[test]
fn li12_a_full_card_takes_no_more_licences_and_keeps_those_it_has() {
    let mut card = card();
    let licence = CENTER.issue(terms(&card));
    card.load_licence(&licence).unwrap();
    let store = card.card.store();
    let kept: LicenceRecord = store.get(&Key::Licence(CENTER.id, 1)).unwrap().unwrap();
    let mut change = Change::new();
    for number in 2..=u64::from(MAX_LICENCES) {
        change.put(Key::Licence(CenterId([0xCC; 16]), number), &kept);
    }
    let mut card = card.with_change(change);
    let one_more = CENTER.issue(CENTER.licence(card.id(), 2)).to_bytes();
    assert_eq!(refused(&mut card, &one_more), (0x6A84, false));
    assert!(card.load_licence(&licence).is_ok());
}

#[test]
fn id4_a_number_below_the_window_opens_nothing() {
    let mut card = card();
    for number in [2_000, 977] {
        card.load_licence(&CENTER.issue(CENTER.licence(card.id(), number))).unwrap();
    }
    let below = CENTER.issue(CENTER.licence(card.id(), 976)).to_bytes();
    assert_eq!(refused(&mut card, &below), (0x6985, false));
}

#[test]
fn id4_a_number_that_was_used_opens_nothing_though_its_licence_is_gone() {
    let mut card = card();
    let licence = CENTER.issue(terms(&card));
    card.load_licence(&licence).unwrap();
    let mut change = Change::new();
    change.remove(Key::Licence(CENTER.id, 1));
    change.remove(Key::ContentKey(CENTER.id, 1));
    let mut card = card.with_change(change);
    assert_eq!(refused(&mut card, &licence.to_bytes()), (0x6985, false));
}

#[test]
fn a_licence_is_loaded_whatever_it_asks_for_before_plaintext_leaves() {
    let asked: [fn(&mut Licence); 2] = [
        |licence| licence.payment = PaymentOrder::DecryptFirst,
        |licence| licence.needs_time = true,
    ];
    for change in asked {
        let mut card = card();
        let state = card.load_licence(&changed(&card, change)).unwrap();
        assert_eq!((state.status, state.token), (LicenceStatus::Loaded, 0));
    }
}

#[test]
fn a_licence_moves_the_cards_time_up_and_never_down() {
    let mut card = card();
    let mut floor_after = |number, time| {
        let mut licence = CENTER.licence(card.id(), number);
        licence.time = time;
        card.load_licence(&CENTER.issue(licence)).unwrap();
        trust::time_floor(card.card.store(), CENTER.id).unwrap()
    };
    assert_eq!(floor_after(1, SOLD), SOLD);
    assert_eq!(floor_after(2, SOLD - 1), SOLD);
    assert_eq!(floor_after(3, SOLD + 1), SOLD + 1);
}
