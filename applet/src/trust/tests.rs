use super::*;
use crate::crypto::Secret;
use crate::crypto::ecdsa::SigningKey;
use crate::test_kit::{
    CERTIFIED, TestCard, TestCenter, certify, encryption_key, public_rsa, purse,
};
use alloc::vec;
use saifu_wire::answer::CenterKeys;
use saifu_wire::certificate::{Date, Name};
use saifu_wire::ins::Ins;
use saifu_wire::{Wire, tlv};

const CENTER: u8 = 9;

/// Shows a certificate to the card.
fn show(card: &mut TestCard, body: Body) -> Result<Vec<u8>, u16> {
    show_content(card, &certify(body).content())
}

fn show_content(card: &mut TestCard, content: &[u8]) -> Result<Vec<u8>, u16> {
    card.send(Ins::VerifyCertificate, 0x00, 0xBE, content)
}

fn refused(card: &mut TestCard, content: &[u8]) -> u16 {
    card.refused(Ins::VerifyCertificate, 0x00, 0xBE, content)
}

/// The body of a credit key's certificate, with a change.
fn body(sequence: u32, change: impl FnOnce(&mut Body)) -> Body {
    let mut body = TestCenter::new(CENTER).body(Role::Credit, sequence);
    change(&mut body);
    body
}

fn knows(card: &TestCard, sequence: u32) -> bool {
    let signer = Signer { holder: CenterId([CENTER; 16]), role: Role::Credit, sequence };
    verifying_key(card.card.store(), signer).is_ok()
}

/// A card to which the center has signed this time already.
fn card_at(time: u64) -> TestCard {
    let mut card = TestCard::in_use(1);
    show(&mut card, body(1, |_| ())).unwrap();
    let mut store = Store::recover(card.card.into_platform());
    let key = Key::Center(CenterId([CENTER; 16]));
    let known: CenterRecord = store.get(&key).unwrap().unwrap();
    let mut change = Change::new();
    change.put(key, &CenterRecord { time_floor: time, ..known });
    store.commit(change).unwrap();
    TestCard::with_power(store.into_platform())
}

#[test]
fn a_certified_key_is_known_and_the_same_again_is_9000() {
    let mut card = TestCard::in_use(1);
    assert!(!knows(&card, 1));
    assert_eq!(show(&mut card, body(1, |_| ())), Ok(vec![]));
    assert!(knows(&card, 1));
    let before = card.card.store().platform().image().clone();
    assert_eq!(show(&mut card, body(1, |_| ())), Ok(vec![]));
    assert_eq!(*card.card.store().platform().image(), before);
    assert!(knows(&card.power_cycle(), 1));
}

#[test]
fn the_administration_has_a_key_too() {
    let mut card = TestCard::in_use(1);
    let admin = TestCenter::new(7).body(Role::Administration, 1);
    assert_eq!(show(&mut card, admin), Ok(vec![]));
}

#[test]
fn there_is_one_administration_and_it_may_have_several_keys() {
    let mut card = TestCard::in_use(1);
    let one = |sequence| TestCenter::new(7).body(Role::Administration, sequence);
    let other = certify(TestCenter::new(8).body(Role::Administration, 9)).content();
    show(&mut card, one(1)).unwrap();
    assert_eq!(refused(&mut card, &other), 0x6A80);
    show(&mut card, Body { retires_below: 2, ..one(2) }).unwrap();
    let mut card = card.power_cycle();
    assert_eq!(refused(&mut card, &other), 0x6A80);
    // Whoever administrates one issuer's cards may sell at a center of the same id, and the other
    // way round.
    assert_eq!(show(&mut card, TestCenter::new(8).body(Role::Credit, 1)), Ok(vec![]));
    assert_eq!(show(&mut card, TestCenter::new(7).body(Role::Credit, 1)), Ok(vec![]));
}

#[test]
fn li4_a_certificate_of_another_authority_is_refused() {
    let mut card = TestCard::in_use(1);
    let unknown = body(1, |body| body.authority = Name::new(b"ZZSAIFUTEST00002").unwrap());
    assert_eq!(refused(&mut card, &certify(unknown).content()), 0x6A80);
    let impostor = SigningKey::from_scalar(&Secret::new([7; 32])).unwrap();
    let forged = Certificate::sign(body(1, |_| ()), |signed| impostor.sign(&[signed])).unwrap();
    assert_eq!(refused(&mut card, &forged.content()), 0x6A80);
}

