//! All keys that a center has, as they lie in its folder: for each role the one that signs,
//! those that were before it, and those that still wait for their certificate.
//!
//! ```text
//! licence-1.key  licence-1.cvc     signs, or signed once
//! licence-2.key  licence-2.asked   waits for a certificate that retires below the number in it
//! accounts.key                     the secret under which accounts are named
//! root                             the root that certifies the center; none: the test root
//! ```

use super::vault::{Files, Vault};
use super::{Issuer, KeysError, Subject, Unlock};
use crate::chance::{Chance, SystemChance};
use crate::crypto::ecdsa::SigningKey;
use crate::crypto::rsa::KeySize;
use crate::crypto::{Secret, rsa};
use saifu_wire::certificate::{Assurance, Certificate, PublicKey, Role};
use saifu_wire::personalise::PinnedRoot;
use saifu_wire::{CenterId, Wire as _, test_root};
use std::path::Path;
use zeroize::Zeroizing;

/// The roles of a center's keys, and what their files are called.
pub(super) const ROLES: [(Role, &str); 4] = [
    (Role::Licence, "licence"),
    (Role::Credit, "credit"),
    (Role::Receipt, "receipt"),
    (Role::Payment, "payment"),
];

const ACCOUNTS: &str = "accounts.key";
const ROOT: &str = "root";

/// The most keys of a role that are not retired: a card knows as many (§6.9).
const MAX_KEYS: usize = 4;

/// The sequence of a role's first key.
const FIRST_SEQUENCE: u32 = 1;

/// The keys of a center, and who certifies them.
#[derive(Debug)]
pub struct Ring {
    pub(super) center: CenterId,
    pub(super) root: PinnedRoot,
    pub(super) entries: Vec<Entry>,
    pub(super) accounts: Secret<32>,
}

/// One key.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) role: Role,
    pub(super) sequence: u32,
    /// The private half; gone where the key was retired and nothing needs it any more.
    pub(super) private: Option<Private>,
    pub(super) state: State,
}

/// A private key.
#[derive(Debug)]
pub(super) enum Private {
    Signing(SigningKey),
    Payment(Box<rsa::PrivateKey>),
}

/// Whether a key is certified.
#[derive(Debug)]
pub(super) enum State {
    Certified(Box<Certificate>),
    /// It waits for a certificate that retires the keys of its role below this sequence.
    Asked {
        retires_below: u32,
    },
}

impl Private {
    fn generate(role: Role, size: KeySize, chance: &dyn Chance) -> Result<Self, KeysError> {
        Ok(match role {
            Role::Payment => Self::Payment(Box::new(chance.payment_key(size)?)),
            role => Self::Signing(chance.signing_key(role)?),
        })
    }

    fn parse(role: Role, pkcs8: &[u8]) -> Option<Self> {
        Some(match role {
            Role::Payment => Self::Payment(Box::new(rsa::PrivateKey::from_pkcs8(pkcs8).ok()?)),
            _ => Self::Signing(SigningKey::from_pkcs8(pkcs8).ok()?),
        })
    }

    fn to_pkcs8(&self) -> Result<Zeroizing<Vec<u8>>, KeysError> {
        Ok(match self {
            Self::Signing(key) => key.to_pkcs8()?,
            Self::Payment(key) => Zeroizing::new(key.to_pkcs8().to_vec()),
        })
    }

    pub(super) fn public_key(&self) -> PublicKey {
        match self {
            Self::Signing(key) => key.public_key(),
            Self::Payment(key) => key.public_key().clone(),
        }
    }
}

impl Entry {
    pub(super) fn certificate(&self) -> Option<&Certificate> {
        match &self.state {
            State::Certified(certificate) => Some(certificate),
            State::Asked { .. } => None,
        }
    }

    fn stem(&self) -> String {
        format!("{}-{}", role_name(self.role), self.sequence)
    }
}

impl Ring {
    /// Makes the keys of a new center, named by an id drawn at random, that `root` is to
    /// certify; nothing is stored.
    ///
    /// # Errors
    /// [`KeysError::Crypto`] when the random source fails.
    pub fn generate(root: PinnedRoot, size: KeySize) -> Result<Self, KeysError> {
        Self::generate_by(root, size, &SystemChance)
    }

