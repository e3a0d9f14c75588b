//! A machine whose power fails in the middle of a write, whose memory fails, or whose random source.

use std::fmt;

use saifu_applet::crypto::RandomFailed;
use saifu_applet::platform::{
    Manufacture, MemoryFailed, ObjectName, Platform, SLOT_BYTES, Sealed, Slot,
};

use super::{Leaves, RamPlatform, Shared};
use crate::faults::{Faults, MemoryFault, RandomFault, WriteFault};

/// A machine that can be left with an object half written.
pub trait Tearable: Platform {
    /// Stores for an object what a write of it left.
    ///
    /// # Errors
    /// As [`Platform::write_object`].
    fn leave_object(&mut self, name: ObjectName, bytes: &[u8]) -> Result<(), MemoryFailed>;
}

/// Tears the writes that [`Faults`] say, counted from 1; removing is a write.
///
/// From then on it is without power: nothing works, until [`Faults::restore_power`]. What was
/// written before and not yet synced stays, as when a process is killed.
///
/// Reads, writes and draws fail as [`Faults`] say, too; then power stays.
pub struct Torn<P> {
    platform: P,
    faults: Faults,
}

impl<P: Tearable> Torn<P> {
    /// Puts a machine into the hand of `faults`.
    pub const fn new(platform: P, faults: Faults) -> Self {
        Self { platform, faults }
    }

    fn powered(&self) -> Result<(), MemoryFailed> {
        if self.faults.has_power() { Ok(()) } else { Err(MemoryFailed::Error) }
    }

    /// Reads outside the secure area; `nothing` is what there is when it is gone.
    fn read<T>(
        &self,
        nothing: T,
        whole: impl FnOnce(&P) -> Result<T, MemoryFailed>,
    ) -> Result<T, MemoryFailed> {
        self.powered()?;
        match self.faults.meet_read() {
            None => whole(&self.platform),
            Some(MemoryFault::Gone) => Ok(nothing),
            Some(_) => Err(MemoryFailed::Error),
        }
    }

    /// Makes a write, or what a torn one leaves.
    fn write(
        &mut self,
        whole: impl FnOnce(&mut P) -> Result<(), MemoryFailed>,
        torn: impl FnOnce(&mut P, Leaves) -> Result<(), MemoryFailed>,
    ) -> Result<(), MemoryFailed> {
        self.powered()?;
        match self.faults.meet_write() {
            None => whole(&mut self.platform),
            Some(WriteFault::Full) => Err(MemoryFailed::Full),
            Some(WriteFault::Failed | WriteFault::Torn(Leaves::Nothing)) => {
                Err(MemoryFailed::Error)
            }
            Some(WriteFault::Torn(Leaves::Everything)) => {
                whole(&mut self.platform).and(Err(MemoryFailed::Error))
            }
            Some(WriteFault::Torn(leaves)) => {
                torn(&mut self.platform, leaves).and(Err(MemoryFailed::Error))
            }
        }
    }
}

impl<P: fmt::Debug> fmt::Debug for Torn<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Torn").field(&self.platform).finish()
    }
}

impl<P: Tearable> Platform for Torn<P> {
    fn random(&mut self, out: &mut [u8]) -> Result<(), RandomFailed> {
        self.powered().map_err(|_| RandomFailed)?;
        match self.faults.meet_draw() {
            None => return self.platform.random(out),
            Some(RandomFault::Failed) => return Err(RandomFailed),
            Some(RandomFault::Zeros) => out.fill(0x00),
            Some(RandomFault::Stuck) => out.fill(0xA5),
        }
        Ok(())
    }

    fn manufacture(&self) -> &Manufacture {
        self.platform.manufacture()
    }

    fn read_slot(&self, slot: Slot) -> Result<[u8; SLOT_BYTES], MemoryFailed> {
        self.powered()?;
        self.platform.read_slot(slot)
    }

    fn write_slot(&mut self, slot: Slot, bytes: &[u8; SLOT_BYTES]) -> Result<(), MemoryFailed> {
        self.write(
            |platform| platform.write_slot(slot, bytes),
            |platform, leaves| {
                let mut left = leaves.of(&platform.read_slot(slot)?, bytes);
                left.resize(SLOT_BYTES, 0);
                let left = left.try_into().map_err(|_| MemoryFailed::Error)?;
                platform.write_slot(slot, &left)
            },
        )
    }

    fn read_object(&self, name: ObjectName) -> Result<Option<Vec<u8>>, MemoryFailed> {
        self.read(None, |platform| platform.read_object(name))
    }

    fn write_object(&mut self, sealed: &Sealed) -> Result<(), MemoryFailed> {
        let name = sealed.name();
        self.write(
            |platform| platform.write_object(sealed),
            |platform, leaves| {
                let leaves = match leaves {
                    Leaves::Beginning(_) => Leaves::Beginning(sealed.bytes().len() / 2),
                    leaves => leaves,
                };
                let old = platform.read_object(name)?.unwrap_or_default();
                platform.leave_object(name, &leaves.of(&old, sealed.bytes()))
            },
        )
    }

