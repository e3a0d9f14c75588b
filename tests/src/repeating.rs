//! A center of which every byte that a card sees follows from a name: its keys, what it draws,
//! signs and wraps. The same requests in the same order get the same answers.
//!
//! All of it is computed with the card's cryptography, which signs without drawing anything
//! (RFC 6979). Such a center stands under the published test root; one in production takes no
//! [`Chance`] from anybody.

use std::fmt;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use rsa::RsaPrivateKey;
use rsa::pkcs8::EncodePrivateKey;
use saifu_applet::crypto::rsa::PublicKey as CardKey;
use saifu_applet::crypto::{self, Secret, ecdsa};
use saifu_center::chance::Chance;
use saifu_center::clock::SetClock;
use saifu_center::crypto::ecdsa::SigningKey;
use saifu_center::crypto::rsa::{KeySize, PrivateKey, WrappingKey};
use saifu_center::crypto::{CryptoError, Secret as CenterSecret};
use saifu_center::serve::{Listen, Server, Stop};
use saifu_center::{Center, Options};
use saifu_wire::certificate::{PublicKey, Role};
use saifu_wire::signed::SIGNATURE_BYTES;
use saifu_wire::test_root;

use crate::fixture::{Draws, TIME, secret};
use crate::shop::Anything;

/// The roles whose keys sign.
const SIGNERS: [Role; 3] = [Role::Licence, Role::Credit, Role::Receipt];

/// A chance that is none.
pub struct Repeating {
    name: String,
    draws: Mutex<Draws>,
}

impl Repeating {
    /// The chance of this name.
    pub fn new(name: &str) -> Self {
        let draws = Mutex::new(Draws::new(&format!("saifu center {name}")));
        Self { name: name.to_owned(), draws }
    }

    fn scalar(&self, role: Role) -> Secret<32> {
        secret(&[b"saifu repeating key", self.name.as_bytes(), &[role as u8]])
    }

    /// The card's form of the key with this point.
    fn signer(&self, point: &[u8; 65]) -> Option<ecdsa::SigningKey> {
        let own = SIGNERS.into_iter().map(|role| self.scalar(role));
        let root = [Secret::new(test_root::ROOT_PRIVATE)];
        let mut keys = own.chain(root).filter_map(|it| ecdsa::SigningKey::from_scalar(&it).ok());
        keys.find(|key| key.public_point() == *point)
    }
}

impl fmt::Debug for Repeating {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Repeating({})", self.name)
    }
}

impl Chance for Repeating {
    fn fill(&self, out: &mut [u8]) -> Result<(), CryptoError> {
        let mut draws = self.draws.lock().unwrap_or_else(PoisonError::into_inner);
        out.copy_from_slice(&draws.bytes(out.len()));
        Ok(())
    }

    fn ordered_id(&self) -> Result<[u8; 16], CryptoError> {
        let chance: &dyn Chance = self;
        chance.array()
    }

    fn signing_key(&self, role: Role) -> Result<SigningKey, CryptoError> {
        let scalar = self.scalar(role);
        let key = ecdsa::SigningKey::from_scalar(&scalar).map_err(failed)?;
        SigningKey::from_parts(scalar.expose(), &key.public_point())
    }

    fn payment_key(&self, _: KeySize) -> Result<PrivateKey, CryptoError> {
        let mut random = Draws::new(&format!("saifu payment key {}", self.name)).source();
        let primes = crypto::rsa::PrivateKey::generate(crypto::rsa::KeySize::Rsa2048, &mut random);
        let primes = primes.map_err(failed)?.to_bytes();
        let (p, q) = primes.expose().split_at(primes.expose().len() / 2);
        let [p, q, e] = [p, q, &crypto::rsa::EXPONENT].map(rsa::BoxedUint::from_be_slice_vartime);
        let key = RsaPrivateKey::from_p_q(p, q, e).map_err(|_| CryptoError::Failed)?;
        let der = key.to_pkcs8_der().map_err(|_| CryptoError::Failed)?;
        PrivateKey::from_pkcs8(der.as_bytes())
    }

    fn sign(&self, key: &SigningKey, message: &[u8]) -> Result<[u8; SIGNATURE_BYTES], CryptoError> {
        let key = self.signer(key.point()).ok_or(CryptoError::Refused)?;
        key.sign(&[message]).map_err(failed)
    }

    fn wrap_key(
        &self,
        card: &WrappingKey,
        label: &[u8],
        key: &CenterSecret<32>,
    ) -> Result<Vec<u8>, CryptoError> {
        let PublicKey::Rsa { modulus, exponent } = card.public_key() else {
            return Err(CryptoError::Refused);
        };
        let card = CardKey::from_parts(modulus, exponent).map_err(failed)?;
        let mut random = |out: &mut [u8]| self.fill(out).map_err(|_| crypto::RandomFailed);
        card.wrap_oaep(&mut random, label, key.expose()).map_err(failed)
    }
}

fn failed(_: crypto::CryptoError) -> CryptoError {
    CryptoError::Failed
}

/// Opens the center of this name in `folder`, made if it is not there; its clock stands still.
///
/// # Errors
/// The folder cannot be used.
pub fn center(folder: &Path, name: &str) -> Result<Arc<Center>, Anything> {
    let chance: Option<Arc<dyn Chance>> = Some(Arc::new(Repeating::new(name)));
    let clock = Arc::new(SetClock::at(TIME));
    Ok(Arc::new(Center::open(folder, Options { chance, clock, ..Options::default() })?))
}

/// A center that serves on a port of this machine; dropped, it ends.
pub struct Serving {
    url: String,
    stop: Stop,
    thread: Option<JoinHandle<()>>,
}

impl Serving {
    /// Serves a center.
    ///
    /// # Errors
    /// No port can be had.
    pub fn start(center: Arc<Center>) -> Result<Self, Anything> {
        let server =
            Server::bind(center, Listen { address: "127.0.0.1:0".into(), ..Listen::default() })?;
        let (url, stop) = (server.url().to_owned(), server.stop());
        let serve = move || server.run().unwrap_or_else(|error| eprintln!("{error}"));
        Ok(Self { url, stop, thread: Some(thread::spawn(serve)) })
    }

    /// Where it serves.
    pub fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        self.stop.stop();
        if let Some(thread) = self.thread.take() {
            // A thread that panicked has said so.
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn centers_of_one_name_have_the_same_keys_and_those_of_another_have_others() {
        let folder = tempfile::tempdir().unwrap();
        let made = |place: &str, name| {
            let center = center(&folder.path().join(place), name).unwrap();
            (center.id(), center.certificates())
        };
        assert_eq!(made("one", "A"), made("two", "A"));
        assert_ne!(made("three", "B").1, made("two", "A").1);
    }
}
