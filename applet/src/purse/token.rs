//! The token: a payment that only its center can read (§9.2).
//!
//! ```text
//! header = tag .. commitment (141)          h = SHA-256(header)
//! token  = header ‖ Kcp[K], label h ‖ CBC(payload, padded) ‖ CMAC(h ‖ ciphertext) ‖ signature
//! ```
//! K is drawn for this token alone, so the IV is zero; cipher and MAC keys are derived from it.

use saifu_wire::codec::Bytes;
use saifu_wire::signed::{
    LABEL_PAYLOAD, LABEL_TOKEN_CIPHER, LABEL_TOKEN_MAC, Signed, Token, TokenPayload,
};
use saifu_wire::{AccountId, CenterId, Digest, Wire};

use alloc::vec::Vec;

use crate::crypto::aes::{AesKey, BLOCK_LEN};
use crate::crypto::ecdsa::SigningKey;
use crate::crypto::hash::sha256;
use crate::crypto::{CryptoError, Random, Secret, SecretVec, cbc, cmac, kdf, rsa};

/// The bytes of a payload.
const PAYLOAD_BYTES: usize = 154;

/// The keys with which a token is made.
#[derive(Debug)]
pub struct TokenKeys {
    /// `Kcp` of the center.
    pub center: rsa::PublicKey,
    /// `Ksig` of the card.
    pub card: SigningKey,
}

/// Says whom a token pays, and which link of the chain it is (§9.1).
#[derive(Clone, Debug)]
pub struct TokenHeader {
    /// The center.
    pub center: CenterId,
    /// The key id of `Kcp`.
    pub center_key: Digest,
    /// The card's account there.
    pub account: AccountId,
    /// The link's number.
    pub counter: u64,
    /// The identity of the link before.
    pub previous: Digest,
}

/// Makes a token: commits to the payload, seals it for the center, and signs all of it.
///
/// # Errors
/// [`CryptoError::RandomFailed`] and [`CryptoError::Fault`]; then there is no token.
pub fn make(
    header: TokenHeader,
    payload: &TokenPayload,
    keys: &TokenKeys,
    random: &mut Random<'_>,
) -> Result<Signed<Token>, CryptoError> {
    let payload = plaintext(payload);
    let mut token = Token {
        center: header.center,
        center_key: header.center_key,
        account: header.account,
        counter: header.counter,
        previous: header.previous,
        commitment: Digest(sha256(&[LABEL_PAYLOAD, payload.expose()])),
        wrapped_key: Bytes(Vec::new()),
        sealed_payload: Bytes(Vec::new()),
    };
    let header = sha256(&[&token.header()]);
    let key = Secret::random(random)?;
    token.wrapped_key = Bytes(keys.center.wrap_oaep(random, &header, key.expose())?);
    token.sealed_payload = Bytes(seal(&key, &header, payload.expose())?);
    Signed::sign(token, |bytes| keys.card.sign(&[bytes]))
}

/// The payload's bytes; at its final size from the start, so that growing leaves no copy behind.
fn plaintext(payload: &TokenPayload) -> SecretVec {
    let mut bytes = Vec::with_capacity(PAYLOAD_BYTES);
    payload.write(&mut bytes);
    SecretVec::new(bytes)
}

/// Encrypts the payload under K, then adds the MAC over header and ciphertext.
fn seal(key: &Secret<32>, header: &[u8; 32], payload: &[u8]) -> Result<Vec<u8>, CryptoError> {
    let derived = |label| AesKey::from(&kdf::expand(key, label, header));
    let mut sealed = cbc::zero_padded(payload);
    cbc::encrypt(&derived(LABEL_TOKEN_CIPHER), &[0; BLOCK_LEN], &mut sealed)?;
    let tag = cmac::cmac(&derived(LABEL_TOKEN_MAC), &[header, &sealed]);
    sealed.extend_from_slice(&tag);
    Ok(sealed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use saifu_wire::value::{Kind, Unit};
    use saifu_wire::{ContentId, OrderId, ShopId};

    #[test]
    fn a_payload_fills_exactly_the_room_that_is_made_for_it() {
        let payload = TokenPayload {
            licence: 1,
            licence_identity: Digest::ZERO,
            order: OrderId([1; 16]),
            shop: ShopId::ZERO,
            content: ContentId([1; 16]),
            content_version: 1,
            price_index: 0,
            purse: 1,
            kind: Kind::BitCash,
            unit: Unit::new("JPY").unwrap(),
            amount: 1,
            balance: 1,
            blinding: [7; 32],
        };
        assert_eq!(plaintext(&payload).expose(), payload.to_bytes());
        assert_eq!(plaintext(&payload).len(), PAYLOAD_BYTES);
    }
}
