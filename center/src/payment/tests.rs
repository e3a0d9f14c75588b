use super::*;
use crate::crypto::rsa::WrappingKey;
use crate::keys::test_help::{TestCard, center_keys};
use crate::keys::{Issuer, Keys};
use saifu_wire::codec::Bytes;
use saifu_wire::signed::TOKEN_HEADER_BYTES;
use saifu_wire::value::{Kind, Unit};
use saifu_wire::{AccountId, CenterId, ContentId, Digest, OrderId, ShopId};

/// A center's own keys for one test, so that the test alone counts their operations.
fn fresh_keys() -> Keys {
    let size = crate::crypto::rsa::KeySize::Rsa2048;
    Keys::generate(&Issuer::test().unwrap(), crate::keys::test_help::NOW, size).unwrap()
}

fn payload() -> TokenPayload {
    TokenPayload {
        licence: 1,
        licence_identity: Digest([1; 32]),
        order: OrderId([2; 16]),
        shop: ShopId([3; 16]),
        content: ContentId([4; 16]),
        content_version: 5,
        price_index: 0,
        purse: 6,
        kind: Kind::BitCash,
        unit: Unit::new("JPY").unwrap(),
        amount: 300,
        balance: 700,
        blinding: [7; 32],
    }
}

/// What a card does, step by step, with a chance to go wrong at each.
struct Recipe {
    center: CenterId,
    center_key: Digest,
    commitment: [u8; 32],
    token_key: Secret<32>,
    padded: Vec<u8>,
    label: Option<[u8; 32]>,
    mac_flip: u8,
    wrapped: Option<Vec<u8>>,
}

impl Recipe {
    fn good(keys: &Keys) -> Self {
        let bytes = payload().to_bytes();
        let mut padded = bytes.clone();
        padded.resize(160, 0);
        Self {
            center: keys.center(),
            center_key: keys.payment_key().id(),
            commitment: sha256(&[b"saifu/1 token payload", &bytes]),
            token_key: Secret::new([8; 32]),
            padded,
            label: None,
            mac_flip: 0,
            wrapped: None,
        }
    }

    fn make(&self, keys: &Keys, card: &TestCard) -> Signed<Token> {
        let mut token = Token {
            center: self.center,
            center_key: self.center_key,
            account: AccountId([9; 16]),
            counter: 2,
            previous: Digest([10; 32]),
            commitment: Digest(self.commitment),
            wrapped_key: Bytes::default(),
            sealed_payload: Bytes::default(),
        };
        let hash = sha256(&[&token.header()]);
        let kcp = &keys.payment_key().certificate().body().key;
        let wrapping = WrappingKey::from_public_key(kcp).unwrap();
        let wrapped = wrapping.wrap_key(&self.label.unwrap_or(hash), &self.token_key).unwrap();
        token.wrapped_key = Bytes(self.wrapped.clone().unwrap_or(wrapped));
        let mut sealed = self.padded.clone();
        let key = |label: &[u8]| kdf::expand(&self.token_key, label, &hash);
        cbc::encrypt(&key(b"saifu/1 token cipher"), &[0; 16], &mut sealed).unwrap();
        let mut tag = cmac::tag(&key(b"saifu/1 token mac"), &[&hash, &sealed]).unwrap();
        tag[15] ^= self.mac_flip;
        sealed.extend(tag);
        token.sealed_payload = Bytes(sealed);
        Signed::sign(token, |bytes| card.signature.sign(bytes)).unwrap()
    }
}

fn open(keys: &Keys, card: &TestCard, token: &Signed<Token>) -> Result<TokenPayload, TokenRefused> {
    open_token(keys, &card.taken().signature_key, token)
}

#[test]
fn a_cards_token_opens_to_what_it_pays_for() {
    let (keys, card) = (fresh_keys(), TestCard::new(1));
    let token = Recipe::good(&keys).make(&keys, &card);
    assert_eq!(open(&keys, &card, &token), Ok(payload()));
    assert_eq!(keys.payment_key().operations(), 1, "one private operation per sale");
}

#[test]
fn a_payload_has_the_bytes_its_layout_says() {
    assert_eq!(payload().to_bytes().len(), PAYLOAD_BYTES);
    assert_eq!(SEALED_PAYLOAD_BYTES, 176);
}

#[test]
fn pa8_no_bit_flipped_in_a_token_reaches_the_private_key() {
    let (keys, card) = (fresh_keys(), TestCard::new(1));
    let good = Recipe::good(&keys).make(&keys, &card).to_bytes();
    for at in 0..good.len() {
        let mut bad = good.clone();
        bad[at] ^= 1;
        if let Ok(token) = Signed::<Token>::parse(&bad) {
            assert_eq!(open(&keys, &card, &token), Err(TokenRefused::Signature), "byte {at}");
        }
    }
    assert_eq!(keys.payment_key().operations(), 0);
}