#[test]
fn li4_a_certificate_of_a_known_center_certifies_nobody() {
    let mut card = TestCard::in_use(1);
    show(&mut card, body(1, |_| ())).unwrap();
    let holder = certify(body(1, |_| ())).body().holder;
    let key = TestCenter::new(CENTER).key(Role::Credit, 1);
    let second = body(2, |body| body.authority = holder);
    let chained = Certificate::sign(second, |signed| key.sign(&[signed])).unwrap();
    assert_eq!(refused(&mut card, &chained.content()), 0x6A80);
}

#[test]
fn li4_a_substitute_of_the_root_is_refused() {
    let key = SigningKey::from_scalar(&Secret::new([7; 32])).unwrap();
    for role in [Role::Issuer, Role::CardSignature, Role::Credit] {
        let own = body(1, |body| {
            body.role = role;
            body.key = PublicKey::P256(key.public_point());
            body.holder = body.authority;
        });
        let content =
            Certificate::sign(own.clone(), |signed| key.sign(&[signed])).unwrap().content();
        assert_eq!(refused(&mut TestCard::in_use(1), &content), 0x6A80);
        // Under the right root, only the role stands in its way.
        assert_eq!(show(&mut TestCard::in_use(1), own).is_ok(), role == Role::Credit);
    }
}

#[test]
fn li4_an_expired_certificate_is_refused_by_the_cards_own_time() {
    for (time, good) in [(0, true), (CERTIFIED.end - 1, true), (CERTIFIED.end, false)] {
        let mut card = card_at(time);
        assert_eq!(show(&mut card, body(2, |_| ())).err(), (!good).then_some(0x6A80), "{time}");
        assert_eq!(knows(&card, 1), good, "what was accepted earlier expires, too");
    }
    let mut card = card_at(CERTIFIED.end);
    let longer = body(2, |body| body.expires = Date::new(35, 1, 1).unwrap());
    assert_eq!(show(&mut card, longer), Ok(vec![]));
    let elsewhere = TestCenter::new(8).body(Role::Credit, 1);
    assert_eq!(show(&mut card, elsewhere), Ok(vec![]), "another center's time is its own");
}

#[test]
fn li4_licence_and_credit_keys_end_with_their_certificate_and_no_other_keys_do() {
    let center = TestCenter::new(CENTER);
    for (time, good) in [(CERTIFIED.end - 1, true), (CERTIFIED.end, false)] {
        let mut card = TestCard::in_use(1);
        center.introduce(&mut card);
        let mut change = Change::new();
        let key = Key::Center(center.id);
        let known: CenterRecord = card.card.store().get(&key).unwrap().unwrap();
        change.put(key, &CenterRecord { time_floor: time, ..known });
        let mut card = card.with_change(change);
        let key = |role| {
            verifying_key(card.card.store(), Signer { holder: center.id, role, sequence: 1 })
        };
        assert_eq!(key(Role::Licence).is_ok(), good);
        assert_eq!(key(Role::Credit).is_ok(), good);
        assert!(key(Role::Receipt).is_ok());
        let id = Digest(sha256(&[&public_rsa(TestCenter::payment_key()).to_object()]));
        assert!(payment_key(card.card.store(), center.id, &id).is_ok());
        let opening = center.opening(card.id(), 0, &[purse(1)]);
        let word = center.send(&mut card, Ins::OpenAccount, opening).err();
        assert_eq!(word, (!good).then_some(0x6A80));
    }
}

#[test]
fn li4_what_a_later_certificate_retires_is_refused_and_forgotten() {
    let mut card = TestCard::in_use(1);
    for sequence in [1, 2] {
        show(&mut card, body(sequence, |_| ())).unwrap();
    }
    show(&mut card, body(3, |body| body.retires_below = 2)).unwrap();
    assert_eq!([1, 2, 3].map(|sequence| knows(&card, sequence)), [false, true, true]);
    assert_eq!(refused(&mut card, &certify(body(1, |_| ())).content()), 0x6A80);
    let own = body(4, |body| body.retires_below = 5);
    assert_eq!(refused(&mut card, &certify(own).content()), 0x6A80, "it retires itself");
    let lower = body(4, |body| body.retires_below = 1);
    assert_eq!(show(&mut card, lower), Ok(vec![]));
    assert_eq!(refused(&mut card, &certify(body(1, |_| ())).content()), 0x6A80);
}

