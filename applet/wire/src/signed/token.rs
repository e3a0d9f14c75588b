//! The payment token, card to center (§9.2).

use super::{Signed, message};
use crate::codec::Bytes;
use crate::value::{Kind, Unit};
use crate::{AccountId, CenterId, ContentId, Digest, OrderId, ShopId, layout};

/// The bytes of a token's header: tag to commitment.
pub const TOKEN_HEADER_BYTES: usize = 141;

/// The label under which the payload's cipher key is derived from `K`.
pub const LABEL_TOKEN_CIPHER: &[u8] = b"saifu/1 token cipher";

/// The label under which the payload's MAC key is derived from `K`.
pub const LABEL_TOKEN_MAC: &[u8] = b"saifu/1 token mac";

/// What precedes the payload under the hash that commits to it.
pub const LABEL_PAYLOAD: &[u8] = b"saifu/1 token payload";

message! {
    /// A payment (§9.2): readable by its center alone.
    b"STKN" struct Token {
        /// The center it pays.
        center: CenterId,
        /// SHA-256 of `Kcp`'s public key object.
        center_key: Digest,
        /// The card's account at that center.
        account: AccountId,
        /// The event's number at this card and center.
        counter: u64,
        /// The identity of the event before it.
        previous: Digest,
        /// SHA-256("saifu/1 token payload" ‖ payload).
        commitment: Digest,
        /// `Kcp[K]`: OAEP, its label the SHA-256 of the header.
        wrapped_key: Bytes,
        /// The payload under keys derived from `K`, and its tag.
        sealed_payload: Bytes,
    }
}

layout! {
    /// What a token pays for (§9.2).
    pub struct TokenPayload {
        /// The licence's number.
        licence: u64,
        /// The licence's identity.
        licence_identity: Digest,
        /// The order.
        order: OrderId,
        /// The shop.
        shop: ShopId,
        /// The work.
        content: ContentId,
        /// Its version.
        content_version: u32,
        /// Which of the licence's prices, from 0.
        price_index: u8,
        /// The purse that paid.
        purse: u32,
        /// Its kind of value.
        kind: Kind,
        /// Its unit.
        unit: Unit,
        /// The amount paid.
        amount: u64,
        /// The purse's balance afterwards.
        balance: u64,
        /// Drawn at random, so that the commitment hides the rest.
        blinding: [u8; 32],
    }
}

impl Signed<Token> {
    /// The header, whose SHA-256 is the OAEP label and binds the payload's keys.
    pub fn header(&self) -> &[u8] {
        self.unsigned().get(..TOKEN_HEADER_BYTES).unwrap_or_default()
    }
}

impl Token {
    /// The header, before there is a signature.
    pub fn header(&self) -> alloc::vec::Vec<u8> {
        let mut bytes = super::unsigned_bytes(self);
        bytes.truncate(TOKEN_HEADER_BYTES);
        bytes
    }
}
