//! The key decryptor (9): `Kup[Ke]` to `Ke`, once the licence around it is known to be genuine.
//!
//! The private operation is reached through [`Genuine`] alone, and that is made by verifying the
//! licence's signature: no terminal can have the card decrypt what a center did not send (§8.4).

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

    /// Opens the licence's content key with `Kus` and checks it against the commitment.
    ///
    /// # Errors
    /// [`CryptoError::Refused`], the same whether length, padding, label, key length or commitment
    /// is wrong; [`CryptoError::RandomFailed`] and [`CryptoError::Fault`] of the card itself.
    pub fn unwrap_key(
        &self,
        random: &mut Random<'_>,
        card_key: &PrivateKey,
    ) -> Result<Secret<32>, CryptoError> {
        #[cfg(test)]
        count::one_more();
        let Self(licence) = self;
        let label = sha256(&[licence.terms()]);
        let wrapped = &licence.message().wrapped_key.0;
        let content_key = card_key.unwrap_key(random, &label, wrapped)?;
        let commitment = kdf::expand(&content_key, LABEL_COMMITMENT, &[]);
        if same_bytes(commitment.expose(), &licence.message().commitment.0) {
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