#[test]
fn pa9_a_token_signed_by_another_card_is_refused_before_it_is_opened() {
    let (keys, card, other) = (fresh_keys(), TestCard::new(1), TestCard::new(2));
    let token = Recipe::good(&keys).make(&keys, &other);
    assert_eq!(open(&keys, &card, &token), Err(TokenRefused::Signature));
    assert_eq!(keys.payment_key().operations(), 0);
}

#[test]
fn pa16_ten_thousand_unsigned_wrappings_get_one_answer_and_no_private_operation() {
    let (keys, card) = (fresh_keys(), TestCard::new(1));
    let good = Recipe::good(&keys).make(&keys, &card).to_bytes();
    let wrapped = TOKEN_HEADER_BYTES + 2;
    let key = card.taken().signature_key;
    for number in 0..10_000_u32 {
        let mut bad = good.clone();
        bad[wrapped..wrapped + 4].copy_from_slice(&number.to_be_bytes());
        bad[wrapped + 4] ^= 1;
        let token = Signed::<Token>::parse(&bad).unwrap();
        assert_eq!(open_token(&keys, &key, &token), Err(TokenRefused::Signature));
    }
    assert_eq!(keys.payment_key().operations(), 0);
}

#[test]
fn pa14_a_token_for_another_center_or_under_an_unknown_key_is_refused_unopened() {
    let (keys, card) = (fresh_keys(), TestCard::new(1));
    let elsewhere = Recipe { center: CenterId([1; 16]), ..Recipe::good(&keys) };
    let unknown = Recipe { center_key: Digest([1; 32]), ..Recipe::good(&keys) };
    for recipe in [elsewhere, unknown] {
        let token = recipe.make(&keys, &card);
        assert_eq!(open(&keys, &card, &token), Err(TokenRefused::Center));
    }
    assert_eq!(keys.payment_key().operations(), 0);
}

#[test]
fn pa16_a_signed_token_with_anything_wrong_inside_gets_one_answer() {
    let (keys, card) = (center_keys(), TestCard::new(1));
    let good = || Recipe::good(keys);
    let changed = |change: fn(&mut Vec<u8>)| {
        let mut recipe = good();
        change(&mut recipe.padded);
        recipe
    };
    let recipes = [
        ("a label of another header", Recipe { label: Some([0; 32]), ..good() }),
        ("a wrong tag", Recipe { mac_flip: 1, ..good() }),
        ("another payload than committed to", changed(|padded| padded[100] ^= 1)),
        ("padding that is not zero", changed(|padded| padded[159] = 1)),
        ("a block too many", changed(|padded| padded.extend([0; 16]))),
        ("a block too few", changed(|padded| padded.truncate(144))),
        ("nothing at all", changed(Vec::clear)),
        ("no wrapping", Recipe { wrapped: Some(vec![]), ..good() }),
        ("a wrapping of zeros", Recipe { wrapped: Some(vec![0; 256]), ..good() }),
        ("a wrapping for a longer key", Recipe { wrapped: Some(vec![1; 384]), ..good() }),
    ];
    for (what, recipe) in recipes {
        let token = recipe.make(keys, &card);
        assert_eq!(open(keys, &card, &token), Err(TokenRefused::Contents), "{what}");
    }
}

#[test]
fn a_committed_payload_that_is_no_payload_is_refused() {
    let (keys, card) = (center_keys(), TestCard::new(1));
    let mut recipe = Recipe::good(keys);
    let kind_at = 8 + 32 + 16 + 16 + 16 + 4 + 1 + 4;
    assert_eq!(recipe.padded[kind_at], Kind::BitCash as u8);
    recipe.padded[kind_at] = 0xEE;
    recipe.commitment = sha256(&[LABEL_PAYLOAD, &recipe.padded[..PAYLOAD_BYTES]]);
    let token = recipe.make(keys, &card);
    assert_eq!(open(keys, &card, &token), Err(TokenRefused::Contents));
}

#[test]
fn pa10_a_wrapping_lifted_from_one_token_does_not_serve_in_another() {
    let (keys, card) = (center_keys(), TestCard::new(1));
    let one = Recipe::good(keys).make(keys, &card);
    let mut message = one.message().clone();
    message.counter += 1;
    let other = Signed::sign(message, |bytes| card.signature.sign(bytes)).unwrap();
    assert_eq!(open(keys, &card, &other), Err(TokenRefused::Contents));
}
