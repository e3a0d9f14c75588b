//! The emulator: a card runtime for a PC, its memories, and the plugs that join it to readers.
//!
//! - [`runtime`] hosts applets by AID on logical channels
//! - `guest`, with the feature `apdu-app`: takes in applets written for the crate of that name
//! - [`platform`]: the machines a card runs on: a folder, or RAM with faults on demand
//! - [`personalise`] makes a blank card into a test card, as an issuer does
//! - [`virtual_card`] puts the Saifu applet on all of that
//! - [`plug`] puts it into a reader, where it says its [`atr`]
//! - [`ccid`] is a reader as USB sees it, for plugs that bring one with them
//! - [`faults`]: what goes wrong between card and host, on demand
//! - [`record`]: every command and answer, with times
//! - [`rig`]: several readers in one process, and cards that come and go in them
//! - [`harness`] gives a test a pcscd of its own, and a card in it
//! - [`cli`] is the program `saifu-card`

pub mod atr;
pub mod ccid;
pub mod cli;
pub mod faults;
#[cfg(feature = "apdu-app")]
pub mod guest;
#[cfg(unix)]
pub mod harness;
pub mod personalise;
pub mod platform;
pub mod plug;
pub mod record;
pub mod rig;
pub mod runtime;
pub mod virtual_card;

pub use virtual_card::{NewCard, TEST_PIN, VirtualCard};
