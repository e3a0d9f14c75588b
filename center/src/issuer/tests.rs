use super::*;
use crate::crypto::ecdsa::SigningKey;
use crate::crypto::rsa::KeySize;
use crate::crypto::{Secret, key_id, sha256};
use crate::keys::test_help::NOW;
use crate::keys::{Change, Keys, KeysError, Ring, Trust};
use saifu_center_api::ProblemCode;
use saifu_wire::certificate::Role;
use saifu_wire::signed::Proof;
use saifu_wire::{Digest, Nonce};
use std::fs;

fn unlock() -> Unlock {
    Unlock::Key(Secret::new([7; 32]))
}

fn authority() -> (tempfile::TempDir, Authority) {
    let folder = tempfile::tempdir().unwrap();
    let name = Name::new(b"ZZSHOPROOT00001").unwrap();
    let made = Authority::make(folder.path(), name, &unlock(), NOW).unwrap();
    (folder, made)
}

/// A production center's keys that wait for their certificates.
fn center(root: PinnedRoot) -> (tempfile::TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("keys");
    let ring = Ring::generate(root, KeySize::Rsa2048).unwrap();
    assert!(ring.store(&dir, &unlock()).unwrap());
    (folder, dir)
}

fn card_request(id: u8) -> CardRequest {
    let signature = SigningKey::generate().unwrap();
    let encryption = crate::keys::test_help::TestCard::new(id).encryption.public_key().clone();
    let secret = [9; 32];
    let proof = Proof {
        card: CardId([id; 16]),
        nonce: Nonce([1; 32]),
        encryption_key: key_id(&encryption),
        signature_key: key_id(&signature.public_key()),
        opened: Digest(sha256(&[&secret])),
    };
    let proof = Signed::sign(proof, |bytes| signature.sign(bytes)).unwrap();
    CardRequest {
        format: "saifu-card-request/1".into(),
        card: CardId([id; 16]).to_string(),
        class: "hardware".into(),
        signature_key: signature.public_key().to_object().into(),
        encryption_key: encryption.to_object().into(),
        secret: secret.to_vec().into(),
        proof: proof.to_bytes().into(),
    }
}

fn code<T>(result: Result<T>) -> ProblemCode {
    result.err().expect("a refusal").code()
}

#[test]
fn an_issuer_is_the_same_when_it_is_opened_again_and_made_once() {
    let (folder, first) = authority();
    let root = first.root();
    drop(first);
    assert_eq!(Authority::open(folder.path(), &unlock()).unwrap().root(), root);
    let name = Name::new(b"ZZOTHERROOT00001").unwrap();
    assert_eq!(code(Authority::make(folder.path(), name, &unlock(), NOW)), ProblemCode::Conflict);
    let plain = tempfile::tempdir().unwrap();
    let refused = Authority::make(plain.path(), name, &Unlock::Nothing, NOW);
    assert_eq!(code(refused), ProblemCode::Malformed);
}

#[test]
fn a_center_works_once_its_issuers_answer_is_installed_and_not_before() {
    let (_folder, mut issuer) = authority();
    let (_guard, dir) = center(issuer.root());
    assert!(matches!(Keys::open(&dir, &unlock()), Err(KeysError::NotCertified { .. })));
    let mut change = Change::open(&dir, &unlock()).unwrap();
    let answer = issuer.certify_center(&change.request().unwrap(), NOW).unwrap();
    assert_eq!(change.install_answer(&answer).unwrap(), 4);
    assert!(change.request().is_err(), "nothing waits any more");
    drop(change);
    let keys = Keys::open(&dir, &unlock()).unwrap();
    assert!(!keys.is_test() && keys.is_sealed());
    assert!(keys.certificates().iter().all(|c| c.body().authority == issuer.root().name));
}

#[test]
fn pi7_the_same_request_gets_the_same_certificates_and_a_changed_one_none() {
    let (_folder, mut issuer) = authority();
    let (_guard, dir) = center(issuer.root());
    let request = Change::look(&dir, &unlock()).unwrap().request().unwrap();
    let first = issuer.certify_center(&request, NOW).unwrap();
    let entries = issuer.register().entries();
    assert_eq!(issuer.certify_center(&request, NOW + 1).unwrap().certificates, first.certificates);
    assert_eq!(issuer.register().entries(), entries);
    let mut changed = request.clone();
    changed.keys[3].sequence += 1;
    assert_eq!(code(issuer.certify_center(&changed, NOW)), ProblemCode::NotAuthentic);
    let mut unsigned = request;
    unsigned.keys[0].signature = None;
    assert_eq!(code(issuer.certify_center(&unsigned, NOW)), ProblemCode::Malformed);
}

#[test]
fn a_later_request_is_signed_by_the_licence_key_that_is_known() {
    let (_folder, mut issuer) = authority();
    let (_guard, dir) = center(issuer.root());
    let mut change = Change::open(&dir, &unlock()).unwrap();
    let answer = issuer.certify_center(&change.request().unwrap(), NOW).unwrap();
    change.install_answer(&answer).unwrap();
    assert_eq!(change.rotate(Role::Credit, 0, NOW).unwrap(), 2);
    let request = change.request().unwrap();
    let (_other_guard, other) = center(issuer.root());
    let mut stolen = Change::look(&other, &unlock()).unwrap().request().unwrap();
    stolen.center = request.center.clone();
    assert_eq!(code(issuer.certify_center(&stolen, NOW)), ProblemCode::NotAuthentic);
    let answer = issuer.certify_center(&request, NOW).unwrap();
    assert_eq!(change.install_answer(&answer).unwrap(), 1);
}

