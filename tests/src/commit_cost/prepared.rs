//! A card with so many licences, and what is sent to it, as a file.
//!
//! ```text
//! slots (256) ‖ count (4) of objects: memory (1) ‖ number (8) ‖ length (4) ‖ bytes
//!             ‖ licences to load, as a list
//! ```

use std::fs;
use std::path::Path;

use saifu_applet::memory::records::{
    AccountRecord, ContentKeyRecord, LicenceRecord, SettledRecord,
};
use saifu_applet::memory::{Change, Key, Store};
use saifu_applet::platform::{Memory, ObjectName, SLOT_BYTES};
use saifu_vsmartcard::platform::{Image, RamPlatform};
use saifu_wire::Wire;
use saifu_wire::codec::{Bytes, List, Reader};
use saifu_wire::signed::{Licence, Signed};

use crate::fixture::{TestCenter, customer};
use crate::shop::Anything;

/// The seed of the card.
const SEED: u8 = 0x0C;

/// The seed of its center.
pub(super) const CENTER: u8 = 0xC1;

/// The number of the first licence that is still to be loaded.
const TO_LOAD: u64 = 20_000;

/// The events so far: more than there are settled tokens.
const COUNTER: u64 = 100_000;

/// The licences that one commit of the preparation stores.
const BATCH: usize = 256;

/// A card, and licences for it.
pub(super) struct Prepared {
    /// What the card stores.
    pub(super) machine: RamPlatform,
    /// Licences that it has not loaded.
    pub(super) to_load: Vec<Signed<Licence>>,
}

impl Prepared {
    /// Makes a card that holds so many licences. The first of them are unpaid, and as many are to
    /// be loaded; the others are settled.
    pub(super) fn make(licences: u64, unpaid: u64) -> Result<Self, Anything> {
        let (mut card, center) = customer(SEED, 50_000);
        let keys = card.keys();
        let mut deliver = |number| center.deliver(&keys, number).licence;
        for number in 1..=unpaid {
            let loaded = card.load_licence(&deliver(number));
            loaded.map_err(|status| format!("LOAD LICENCE: {status:04X}"))?;
        }
        let to_load = (TO_LOAD..TO_LOAD + unpaid).map(&mut deliver).collect();
        let mut store = Store::recover(card.machine());
        settle(&mut store, center, unpaid + 1..=licences)?;
        Ok(Self { machine: store.into_platform(), to_load })
    }

    /// Writes it into a file.
    pub(super) fn save(&self, file: &Path) -> Result<(), Anything> {
        let image = self.machine.image();
        let mut out = image.slots.concat();
        u32::try_from(image.outside.len())?.write(&mut out);
        for (name, object) in &image.outside {
            name.memory.write(&mut out);
            name.number.write(&mut out);
            u32::try_from(object.len())?.write(&mut out);
            out.extend_from_slice(object);
        }
        let to_load = self.to_load.iter().map(|licence| Bytes(licence.to_bytes()));
        List::<Bytes, { u8::MAX }>(to_load.collect()).write(&mut out);
        Ok(fs::write(file, out)?)
    }

    /// Reads it from a file.
    pub(super) fn load(file: &Path) -> Result<Self, Anything> {
        let bytes = fs::read(file)?;
        let mut reader = Reader::new(&bytes);
        let mut machine = RamPlatform::new(SEED);
        *machine.image_mut() = image(&mut reader)?;
        let to_load = List::<Bytes, { u8::MAX }>::read(&mut reader)?.0;
        reader.finish()?;
        let to_load = to_load.iter().map(|licence| Signed::parse(&licence.0));
        Ok(Self { machine, to_load: to_load.collect::<Result<_, _>>()? })
    }
}

fn image(reader: &mut Reader<'_>) -> Result<Image, Anything> {
    let slots = [reader.array::<SLOT_BYTES>()?, reader.array()?];
    let objects = u32::read(reader)?;
    let object = |_| {
        let name = ObjectName { memory: Memory::read(reader)?, number: u64::read(reader)? };
        let length = usize::try_from(u32::read(reader)?)?;
        Ok::<_, Anything>((name, reader.take(length)?.to_vec()))
    };
    let outside = (0..objects).map(object).collect::<Result<_, _>>()?;
    Ok(Image { slots, outside })
}

/// Stores licences with their keys and settled tokens, as if they were bought one by one.
fn settle(
    store: &mut Store<RamPlatform>,
    center: TestCenter,
    numbers: std::ops::RangeInclusive<u64>,
) -> Result<(), Anything> {
    let center = center.id();
    let licence: LicenceRecord = store.get(&Key::Licence(center, 1))?.ok_or("a licence")?;
    let key: ContentKeyRecord = store.get(&Key::ContentKey(center, 1))?.ok_or("its key")?;
    let account: AccountRecord = store.get(&Key::Account(center))?.ok_or("an account")?;
    for batch in numbers.collect::<Vec<_>>().chunks(BATCH) {
        let mut change = Change::new();
        for &number in batch {
            let settled = SettledRecord { licence: number, identity: licence.state.identity };
            change.put(Key::Licence(center, number), &licence);
            change.put(Key::ContentKey(center, number), &key);
            change.put(Key::Settled(center, number), &settled);
        }
        change.put(Key::Account(center), &AccountRecord { counter: COUNTER, ..account.clone() });
        store.commit(change)?;
    }
    Ok(())
}
