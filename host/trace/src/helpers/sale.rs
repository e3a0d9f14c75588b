//! What a test center delivers: a licence with its wrapped key, header and segments (§8, §13).

use super::aes::{BLOCK, Key};
use super::center::{self, KINDS, SCOPES, TIME, payment};
use super::{Arguments, Draws, Helper, HelperError, Value, keys};
use saifu_wire::certificate::Role;
use saifu_wire::codec::{Bytes, List, Reader, Wire};
use saifu_wire::signed::{Licence, PaymentOrder};
use saifu_wire::stream::{Header, LABEL_CIPHER, LABEL_COMMITMENT, LABEL_IV, LABEL_MAC, mac_prefix};
use saifu_wire::value::{Kind, Price, ScopeKind};
use saifu_wire::{ContentId, Digest, OrderId, ShopId};

/// The helpers of this file.
pub(super) const ALL: &[Helper] = &[
    Helper::new(
        "price",
        "(amount, kind=bit_cash, unit=\"JPY\", scope=any)",
        "a price of a licence (§4.3)",
        (1, 1),
        price,
    )
    .names(&["kind", "unit", "scope"]),
    Helper::new(
        "content_key",
        "(number, center=)",
        "`Ke` of the delivery of this number",
        (1, 1),
        |a, _| Ok(Value::Bytes(content_key(a.number(0)?, &center::center(a)?.0).to_vec())),
    )
    .names(&["center"]),
    Helper::new(
        "header",
        "(bytes, number=1, segment=256, content=, version=1, salt=, center=)",
        "the header of the delivery of a work of so many bytes (§13.1)",
        (1, 1),
        header,
    )
    .names(&["number", "segment", "content", "version", "salt", "center"]),
    Helper::new(
        "segments",
        "(header, plaintext, key=)",
        "the plaintext sealed under that header (§13.3): segments, one after the other; under \
         `Ke` of the first delivery unless key= says otherwise",
        (2, 2),
        segments,
    )
    .names(&["key"]),
    Helper::new(
        "licence",
        "(card=, keys=certificates, number=, header=, amount=300 or prices=, payment=pay_first, \
         uses=0, from=0, until=0, needs_time=0, shop=, order=, key=, commitment=, wrapped=, \
         content=, version=, bytes=, card_key=, center_key=, center=, signer=1, time=)",
        "a signed Licence (§8.1) whose key is wrapped for the card whose certificates are given; \
         payment: pay_first, decrypt_first, already_paid",
        (0, 0),
        licence,
    )
    .names(&[
        "card",
        "keys",
        "number",
        "header",
        "amount",
        "prices",
        "payment",
        "uses",
        "from",
        "until",
        "needs_time",
        "shop",
        "order",
        "key",
        "commitment",
        "wrapped",
        "content",
        "version",
        "bytes",
        "card_key",
        "center_key",
        "center",
        "signer",
        "time",
    ]),
];

const PAYMENTS: &[(&str, PaymentOrder)] = &[
    ("pay_first", PaymentOrder::PayFirst),
    ("decrypt_first", PaymentOrder::DecryptFirst),
    ("already_paid", PaymentOrder::AlreadyPaid),
];

fn price(given: &Arguments, _: &mut Draws) -> Result<Value, HelperError> {
    let price = Price {
        kind: given.choice("kind", KINDS, Kind::BitCash)?,
        unit: center::unit(given)?,
        amount: given.number(0)?,
        scope: given.choice("scope", SCOPES, ScopeKind::Any)?,
    };
    Ok(Value::Bytes(price.to_bytes()))
}

fn content_key(number: u64, center: &[u8; 16]) -> [u8; 32] {
    keys::sha256(&[b"saifu test content key", center, &number.to_be_bytes()])
}

fn header(given: &Arguments, _: &mut Draws) -> Result<Value, HelperError> {
    let number = given.count("number", 1)?.to_be_bytes();
    let salt = keys::sha256(&[b"saifu test salt", &center::center(given)?.0, &number]);
    let header = Header {
        segment_bytes: given.small("segment", 256)?,
        content: ContentId(given.array("content", [0xC0; 16])?),
        content_version: given.small("version", 1)?,
        total_bytes: given.number(0)?,
        salt: given.array("salt", salt)?,
    };
    Ok(Value::Bytes(header.to_bytes()))
}

fn parsed(header: &[u8]) -> Result<Header, HelperError> {
    Header::from_bytes(header)
        .map_err(|error| HelperError(format!("that is no header of a stream: {error}")))
}

