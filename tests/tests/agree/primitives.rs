//! HKDF, CBC, CMAC and ECDSA.

use saifu_applet::crypto as card;
use saifu_applet::crypto::aes::AesKey;
use saifu_center::crypto as center;
use saifu_center_api::HexBytes;
use serde::Deserialize;

use crate::vectors::{array, read};

#[derive(Deserialize)]
struct Kdf {
    label: String,
    key: HexBytes,
    context: HexBytes,
    derived: HexBytes,
}

#[test]
fn card_and_center_derive_the_same_keys() {
    let cases: Vec<Kdf> = read("kdf.json");
    assert_eq!(cases.len(), 6);
    for case in cases {
        let (label, context, key) = (case.label.as_bytes(), &case.context.0, array(&case.key));
        let by_card = card::kdf::expand(&card::Secret::new(key), label, context);
        let by_center = center::kdf::expand(&center::Secret::new(key), label, context);
        assert_eq!(by_card.expose(), &array(&case.derived), "card: {}", case.label);
        assert_eq!(by_center.expose(), &array(&case.derived), "center: {}", case.label);
    }
}

#[test]
fn the_labels_of_the_vectors_are_those_of_the_contract() {
    use saifu_wire::signed::{LABEL_TOKEN_CIPHER, LABEL_TOKEN_MAC};
    use saifu_wire::stream::{LABEL_CIPHER, LABEL_COMMITMENT, LABEL_IV, LABEL_MAC};
    let labels: Vec<String> = read::<Vec<Kdf>>("kdf.json").into_iter().map(|c| c.label).collect();
    let stream = [LABEL_COMMITMENT, LABEL_CIPHER, LABEL_MAC, LABEL_IV];
    let contract = [&stream[..], &[LABEL_TOKEN_CIPHER, LABEL_TOKEN_MAC]].concat();
    assert!(labels.iter().map(String::as_bytes).eq(contract));
}

#[derive(Deserialize)]
struct Symmetric {
    key: HexBytes,
    iv: HexBytes,
    data: HexBytes,
    padded_ciphertext: HexBytes,
    cmac: HexBytes,
}

#[test]
fn card_and_center_encrypt_and_decrypt_the_same_blocks() {
    for case in read::<Vec<Symmetric>>("symmetric.json") {
        let (key, iv) = (array(&case.key), array(&case.iv));
        let aes = AesKey::from(&card::Secret::new(key));
        let padded = card::cbc::zero_padded(&case.data.0);
        let mut by_card = padded.clone();
        card::cbc::encrypt(&aes, &iv, &mut by_card).unwrap();
        assert_eq!(by_card, case.padded_ciphertext.0);
        let mut by_center = padded.clone();
        center::cbc::encrypt(&center::Secret::new(key), &iv, &mut by_center).unwrap();
        assert_eq!(by_center, case.padded_ciphertext.0);
        card::cbc::decrypt(&aes, &iv, &mut by_center).unwrap();
        center::cbc::decrypt(&center::Secret::new(key), &iv, &mut by_card).unwrap();
        assert_eq!((&by_center, &by_card), (&padded, &padded));
    }
}

#[test]
fn card_and_center_make_and_check_the_same_tags() {
    for case in read::<Vec<Symmetric>>("symmetric.json") {
        let key = array(&case.key);
        let aes = AesKey::from(&card::Secret::new(key));
        let parts: [&[u8]; 1] = [&case.data.0];
        assert_eq!(card::cmac::cmac(&aes, &parts), array(&case.cmac));
        let secret = center::Secret::new(key);
        assert_eq!(center::cmac::tag(&secret, &parts), Ok(array(&case.cmac)));
        let mut wrong = case.cmac.0.clone();
        assert!(card::cmac::verify(&aes, &parts, &wrong).is_ok());
        assert!(center::cmac::verify(&secret, &parts, &wrong).is_ok());
        wrong[15] ^= 1;
        assert!(card::cmac::verify(&aes, &parts, &wrong).is_err());
        assert!(center::cmac::verify(&secret, &parts, &wrong).is_err());
    }
}

#[derive(Deserialize)]
struct Ecdsa {
    scalar: HexBytes,
    point: HexBytes,
    cases: Vec<Signature>,
}

#[derive(Deserialize)]
struct Signature {
    what: String,
    message: HexBytes,
    signature: HexBytes,
    good: bool,
}

#[test]
fn card_and_center_accept_and_refuse_the_same_signatures() {
    let vector: Ecdsa = read("ecdsa.json");
    let by_card = card::ecdsa::VerifyingKey::from_point(&vector.point.0).unwrap();
    let by_center = center::ecdsa::VerifyingKey::from_point(&array(&vector.point)).unwrap();
    for Signature { what, message, signature, good } in vector.cases {
        assert_eq!(by_card.verify(&[&message.0], &signature.0).is_ok(), good, "card: {what}");
        let verified = by_center.verify(&message.0, &array(&signature));
        assert_eq!(verified.is_ok(), good, "center: {what}");
    }
}

#[test]
fn the_card_signs_as_rfc_6979_says() {
    let vector: Ecdsa = read("ecdsa.json");
    let scalar = card::Secret::new(array(&vector.scalar));
    let key = card::ecdsa::SigningKey::from_scalar(&scalar).unwrap();
    assert_eq!(key.public_point(), array(&vector.point));
    let deterministic = vector.cases.iter().filter(|case| case.what.starts_with("RFC 6979"));
    for case in deterministic {
        assert_eq!(key.sign(&[&case.message.0]), Ok(array(&case.signature)), "{}", case.what);
    }
}

#[test]
fn what_card_and_center_sign_the_other_verifies() {
    let vector: Ecdsa = read("ecdsa.json");
    let (scalar, point) = (array(&vector.scalar), array(&vector.point));
    let at_center = center::ecdsa::SigningKey::from_parts(&scalar, &point).unwrap();
    let on_card = card::ecdsa::SigningKey::from_scalar(&card::Secret::new(scalar)).unwrap();
    let by_card = card::ecdsa::VerifyingKey::from_point(&point).unwrap();
    let by_center = center::ecdsa::VerifyingKey::from_point(&point).unwrap();
    for message in [&b""[..], b"message", &[7; 1000]] {
        let centers = at_center.sign(message).unwrap();
        let cards = on_card.sign(&[message]).unwrap();
        assert!(by_card.verify(&[message], &centers).is_ok());
        assert!(by_center.verify(message, &cards).is_ok());
        assert!(by_card.verify(&[message, b"x"], &centers).is_err());
        assert!(by_center.verify(&[message, b"x"].concat(), &cards).is_err());
    }
}
