//! What a power-up finds outside the secure area (§2.4).

use alloc::sync::Arc;

use saifu_wire::Wire;
use saifu_wire::answer::LifeCycle;

use super::StoreError;
use super::manifest::{Items, Manifest, Node, NodeObject, Object, Root, StoredNode};
use super::seals::Seals;
use super::store::{open, root_hash};
use crate::platform::{Form, ObjectName, Platform};
use crate::secure::{Area, Seal, State};

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
pub(super) fn find<P: Platform>(platform: &P, area: Option<&Area>, seals: Option<&Seals>) -> Found {
    let Some(state) = area.map(Area::state) else { return Found::Damaged };
    match state.life_cycle {
        LifeCycle::Creation => Found::Blank,
        LifeCycle::Terminated => Found::Missing,
        LifeCycle::Initialisation | LifeCycle::Activated | LifeCycle::Deactivated => {
            match load(platform, state, seals) {
                Ok(manifest) => Found::Good(manifest),
                Err(_) if platform.list_objects().is_ok_and(|names| names.is_empty()) => {
                    Found::Missing
                }
                Err(_) => Found::Damaged,
            }
        }
    }
}

fn load<P: Platform>(
    platform: &P,
    state: &State,
    seals: Option<&Seals>,
) -> Result<Manifest, StoreError> {
    let seals = seals.ok_or(StoreError::Memory)?;
    let number = state.root_number;
    let name = ObjectName { memory: Form::Root.memory(), number };
    let sealed = platform.read_object(name)?.ok_or(StoreError::Memory)?;
    if root_hash(&sealed) != state.root_hash {
        return Err(StoreError::Memory);
    }
    let root = seals.of(Form::Root).open(number, number, &sealed)?;
    let root = Root::from_bytes(root.expose()).map_err(|_| StoreError::Memory)?;
    let top = |node| load_node(platform, seals.of(Form::Page), None, node);
    let (common, licences) = (top(root.common)?, top(root.licences)?);
    Manifest::new(number, root.last_number, common, licences).ok_or(StoreError::Memory)
}

/// Reads everything below a node; each level is lower by one, so it comes to an end.
fn load_node<P: Platform>(
    platform: &P,
    seal: &Seal,
    object: Option<NodeObject>,
    node: StoredNode,
) -> Result<Node, StoreError> {
    let items = match node {
        StoredNode::Leaf(entries) => Items::Entries(entries.0),
        StoredNode::Inner(height, children) => {
            let child = |object: &NodeObject| load_child(platform, seal, height, object);
            Items::Children(children.0.iter().map(child).collect::<Result<_, _>>()?)
        }
    };
    Node::stored(object, items).ok_or(StoreError::Memory)
}

fn load_child<P: Platform>(
    platform: &P,
    seal: &Seal,
    height: u8,
    object: &NodeObject,
) -> Result<Arc<Node>, StoreError> {
    let &NodeObject { number, tag } = object;
    let stored = open(platform, seal, &Object { number, version: number, tag })?;
    let stored = StoredNode::from_bytes(stored.expose()).map_err(|_| StoreError::Memory)?;
    if stored.height().checked_add(1) != Some(height) {
        return Err(StoreError::Memory);
    }
    load_node(platform, seal, Some(*object), stored).map(Arc::new)
}
