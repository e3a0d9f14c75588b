//! The published answers hold, and none of them can be another.

use super::*;

type Field = fn(&mut Vectors) -> &mut [u8];

/// Every known value, with the test that must find it changed.
const FIELDS: &[(Algorithm, &str, Field)] = &[
    (Algorithm::Hash, "message", |v| &mut v.hash.message),
    (Algorithm::Hash, "digest", |v| &mut v.hash.digest),
    (Algorithm::Expansion, "key", |v| &mut v.expansion.key),
    (Algorithm::Expansion, "info", |v| &mut v.expansion.info),
    (Algorithm::Expansion, "derived", |v| &mut v.expansion.derived),
    (Algorithm::Generator, "keystream", |v| &mut v.generator),
    (Algorithm::Cbc, "short key", |v| &mut v.cbc.short_key),
    (Algorithm::Cbc, "long key", |v| &mut v.cbc.long_key),
    (Algorithm::Cbc, "iv", |v| &mut v.cbc.iv),
    (Algorithm::Cbc, "plaintext", |v| &mut v.cbc.plaintext),
    (Algorithm::Cbc, "under the short key", |v| &mut v.cbc.under_short),
    (Algorithm::Cbc, "under the long key", |v| &mut v.cbc.under_long),
    (Algorithm::Mac, "message", |v| &mut v.mac.message),
    (Algorithm::Mac, "under the short key", |v| &mut v.mac.under_short),
    (Algorithm::Mac, "under the long key", |v| &mut v.mac.under_long),
    (Algorithm::SecureChannel, "enc", |v| &mut v.channel.enc),
    (Algorithm::SecureChannel, "mac", |v| &mut v.channel.mac),
    (Algorithm::SecureChannel, "sequence", |v| &mut v.channel.sequence),
    (Algorithm::SecureChannel, "aid", |v| &mut v.channel.aid),
    (Algorithm::SecureChannel, "host challenge", |v| &mut v.channel.host_challenge),
    (Algorithm::SecureChannel, "card challenge", |v| &mut v.channel.card_challenge),
    (Algorithm::SecureChannel, "card cryptogram", |v| &mut v.channel.card_cryptogram),
    (Algorithm::SecureChannel, "host cryptogram", |v| &mut v.channel.host_cryptogram),
    (Algorithm::Signature, "scalar", |v| &mut v.signature.scalar),
    (Algorithm::Signature, "point", |v| &mut v.signature.point),
    (Algorithm::Signature, "message", |v| &mut v.signature.message),
    (Algorithm::Signature, "signature", |v| &mut v.signature.signature),
    (Algorithm::Oaep, "primes", |v| &mut v.oaep.primes),
    (Algorithm::Oaep, "label", |v| &mut v.oaep.label),
    (Algorithm::Oaep, "ciphertext", |v| &mut v.oaep.ciphertext),
    (Algorithm::Oaep, "message", |v| &mut v.oaep.message),
    (Algorithm::Oaep, "wrapped", |v| &mut v.oaep.wrapped),
    (Algorithm::Seal, "master", |v| &mut v.seal.master),
    (Algorithm::Seal, "purpose", |v| &mut v.seal.purpose),
    (Algorithm::Seal, "iv", |v| &mut v.seal.iv),
    (Algorithm::Seal, "plaintext", |v| &mut v.seal.plaintext),
    (Algorithm::Seal, "record", |v| &mut v.seal.record),
];

#[test]
fn the_published_answers_come_out() {
    assert_eq!(run(), Ok(()));
}

#[test]
fn pi10_a_bit_changed_in_any_known_value_fails_the_test_of_its_algorithm() {
    for (algorithm, name, field) in FIELDS {
        let last = field(&mut PUBLISHED.clone()).len() - 1;
        for at in [0, last / 2, last] {
            let mut vectors = PUBLISHED.clone();
            field(&mut vectors)[at] ^= 0x10;
            assert_eq!(check(&vectors), Err(SelfTestFailed(*algorithm)), "{name} {at}");
        }
    }
}

/// The self-test of a card on which a constant was damaged.
pub(crate) fn run_damaged() -> Result<(), SelfTestFailed> {
    let mut vectors = PUBLISHED.clone();
    vectors.signature.signature[0] ^= 1;
    check(&vectors)
}

#[test]
fn no_known_value_is_missing_above() {
    let bytes: usize = FIELDS.iter().map(|(.., field)| field(&mut PUBLISHED.clone()).len()).sum();
    assert_eq!(bytes, size_of::<Vectors>());
}

#[test]
fn each_refusal_is_needed() {
    assert_eq!(refused::<()>(Err(CryptoError::Refused)), Some(()));
    for other in [Ok(()), Err(CryptoError::Fault), Err(CryptoError::RandomFailed)] {
        assert_eq!(refused(other), None);
    }
}
