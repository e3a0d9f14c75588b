//! Making a licence (§8.1): terms, the key wrapped under them, the center's signature.

use super::DeliveryKey;
use crate::crypto::{CryptoError, sha256};
use crate::keys::{Card, Keys};
use saifu_wire::codec::{Bytes, List, Wire as _};
use saifu_wire::signed::{Licence, MAX_PRICES, PaymentOrder, Signed};
use saifu_wire::stream::Header;
use saifu_wire::value::Price;
use saifu_wire::{Digest, OrderId, ShopId};

/// What is agreed for one order; all else that a licence says follows from card, stream and
/// keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    /// The shop that sells; zero is the center itself.
    pub shop: ShopId,
    /// The licence's number at this card and center, from 1.
    pub number: u64,
    /// The order it answers.
    pub order: OrderId,
    /// One to eight prices, none of 0; none at all when already paid.
    pub prices: Vec<Price>,
    /// In which order paying and decrypting come.
    pub payment: PaymentOrder,
    /// How many sessions may decrypt it; 0 for any number.
    pub uses: u32,
    /// The second (Unix time) before which it is not valid; 0 for none.
    pub not_before: u64,
    /// The second after which it is not valid; 0 for none.
    pub not_after: u64,
    /// Whether each session needs a signed time first.
    pub needs_time: bool,
    /// The center's time when it signs.
    pub time: u64,
}

/// Why a licence is not made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LicenceError {
    /// The number is 0.
    #[error("licences are numbered from 1 for each card")]
    Number,
    /// There are too many prices, none where something is to be paid, one of 0, or one where
    /// nothing is.
    #[error("a licence to be paid has one to eight prices above 0, another one none")]
    Prices,
    /// It would never be valid.
    #[error("the licence would end before it begins")]
    Validity,
    /// Wrapping or signing failed.
    #[error(transparent)]
    Crypto(#[from] CryptoError),
}

/// Makes the licence for one delivery: `key` wrapped for `card`, bound to `terms` and to the
/// stream with `header`, payable under the center's present payment key.
///
/// To make it twice gives other bytes: the wrapping and the signature are random. Whoever
/// must answer twice stores the first answer.
///
/// # Errors
/// [`LicenceError`].
pub fn issue_licence(
    keys: &Keys,
    card: &Card,
    terms: &Terms,
    header: &Header,
    key: &DeliveryKey,
) -> Result<Signed<Licence>, LicenceError> {
    check(terms)?;
    let mut licence = Licence {
        center: keys.center(),
        signer: keys.sequence_of::<Licence>(),
        shop: terms.shop,
        number: terms.number,
        order: terms.order,
        card: card.id,
        card_key: card.encryption_key_id(),
        content: header.content,
        content_version: header.content_version,
        header: Digest(sha256(&[&header.to_bytes()])),
        total_bytes: header.total_bytes,
        prices: List(terms.prices.clone()),
        payment: terms.payment,
        uses: terms.uses,
        not_before: terms.not_before,
        not_after: terms.not_after,
        needs_time: terms.needs_time,
        time: terms.time,
        center_key: keys.payment_key().id(),
        commitment: key.commitment(),
        wrapped_key: Bytes::default(),
    };
    let label = sha256(&[&licence.terms()]);
    licence.wrapped_key =
        Bytes(keys.chance().wrap_key(&card.encryption_key, &label, key.secret())?);
    Ok(keys.sign(licence)?)
}

