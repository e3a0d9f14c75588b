//! The key decryptor (9): `Kup[Ke]` to `Ke`, once the licence around it is known to be genuine.
//!
//! The private operation is reached through [`WrappedKey`] alone. That comes out of a [`Genuine`],
//! which is made by verifying the licence's signature, or out of the key memory, where the card
//! sealed what came out of one: no terminal can have the card decrypt what a center did not send
//! (§8.4).

use saifu_wire::Digest;
use saifu_wire::request::LicenceRef;
use saifu_wire::signed::{Licence, Signed};
use saifu_wire::stream::LABEL_COMMITMENT;

use crate::crypto::ecdsa::VerifyingKey;
use crate::crypto::hash::sha256;
use crate::crypto::rsa::PrivateKey;
use crate::crypto::{CryptoError, Random, Secret, kdf, same_bytes};

/// A licence whose signature was verified.
#[derive(Debug)]
pub struct Genuine<'l>(&'l Signed<Licence>);

impl<'l> Genuine<'l> {
    /// Verifies a licence under the center's licence key.
    ///
    /// # Errors
    /// [`CryptoError::Refused`] when the signature is not that key's.
    pub fn verify(licence: &'l Signed<Licence>, key: &VerifyingKey) -> Result<Self, CryptoError> {
        key.verify(&[licence.unsigned()], licence.signature())?;
        Ok(Self(licence))
    }

    /// Names the licence.
    #[must_use]
    pub fn licence(&self) -> LicenceRef {
        let Licence { center, number, .. } = *self.0.message();
        LicenceRef { center, number }
    }

    /// Lends the wrapped key, with what it must open as.
    #[must_use]
    pub fn wrapped_key(&self) -> WrappedKey<'l> {
        let Self(licence) = self;
        let Licence { wrapped_key, commitment, .. } = licence.message();
        let label = Digest(sha256(&[licence.terms()]));
        WrappedKey { wrapped: &wrapped_key.0, label, commitment: *commitment }
    }
}

/// `Kup[Ke]` as a verified licence brought it.
#[derive(Debug)]
pub struct WrappedKey<'w> {
    /// The wrapped key.
    wrapped: &'w [u8],
    /// The label under which it opens: SHA-256 of the licence's terms.
    label: Digest,
    /// The commitment that the key must have.
    commitment: Digest,
}

impl<'w> WrappedKey<'w> {
    /// Takes up what a verified licence brought earlier, and the card itself has sealed since.
    #[must_use]
    pub(crate) const fn sealed_by_this_card(
        wrapped: &'w [u8],
        label: Digest,
        commitment: Digest,
    ) -> Self {
        Self { wrapped, label, commitment }
    }

    /// Lends the wrapped key's bytes.
    #[must_use]
    pub const fn bytes(&self) -> &'w [u8] {
        self.wrapped
    }

    /// Gives the label under which it opens.
    #[must_use]
    pub const fn label(&self) -> Digest {
        self.label
    }

    /// Gives the commitment that the key must have.
    #[must_use]
    pub const fn commitment(&self) -> Digest {
        self.commitment
    }

    /// Opens the content key with `Kus` and checks it against the commitment.
    ///
    /// # Errors
    /// [`CryptoError::Refused`], the same whether length, padding, label, key length or commitment
    /// is wrong; [`CryptoError::RandomFailed`] and [`CryptoError::Fault`] of the card itself.
    pub fn open(
        &self,
        random: &mut Random<'_>,
        card_key: &PrivateKey,
    ) -> Result<Secret<32>, CryptoError> {
        #[cfg(test)]
        count::one_more();
        let content_key = card_key.unwrap_key(random, &self.label.0, self.wrapped)?;
        let commitment = kdf::expand(&content_key, LABEL_COMMITMENT, &[]);
        if same_bytes(commitment.expose(), &self.commitment.0) {
            Ok(content_key)
        } else {
            Err(CryptoError::Refused)
        }
    }
}

/// Counts the private operations of a test, to show which input did not reach one.
#[cfg(test)]
pub(crate) mod count {
    extern crate std;

    use core::cell::Cell;

    std::thread_local! {
        static OPERATIONS: Cell<u32> = const { Cell::new(0) };
    }

    pub(super) fn one_more() {
        OPERATIONS.with(|count| count.set(count.get() + 1));
    }

    /// Gives how many there were so far in this test.
    pub(crate) fn private_operations() -> u32 {
        OPERATIONS.with(Cell::get)
    }
}
