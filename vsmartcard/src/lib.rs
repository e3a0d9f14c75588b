//! The emulator: a card runtime for a PC, its memories, and the plugs that join it to readers.
//!
//! - [`runtime`] hosts applets by AID on logical channels
//! - [`personalise`] makes a blank card into a test card, as an issuer does

pub mod personalise;
pub mod runtime;
