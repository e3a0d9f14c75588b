use super::super::test_help::{NOW, TestCard};
use super::super::{Issuer, Subject};
use super::*;
use crate::crypto::ecdsa::SigningKey;
use saifu_wire::certificate::{Date, Name, PublicKey};

/// An issuer apart from the test root, and that root as it is pinned.
fn own_issuer() -> (Issuer, PinnedRoot) {
    let name = Name::new(b"ZZOWNISSU00001").unwrap();
    let key = SigningKey::generate().unwrap();
    let PublicKey::P256(point) = key.public_key() else { panic!("a P-256 key") };
    (Issuer::new(name, key), PinnedRoot { name, point })
}

fn verdict(trust: &Trust, [signature, encryption]: &[Vec<u8>; 2]) -> Result<CardId, CardRefused> {
    trust.verify_card(signature, encryption, NOW).map(|card| card.id)
}

fn of_test_root(card: &TestCard) -> [Vec<u8>; 2] {
    card.certificates(&Issuer::test().unwrap())
}

#[test]
fn a_card_with_two_good_certificates_is_taken() {
    let card = TestCard::new(1);
    let certificates = of_test_root(&card);
    let taken = Trust::test().verify_card(&certificates[0], &certificates[1], NOW).unwrap();
    assert_eq!((taken.id, taken.assurance), (CardId([1; 16]), Assurance::Test));
    assert_eq!(taken.signature_key.public_key(), card.signature.public_key());
    assert_eq!(taken.encryption_key.public_key(), card.encryption.public_key());
    assert_eq!(taken.encryption_key_id(), key_id(card.encryption.public_key()));
    assert_eq!(taken.chain_start.0, sha256(&[&certificates[0]]));
}

#[test]
fn a_certificate_with_any_flipped_bit_is_refused() {
    let good = of_test_root(&TestCard::new(1));
    for which in 0..2 {
        for at in (0..good[which].len()).step_by(7) {
            let mut bad = good.clone();
            bad[which][at] ^= 1;
            assert!(verdict(&Trust::test(), &bad).is_err(), "certificate {which}, byte {at}");
        }
    }
}

#[test]
fn certificates_in_each_others_place_are_refused() {
    let [signature, encryption] = of_test_root(&TestCard::new(1));
    let swapped = [encryption.clone(), signature.clone()];
    assert_eq!(verdict(&Trust::test(), &swapped), Err(CardRefused::Role));
    let twice = [signature.clone(), signature];
    assert_eq!(verdict(&Trust::test(), &twice), Err(CardRefused::Role));
}

#[test]
fn li4_a_center_certificate_is_no_card_certificate() {
    let card = TestCard::new(1);
    let issuer = Issuer::test().unwrap();
    let [_, encryption] = card.certificates(&issuer);
    let licence = card.certificate(&issuer, Role::Licence, card.signature.public_key());
    assert_eq!(verdict(&Trust::test(), &[licence, encryption]), Err(CardRefused::Role));
}

#[test]
fn a_key_of_the_wrong_kind_for_its_role_is_refused() {
    let card = TestCard::new(1);
    let issuer = Issuer::test().unwrap();
    let [signature, _] = card.certificates(&issuer);
    let point = card.certificate(&issuer, Role::CardEncryption, card.signature.public_key());
    assert_eq!(verdict(&Trust::test(), &[signature, point]), Err(CardRefused::Malformed));
}

#[test]
fn certificates_of_two_cards_or_of_two_classes_are_refused() {
    let (one, other) = (TestCard::new(1), TestCard::new(2));
    let [signature, _] = of_test_root(&one);
    let [_, encryption] = of_test_root(&other);
    let mixed = [signature.clone(), encryption];
    assert_eq!(verdict(&Trust::test(), &mixed), Err(CardRefused::Mismatch));
    let software = TestCard { assurance: Assurance::Software, ..TestCard::new(1) };
    let [_, encryption] = of_test_root(&software);
    assert_eq!(verdict(&Trust::test(), &[signature, encryption]), Err(CardRefused::Mismatch));
}

