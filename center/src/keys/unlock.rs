//! What opens keys at rest: a passphrase or a key, from the environment.
//!
//! | variable (`NAME` is `SAIFU_CENTER` or `SAIFU_ISSUER`) | holds |
//! |---|---|
//! | `NAME_PASSPHRASE` | the passphrase, at least 8 bytes |
//! | `NAME_PASSPHRASE_FILE` | a file whose first line is the passphrase |
//! | `NAME_KEY` | a key: 64 hex digits, drawn at random |

use super::KeysError;
use crate::crypto::{Secret, random};
use argon2::{Algorithm, Argon2, Params, Version};
use serde::{Deserialize, Serialize};
use std::env;
use std::fs;
use std::path::Path;
use zeroize::Zeroizing;

/// The shortest passphrase that is taken, in bytes.
const MIN_PASSPHRASE_BYTES: usize = 8;

/// The most that a file may ask for, so that a damaged one takes no more.
const MAX_MEMORY_KIB: u32 = 1 << 20;
const MAX_PASSES: u32 = 16;
const MAX_LANES: u32 = 16;

/// What opens keys at rest.
#[derive(Clone, Default)]
pub enum Unlock {
    /// Nothing: only keys that lie plain can be had.
    #[default]
    Nothing,
    /// A passphrase, from which the key is derived.
    Passphrase(Zeroizing<String>),
    /// The key itself.
    Key(Secret<32>),
}

/// How the key of a folder is had.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "method", rename_all = "lowercase", deny_unknown_fields)]
pub(super) enum Seal {
    /// There is none: the files lie plain.
    Plain,
    /// Derived from a passphrase (RFC 9106).
    Argon2id {
        /// Memory in KiB.
        memory_kib: u32,
        /// Passes over it.
        passes: u32,
        /// Lanes.
        lanes: u32,
        /// Hex of 16 random bytes.
        salt: String,
    },
    /// Given as it is.
    Key,
}

impl Unlock {
    /// Reads the environment: variables that begin with `name`.
    ///
    /// # Errors
    /// [`KeysError::Unlock`]: more than one is set, or what is set cannot be used.
    pub fn from_env(name: &str) -> Result<Self, KeysError> {
        let read = |what: &str| env::var(format!("{name}_{what}")).ok().map(Zeroizing::new);
        let given = [read("PASSPHRASE"), read("PASSPHRASE_FILE"), read("KEY")];
        match given {
            [None, None, None] => Ok(Self::Nothing),
            [Some(passphrase), None, None] => Self::passphrase(&passphrase),
            [None, Some(file), None] => Self::passphrase_file(Path::new(file.as_str())),
            [None, None, Some(key)] => Self::key(&key),
            _ => Err(KeysError::Unlock(format!(
                "more than one of {name}_PASSPHRASE, {name}_PASSPHRASE_FILE and {name}_KEY is set: \
                 keep one"
            ))),
        }
    }

    /// A passphrase.
    ///
    /// # Errors
    /// [`KeysError::Unlock`]: it is too short.
    pub fn passphrase(text: &str) -> Result<Self, KeysError> {
        if text.len() < MIN_PASSPHRASE_BYTES {
            return Err(KeysError::Unlock(format!(
                "the passphrase has fewer than {MIN_PASSPHRASE_BYTES} bytes, so nothing is sealed \
                 under it: it is wrong, or take a longer one where it is to be a new one"
            )));
        }
        Ok(Self::Passphrase(Zeroizing::new(text.to_owned())))
    }

    /// The passphrase in the first line of a file.
    ///
    /// # Errors
    /// [`KeysError::Io`], [`KeysError::Unlock`].
    pub fn passphrase_file(file: &Path) -> Result<Self, KeysError> {
        let failed = |source| KeysError::Io { path: file.to_path_buf(), source };
        let text = fs::read_to_string(file).map(Zeroizing::new).map_err(failed)?;
        Self::passphrase(text.lines().next().unwrap_or_default())
    }

    /// A key of 64 hex digits.
    ///
    /// # Errors
    /// [`KeysError::Unlock`]: it is something else.
    pub fn key(digits: &str) -> Result<Self, KeysError> {
        let mut key = Secret::new([0; 32]);
        hex::decode_to_slice(digits.trim(), key.expose_mut()).map_err(|_| {
            KeysError::Unlock("the key is not 64 hex digits: draw 32 random bytes".into())
        })?;
        Ok(Self::Key(key))
    }

