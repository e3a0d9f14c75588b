use super::test_help::{NOW, center_keys};
use super::*;
use crate::chance::system;
use crate::crypto::ecdsa::VerifyingKey;
use crate::crypto::{identity, key_id};
use saifu_wire::certificate::Assurance;
use saifu_wire::signed::{Outcome, Receipt, TimeOrder};
use saifu_wire::{Nonce, test_root};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

fn receipt() -> Receipt {
    Receipt {
        center: CenterId::ZERO,
        signer: 0,
        account: AccountId([2; 16]),
        token: Digest([3; 32]),
        counter: 4,
        outcome: Outcome::Settled,
        entry: 5,
        time: 6,
    }
}

fn ids(keys: &Keys) -> [Digest; 4] {
    keys.certificates().map(|certificate| key_id(&certificate.body().key))
}

/// A folder with stored keys; the folder goes when the guard does.
fn stored() -> (tempfile::TempDir, PathBuf) {
    let guard = tempfile::tempdir().unwrap();
    let dir = guard.path().join("keys");
    Keys::open_or_create(&dir, NOW, &Unlock::Nothing, &system()).unwrap();
    (guard, dir)
}

#[test]
fn a_new_center_is_certified_for_each_role_under_the_test_root() {
    let keys = center_keys();
    let root = VerifyingKey::from_point(&test_root::ROOT_POINT).unwrap();
    let roles = [Role::Licence, Role::Credit, Role::Receipt, Role::Payment];
    for (certificate, role) in keys.certificates().into_iter().zip(roles) {
        assert_eq!(root.verify(certificate.signed(), certificate.signature()), Ok(()));
        let body = certificate.body();
        assert_eq!((body.role, body.holder_id), (role, keys.center().0));
        assert_eq!((body.assurance, body.sequence), (Assurance::Test, 1));
    }
    let mut distinct = ids(keys).to_vec();
    distinct.sort();
    distinct.dedup();
    assert_eq!(distinct.len(), 4, "each role has a key of its own");
}

#[test]
fn a_message_is_signed_by_its_roles_key_and_names_center_and_key() {
    let keys = center_keys();
    let signed = keys.sign(receipt()).unwrap();
    assert_eq!(signed.message().signer(), (keys.center(), 1));
    assert_eq!(keys.verify(&signed), Ok(()));
    let [licence, credit, receipt, _] = keys.certificates();
    let verifies = |certificate: &Certificate| {
        let key = VerifyingKey::from_public_key(&certificate.body().key).unwrap();
        key.verify_signed(&signed).is_ok()
    };
    assert!(verifies(receipt));
    assert!(!verifies(licence) && !verifies(credit), "no other role's key signed it");
}

#[test]
fn a_time_order_is_signed_by_the_licence_key() {
    let order = TimeOrder {
        center: CenterId::ZERO,
        signer: 0,
        card: CardId([1; 16]),
        nonce: Nonce([2; 32]),
        time: NOW,
    };
    let signed = center_keys().sign(order).unwrap();
    let [licence, ..] = center_keys().certificates();
    let key = VerifyingKey::from_public_key(&licence.body().key).unwrap();
    assert_eq!(key.verify_signed(&signed), Ok(()));
}

#[test]
fn li3_a_message_that_this_center_did_not_sign_is_refused() {
    let keys = center_keys();
    let other = Keys::generate(&Issuer::test().unwrap(), NOW, KeySize::Rsa2048).unwrap();
    assert_eq!(keys.verify(&other.sign(receipt()).unwrap()), Err(CryptoError::Refused));
    let mut bytes = keys.sign(receipt()).unwrap().to_bytes();
    for at in [21, 30, 60, bytes.len() - 1] {
        bytes[at] ^= 1;
        let changed = Signed::<Receipt>::parse(&bytes).unwrap();
        assert_eq!(keys.verify(&changed), Err(CryptoError::Refused), "byte {at}");
        bytes[at] ^= 1;
    }
}

#[test]
fn cr4_a_message_that_names_another_key_is_refused_though_the_signature_is_right() {
    let keys = center_keys();
    let elsewhere = Receipt { center: CenterId([9; 16]), signer: 1, ..receipt() };
    let another = Receipt { center: keys.center(), signer: 2, ..receipt() };
    for message in [elsewhere, another] {
        let signed = Signed::sign(message, |bytes| keys.receipt.signer.sign(bytes)).unwrap();
        assert_eq!(keys.verify(&signed), Err(CryptoError::Refused));
    }
}

#[test]
fn the_payment_key_is_found_by_its_id_and_no_other_is() {
    let keys = center_keys();
    let id = keys.payment_key().id();
    assert_eq!(keys.payment_key_of(&id).map(PaymentKey::id), Some(id));
    assert!(keys.payment_key_of(&Digest([0; 32])).is_none());
}

#[test]
fn stored_keys_are_the_same_when_they_are_opened_again() {
    let (_guard, dir) = stored();
    let first = Keys::open_or_create(&dir, NOW, &Unlock::Nothing, &system()).unwrap();
    let again = Keys::open_or_create(&dir, NOW + 1, &Unlock::Nothing, &system()).unwrap();
    assert_eq!((first.center(), ids(&first)), (again.center(), ids(&again)));
    assert_eq!(again.verify(&first.sign(receipt()).unwrap()), Ok(()));
    let signed = first.sign(receipt()).unwrap();
    assert_eq!(identity(&signed), identity(&again.sign(receipt()).unwrap()));
}

