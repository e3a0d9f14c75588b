//! The secure area (17): the only place where the master key is, and the only door to 13 to 16.
//!
//! - [`master_key`] (11): `Km`, from which every sealing key is derived
//! - [`seal`] (12): what leaves the secure area leaves sealed, as a type
//! - [`key_unwrap`] (9): a content key out of a genuine licence
//! - [`content_cipher`] (10): the works themselves
//! - [`area`]: the one small record that the area itself keeps, in two slots written in turn

pub mod area;
pub mod content_cipher;
pub mod key_unwrap;
pub mod master_key;
pub mod seal;

pub use area::{Area, MAX_PIN_TRIES, State, manufacture};
pub use content_cipher::ContentCipher;
pub use key_unwrap::{Genuine, WrappedKey};
pub use master_key::MasterKey;
pub use seal::{Form, Memory, Seal, Sealed, TAG_BYTES};
