//! What the secure area keeps: one record of 128 bytes, in two slots written in turn.
//!
//! ```text
//! format (2) ‖ epoch (8) ‖ life cycle (1) ‖ PIN tries (1) ‖ unblock sequence (8)
//!            ‖ SCP03 sequence (4) ‖ root number (8) ‖ root hash (32) ‖ Km (32) ‖ check (32)
//! ```
//! The check is the SHA-256 of all before it, and is written last. A change is made by writing the
//! whole record, with the next epoch, into the slot that does not hold the current one; so it
//! takes effect with the slot's last byte, and a cut at any byte leaves the old record. At power-up
//! the valid record of the highest epoch is the current one. Without any, the card is locked: only
//! [`manufacture`] makes the first. So it is where one is whole but of another format: it could be
//! the current one.

use alloc::vec::Vec;

use saifu_wire::answer::LifeCycle;
use saifu_wire::{Digest, Wire, layout};

use super::MasterKey;
use crate::crypto::{Secret, SecretVec, hash::sha256, same_bytes};
use crate::platform::{MemoryFailed, Platform, SLOT_BYTES, Slot};

/// The wrong PINs in a row that block it (§6.6).
pub const MAX_PIN_TRIES: u8 = 3;

/// The highest SCP03 sequence number: it has three bytes.
const MAX_SCP03_SEQUENCE: u32 = 0x00FF_FFFF;

const CHECK_BYTES: usize = 32;

/// The format of what the card stores, the manifest's included.
const FORMAT: [u8; 2] = [b'S', 2];

layout! {
    /// What the secure area remembers.
    pub struct State {
        /// Counts every change.
        epoch: u64,
        /// The life cycle (§2.3).
        life_cycle: LifeCycle,
        /// The PIN tries left.
        pin_tries: u8,
        /// The sequence of the last unblock order that was carried out (§12.1).
        unblock_sequence: u64,
        /// The sequence number of the last SCP03 channel (§14.2).
        scp03_sequence: u32,
        /// The number of the manifest's root in the outside memory; 0 before there is one.
        root_number: u64,
        /// SHA-256 of the sealed root.
        root_hash: Digest,
        /// `Km`.
        master: MasterKey,
    }
}

impl State {
    const fn blank() -> Self {
        Self {
            epoch: 1,
            life_cycle: LifeCycle::Creation,
            pin_tries: MAX_PIN_TRIES,
            unblock_sequence: 0,
            scp03_sequence: 0,
            root_number: 0,
            root_hash: Digest::ZERO,
            master: MasterKey::none(),
        }
    }

    /// Encodes the state as a slot; built at its final size, so that no copy of `Km` stays behind.
    fn to_slot(&self) -> Option<Secret<SLOT_BYTES>> {
        let mut bytes = Vec::with_capacity(SLOT_BYTES);
        bytes.extend_from_slice(&FORMAT);
        self.write(&mut bytes);
        bytes.extend_from_slice(&sha256(&[&bytes]));
        let slot = Secret::try_from(bytes.as_slice()).ok();
        drop(SecretVec::new(bytes));
        slot
    }

    /// Decodes a slot; `None` for one that is not whole.
    fn from_slot(slot: &Secret<SLOT_BYTES>) -> Result<Option<Self>, OtherFormat> {
        let whole = slot.expose().split_last_chunk::<CHECK_BYTES>();
        let whole = whole.filter(|(body, check)| same_bytes(&sha256(&[body]), *check));
        let Some((body, _)) = whole else { return Ok(None) };
        let fields = body.strip_prefix(&FORMAT).ok_or(OtherFormat)?;
        Self::from_bytes(fields).map(Some).map_err(|_| OtherFormat)
    }

    /// Says whether `next` takes nothing back that only ever goes forward.
    fn may_become(&self, next: &Self) -> bool {
        let forward = self.life_cycle <= next.life_cycle
            && self.unblock_sequence <= next.unblock_sequence
            && self.scp03_sequence <= next.scp03_sequence;
        forward && (self.life_cycle != LifeCycle::Terminated || *self == *next)
    }
}

/// A slot is whole, and was written by a program that this one does not understand.
#[derive(Debug)]
struct OtherFormat;

/// Writes the first record into both slots: what a manufacturer does, once.
///
/// # Errors
/// [`MemoryFailed`], when a slot could not be written.
pub fn manufacture<P: Platform>(platform: &mut P) -> Result<(), MemoryFailed> {
    let slot = State::blank().to_slot().ok_or(MemoryFailed::Error)?;
    platform.write_slot(Slot::A, slot.expose())?;
    platform.write_slot(Slot::B, slot.expose())
}

