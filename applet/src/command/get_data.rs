//! GET DATA (§6.3): what anybody may know of the card.

use saifu_wire::answer::{
    CERTIFICATES, CardStatus, CenterKey, CenterKeys, ContentMemory, DataObject, EXTENDED_LENGTH,
    Selected,
};
use saifu_wire::answer::{LifeCycle, MemoryState};
use saifu_wire::{Status, Wire};

use super::{Context, payment};
use crate::memory::records::CardRecord;
use crate::memory::{Key, MAX_CENTERS, MAX_LICENCES, MAX_OUTBOX, Store, StoreError};
use crate::platform::Platform;
use crate::refusal::Refusal;

/// What can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Object {
    /// Tag 7F21: the card's two certificates.
    Certificates,
    /// Tag 7F66: the extended length information.
    ExtendedLength,
    /// Tags DF01 to DF06.
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
    object: Object,
    context: &mut Context<'_, P>,
) -> Result<(), Refusal> {
    let Context { store, answer, .. } = context;
    match object {
        Object::ExtendedLength => {
            let selected = Selected::new(store.life_cycle(), store.manufacture().assurance);
            answer.extend_from_slice(&selected.extended_length());
        }
        Object::Certificates => {
            let card = personalised(store)?;
            answer.extend_from_slice(&card.signature_certificate.0);
            answer.extend_from_slice(&card.encryption_certificate.0);
        }
        Object::Of(DataObject::CardId) => store.card().write(answer),
        Object::Of(DataObject::Status) => status(store).write(answer),
        Object::Of(DataObject::Limits) => personalised(store)?.limits.write(answer),
        Object::Of(DataObject::Root) => personalised(store)?.root.write(answer),
        Object::Of(DataObject::CenterKeys) => center_keys(store)?.write(answer),
        Object::Of(DataObject::ContentMemory) => content_memory(store)?.write(answer),
    }
    Ok(())
}

/// What STORE DATA brought; 6A88 before it did.
fn personalised<P: Platform>(store: &Store<P>) -> Result<CardRecord, Refusal> {
    check_memory(store)?;
    Ok(store.get(&Key::Card)?.ok_or(Status::NotFound)?)
}

fn check_memory<P: Platform>(store: &Store<P>) -> Result<(), Refusal> {
    match store.memory() {
        MemoryState::Good => Ok(()),
        MemoryState::Blank => Err(Status::NotFound.into()),
        MemoryState::Missing | MemoryState::Damaged => Err(StoreError::Memory.into()),
    }
}

fn content_memory<P: Platform>(store: &Store<P>) -> Result<ContentMemory, Refusal> {
    check_memory(store)?;
    let size_bytes = store.manufacture().content_bytes;
    Ok(ContentMemory { size_bytes, used_bytes: store.content_used_bytes()? })
}

fn center_keys<P: Platform>(store: &Store<P>) -> Result<CenterKeys, Refusal> {
    check_memory(store)?;
    let mut keys = CenterKeys::default();
    for key in store.keys(Key::center_keys()) {
        if let Key::CenterKey(center, role, sequence) = key {
            keys.0.push(CenterKey { center, role, sequence });
        }
    }
    Ok(keys)
}

fn status<P: Platform>(store: &Store<P>) -> CardStatus {
    let count = |range| store.count(&range);
    let life_cycle = store.life_cycle();
    CardStatus {
        life_cycle,
        assurance: store.manufacture().assurance,
        memory: store.memory(),
        pin_tries: if life_cycle == LifeCycle::Terminated { 0 } else { store.pin_tries() },
        licences: u16::try_from(count(Key::licences())).unwrap_or(u16::MAX),
        max_licences: MAX_LICENCES,
        outbox: u8::try_from(payment::outbox_used(store)).unwrap_or(u8::MAX),
        max_outbox: MAX_OUTBOX,
        centers: u8::try_from(count(Key::centers())).unwrap_or(u8::MAX),
        max_centers: MAX_CENTERS,
        health: store.health(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_kit::{LIMITS, TestCard, TestCenter};
    use alloc::vec::Vec;
    use saifu_wire::certificate::{Certificate, Role};
    use saifu_wire::codec::Reader;
    use saifu_wire::ins::Ins;
    use saifu_wire::personalise::Limits;
    use saifu_wire::test_root;

    fn read(card: &mut TestCard, tag: u16) -> Result<Vec<u8>, u16> {
        let [p1, p2] = tag.to_be_bytes();
        card.send(Ins::GetData, p1, p2, &[])
    }

    #[test]
    fn the_certificates_come_with_the_signature_key_first() {
        let certificates = read(&mut TestCard::in_use(1), 0x7F21).unwrap();
        let mut reader = Reader::new(&certificates);
        for role in [Role::CardSignature, Role::CardEncryption] {
            let certificate = Certificate::read_next(&mut reader).unwrap();
            assert_eq!((certificate.body().role, certificate.body().holder_id), (role, [1; 16]));
        }
        assert_eq!(reader.remaining(), 0);
    }

    #[test]
    fn what_was_personalised_can_be_read() {
        let mut card = TestCard::in_use(1);
        assert_eq!(read(&mut card, 0xDF01), Ok([1; 16].to_vec()));
        assert_eq!(Limits::from_bytes(&read(&mut card, 0xDF03).unwrap()), Ok(LIMITS));
        assert_eq!(read(&mut card, 0xDF04), Ok(test_root::pinned().unwrap().to_bytes()));
        assert_eq!(read(&mut card, 0x7F66).unwrap(), [2, 2, 0xFF, 0xF6, 2, 2, 0xFF, 0xFD]);
    }

    #[test]
    fn the_status_counts_what_the_card_holds() {
        let mut card = TestCenter::new(9).customer(1, 0);
        assert_eq!(card.verify(b"0000"), Err(0x63C2));
        let status = CardStatus::from_bytes(&read(&mut card, 0xDF02).unwrap()).unwrap();
        assert_eq!((status.life_cycle, status.memory), (LifeCycle::Activated, MemoryState::Good));
        assert_eq!(
            (status.pin_tries, status.centers, status.licences, status.outbox),
            (2, 1, 0, 0)
        );
        assert!(status.max_centers >= 8 && status.max_outbox >= 16 && status.max_licences > 0);
    }

    #[test]
    fn the_center_keys_are_listed() {
        let mut card = TestCenter::new(9).customer(1, 0);
        let keys = CenterKeys::from_bytes(&read(&mut card, 0xDF05).unwrap()).unwrap().0;
        let roles: Vec<Role> = keys.iter().map(|key| key.role).collect();
        assert_eq!(roles, [Role::Licence, Role::Credit, Role::Receipt, Role::Payment]);
        assert!(keys.iter().all(|key| key.center.0 == [9; 16] && key.sequence == 1));
    }

    #[test]
    fn the_content_memory_has_the_size_its_manufacturer_gave_it() {
        let machine = TestCard::in_use(1).card.into_platform().with_content_bytes(70_000);
        let mut card = TestCard::with_power(machine);
        let memory = ContentMemory { size_bytes: 70_000, used_bytes: 0 };
        assert_eq!(ContentMemory::from_bytes(&read(&mut card, 0xDF06).unwrap()), Ok(memory));
        assert_eq!(read(&mut TestCard::blank(1), 0xDF06), Err(0x6A88));
    }

    #[test]
    fn another_tag_is_6a88() {
        for tag in [0x0000, 0x7F20, 0xDF00, 0xDF07, 0xDFFF, 0x006E] {
            assert_eq!(read(&mut TestCard::in_use(1), tag), Err(0x6A88), "{tag:04X}");
        }
    }
}
