//! The names of records: what a record is about.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use saifu_wire::certificate::Role;
use saifu_wire::{CenterId, Malformed, Wire, codec::Reader};

use crate::platform::Form;

/// Names a record; ordered by kind, then center, then number.
///
/// Each kind has a number of its own in the stored form, for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Key {
    /// [`super::records::CardRecord`].
    Card,
    /// [`super::records::PinRecord`].
    Pin,
    /// [`super::records::SpendingRecord`].
    Spending,
    /// [`super::records::ClosingRecord`].
    Closing,
    /// [`super::records::SecretKeyRecord`]; the number is P2 of §14.4.
    SecretKey(u8),
    /// [`super::records::CenterRecord`].
    Center(CenterId),
    /// [`super::records::CenterKeyRecord`], by role and sequence.
    CenterKey(CenterId, Role, u32),
    /// [`super::records::AccountRecord`].
    Account(CenterId),
    /// [`super::records::PurseRecord`], by its number.
    Purse(CenterId, u32),
    /// [`super::records::LicenceRecord`], by its number.
    Licence(CenterId, u64),
    /// [`super::records::ContentKeyRecord`], by its licence's number.
    ContentKey(CenterId, u64),
    /// [`super::records::HoldRecord`], by its licence's number.
    Hold(CenterId, u64),
    /// [`super::records::DoubleKeyRecord`], by its licence's number.
    DoubleKey(CenterId, u64),
    /// [`super::records::ContentRecord`], by its licence's number, and whether it is stored as
    /// it came.
    Content(CenterId, u64, bool),
    /// [`super::records::OutboxRecord`], by its token's counter.
    Outbox(CenterId, u64),
    /// [`super::records::SettledRecord`], by its token's counter.
    Settled(CenterId, u64),
}

const FIRST: CenterId = CenterId::ZERO;
const LAST: CenterId = CenterId([0xFF; CenterId::LENGTH]);

impl Key {
    /// Spans the centers the card knows.
    #[must_use]
    pub const fn centers() -> RangeInclusive<Self> {
        Self::Center(FIRST)..=Self::Center(LAST)
    }

    /// Spans the keys of all centers.
    #[must_use]
    pub const fn center_keys() -> RangeInclusive<Self> {
        Self::CenterKey(FIRST, Role::Issuer, 0)
            ..=Self::CenterKey(LAST, Role::CardEncryption, u32::MAX)
    }

    /// Spans the keys of one center.
    #[must_use]
    pub const fn keys_of(center: CenterId) -> RangeInclusive<Self> {
        Self::CenterKey(center, Role::Issuer, 0)
            ..=Self::CenterKey(center, Role::CardEncryption, u32::MAX)
    }

    /// Spans the accounts, one for each center that has one.
    #[must_use]
    pub const fn accounts() -> RangeInclusive<Self> {
        Self::Account(FIRST)..=Self::Account(LAST)
    }

    /// Spans the purses of one center.
    #[must_use]
    pub const fn purses_of(center: CenterId) -> RangeInclusive<Self> {
        Self::Purse(center, 0)..=Self::Purse(center, u32::MAX)
    }

    /// Spans the licences of all centers.
    #[must_use]
    pub const fn licences() -> RangeInclusive<Self> {
        Self::Licence(FIRST, 0)..=Self::Licence(LAST, u64::MAX)
    }

    /// Spans the licences of one center, from this number on.
    #[must_use]
    pub const fn licences_from(center: CenterId, number: u64) -> RangeInclusive<Self> {
        Self::Licence(center, number)..=Self::Licence(center, u64::MAX)
    }

    /// Spans the outbox.
    #[must_use]
    pub const fn outbox() -> RangeInclusive<Self> {
        Self::Outbox(FIRST, 0)..=Self::Outbox(LAST, u64::MAX)
    }

    /// Spans the tokens in the outbox that are for one center.
    #[must_use]
    pub const fn outbox_of(center: CenterId) -> RangeInclusive<Self> {
        Self::Outbox(center, 0)..=Self::Outbox(center, u64::MAX)
    }