#[test]
fn li4_a_root_of_ones_own_making_is_refused_even_under_the_trusted_name() {
    let card = TestCard::new(1);
    let (stranger, _) = own_issuer();
    assert_eq!(verdict(&Trust::test(), &card.certificates(&stranger)), Err(CardRefused::Untrusted));
    let name = Name::new(test_root::ROOT_NAME).unwrap();
    let impostor = Issuer::new(name, SigningKey::generate().unwrap());
    assert_eq!(verdict(&Trust::test(), &card.certificates(&impostor)), Err(CardRefused::Untrusted));
    // A Kup of the terminal's own making beside the card's genuine signature certificate.
    let [signature, _] = of_test_root(&card);
    let [_, own_kup] = card.certificates(&impostor);
    assert_eq!(verdict(&Trust::test(), &[signature, own_kup]), Err(CardRefused::Untrusted));
}

#[test]
fn li4_a_certificate_is_good_from_its_first_day_to_its_last() {
    let [signature, encryption] = of_test_root(&TestCard::new(1));
    let on = |now| Trust::test().verify_card(&signature, &encryption, now).map(|card| card.id);
    let begins = Date::new(26, 1, 1).unwrap().begins();
    let ends = Date::new(46, 12, 31).unwrap().ends();
    assert!(on(begins).is_ok() && on(ends - 1).is_ok());
    assert_eq!(on(begins - 1), Err(CardRefused::NotToday));
    assert_eq!(on(ends), Err(CardRefused::NotToday));
}

#[test]
fn each_mode_takes_its_own_classes_of_card_only() {
    let (issuer, root) = own_issuer();
    let card = |assurance| TestCard { assurance, ..TestCard::new(1) }.certificates(&issuer);
    let in_mode = |mode, class| verdict(&Trust::new(mode, vec![root.clone()]), &card(class));
    for (class, test, production) in [
        (Assurance::Test, true, false),
        (Assurance::Software, true, false),
        (Assurance::Hardware, false, true),
    ] {
        assert_eq!(in_mode(Mode::Test, class).is_ok(), test, "{class:?}");
        assert_eq!(in_mode(Mode::Production, class).is_ok(), production, "{class:?}");
    }
    assert_eq!(in_mode(Mode::Production, Assurance::Test), Err(CardRefused::Class));
}

#[test]
fn li4_the_published_root_certifies_no_hardware_card_in_any_mode() {
    let card = TestCard { assurance: Assurance::Hardware, ..TestCard::new(1) };
    let certificates = of_test_root(&card);
    assert_eq!(verdict(&Trust::test(), &certificates), Err(CardRefused::Class));
    let production = Trust::new(Mode::Production, test_root::pinned().into_iter().collect());
    assert_eq!(verdict(&production, &certificates), Err(CardRefused::Untrusted));
}

#[test]
fn a_card_once_taken_is_read_again_after_its_certificates_ended() {
    let [signature, encryption] = of_test_root(&TestCard::new(1));
    let card = Card::of_certificates(&signature, &encryption).unwrap();
    assert_eq!(card.id, CardId([1; 16]));
    let swapped = Card::of_certificates(&encryption, &signature);
    assert_eq!(swapped.err(), Some(CardRefused::Role));
}

#[test]
fn a_body_that_names_another_authority_than_its_sibling_is_refused() {
    let card = TestCard::new(1);
    let (own, root) = own_issuer();
    let test = Issuer::test().unwrap();
    let both = Trust::new(Mode::Test, [test_root::pinned().unwrap(), root].to_vec());
    let [signature, _] = card.certificates(&test);
    let [_, encryption] = card.certificates(&own);
    assert_eq!(verdict(&both, &[signature, encryption]), Err(CardRefused::Mismatch));
    let subject = Subject {
        holder_id: card.id,
        role: Role::CardEncryption,
        assurance: card.assurance,
        sequence: 2,
    };
    let kup = card.encryption.public_key().clone();
    let renewed = own.certify(kup, subject, NOW).unwrap().to_bytes();
    let [signature, _] = card.certificates(&own);
    assert_eq!(verdict(&both, &[signature, renewed]), Ok(CardId(card.id)));
}
