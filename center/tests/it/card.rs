//! A card as the contract describes it, without its memory and its gate: it signs whatever a
//! test wants signed.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use saifu_center::crypto::ecdsa::SigningKey;
use saifu_center::crypto::rsa::{KeySize, PrivateKey, WrappingKey};
use saifu_center::crypto::{Secret, cbc, cmac, identity, kdf, key_id, random, sha256};
use saifu_center::issuer::{Authority, CardRequest, class_name};
use saifu_center::keys::{Issuer, Subject};
use saifu_wire::certificate::{Assurance, Certificate, PublicKey, Role};
use saifu_wire::codec::{Bytes, List, Wire};
use saifu_wire::signed::{
    Challenge, Closing, ClosingPurse, Credit, Event, EventKind, LABEL_PAYLOAD, LABEL_TOKEN_CIPHER,
    LABEL_TOKEN_MAC, Licence, Message, Opening, Proof, Signed, Token, TokenPayload,
};
use saifu_wire::value::{Kind, Unit};
use saifu_wire::{AccountId, CardId, CenterId, Digest, LoadId, Nonce};

use crate::desk::NOW;

/// A purse on the card.
#[derive(Clone, Default)]
struct Purse {
    balance: u64,
    held: u64,
    sequence: u64,
    last: Vec<u8>,
}

/// A card; its clone is a copy with the same keys, as no honest card has one.
#[derive(Clone)]
pub(crate) struct Card {
    pub(crate) id: [u8; 16],
    pub(crate) signature: Arc<SigningKey>,
    encryption: &'static PrivateKey,
    pub(crate) certificates: [Vec<u8>; 2],
    pub(crate) center: CenterId,
    pub(crate) account: AccountId,
    pub(crate) counter: u64,
    pub(crate) previous: Digest,
    kcp: Option<PublicKey>,
    purses: BTreeMap<u32, Purse>,
}

impl Card {
    /// A card that the test root certified.
    pub(crate) fn new() -> Self {
        Self::of_class(Assurance::Test)
    }

    pub(crate) fn of_class(assurance: Assurance) -> Self {
        Self::of_key(assurance, rsa_key())
    }

    /// A card whose `Kup` no other card has.
    pub(crate) fn with_a_kup_of_its_own() -> Self {
        let own = Box::new(PrivateKey::generate(KeySize::Rsa2048).unwrap());
        Self::of_key(Assurance::Test, Box::leak(own))
    }

    fn of_key(assurance: Assurance, encryption: &'static PrivateKey) -> Self {
        let id = random::array().unwrap();
        let signature = SigningKey::generate().unwrap();
        let certify = |role, key| certificate(id, assurance, role, key);
        let certificates = [
            certify(Role::CardSignature, signature.public_key()),
            certify(Role::CardEncryption, encryption.public_key().clone()),
        ];
        let previous = Digest(sha256(&[&certificates[0]]));
        Self {
            id,
            signature: Arc::new(signature),
            encryption,
            certificates,
            center: CenterId::ZERO,
            account: AccountId::ZERO,
            counter: 0,
            previous,
            kcp: None,
            purses: BTreeMap::new(),
        }
    }

    /// A card that has proven its keys to `issuer`, and was certified by it.
    pub(crate) fn certified(issuer: &mut Authority, class: Assurance) -> Self {
        let mut card = Self::of_class(class);
        let (id, secret) = (CardId(card.id), [7; 32]);
        let proof = Proof {
            card: id,
            nonce: Nonce([8; 32]),
            encryption_key: key_id(card.encryption.public_key()),
            signature_key: key_id(&card.signature.public_key()),
            opened: Digest(sha256(&[&secret])),
        };
        let request = CardRequest {
            format: "saifu-card-request/1".into(),
            card: id.to_string(),
            class: class_name(class).into(),
            signature_key: card.signature.public_key().to_object().into(),
            encryption_key: card.encryption.public_key().to_object().into(),
            secret: secret.to_vec().into(),
            proof: card.sign(proof).into(),
        };
        let answer = issuer.certify_card(&request, class, NOW).unwrap();
        card.certificates = [answer.signature_certificate.0, answer.encryption_certificate.0];
        card.previous = Digest(sha256(&[&card.certificates[0]]));
        card
    }

    /// Takes the opening, and the certificate of the center's payment key.
    pub(crate) fn open_account(&mut self, opening: &[u8], payment_certificate: &[u8]) {
        let opening = Signed::<Opening>::parse(opening).unwrap();
        let said = opening.message();
        assert_eq!(said.card.0, self.id);
        (self.center, self.account) = (said.center, said.account);
        self.purses = said.purses.0.iter().map(|p| (p.purse, Purse::default())).collect();
        let certificate = Certificate::parse(payment_certificate).unwrap();
        self.kcp = Some(certificate.body().key.clone());
        let opened = self.event(EventKind::Opened, 0, 0, identity(&opening), LoadId::ZERO);
        self.sign_link(opened);
    }

