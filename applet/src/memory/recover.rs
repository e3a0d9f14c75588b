//! What a power-up finds outside the secure area (§2.4).

use alloc::sync::Arc;
use alloc::vec::Vec;

use saifu_wire::Wire;
use saifu_wire::answer::LifeCycle;

use super::StoreError;
use super::manifest::{Entries, Manifest, Page, Root};
use super::store::{open, root_hash, seal_of};
use crate::platform::{Form, ObjectName, Platform};
use crate::secure::{Area, State};

/// The state of the memory, with its manifest where it is good.
#[derive(Debug)]
pub(super) enum Found {
    /// Never initialised.
    Blank,
    /// The one last committed.
    Good(Manifest),
    /// Nothing is there.
    Missing,
    /// Something else is there, or the secure area itself is damaged.
    Damaged,
}

/// Looks for the memory that the secure area remembers; changes nothing.
pub(super) fn find<P: Platform>(platform: &P, area: Option<&Area>) -> Found {
    let Some(state) = area.map(Area::state) else { return Found::Damaged };
    match state.life_cycle {
        LifeCycle::Creation => Found::Blank,
        LifeCycle::Terminated => Found::Missing,
        LifeCycle::Initialisation | LifeCycle::Activated | LifeCycle::Deactivated => {
            match load(platform, state) {
                Ok(manifest) => Found::Good(manifest),
                Err(_) if platform.list_objects().is_ok_and(|names| names.is_empty()) => {
                    Found::Missing
                }
                Err(_) => Found::Damaged,
            }
        }
    }
}

fn load<P: Platform>(platform: &P, state: &State) -> Result<Manifest, StoreError> {
    let number = state.root_number;
    let name = ObjectName { memory: Form::Root.memory(), number };
    let sealed = platform.read_object(name)?.ok_or(StoreError::Memory)?;
    if root_hash(&sealed) != state.root_hash {
        return Err(StoreError::Memory);
    }
    let root = seal_of(platform, state, Form::Root).open(number, number, &sealed)?;
    let root = Root::from_bytes(root.expose()).map_err(|_| StoreError::Memory)?;
    let mut pages = Vec::new();
    for object in root.pages.0 {
        let page = open(platform, state, Form::Page, &object)?;
        let entries = Entries::from_bytes(page.expose()).map_err(|_| StoreError::Memory)?;
        pages.push(Arc::new(Page::stored(object, entries)));
    }
    Manifest::new(number, root.last_number, pages).ok_or(StoreError::Memory)
}
