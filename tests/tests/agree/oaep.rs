//! RSA-OAEP: what one wraps the other unwraps, and both refuse the same.

use saifu_applet::crypto as card;
use saifu_center::crypto as center;
use saifu_center_api::HexBytes;
use saifu_wire::certificate::PublicKey;
use serde::Deserialize;

use crate::vectors::{array, random, read};

#[derive(Deserialize)]
struct Oaep {
    primes: HexBytes,
    pkcs8: HexBytes,
    modulus: HexBytes,
    exponent: HexBytes,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    what: String,
    label: HexBytes,
    ciphertext: HexBytes,
    /// The key that comes out; none where nothing may.
    key: Option<HexBytes>,
}

impl Oaep {
    fn on_card(&self) -> card::rsa::PrivateKey {
        card::rsa::PrivateKey::from_bytes(&self.primes.0).unwrap()
    }

    fn at_center(&self) -> center::rsa::PrivateKey {
        center::rsa::PrivateKey::from_pkcs8(&self.pkcs8.0).unwrap()
    }

    fn public(&self) -> PublicKey {
        PublicKey::Rsa { modulus: self.modulus.0.clone(), exponent: self.exponent.0.clone() }
    }
}

fn vectors() -> Vec<Oaep> {
    let vectors: Vec<Oaep> = read("oaep.json");
    assert_eq!(vectors.iter().map(|v| v.modulus.0.len()).collect::<Vec<_>>(), [256, 384]);
    vectors
}

#[test]
fn card_and_center_read_the_same_key() {
    for vector in vectors() {
        assert_eq!(vector.at_center().public_key(), &vector.public());
        assert_eq!(vector.on_card().public_key().modulus(), vector.modulus.0);
    }
}

#[test]
fn card_and_center_unwrap_and_refuse_the_same() {
    for vector in vectors() {
        let (on_card, at_center) = (vector.on_card(), vector.at_center());
        for Case { what, label, ciphertext, key } in &vector.cases {
            let by_card = on_card.unwrap_key(&mut random(), &label.0, &ciphertext.0);
            let by_center = at_center.unwrap_key(&label.0, &ciphertext.0);
            if let Some(key) = key {
                assert_eq!(by_card.unwrap().expose(), &array(key), "card: {what}");
                assert_eq!(by_center.unwrap().expose(), &array(key), "center: {what}");
            } else {
                assert_eq!(by_card, Err(card::CryptoError::Refused), "card: {what}");
                assert_eq!(by_center, Err(center::CryptoError::Refused), "center: {what}");
            }
        }
    }
}

#[test]
fn what_card_and_center_wrap_the_other_unwraps_under_its_label_only() {
    for vector in vectors() {
        let (on_card, at_center) = (vector.on_card(), vector.at_center());
        let card_wraps =
            card::rsa::PublicKey::from_parts(&vector.modulus.0, &vector.exponent.0).unwrap();
        let center_wraps = center::rsa::WrappingKey::from_public_key(&vector.public()).unwrap();
        for label in [&[][..], &[7; 32]] {
            let other = [label, &[0]].concat();
            let wrapped = center_wraps.wrap_key(label, &center::Secret::new([5; 32])).unwrap();
            let unwrapped = on_card.unwrap_key(&mut random(), label, &wrapped);
            assert_eq!(unwrapped.unwrap().expose(), &[5; 32]);
            assert!(on_card.unwrap_key(&mut random(), &other, &wrapped).is_err());
            let wrapped = card_wraps.wrap_oaep(&mut random(), label, &[6; 32]).unwrap();
            assert_eq!(at_center.unwrap_key(label, &wrapped).unwrap().expose(), &[6; 32]);
            assert!(at_center.unwrap_key(&other, &wrapped).is_err());
        }
    }
}
