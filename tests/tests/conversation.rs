//! Holds annex B of `apdu-spec.md` equal to what the card says. `SAIFU_BLESS=1` writes it anew.
//!
//! One card's life, from the factory to a settled sale, in the bytes that pass. Everything in
//! it repeats, so that the annex is a test, and a stranger can compute it again.

#[path = "conversation/administration.rs"]
mod administration;
#[path = "conversation/contents.rs"]
mod contents;
#[path = "conversation/keys.rs"]
mod keys;
#[path = "conversation/life.rs"]
mod life;
#[path = "conversation/payments.rs"]
mod payments;
#[path = "conversation/personalisation.rs"]
mod personalisation;
#[path = "conversation/script.rs"]
mod script;
#[path = "conversation/stranger.rs"]
mod stranger;

use script::Script;
use std::path::PathBuf;

const INTRODUCTION: &str = "## Annex B A conversation

The life of one card in the bytes that pass: `>` the terminal, `<` the card, 32 bytes a line. What
was drawn at random came from seeds, and signatures are deterministic (RFC 6979), so that the card
says the same each time. The keys of B.1 open all that is encrypted here and make every signature and
MAC again; what was drawn for one use (the secret of PROVE KEYS, `K` and the blinding of the token,
the seeds of OAEP) comes out when it is opened.

";

fn spec_path() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../apdu-spec.md")
}

/// The whole annex, as the card says it now.
fn annex_b() -> String {
    let mut script = Script::new();
    personalisation::tell(&mut script);
    life::tell(&mut script);
    payments::tell(&mut script);
    contents::tell(&mut script);
    // At the end the card has no keys any more.
    let keys = keys::tell(&script.card, &script.center);
    administration::tell(&mut script);
    format!("{INTRODUCTION}{keys}{}", script.text())
}

#[test]
fn the_conversation_of_annex_b_is_what_the_card_says() {
    let spec = std::fs::read_to_string(spec_path()).expect("apdu-spec.md stands at the top");
    let start = spec.find("\n## Annex B").map_or(spec.len(), |start| start + 1);
    if std::env::var_os("SAIFU_BLESS").is_some() {
        let blessed = format!("{}{}", &spec[..start], annex_b());
        std::fs::write(spec_path(), blessed).expect("apdu-spec.md can be written");
    } else {
        assert_eq!(&spec[start..], annex_b(), "run this test with SAIFU_BLESS=1");
    }
}

#[test]
fn the_keys_of_annex_b_open_and_sign_what_is_in_it() {
    stranger::check(&annex_b());
}