    pub(crate) fn challenge(&self, purse: u32, nonce: Nonce) -> Vec<u8> {
        let Purse { sequence, last, .. } = self.purses[&purse].clone();
        let (center, account) = (self.center, self.account);
        self.sign(Challenge { center, account, purse, sequence, nonce, last: Bytes(last) })
    }

    /// Applies a credit and answers the event; again, the same.
    pub(crate) fn credit(&mut self, credit: &[u8]) -> Vec<u8> {
        let credit = Signed::<Credit>::parse(credit).unwrap();
        let said = credit.message().clone();
        let purse = self.purses.get_mut(&said.purse).unwrap();
        if said.sequence == purse.sequence {
            return purse.last.clone();
        }
        assert_eq!((said.card.0, said.sequence), (self.id, purse.sequence + 1));
        purse.balance += said.amount;
        let kind = match said.refunded_token {
            Digest::ZERO => EventKind::Credited,
            _ => EventKind::Refunded,
        };
        self.close(kind, said.purse, said.amount, identity(&credit), said.load)
    }

    /// Gives the load of a credit up and answers the event.
    pub(crate) fn void(&mut self, credit: &[u8]) -> Vec<u8> {
        let credit = Signed::<Credit>::parse(credit).unwrap();
        let said = credit.message();
        self.close(EventKind::Voided, said.purse, 0, identity(&credit), said.load)
    }

    pub(crate) fn close(
        &mut self,
        kind: EventKind,
        purse: u32,
        amount: u64,
        cause: Digest,
        load: LoadId,
    ) -> Vec<u8> {
        self.purses.get_mut(&purse).unwrap().sequence += 1;
        let event = self.event(kind, purse, amount, cause, load);
        let bytes = self.sign_link(event);
        self.purses.get_mut(&purse).unwrap().last = bytes.clone();
        bytes
    }

    /// Pays the licence's first price from purse 1.
    pub(crate) fn debit(&mut self, licence: &[u8]) -> Vec<u8> {
        self.debit_with(licence, |_| {})
    }

    /// Pays, after `change` to what the token says.
    pub(crate) fn debit_with(
        &mut self,
        licence: &[u8],
        change: impl FnOnce(&mut TokenPayload),
    ) -> Vec<u8> {
        let licence = Signed::<Licence>::parse(licence).unwrap();
        let mut payload = self.payload(&licence);
        change(&mut payload);
        if let Some(purse) = self.purses.get_mut(&payload.purse) {
            purse.balance = payload.balance;
        }
        let token = self.token(licence.message().center_key, &payload);
        self.sign_link(token)
    }

    fn payload(&self, signed: &Signed<Licence>) -> TokenPayload {
        let licence = signed.message();
        let price = &licence.prices.0[0];
        TokenPayload {
            licence: licence.number,
            licence_identity: identity(signed),
            order: licence.order,
            shop: licence.shop,
            content: licence.content,
            content_version: licence.content_version,
            price_index: 0,
            purse: 1,
            kind: price.kind,
            unit: price.unit,
            amount: price.amount,
            balance: self.purses[&1].balance.wrapping_sub(price.amount),
            blinding: random::array().unwrap(),
        }
    }

    fn token(&self, center_key: Digest, payload: &TokenPayload) -> Token {
        let bytes = payload.to_bytes();
        let mut token = Token {
            center: self.center,
            center_key,
            account: self.account,
            counter: self.counter + 1,
            previous: self.previous,
            commitment: Digest(sha256(&[LABEL_PAYLOAD, &bytes])),
            wrapped_key: Bytes::default(),
            sealed_payload: Bytes::default(),
        };
        let hash = sha256(&[&token.header()]);
        let key = Secret::random().unwrap();
        let kcp = WrappingKey::from_public_key(self.kcp.as_ref().unwrap()).unwrap();
        token.wrapped_key = Bytes(kcp.wrap_key(&hash, &key).unwrap());
        let mut sealed = bytes;
        sealed.resize(160, 0);
        let cipher = kdf::expand(&key, LABEL_TOKEN_CIPHER, &hash);
        cbc::encrypt(&cipher, &[0; 16], &mut sealed).unwrap();
        let mac = kdf::expand(&key, LABEL_TOKEN_MAC, &hash);
        sealed.extend(cmac::tag(&mac, &[&hash, &sealed]).unwrap());
        token.sealed_payload = Bytes(sealed);
        token
    }

    /// Puts the licence's first price on hold in purse 1, and answers the event.
    pub(crate) fn hold(&mut self, licence: &[u8]) -> Vec<u8> {
        self.move_held(licence, EventKind::Held)
    }

