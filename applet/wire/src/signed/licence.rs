//! The licence, center to card (§8.1).

use super::{Signed, message};
use crate::codec::{Bytes, List};
use crate::value::Price;
use crate::{CardId, CenterId, ContentId, Digest, OrderId, ShopId, codes};

/// The most prices a licence offers.
pub const MAX_PRICES: u8 = 8;

codes! {
    /// In which order paying and decrypting come (§8.2).
    pub enum PaymentOrder {
        /// The card decrypts only what it has paid for.
        PayFirst = 1,
        /// The card puts the price on hold and pays it once a byte has left.
        DecryptFirst = 2,
        /// Nothing is to be paid: a gift, or a work given back. No price then.
        AlreadyPaid = 3,
    }
}

message! {
    /// The terms of one delivery of one work to one card, and its wrapped key (§8.1).
    b"SLIC" struct Licence {
        /// The center that sells.
        center: CenterId,
        /// The sequence number of the licence key that signs.
        signer: u32,
        /// The shop that sells; zero is the center itself.
        shop: ShopId,
        /// The licence's number at this card and center, from 1.
        number: u64,
        /// The order it answers.
        order: OrderId,
        /// The card it is for.
        card: CardId,
        /// SHA-256 of `Kup`'s public key object.
        card_key: Digest,
        /// The work.
        content: ContentId,
        /// The work's version (edition).
        content_version: u32,
        /// SHA-256 of the stream's header.
        header: Digest,
        /// Plaintext bytes of the work.
        total_bytes: u64,
        /// What it costs: one of these.
        prices: List<Price, MAX_PRICES>,
        /// In which order paying and decrypting come.
        payment: PaymentOrder,
        /// How many sessions may decrypt it; 0 for any number.
        uses: u32,
        /// The second (Unix time) before which it is not valid; 0 for none.
        not_before: u64,
        /// The second after which it is not valid; 0 for none.
        not_after: u64,
        /// Whether each session needs a signed time first.
        needs_time: bool,
        /// The center's time when it signed.
        time: u64,
        /// SHA-256 of `Kcp`'s public key object.
        center_key: Digest,
        /// HKDF-Expand(`Ke`, "saifu/1 key commitment"): no ciphertext fits two keys.
        commitment: Digest,
        /// `Kup[Ke]`: OAEP, its label the SHA-256 of everything before this field.
        wrapped_key: Bytes,
    }
}

impl Signed<Licence> {
    /// The bytes whose SHA-256 is the OAEP label: tag to commitment.
    pub fn terms(&self) -> &[u8] {
        let tail = self.message().wrapped_key.0.len().saturating_add(2);
        let end = self.unsigned().len().saturating_sub(tail);
        self.unsigned().get(..end).unwrap_or_default()
    }
}

impl Licence {
    /// The bytes whose SHA-256 is the OAEP label, before there is a wrapped key.
    pub fn terms(&self) -> alloc::vec::Vec<u8> {
        let mut bytes = super::unsigned_bytes(self);
        bytes.truncate(bytes.len().saturating_sub(self.wrapped_key.0.len().saturating_add(2)));
        bytes
    }
}