    /// Whether there is anything that opens.
    pub fn is_given(&self) -> bool {
        !matches!(self, Self::Nothing)
    }

    /// How new files are to be sealed.
    ///
    /// # Errors
    /// [`KeysError::Crypto`].
    pub(super) fn new_seal(&self) -> Result<Seal, KeysError> {
        Ok(match self {
            Self::Nothing => Seal::Plain,
            Self::Key(_) => Seal::Key,
            // RFC 9106, section 4, the second recommended option.
            Self::Passphrase(_) => Seal::Argon2id {
                memory_kib: 64 << 10,
                passes: 3,
                lanes: 4,
                salt: hex::encode(random::array::<16>()?),
            },
        })
    }

    /// The key of files that are sealed so; none where they lie plain.
    ///
    /// # Errors
    /// [`KeysError::Sealed`] where nothing or the other is given; [`KeysError::Unlock`] where
    /// the parameters are not to be followed.
    pub(super) fn open(&self, seal: &Seal) -> Result<Option<Secret<32>>, KeysError> {
        match (seal, self) {
            (Seal::Plain, _) => Ok(None),
            (Seal::Key, Self::Key(key)) => Ok(Some(key.clone())),
            (Seal::Argon2id { memory_kib, passes, lanes, salt }, Self::Passphrase(passphrase)) => {
                derive(passphrase, salt, (*memory_kib, *passes, *lanes)).map(Some)
            }
            (Seal::Key, _) => Err(KeysError::Sealed { under: "a key", set: "_KEY" }),
            (Seal::Argon2id { .. }, _) => {
                Err(KeysError::Sealed { under: "a passphrase", set: "_PASSPHRASE" })
            }
        }
    }
}

fn derive(
    passphrase: &str,
    salt: &str,
    (memory, passes, lanes): (u32, u32, u32),
) -> Result<Secret<32>, KeysError> {
    let unusable = || KeysError::Unlock("the parameters of the passphrase are damaged".into());
    let salt = hex::decode(salt).map_err(|_| unusable())?;
    if memory > MAX_MEMORY_KIB || passes > MAX_PASSES || lanes > MAX_LANES {
        return Err(unusable());
    }
    let params = Params::new(memory, passes, lanes, Some(32)).map_err(|_| unusable())?;
    let mut key = Secret::new([0; 32]);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(passphrase.as_bytes(), &salt, key.expose_mut())
        .map_err(|_| unusable())?;
    Ok(key)
}

impl core::fmt::Debug for Unlock {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::Nothing => "Unlock(nothing)",
            Self::Passphrase(_) => "Unlock(a passphrase)",
            Self::Key(_) => "Unlock(a key)",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn argon2id(memory_kib: u32, salt: &str) -> Seal {
        Seal::Argon2id { memory_kib, passes: 1, lanes: 1, salt: salt.into() }
    }

    #[test]
    fn a_passphrase_and_a_salt_give_one_key_and_others_give_others() {
        let open = |text: &str, salt| {
            Unlock::passphrase(text).unwrap().open(&argon2id(64, salt)).unwrap().unwrap()
        };
        let (one, other) = ("0102030405060708", "0102030405060709");
        assert_eq!(open("correct horse", one), open("correct horse", one));
        assert_ne!(open("correct horse", one), open("correct horses", one));
        assert_ne!(open("correct horse", one), open("correct horse", other));
    }

    #[test]
    fn what_cannot_be_used_is_refused() {
        assert!(Unlock::passphrase("7 bytes").is_err());
        assert!(Unlock::key(&"0".repeat(63)).is_err());
        let passphrase = Unlock::passphrase("correct horse").unwrap();
        for seal in [argon2id(2 << 20, "0102030405060708"), argon2id(64, "01"), argon2id(64, "x")] {
            assert!(matches!(passphrase.open(&seal), Err(KeysError::Unlock(_))), "{seal:?}");
        }
        assert!(matches!(passphrase.open(&Seal::Key), Err(KeysError::Sealed { .. })));
        let nothing = Unlock::Nothing.open(&argon2id(64, "0102030405060708"));
        assert!(matches!(nothing, Err(KeysError::Sealed { .. })));
    }

    #[test]
    fn it_does_not_print_what_it_holds() {
        let printed = format!("{:?}", Unlock::passphrase("correct horse").unwrap());
        assert_eq!(printed, "Unlock(a passphrase)");
    }
}
