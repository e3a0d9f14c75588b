//! Changes of a center's keys: each one step, while nobody uses them.

use super::ring::{Entry, Ring, State};
use super::vault::Vault;
use super::{Issuer, KeysError, Unlock, role_name};
use crate::crypto::rsa::KeySize;
use saifu_wire::certificate::{Certificate, Role};
use std::path::Path;

/// The keys in a folder, to be looked at or changed; nobody else uses them meanwhile.
#[derive(Debug)]
pub struct Change {
    vault: Vault,
    ring: Ring,
}

/// What is told of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyState {
    /// Its role.
    pub role: Role,
    /// Its sequence.
    pub sequence: u32,
    /// Where it stands.
    pub stage: Stage,
}

/// Where a key stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// It waits for its certificate.
    Waiting,
    /// The newest of its role: it signs, or is paid under.
    Current,
    /// It verifies what was signed, opens what was paid under it.
    Former,
    /// It verifies nothing any more.
    Retired,
}

impl Stage {
    /// One word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Current => "current",
            Self::Former => "former",
            Self::Retired => "retired",
        }
    }
}

impl Change {
    /// Opens the keys in `dir` to change them.
    ///
    /// # Errors
    /// As [`Keys::open`](super::Keys::open), but keys that wait for their certificates are no
    /// error; [`KeysError::InUse`] while anybody uses them.
    pub fn open(dir: &Path, unlock: &Unlock) -> Result<Self, KeysError> {
        Self::of(Vault::open_alone(dir, unlock)?)
    }

    /// Opens the keys in `dir` to look at them, beside others who use them.
    ///
    /// # Errors
    /// As [`Change::open`].
    pub fn look(dir: &Path, unlock: &Unlock) -> Result<Self, KeysError> {
        Self::of(Vault::open(dir, unlock)?)
    }

    fn of((vault, files): (Vault, super::vault::Files)) -> Result<Self, KeysError> {
        let ring = Ring::of_files(vault.owner(), &files)
            .map_err(|name| KeysError::Damaged { path: vault.path(&name) })?;
        Ok(Self { vault, ring })
    }

    /// The keys.
    pub fn ring(&self) -> &Ring {
        &self.ring
    }

    /// Whether they are encrypted in their folder.
    pub fn is_sealed(&self) -> bool {
        self.vault.is_sealed()
    }

    /// All keys, role by role, newest first.
    pub fn states(&self) -> Vec<KeyState> {
        let state = |entry: &Entry| {
            let (role, sequence) = (entry.role, entry.sequence);
            let stage = match &entry.state {
                State::Asked { .. } => Stage::Waiting,
                _ if sequence < self.ring.floor(role) => Stage::Retired,
                _ if sequence == self.ring.newest(role) => Stage::Current,
                _ => Stage::Former,
            };
            KeyState { role, sequence, stage }
        };
        let mut states: Vec<_> = self.ring.entries.iter().map(state).collect();
        states.sort_by_key(|state| (state.role as u8, core::cmp::Reverse(state.sequence)));
        states
    }

    /// Makes the next key of a role, whose certificate retires those below `retires_below` (0:
    /// none); a test center certifies it itself, any other asks its issuer. Gives its sequence.
    ///
    /// # Errors
    /// [`KeysError::Refused`], [`KeysError::Io`], [`KeysError::Crypto`], [`KeysError::Clock`].
    pub fn rotate(&mut self, role: Role, retires_below: u32, now: u64) -> Result<u32, KeysError> {
        let sequence = self.ring.add(role, retires_below, KeySize::default())?;
        if self.ring.is_test() {
            self.ring.certify_all(&Issuer::test()?, now)?;
        }
        self.save()?;
        Ok(sequence)
    }

    /// Takes certificates of keys that wait for them; one that is there already is passed over.
    /// Says how many are new.
    ///
    /// # Errors
    /// [`KeysError::Refused`]: one is not signed by the center's root, or for no key here; then
    /// none is taken.
    pub fn install(&mut self, certificates: Vec<Certificate>) -> Result<usize, KeysError> {
        let mut new = 0;
        for certificate in certificates {
            new += usize::from(self.ring.take(certificate)?);
        }
        self.ring.forget_retired();
        if new > 0 {
            self.save()?;
        }
        Ok(new)
    }

    /// Seals the keys under what `unlock` holds from now on.
    ///
    /// # Errors
    /// [`KeysError::Refused`] where nothing is given outside test mode.
    pub fn seal(mut self, unlock: &Unlock) -> Result<(), KeysError> {
        if !unlock.is_given() && !self.ring.is_test() {
            return Err(KeysError::Refused(
                "the keys of a center in production never lie plain: give a passphrase".into(),
            ));
        }
        self.vault.reseal(&self.ring.center.0, unlock)?;
        self.save()
    }

    fn save(&mut self) -> Result<(), KeysError> {
        self.vault.replace(&self.ring.to_files()?)
    }
}

impl Ring {
    /// Takes the certificate of a key; says whether it is new.
    fn take(&mut self, certificate: Certificate) -> Result<bool, KeysError> {
        let body = certificate.body().clone();
        let what = format!("the certificate of {} key {}", role_name(body.role), body.sequence);
        let refused = |why: &str| KeysError::Refused(format!("{what} {why}: nothing is installed"));
        let root = crate::crypto::ecdsa::VerifyingKey::from_point(&self.root.point)?;
        let signed = root.verify(certificate.signed(), certificate.signature());
        if body.authority != self.root.name || signed.is_err() {
            return Err(refused("is not signed by the root that this center was made for"));
        }
        if body.holder_id != self.center.0 {
            return Err(refused("is another center's"));
        }
        let fits = |entry: &&mut Entry| {
            let key = entry.private.as_ref().map(super::ring::Private::public_key);
            let known = entry.certificate().is_some_and(|known| *known == certificate);
            (entry.role, entry.sequence) == (body.role, body.sequence)
                && (known || key.as_ref() == Some(&body.key))
        };
        let Some(entry) = self.entries.iter_mut().find(fits) else {
            return Err(refused("is for no key of this center"));
        };
        match &entry.state {
            State::Certified(_) => Ok(false),
            State::Asked { retires_below } if *retires_below != body.retires_below => {
                Err(refused("retires other keys than was asked for"))
            }
            State::Asked { .. } => {
                entry.state = State::Certified(Box::new(certificate));
                Ok(true)
            }
        }
    }
}

#[cfg(test)]
#[path = "change_tests.rs"]
mod tests;