    /// As [`Ring::generate`], where all of it comes from `chance`.
    pub(super) fn generate_by(
        root: PinnedRoot,
        size: KeySize,
        chance: &dyn Chance,
    ) -> Result<Self, KeysError> {
        let mut ring = Self {
            center: CenterId(chance.array()?),
            root,
            entries: Vec::new(),
            accounts: Secret::new([0; 32]),
        };
        chance.fill(ring.accounts.expose_mut())?;
        for (role, _) in ROLES {
            ring.add_by(role, 0, size, chance)?;
        }
        Ok(ring)
    }

    /// Stores the keys in the folder `dir`, which must be empty or not exist, sealed under what
    /// `unlock` holds; says whether it did: another process may have been first.
    ///
    /// # Errors
    /// [`KeysError::Io`], [`KeysError::Unlock`].
    pub fn store(&self, dir: &Path, unlock: &Unlock) -> Result<bool, KeysError> {
        Vault::create(dir, &self.center.0, unlock, &self.to_files()?)
    }

    /// The center's id.
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

    /// Makes the next key of a role, whose certificate shall retire those below
    /// `retires_below` (0: none), and gives its sequence. It waits for its certificate.
    ///
    /// # Errors
    /// [`KeysError::Refused`]: one waits already; [`KeysError::Crypto`].
    pub fn add(&mut self, role: Role, retires_below: u32, size: KeySize) -> Result<u32, KeysError> {
        self.add_by(role, retires_below, size, &SystemChance)
    }

    fn add_by(
        &mut self,
        role: Role,
        retires_below: u32,
        size: KeySize,
        chance: &dyn Chance,
    ) -> Result<u32, KeysError> {
        let of_role = || self.entries.iter().filter(|entry| entry.role == role);
        if let Some(waiting) = of_role().find(|entry| entry.certificate().is_none()) {
            return Err(KeysError::Refused(format!(
                "{} key {} waits for its certificate: install it first",
                role_name(role),
                waiting.sequence
            )));
        }
        let floor = of_role().filter_map(Entry::certificate).map(|c| c.body().retires_below).max();
        let retires_below = retires_below.max(floor.unwrap_or(0));
        if of_role().filter(|entry| entry.sequence >= retires_below).count() >= MAX_KEYS {
            return Err(KeysError::Refused(format!(
                "there are {MAX_KEYS} {} keys, as many as a card knows: retire the oldest first",
                role_name(role)
            )));
        }
        let last = of_role().map(|entry| entry.sequence).max();
        let sequence = last.map_or(FIRST_SEQUENCE, |last| last.saturating_add(1));
        let private = Some(Private::generate(role, size, chance)?);
        let state = State::Asked { retires_below };
        self.entries.push(Entry { role, sequence, private, state });
        Ok(sequence)
    }

    /// Has a root whose key is at hand certify all keys that wait.
    ///
    /// # Errors
    /// [`KeysError::Clock`], [`KeysError::Crypto`].
    pub fn certify_all(&mut self, issuer: &Issuer, now: u64) -> Result<(), KeysError> {
        let (holder_id, assurance) = (self.center.0, Assurance::Test);
        for entry in &mut self.entries {
            let (State::Asked { retires_below }, Some(private)) = (&entry.state, &entry.private)
            else {
                continue;
            };
            let (role, sequence) = (entry.role, entry.sequence);
            let subject = Subject { holder_id, role, assurance, sequence };
            let certificate =
                issuer.certify_retiring(private.public_key(), subject, *retires_below, now)?;
            entry.state = State::Certified(Box::new(certificate));
        }
        self.forget_retired();
        Ok(())
    }

    /// Forgets the private halves of retired signature keys: nothing needs them any more.
    /// Those of payment keys stay, for the payments that were made under them.
    pub(super) fn forget_retired(&mut self) {
        for (role, _) in ROLES.into_iter().filter(|(role, _)| *role != Role::Payment) {
            let floor = self.floor(role);
            for entry in &mut self.entries {
                if entry.role == role && entry.sequence < floor {
                    entry.private = None;
                }
            }
        }
    }

    /// The lowest sequence of a role that is not retired.
    pub fn floor(&self, role: Role) -> u32 {
        let of_role = self.entries.iter().filter(|entry| entry.role == role);
        of_role.filter_map(Entry::certificate).map(|c| c.body().retires_below).max().unwrap_or(0)
    }

    /// The certificates of all keys that have one.
    pub fn certificates(&self) -> impl Iterator<Item = &Certificate> {
        self.entries.iter().filter_map(Entry::certificate)
    }

