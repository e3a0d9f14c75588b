//! The payment token: the card seals and signs, the center verifies and opens.

use saifu_applet::crypto as card_crypto;
use saifu_applet::purse::token::{TokenHeader, TokenKeys, make};
use saifu_center::keys::Keys;
use saifu_center::payment::{TokenRefused, open_token};
use saifu_center_api::HexBytes;
use saifu_wire::certificate::PublicKey;
use saifu_wire::signed::{Signed, Token, TokenPayload};
use saifu_wire::{AccountId, CenterId, Digest, Wire as _};
use serde::Deserialize;

use crate::vectors::{array, card, center, random, read};

#[derive(Deserialize)]
struct Tokens {
    center: HexBytes,
    account: HexBytes,
    counter: u64,
    previous: HexBytes,
    payload: HexBytes,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    what: String,
    opens: bool,
    token: HexBytes,
}

impl Tokens {
    fn payload(&self) -> TokenPayload {
        TokenPayload::from_bytes(&self.payload.0).unwrap()
    }

    /// The good token, as the card makes it; only `K` and the OAEP seed are its own.
    fn made_by_the_card(&self, keys: &Keys) -> Signed<Token> {
        let PublicKey::Rsa { modulus, exponent } = &keys.payment_key().certificate().body().key
        else {
            panic!("an RSA key")
        };
        let header = TokenHeader {
            center: CenterId(array(&self.center)),
            center_key: keys.payment_key().id(),
            account: AccountId(array(&self.account)),
            counter: self.counter,
            previous: Digest(array(&self.previous)),
        };
        let kcp = card_crypto::rsa::PublicKey::from_parts(modulus, exponent).unwrap();
        let token_keys = TokenKeys { center: kcp, card: card().ksig };
        make(header, &self.payload(), &token_keys, &mut random()).unwrap()
    }
}

fn vector() -> Tokens {
    read("token.json")
}

#[test]
fn the_center_opens_these_tokens_and_refuses_those_that_are_wrong_inside() {
    let (keys, card) = (center(), card());
    for Case { what, opens, token } in vector().cases {
        let opened = Signed::parse(&token.0)
            .map(|token| open_token(&keys, &card.taken.signature_key, &token))
            .unwrap();
        let expected = if opens { Ok(vector().payload()) } else { Err(TokenRefused::Contents) };
        assert_eq!(opened, expected, "{what}");
    }
}

#[test]
fn the_center_opens_what_the_card_makes() {
    let (keys, card) = (center(), card());
    let token = vector().made_by_the_card(&keys);
    let opened = open_token(&keys, &card.taken.signature_key, &token);
    assert_eq!(opened, Ok(vector().payload()));
    assert_eq!(keys.payment_key().operations(), 1);
}

#[test]
fn the_card_writes_exactly_this_header() {
    let made = vector().made_by_the_card(&center());
    let expected = Signed::<Token>::parse(&vector().cases[0].token.0).unwrap();
    assert_eq!(made.header(), expected.header());
    assert_eq!(made.to_bytes().len(), expected.to_bytes().len());
}

#[test]
fn a_changed_token_of_the_card_never_reaches_the_centers_private_key() {
    let (keys, card) = (center(), card());
    let good = vector().made_by_the_card(&keys).to_bytes();
    for at in 0..good.len() {
        let mut bad = good.clone();
        bad[at] ^= 0x80;
        if let Ok(token) = Signed::parse(&bad) {
            let opened = open_token(&keys, &card.taken.signature_key, &token);
            assert_eq!(opened, Err(TokenRefused::Signature), "byte {at}");
        }
    }
    assert_eq!(keys.payment_key().operations(), 0);
}
