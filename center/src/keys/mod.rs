//! The center's keys: one for each purpose, and whom it trusts.
//!
//! | key | role | signs or opens |
//! |---|---|---|
//! | licence | [`Role::Licence`] | licences, times for a session |
//! | credit | [`Role::Credit`] | account openings, credits: it mints value |
//! | receipt | [`Role::Receipt`] | receipts |
//! | payment, `Kcs`/`Kcp` | [`Role::Payment`] | opens payment tokens (RSA) |
//! | accounts, secret | | names the accounts of cards |
//!
//! Which key signs follows from the type of the message ([`CenterMessage`]), so that no
//! caller can confuse two roles.

mod card;
mod center_message;
mod files;
mod issuer;
mod payment_key;

pub use card::{Card, CardRefused, Mode, Trust};
pub use center_message::{CenterMessage, Signer};
pub use issuer::{Issuer, Subject};
pub use payment_key::PaymentKey;

use crate::crypto::ecdsa::{SigningKey, VerifyingKey};
use crate::crypto::rsa::KeySize;
use crate::crypto::{CryptoError, Secret, kdf, random, rsa};
use saifu_wire::certificate::{Assurance, Certificate, Role};
use saifu_wire::signed::Signed;
use saifu_wire::{AccountId, CardId, CenterId, Digest};
use std::path::{Path, PathBuf};