    /// The highest sequence of a role that is certified; 0 where none is.
    pub fn newest(&self, role: Role) -> u32 {
        let certified = |entry: &&Entry| entry.role == role && entry.certificate().is_some();
        self.entries.iter().filter(certified).map(|entry| entry.sequence).max().unwrap_or(0)
    }

    /// The files in which the keys lie.
    pub(super) fn to_files(&self) -> Result<Files, KeysError> {
        let mut files = Files::new();
        for entry in &self.entries {
            let stem = entry.stem();
            if let Some(private) = &entry.private {
                files.insert(format!("{stem}.key"), private.to_pkcs8()?);
            }
            let (name, bytes) = match &entry.state {
                State::Certified(certificate) => (format!("{stem}.cvc"), certificate.to_bytes()),
                State::Asked { retires_below } => {
                    (format!("{stem}.asked"), retires_below.to_be_bytes().to_vec())
                }
            };
            files.insert(name, Zeroizing::new(bytes));
        }
        files.insert(ACCOUNTS.into(), Zeroizing::new(self.accounts.expose().to_vec()));
        files.insert(ROOT.into(), Zeroizing::new(self.root.to_bytes()));
        Ok(files)
    }

    /// Reads the files and checks that keys and certificates belong together; answers the name
    /// of a file that is damaged or another center's.
    pub(super) fn of_files(owner: Option<[u8; 16]>, files: &Files) -> Result<Self, String> {
        let accounts = files.get(ACCOUNTS).and_then(|bytes| Secret::try_from(&bytes[..]).ok());
        let accounts = accounts.ok_or(ACCOUNTS)?;
        let root = match files.get(ROOT) {
            Some(bytes) => PinnedRoot::from_bytes(bytes).ok(),
            None => test_root::pinned(),
        };
        let mut entries = Vec::new();
        for (name, bytes) in files.iter().filter(|(name, _)| *name != ACCOUNTS && *name != ROOT) {
            let Some((stem, "cvc" | "asked")) = name.rsplit_once('.') else { continue };
            entries.push(entry(files, stem, name, bytes)?);
        }
        let first = entries.iter().find_map(Entry::certificate).map(|c| c.body().holder_id);
        let center = owner.or(first).map(CenterId).ok_or(ACCOUNTS)?;
        for entry in &entries {
            if entry.certificate().is_some_and(|c| c.body().holder_id != center.0) {
                return Err(format!("{}.cvc", entry.stem()));
            }
        }
        Ok(Self { center, root: root.ok_or(ROOT)?, entries, accounts })
    }
}

/// One key out of its files, of which `name` holds `bytes`.
fn entry(files: &Files, stem: &str, name: &str, bytes: &[u8]) -> Result<Entry, String> {
    let damaged = || name.to_owned();
    let role_part = stem.split('-').next().unwrap_or_default();
    let (role, _) = ROLES.into_iter().find(|(_, name)| *name == role_part).ok_or_else(damaged)?;
    let state = match bytes.try_into() {
        Ok(floor) if name.ends_with(".asked") => {
            State::Asked { retires_below: u32::from_be_bytes(floor) }
        }
        _ => State::Certified(Box::new(Certificate::parse(bytes).map_err(|_| damaged())?)),
    };
    let number = || stem.rsplit_once('-').and_then(|(_, number)| number.parse().ok());
    let key_name = format!("{stem}.key");
    let private = files.get(&key_name);
    let private = private.map(|bytes| Private::parse(role, bytes).ok_or(key_name)).transpose()?;
    let sequence = match &state {
        State::Asked { .. } => number().filter(|_| private.is_some()).ok_or_else(damaged)?,
        State::Certified(certificate) => {
            let body = certificate.body();
            let fits = private.as_ref().is_none_or(|private| private.public_key() == body.key);
            let same =
                body.role == role && number().is_none_or(|number: u32| number == body.sequence);
            if !fits || !same {
                return Err(damaged());
            }
            body.sequence
        }
    };
    Ok(Entry { role, sequence, private, state })
}

/// What a role's keys are called.
pub fn role_name(role: Role) -> &'static str {
    ROLES.iter().find(|(known, _)| *known == role).map_or("other", |(_, name)| name)
}

/// The role whose keys are called so.
pub fn role_of(name: &str) -> Option<Role> {
    ROLES.iter().find(|(_, known)| *known == name).map(|(role, _)| *role)
}