#[test]
fn a_retiring_certificate_touches_neither_another_role_nor_another_center() {
    let mut card = TestCard::in_use(1);
    let licence = TestCenter::new(CENTER).body(Role::Licence, 1);
    let elsewhere = TestCenter::new(8).body(Role::Credit, 1);
    show(&mut card, licence.clone()).unwrap();
    show(&mut card, elsewhere.clone()).unwrap();
    show(&mut card, body(9, |body| body.retires_below = 9)).unwrap();
    for kept in [licence, elsewhere] {
        let signer = Signer { holder: CenterId(kept.holder_id), role: kept.role, sequence: 1 };
        assert!(verifying_key(card.card.store(), signer).is_ok());
        assert_eq!(show(&mut card, kept), Ok(vec![]));
    }
}

#[test]
fn the_same_key_with_a_higher_retires_below_raises_the_floor() {
    let mut card = TestCard::in_use(1);
    show(&mut card, body(1, |_| ())).unwrap();
    show(&mut card, body(2, |_| ())).unwrap();
    show(&mut card, body(2, |body| body.retires_below = 2)).unwrap();
    assert_eq!([1, 2].map(|sequence| knows(&card, sequence)), [false, true]);
}

#[test]
fn a_sequence_with_another_key_is_6a89() {
    let mut card = TestCard::in_use(1);
    show(&mut card, body(1, |_| ())).unwrap();
    let other = TestCenter::new(CENTER).key(Role::Credit, 2).public_point();
    let taken = body(1, |body| body.key = PublicKey::P256(other));
    assert_eq!(refused(&mut card, &certify(taken).content()), 0x6A89);
    assert!(knows(&card, 1));
}

#[test]
fn four_keys_per_role_have_room_and_retiring_makes_some() {
    let mut card = TestCard::in_use(1);
    for sequence in 1..=4 {
        show(&mut card, body(sequence, |_| ())).unwrap();
    }
    assert_eq!(refused(&mut card, &certify(body(5, |_| ())).content()), 0x6A84);
    assert_eq!(show(&mut card, body(5, |body| body.retires_below = 2)), Ok(vec![]));
}

#[test]
fn no_more_keys_are_kept_than_get_data_can_list() {
    let mut card = TestCard::in_use(1);
    let roles = [Role::Administration, Role::Licence, Role::Credit, Role::Receipt, Role::Payment];
    let mut kept = 0;
    for seed in 1..=MAX_CENTERS {
        for (role, sequence) in roles.iter().flat_map(|role| (1..=4).map(move |n| (*role, n))) {
            let certificate = TestCenter::new(seed).body(role, sequence);
            kept += usize::from(show(&mut card, certificate).is_ok());
        }
    }
    let listed = CenterKeys::from_bytes(&card.send(Ins::GetData, 0xDF, 0x05, &[]).unwrap());
    assert_eq!(listed.unwrap().0.len(), kept);
    assert_eq!(kept, 4 * (4 * usize::from(MAX_CENTERS) + 1));
}

#[test]
fn a_key_of_the_wrong_type_for_its_role_is_refused() {
    let rsa = public_rsa(encryption_key());
    let mut card = TestCard::in_use(1);
    let credit = body(1, |body| body.key = rsa.clone());
    assert_eq!(refused(&mut card, &certify(credit).content()), 0x6A80);
    let payment = body(1, |body| body.role = Role::Payment);
    assert_eq!(refused(&mut card, &certify(payment).content()), 0x6A80);
}

#[test]
fn li15_weak_keys_are_refused() {
    let PublicKey::Rsa { modulus, exponent } = public_rsa(encryption_key()) else { panic!() };
    let even = [&modulus[..255], &[modulus[255] & !1]].concat();
    let weak = [
        (modulus.clone(), vec![3]),
        (modulus.clone(), vec![1, 0, 0]),
        (modulus.clone(), vec![0, 1, 0, 1]),
        (modulus[..128].to_vec(), exponent.clone()),
        ([&[0x7F], &modulus[1..]].concat(), exponent.clone()),
        (even, exponent.clone()),
    ];
    for (modulus, exponent) in weak {
        let key = PublicKey::Rsa { modulus, exponent };
        let certificate = TestCenter::new(CENTER).body(Role::Payment, 1);
        let content = certify(Body { key, ..certificate }).content();
        assert_eq!(refused(&mut TestCard::in_use(1), &content), 0x6A80);
    }
    let good = TestCenter::new(CENTER).body(Role::Payment, 1);
    assert_eq!(show(&mut TestCard::in_use(1), good), Ok(vec![]));
}

