//! Why a command failed (CCID 1.1, table 6.2-2), as its answer's `bError` says it.

/// A value of `bError`.
///
/// 1 to 127 name the byte of the message that is wrong by its offset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct SlotError(pub(super) u8);

impl SlotError {
    /// The reader does not know the command.
    pub(super) const NOT_SUPPORTED: Self = Self(0);
    /// `dwLength`.
    pub(super) const LENGTH: Self = Self(1);
    /// `bSlot`.
    pub(super) const SLOT: Self = Self(5);
    /// The first byte that depends on the command: `bPowerSelect`, `bProtocolNum`.
    pub(super) const FIRST: Self = Self(7);
    /// `wLevelParameter`.
    pub(super) const LEVEL: Self = Self(8);
    /// The first byte of the data.
    pub(super) const DATA: Self = Self(10);
    /// The card's protocols: T=1 with LRC is not the first.
    pub(super) const PROTOCOL_NOT_SUPPORTED: Self = Self(0xF6);
    /// The ATR's check byte.
    pub(super) const BAD_ATR_TCK: Self = Self(0xF7);
    /// The ATR's first byte.
    pub(super) const BAD_ATR_TS: Self = Self(0xF8);
    /// There is no card, it has no power, or it says nothing.
    pub(super) const ICC_MUTE: Self = Self(0xFE);
}