    fn remove_object(&mut self, name: ObjectName) -> Result<(), MemoryFailed> {
        self.write(
            |platform| platform.remove_object(name),
            |platform, _| platform.remove_object(name),
        )
    }

    fn remove_work(&mut self, id: u64) -> Result<(), MemoryFailed> {
        self.write(|platform| platform.remove_work(id), |platform, _| platform.remove_work(id))
    }

    fn list_works(&self) -> Result<Vec<u64>, MemoryFailed> {
        self.read(Vec::new(), Platform::list_works)
    }

    fn list_objects(&self) -> Result<Vec<ObjectName>, MemoryFailed> {
        self.read(Vec::new(), Platform::list_objects)
    }

    fn sync_objects(&mut self) -> Result<(), MemoryFailed> {
        self.powered()?;
        self.platform.sync_objects()
    }
}

impl Tearable for RamPlatform {
    fn leave_object(&mut self, name: ObjectName, bytes: &[u8]) -> Result<(), MemoryFailed> {
        self.image_mut().outside.insert(name, bytes.to_vec());
        Ok(())
    }
}

impl<P: Tearable> Tearable for Shared<P> {
    fn leave_object(&mut self, name: ObjectName, bytes: &[u8]) -> Result<(), MemoryFailed> {
        self.lock().leave_object(name, bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::FolderPlatform;

    const OLD: [u8; SLOT_BYTES] = [0x11; SLOT_BYTES];
    const NEW: [u8; SLOT_BYTES] = [0xA5; SLOT_BYTES];

    /// What slot A holds after a torn write of [`NEW`] over [`OLD`], which was the second one.
    fn left(left: &str) -> [u8; SLOT_BYTES] {
        let faults = Faults::default();
        let mut torn = Torn::new(RamPlatform::new(1), faults.clone());
        faults.add(format!("tear={left}@2").parse().unwrap()).unwrap();
        torn.write_slot(Slot::A, &OLD).unwrap();
        assert!(faults.has_power());
        assert!(torn.write_slot(Slot::A, &NEW).is_err());
        assert!(!faults.has_power());
        assert!(torn.read_slot(Slot::A).is_err() && torn.random(&mut [0]).is_err());
        faults.restore_power();
        torn.read_slot(Slot::A).unwrap()
    }

    #[test]
    fn a_torn_write_leaves_what_was_asked_for_and_power_is_gone() {
        assert_eq!(left("nothing"), OLD);
        assert_eq!(left("all"), NEW);
        assert_eq!(left("erased"), [0; SLOT_BYTES]);
        let half = left("half");
        assert_eq!((&half[..SLOT_BYTES / 2], &half[SLOT_BYTES / 2..]), (&NEW[..64], &OLD[64..]));
        let garbage = left("garbage");
        assert_eq!(garbage.iter().zip(NEW).filter(|(left, new)| **left != *new).count(), 1);
    }

    #[test]
    fn a_source_and_a_memory_that_fail_say_so_and_power_stays() {
        let faults = Faults::default();
        let mut torn = Torn::new(RamPlatform::new(1), faults.clone());
        let plant = |text: &str| faults.add(text.parse().unwrap()).map(drop).unwrap();
        let mut out = [1; 16];
        plant("random");
        assert_eq!(torn.random(&mut out), Err(RandomFailed));
        plant("random=zeros");
        assert_eq!((torn.random(&mut out), out), (Ok(()), [0; 16]));
        plant("random=stuck");
        assert_eq!((torn.random(&mut out), out), (Ok(()), [0xA5; 16]));
        plant("memory=full");
        assert_eq!(torn.write_slot(Slot::A, &NEW), Err(MemoryFailed::Full));
        plant("memory");
        assert_eq!(torn.write_slot(Slot::A, &NEW), Err(MemoryFailed::Error));
        let name = ObjectName { memory: saifu_applet::platform::Memory::Money, number: 5 };
        torn.platform.leave_object(name, &[1]).unwrap();
        plant("memory=gone@1-2");
        assert_eq!((torn.read_object(name), torn.list_objects()), (Ok(None), Ok(vec![])));
        plant("memory=read");
        assert_eq!(torn.read_object(name), Err(MemoryFailed::Error));
        assert_eq!(torn.read_object(name), Ok(Some(vec![1])));
        assert!(faults.has_power());
    }

    #[test]
    fn an_object_can_be_left_half_written_in_a_folder() {
        let place = tempfile::tempdir().unwrap();
        let manufacture = RamPlatform::new(1).manufacture().clone();
        let folder = place.path().join("card");
        let mut platform = FolderPlatform::create(&folder, &manufacture).unwrap();
        let memory = saifu_applet::platform::Memory::Money;
        let name = ObjectName { memory, number: 5 };
        platform.leave_object(name, &[1, 2, 3]).unwrap();
        assert_eq!(platform.read_object(name), Ok(Some(vec![1, 2, 3])));
        let work = ObjectName { memory: saifu_applet::platform::Memory::Content, number: 0 };
        platform.leave_object(work, &[]).unwrap();
        assert_eq!(platform.list_works(), Ok(Vec::new()));
    }
}
