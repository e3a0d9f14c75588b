//! B.1: the keys and inputs with which the rest can be computed again.

use std::fmt::Write as _;

use saifu_applet::crypto::Secret;
use saifu_applet::crypto::scp03::{KeyUsage, diversify};
use saifu_tests::fixture::{TestCard, TestCenter, secret, stored_content};
use saifu_wire::certificate::Role;
use saifu_wire::test_root::{
    ADMINISTRATION_PRIVATE, ROOT_PRIVATE, SCP03_KEY_VERSION, SCP03_MASTER,
};

use crate::script::hex;

const TITLE: &str = "### B.1 Keys and inputs

Keys of the SCP03 channel (§14.1), private scalars of P-256, primes of RSA, the content key and the
work. The center `c1` has drawn its scalars as SHA-256(`saifu test key` ‖ center ‖ role ‖ sequence);
role and sequence are their bytes in a certificate. The administration is that of §14.8. The RSA keys
are what a generator made of a seed: take them as they stand. The first PIN is `1234`. All of this is
published, and for tests alone.

```text
";

/// Writes them down.
pub(crate) fn tell(card: &TestCard, center: &TestCenter) -> String {
    let mut out = String::from(TITLE);
    for (name, bytes) in keys(card, center) {
        for (number, line) in bytes.chunks(32).enumerate() {
            let name = if number == 0 { name } else { "" };
            let _ = writeln!(out, "{name:<18}{}", hex(line));
        }
    }
    out.push_str("```\n\n");
    out
}

fn keys(card: &TestCard, center: &TestCenter) -> Vec<(&'static str, Vec<u8>)> {
    let id = card.id().0;
    let scp03 = |usage| {
        let master = Secret::new(SCP03_MASTER);
        diversify(&master, &id, SCP03_KEY_VERSION, usage).expose().to_vec()
    };
    let (ksig, kus) = card.private_keys();
    let (kus_p, kus_q) = kus.split_at(kus.len() / 2);
    let kcs = TestCenter::payment_key().to_bytes();
    let (kcs_p, kcs_q) = kcs.expose().split_at(kcs.len() / 2);
    let scalar = |center: &TestCenter, role| center.scalar(role, 1).expose().to_vec();
    let content_key = secret(&[b"saifu test content key", &center.id().0, &1_u64.to_be_bytes()]);
    vec![
        ("root key", ROOT_PRIVATE.to_vec()),
        ("Key-ENC", scp03(KeyUsage::Encryption)),
        ("Key-MAC", scp03(KeyUsage::Mac)),
        ("Key-DEK", scp03(KeyUsage::KeyEncryption)),
        ("Ksig", ksig),
        ("Kus p", kus_p.to_vec()),
        ("Kus q", kus_q.to_vec()),
        ("licence key", scalar(center, Role::Licence)),
        ("credit key", scalar(center, Role::Credit)),
        ("receipt key", scalar(center, Role::Receipt)),
        ("administration", ADMINISTRATION_PRIVATE.to_vec()),
        ("Kcs p", kcs_p.to_vec()),
        ("Kcs q", kcs_q.to_vec()),
        ("Ke", content_key.expose().to_vec()),
        ("work", stored_content()),
    ]
}