    /// Spans the holds of all centers.
    #[must_use]
    pub const fn holds() -> RangeInclusive<Self> {
        Self::Hold(FIRST, 0)..=Self::Hold(LAST, u64::MAX)
    }

    /// Spans the holds of one center.
    #[must_use]
    pub const fn holds_of(center: CenterId) -> RangeInclusive<Self> {
        Self::Hold(center, 0)..=Self::Hold(center, u64::MAX)
    }

    /// Spans the stored works of all centers.
    #[must_use]
    pub const fn contents() -> RangeInclusive<Self> {
        Self::Content(FIRST, 0, false)..=Self::Content(LAST, u64::MAX, true)
    }

    /// Spans the stored works of one center, from this licence on.
    #[must_use]
    pub const fn contents_from(center: CenterId, number: u64) -> RangeInclusive<Self> {
        Self::Content(center, number, false)..=Self::Content(center, u64::MAX, true)
    }

    /// Gives the form in which the record is sealed, and with it the memory that holds it.
    #[must_use]
    pub const fn form(&self) -> Form {
        match self {
            Self::Card
            | Self::Pin
            | Self::Closing
            | Self::Center(_)
            | Self::CenterKey(..)
            | Self::Licence(..)
            | Self::Content(..) => Form::Register,
            Self::Spending
            | Self::Account(_)
            | Self::Purse(..)
            | Self::Hold(..)
            | Self::Outbox(..)
            | Self::Settled(..) => Form::Money,
            Self::ContentKey(..) => Form::Key,
            Self::DoubleKey(..) => Form::DoubleKey,
            Self::SecretKey(_) => Form::SecretKey,
        }
    }
}

const CARD: u8 = 0x01;
const PIN: u8 = 0x02;
const SPENDING: u8 = 0x03;
const SECRET_KEY: u8 = 0x04;
const CLOSING: u8 = 0x05;
const CENTER: u8 = 0x10;
const CENTER_KEY: u8 = 0x11;
const ACCOUNT: u8 = 0x12;
const PURSE: u8 = 0x13;
const LICENCE: u8 = 0x20;
const CONTENT_KEY: u8 = 0x21;
const HOLD: u8 = 0x22;
const DOUBLE_KEY: u8 = 0x23;
const CONTENT: u8 = 0x24;
const OUTBOX: u8 = 0x30;
const SETTLED: u8 = 0x31;

impl Wire for Key {
    fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Card => CARD.write(out),
            Self::Pin => PIN.write(out),
            Self::Spending => SPENDING.write(out),
            Self::Closing => CLOSING.write(out),
            Self::SecretKey(number) => put(out, SECRET_KEY, number),
            Self::Center(center) => put(out, CENTER, center),
            Self::CenterKey(center, role, sequence) => {
                put(out, CENTER_KEY, center);
                role.write(out);
                sequence.write(out);
            }
            Self::Account(center) => put(out, ACCOUNT, center),
            Self::Purse(center, number) => put_numbered(out, PURSE, center, number),
            Self::Licence(center, number) => put_numbered(out, LICENCE, center, number),
            Self::ContentKey(center, number) => put_numbered(out, CONTENT_KEY, center, number),
            Self::Hold(center, number) => put_numbered(out, HOLD, center, number),
            Self::DoubleKey(center, number) => put_numbered(out, DOUBLE_KEY, center, number),
            Self::Content(center, number, doubly) => {
                put_numbered(out, CONTENT, center, number);
                doubly.write(out);
            }
            Self::Outbox(center, counter) => put_numbered(out, OUTBOX, center, counter),
            Self::Settled(center, counter) => put_numbered(out, SETTLED, center, counter),
        }
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(match u8::read(reader)? {
            CARD => Self::Card,
            PIN => Self::Pin,
            SPENDING => Self::Spending,
            CLOSING => Self::Closing,
            SECRET_KEY => Self::SecretKey(Wire::read(reader)?),
            CENTER => Self::Center(Wire::read(reader)?),
            CENTER_KEY => {
                Self::CenterKey(Wire::read(reader)?, Wire::read(reader)?, Wire::read(reader)?)
            }
            ACCOUNT => Self::Account(Wire::read(reader)?),
            PURSE => Self::Purse(Wire::read(reader)?, Wire::read(reader)?),
            LICENCE => Self::Licence(Wire::read(reader)?, Wire::read(reader)?),
            CONTENT_KEY => Self::ContentKey(Wire::read(reader)?, Wire::read(reader)?),
            HOLD => Self::Hold(Wire::read(reader)?, Wire::read(reader)?),
            DOUBLE_KEY => Self::DoubleKey(Wire::read(reader)?, Wire::read(reader)?),
            CONTENT => Self::Content(Wire::read(reader)?, Wire::read(reader)?, Wire::read(reader)?),
            OUTBOX => Self::Outbox(Wire::read(reader)?, Wire::read(reader)?),
            SETTLED => Self::Settled(Wire::read(reader)?, Wire::read(reader)?),
            _ => return Err(Malformed::Value),
        })
    }
}