fn check(terms: &Terms) -> Result<(), LicenceError> {
    let allowed = match terms.payment {
        PaymentOrder::AlreadyPaid => 0..=0,
        PaymentOrder::PayFirst | PaymentOrder::DecryptFirst => 1..=usize::from(MAX_PRICES),
    };
    if terms.number == 0 {
        return Err(LicenceError::Number);
    }
    if !allowed.contains(&terms.prices.len()) || terms.prices.iter().any(|p| p.amount == 0) {
        return Err(LicenceError::Prices);
    }
    if terms.not_after != 0 && terms.not_after < terms.not_before {
        return Err(LicenceError::Validity);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::test_help::{NOW, TestCard, center_keys};
    use saifu_wire::value::{Kind, ScopeKind, Unit};
    use saifu_wire::{CardId, ContentId};

    fn price(amount: u64) -> Price {
        let unit = Unit::new("JPY").unwrap();
        Price { kind: Kind::BitCash, unit, amount, scope: ScopeKind::Any }
    }

    fn terms() -> Terms {
        Terms {
            shop: ShopId::ZERO,
            number: 1,
            order: OrderId([5; 16]),
            prices: vec![price(300)],
            payment: PaymentOrder::PayFirst,
            uses: 0,
            not_before: 0,
            not_after: 0,
            needs_time: false,
            time: NOW,
        }
    }

    fn header() -> Header {
        Header {
            segment_bytes: 4_032,
            content: ContentId([1; 16]),
            content_version: 2,
            total_bytes: 10_000,
            salt: [3; 32],
        }
    }

    fn issue(terms: &Terms) -> Result<Signed<Licence>, LicenceError> {
        let key = DeliveryKey::from_bytes([7; 32]);
        issue_licence(center_keys(), &TestCard::new(1).taken(), terms, &header(), &key)
    }

    #[test]
    fn a_licence_says_what_was_agreed_and_what_follows() {
        let signed = issue(&terms()).unwrap();
        let licence = signed.message();
        assert_eq!(center_keys().verify(&signed), Ok(()));
        assert_eq!((licence.center, licence.signer), (center_keys().center(), 1));
        assert_eq!((licence.card, licence.number), (CardId([1; 16]), 1));
        assert_eq!(licence.card_key, TestCard::new(1).taken().encryption_key_id());
        assert_eq!(licence.header.0, sha256(&[&header().to_bytes()]));
        assert_eq!((licence.content, licence.content_version), (ContentId([1; 16]), 2));
        assert_eq!((licence.total_bytes, &licence.prices.0), (10_000, &vec![price(300)]));
        assert_eq!(licence.center_key, center_keys().payment_key().id());
        assert_eq!(licence.commitment, DeliveryKey::from_bytes([7; 32]).commitment());
    }

    #[test]
    fn the_card_opens_the_wrapped_key_under_the_signed_terms_only() {
        let (signed, kus) = (issue(&terms()).unwrap(), TestCard::new(1).encryption);
        let wrapped = &signed.message().wrapped_key.0;
        let label = sha256(&[signed.terms()]);
        assert_eq!(kus.unwrap_key(&label, wrapped).unwrap().expose(), &[7; 32]);
        let mut cheaper = signed.message().clone();
        cheaper.prices = List(vec![price(1)]);
        assert!(kus.unwrap_key(&sha256(&[&cheaper.terms()]), wrapped).is_err());
    }

    #[test]
    fn a_wrapped_key_of_one_licence_does_not_open_in_another() {
        let one = issue(&terms()).unwrap();
        let other = issue(&Terms { number: 2, ..terms() }).unwrap();
        let opened = TestCard::new(1)
            .encryption
            .unwrap_key(&sha256(&[other.terms()]), &one.message().wrapped_key.0);
        assert_eq!(opened, Err(CryptoError::Refused));
    }

    #[test]
    fn prices_go_with_the_order_of_payment() {
        use PaymentOrder::{AlreadyPaid, DecryptFirst, PayFirst};
        let with = |payment, prices| issue(&Terms { payment, prices, ..terms() }).map(|_| ());
        for payment in [PayFirst, DecryptFirst] {
            assert_eq!(with(payment, vec![price(1); 8]), Ok(()));
            assert_eq!(with(payment, vec![]), Err(LicenceError::Prices));
            assert_eq!(with(payment, vec![price(1); 9]), Err(LicenceError::Prices));
            assert_eq!(with(payment, vec![price(1), price(0)]), Err(LicenceError::Prices));
        }
        assert_eq!(with(AlreadyPaid, vec![]), Ok(()));
        assert_eq!(with(AlreadyPaid, vec![price(1)]), Err(LicenceError::Prices));
    }

    #[test]
    fn a_licence_without_number_or_time_to_live_is_not_made() {
        let refused = |terms| issue(&terms).err();
        assert_eq!(refused(Terms { number: 0, ..terms() }), Some(LicenceError::Number));
        let never = Terms { not_before: 10, not_after: 9, ..terms() };
        assert_eq!(refused(never), Some(LicenceError::Validity));
        assert_eq!(refused(Terms { not_before: 9, not_after: 9, ..terms() }), None);
        assert_eq!(refused(Terms { not_before: 9, not_after: 0, ..terms() }), None);
    }
}
