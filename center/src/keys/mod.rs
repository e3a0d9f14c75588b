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
//! caller can confuse two roles. A role may have several keys: the newest signs; those before
//! it verify what they signed until they are retired (§7.5). A [`Ring`] is all of them as they
//! lie in their folder, a [`vault`]; [`Keys`] is what a center works with.

pub(crate) mod authority;
mod card;
mod center_message;
mod change;
mod disk;
mod error;
mod issuer;
mod payment_key;
mod request;
mod ring;
mod role_keys;
mod unlock;
mod vault;

pub use card::{Card, CardRefused, Mode, Trust};
pub use center_message::{CenterMessage, Signer};
pub use change::{Change, KeyState, Stage};
pub use error::KeysError;
pub use issuer::{Issuer, Subject};
pub use payment_key::{PaymentKey, Unwrap};
pub use ring::{Ring, role_name, role_of};
pub use unlock::Unlock;

use self::ring::{Private, State};
use self::role_keys::RoleKeys;
use self::vault::Vault;
use crate::chance::{self, Chance};
use crate::crypto::rsa::KeySize;
use crate::crypto::{CryptoError, Secret, kdf, sha256};
use saifu_wire::certificate::{Certificate, Role};
use saifu_wire::personalise::PinnedRoot;
use saifu_wire::signed::{Signed, unsigned_bytes};
use saifu_wire::{AccountId, CardId, CenterId, Digest, test_root};
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

/// The keys of one center, with their certificates.
#[derive(Debug)]
pub struct Keys {
    center: CenterId,
    root: PinnedRoot,
    licence: RoleKeys,
    credit: RoleKeys,
    receipt: RoleKeys,
    /// Newest first, at least one.
    payment: Vec<PaymentKey>,
    accounts: Secret<32>,
    chance: Arc<dyn Chance>,
    sealed: bool,
    /// While it is there, nobody changes the folder.
    _in_use: Option<File>,
}

/// What the names of accounts are derived under.
const LABEL_ACCOUNT: &[u8] = b"saifu/1 account";

impl Keys {
    /// Makes the keys of a new center, named by an id drawn at random, and has `issuer`
    /// certify them from `now` (Unix time) on; nothing is stored.
    ///
    /// # Errors
    /// [`KeysError::Crypto`] when the random source fails; [`KeysError::Clock`].
    pub fn generate(issuer: &Issuer, now: u64, size: KeySize) -> Result<Self, KeysError> {
        let mut ring = Ring::generate(issuer.root(), size)?;
        ring.certify_all(issuer, now)?;
        Self::of(ring, false, None)
    }

    /// Loads the keys in the folder `dir`; where there are none yet makes them by `chance` and
    /// stores them, sealed under what `unlock` holds.
    ///
    /// A center made so is its own test issuer: its certificates stand under the published
    /// test root. A folder that holds a part of a center's keys is an error, never a reason
    /// to make new ones.
    ///
    /// # Errors
    /// Any [`KeysError`].
    pub fn open_or_create(
        dir: &Path,
        now: u64,
        unlock: &Unlock,
        chance: &Arc<dyn Chance>,
    ) -> Result<Self, KeysError> {
        if !Vault::any(dir)? {
            let issuer = Issuer::test()?.by(chance);
            let mut ring = Ring::generate_by(issuer.root(), KeySize::default(), &**chance)?;
            ring.certify_all(&issuer, now)?;
            // Whoever was first, those that are there count.
            ring.store(dir, unlock)?;
        }
        Self::open(dir, unlock)
    }

    /// Loads the keys in the folder `dir`; until they are dropped nobody changes them.
    ///
    /// # Errors
    /// [`KeysError::Io`], among others when there are none; [`KeysError::Damaged`];
    /// [`KeysError::Sealed`] and [`KeysError::Wrong`] for what `unlock` does not open;
    /// [`KeysError::NotCertified`] until a production center's certificates are installed;
    /// [`KeysError::InUse`] while they are being changed.
    pub fn open(dir: &Path, unlock: &Unlock) -> Result<Self, KeysError> {
        let (vault, files) = Vault::open(dir, unlock)?;
        let ring = Ring::of_files(vault.owner(), &files)
            .map_err(|name| KeysError::Damaged { path: vault.path(&name) })?;
        let sealed = vault.is_sealed();
        Self::of(ring, sealed, Some(vault.into_lock()))
    }

