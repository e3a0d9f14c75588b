use super::*;
use crate::chance::system;
use crate::crypto::Secret;
use crate::keys::test_help::NOW;
use crate::keys::{Keys, PaymentKey};
use saifu_wire::signed::{Receipt, Signed, TimeOrder};
use saifu_wire::{CardId, CenterId, Nonce};
use std::path::PathBuf;

fn made() -> (tempfile::TempDir, PathBuf) {
    let guard = tempfile::tempdir().unwrap();
    let dir = guard.path().join("keys");
    Keys::open_or_create(&dir, NOW, &Unlock::Nothing, &system()).unwrap();
    (guard, dir)
}

fn open(dir: &Path) -> Keys {
    Keys::open(dir, &Unlock::Nothing).unwrap()
}

fn rotate(dir: &Path, role: Role, retires_below: u32) -> Result<u32, KeysError> {
    Change::open(dir, &Unlock::Nothing)?.rotate(role, retires_below, NOW)
}

fn time() -> TimeOrder {
    let (card, nonce) = (CardId([1; 16]), Nonce([2; 32]));
    TimeOrder { center: CenterId::ZERO, signer: 0, card, nonce, time: NOW }
}

#[test]
fn after_a_rotation_the_new_key_signs_and_the_old_one_still_verifies() {
    let (_guard, dir) = made();
    let before = open(&dir).sign(time()).unwrap();
    assert_eq!(rotate(&dir, Role::Licence, 0).unwrap(), 2);
    let keys = open(&dir);
    let after = keys.sign(time()).unwrap();
    assert_eq!((before.message().signer, after.message().signer), (1, 2));
    assert_eq!((keys.verify(&before), keys.verify(&after)), (Ok(()), Ok(())));
    let shown: Vec<_> = keys.shown().iter().map(|c| (c.body().role, c.body().sequence)).collect();
    let newest = [(Role::Licence, 2), (Role::Credit, 1), (Role::Receipt, 1), (Role::Payment, 1)];
    assert_eq!(shown, [&newest[..], &[(Role::Licence, 1)]].concat());
}

#[test]
fn a_retired_key_verifies_nothing_but_evidence_and_its_private_half_is_gone() {
    let (_guard, dir) = made();
    let before = open(&dir).sign(time()).unwrap();
    rotate(&dir, Role::Licence, 2).unwrap();
    let keys = open(&dir);
    assert!(keys.verify(&before).is_err());
    assert_eq!(keys.verify_evidence(&before), Ok(()));
    assert_eq!(keys.shown().len(), 4);
    assert_eq!(keys.every().len(), 5);
    assert_eq!(keys.certificates()[0].body().retires_below, 2);
    let names = || std::fs::read_dir(&dir).unwrap().map(|e| e.unwrap().file_name());
    let has = |end: &str| names().any(|name| name.to_string_lossy().ends_with(end));
    assert!(!has("licence-1.key") && has("licence-1.cvc") && has("licence-2.key"));
}

#[test]
fn what_a_retired_key_signed_is_signed_again_with_the_same_body() {
    let (_guard, dir) = made();
    let old = open(&dir).sign(time()).unwrap();
    rotate(&dir, Role::Licence, 0).unwrap();
    assert_eq!(open(&dir).renew::<TimeOrder>(old.to_bytes()).unwrap(), old.to_bytes());
    rotate(&dir, Role::Licence, 2).unwrap();
    let keys = open(&dir);
    let new = keys.renew::<TimeOrder>(old.to_bytes()).unwrap();
    let new = Signed::<TimeOrder>::parse(&new).unwrap();
    assert_eq!(new.message(), &TimeOrder { signer: 3, ..old.message().clone() });
    assert_eq!(keys.verify(&new), Ok(()));
    let identity = crate::crypto::identity(&new);
    assert!(keys.identities(&old).contains(&identity));
    let another = keys.sign(TimeOrder { time: NOW + 1, ..time() }).unwrap();
    assert!(!keys.identities(&another).contains(&identity));
    assert!(keys.renew::<Receipt>(old.to_bytes()).is_err());
}

#[test]
fn pa14_a_payment_key_opens_what_was_paid_under_it_even_when_it_is_retired() {
    let (_guard, dir) = made();
    let old = open(&dir).payment_key().id();
    rotate(&dir, Role::Payment, 2).unwrap();
    let keys = open(&dir);
    assert_ne!(keys.payment_key().id(), old);
    assert_eq!(keys.payment_key_of(&old).map(PaymentKey::id), Some(old));
    assert!(keys.shown().iter().all(|c| c.body().role != Role::Payment || c.body().sequence == 2));
}

#[test]
fn a_retirement_is_not_taken_back_by_the_next_key() {
    let (_guard, dir) = made();
    rotate(&dir, Role::Receipt, 2).unwrap();
    rotate(&dir, Role::Receipt, 0).unwrap();
    assert_eq!(open(&dir).certificates()[2].body().retires_below, 2);
}

#[test]
fn a_role_has_as_many_keys_as_a_card_knows_and_no_more() {
    let (_guard, dir) = made();
    for sequence in 2..=4 {
        assert_eq!(rotate(&dir, Role::Credit, 0).unwrap(), sequence);
    }
    assert!(matches!(rotate(&dir, Role::Credit, 0), Err(KeysError::Refused(_))));
    assert_eq!(rotate(&dir, Role::Credit, 2).unwrap(), 5);
}

#[test]
fn another_passphrase_is_taken_and_then_the_old_one_opens_nothing() {
    let (_guard, dir) = made();
    let center = open(&dir).center();
    let key = |byte| Unlock::Key(Secret::new([byte; 32]));
    Change::open(&dir, &Unlock::Nothing).unwrap().seal(&key(1)).unwrap();
    assert!(matches!(Keys::open(&dir, &Unlock::Nothing), Err(KeysError::Sealed { .. })));
    Change::open(&dir, &key(1)).unwrap().seal(&key(2)).unwrap();
    assert!(matches!(Change::open(&dir, &key(1)), Err(KeysError::Wrong)));
    let keys = Keys::open(&dir, &key(2)).unwrap();
    assert_eq!((keys.center(), keys.is_sealed()), (center, true));
}

#[test]
fn keys_of_a_center_at_work_are_not_changed() {
    let (_guard, dir) = made();
    let at_work = open(&dir);
    assert!(matches!(rotate(&dir, Role::Credit, 0), Err(KeysError::InUse { .. })));
    drop(at_work);
    assert!(rotate(&dir, Role::Credit, 0).is_ok());
}
