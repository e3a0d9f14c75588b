//! Wycheproof's vectors through the card's own cryptography, every vector of every set.
//!
//! A vector agrees when the card accepts what Wycheproof calls valid and refuses what it calls
//! invalid. Whatever does not agree must stand in `wycheproof/DEVIATIONS.md` with its reason, and
//! nothing else may stand there.

#[path = "wycheproof/deviations.rs"]
mod deviations;
#[path = "wycheproof/report.rs"]
mod report;
#[path = "wycheproof/rsa_oaep.rs"]
mod rsa_oaep;
#[path = "wycheproof/symmetric.rs"]
mod symmetric;

use report::Report;
use saifu_applet::crypto::ecdsa::VerifyingKey;
use wycheproof::{ecdsa, rsa_oaep as oaep};

#[test]
fn rsa_2048_oaep_agrees() {
    rsa_oaep::run("rsa_oaep_2048_sha256_mgf1sha256", oaep::TestName::Rsa2048Sha256Mgf1Sha256, 37);
}

#[test]
fn rsa_3072_oaep_agrees() {
    rsa_oaep::run("rsa_oaep_3072_sha256_mgf1sha256", oaep::TestName::Rsa3072Sha256Mgf1Sha256, 37);
}

#[test]
fn rsa_oaep_of_the_cards_kind_among_the_mixed_vectors_agrees() {
    rsa_oaep::run("rsa_oaep_misc", oaep::TestName::RsaMisc, 6);
}

#[test]
fn ecdsa_on_p256_with_raw_signatures_agrees() {
    let mut report = Report::new("ecdsa_secp256r1_sha256_p1363");
    let set = ecdsa::TestSet::load(ecdsa::TestName::EcdsaSecp256r1Sha256P1363).unwrap();
    for group in set.test_groups {
        let key = VerifyingKey::from_point(&group.key.key);
        for test in group.tests {
            let verified =
                key.as_ref().is_ok_and(|key| key.verify(&[&test.msg], &test.sig).is_ok());
            report.vector(test.tc_id, test.result, verified, None);
        }
    }
    report.finish(262);
}

#[test]
fn aes_cmac_agrees() {
    symmetric::cmac(311);
}

#[test]
fn aes_cbc_without_padding_agrees() {
    symmetric::cbc(216);
}

#[test]
fn hkdf_sha256_agrees() {
    symmetric::hkdf(86);
}

#[test]
fn the_table_of_deviations_names_only_sets_that_are_run() {
    let run = [
        "rsa_oaep_2048_sha256_mgf1sha256",
        "rsa_oaep_3072_sha256_mgf1sha256",
        "rsa_oaep_misc",
        "ecdsa_secp256r1_sha256_p1363",
        "aes_cmac",
        "aes_cbc_pkcs5",
        "hkdf_sha256",
    ];
    for row in deviations::written_down() {
        assert!(run.contains(&row.set), "{} is not run", row.set);
    }
}