/// Keeps the current state in step with the slots.
#[derive(Debug)]
pub struct Area {
    state: State,
    active: Slot,
    unsure: bool,
}

impl Area {
    /// Takes the current state from the slots; `None` when neither is valid.
    ///
    /// A slot that cannot be read, or is of another format, could be the current one, so that
    /// gives `None`, too. If power failed inside [`Area::terminate`], the rest of it is done now.
    pub fn recover<P: Platform>(platform: &mut P) -> Option<Self> {
        let a = read(platform, Slot::A)?;
        let b = read(platform, Slot::B)?;
        let (active, state, other) = match (a, b) {
            (Some(a), Some(b)) if a.epoch < b.epoch => (Slot::B, b, Some(a)),
            (Some(a), b) => (Slot::A, a, b),
            (None, Some(b)) => (Slot::B, b, None),
            (None, None) => return None,
        };
        let mut area = Self { state, active, unsure: false };
        let erased = other.is_some_and(|other| other.life_cycle == LifeCycle::Terminated);
        if area.state.life_cycle == LifeCycle::Terminated && !erased {
            // Whatever becomes of it, the card is terminated; the next power-up tries again.
            let _ = area.write(platform, area.state.clone());
        }
        Some(area)
    }

    /// Lends the current state.
    #[must_use]
    pub const fn state(&self) -> &State {
        &self.state
    }

    /// Says whether a write failed, so that only a power-up can tell which state holds.
    #[must_use]
    pub const fn is_unsure(&self) -> bool {
        self.unsure
    }

    /// Changes the state: before it returns, or not at all.
    ///
    /// # Errors
    /// [`MemoryFailed`]. Which of the two states a power-up would then find is not known, so every
    /// later change fails, too, until there was one. A change that takes back the life cycle or a
    /// sequence is refused.
    pub fn change<P: Platform>(
        &mut self,
        platform: &mut P,
        change: impl FnOnce(&mut State),
    ) -> Result<(), MemoryFailed> {
        let mut next = self.state.clone();
        change(&mut next);
        if !self.state.may_become(&next) {
            return Err(MemoryFailed::Error);
        }
        self.write(platform, next)
    }

    /// Takes the next SCP03 sequence number.
    ///
    /// # Errors
    /// As [`Area::change`]; [`MemoryFailed::Error`] once they are used up.
    pub fn next_scp03_sequence<P: Platform>(
        &mut self,
        platform: &mut P,
    ) -> Result<u32, MemoryFailed> {
        let next = self.state.scp03_sequence.saturating_add(1);
        if next > MAX_SCP03_SEQUENCE {
            return Err(MemoryFailed::Error);
        }
        self.change(platform, |state| state.scp03_sequence = next)?;
        Ok(next)
    }

    /// Ends the card's life: `Km` and root are erased in both slots.
    ///
    /// The card is terminated once the first of them is written.
    ///
    /// # Errors
    /// As [`Area::change`].
    pub fn terminate<P: Platform>(&mut self, platform: &mut P) -> Result<(), MemoryFailed> {
        self.change(platform, |state| {
            let blank = State::blank();
            state.life_cycle = LifeCycle::Terminated;
            state.pin_tries = 0;
            state.root_number = blank.root_number;
            state.root_hash = blank.root_hash;
            state.master = blank.master;
        })?;
        self.write(platform, self.state.clone())
    }

    fn write<P: Platform>(&mut self, platform: &mut P, next: State) -> Result<(), MemoryFailed> {
        if self.unsure {
            return Err(MemoryFailed::Error);
        }
        let epoch = self.state.epoch.checked_add(1).ok_or(MemoryFailed::Error)?;
        let next = State { epoch, ..next };
        let slot = next.to_slot().ok_or(MemoryFailed::Error)?;
        let target = self.active.other();
        self.unsure = true;
        platform.write_slot(target, slot.expose())?;
        if Secret::new(platform.read_slot(target)?) != slot {
            return Err(MemoryFailed::Error);
        }
        *self = Self { state: next, active: target, unsure: false };
        Ok(())
    }
}

/// Reads a slot: a state, or none where it is not whole; `None` when that cannot be said.
fn read<P: Platform>(platform: &P, slot: Slot) -> Option<Option<State>> {
    State::from_slot(&Secret::new(platform.read_slot(slot).ok()?)).ok()
}

#[cfg(test)]
mod tests;
