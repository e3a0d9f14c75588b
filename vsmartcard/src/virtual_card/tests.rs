use super::*;
use crate::personalise::TestAdministration;
use crate::platform::{RamPlatform, Shared};
use saifu_wire::answer::{CERTIFICATES, CardStatus, LifeCycle, MemoryState, Selected};
use saifu_wire::certificate::{Certificate, Role};
use saifu_wire::codec::{Reader, Wire};

fn blank() -> (VirtualCard, Shared<RamPlatform>) {
    let machine = Shared::new(RamPlatform::new(7));
    (VirtualCard::on(machine.clone()), machine)
}

fn in_use() -> (VirtualCard, Shared<RamPlatform>) {
    let (mut card, machine) = blank();
    card.personalise(CardId([7; 16]), &NewCard::default()).unwrap();
    (card, machine)
}

fn get_data(card: &mut VirtualCard, tag: u16) -> Vec<u8> {
    let [p1, p2] = tag.to_be_bytes();
    let mut answer = card.transmit(&[0x00, 0xCA, p1, p2, 0, 0, 0]);
    assert_eq!(answer.split_off(answer.len() - 2), [0x90, 0x00]);
    answer
}

fn status(card: &mut VirtualCard) -> CardStatus {
    CardStatus::from_bytes(&get_data(card, 0xDF02)).unwrap()
}

#[test]
fn a_personalised_card_is_activated_and_certified_under_the_test_root() {
    let (mut card, _) = in_use();
    let answer = card.transmit(&select());
    let selected = Selected::from_fci(&answer[..answer.len() - 2]).unwrap();
    assert_eq!(selected.life_cycle, LifeCycle::Activated);
    let certificates = get_data(&mut card, CERTIFICATES);
    let mut reader = Reader::new(&certificates);
    let roles = [Role::CardSignature, Role::CardEncryption];
    for role in roles {
        let certificate = Certificate::read_next(&mut reader).unwrap();
        assert_eq!(certificate.body().role, role);
        assert_eq!(certificate.body().holder_id, [7; 16]);
        let root = saifu_applet::crypto::ecdsa::VerifyingKey::from_point(&test_root::ROOT_POINT);
        root.unwrap().verify(&[certificate.signed()], certificate.signature()).unwrap();
    }
}

#[test]
fn a_card_is_personalised_once() {
    let (mut card, _) = in_use();
    let again = card.personalise(CardId([7; 16]), &NewCard::default());
    let refused = "the card refused INITIALIZE UPDATE with 6985 (conditions of use not satisfied)";
    assert_eq!(again.unwrap_err().to_string(), refused);
}

#[test]
fn another_cards_keys_do_not_open_the_channel() {
    let (mut card, _) = blank();
    let error = card.personalise(CardId([8; 16]), &NewCard::default()).unwrap_err();
    assert!(error.to_string().contains("does not have the keys"), "{error}");
    card.transmit(&select());
    assert_eq!(status(&mut card).life_cycle, LifeCycle::Creation);
}

#[test]
fn a_pin_that_is_none_is_not_stored() {
    let (mut card, _) = blank();
    let new = NewCard { pin: "12a4".into(), ..NewCard::default() };
    let error = card.personalise(CardId([7; 16]), &new).unwrap_err();
    assert!(error.to_string().contains("STORE DATA with 6A80"), "{error}");
}

#[test]
fn personalisation_needs_the_channel() {
    let (mut card, _) = blank();
    card.transmit(&select());
    let mut initialise = vec![0x80, 0x10, 0, 0, 16];
    initialise.extend([7; 16]);
    assert_eq!(card.transmit(&initialise), [0x69, 0x82]);
    initialise[0] = 0x84;
    assert_eq!(card.transmit(&initialise), [0x69, 0x82]);
    assert_eq!(status(&mut card).memory, MemoryState::Blank);
}

#[test]
fn a_card_keeps_its_state_in_its_folder() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("card");
    let new = NewCard { card: Some(CardId([9; 16])), ..NewCard::default() };
    drop(VirtualCard::create(&path, &new).unwrap());
    assert!(matches!(
        VirtualCard::create(&path, &new),
        Err(CardError::Folder(FolderError::Exists(_)))
    ));
    let mut card = VirtualCard::open(&path).unwrap();
    card.transmit(&select());
    assert_eq!(get_data(&mut card, 0xDF01), [9; 16]);
    assert_eq!(status(&mut card).life_cycle, LifeCycle::Activated);
    assert!(matches!(VirtualCard::open(&path), Err(CardError::Folder(FolderError::InUse(_)))));
}

#[test]
fn a_card_that_cannot_be_made_leaves_no_folder() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("card");
    let new = NewCard { rsa_bits: 1024, ..NewCard::default() };
    assert!(VirtualCard::create(&path, &new).is_err());
    assert!(!path.exists());
}

