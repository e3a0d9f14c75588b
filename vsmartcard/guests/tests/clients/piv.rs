//! Yubico's and OpenSC's tools, and the PIV applet.

use crate::desk::{Desk, said};

const PIN: &str = "123456";
/// The slot for signing in, as Yubico's tool and as PKCS #11 name it.
const SLOT: [&str; 2] = ["9a", "01"];

/// Yubico's tool at the card in the reader.
fn yubico(desk: &Desk, arguments: &[&str]) -> String {
    desk.done("yubico-piv-tool", &[&["--reader", &desk.reader()], arguments].concat())
}

/// Draws a key on the card and puts a certificate of it there, which a throwaway issuer signs.
fn certify(desk: &Desk) {
    let [slot, _] = SLOT;
    yubico(desk, &["-a", "generate", "-s", slot, "-A", "ECCP256", "-o", "public.pem"]);
    let key = ["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"];
    desk.done("openssl", &[&key[..], &["-out", "issuer.key"]].concat());
    let issuer = ["req", "-x509", "-new", "-key", "issuer.key", "-subj", "/CN=Issuer"];
    desk.done("openssl", &[&issuer[..], &["-out", "issuer.pem"]].concat());
    let holder = ["x509", "-new", "-force_pubkey", "public.pem", "-subj", "/CN=Cardholder"];
    let signed = ["-CA", "issuer.pem", "-CAkey", "issuer.key", "-out", "holder.pem"];
    desk.done("openssl", &[&holder[..], &signed].concat());
    yubico(desk, &["-a", "import-certificate", "-s", slot, "-i", "holder.pem"]);
}

/// Whether openssl finds a signature of the data good under the card's public key.
fn verifies(desk: &Desk, signature: &str, data: &str) -> bool {
    let verify = ["dgst", "-sha256", "-verify", "public.pem", "-signature", signature, data];
    let verified = desk.run("openssl", &verify);
    assert_eq!(said(&verified).contains("Verified OK"), verified.status.success());
    verified.status.success()
}

#[test]
fn yubicos_tool_certifies_reads_and_signs_while_saifu_answers_in_between() {
    let desk = Desk::new();
    let [slot, _] = SLOT;
    assert!(yubico(&desk, &["-a", "status"]).contains("PIN tries left:\t3"));
    desk.saifu_answers();
    certify(&desk);
    desk.saifu_answers();
    let read = yubico(&desk, &["-a", "read-certificate", "-s", slot]);
    let written = std::fs::read_to_string(desk.folder().join("holder.pem")).unwrap();
    assert_eq!(read.trim(), written.trim());
    let pin = ["-a", "verify-pin", "-P", PIN];
    let sign = ["-a", "test-signature", "-s", slot, "-i", "holder.pem"];
    let signed = yubico(&desk, &[&pin[..], &sign].concat());
    assert!(signed.contains("Successful ECDSA verification."), "{signed}");
}

#[test]
fn opensc_reads_the_card_and_signs_with_it_while_saifu_answers_in_between() {
    let desk = Desk::new();
    let [_, id] = SLOT;
    let name = desk.done("piv-tool", &["--reader", "0", "--name"]);
    assert!(name.contains("Personal Identity Verification Card"), "{name}");
    certify(&desk);
    desk.saifu_answers();
    let listed = desk.done("pkcs11-tool", &["--list-objects", "--type", "cert"]);
    assert!(listed.contains("CN=Cardholder"), "{listed}");

    desk.write("data", "what is signed");
    let login = ["--login", "--pin", PIN, "--sign", "--id", id, "--mechanism", "ECDSA-SHA256"];
    let files = ["--signature-format", "openssl", "-i", "data", "-o", "signature"];
    desk.done("pkcs11-tool", &[&login[..], &files].concat());
    assert!(verifies(&desk, "signature", "data"));
    desk.write("other", "what was never signed");
    assert!(!verifies(&desk, "signature", "other"));
    desk.saifu_answers();
}

#[test]
fn a_wrong_pin_signs_nothing_and_costs_a_try() {
    let desk = Desk::new();
    let [slot, _] = SLOT;
    certify(&desk);
    let arguments = ["--reader", &desk.reader(), "-a", "verify-pin", "-P", "654321"];
    let sign = ["-a", "test-signature", "-s", slot, "-i", "holder.pem"];
    let refused = desk.run("yubico-piv-tool", &[&arguments[..], &sign].concat());
    assert!(!refused.status.success(), "{}", said(&refused));
    assert!(!said(&refused).contains("Successful ECDSA verification."), "{}", said(&refused));
    assert!(yubico(&desk, &["-a", "status"]).contains("PIN tries left:\t2"));
}
