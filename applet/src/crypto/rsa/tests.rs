//! Both sizes, what is refused, and what is a fault of the card.

use super::super::test_help::{broken, counting};
use super::*;

const LABEL: &[u8] = &[0x00, 0xFF, 0x80, b'x'];

fn key() -> PrivateKey {
    PrivateKey::generate(KeySize::Rsa2048, &mut counting(1)).unwrap()
}

fn other_key() -> PrivateKey {
    PrivateKey::generate(KeySize::Rsa2048, &mut counting(2)).unwrap()
}

#[test]
fn both_sizes_wrap_and_unwrap_under_a_binary_label() {
    for size in [KeySize::Rsa2048, KeySize::Rsa3072] {
        let key = PrivateKey::generate(size, &mut counting(1)).unwrap();
        assert_eq!(key.public_key().modulus().len(), size.modulus_len());
        for len in [0, 1, 32, size.modulus_len() - OAEP_OVERHEAD] {
            let message = alloc::vec![0x4B; len];
            let sent = key.public_key().wrap_oaep(&mut counting(7), LABEL, &message).unwrap();
            assert_eq!(sent.len(), size.modulus_len());
            let got = key.unwrap_oaep(&mut counting(9), LABEL, &sent).unwrap();
            assert_eq!(got.expose(), message);
        }
    }
}

#[test]
fn a_message_one_byte_too_long_is_refused() {
    let message = [0; 256 - OAEP_OVERHEAD + 1];
    let sent = key().public_key().wrap_oaep(&mut counting(7), LABEL, &message);
    assert_eq!(sent, Err(CryptoError::Refused));
}

#[test]
fn another_label_key_length_or_bit_is_refused_with_one_error() {
    let key = key();
    let sent = key.public_key().wrap_oaep(&mut counting(7), LABEL, &[5; 32]).unwrap();
    let refused = |key: &PrivateKey, label: &[u8], bytes: &[u8]| {
        key.unwrap_oaep(&mut counting(9), label, bytes) == Err(CryptoError::Refused)
    };
    assert!(!refused(&key, LABEL, &sent));
    assert!(refused(&key, b"", &sent));
    assert!(refused(&key, &LABEL[..3], &sent));
    assert!(refused(&other_key(), LABEL, &sent));
    assert!(refused(&key, LABEL, &sent[..255]));
    assert!(refused(&key, LABEL, &[&[0], sent.as_slice()].concat()));
    for bit in [0, 1000, 2047] {
        let mut wrong = sent.clone();
        wrong[bit / 8] ^= 1 << (bit % 8);
        assert!(refused(&key, LABEL, &wrong));
    }
}

#[test]
fn numbers_at_the_edges_of_the_modulus_are_refused() {
    let key = key();
    let modulus = key.public_key().modulus();
    let mut below = modulus.clone();
    below[255] -= 1;
    let mut above = modulus.clone();
    above[254..].copy_from_slice(&[0xFF; 2]);
    let mut one = [0; 256];
    one[255] = 1;
    for wrong in [[0; 256].as_slice(), &one, &below, &modulus, &above, &[0xFF; 256], &[]] {
        let got = key.unwrap_oaep(&mut counting(9), LABEL, wrong);
        assert_eq!(got, Err(CryptoError::Refused));
    }
}

#[test]
fn only_exactly_32_bytes_are_a_key() {
    let key = key();
    for (len, good) in [(32, true), (0, false), (16, false), (31, false), (33, false)] {
        let message = alloc::vec![0x4B; len];
        let sent = key.public_key().wrap_oaep(&mut counting(7), LABEL, &message).unwrap();
        let got = key.unwrap_key(&mut counting(9), LABEL, &sent);
        if good {
            assert_eq!(got, Ok(Secret::new([0x4B; 32])));
        } else {
            assert_eq!(got, Err(CryptoError::Refused));
        }
    }
}

#[test]
fn a_stored_key_comes_back_the_same() {
    let key = key();
    let stored = key.to_bytes();
    assert_eq!(stored.len(), 256);
    let again = PrivateKey::from_bytes(stored.expose()).unwrap();
    assert_eq!(again.public_key(), key.public_key());
    assert_eq!(again.to_bytes(), stored);
    let sent = key.public_key().wrap_oaep(&mut counting(7), LABEL, &[5; 32]).unwrap();
    assert!(again.unwrap_key(&mut counting(9), LABEL, &sent).is_ok());
}

