use super::super::test_help::hex_array;
use super::*;

// RFC 6979, A.2.5, with SHA-256.
const SCALAR: &str = "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721";
const POINT: &str = "04 60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6
                        7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299";
const SAMPLE: &str = "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716
                      f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8";

fn known_key() -> SigningKey {
    SigningKey::from_parts(&hex_array(SCALAR), &hex_array(POINT)).unwrap()
}

fn verifier(key: &SigningKey) -> VerifyingKey {
    VerifyingKey::from_public_key(&key.public_key()).unwrap()
}

#[test]
fn the_signature_of_rfc_6979_verifies_and_its_negation_too() {
    let key = verifier(&known_key());
    let signature: [u8; 64] = hex_array(SAMPLE);
    assert_eq!(key.verify(b"sample", &signature), Ok(()));
    let turned = other_half(&signature);
    assert!(turned[..32] == signature[..32] && turned[32..] != signature[32..]);
    assert_eq!(other_half(&turned), signature);
    assert_eq!(key.verify(b"sample", &turned.try_into().unwrap()), Ok(()));
}

#[test]
fn any_flipped_bit_of_a_signature_and_another_message_are_refused() {
    let key = verifier(&known_key());
    let mut signature: [u8; 64] = hex_array(SAMPLE);
    assert_eq!(key.verify(b"simple", &signature), Err(CryptoError::Refused));
    for bit in 0..512 {
        signature[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(key.verify(b"sample", &signature), Err(CryptoError::Refused));
        signature[bit / 8] ^= 1 << (bit % 8);
    }
}

#[test]
fn zero_and_the_order_are_no_halves_of_a_signature() {
    let key = verifier(&known_key());
    let good: [u8; 64] = hex_array(SAMPLE);
    for bad in [vec![0; 32], ORDER.to_vec(), vec![0xFF; 32]] {
        let r = [&bad, &good[32..]].concat().try_into().unwrap();
        let s = [&good[..32], &bad].concat().try_into().unwrap();
        assert_eq!(key.verify(b"sample", &r), Err(CryptoError::Refused));
        assert_eq!(key.verify(b"sample", &s), Err(CryptoError::Refused));
    }
}

#[test]
fn what_one_key_signs_another_does_not_verify() {
    let (key, other) = (SigningKey::generate().unwrap(), SigningKey::generate().unwrap());
    let signature = key.sign(b"message").unwrap();
    assert_eq!(verifier(&key).verify(b"message", &signature), Ok(()));
    assert_eq!(verifier(&other).verify(b"message", &signature), Err(CryptoError::Refused));
}

#[test]
fn a_key_comes_back_from_pkcs8_and_half_of_it_does_not() {
    let key = SigningKey::generate().unwrap();
    let der = key.to_pkcs8().unwrap();
    let back = SigningKey::from_pkcs8(&der).unwrap();
    assert_eq!(back.public_key(), key.public_key());
    let signature = back.sign(b"message").unwrap();
    assert_eq!(verifier(&key).verify(b"message", &signature), Ok(()));
    assert!(SigningKey::from_pkcs8(&der[..der.len() / 2]).is_err());
}

#[test]
fn li15_a_point_off_the_curve_or_in_another_form_is_no_key() {
    let good: [u8; 65] = hex_array(POINT);
    assert!(VerifyingKey::from_point(&good).is_ok());
    for (at, value) in [(0, 0x02), (0, 0x00), (0, 0x06), (64, 0x98), (1, 0x61)] {
        let mut bad = good;
        bad[at] = value;
        assert!(VerifyingKey::from_point(&bad).is_err(), "byte {at} = {value}");
    }
    assert!(VerifyingKey::from_point(&[0; 65]).is_err());
}

#[test]
fn a_scalar_that_does_not_fit_its_point_is_refused() {
    let mut scalar = hex_array(SCALAR);
    scalar[31] ^= 1;
    assert!(SigningKey::from_parts(&scalar, &hex_array(POINT)).is_err());
    assert!(SigningKey::from_parts(&[0; 32], &hex_array(POINT)).is_err());
}

#[test]
fn an_rsa_key_verifies_no_signature() {
    let rsa = PublicKey::Rsa { modulus: vec![0xFF; 256], exponent: vec![1, 0, 1] };
    assert!(VerifyingKey::from_public_key(&rsa).is_err());
}

#[test]
fn a_private_key_does_not_print() {
    assert_eq!(format!("{:?}", known_key()), "SigningKey(P-256)");
}
