//! A stranger who has nothing but the text of annex B.

use std::collections::BTreeMap;

use saifu_applet::crypto::Secret;
use saifu_applet::crypto::ecdsa::SigningKey;
use saifu_applet::crypto::hash::sha256;
use saifu_applet::crypto::rsa::PrivateKey;
use saifu_tests::fixture::Draws;
use saifu_wire::apdu::Command;
use saifu_wire::signed::{Credit, Event, Licence, Message, Opening, Receipt, Signed, Token};

/// Reads the keys, then what was said, and holds one against the other.
pub(crate) fn check(annex: &str) {
    let keys = Keys::read(annex);
    let said = |name| Said::first(annex, name);
    keys.signed::<Opening>("credit key", &said("OPEN ACCOUNT").data);
    keys.signed::<Event>("Ksig", &said("OPEN ACCOUNT").answer);
    keys.signed::<Credit>("credit key", &said("CREDIT").data);
    keys.signed::<Event>("Ksig", &said("VOID").answer);
    keys.signed::<Receipt>("receipt key", &said("ACKNOWLEDGE").data);
    let licence = keys.signed::<Licence>("licence key", &said("LOAD LICENCE").data);
    let label = sha256(&[licence.terms()]);
    let content_key = keys.unwrap("Kus", &label, &licence.message().wrapped_key.0);
    assert_eq!(content_key, keys.named["Ke"]);
    let paid = Said::all(annex, "DEBIT").pop().expect("a debit").answer;
    let token = keys.signed::<Token>("Ksig", &paid);
    let label = sha256(&[token.header()]);
    assert_eq!(keys.unwrap("Kcs", &label, &token.message().wrapped_key.0).len(), 32);
    assert_eq!(said("DECRYPT").answer, keys.named["work"]);
}

/// What B.1 names.
struct Keys {
    named: BTreeMap<String, Vec<u8>>,
}

impl Keys {
    fn read(annex: &str) -> Self {
        let mut named: BTreeMap<String, Vec<u8>> = BTreeMap::new();
        let mut last = String::new();
        for line in fenced(section(annex, "### B.1 ")) {
            let (name, digits) = line.split_at(18);
            if !name.trim().is_empty() {
                last = name.trim().to_owned();
            }
            named.entry(last.clone()).or_default().extend(bytes(digits));
        }
        Self { named }
    }

    /// Takes a signed structure apart; this key must make the same signature again.
    fn signed<M: Message>(&self, key: &str, structure: &[u8]) -> Signed<M> {
        let signed = Signed::<M>::parse(structure).expect(key);
        let scalar: [u8; 32] = self.named[key].as_slice().try_into().expect(key);
        let key = SigningKey::from_scalar(&Secret::new(scalar)).expect(key);
        assert_eq!(key.sign(&[signed.unsigned()]).expect("a signature"), *signed.signature());
        signed
    }

    /// Opens what was wrapped for the RSA key of these primes.
    fn unwrap(&self, key: &str, label: &[u8], wrapped: &[u8]) -> Vec<u8> {
        let half = |name| self.named[&format!("{key} {name}")].clone();
        let key = PrivateKey::from_bytes(&[half("p"), half("q")].concat()).expect(key);
        let mut blinding = Draws::new("a stranger").source();
        key.unwrap_oaep(&mut blinding, label, wrapped).expect("a key").expose().to_vec()
    }
}

/// A command's data field, and its answer without the status word.
struct Said {
    data: Vec<u8>,
    answer: Vec<u8>,
}

impl Said {
    fn first(annex: &str, name: &str) -> Self {
        Self::all(annex, name).swap_remove(0)
    }

    /// The first exchange of every part of this name.
    fn all(annex: &str, name: &str) -> Vec<Self> {
        let parts = annex.split("\n### ").filter(|part| {
            let title = part.lines().next().and_then(|line| line.split_once(' '));
            title.is_some_and(|(_, title)| title.starts_with(&format!("{name} (")))
        });
        parts.map(Self::of_part).collect()
    }

    fn of_part(part: &str) -> Self {
        let (mut command, mut answer) = (Vec::new(), Vec::new());
        let mut answers = false;
        for line in fenced(part) {
            let (mark, digits) = line.split_at(2);
            if mark == "> " && answers {
                break;
            }
            answers |= mark == "< ";
            let side = if answers { &mut answer } else { &mut command };
            side.extend(bytes(digits));
        }
        answer.truncate(answer.len() - 2);
        let data = Command::parse(&command).expect("a command").data.to_vec();
        Self { data, answer }
    }
}

/// The text of one section, from its heading on.
fn section<'a>(annex: &'a str, heading: &str) -> &'a str {
    &annex[annex.find(heading).expect(heading)..]
}

/// The lines of the first block of a text.
fn fenced(text: &str) -> impl Iterator<Item = &str> {
    let block = text.split("```").nth(1).expect("a block");
    block.trim_start_matches("text").lines().filter(|line| !line.is_empty())
}

fn bytes(digits: &str) -> Vec<u8> {
    let pairs = digits.as_bytes().chunks(2);
    let pair = |pair| u8::from_str_radix(std::str::from_utf8(pair).expect("ASCII"), 16);
    pairs.map(|digits| pair(digits).expect("hex digits")).collect()
}
