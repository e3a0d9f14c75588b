//! A card that pays, without its memory and its gate: its signatures and tokens are genuine.

use std::sync::OnceLock;

use saifu_center::Center;
use saifu_center::crypto::ecdsa::SigningKey;
use saifu_center::crypto::rsa::{KeySize, PrivateKey, WrappingKey};
use saifu_center::crypto::{Secret, cbc, cmac, identity, kdf, random, sha256};
use saifu_center::keys::{Issuer, Subject};
use saifu_wire::certificate::{Assurance, Certificate, PublicKey, Role};
use saifu_wire::codec::{Bytes, Wire};
use saifu_wire::signed::{
    Challenge, Credit, Event, EventKind, LABEL_PAYLOAD, LABEL_TOKEN_CIPHER, LABEL_TOKEN_MAC,
    Licence, Message, Opening, Signed, Token, TokenPayload,
};
use saifu_wire::{AccountId, CenterId, Digest, LoadId};

/// The purse that pays.
pub(crate) const PURSE: u32 = 1;

/// The bytes of a payload with its padding (§9.2).
const PADDED_BYTES: usize = 160;

/// A token with its licence, and what the private operation makes of it.
pub(crate) struct Payment {
    pub(crate) token: Vec<u8>,
    pub(crate) licence: Vec<u8>,
    /// SHA-256 of the token's header, and the key wrapped under it.
    pub(crate) wrapped: ([u8; 32], [u8; 32]),
}

/// A card with an account and value.
pub(crate) struct Payer {
    signature: SigningKey,
    center: CenterId,
    pub(crate) account: AccountId,
    counter: u64,
    previous: Digest,
    balance: u64,
    payment_key: WrappingKey,
}

impl Payer {
    /// A card of its own that registers at `center`, and takes the value that is due.
    pub(crate) fn register(center: &Center) -> Self {
        let (id, signature) =
            (random::array().expect("an id"), SigningKey::generate().expect("Ksig"));
        let certify = |role, key| certificate(center.now(), id, role, key);
        let own = certify(Role::CardSignature, signature.public_key());
        let kup = certify(Role::CardEncryption, encryption_key().public_key().clone());
        let account = center.register(&own, &kup).expect("an account");
        let [.., payment] = &center.certificates()[..] else { panic!("a payment certificate") };
        let kcp = Certificate::parse(payment).expect("a certificate").body().key.clone();
        let mut payer = Self {
            signature,
            center: center.id(),
            account: account.id,
            counter: 0,
            previous: Digest(sha256(&[&own])),
            balance: 0,
            payment_key: WrappingKey::from_public_key(&kcp).expect("Kcp"),
        };
        let opening = Signed::<Opening>::parse(&account.opening).expect("an opening");
        payer.event(EventKind::Opened, 0, 0, identity(&opening), LoadId::ZERO);
        payer.load(center);
        payer
    }

    fn load(&mut self, center: &Center) {
        let load = center.open_load(self.account, PURSE).expect("a load");
        let (center_id, account, nonce) = (self.center, self.account, load.nonce);
        let last = Bytes::default();
        let challenge =
            Challenge { center: center_id, account, purse: PURSE, sequence: 0, nonce, last };
        let challenge = self.sign(challenge).to_bytes();
        let credit = center.answer_challenge(load.id, &challenge).expect("a credit");
        let credit = Signed::<Credit>::parse(&credit).expect("a credit");
        self.balance = load.amount;
        let event = self.event(EventKind::Credited, PURSE, load.amount, identity(&credit), load.id);
        center.close_load(load.id, &event).expect("a closed load");
    }

    fn event(
        &mut self,
        kind: EventKind,
        purse: u32,
        amount: u64,
        cause: Digest,
        load: LoadId,
    ) -> Vec<u8> {
        let event = Event {
            center: self.center,
            account: self.account,
            counter: self.counter + 1,
            previous: self.previous,
            kind,
            purse,
            amount,
            balance: self.balance,
            held: 0,
            sequence: u64::from(kind == EventKind::Credited),
            cause,
            load,
        };
        self.link(event)
    }

    /// Pays the first price of a licence for this card.
    pub(crate) fn pay(&mut self, licence: Vec<u8>) -> Payment {
        let signed = Signed::<Licence>::parse(&licence).expect("a licence");
        let payload = self.payload(&signed);
        self.balance = payload.balance;
        let key = Secret::random().expect("a key");
        let (token, hash) = self.token(signed.message().center_key, &payload, &key);
        Payment { token: self.link(token), licence, wrapped: (hash, *key.expose()) }
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
            purse: PURSE,
            kind: price.kind,
            unit: price.unit,
            amount: price.amount,
            balance: self.balance - price.amount,
            blinding: random::array().expect("a blinding"),
        }
    }

    /// The token, not yet signed, and the hash of its header.
    fn token(
        &self,
        center_key: Digest,
        payload: &TokenPayload,
        key: &Secret<32>,
    ) -> (Token, [u8; 32]) {
        let mut sealed = payload.to_bytes();
        let mut token = Token {
            center: self.center,
            center_key,
            account: self.account,
            counter: self.counter + 1,
            previous: self.previous,
            commitment: Digest(sha256(&[LABEL_PAYLOAD, &sealed])),
            wrapped_key: Bytes::default(),
            sealed_payload: Bytes::default(),
        };
        let hash = sha256(&[&token.header()]);
        token.wrapped_key = Bytes(self.payment_key.wrap_key(&hash, key).expect("Kcp[K]"));
        sealed.resize(PADDED_BYTES, 0);
        let derived = |label| kdf::expand(key, label, &hash);
        cbc::encrypt(&derived(LABEL_TOKEN_CIPHER), &[0; 16], &mut sealed).expect("whole blocks");
        let tag = cmac::tag(&derived(LABEL_TOKEN_MAC), &[&hash, &sealed]).expect("a tag");
        sealed.extend(tag);
        token.sealed_payload = Bytes(sealed);
        (token, hash)
    }

    fn link<M: Message>(&mut self, message: M) -> Vec<u8> {
        let signed = self.sign(message);
        self.counter += 1;
        self.previous = identity(&signed);
        signed.to_bytes()
    }

    fn sign<M: Message>(&self, message: M) -> Signed<M> {
        Signed::sign(message, |bytes| self.signature.sign(bytes)).expect("a signature")
    }
}

/// `Kus` of all cards: it is dear to make, and nothing is decrypted here.
fn encryption_key() -> &'static PrivateKey {
    static KEY: OnceLock<PrivateKey> = OnceLock::new();
    KEY.get_or_init(|| PrivateKey::generate(KeySize::Rsa2048).expect("Kus"))
}

fn certificate(now: u64, id: [u8; 16], role: Role, key: PublicKey) -> Vec<u8> {
    let subject = Subject { holder_id: id, role, assurance: Assurance::Test, sequence: 1 };
    let issuer = Issuer::test().expect("the test root");
    issuer.certify(key, subject, now).expect("a certificate").to_bytes()
}