fn put(out: &mut Vec<u8>, code: u8, subject: &impl Wire) {
    code.write(out);
    subject.write(out);
}

fn put_numbered(out: &mut Vec<u8>, code: u8, center: &CenterId, number: &impl Wire) {
    put(out, code, center);
    number.write(out);
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    const CENTER_ID: CenterId = CenterId([5; 16]);

    fn one_of_each() -> Vec<Key> {
        vec![
            Key::Card,
            Key::Pin,
            Key::Spending,
            Key::Closing,
            Key::SecretKey(1),
            Key::Center(CENTER_ID),
            Key::CenterKey(CENTER_ID, Role::Credit, 7),
            Key::Account(CENTER_ID),
            Key::Purse(CENTER_ID, 7),
            Key::Licence(CENTER_ID, 7),
            Key::ContentKey(CENTER_ID, 7),
            Key::Hold(CENTER_ID, 7),
            Key::DoubleKey(CENTER_ID, 7),
            Key::Content(CENTER_ID, 7, true),
            Key::Outbox(CENTER_ID, 7),
            Key::Settled(CENTER_ID, 7),
        ]
    }

    #[test]
    fn every_key_comes_back_and_keeps_its_stored_number() {
        let codes: Vec<u8> = one_of_each().iter().map(|key| key.to_bytes()[0]).collect();
        let stored = [
            0x01, 0x02, 0x03, 0x05, 0x04, 0x10, 0x11, 0x12, 0x13, 0x20, 0x21, 0x22, 0x23, 0x24,
            0x30, 0x31,
        ];
        assert_eq!(codes, stored);
        for key in one_of_each() {
            assert_eq!(Key::from_bytes(&key.to_bytes()), Ok(key));
        }
    }

    #[test]
    fn an_unknown_kind_is_refused() {
        assert_eq!(Key::from_bytes(&[0x06]), Err(Malformed::Value));
        assert_eq!(Key::from_bytes(&[]), Err(Malformed::Short));
    }

    #[test]
    fn a_span_holds_its_kind_and_center_and_nothing_else() {
        let spans = [
            Key::centers(),
            Key::accounts(),
            Key::purses_of(CENTER_ID),
            Key::licences_from(CENTER_ID, 7),
            Key::holds(),
            Key::holds_of(CENTER_ID),
            Key::contents(),
            Key::contents_from(CENTER_ID, 7),
        ];
        for span in spans {
            assert_eq!(one_of_each().iter().filter(|key| span.contains(key)).count(), 1);
        }
        assert!(!Key::licences_from(CENTER_ID, 8).contains(&Key::Licence(CENTER_ID, 7)));
        assert!(!Key::purses_of(FIRST).contains(&Key::Purse(CENTER_ID, 7)));
        assert!(Key::licences().contains(&Key::Licence(LAST, 7)));
        assert!(Key::center_keys().contains(&Key::CenterKey(LAST, Role::Credit, 7)));
    }
}
