//! One card, one center, one work: all that the tests speak of.

use super::keys;
use crate::trust::sha256;
use saifu_center_api as api;
use saifu_wire::certificate::{Assurance, Body, Certificate, Date, Name, PublicKey, Role};
use saifu_wire::codec::{Bytes, List};
use saifu_wire::signed::{Licence, Message, PaymentOrder, Signed};
use saifu_wire::stream::{Header, TAG_BYTES};
use saifu_wire::value::{Kind, Price, ScopeKind, Unit};
use saifu_wire::{AccountId, CardId, CenterId, ContentId, Digest, OrderId, ShopId, Wire};

pub(crate) const CARD: CardId = CardId([0xCA; 16]);
pub(crate) const CENTER: CenterId = CenterId([0xCE; 16]);
pub(crate) const ACCOUNT: AccountId = AccountId([0xAC; 16]);
pub(crate) const ORDER: OrderId = OrderId([0x0D; 16]);
pub(crate) const WORK: ContentId = ContentId([0xC0; 16]);
/// Where the center tells of the order.
pub(crate) const ORDER_PATH: &str = "/v1/orders/0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d";
pub(crate) const PIN: &str = "1234";
pub(crate) const PRICE: u64 = 300;

const SIGNATURE_KEY: u8 = 1;
const ENCRYPTION_KEY: u8 = 2;

/// M: more than one command's worth of segments, and a last one that is not full.
pub(crate) fn content() -> Vec<u8> {
    (0..100_000_u32).map(|i| (i % 251) as u8).collect()
}

pub(crate) fn header() -> Header {
    Header {
        segment_bytes: 4_032,
        content: WORK,
        content_version: 1,
        total_bytes: content().len() as u64,
        salt: [5; 32],
    }
}

/// A play cipher: the plaintext, padded, and a digest for a tag.
pub(crate) fn seal(index: u64, plaintext: &[u8]) -> Vec<u8> {
    let mut sealed = plaintext.to_vec();
    sealed.resize(plaintext.len().next_multiple_of(16), 0);
    let tag = sha256(&[&index.to_be_bytes(), &sealed[..]].concat());
    sealed.extend_from_slice(&tag.0[..TAG_BYTES]);
    sealed
}

/// Ke[M]: header and segments.
pub(crate) fn delivery() -> Vec<u8> {
    let mut delivery = header().to_bytes();
    for (index, plaintext) in (0..).zip(content().chunks(4_032)) {
        delivery.extend(seal(index, plaintext));
    }
    delivery
}

pub(crate) fn work() -> api::Work {
    api::Work {
        id: WORK.to_string(),
        version: 1,
        shop: None,
        shop_name: String::new(),
        title: "A Title".into(),
        creator: "A Creator".into(),
        description: String::new(),
        media_type: "image/png".into(),
        length: content().len() as u64,
        preview: api::Preview { media_type: "image/jpeg".into(), length: 3 },
        prices: vec![api::Price {
            kind: "bit-cash".into(),
            unit: "JPY".into(),
            amount: PRICE,
            scope: None,
        }],
        payment: "pay-first".into(),
        uses: 0,
        not_before: None,
        not_after: None,
        needs_time: false,
        published: "2026-11-01T00:00:00Z".into(),
    }
}

/// The licence the center would sign, once `change` has been at it.
pub(crate) fn licence(change: impl FnOnce(&mut Licence)) -> Signed<Licence> {
    let price = Price {
        kind: Kind::BitCash,
        unit: Unit::new("JPY").unwrap(),
        amount: PRICE,
        scope: ScopeKind::Any,
    };
    let mut licence = Licence {
        center: CENTER,
        signer: 1,
        shop: ShopId::ZERO,
        number: 1,
        order: ORDER,
        card: CARD,
        card_key: sha256(&keys::rsa(ENCRYPTION_KEY).to_object()),
        content: WORK,
        content_version: 1,
        header: sha256(&header().to_bytes()),
        total_bytes: content().len() as u64,
        prices: List(vec![price]),
        payment: PaymentOrder::PayFirst,
        uses: 0,
        not_before: 0,
        not_after: 0,
        needs_time: false,
        time: super::NOW,
        center_key: sha256(&keys::rsa(Role::Payment as u8).to_object()),
        commitment: Digest([3; 32]),
        wrapped_key: Bytes(vec![4; 256]),
    };
    change(&mut licence);
    center_signs(Role::Licence, licence)
}

pub(crate) fn center_signs<M: Message>(role: Role, message: M) -> Signed<M> {
    let key = keys::signing(role as u8);
    Signed::sign(message, |bytes| Ok::<_, ()>(keys::sign(&key, bytes))).unwrap()
}

pub(crate) fn card_signs<M: Message>(message: M) -> Signed<M> {
    let key = keys::signing(SIGNATURE_KEY);
    Signed::sign(message, |bytes| Ok::<_, ()>(keys::sign(&key, bytes))).unwrap()
}

pub(crate) fn order(licence: &Signed<Licence>) -> api::Order {
    api::Order {
        id: ORDER.to_string(),
        work: WORK.to_string(),
        version: 1,
        licence: licence.to_bytes().into(),
        delivery_length: delivery().len() as u64,
        again_of: None,
        state: api::OrderState::Open,
    }
}

pub(crate) fn card_certificates() -> [Certificate; 2] {
    certificates_of_card(CARD)
}

pub(crate) fn certificates_of_card(card: CardId) -> [Certificate; 2] {
    let signature = PublicKey::P256(keys::point(&keys::signing(SIGNATURE_KEY)));
    [
        certificate(Role::CardSignature, signature, card.0, (1, 0)),
        certificate(Role::CardEncryption, keys::rsa(ENCRYPTION_KEY), card.0, (1, 0)),
    ]
}

pub(crate) fn center() -> api::Center {
    let roles = [Role::Licence, Role::Credit, Role::Receipt, Role::Payment];
    let certificates = roles.map(|role| center_certificate(role, 1, 0, CENTER));
    api::Center {
        id: CENTER.to_string(),
        name: "A Center".into(),
        test_mode: true,
        certificates: certificates.map(|certificate| certificate.to_bytes().into()).into(),
    }
}

pub(crate) fn center_certificate(
    role: Role,
    sequence: u32,
    retires_below: u32,
    center: CenterId,
) -> Certificate {
    let key = match role {
        Role::Payment => keys::rsa(role as u8),
        _ => PublicKey::P256(keys::point(&keys::signing(role as u8))),
    };
    certificate(role, key, center.0, (sequence, retires_below))
}

fn certificate(
    role: Role,
    key: PublicKey,
    holder_id: [u8; 16],
    (sequence, retires_below): (u32, u32),
) -> Certificate {
    let body = Body {
        authority: keys::root().name,
        key,
        holder: Name::of_holder(&holder_id, role, sequence),
        role,
        effective: Date::new(20, 1, 1).unwrap(),
        expires: Date::new(90, 12, 31).unwrap(),
        holder_id,
        assurance: Assurance::Test,
        sequence,
        retires_below,
    };
    let sign = |bytes: &[u8]| Ok::<_, ()>(keys::sign(&keys::root_key(), bytes));
    Certificate::sign(body, sign).unwrap()
}
