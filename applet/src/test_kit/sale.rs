//! What a center sells: licences, the works they open, receipts; and how it reads a token.

use alloc::vec;
use alloc::vec::Vec;

use saifu_wire::answer::LicenceState;
use saifu_wire::certificate::Role;
use saifu_wire::codec::{Bytes, List};
use saifu_wire::ins::Ins;
use saifu_wire::request::{LicenceRef, PayRequest, segments_data};
use saifu_wire::signed::{
    Licence, Outcome, PaymentOrder, Receipt, Signed, Token, TokenPayload, unsigned_bytes,
};
use saifu_wire::stream::{Header, mac_prefix};
use saifu_wire::value::{Kind, Price, ScopeKind, Unit};
use saifu_wire::{CardId, ContentId, Digest, OrderId, ShopId, Wire};

use super::{TestCard, TestCenter, encryption_key, public_rsa};
use crate::chain::identity;
use crate::crypto::aes::AesKey;
use crate::crypto::hash::sha256;
use crate::crypto::test_help::counting;
use crate::crypto::{Secret, cbc, cmac, kdf};
use crate::memory::records::PurseRecord;
use crate::memory::{Change, Key, Store};

/// The price of test licences, in yen.
pub(crate) const PRICE: u64 = 300;

/// When test licences are signed.
pub(crate) const SOLD: u64 = 1_800_000_000;

/// A price in the yen of purse 1.
pub(crate) fn price(amount: u64) -> Price {
    let unit = Unit::new("JPY").unwrap();
    Price { kind: Kind::BitCash, unit, amount, scope: ScopeKind::Any }
}

/// A work of so many bytes, for the delivery of this number, in segments of 256 bytes.
pub(crate) fn work(number: u64, total_bytes: u64) -> Header {
    Header {
        segment_bytes: 256,
        content: ContentId([0xC0; 16]),
        content_version: 1,
        total_bytes,
        salt: [number as u8; 32],
    }
}

/// `Ke` of the delivery of this number.
pub(crate) fn content_key(number: u64) -> Secret<32> {
    Secret::new(sha256(&[b"test content key", &number.to_be_bytes()]))
}

/// The plaintext of a work.
pub(crate) fn plaintext(header: &Header) -> Vec<u8> {
    (0..header.total_bytes).map(|at| (at ^ (at >> 8)) as u8).collect()
}

/// The segments of a work as its center delivers them (§13.3).
pub(crate) fn delivery(number: u64, header: &Header) -> Vec<Vec<u8>> {
    let plaintext = plaintext(header);
    (0..header.segment_count())
        .map(|index| {
            let start = (index * u64::from(header.segment_bytes)) as usize;
            let length = header.segment(index).unwrap().plain_bytes as usize;
            let padded = cbc::zero_padded(&plaintext[start..start + length]);
            seal_segment(&content_key(number), header, index, padded)
        })
        .collect()
}

/// Seals one segment, whatever its padding is.
pub(crate) fn seal_segment(
    content_key: &Secret<32>,
    header: &Header,
    index: u64,
    mut padded: Vec<u8>,
) -> Vec<u8> {
    let hash = sha256(&[&header.to_bytes()]);
    let key = |label: &[u8]| AesKey::from(&kdf::expand(content_key, label, &hash));
    let mut iv = [0; 16];
    iv[8..].copy_from_slice(&index.to_be_bytes());
    key(b"saifu/1 stream iv").encrypt_block(&mut iv);
    cbc::encrypt(&key(b"saifu/1 stream cipher"), &iv, &mut padded).unwrap();
    let prefix = mac_prefix(&hash, &header.segment(index).unwrap());
    let tag = cmac::cmac(&key(b"saifu/1 stream mac"), &[&prefix, &padded]);
    [padded, tag.to_vec()].concat()
}

impl TestCenter {
    /// The terms of a licence for [`work`] of 1,000 bytes at [`PRICE`], pay first.
    pub(crate) fn licence(&self, card: CardId, number: u64) -> Licence {
        Licence {
            center: self.id,
            signer: 1,
            shop: ShopId::ZERO,
            number,
            order: OrderId([number as u8; 16]),
            card,
            card_key: Digest(sha256(&[&public_rsa(encryption_key()).to_object()])),
            content: ContentId([0xC0; 16]),
            content_version: 1,
            header: Digest(sha256(&[&work(number, 1_000).to_bytes()])),
            total_bytes: 1_000,
            prices: List(vec![price(PRICE)]),
            payment: PaymentOrder::PayFirst,
            uses: 0,
            not_before: 0,
            not_after: 0,
            needs_time: false,
            time: SOLD,
            center_key: Digest(sha256(&[&public_rsa(Self::payment_key()).to_object()])),
            commitment: commitment(&content_key(number)),
            wrapped_key: Bytes(vec![]),
        }
    }

    /// Wraps the content key under the terms, and signs.
    pub(crate) fn issue(&self, mut licence: Licence) -> Signed<Licence> {
        let label = sha256(&[&licence.terms()]);
        let key = content_key(licence.number);
        licence.wrapped_key = Bytes(wrap(&label, key.expose()));
        self.sign(Role::Licence, licence)
    }

