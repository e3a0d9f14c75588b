//! A card's machine in RAM, the twin of one in a folder with the same seed.

use saifu_applet::crypto::RandomFailed;
use saifu_applet::platform::{
    Manufacture, MemoryFailed, ObjectName, Platform, SLOT_BYTES, Sealed, Slot,
};

use super::{RamPlatform, Seed, Tearable};

/// RAM whose random numbers are those of a card in a folder that has this seed: both answer the
/// same to the same commands. A clone is another card with the same past.
#[derive(Clone, Debug)]
pub struct SeededRam {
    ram: RamPlatform,
    seed: Seed,
    draws: u64,
}

impl SeededRam {
    /// Makes a blank card of what its manufacturer put into it.
    #[must_use]
    pub fn new(manufacture: Manufacture, seed: Seed) -> Self {
        // The RAM's own random numbers are never drawn.
        Self { ram: RamPlatform::with(manufacture, 0), seed, draws: 0 }
    }
}

impl Platform for SeededRam {
    fn random(&mut self, out: &mut [u8]) -> Result<(), RandomFailed> {
        let number = self.draws;
        self.draws = number.checked_add(1).ok_or(RandomFailed)?;
        self.seed.draw(number, out);
        Ok(())
    }

    fn manufacture(&self) -> &Manufacture {
        self.ram.manufacture()
    }

    fn read_slot(&self, slot: Slot) -> Result<[u8; SLOT_BYTES], MemoryFailed> {
        self.ram.read_slot(slot)
    }

    fn write_slot(&mut self, slot: Slot, bytes: &[u8; SLOT_BYTES]) -> Result<(), MemoryFailed> {
        self.ram.write_slot(slot, bytes)
    }

    fn read_object(&self, name: ObjectName) -> Result<Option<Vec<u8>>, MemoryFailed> {
        self.ram.read_object(name)
    }

    fn write_object(&mut self, sealed: &Sealed) -> Result<(), MemoryFailed> {
        self.ram.write_object(sealed)
    }

    fn remove_object(&mut self, name: ObjectName) -> Result<(), MemoryFailed> {
        self.ram.remove_object(name)
    }

    fn remove_work(&mut self, id: u64) -> Result<(), MemoryFailed> {
        self.ram.remove_work(id)
    }

    fn list_works(&self) -> Result<Vec<u64>, MemoryFailed> {
        self.ram.list_works()
    }

    fn list_objects(&self) -> Result<Vec<ObjectName>, MemoryFailed> {
        self.ram.list_objects()
    }

    fn sync_objects(&mut self) -> Result<(), MemoryFailed> {
        self.ram.sync_objects()
    }
}

impl Tearable for SeededRam {
    fn leave_object(&mut self, name: ObjectName, bytes: &[u8]) -> Result<(), MemoryFailed> {
        self.ram.leave_object(name, bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::virtual_card::select;
    use crate::{NewCard, VirtualCard};

    fn talk(card: &mut VirtualCard) -> Vec<Vec<u8>> {
        let challenge = vec![0x00, 0x84, 0x00, 0x00, 0x20];
        let certificate = vec![0x00, 0xCA, 0x7F, 0x21, 0x00, 0x00, 0x00];
        let id = vec![0x00, 0xCA, 0xDF, 0x01, 0x00];
        let talk = [select(), id, certificate, challenge.clone(), challenge];
        talk.iter().map(|command| card.transmit(command)).collect()
    }

    #[test]
    fn a_card_in_ram_and_one_in_a_folder_with_the_same_seed_answer_the_same() {
        let new = NewCard { seed: Some(Seed::of("twins")), ..NewCard::default() };
        let place = tempfile::tempdir().unwrap();
        let mut in_folder = VirtualCard::create(&place.path().join("card"), &new).unwrap();
        let made = new.in_ram().unwrap();
        let told = talk(&mut in_folder);
        assert_eq!(talk(&mut VirtualCard::on(made.clone())), told);
        assert_eq!(talk(&mut VirtualCard::on(made)), told, "a copy has the same past");
        assert!(told.iter().all(|answer| answer.ends_with(&[0x90, 0x00])), "{told:02X?}");
        assert_ne!(told[3], told[4]);
    }

    #[test]
    fn a_card_in_ram_needs_a_seed() {
        assert!(NewCard::default().in_ram().is_err());
        assert!(NewCard::default().blank_in_ram().is_err());
    }
}
