//! The data fields of the answers (§6), where they are not a signed structure.

use crate::apdu::{MAX_COMMAND_DATA, MAX_RESPONSE_DATA};
use crate::applet::{AID, INTERFACE_VERSION};
use crate::certificate::{Assurance, Role};
use crate::codec::{List, Malformed, Reader, Wire};
use crate::signed::PaymentOrder;
use crate::value::{Kind, ScopeKind, Unit};
use crate::{AccountId, CenterId, ContentId, Digest, codes, layout, tlv};
use alloc::vec::Vec;

codes! {
    /// The data objects that GET DATA reads by the low byte of their tag DFxx (§6.3).
    pub enum DataObject {
        /// The card's id, 16 bytes.
        CardId = 0x01,
        /// [`CardStatus`].
        Status = 0x02,
        /// [`crate::personalise::Limits`].
        Limits = 0x03,
        /// The issuer's pinned root: [`crate::personalise::PinnedRoot`].
        Root = 0x04,
        /// [`CenterKeys`]: the center certificates the card holds.
        CenterKeys = 0x05,
        /// [`ContentMemory`]: the size of memory 14.
        ContentMemory = 0x06,
    }
}

/// P1-P2 of GET DATA for the card's two certificates, signature key first (§6.3).
pub const CERTIFICATES: u16 = 0x7F21;

/// P1-P2 of GET DATA for the extended length information (ISO/IEC 7816-4 section 12.7.1).
pub const EXTENDED_LENGTH: u16 = 0x7F66;

codes! {
    /// The life cycle status byte (§2.3; ISO/IEC 7816-4 table 14).
    pub enum LifeCycle {
        /// Blank: no master key yet.
        Creation = 0x01,
        /// Being personalised.
        Initialisation = 0x03,
        /// In use.
        Activated = 0x05,
        /// Being closed: nothing works but what ends its life.
        Deactivated = 0x06,
        /// At its end; no master key any more.
        Terminated = 0x0C,
    }
}

codes! {
    /// How the memory outside the secure area is found at power-up (§2.4).
    pub enum MemoryState {
        /// Never initialised.
        Blank = 0,
        /// The one last committed.
        Good = 1,
        /// Nothing is there.
        Missing = 2,
        /// Something else is there: damaged, older, or another card's.
        Damaged = 3,
    }
}

codes! {
    /// Whether a card trusts itself (§6.3).
    pub enum Health {
        /// Its self-test passed, and its random source did not fail.
        Good = 0,
        /// Its self-test failed at power-up: it tells its state and does nothing else.
        SelfTestFailed = 1,
        /// Its random source failed since power-up: it does nothing that draws.
        RandomFailed = 2,
    }
}

layout! {
    /// What anybody may know of a card (§6.3).
    pub struct CardStatus {
        /// The life cycle.
        life_cycle: LifeCycle,
        /// The assurance class its certificates state.
        assurance: Assurance,
        /// The outside memory.
        memory: MemoryState,
        /// PIN tries left.
        pin_tries: u8,
        /// Licences held.
        licences: u16,
        /// Licences it can hold.
        max_licences: u16,
        /// Tokens in the outbox, and places reserved there.
        outbox: u8,
        /// Tokens the outbox can hold.
        max_outbox: u8,
        /// Centers known.
        centers: u8,
        /// Centers it can know.
        max_centers: u8,
        /// Whether it trusts itself.
        health: Health,
    }
}

layout! {
    /// The size of the content memory (§6.3), in bytes as they are sealed.
    pub struct ContentMemory {
        /// What it can hold.
        size_bytes: u64,
        /// What is taken by stored works, complete or not.
        used_bytes: u64,
    }
}

layout! {
    /// One certificate of a center on the card.
    pub struct CenterKey {
        /// The center.
        center: CenterId,
        /// What the key may do.
        role: Role,
        /// Its sequence number.
        sequence: u32,
    }
}

/// The center certificates a card holds.
pub type CenterKeys = List<CenterKey, 255>;

codes! {
    /// Where a licence stands (§8.3).
    pub enum LicenceStatus {
        /// Loaded; its price is not paid.
        Loaded = 1,
        /// Its price is on hold.
        Held = 2,
        /// Paid: a token was made, or none is needed.
        Paid = 3,
        /// Its hold became a payment; plaintext may have left.
        Released = 4,
        /// Refunded: it opens nothing any more.
        Refunded = 5,
    }
}

/// `uses_left` of a licence without a limit.
pub const UNLIMITED: u32 = u32::MAX;

layout! {
    /// A licence as the card holds it (§6.12); the answer to LOAD LICENCE, too.
    pub struct LicenceState {
        /// Its number.
        number: u64,
        /// Its identity.
        identity: Digest,
        /// The work.
        content: ContentId,
        /// The work's version.
        content_version: u32,
        /// Plaintext bytes of the work.
        total_bytes: u64,
        /// In which order paying and decrypting come.
        payment: PaymentOrder,
        /// Where it stands.
        status: LicenceStatus,
        /// Sessions left; [`UNLIMITED`].
        uses_left: u32,
        /// The counter of its token; 0 while there is none.
        token: u64,
        /// Whether that token was acknowledged.
        acknowledged: bool,
    }
}

/// The most licences one GET LICENCE lists; fewer means there are no more.
pub const LICENCES_PER_LIST: u8 = 64;

/// The answer to GET LICENCE with P1 = 01.
pub type Licences = List<LicenceState, LICENCES_PER_LIST>;

