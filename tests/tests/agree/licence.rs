//! The licence: the center wraps and signs, the card verifies and opens.

use saifu_applet::crypto as card_crypto;
use saifu_applet::secure::key_unwrap::Genuine;
use saifu_center::crypto::{identity, key_id, sha256};
use saifu_center::delivery::{DeliveryKey, Terms, issue_licence};
use saifu_center::keys::Keys;
use saifu_center_api::HexBytes;
use saifu_wire::certificate::PublicKey;
use saifu_wire::signed::{Licence, PaymentOrder, Signed};
use saifu_wire::stream::Header;
use saifu_wire::value::{Kind, Price, ScopeKind, Unit};
use saifu_wire::{OrderId, ShopId, Wire as _};
use serde::Deserialize;

use crate::vectors::{array, card, center, random, read};

#[derive(Deserialize)]
struct LicenceVector {
    key: HexBytes,
    header: HexBytes,
    number: u64,
    order: HexBytes,
    amount: u64,
    unit: String,
    time: u64,
    terms: HexBytes,
    identity: HexBytes,
    licence: HexBytes,
}

impl LicenceVector {
    fn terms(&self) -> Terms {
        let unit = Unit::new(&self.unit).unwrap();
        let price = Price { kind: Kind::BitCash, unit, amount: self.amount, scope: ScopeKind::Any };
        Terms {
            shop: ShopId::ZERO,
            number: self.number,
            order: OrderId(array(&self.order)),
            prices: vec![price],
            payment: PaymentOrder::PayFirst,
            uses: 0,
            not_before: 0,
            not_after: 0,
            needs_time: false,
            time: self.time,
        }
    }

    fn issued(&self, keys: &Keys) -> Signed<Licence> {
        let header = Header::from_bytes(&self.header.0).unwrap();
        let key = DeliveryKey::from_bytes(array(&self.key));
        issue_licence(keys, &card().taken, &self.terms(), &header, &key).unwrap()
    }

    fn signed(&self) -> Signed<Licence> {
        Signed::parse(&self.licence.0).unwrap()
    }
}

fn vector() -> LicenceVector {
    read("licence.json")
}

/// The center's licence key, as the card has it from a certificate.
fn licence_key(keys: &Keys) -> card_crypto::ecdsa::VerifyingKey {
    let [licence, ..] = keys.certificates();
    let PublicKey::P256(point) = &licence.body().key else { panic!("a P-256 key") };
    card_crypto::ecdsa::VerifyingKey::from_point(point).unwrap()
}

#[test]
fn the_center_writes_exactly_these_terms() {
    let issued = vector().issued(&center());
    assert_eq!(issued.terms(), vector().terms.0);
    assert_eq!(issued.to_bytes().len(), vector().licence.0.len());
}

#[test]
fn the_center_knows_this_licence_for_its_own() {
    let keys = center();
    assert_eq!(keys.verify(&vector().signed()), Ok(()));
    assert_eq!(identity(&vector().signed()).0, array(&vector().identity));
    assert_eq!(vector().signed().message().center_key, keys.payment_key().id());
    let mut bytes = vector().licence.0;
    bytes[100] ^= 1;
    assert!(keys.verify(&Signed::<Licence>::parse(&bytes).unwrap()).is_err());
}

#[test]
fn the_card_opens_this_licence_and_the_centers_own() {
    let (keys, card) = (center(), card());
    for licence in [vector().signed(), vector().issued(&keys)] {
        let genuine = Genuine::verify(&licence, &licence_key(&keys)).unwrap();
        let opened = genuine.wrapped_key().open(&mut random(), &card.kus).unwrap();
        assert_eq!(opened.expose(), &array(&vector().key));
        let kup = saifu_applet::own_keys::encryption_public(&card.kus);
        assert_eq!(licence.message().card_key, key_id(&kup));
    }
}

#[test]
fn the_card_opens_no_licence_with_other_terms_or_another_wrapping() {
    let (keys, card) = (center(), card());
    let mut dearer = vector().signed().message().clone();
    dearer.prices.0[0].amount += 1;
    let mut elsewhere = vector().signed().message().clone();
    elsewhere.commitment.0 = sha256(&[b"another key"]);
    let mut unwrappable = vector().signed().message().clone();
    unwrappable.wrapped_key.0[9] ^= 1;
    for message in [dearer, elsewhere, unwrappable] {
        let forged = Signed::sign(message.clone(), |_| Ok::<_, ()>([9; 64])).unwrap();
        assert!(Genuine::verify(&forged, &licence_key(&keys)).is_err());
        // Signed by the center itself, the label and the commitment still hold.
        let signed = keys.sign(message).unwrap();
        let genuine = Genuine::verify(&signed, &licence_key(&keys)).unwrap();
        assert!(genuine.wrapped_key().open(&mut random(), &card.kus).is_err());
    }
}