    /// Signs the bytes of a licence, whatever they are.
    pub(crate) fn sign_raw(&self, role: Role, unsigned: &[u8]) -> Vec<u8> {
        let signature = self.key(role, 1).sign(&[unsigned]).unwrap();
        [unsigned, &signature].concat()
    }

    /// The receipt for a token of this card.
    pub(crate) fn receipt(&self, token: &[u8]) -> Receipt {
        let token: Signed<Token> = Signed::parse(token).unwrap();
        Receipt {
            center: self.id,
            signer: 1,
            account: self.account(),
            token: identity(&token),
            counter: token.message().counter,
            outcome: Outcome::Settled,
            entry: 1,
            time: SOLD,
        }
    }

    /// Reads a token as its center does (§9.2, §9.3): signature first.
    pub(crate) fn read(&self, card: &TestCard, token: &[u8]) -> (Token, TokenPayload) {
        let token: Signed<Token> = Signed::parse(token).unwrap();
        card.verifier().verify(&[token.unsigned()], token.signature()).unwrap();
        let label = sha256(&[token.header()]);
        let message = token.message();
        let wrapped = &message.wrapped_key.0;
        let key = Self::payment_key().unwrap_key(&mut counting(9), &label, wrapped).unwrap();
        let derived = |name: &[u8]| AesKey::from(&kdf::expand(&key, name, &label));
        let (sealed, tag) = message.sealed_payload.0.split_last_chunk::<16>().unwrap();
        assert_eq!(cmac::cmac(&derived(b"saifu/1 token mac"), &[&label, sealed]), *tag);
        let mut payload = sealed.to_vec();
        cbc::decrypt(&derived(b"saifu/1 token cipher"), &[0; 16], &mut payload).unwrap();
        let payload = cbc::strip_zero_padding(&payload, 154).unwrap();
        assert_eq!(message.commitment.0, sha256(&[b"saifu/1 token payload", payload]));
        (message.clone(), TokenPayload::from_bytes(payload).unwrap())
    }
}

/// The commitment to a content key.
pub(crate) fn commitment(key: &Secret<32>) -> Digest {
    Digest(*kdf::expand(key, b"saifu/1 key commitment", b"").expose())
}

/// `Kup[message]` under a label.
pub(crate) fn wrap(label: &[u8], message: &[u8]) -> Vec<u8> {
    encryption_key().public_key().wrap_oaep(&mut counting(5), label, message).unwrap()
}

/// The bytes of a licence that are signed, with this wrapped key.
pub(crate) fn unsigned_with(mut licence: Licence, wrapped_key: Vec<u8>) -> Vec<u8> {
    licence.wrapped_key = Bytes(wrapped_key);
    unsigned_bytes(&licence)
}

impl TestCard {
    /// The card with a change committed behind the back of its commands.
    pub(crate) fn with_change(self, change: Change) -> Self {
        let mut store = Store::recover(self.card.into_platform());
        store.commit(change).unwrap();
        Self::with_power(store.into_platform())
    }

    /// A purse as it is stored.
    pub(crate) fn purse(&self, center: &TestCenter, number: u32) -> PurseRecord {
        self.card.store().get(&Key::Purse(center.id, number)).unwrap().unwrap()
    }

    pub(crate) fn load_licence(&mut self, licence: &Signed<Licence>) -> Result<LicenceState, u16> {
        let answer = self.send(Ins::LoadLicence, 0, 0, &licence.to_bytes())?;
        Ok(LicenceState::from_bytes(&answer).unwrap())
    }

    pub(crate) fn licence_state(&mut self, center: &TestCenter, number: u64) -> LicenceState {
        let licence = LicenceRef { center: center.id, number };
        let answer = self.send(Ins::GetLicence, 0, 0, &licence.to_bytes()).unwrap();
        LicenceState::from_bytes(&answer).unwrap()
    }

    /// Pays the first price of a licence from purse 1.
    pub(crate) fn debit(&mut self, center: &TestCenter, number: u64) -> Result<Vec<u8>, u16> {
        self.send(Ins::Debit, 0, 0, &pay(center, number, 0, 1))
    }

    /// VERIFY, then [`TestCard::debit`].
    pub(crate) fn buy(&mut self, center: &TestCenter, number: u64) -> Result<Vec<u8>, u16> {
        self.verify(super::PIN).unwrap();
        self.debit(center, number)
    }

    /// Opens the stream of a licence; the number of segments and the uses left.
    pub(crate) fn open(
        &mut self,
        center: &TestCenter,
        number: u64,
        header: &Header,
    ) -> Result<Vec<u8>, u16> {
        self.send(Ins::OpenStream, 0, 0, &opening(center, number, header))
    }

    pub(crate) fn decrypt(&mut self, first: u64, segments: &[u8]) -> Result<Vec<u8>, u16> {
        self.send(Ins::Decrypt, 0, 0, &segments_data(first, segments))
    }
}

/// The data of DEBIT.
pub(crate) fn pay(center: &TestCenter, number: u64, price_index: u8, purse: u32) -> Vec<u8> {
    let licence = LicenceRef { center: center.id, number };
    PayRequest { licence, price_index, purse }.to_bytes()
}

/// The data of OPEN STREAM.
pub(crate) fn opening(center: &TestCenter, number: u64, header: &Header) -> Vec<u8> {
    let licence = LicenceRef { center: center.id, number };
    [licence.to_bytes(), header.to_bytes()].concat()
}