#[test]
fn a_stored_key_that_cannot_be_one_is_refused() {
    let stored = key().to_bytes();
    let (p, q) = stored.expose().split_at(128);
    let even = [&p[..127], &[p[127] ^ 1]].concat();
    let small = [&[0; 1], &p[1..]].concat();
    let least = |last| [&[0x80], [0; 126].as_slice(), &[last]].concat();
    let wrong: [&[&[u8]]; 10] = [
        &[&least(1), &least(3)],
        &[p, p],
        &[p, &even],
        &[&even, q],
        &[&small, q],
        &[&[0; 128], q],
        &[p, &[0; 128]],
        &[&[0; 127], &[1], q],
        &[p, &q[1..]],
        &[],
    ];
    for parts in wrong {
        let refused = PrivateKey::from_bytes(&parts.concat());
        assert_eq!(refused.unwrap_err(), CryptoError::Refused);
    }
}

#[test]
fn pi9_a_wrong_exponent_in_the_chinese_remainder_computation_is_a_fault_and_gives_nothing() {
    // dP is the inverse of e modulo p - 1. For a p that is no prime this is a wrong exponent, as a
    // flipped bit makes it, and everything else is right.
    let stored = key().to_bytes();
    let sent = (1..).step_by(2).take(20).find_map(|change: u8| {
        let mut wrong = stored.expose().to_vec();
        wrong[120] ^= change;
        let key = PrivateKey::from_bytes(&wrong).ok()?;
        let sent = key.public_key().wrap_oaep(&mut counting(7), LABEL, &[5; 32]).unwrap();
        Some((key, sent))
    });
    let (key, sent) = sent.unwrap();
    let got = key.unwrap_oaep(&mut counting(9), LABEL, &sent);
    assert_eq!(got, Err(CryptoError::Fault));
}

#[test]
fn only_the_two_sizes_and_the_one_exponent_make_a_public_key() {
    let public = key().public_key();
    let modulus = public.modulus();
    assert_eq!(PublicKey::from_parts(&modulus, &EXPONENT), Ok(public));
    for exponent in [[3].as_slice(), &[1, 0, 0], &[1, 0, 3], &[0, 1, 0, 1], &[1], &[]] {
        assert_eq!(PublicKey::from_parts(&modulus, exponent), Err(CryptoError::Refused));
    }
    let mut even = modulus.clone();
    even[255] ^= 1;
    let mut short = modulus.clone();
    short[0] &= 0x7F;
    let padded = [&[0], modulus.as_slice()].concat();
    for wrong in [even, short, padded, modulus[..128].to_vec(), [0xFF; 512].to_vec()] {
        assert_eq!(PublicKey::from_parts(&wrong, &EXPONENT), Err(CryptoError::Refused));
    }
}

#[test]
fn a_failed_source_stops_every_operation() {
    let key = key();
    let sent = key.public_key().wrap_oaep(&mut counting(7), LABEL, &[5; 32]).unwrap();
    let failed = CryptoError::RandomFailed;
    let generated = PrivateKey::generate(KeySize::Rsa2048, &mut broken());
    assert_eq!(generated.unwrap_err(), failed);
    assert_eq!(key.public_key().wrap_oaep(&mut broken(), LABEL, b"x"), Err(failed));
    assert_eq!(key.unwrap_oaep(&mut broken(), LABEL, &sent), Err(failed));
    assert_eq!(key.unwrap_key(&mut broken(), LABEL, &sent), Err(failed));
}

#[test]
fn a_stuck_source_hangs_nothing() {
    for stuck in [0x00, 0xFF] {
        let mut source = |out: &mut [u8]| {
            out.fill(stuck);
            Ok(())
        };
        let key = PrivateKey::generate(KeySize::Rsa2048, &mut source).unwrap();
        let sent = key.public_key().wrap_oaep(&mut source, LABEL, &[5; 32]).unwrap();
        assert!(key.unwrap_key(&mut source, LABEL, &sent).is_ok());
    }
}
