//! What the records hold, one file for each subject.
//!
//! A record is stored as its layout (§3.1). Secrets in it are types that wipe themselves.

mod card;
mod center;
mod content;
mod keys;
mod licence;
mod money;
mod used_numbers;

pub use card::{CardRecord, ClosingRecord, PinRecord};
pub use center::{CenterKeyRecord, CenterRecord, RetiresBelow};
pub use content::ContentRecord;
pub use keys::{ContentKeyRecord, DoubleKeyRecord, SecretKeyRecord};
pub use licence::LicenceRecord;
pub use money::{
    AccountRecord, HoldRecord, OutboxRecord, PurseRecord, SettledRecord, SpendingRecord,
};
pub use used_numbers::{UsedNumbers, WINDOW_NUMBERS};

use saifu_wire::Wire;

use super::Key;

/// A record, and the names it can have.
pub trait Record: Wire {
    /// Says whether `key` names a record of this type.
    fn is_named(key: &Key) -> bool;
}

/// Declares which keys name which records.
macro_rules! named {
    ($($record:ident by $pattern:pat),* $(,)?) => {$(
        impl Record for $record {
            fn is_named(key: &Key) -> bool {
                matches!(key, $pattern)
            }
        }
    )*};
}

named! {
    CardRecord by Key::Card,
    PinRecord by Key::Pin,
    SpendingRecord by Key::Spending,
    ClosingRecord by Key::Closing,
    SecretKeyRecord by Key::SecretKey(_),
    CenterRecord by Key::Center(_),
    CenterKeyRecord by Key::CenterKey(..),
    AccountRecord by Key::Account(_),
    PurseRecord by Key::Purse(..),
    LicenceRecord by Key::Licence(..),
    ContentKeyRecord by Key::ContentKey(..),
    HoldRecord by Key::Hold(..),
    DoubleKeyRecord by Key::DoubleKey(..),
    ContentRecord by Key::Content(..),
    OutboxRecord by Key::Outbox(..),
    SettledRecord by Key::Settled(..),
}