fn segments(given: &Arguments, _: &mut Draws) -> Result<Value, HelperError> {
    let bytes = given.bytes(0)?;
    let (header, plain) = (parsed(&bytes)?, given.bytes(1)?);
    if header.total_bytes != plain.len() as u64 {
        return Err(HelperError(format!(
            "the header is of {} bytes, the plaintext has {}",
            header.total_bytes,
            plain.len()
        )));
    }
    let key = given.array("key", content_key(1, &[0xC1; 16]))?;
    let hash = keys::sha256(&[&bytes]);
    let key = |label: &[u8]| keys::derived(&key, &[label, &hash]);
    let sealing = Sealing { cipher: key(LABEL_CIPHER)?, mac: key(LABEL_MAC)?, iv: key(LABEL_IV)? };
    let mut out = Vec::new();
    for index in 0..header.segment_count() {
        out.extend(sealing.segment(&header, &hash, index, &plain)?);
    }
    Ok(Value::Bytes(out))
}

struct Sealing {
    cipher: Key,
    mac: Key,
    iv: Key,
}

impl Sealing {
    fn segment(
        &self,
        header: &Header,
        hash: &[u8; 32],
        index: u64,
        plain: &[u8],
    ) -> Result<Vec<u8>, HelperError> {
        let beyond = || HelperError(format!("there is no segment {index}"));
        let place = header.segment(index).ok_or_else(beyond)?;
        let from = index as usize * header.segment_bytes as usize;
        let part = plain.get(from..from + place.plain_bytes as usize).ok_or_else(beyond)?;
        let mut padded = part.to_vec();
        padded.resize(part.len().next_multiple_of(BLOCK), 0);
        let iv = self.iv.block(u128::from(index).to_be_bytes());
        let mut sealed = self.cipher.encrypt(&iv, &padded)?;
        let tag = self.mac.cmac(&[&mac_prefix(hash, &place), &sealed]);
        sealed.extend_from_slice(&tag);
        Ok(sealed)
    }
}

fn licence(given: &Arguments, _: &mut Draws) -> Result<Value, HelperError> {
    let number = given.count("number", 1)?;
    let center = center::center(given)?;
    let key = given.array("key", content_key(number, &center.0))?;
    let mut licence = terms(given, number, &key)?;
    licence.wrapped_key = Bytes(match given.given("wrapped")? {
        Some(wrapped) => wrapped,
        None => {
            let card = keys::encryption_key(&given.needed("keys")?)?;
            keys::wrap(&card, &keys::sha256(&[&licence.terms()]), &key)?
        }
    });
    center::signed(given, Role::Licence, licence)
}

/// Everything but the wrapped key.
fn terms(given: &Arguments, number: u64, key: &[u8; 32]) -> Result<Licence, HelperError> {
    let bytes = given.needed("header")?;
    let header = parsed(&bytes)?;
    let card_key = match given.given("card_key")? {
        Some(_) => given.needed_array("card_key")?,
        None => keys::key_id(&keys::encryption_key(&given.needed("keys")?)?),
    };
    let payment = given.choice("payment", PAYMENTS, PaymentOrder::PayFirst)?;
    Ok(Licence {
        center: center::center(given)?,
        signer: given.small("signer", 1)?,
        shop: ShopId(given.array("shop", [0; 16])?),
        number,
        order: OrderId(given.array("order", [0x0D; 16])?),
        card: center::card(given)?,
        card_key: Digest(card_key),
        content: ContentId(given.array("content", header.content.0)?),
        content_version: given.small("version", header.content_version)?,
        header: Digest(keys::sha256(&[&bytes])),
        total_bytes: given.count("bytes", header.total_bytes)?,
        prices: prices(given, payment)?,
        payment,
        uses: given.small("uses", 0)?,
        not_before: given.count("from", 0)?,
        not_after: given.count("until", 0)?,
        needs_time: given.count("needs_time", 0)? != 0,
        time: given.count("time", TIME)?,
        center_key: Digest(given.array("center_key", payment::key_id()?.0)?),
        commitment: Digest(given.array("commitment", keys::expand(key, &[LABEL_COMMITMENT])?)?),
        wrapped_key: Bytes(Vec::new()),
    })
}

/// Those that were given; else one of `amount=` yen, or none where nothing is to be paid.
fn prices<const MOST: u8>(
    given: &Arguments,
    payment: PaymentOrder,
) -> Result<List<Price, MOST>, HelperError> {
    let Some(bytes) = given.given("prices")? else {
        if payment == PaymentOrder::AlreadyPaid {
            return Ok(List(Vec::new()));
        }
        let (kind, scope) = (Kind::BitCash, ScopeKind::Any);
        let amount = given.count("amount", 300)?;
        return Ok(List(vec![Price { kind, unit: center::unit(given)?, amount, scope }]));
    };
    let mut reader = Reader::new(&bytes);
    let mut prices = Vec::new();
    while reader.remaining() > 0 {
        prices.push(Price::read(&mut reader).map_err(|error| {
            HelperError(format!("prices= are price(...), joined by concat: {error}"))
        })?);
    }
    if prices.len() > usize::from(MOST) {
        return Err(HelperError(format!("a licence has at most {MOST} prices")));
    }
    Ok(List(prices))
}

#[cfg(test)]
mod tests;
