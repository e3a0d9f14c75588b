//! Why keys cannot be had or changed.

use crate::crypto::CryptoError;
use std::path::PathBuf;

/// Why the center's keys cannot be had.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeysError {
    /// The folder or a file in it cannot be read or written.
    #[error(
        "the keys in {path} cannot be read or written ({source}): check the disk and the permissions"
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
    #[error("the keys could not be made: {0}")]
    Crypto(#[from] CryptoError),
    /// The time is outside 2000 to 2099, the years that certificates know.
    #[error("the clock says a year outside 2000 to 2099: set it right")]
    Clock,
    /// The keys are sealed, and what opens them is not given.
    #[error(
        "the keys are sealed under {under}: give it in the environment, in the variable that ends \
         in {set} (`--help` names it)"
    )]
    Sealed {
        /// A passphrase or a key.
        under: &'static str,
        /// The end of the variable's name.
        set: &'static str,
    },
    /// The passphrase or key is not the one under which the keys are sealed.
    #[error("the passphrase or key does not open these keys: give the one they were sealed under")]
    Wrong,
    /// What is given to open keys cannot be used.
    #[error("{0}")]
    Unlock(String),
    /// Somebody uses the keys that are to be changed, or changes those that are to be used.
    #[error(
        "the keys in {path} are in use: end the program that uses them (is the center being \
         served?), change them, and start it again"
    )]
    InUse {
        /// The folder.
        path: PathBuf,
    },
    /// A production center's certificates are not installed yet.
    #[error(
        "the center's {role} key is not certified: send the file of `saifu-center keys request` to \
         the issuer, and install the answer with `saifu-center keys install`"
    )]
    NotCertified {
        /// The first role without certificate.
        role: &'static str,
    },
    /// It would break something, or cannot be.
    #[error("{0}")]
    Refused(String),
}