/// Why the center's keys cannot be had.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeysError {
    /// The folder or a file in it cannot be read or written.
    #[error(
        "the center's keys in {path} cannot be read or written ({source}): check the disk and the permissions"
    )]
    Io {
        /// The folder or file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// A file is not what it should be. It is never made again: cards know the old key.
    #[error("{path} is damaged or not of this center: put the right file back from a backup")]
    Damaged {
        /// The file.
        path: PathBuf,
    },
    /// Keys could not be made.
    #[error("the center's keys could not be made: {0}")]
    Crypto(#[from] CryptoError),
    /// The time is outside 2000 to 2099, the years that certificates know.
    #[error("the clock says a year outside 2000 to 2099: set it right")]
    Clock,
}

/// The keys of one center, with their certificates.
#[derive(Debug)]
pub struct Keys {
    center: CenterId,
    licence: RoleKey,
    credit: RoleKey,
    receipt: RoleKey,
    payment: PaymentKey,
    accounts: Secret<32>,
}

/// What the names of accounts are derived under.
const LABEL_ACCOUNT: &[u8] = b"saifu/1 account";

/// A signature key, for one role.
#[derive(Debug)]
struct RoleKey {
    key: SigningKey,
    verifier: VerifyingKey,
    certificate: Certificate,
}

/// The sequence of a role's first certificate.
const FIRST_SEQUENCE: u32 = 1;

impl Keys {
    /// Makes the keys of a new center, named by an id drawn at random, and has `issuer`
    /// certify them from `now` (Unix time) on; nothing is stored.
    ///
    /// # Errors
    /// [`KeysError::Crypto`] when the random source fails; [`KeysError::Clock`].
    pub fn generate(issuer: &Issuer, now: u64, size: KeySize) -> Result<Self, KeysError> {
        let center = CenterId(random::array()?);
        let subject = |role| Subject {
            holder_id: center.0,
            role,
            assurance: Assurance::Test,
            sequence: FIRST_SEQUENCE,
        };
        let role_key = |role| {
            let key = SigningKey::generate()?;
            let certificate = issuer.certify(key.public_key(), subject(role), now)?;
            Ok::<_, KeysError>(RoleKey::new(key, certificate)?)
        };
        let payment = rsa::PrivateKey::generate(size)?;
        let certificate =
            issuer.certify(payment.public_key().clone(), subject(Role::Payment), now)?;
        Ok(Self {
            center,
            licence: role_key(Role::Licence)?,
            credit: role_key(Role::Credit)?,
            receipt: role_key(Role::Receipt)?,
            payment: PaymentKey::new(payment, certificate),
            accounts: Secret::random()?,
        })
    }

    /// Loads the keys in the folder `dir`; makes and stores them where there are none yet.
    ///
    /// A center made so is its own test issuer: its certificates stand under the published
    /// test root. A folder that holds a part of a center's keys is an error, never a reason
    /// to make new ones.
    ///
    /// # Errors
    /// Any [`KeysError`].
    pub fn open_or_create(dir: &Path, now: u64) -> Result<Self, KeysError> {
        if files::any(dir)? {
            return Self::open(dir);
        }
        let made = Self::generate(&Issuer::test()?, now, KeySize::default())?;
        made.store(dir)
    }

    /// Loads the keys in the folder `dir`.
    ///
    /// # Errors
    /// [`KeysError::Io`], among others when there are none; [`KeysError::Damaged`].
    pub fn open(dir: &Path) -> Result<Self, KeysError> {
        files::load(dir)
    }

    /// Stores the keys in the folder `dir`, which must be empty or not exist, and gives back
    /// those that are there then: another process may have been first.
    ///
    /// # Errors
    /// [`KeysError::Io`]; as [`Keys::open`] when another was first.
    pub fn store(self, dir: &Path) -> Result<Self, KeysError> {
        files::store(self, dir)
    }

    /// The center's id, as its certificates name it.
    pub fn center(&self) -> CenterId {
        self.center
    }

    /// The certificates of licence, credit, receipt and payment key, in this order.
    pub fn certificates(&self) -> [&Certificate; 4] {
        let [licence, credit, receipt] = [&self.licence, &self.credit, &self.receipt];
        [
            &licence.certificate,
            &credit.certificate,
            &receipt.certificate,
            self.payment.certificate(),
        ]
    }

    /// Signs `message` with the key of its role, having named center and key in it.
    ///
    /// # Errors
    /// [`CryptoError::Failed`] when the random source fails.
    pub fn sign<M: CenterMessage>(&self, mut message: M) -> Result<Signed<M>, CryptoError> {
        let signer = self.role_key(M::SIGNER);
        message.set_signer(self.center, signer.certificate.body().sequence);
        Signed::sign(message, |bytes| signer.key.sign(bytes))
    }

    /// Checks that this center signed a message, with the key of its role.
    ///
    /// # Errors
    /// [`CryptoError::Refused`] when it did not.
    pub fn verify<M: CenterMessage>(&self, signed: &Signed<M>) -> Result<(), CryptoError> {
        if signed.message().signer() != (self.center, self.sequence_of::<M>()) {
            return Err(CryptoError::Refused);
        }
        self.role_key(M::SIGNER).verifier.verify_signed(signed)
    }

    /// The sequence of the key that signs messages of type `M`.
    pub fn sequence_of<M: CenterMessage>(&self) -> u32 {
        self.role_key(M::SIGNER).certificate.body().sequence
    }

    /// The payment key under which cards are to pay now.
    pub fn payment_key(&self) -> &PaymentKey {
        &self.payment
    }

    /// The payment key with this id, if the center has it.
    pub fn payment_key_of(&self, id: &Digest) -> Option<&PaymentKey> {
        (self.payment.id() == *id).then_some(&self.payment)
    }

    /// The account of a card: always the same, so that a store that has forgotten it finds it
    /// again; nobody without these keys can tell the card by it.
    pub fn account_of(&self, card: CardId) -> AccountId {
        let derived = kdf::expand(&self.accounts, LABEL_ACCOUNT, &card.0);
        AccountId(*derived.expose().first_chunk().expect("an id is shorter than a key"))
    }

    fn role_key(&self, signer: Signer) -> &RoleKey {
        match signer {
            Signer::Licence => &self.licence,
            Signer::Credit => &self.credit,
            Signer::Receipt => &self.receipt,
        }
    }
}

impl RoleKey {
    fn new(key: SigningKey, certificate: Certificate) -> Result<Self, CryptoError> {
        let verifier = VerifyingKey::from_public_key(&key.public_key())?;
        Ok(Self { key, verifier, certificate })
    }
}

#[cfg(test)]
pub(crate) mod test_help;
#[cfg(test)]
mod tests;
