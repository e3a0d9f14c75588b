//! The keys at rest: a folder with one file per key (PKCS#8, DER, mode 0600), one per
//! certificate, and one for the secret under which accounts are named (32 bytes, mode 0600).
//!
//! The folder appears whole or not at all: it is written under another name beside its
//! place, flushed, and renamed. [`read`] and [`write`] are the only two functions that see
//! a key file's bytes; encryption at rest belongs there.

use super::{Keys, KeysError, PaymentKey, RoleKey};
use crate::crypto::ecdsa::SigningKey;
use crate::crypto::{Secret, rsa};
use saifu_wire::CenterId;
use saifu_wire::certificate::{Certificate, PublicKey, Role};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// Whether there is anything in the folder `dir`.
pub(super) fn any(dir: &Path) -> Result<bool, KeysError> {
    match fs::read_dir(dir) {
        Ok(mut entries) => Ok(entries.next().is_some()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(source) => Err(KeysError::Io { path: dir.to_path_buf(), source }),
    }
}

/// Stores `keys`, unless somebody else has stored keys there first; gives those there are.
pub(super) fn store(keys: Keys, dir: &Path) -> Result<Keys, KeysError> {
    let failed = |source| KeysError::Io { path: dir.to_path_buf(), source };
    let parent = match dir.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    fs::create_dir_all(parent).map_err(failed)?;
    let mut scratch = tempfile::Builder::new();
    scratch.prefix(".keys-").permissions(fs::Permissions::from_mode(0o700));
    let scratch = scratch.tempdir_in(parent).map_err(failed)?;
    write_all(&keys, scratch.path())?;
    sync(scratch.path()).map_err(failed)?;
    match fs::rename(scratch.path(), dir) {
        Ok(()) => {
            // What was the scratch folder is now the key folder, and stays.
            let _ = scratch.keep();
            sync(parent).map_err(failed)?;
            Ok(keys)
        }
        Err(_) if any(dir)? => load(dir),
        Err(source) => Err(failed(source)),
    }
}

/// Loads the keys and checks that they and their certificates belong together.
pub(super) fn load(dir: &Path) -> Result<Keys, KeysError> {
    let licence = load_role_key(dir, &LICENCE)?;
    let keys = Keys {
        center: CenterId(licence.certificate.body().holder_id),
        licence,
        credit: load_role_key(dir, &CREDIT)?,
        receipt: load_role_key(dir, &RECEIPT)?,
        payment: load_payment_key(dir)?,
        accounts: load_accounts_secret(dir)?,
    };
    for (slot, certificate) in SLOTS.iter().zip(keys.certificates()) {
        if certificate.body().holder_id != keys.center.0 {
            return Err(damaged(slot.certificate(dir)));
        }
    }
    Ok(keys)
}

/// Where a key and its certificate lie.
struct Slot {
    role: Role,
    stem: &'static str,
}

const LICENCE: Slot = Slot { role: Role::Licence, stem: "licence" };
const CREDIT: Slot = Slot { role: Role::Credit, stem: "credit" };
const RECEIPT: Slot = Slot { role: Role::Receipt, stem: "receipt" };
const PAYMENT: Slot = Slot { role: Role::Payment, stem: "payment" };

/// The file of the secret under which accounts are named.
const ACCOUNTS: &str = "accounts.key";

/// In the order of [`Keys::certificates`].
const SLOTS: [Slot; 4] = [LICENCE, CREDIT, RECEIPT, PAYMENT];

impl Slot {
    fn key(&self, dir: &Path) -> PathBuf {
        dir.join(format!("{}.key", self.stem))
    }

    fn certificate(&self, dir: &Path) -> PathBuf {
        dir.join(format!("{}.cvc", self.stem))
    }
}

fn load_role_key(dir: &Path, slot: &Slot) -> Result<RoleKey, KeysError> {
    let path = slot.key(dir);
    let key = SigningKey::from_pkcs8(&read(&path)?).map_err(|_| damaged(path))?;
    let certificate = load_certificate(dir, slot, &key.public_key())?;
    Ok(RoleKey::new(key, certificate)?)
}

fn load_payment_key(dir: &Path) -> Result<PaymentKey, KeysError> {
    let path = PAYMENT.key(dir);
    let key = rsa::PrivateKey::from_pkcs8(&read(&path)?).map_err(|_| damaged(path))?;
    let certificate = load_certificate(dir, &PAYMENT, key.public_key())?;
    Ok(PaymentKey::new(key, certificate))
}

fn load_accounts_secret(dir: &Path) -> Result<Secret<32>, KeysError> {
    let path = dir.join(ACCOUNTS);
    Secret::try_from(read(&path)?.as_slice()).map_err(|_| damaged(path))
}

fn load_certificate(dir: &Path, slot: &Slot, key: &PublicKey) -> Result<Certificate, KeysError> {
    let path = slot.certificate(dir);
    let certificate = Certificate::parse(&read(&path)?).ok();
    let fits = |found: &Certificate| found.body().role == slot.role && found.body().key == *key;
    certificate.filter(fits).ok_or_else(|| damaged(path))
}

fn write_all(keys: &Keys, dir: &Path) -> Result<(), KeysError> {
    for (slot, key) in [(LICENCE, &keys.licence), (CREDIT, &keys.credit), (RECEIPT, &keys.receipt)]
    {
        write(&slot.key(dir), &key.key.to_pkcs8()?)?;
    }
    write(&PAYMENT.key(dir), keys.payment.private_key().to_pkcs8())?;
    write(&dir.join(ACCOUNTS), keys.accounts.expose())?;
    for (slot, certificate) in SLOTS.iter().zip(keys.certificates()) {
        write(&slot.certificate(dir), &certificate.to_bytes())?;
    }
    Ok(())
}

fn read(path: &Path) -> Result<Zeroizing<Vec<u8>>, KeysError> {
    let bytes = fs::read(path);
    bytes.map(Zeroizing::new).map_err(|source| KeysError::Io { path: path.to_path_buf(), source })
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), KeysError> {
    let written = || {
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
        file.write_all(bytes)?;
        file.sync_all()
    };
    written().map_err(|source| KeysError::Io { path: path.to_path_buf(), source })
}

fn sync(dir: &Path) -> io::Result<()> {
    File::open(dir)?.sync_all()
}

fn damaged(path: PathBuf) -> KeysError {
    KeysError::Damaged { path }
}
