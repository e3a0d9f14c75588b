use super::*;
use alloc::vec;
use core::convert::Infallible;

fn body(key: PublicKey) -> Body {
    Body {
        authority: Name::new(b"ZZSAIFUTEST00001").unwrap(),
        key,
        holder: Name::of_holder(&[0xAB; 16], Role::Licence, 1),
        role: Role::Licence,
        effective: Date::new(26, 1, 1).unwrap(),
        expires: Date::new(46, 12, 31).unwrap(),
        holder_id: [0xAB; 16],
        assurance: Assurance::Test,
        sequence: 1,
        retires_below: 0,
    }
}

fn rsa() -> PublicKey {
    PublicKey::Rsa { modulus: vec![0xFF; 256], exponent: vec![1, 0, 1] }
}

fn signed(key: PublicKey) -> Vec<u8> {
    Certificate::sign(body(key), |_| Ok::<_, Infallible>([9; 64])).unwrap().to_bytes()
}

#[test]
fn a_certificate_comes_back_with_the_bytes_that_were_signed() {
    for key in [PublicKey::P256([4; 65]), rsa()] {
        let bytes = signed(key.clone());
        let certificate = Certificate::parse(&bytes).unwrap();
        assert_eq!(certificate.body(), &body(key));
        assert_eq!(certificate.signed(), body(certificate.body().key.clone()).to_object());
        assert_eq!(certificate.to_bytes(), bytes);
    }
}

#[test]
fn no_certificate_cut_short_or_made_longer_is_read() {
    let bytes = signed(PublicKey::P256([4; 65]));
    for end in 0..bytes.len() {
        assert!(Certificate::parse(&bytes[..end]).is_err(), "{end} bytes");
    }
    assert!(Certificate::parse(&[bytes, vec![0]].concat()).is_err());
}

#[test]
fn a_second_signature_object_is_refused() {
    let certificate = Certificate::parse(&signed(rsa())).unwrap();
    let mut content = certificate.content();
    tlv::put(&mut content, 0x5F37, certificate.signature());
    assert_eq!(Certificate::parse_content(&content), Err(Malformed::Trailing));
}

#[test]
fn weak_rsa_keys_are_refused() {
    let key = |modulus: Vec<u8>, exponent: &[u8]| {
        let key = PublicKey::Rsa { modulus, exponent: exponent.to_vec() };
        PublicKey::parse(&key.to_object())
    };
    assert!(key(vec![0xFF; 256], &[1, 0, 1]).is_ok());
    assert!(key(vec![0xFF; 384], &[1, 0, 1]).is_ok());
    assert!(key(vec![0xFF; 128], &[1, 0, 1]).is_err(), "1024 bits");
    assert!(key(vec![0x7F; 256], &[1, 0, 1]).is_err(), "2047 bits");
    assert!(key(vec![0xFE; 256], &[1, 0, 1]).is_err(), "even modulus");
    assert!(key(vec![0xFF; 256], &[3]).is_err(), "e = 3");
    assert!(key(vec![0xFF; 256], &[1, 0, 0]).is_err(), "even e");
}

#[test]
fn names_have_country_mnemonic_and_sequence() {
    let name = Name::of_holder(&[0xAB; 16], Role::CardEncryption, 7);
    assert_eq!(name.as_bytes(), b"ZZABABABABA34007");
    for bad in [&b"ZZ00001"[..], b"zzSAIFU00001", b"ZZSAIFU0000A", b"ZZSAIFUTESTX00001"] {
        assert!(Name::new(bad).is_err());
    }
}

#[test]
fn days_begin_where_the_calendar_says() {
    let day = |y, m, d| Date::new(y, m, d).unwrap().begins();
    assert_eq!(day(0, 1, 1), 946_684_800);
    assert_eq!(day(24, 2, 29), 1_709_164_800);
    assert_eq!(day(26, 11, 22), 1_795_305_600);
    assert_eq!(day(99, 12, 31), 4_102_358_400);
    assert!(Date::from_digits(&[2, 6, 1, 3, 0, 1]).is_err());
    assert!(Date::from_digits(&[2, 6, 0, 1, 0, 10]).is_err());
}