#[test]
fn no_secret_of_personalisation_is_in_the_outside_memory() {
    let (_, machine) = in_use();
    let image = machine.lock().image().clone();
    assert!(!image.outside.is_empty());
    for object in image.outside.values() {
        assert!(!object.windows(4).any(|window| window == b"1234"));
        assert!(!object.windows(4).any(|window| window == [0x7F, 0x21, 0x82, 0x01]));
    }
}

/// What the test root certifies of a card that has proven its keys, in `class`.
fn certified(card: CardId, proven: &Proven, class: Assurance) -> Personalisation {
    let issuer = TestIssuer::new().unwrap();
    let order = Order {
        card,
        assurance: class,
        pin: TEST_PIN.into(),
        limits: NewCard::default().limits,
        rsa_bits: 2048,
        validity: validity_from_now().unwrap(),
    };
    let certify = |key, role| issuer.certify(&order, key, role).unwrap();
    Personalisation {
        root: issuer.root(),
        pin: order.pin.clone(),
        limits: order.limits.clone(),
        signature_certificate: certify(&proven.signature, Role::CardSignature),
        encryption_certificate: certify(&proven.encryption, Role::CardEncryption),
    }
}

#[test]
fn a_prepared_card_is_finished_by_what_its_issuer_certified_for_its_class_alone() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("card");
    let class = Assurance::Software;
    let (card, proven) = VirtualCard::prepare(&folder, &NewCard::default(), class).unwrap();
    let administration = TestAdministration::new().unwrap();
    let administration = administration.certificate(validity_from_now().unwrap()).unwrap();
    let mut prepared = VirtualCard::open(&folder).unwrap();
    let wrong = certified(card, &proven, Assurance::Hardware);
    assert!(prepared.certify(card, &wrong, &administration).is_err());
    let right = certified(card, &proven, class);
    prepared.certify(card, &right, &administration).unwrap();
    assert!(prepared.certify(card, &right, &administration).is_err(), "it is final");
}

#[test]
fn the_runtime_refuses_a_select_that_the_applet_does_not_admit_and_the_session_goes_on() {
    let (mut card, _) = in_use();
    card.transmit(&select());
    assert_eq!(card.transmit(&[0x00, 0x20, 0x00, 0x81, 4, b'1', b'2', b'3', b'4']), [0x90, 0x00]);
    let select = select();
    let without_le = &select[..select.len() - 1];
    assert_eq!(card.transmit(without_le), [0x67, 0x00]);
    for (p2, word) in [(0x0C, [0x6A, 0x86]), (0x02, [0x6A, 0x82]), (0x03, [0x6A, 0x82])] {
        let mut other = select.clone();
        other[3] = p2;
        assert_eq!(card.transmit(&other), word, "P2 {p2:02X}");
    }
    assert_eq!(card.transmit(&[0x00, 0x20, 0x00, 0x81]), [0x90, 0x00], "verified still");
}

#[test]
fn what_a_card_shall_be_is_printed_without_its_pin() {
    let new = NewCard { pin: "48151623".into(), ..NewCard::default() };
    let printed = format!("{new:?}");
    assert!(printed.contains("rsa_bits: 2048") && !printed.contains("4815"), "{printed}");
}

#[test]
fn two_cards_of_one_seed_are_one_card_and_of_another_are_another() {
    let folder = tempfile::tempdir().unwrap();
    let talk = |name: &str, seed: &str| {
        let new = NewCard { seed: Some(Seed::of(seed)), ..NewCard::default() };
        let folder = folder.path().join(name);
        drop(VirtualCard::create(&folder, &new).unwrap());
        let mut card = VirtualCard::open(&folder).unwrap();
        let get = |tag: u8| vec![0x00, 0xCA, 0xDF, tag, 0x00, 0x00, 0x00];
        let challenge = vec![0x00, 0x84, 0x00, 0x00, 0x20];
        [select(), get(0x01), get(0x02), challenge.clone(), challenge].map(|c| card.transmit(&c))
    };
    let [first, again, other] = [("a", "one"), ("b", "one"), ("c", "two")].map(|(n, s)| talk(n, s));
    assert_eq!(first, again);
    assert!(first[3].ends_with(&[0x90, 0x00]) && first[3] != first[4], "{first:?}");
    assert!(first[1] != other[1] && first[3] != other[3]);
}

#[test]
fn a_blank_card_is_as_it_comes_from_its_manufacturer() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().join("blank");
    drop(VirtualCard::create_blank(&folder, &NewCard::default()).unwrap());
    let mut card = VirtualCard::open(&folder).unwrap();
    card.transmit(&select());
    let status = card.transmit(&[0x00, 0xCA, 0xDF, 0x02, 0x00]);
    let status = CardStatus::from_bytes(status.strip_suffix(&[0x90, 0x00]).unwrap()).unwrap();
    assert_eq!(status.life_cycle, LifeCycle::Creation);
}
