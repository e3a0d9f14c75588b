//! GET DATA (§6.3).

use saifu_wire::Status;
use saifu_wire::answer::{CERTIFICATES, DataObject, EXTENDED_LENGTH};

use super::Context;
use crate::platform::Platform;
use crate::refusal::Refusal;

/// What can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Object {
    /// Tag 7F21: the card's two certificates.
    Certificates,
    /// Tag 7F66: the extended length information.
    ExtendedLength,
    /// Tags DF01 to DF05.
    Of(DataObject),
}

impl Object {
    /// Finds the object of a tag.
    pub(super) fn find(tag: u16) -> Result<Self, Status> {
        let [high, low] = tag.to_be_bytes();
        match tag {
            CERTIFICATES => Ok(Self::Certificates),
            EXTENDED_LENGTH => Ok(Self::ExtendedLength),
            _ if high == 0xDF => DataObject::from_code(low).map(Self::Of).ok_or(Status::NotFound),
            _ => Err(Status::NotFound),
        }
    }
}

pub(super) fn act<P: Platform>(
    _object: Object,
    _context: &mut Context<'_, P>,
) -> Result<(), Refusal> {
    Err(Status::InsNotSupported.into())
}
