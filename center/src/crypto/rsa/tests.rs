use super::*;
use std::sync::OnceLock;

/// One key for all tests: to make one costs a tenth of a second.
fn key() -> &'static PrivateKey {
    static KEY: OnceLock<PrivateKey> = OnceLock::new();
    KEY.get_or_init(|| PrivateKey::generate(KeySize::Rsa2048).unwrap())
}

fn wrap(message: &Secret<32>, label: &[u8]) -> Vec<u8> {
    WrappingKey::from_public_key(key().public_key()).unwrap().wrap_key(label, message).unwrap()
}

/// Encrypts a message of any length, which [`WrappingKey`] does not.
fn encrypt(message: &[u8], label: &[u8]) -> Vec<u8> {
    let wrapping = WrappingKey::from_public_key(key().public_key()).unwrap();
    let mut out = vec![0; 256];
    let algorithm = &OAEP_SHA256_MGF1SHA256;
    wrapping.oaep.encrypt(algorithm, message, &mut out, Some(label)).unwrap();
    out
}

#[test]
fn a_wrapped_key_comes_back_under_its_label_only() {
    let secret = Secret::random().unwrap();
    for label in [&b""[..], &[0; 32], b"\0a label with zeros\0"] {
        let wrapped = wrap(&secret, label);
        assert_eq!(wrapped.len(), 256);
        assert_eq!(key().unwrap_key(label, &wrapped), Ok(secret.clone()));
        let other = [label, b"x"].concat();
        assert_eq!(key().unwrap_key(&other, &wrapped), Err(CryptoError::Refused));
    }
}

#[test]
fn two_wrappings_of_one_key_differ() {
    let secret = Secret::new([7; 32]);
    assert_ne!(wrap(&secret, b"label"), wrap(&secret, b"label"));
}

#[test]
fn li8_a_ciphertext_with_a_flipped_bit_or_of_another_length_is_refused() {
    let wrapped = wrap(&Secret::new([7; 32]), b"label");
    let refused = |bytes: &[u8]| {
        assert_eq!(key().unwrap_key(b"label", bytes), Err(CryptoError::Refused));
    };
    for at in (0..256).step_by(15) {
        let mut bad = wrapped.clone();
        bad[at] ^= 1;
        refused(&bad);
    }
    refused(&wrapped[1..]);
    refused(&[vec![0], wrapped].concat());
    refused(&[]);
}

#[test]
fn li8_numbers_at_the_ends_of_the_range_are_refused() {
    let PublicKey::Rsa { modulus, .. } = key().public_key() else { panic!("an RSA key") };
    let near = |last: i16| {
        let mut number = modulus.clone();
        number[255] = (i16::from(number[255]) + last) as u8;
        number
    };
    let mut one = vec![0; 256];
    one[255] = 1;
    // The modulus is odd: n - 1 does not borrow; n + 1 may carry, which is as good a number.
    for bad in [vec![0; 256], one, near(-1), near(0), near(1), vec![0xFF; 256]] {
        assert_eq!(key().unwrap_key(b"label", &bad), Err(CryptoError::Refused));
    }
}

#[test]
fn li9_a_message_of_another_length_is_no_key() {
    for length in [0, 16, 31, 33, 190] {
        let wrapped = encrypt(&vec![7; length], b"label");
        assert_eq!(key().unwrap_key(b"label", &wrapped), Err(CryptoError::Refused), "{length}");
    }
    assert_eq!(key().unwrap_key(b"label", &encrypt(&[7; 32], b"label")), Ok(Secret::new([7; 32])));
}

#[test]
fn another_key_does_not_open_it() {
    let other = PrivateKey::generate(KeySize::Rsa2048).unwrap();
    let wrapped = wrap(&Secret::new([7; 32]), b"label");
    assert_eq!(other.unwrap_key(b"label", &wrapped), Err(CryptoError::Refused));
}

#[test]
fn a_key_of_3072_bits_works_the_same() {
    let key = PrivateKey::generate(KeySize::Rsa3072).unwrap();
    let wrapping = WrappingKey::from_public_key(key.public_key()).unwrap();
    let wrapped = wrapping.wrap_key(b"label", &Secret::new([7; 32])).unwrap();
    assert_eq!(wrapped.len(), 384);
    assert_eq!(key.unwrap_key(b"label", &wrapped), Ok(Secret::new([7; 32])));
}

#[test]
fn a_key_comes_back_from_pkcs8_and_half_of_it_does_not() {
    let back = PrivateKey::from_pkcs8(key().to_pkcs8()).unwrap();
    assert_eq!(back.public_key(), key().public_key());
    assert_eq!(back.unwrap_key(b"l", &wrap(&Secret::new([7; 32]), b"l")), Ok(Secret::new([7; 32])));
    let half = &key().to_pkcs8()[..600];
    assert_eq!(PrivateKey::from_pkcs8(half).err(), Some(CryptoError::Refused));
}

#[test]
fn a_key_of_4096_bits_is_refused() {
    let big = PrivateDecryptingKey::generate(aws_lc_rs::rsa::KeySize::Rsa4096).unwrap();
    let der = AsDer::<Pkcs8V1Der<'_>>::as_der(&big).unwrap();
    assert_eq!(PrivateKey::from_pkcs8(der.as_ref()).err(), Some(CryptoError::Refused));
}

#[test]
fn li15_weak_keys_and_keys_of_another_kind_wrap_nothing() {
    let refused = |key: PublicKey| {
        assert_eq!(WrappingKey::from_public_key(&key).err(), Some(CryptoError::Refused));
    };
    let PublicKey::Rsa { modulus, .. } = key().public_key().clone() else { panic!("an RSA key") };
    let rsa = |modulus: &[u8], exponent: &[u8]| PublicKey::Rsa {
        modulus: modulus.to_vec(),
        exponent: exponent.to_vec(),
    };
    refused(PublicKey::P256([4; 65]));
    refused(rsa(&modulus, &[3]));
    refused(rsa(&modulus[..128], &[1, 0, 1]));
    refused(rsa(&[&modulus[..255], &[0x10]].concat(), &[1, 0, 1]));
}

#[test]
fn a_private_key_does_not_print() {
    assert_eq!(format!("{:?}", key()), "PrivateKey(RSA, 2048 bits)");
}
