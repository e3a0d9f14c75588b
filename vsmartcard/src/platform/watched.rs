//! Where a test may end a card: around each write of the secure area.

use std::fmt;

use saifu_applet::crypto::RandomFailed;
use saifu_applet::platform::{
    Manufacture, MemoryFailed, ObjectName, Platform, SLOT_BYTES, Sealed, Slot,
};

/// Says before and after each commit of a card that it is there.
///
/// A card commits by writing a slot of its secure area. The points are
///
/// ```text
/// card commit: before, slot a|b     nothing of it is written
/// card commit: done, slot a|b       it lasts; not reached when it could not be written
/// ```
pub struct Watched<P> {
    platform: P,
    reach: Box<dyn FnMut(&str) + Send>,
}

impl<P: Platform> Watched<P> {
    /// Watches a platform, and stops at [`saifu_barrier::reach`].
    pub fn new(platform: P) -> Self {
        Self { platform, reach: Box::new(saifu_barrier::reach) }
    }
}

impl<P: fmt::Debug> fmt::Debug for Watched<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Watched").field(&self.platform).finish()
    }
}

impl<P: Platform> Platform for Watched<P> {
    fn random(&mut self, out: &mut [u8]) -> Result<(), RandomFailed> {
        self.platform.random(out)
    }

    fn manufacture(&self) -> &Manufacture {
        self.platform.manufacture()
    }

    fn read_slot(&self, slot: Slot) -> Result<[u8; SLOT_BYTES], MemoryFailed> {
        self.platform.read_slot(slot)
    }

    fn write_slot(&mut self, slot: Slot, bytes: &[u8; SLOT_BYTES]) -> Result<(), MemoryFailed> {
        let (before, done) = points(slot);
        (self.reach)(before);
        self.platform.write_slot(slot, bytes)?;
        (self.reach)(done);
        Ok(())
    }

    fn read_object(&self, name: ObjectName) -> Result<Option<Vec<u8>>, MemoryFailed> {
        self.platform.read_object(name)
    }

    fn write_object(&mut self, sealed: &Sealed) -> Result<(), MemoryFailed> {
        self.platform.write_object(sealed)
    }

    fn remove_object(&mut self, name: ObjectName) -> Result<(), MemoryFailed> {
        self.platform.remove_object(name)
    }

    fn remove_work(&mut self, id: u64) -> Result<(), MemoryFailed> {
        self.platform.remove_work(id)
    }

    fn list_works(&self) -> Result<Vec<u64>, MemoryFailed> {
        self.platform.list_works()
    }

    fn list_objects(&self) -> Result<Vec<ObjectName>, MemoryFailed> {
        self.platform.list_objects()
    }

    fn sync_objects(&mut self) -> Result<(), MemoryFailed> {
        self.platform.sync_objects()
    }
}

const fn points(slot: Slot) -> (&'static str, &'static str) {
    match slot {
        Slot::A => ("card commit: before, slot a", "card commit: done, slot a"),
        Slot::B => ("card commit: before, slot b", "card commit: done, slot b"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::{Cut, Leaves, RamPlatform, Shared};
    use std::sync::{Arc, Mutex};

    const NEW: [u8; SLOT_BYTES] = [0xA5; SLOT_BYTES];

    /// A machine, its watched self, and what is reached: each point with what slot B then holds.
    struct Scene {
        machine: Shared<RamPlatform>,
        watched: Watched<Shared<RamPlatform>>,
        reached: Arc<Mutex<Vec<(String, bool)>>>,
    }

    fn scene() -> Scene {
        let machine = Shared::new(RamPlatform::new(1));
        let reached = Arc::new(Mutex::new(Vec::new()));
        let (seen, list) = (machine.clone(), Arc::clone(&reached));
        let reach = Box::new(move |point: &str| {
            let is_written = seen.read_slot(Slot::B).unwrap() == NEW;
            list.lock().unwrap().push((point.to_owned(), is_written));
        });
        Scene { watched: Watched { platform: machine.clone(), reach }, machine, reached }
    }

    #[test]
    fn a_commit_is_between_its_two_points() {
        let Scene { mut watched, reached, .. } = scene();
        watched.write_slot(Slot::B, &NEW).unwrap();
        let before = ("card commit: before, slot b".to_owned(), false);
        let done = ("card commit: done, slot b".to_owned(), true);
        assert_eq!(*reached.lock().unwrap(), [before, done]);
    }

    #[test]
    fn a_slot_that_could_not_be_written_is_not_done() {
        let Scene { machine, mut watched, reached } = scene();
        machine.lock().cut_power(Cut {
            at_write: 1,
            leaves: Leaves::Nothing,
            keeps_unsynced: true,
        });
        assert!(watched.write_slot(Slot::A, &NEW).is_err());
        let points: Vec<_> =
            reached.lock().unwrap().iter().map(|(point, _)| point.clone()).collect();
        assert_eq!(points, ["card commit: before, slot a"]);
    }
}