#[test]
fn li15_a_point_off_the_curve_is_refused() {
    let mut point = TestCenter::new(CENTER).key(Role::Credit, 1).public_point();
    point[64] ^= 1;
    for point in [point, [4; 65]] {
        let off = body(1, |body| body.key = PublicKey::P256(point));
        assert_eq!(refused(&mut TestCard::in_use(1), &certify(off).content()), 0x6A80);
    }
}

#[test]
fn li14_a_certificate_in_another_encoding_is_refused() {
    let certificate = certify(body(1, |_| ()));
    let (signed, signature) = (certificate.signed(), tlv::object(0x5F37, certificate.signature()));
    let [head, length, rest] = [&signed[..2], &signed[2..4], &signed[4..]];
    assert_eq!(length[0], 0x81, "the body has 128 to 255 bytes");
    let longer = [head, &[0x82, 0, length[1]], rest, &signature].concat();
    let indefinite = [head, &[0x80], rest, &[0, 0], &signature].concat();
    let huge = [head, &[0x84, 0xFF, 0xFF, 0xFF, 0xFF], rest, &signature].concat();
    let wrong = [
        [&signature, signed].concat(),
        [signed, &signature, &signature].concat(),
        signed.to_vec(),
        longer,
        indefinite,
        huge,
        certificate.to_bytes(),
        [signed, &signature[..signature.len() - 1]].concat(),
    ];
    for content in wrong {
        assert_eq!(refused(&mut TestCard::in_use(1), &content), 0x6A80);
    }
    assert_eq!(show_content(&mut TestCard::in_use(1), &certificate.content()), Ok(vec![]));
}

#[test]
fn every_flipped_bit_of_a_certificate_is_refused() {
    let content = certify(body(1, |_| ())).content();
    let mut card = TestCard::in_use(1);
    for bit in 0..content.len() * 8 {
        let mut wrong = content.clone();
        wrong[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(show_content(&mut card, &wrong), Err(0x6A80), "bit {bit}");
    }
    assert!(!knows(&card, 1));
}

#[test]
fn a_message_counts_only_under_the_key_that_it_names() {
    let center = TestCenter::new(CENTER);
    let mut card = center.customer(1, 0);
    let load = center.load(card.id(), 1, 500);
    let signed = center.sign(Role::Credit, load.clone());
    let check = |card: &TestCard, holder: u8, role, sequence| {
        let signer = Signer { holder: CenterId([holder; 16]), role, sequence };
        verify(card.card.store(), signer, &signed).map_err(Refusal::to_be_bytes)
    };
    assert_eq!(check(&card, CENTER, Role::Credit, 1), Ok(()));
    for (holder, role, sequence) in [
        (8, Role::Credit, 1),
        (CENTER, Role::Licence, 1),
        (CENTER, Role::Credit, 2),
        (CENTER, Role::Payment, 1),
    ] {
        assert_eq!(check(&card, holder, role, sequence), Err([0x6A, 0x80]));
    }
    show(&mut card, body(2, |body| body.retires_below = 2)).unwrap();
    assert_eq!(check(&card, CENTER, Role::Credit, 1), Err([0x6A, 0x80]), "retired");
}

#[test]
fn the_payment_key_is_found_by_its_id_alone() {
    let center = TestCenter::new(CENTER);
    let card = center.customer(1, 0);
    let id = Digest(sha256(&[&public_rsa(TestCenter::payment_key()).to_object()]));
    let find = |center: u8, id: &Digest| payment_key(card.card.store(), CenterId([center; 16]), id);
    let modulus = TestCenter::payment_key().public_key().modulus();
    assert_eq!(find(CENTER, &id).unwrap().modulus(), modulus);
    assert!(find(CENTER, &Digest([1; 32])).is_err());
    assert!(find(8, &id).is_err());
}
