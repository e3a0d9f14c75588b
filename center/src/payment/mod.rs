//! Payment: opening what a card pays with (§9.2).
//!
//! ```text
//! header (141) ‖ Kcp[K] ‖ sealed payload (176) ‖ signature (64)
//! K            OAEP under the payment key, label = SHA-256(header)
//! key(label)   = HKDF-Expand(K, label ‖ SHA-256(header), 32)
//! sealed       = AES-256-CBC(cipher key, IV 0, payload zero-padded to 160) ‖ tag (16)
//! tag          = AES-256-CMAC(mac key, SHA-256(header) ‖ ciphertext)
//! commitment   = SHA-256("saifu/1 token payload" ‖ payload), in the header
//! ```

use crate::crypto::ecdsa::VerifyingKey;
use crate::crypto::{CryptoError, Secret, cbc, cmac, kdf, sha256};
use crate::keys::Keys;
use saifu_wire::codec::Wire as _;
use saifu_wire::signed::{
    LABEL_PAYLOAD, LABEL_TOKEN_CIPHER, LABEL_TOKEN_MAC, Signed, Token, TokenPayload,
};
use zeroize::Zeroizing;

/// The bytes of a payload.
pub const PAYLOAD_BYTES: usize = 154;

/// The bytes of a sealed payload: whole blocks, and the tag.
pub const SEALED_PAYLOAD_BYTES: usize =
    PAYLOAD_BYTES.next_multiple_of(cbc::BLOCK_BYTES) + cmac::TAG_BYTES;

/// Why a token is not opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TokenRefused {
    /// The signature is not this card's. Nothing was decrypted.
    #[error("the token is not signed by the card of its account")]
    Signature,
    /// It pays another center, or is sealed under a key that this center never had.
    #[error("the token is made out to another center")]
    Center,
    /// The card signed it, but what it sealed cannot be read: whatever is wrong with it.
    #[error("the token is signed, but its contents cannot be read")]
    Contents,
}

/// A token whose card's signature is verified.
pub struct Verified<'a>(&'a Signed<Token>);

impl<'a> Verified<'a> {
    /// Verifies a token that the card with `signature_key` is said to have signed.
    ///
    /// # Errors
    /// [`TokenRefused::Signature`].
    pub fn of(
        signature_key: &VerifyingKey,
        token: &'a Signed<Token>,
    ) -> Result<Self, TokenRefused> {
        signature_key.verify_signed(token).map_err(|_| TokenRefused::Signature)?;
        Ok(Self(token))
    }

    /// Opens it: the private operation is never run for bytes that the card did not sign.
    ///
    /// # Errors
    /// [`TokenRefused::Center`] and [`TokenRefused::Contents`].
    pub fn open(&self, keys: &Keys) -> Result<TokenPayload, TokenRefused> {
        let message = self.0.message();
        if message.center != keys.center() {
            return Err(TokenRefused::Center);
        }
        let key = keys.payment_key_of(&message.center_key).ok_or(TokenRefused::Center)?;
        let header_hash = sha256(&[self.0.header()]);
        key.unwrap_key(&header_hash, &message.wrapped_key.0)
            .and_then(|token_key| unseal(&token_key, &header_hash, message))
            .map_err(|_| TokenRefused::Contents)
    }
}

/// Opens a token that the card with `signature_key` is said to have signed, once that is
/// verified.
///
/// # Errors
/// [`TokenRefused`].
pub fn open_token(
    keys: &Keys,
    signature_key: &VerifyingKey,
    token: &Signed<Token>,
) -> Result<TokenPayload, TokenRefused> {
    Verified::of(signature_key, token)?.open(keys)
}

fn unseal(
    token_key: &Secret<32>,
    header_hash: &[u8; 32],
    token: &Token,
) -> Result<TokenPayload, CryptoError> {
    let sealed: &[u8; SEALED_PAYLOAD_BYTES] =
        token.sealed_payload.0.as_slice().try_into().map_err(|_| CryptoError::Refused)?;
    let (ciphertext, tag) = sealed.split_at(SEALED_PAYLOAD_BYTES - cmac::TAG_BYTES);
    let mac_key = kdf::expand(token_key, LABEL_TOKEN_MAC, header_hash);
    cmac::verify(&mac_key, &[header_hash, ciphertext], tag)?;
    let mut padded = Zeroizing::new(ciphertext.to_vec());
    let cipher_key = kdf::expand(token_key, LABEL_TOKEN_CIPHER, header_hash);
    cbc::decrypt(&cipher_key, &[0; 16], &mut padded)?;
    let (payload, padding) = padded.split_at(PAYLOAD_BYTES);
    let committed = sha256(&[LABEL_PAYLOAD, payload]) == token.commitment.0;
    if !committed || padding.iter().any(|byte| *byte != 0) {
        return Err(CryptoError::Refused);
    }
    TokenPayload::from_bytes(payload).map_err(|_| CryptoError::Refused)
}

#[cfg(test)]
mod tests;