    /// Takes the certified keys of a ring.
    fn of(ring: Ring, sealed: bool, in_use: Option<File>) -> Result<Self, KeysError> {
        let Ring { center, root, entries, accounts } = ring;
        let mut signing =
            [Role::Licence, Role::Credit, Role::Receipt].map(|role| (role, None, vec![]));
        let mut payment = Vec::new();
        let mut entries: Vec<_> = entries.into_iter().collect();
        entries.sort_by_key(|entry| entry.sequence);
        for entry in entries {
            let State::Certified(certificate) = entry.state else { continue };
            match entry.private {
                Some(Private::Payment(key)) => payment.push(PaymentKey::new(*key, *certificate)),
                private => {
                    let of_role = signing.iter_mut().find(|(role, ..)| *role == entry.role);
                    let Some((_, signer, certificates)) = of_role else { continue };
                    certificates.push(*certificate);
                    *signer = private;
                }
            }
        }
        payment.reverse();
        let [licence, credit, receipt] = signing.map(|(role, signer, certificates)| {
            let Some(Private::Signing(signer)) = signer else {
                return Err(KeysError::NotCertified { role: role_name(role) });
            };
            RoleKeys::new(signer, certificates)?
                .ok_or(KeysError::NotCertified { role: role_name(role) })
        });
        if payment.is_empty() {
            return Err(KeysError::NotCertified { role: role_name(Role::Payment) });
        }
        let (licence, credit, receipt) = (licence?, credit?, receipt?);
        Ok(Self {
            center,
            root,
            licence,
            credit,
            receipt,
            payment,
            accounts,
            chance: chance::system(),
            sealed,
            _in_use: in_use,
        })
    }

    /// The center's id, as its certificates name it.
    pub fn center(&self) -> CenterId {
        self.center
    }

    /// The root that certifies the center.
    pub fn root(&self) -> &PinnedRoot {
        &self.root
    }

    /// Whether that is the published test root.
    pub fn is_test(&self) -> bool {
        self.root.point == test_root::ROOT_POINT
    }

    /// Whether they are encrypted in their folder.
    pub fn is_sealed(&self) -> bool {
        self.sealed
    }

    /// The certificates of licence, credit, receipt and payment key that sign and are paid
    /// under now, in this order.
    pub fn certificates(&self) -> [&Certificate; 4] {
        let [licence, credit, receipt] = [&self.licence, &self.credit, &self.receipt];
        [
            &licence.newest().certificate,
            &credit.newest().certificate,
            &receipt.newest().certificate,
            self.payment_key().certificate(),
        ]
    }

    /// All certificates that a card may need to see: those of now first, then the older ones
    /// that are not retired.
    pub fn shown(&self) -> Vec<&Certificate> {
        let now = self.certificates();
        let older = self.every().into_iter().filter(|certificate| {
            let body = certificate.body();
            body.sequence >= self.floor(body.role) && !now.contains(certificate)
        });
        now.into_iter().chain(older).collect()
    }

    /// Every certificate that this center ever had, for whoever reads its evidence.
    pub fn every(&self) -> Vec<&Certificate> {
        let signing = [&self.licence, &self.credit, &self.receipt];
        let payment = self.payment.iter().map(PaymentKey::certificate);
        signing.into_iter().flat_map(RoleKeys::certificates).chain(payment).collect()
    }

    fn floor(&self, role: Role) -> u32 {
        let of_role = self.every().into_iter().filter(|c| c.body().role == role);
        of_role.map(|certificate| certificate.body().retires_below).max().unwrap_or(0)
    }

    /// Signs `message` with the newest key of its role, having named center and key in it.
    ///
    /// # Errors
    /// [`CryptoError::Failed`] when the random source fails.
    pub fn sign<M: CenterMessage>(&self, mut message: M) -> Result<Signed<M>, CryptoError> {
        let keys = self.role_keys(M::SIGNER);
        message.set_signer(self.center, keys.sequence());
        Signed::sign(message, |bytes| self.chance.sign(&keys.signer, bytes))
    }

    /// Checks that this center signed a message, with the key of its role that the message
    /// names; that key is not retired.
    ///
    /// # Errors
    /// [`CryptoError::Refused`] when it did not.
    pub fn verify<M: CenterMessage>(&self, signed: &Signed<M>) -> Result<(), CryptoError> {
        let (center, sequence) = signed.message().signer();
        let key = self.role_keys(M::SIGNER).of(sequence).filter(|_| center == self.center);
        key.ok_or(CryptoError::Refused)?.verifier.verify_signed(signed)
    }

