//! Stored works: what a terminal sends to store, read, list and delete them.

use alloc::vec::Vec;

use saifu_wire::answer::{ContentMemory, ContentState, Contents, LicenceState};
use saifu_wire::ins::Ins;
use saifu_wire::request::{LicenceRef, SegmentRange, segments_data};
use saifu_wire::signed::{Licence, Signed};
use saifu_wire::stream::Header;
use saifu_wire::{CenterId, Wire};

use super::sale::{delivery, opening};
use super::{PIN, TestCard, TestCenter};
use crate::platform::{Memory, ObjectName};

/// The data of a range of segments.
pub(crate) fn range(first: u64, count: u8) -> Vec<u8> {
    SegmentRange { first, count }.to_bytes()
}

/// The data that name a licence.
pub(crate) fn named(center: &TestCenter, number: u64) -> Vec<u8> {
    LicenceRef { center: center.id, number }.to_bytes()
}

impl TestCard {
    /// DECRYPT that stores, too.
    pub(crate) fn keep(&mut self, first: u64, segments: &[u8]) -> Result<Vec<u8>, u16> {
        self.send(Ins::Decrypt, 1, 0, &segments_data(first, segments))
    }

    /// Opens the stream of a paid licence and stores its work, two segments at a time.
    pub(crate) fn keep_all(&mut self, center: &TestCenter, number: u64, header: &Header) {
        self.open(center, number, header).unwrap();
        for (at, segments) in delivery(number, header).chunks(2).enumerate() {
            self.keep(at as u64 * 2, &segments.concat()).unwrap();
        }
    }

    /// Opens the stream of a stored work.
    pub(crate) fn open_stored(&mut self, center: &TestCenter, number: u64) -> Result<Vec<u8>, u16> {
        self.send(Ins::OpenStream, 1, 0, &named(center, number))
    }

    pub(crate) fn read_content(&mut self, first: u64, count: u8) -> Result<Vec<u8>, u16> {
        self.send(Ins::ReadContent, 0, 0, &range(first, count))
    }

    /// LOAD LICENCE whose key is kept as it came.
    pub(crate) fn load_as_it_came(
        &mut self,
        licence: &Signed<Licence>,
    ) -> Result<LicenceState, u16> {
        let answer = self.send(Ins::LoadLicence, 1, 0, &licence.to_bytes())?;
        Ok(LicenceState::from_bytes(&answer).unwrap())
    }

    /// Begins to store `Ke[M]` as it comes.
    pub(crate) fn begin_storing(
        &mut self,
        center: &TestCenter,
        number: u64,
        header: &Header,
    ) -> Result<Vec<u8>, u16> {
        self.send(Ins::StoreContent, 0, 0, &opening(center, number, header))
    }

    pub(crate) fn store(&mut self, first: u64, segments: &[u8]) -> Result<Vec<u8>, u16> {
        self.send(Ins::StoreContent, 1, 0, &segments_data(first, segments))
    }

    pub(crate) fn finish_storing(&mut self) -> Result<Vec<u8>, u16> {
        self.send(Ins::StoreContent, 2, 0, &[])
    }

    /// Stores a whole delivery as it comes.
    pub(crate) fn store_all(&mut self, center: &TestCenter, number: u64, header: &Header) {
        self.begin_storing(center, number, header).unwrap();
        self.store(0, &delivery(number, header).concat()).unwrap();
        self.finish_storing().unwrap();
    }

    /// Opens a work that is stored as it came; its header.
    pub(crate) fn hand_back(&mut self, center: &TestCenter, number: u64) -> Result<Vec<u8>, u16> {
        self.send(Ins::HandBack, 0, 0, &named(center, number))
    }

    pub(crate) fn handed_back(&mut self, first: u64, count: u8) -> Result<Vec<u8>, u16> {
        self.send(Ins::HandBack, 1, 0, &range(first, count))
    }

    /// Every stored work of a center.
    pub(crate) fn contents(&mut self, center: &TestCenter) -> Vec<ContentState> {
        self.verify(PIN).unwrap();
        let answer = self.send(Ins::ListContents, 0, 0, &named(center, 0)).unwrap();
        Contents::from_bytes(&answer).unwrap().0
    }

    pub(crate) fn delete_content(
        &mut self,
        center: &TestCenter,
        number: u64,
        doubly: bool,
    ) -> Result<Vec<u8>, u16> {
        self.verify(PIN).unwrap();
        self.send(Ins::DeleteContent, u8::from(doubly), 0, &named(center, number))
    }

    pub(crate) fn content_memory(&mut self) -> ContentMemory {
        let answer = self.send(Ins::GetData, 0xDF, 0x06, &[]).unwrap();
        ContentMemory::from_bytes(&answer).unwrap()
    }

    /// The names of the segments that lie in the content memory.
    pub(crate) fn segments(&self) -> Vec<ObjectName> {
        let outside = &self.card.store().platform().image().outside;
        outside.keys().copied().filter(|name| name.memory == Memory::Content).collect()
    }
}

/// A stored work as it is listed.
pub(crate) fn listed(center: CenterId, doubly: bool, complete: bool) -> ContentState {
    ContentState { center, licence: 1, doubly, complete, segments: 4 }
}