    /// Gives a hold back, and answers the event.
    pub(crate) fn cancel(&mut self, licence: &[u8]) -> Vec<u8> {
        self.move_held(licence, EventKind::Cancelled)
    }

    fn move_held(&mut self, licence: &[u8], kind: EventKind) -> Vec<u8> {
        let licence = Signed::<Licence>::parse(licence).unwrap();
        let amount = licence.message().prices.0[0].amount;
        let purse = self.purses.get_mut(&1).unwrap();
        (purse.balance, purse.held) = match kind {
            EventKind::Held => (purse.balance - amount, purse.held + amount),
            _ => (purse.balance + amount, purse.held - amount),
        };
        let event = self.event(kind, 1, amount, identity(&licence), LoadId::ZERO);
        self.sign_link(event)
    }

    /// Pays what the licence has on hold.
    pub(crate) fn release(&mut self, licence: &[u8]) -> Vec<u8> {
        let purse = self.purses.get_mut(&1).unwrap();
        let (balance, held) = (purse.balance, &mut purse.held);
        *held -= Signed::<Licence>::parse(licence).unwrap().message().prices.0[0].amount;
        self.debit_with(licence, |payload| payload.balance = balance)
    }

    /// Writes off what a purse has, and answers the event.
    pub(crate) fn expire(&mut self, purse: u32) -> Vec<u8> {
        let amount = std::mem::take(&mut self.purses.get_mut(&purse).unwrap().balance);
        let event = self.event(EventKind::Expired, purse, amount, Digest::ZERO, LoadId::ZERO);
        self.sign_link(event)
    }

    /// The card's last word, after `change` to it.
    pub(crate) fn closing(&self, change: impl FnOnce(&mut Closing)) -> Vec<u8> {
        let of = |(purse, state): (&u32, &Purse)| ClosingPurse {
            purse: *purse,
            kind: Kind::BitCash,
            unit: Unit::new("JPY").unwrap(),
            balance: state.balance,
            sequence: state.sequence,
            last: Bytes(state.last.clone()),
        };
        let mut closing = Closing {
            card: CardId(self.id),
            nonce: Nonce(random::array().unwrap()),
            center: self.center,
            account: self.account,
            counter: self.counter,
            previous: self.previous,
            purses: List(self.purses.iter().map(of).collect()),
        };
        change(&mut closing);
        self.sign(closing)
    }

    /// The content key of a licence for this card.
    pub(crate) fn unwrap(&self, licence: &[u8]) -> [u8; 32] {
        self.unwrapped(licence).expect("a licence for this card")
    }

    /// The content key of a licence, if this card opens it under the licence's own terms.
    pub(crate) fn unwrapped(&self, licence: &[u8]) -> Option<[u8; 32]> {
        let licence = Signed::<Licence>::parse(licence).unwrap();
        let label = sha256(&[licence.terms()]);
        let opened = self.encryption.unwrap_key(&label, &licence.message().wrapped_key.0);
        opened.ok().map(|key| *key.expose())
    }

    /// The next event of the chain, not yet signed.
    pub(crate) fn event(
        &self,
        kind: EventKind,
        purse: u32,
        amount: u64,
        cause: Digest,
        load: LoadId,
    ) -> Event {
        let state = self.purses.get(&purse).cloned().unwrap_or_default();
        Event {
            center: self.center,
            account: self.account,
            counter: self.counter + 1,
            previous: self.previous,
            kind,
            purse,
            amount,
            balance: state.balance,
            held: state.held,
            sequence: state.sequence,
            cause,
            load,
        }
    }

    /// Signs a link and moves the chain on.
    pub(crate) fn sign_link<M: Message>(&mut self, link: M) -> Vec<u8> {
        let signed = Signed::sign(link, |bytes| self.signature.sign(bytes)).unwrap();
        self.counter += 1;
        self.previous = identity(&signed);
        signed.to_bytes()
    }

    pub(crate) fn sign<M: Message>(&self, message: M) -> Vec<u8> {
        Signed::sign(message, |bytes| self.signature.sign(bytes)).unwrap().to_bytes()
    }

    pub(crate) fn balance(&self) -> u64 {
        self.purses[&1].balance
    }
}

/// The RSA key of all cards: it is dear to make.
pub(crate) fn rsa_key() -> &'static PrivateKey {
    static RSA: OnceLock<PrivateKey> = OnceLock::new();
    RSA.get_or_init(|| PrivateKey::generate(KeySize::Rsa2048).unwrap())
}

/// A certificate under the test root.
pub(crate) fn certificate(
    id: [u8; 16],
    assurance: Assurance,
    role: Role,
    key: PublicKey,
) -> Vec<u8> {
    let subject = Subject { holder_id: id, role, assurance, sequence: 1 };
    Issuer::test().unwrap().certify(key, subject, NOW).unwrap().to_bytes()
}