#[test]
fn key_files_can_be_read_by_their_owner_only() {
    let (_guard, dir) = stored();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&dir), 0o700);
    let files: Vec<_> = fs::read_dir(&dir).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(files.len(), 12);
    assert!(files.iter().all(|path| mode(path) == 0o600));
}

#[test]
fn nothing_but_the_key_folder_is_left_behind() {
    let (guard, dir) = stored();
    let left: Vec<_> = fs::read_dir(guard.path()).unwrap().map(|e| e.unwrap().path()).collect();
    assert_eq!(left, [dir]);
}

#[test]
fn an_empty_folder_is_filled() {
    let dir = tempfile::tempdir().unwrap();
    let made = Keys::open_or_create(dir.path(), NOW, &Unlock::Nothing, &system()).unwrap();
    assert_eq!(Keys::open(dir.path(), &Unlock::Nothing).unwrap().center(), made.center());
}

#[test]
fn whoever_stores_second_gets_the_first_ones_keys() {
    let (_guard, dir) = stored();
    let first = Keys::open(&dir, &Unlock::Nothing).unwrap();
    let second = Ring::generate(first.root().clone(), KeySize::Rsa2048).unwrap();
    assert_ne!(second.center(), first.center());
    assert!(!second.store(&dir, &Unlock::Nothing).unwrap());
    assert_eq!(Keys::open(&dir, &Unlock::Nothing).unwrap().center(), first.center());
}

#[test]
fn a_missing_file_is_an_error_and_no_reason_to_make_new_keys() {
    for name in [
        "1-licence-1.key",
        "1-credit-1.cvc",
        "1-receipt-1.key",
        "1-payment-1.key",
        "1-payment-1.cvc",
        "1-accounts.key",
    ] {
        let (_guard, dir) = stored();
        fs::remove_file(dir.join(name)).unwrap();
        let opened = Keys::open_or_create(&dir, NOW, &Unlock::Nothing, &system());
        assert!(matches!(opened, Err(KeysError::Io { .. })), "{name}");
    }
}

#[test]
fn a_card_has_one_account_at_a_center_and_another_elsewhere() {
    let (_guard, dir) = stored();
    let (first, again) =
        (Keys::open(&dir, &Unlock::Nothing).unwrap(), Keys::open(&dir, &Unlock::Nothing).unwrap());
    let card = CardId([1; 16]);
    assert_eq!(first.account_of(card), again.account_of(card));
    assert_ne!(first.account_of(card), first.account_of(CardId([2; 16])));
    assert_ne!(first.account_of(card), center_keys().account_of(card));
}

#[test]
fn an_accounts_secret_that_was_cut_is_named() {
    let (_guard, dir) = stored();
    let path = dir.join("1-accounts.key");
    let good = fs::read(&path).unwrap();
    for bad in [&good[..31], &[&good[..], &[0]].concat()] {
        fs::write(&path, bad).unwrap();
        assert!(matches!(Keys::open(&dir, &Unlock::Nothing), Err(KeysError::Damaged { .. })));
    }
}

#[test]
fn li13_a_damaged_or_foreign_file_is_named() {
    let (_guard, dir) = stored();
    let (_other_guard, other) = stored();
    for name in [
        "1-licence-1.key",
        "1-credit-1.cvc",
        "1-receipt-1.key",
        "1-payment-1.key",
        "1-payment-1.cvc",
    ] {
        let good = fs::read(dir.join(name)).unwrap();
        let foreign = fs::read(other.join(name)).unwrap();
        for bad in [&good[..good.len() / 2], &foreign] {
            fs::write(dir.join(name), bad).unwrap();
            let refused = Keys::open_or_create(&dir, NOW, &Unlock::Nothing, &system());
            assert!(matches!(refused, Err(KeysError::Damaged { .. })), "{name}");
        }
        fs::write(dir.join(name), good).unwrap();
    }
    assert!(Keys::open(&dir, &Unlock::Nothing).is_ok());
}

#[test]
fn nv7_key_and_certificate_of_another_center_do_not_join_this_one() {
    let (_other_guard, other) = stored();
    for stem in ["licence", "credit", "receipt", "payment"] {
        let (_guard, dir) = stored();
        for extension in ["key", "cvc"] {
            let name = format!("1-{stem}-1.{extension}");
            fs::copy(other.join(&name), dir.join(&name)).unwrap();
        }
        assert!(
            matches!(Keys::open(&dir, &Unlock::Nothing), Err(KeysError::Damaged { .. })),
            "{stem}"
        );
    }
}

#[test]
fn keys_do_not_print_their_private_halves() {
    let printed = format!("{:?}", center_keys());
    let pkcs8 = center_keys().licence.signer.to_pkcs8().unwrap();
    assert!(printed.contains("SigningKey(P-256)"));
    // Bytes 36 to 68 of the PKCS#8 of a P-256 key are its scalar.
    let scalar = &pkcs8[36..68];
    assert!(!printed.contains(&hex::encode(scalar)) && !printed.contains(&format!("{scalar:?}")));
}
