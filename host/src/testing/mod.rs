//! Stand-ins for card and center, for tests: real signatures, play ciphers.

mod card;
mod center;
mod contents;
mod holds;
pub(crate) mod keys;
mod script;
pub(crate) mod world;

pub(crate) use card::PlayCard;
pub(crate) use center::PlayCenter;
pub(crate) use script::Script;

use crate::card::Pin;
use crate::sale::{Customer, NoCustomer, Offer};
use std::cell::Cell;
use std::rc::Rc;

/// A time at which everything here is valid: 2026-11-15.
pub(crate) const NOW: u64 = 1_794_700_800;

/// A user with the right PIN, who agrees.
pub(crate) struct Willing;

impl Customer for Willing {
    fn pin(&mut self) -> Result<Pin, NoCustomer> {
        Ok(Pin::new(world::PIN).unwrap())
    }
    fn approve(&mut self, _: &Offer) -> Result<(), NoCustomer> {
        Ok(())
    }
}

/// Lets so many exchanges through, then breaks one, then lets all through again.
#[derive(Clone, Default)]
pub(crate) struct Fuse(Rc<Cell<Option<usize>>>);

impl Fuse {
    /// Breaks the exchange after `count` others.
    pub(crate) fn set(&self, count: usize) {
        self.0.set(Some(count));
    }

    /// Whether it has broken, or was never set.
    pub(crate) fn is_blown(&self) -> bool {
        self.0.get().is_none()
    }

    fn breaks(&self) -> bool {
        let left = self.0.get();
        self.0.set(left.and_then(|left| left.checked_sub(1)));
        left == Some(0)
    }
}