    /// Checks that this center signed a message, be it with a key that is retired now: for
    /// what is evidence, and nothing new follows from.
    ///
    /// # Errors
    /// [`CryptoError::Refused`] when it did not.
    pub fn verify_evidence<M: CenterMessage>(&self, signed: &Signed<M>) -> Result<(), CryptoError> {
        let (center, sequence) = signed.message().signer();
        let key = self.role_keys(M::SIGNER).ever(sequence).filter(|_| center == self.center);
        key.ok_or(CryptoError::Refused)?.verifier.verify_signed(signed)
    }

    /// What was signed before, as a card takes it today: the same bytes, or, where their key was
    /// retired, the same message signed with the newest (§7.5, §9.4).
    ///
    /// # Errors
    /// [`CryptoError::Refused`]: this is no such message; [`CryptoError::Failed`].
    pub fn renew<M: CenterMessage + Clone>(&self, signed: Vec<u8>) -> Result<Vec<u8>, CryptoError> {
        let parsed = Signed::<M>::parse(&signed).map_err(|_| CryptoError::Refused)?;
        if parsed.message().signer().1 >= self.role_keys(M::SIGNER).floor() {
            return Ok(signed);
        }
        Ok(self.sign(parsed.message().clone())?.to_bytes())
    }

    /// The identities that a message may have on a card: its own, and those that it has when a
    /// later key signs it again.
    pub fn identities<M: CenterMessage + Clone>(&self, signed: &Signed<M>) -> Vec<Digest> {
        let (center, first) = signed.message().signer();
        let keys = self.role_keys(M::SIGNER).certificates();
        let sequences = keys.map(|key| key.body().sequence).filter(|later| *later > first);
        let identity = |sequence| {
            let mut message = signed.message().clone();
            message.set_signer(center, sequence);
            Digest(sha256(&[&unsigned_bytes(&message)]))
        };
        core::iter::once(first).chain(sequences).map(identity).collect()
    }

    /// The sequence of the key that signs messages of type `M`.
    pub fn sequence_of<M: CenterMessage>(&self) -> u32 {
        self.role_keys(M::SIGNER).sequence()
    }

    /// The payment key under which cards are to pay now.
    pub fn payment_key(&self) -> &PaymentKey {
        self.payment.first().expect("a center has a payment key, as it was opened with one")
    }

    /// The payment key with this id, if the center has it; also one that is retired, for what
    /// was paid under it.
    pub fn payment_key_of(&self, id: &Digest) -> Option<&PaymentKey> {
        self.payment.iter().find(|key| key.id() == *id)
    }

    /// How many private operations all payment keys have done.
    pub fn payment_operations(&self) -> u64 {
        self.payment.iter().map(PaymentKey::operations).sum()
    }

    /// Has `unwrap` do the private operation of the payment keys from here on.
    pub(crate) fn unwrap_elsewhere(&mut self, unwrap: &Arc<dyn Unwrap>) {
        self.payment.iter_mut().for_each(|key| key.unwrap_elsewhere(Arc::clone(unwrap)));
    }

    /// Has what is drawn, signed and wrapped come from `chance` from here on.
    pub(crate) fn by_chance(&mut self, chance: Arc<dyn Chance>) {
        self.chance = chance;
    }

    /// Where what is drawn, signed and wrapped comes from.
    pub(crate) fn chance(&self) -> &dyn Chance {
        &*self.chance
    }

    /// The account of a card: always the same, so that a store that has forgotten it finds it
    /// again; nobody without these keys can tell the card by it.
    pub fn account_of(&self, card: CardId) -> AccountId {
        let derived = kdf::expand(&self.accounts, LABEL_ACCOUNT, &card.0);
        AccountId(*derived.expose().first_chunk().expect("an id is shorter than a key"))
    }

    fn role_keys(&self, signer: Signer) -> &RoleKeys {
        match signer {
            Signer::Licence => &self.licence,
            Signer::Credit => &self.credit,
            Signer::Receipt => &self.receipt,
        }
    }
}

#[cfg(test)]
pub(crate) mod test_help;
#[cfg(test)]
mod tests;