#[test]
fn pi7_an_answer_for_another_center_or_of_another_root_is_not_installed() {
    let ((_a, mut issuer), (_b, mut stranger)) = (authority(), authority());
    let (_guard, dir) = center(issuer.root());
    let (_other_guard, other) = center(issuer.root());
    let mut change = Change::open(&dir, &unlock()).unwrap();
    let others = Change::look(&other, &unlock()).unwrap().request().unwrap();
    let others = issuer.certify_center(&others, NOW).unwrap();
    assert!(matches!(change.install_answer(&others), Err(KeysError::Refused(_))));
    let request = change.request().unwrap();
    let foreign = stranger.certify_center(&request, NOW).unwrap();
    assert!(matches!(change.install_answer(&foreign), Err(KeysError::Refused(_))));
    let right = issuer.certify_center(&request, NOW).unwrap();
    assert_eq!(change.install_answer(&right).unwrap(), 4);
}

#[test]
fn a_card_that_proves_its_keys_is_certified_and_taken_by_a_production_center() {
    let (_folder, mut issuer) = authority();
    let request = card_request(5);
    let answer = issuer.certify_card(&request, Assurance::Hardware, NOW).unwrap();
    assert_eq!(issuer.certify_card(&request, Assurance::Hardware, NOW).unwrap(), answer);
    let trust = Trust::new(crate::keys::Mode::Production, vec![issuer.root()]);
    let [signature, encryption] = [&answer.signature_certificate, &answer.encryption_certificate];
    let card = trust.verify_card(&signature.0, &encryption.0, NOW).unwrap();
    assert_eq!(card.id, CardId([5; 16]));
}

#[test]
fn pi5_a_card_that_proves_nothing_or_has_other_keys_already_is_not_certified() {
    let (_folder, mut issuer) = authority();
    let request = card_request(5);
    let hardware = Assurance::Hardware;
    assert_eq!(
        code(issuer.certify_card(&request, Assurance::Software, NOW)),
        ProblemCode::Conflict
    );
    let mut secret = request.clone();
    secret.secret.0[0] ^= 1;
    let mut key = request.clone();
    key.signature_key = card_request(5).signature_key;
    let mut id = request.clone();
    id.card = CardId([6; 16]).to_string();
    for changed in [secret, key, id] {
        assert_eq!(code(issuer.certify_card(&changed, hardware, NOW)), ProblemCode::NotAuthentic);
    }
    assert_eq!(issuer.register().entries(), 0);
    issuer.certify_card(&request, hardware, NOW).unwrap();
    assert_eq!(code(issuer.certify_card(&card_request(5), hardware, NOW)), ProblemCode::Conflict);
    issuer.revoke(CardId([7; 16]), "lost", NOW).unwrap();
    assert_eq!(code(issuer.certify_card(&card_request(7), hardware, NOW)), ProblemCode::Conflict);
}

#[test]
fn a_revocation_list_is_numbered_and_verifies_under_its_root_alone() {
    let ((folder, mut issuer), (_b, stranger)) = (authority(), authority());
    assert_eq!(issuer.revocations(NOW).unwrap().message().number, 0);
    issuer.revoke(CardId([7; 16]), "lost", NOW).unwrap();
    issuer.revoke(CardId([7; 16]), "again", NOW + 1).unwrap();
    drop(issuer);
    let issuer = Authority::open(folder.path(), &unlock()).unwrap();
    let bytes = issuer.revocations(NOW + 2).unwrap().to_bytes();
    let list = RevocationList::verify(&bytes, &[stranger.root(), issuer.root()]).unwrap();
    assert_eq!((list.number, list.time), (1, NOW + 2));
    assert_eq!(list.cards, [Revoked { card: CardId([7; 16]), time: NOW }]);
    let refused = RevocationList::verify(&bytes, &[stranger.root()]);
    assert_eq!(code(refused), ProblemCode::NotAuthentic);
    for at in 5..bytes.len() {
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        assert!(RevocationList::verify(&changed, &[issuer.root()]).is_err(), "byte {at}");
    }
}

#[test]
fn a_torn_last_line_is_taken_away_and_a_changed_one_is_named() {
    let (folder, mut issuer) = authority();
    issuer.revoke(CardId([7; 16]), "lost", NOW).unwrap();
    issuer.revoke(CardId([8; 16]), "stolen", NOW).unwrap();
    drop(issuer);
    let path = folder.path().join("register.jsonl");
    let whole = fs::read_to_string(&path).unwrap();
    fs::write(&path, format!("{whole}{{\"entry\":3,")).unwrap();
    assert_eq!(Authority::open(folder.path(), &unlock()).unwrap().register().entries(), 2);
    assert_eq!(fs::read_to_string(&path).unwrap(), whole);
    for damaged in [whole.replace("lost", "kept"), whole.lines().last().unwrap().to_owned() + "\n"]
    {
        fs::write(&path, damaged).unwrap();
        let said = Authority::open(folder.path(), &unlock()).unwrap_err().to_string();
        assert!(said.contains("register.jsonl"), "{said}");
    }
}

#[test]
fn pi4_the_administration_signs_orders_under_its_certificate() {
    let (_folder, issuer) = authority();
    let order =
        |signer| saifu_wire::signed::UnblockOrder { signer, card: CardId([5; 16]), sequence: 9 };
    let text = issuer.order(order).unwrap();
    let lines: Vec<_> = text.lines().map(|line| hex::decode(line).unwrap()).collect();
    let certificate = Certificate::parse(&lines[0]).unwrap();
    let key = crate::crypto::ecdsa::VerifyingKey::from_public_key(&certificate.body().key).unwrap();
    let signed = Signed::<saifu_wire::signed::UnblockOrder>::parse(&lines[1]).unwrap();
    assert_eq!(key.verify_signed(&signed), Ok(()));
    assert_eq!(certificate.body().role, Role::Administration);
}
