//! The keys of an issuer at rest: root and administration, sealed (§7, §12).

use super::vault::{Files, Vault};
use super::{Issuer, KeysError, Subject, Unlock};
use crate::crypto::ecdsa::SigningKey;
use crate::crypto::random;
use saifu_wire::certificate::{Assurance, Certificate, Name, Role};
use std::fs::File;
use std::path::Path;
use zeroize::Zeroizing;

const ROOT: &str = "root.key";
const NAME: &str = "name";
const ADMINISTRATION: &str = "administration-1.key";
const CERTIFICATE: &str = "administration-1.cvc";
const ADMINISTRATION_SEQUENCE: u32 = 1;

/// The keys of an issuer. While they are there, nobody else uses their folder.
#[derive(Debug)]
pub(crate) struct AuthorityKeys {
    pub(crate) issuer: Issuer,
    pub(crate) administration: SigningKey,
    pub(crate) administration_certificate: Certificate,
    _alone: File,
}

/// Makes the keys of an issuer in the folder `dir`; says whether it did: there may be some.
pub(crate) fn make(dir: &Path, name: Name, unlock: &Unlock, now: u64) -> Result<bool, KeysError> {
    let (root, administration) = (SigningKey::generate()?, SigningKey::generate()?);
    let holder_id = random::array()?;
    let root_bytes = root.to_pkcs8()?;
    let subject = Subject {
        holder_id,
        role: Role::Administration,
        assurance: Assurance::Hardware,
        sequence: ADMINISTRATION_SEQUENCE,
    };
    let issuer = Issuer::new(name, root);
    let certificate = issuer.certify(administration.public_key(), subject, now)?;
    let files = Files::from([
        (ROOT.into(), root_bytes),
        (NAME.into(), Zeroizing::new(name.as_bytes().to_vec())),
        (ADMINISTRATION.into(), administration.to_pkcs8()?),
        (CERTIFICATE.into(), Zeroizing::new(certificate.to_bytes())),
    ]);
    Vault::create(dir, &holder_id, unlock, &files)
}

/// Opens the keys in the folder `dir`.
pub(crate) fn open(dir: &Path, unlock: &Unlock) -> Result<AuthorityKeys, KeysError> {
    let (vault, files) = Vault::open_alone(dir, unlock)?;
    let file = |name: &str| files.get(name).map(|bytes| &bytes[..]).unwrap_or_default();
    let damaged = |name: &str| KeysError::Damaged { path: vault.path(name) };
    let key = |name| SigningKey::from_pkcs8(file(name)).map_err(|_| damaged(name));
    let name = Name::new(file(NAME)).map_err(|_| damaged(NAME))?;
    let (issuer, administration) = (Issuer::new(name, key(ROOT)?), key(ADMINISTRATION)?);
    let certificate = Certificate::parse(file(CERTIFICATE)).map_err(|_| damaged(CERTIFICATE))?;
    if certificate.body().key != administration.public_key() {
        return Err(damaged(CERTIFICATE));
    }
    Ok(AuthorityKeys {
        issuer,
        administration,
        administration_certificate: certificate,
        _alone: vault.into_lock(),
    })
}

/// Seals the keys in the folder `dir` under what `new` holds from now on.
///
/// # Errors
/// [`KeysError::Refused`] where nothing is given.
pub(crate) fn reseal(dir: &Path, unlock: &Unlock, new: &Unlock) -> Result<(), KeysError> {
    if !new.is_given() {
        return Err(KeysError::Refused("an issuer's keys never lie plain".into()));
    }
    let (mut vault, files) = Vault::open_alone(dir, unlock)?;
    let owner = vault.owner().ok_or(KeysError::Wrong)?;
    vault.reseal(&owner, new)?;
    vault.replace(&files)
}
