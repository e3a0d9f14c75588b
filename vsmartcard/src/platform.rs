//! The machines a virtual card runs on.
//!
//! - [`FolderPlatform`]: a PC; memories are files in a folder, random numbers the system's
//! - [`RamPlatform`]: RAM, with power cuts and faults on demand, and random numbers from a seed
//! - [`SeededRam`]: RAM with the random numbers of a card in a folder
//! - [`Shared`]: another hand on a card's machine, while the card runs on it
//! - [`Torn`]: power that fails in a write, on any of them
//! - [`Watched`]: where a test may end a card, before and after each of its commits
//!
//! A secure area made of files is no secure area: whoever can read the folder can copy the card.

mod folder;
mod seeded_ram;
mod shared;
mod torn;
mod watched;

pub use folder::{FolderError, FolderPlatform, Seed};
pub use saifu_applet::platform::ram::{Cut, Image, Leaves, RamPlatform};
pub use seeded_ram::SeededRam;
pub use shared::Shared;
pub use torn::{Tearable, Torn};
pub use watched::Watched;