layout! {
    /// A token in the outbox (§6.16).
    pub struct OutboxEntry {
        /// The center it pays.
        center: CenterId,
        /// Its counter.
        counter: u64,
        /// The licence it pays.
        licence: u64,
    }
}

/// The answer to LIST OUTBOX.
pub type Outbox = List<OutboxEntry, 255>;

layout! {
    /// The answer to OPEN STREAM (§6.18).
    pub struct StreamOpened {
        /// The number of segments.
        segments: u64,
        /// Sessions left after this one; [`UNLIMITED`].
        uses_left: u32,
    }
}

layout! {
    /// A purse as the card holds it (§6.25).
    pub struct PurseState {
        /// Its number.
        purse: u32,
        /// Its kind.
        kind: Kind,
        /// Its unit.
        unit: Unit,
        /// What it may pay for.
        scope: ScopeKind,
        /// The shop or work; zero for any.
        scope_id: [u8; 16],
        /// The only amount it pays at once; 0 where it is divisible.
        face_amount: u64,
        /// The balance it may not exceed.
        max_balance: u64,
        /// The second after which it pays no more; 0 for never.
        not_after: u64,
        /// Its balance.
        balance: u64,
        /// What it has on hold.
        held: u64,
        /// The sequence of its last load.
        sequence: u64,
    }
}

layout! {
    /// The answer to GET BALANCE (§6.25).
    pub struct Balances {
        /// The account.
        account: AccountId,
        /// The number of the last event.
        counter: u64,
        /// The purses.
        purses: List<PurseState, 64>,
    }
}

layout! {
    /// A stored work (§6.23).
    pub struct ContentState {
        /// The center.
        center: CenterId,
        /// The licence's number.
        licence: u64,
        /// Whether it is stored as `Km{Ke[M]}` (procedure 2) and not as `Km[M]`.
        doubly: bool,
        /// Whether all segments are there.
        complete: bool,
        /// The number of segments.
        segments: u64,
    }
}

/// The most works one LIST CONTENTS lists; fewer means there are no more.
pub const CONTENTS_PER_LIST: u8 = 64;

/// The answer to LIST CONTENTS.
pub type Contents = List<ContentState, CONTENTS_PER_LIST>;

/// What SELECT says of the card (§6.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Selected {
    /// The interface's major version.
    pub version: u8,
    /// The life cycle.
    pub life_cycle: LifeCycle,
    /// The assurance class.
    pub assurance: Assurance,
    /// The most bytes of a command's data field.
    pub max_command_data: u16,
    /// The most bytes of an answer's data field.
    pub max_response_data: u16,
}

impl Selected {
    /// The state of a card of this crate's limits.
    pub fn new(life_cycle: LifeCycle, assurance: Assurance) -> Self {
        Self {
            version: INTERFACE_VERSION,
            life_cycle,
            assurance,
            max_command_data: MAX_COMMAND_DATA as u16,
            max_response_data: MAX_RESPONSE_DATA as u16,
        }
    }

    /// The FCI template (tag 6F).
    pub fn to_fci(self) -> Vec<u8> {
        let mut proprietary = tlv::object(0x80, &[self.version]);
        tlv::put(&mut proprietary, 0x81, &[self.life_cycle as u8]);
        tlv::put(&mut proprietary, 0x82, &[self.assurance as u8]);
        tlv::put(&mut proprietary, EXTENDED_LENGTH, &self.extended_length());
        let mut fci = tlv::object(0x84, &AID);
        tlv::put(&mut fci, 0xA5, &proprietary);
        tlv::object(0x6F, &fci)
    }

    /// The value of the extended length information (tag 7F66).
    pub fn extended_length(self) -> Vec<u8> {
        let mut out = tlv::object(0x02, &self.max_command_data.to_be_bytes());
        tlv::put(&mut out, 0x02, &self.max_response_data.to_be_bytes());
        out
    }

    /// Reads an FCI template; objects it does not know are passed over.
    pub fn from_fci(fci: &[u8]) -> Result<Self, Malformed> {
        let mut template = Reader::new(tlv::only(fci, 0x6F)?);
        if tlv::expect(&mut template, 0x84)? != AID {
            return Err(Malformed::Value);
        }
        let mut proprietary = Reader::new(tlv::expect(&mut template, 0xA5)?);
        let version = u8::from_bytes(tlv::expect(&mut proprietary, 0x80)?)?;
        let life_cycle = LifeCycle::from_bytes(tlv::expect(&mut proprietary, 0x81)?)?;
        let assurance = Assurance::from_bytes(tlv::expect(&mut proprietary, 0x82)?)?;
        let mut lengths = Reader::new(tlv::expect(&mut proprietary, EXTENDED_LENGTH)?);
        let max_command_data = u16::from_bytes(tlv::expect(&mut lengths, 0x02)?)?;
        let max_response_data = u16::from_bytes(tlv::expect(&mut lengths, 0x02)?)?;
        Ok(Self { version, life_cycle, assurance, max_command_data, max_response_data })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_select_says_comes_back() {
        let selected = Selected::new(LifeCycle::Activated, Assurance::Test);
        assert_eq!(Selected::from_fci(&selected.to_fci()), Ok(selected));
    }

    #[test]
    fn an_fci_of_another_application_is_refused() {
        let mut fci = Selected::new(LifeCycle::Activated, Assurance::Test).to_fci();
        fci[4] ^= 1;
        assert_eq!(Selected::from_fci(&fci), Err(Malformed::Value));
    }
}
