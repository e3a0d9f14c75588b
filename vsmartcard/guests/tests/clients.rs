//! Nitrokey's OpenPGP and PIV applets beside the Saifu applet in one card of ours, as the
//! programs meet them that people use with such cards.
//!
//! These tests need Linux, root or user namespaces, and what `scripts/setup test` installs;
//! where something is missing they fail and say what.

#![cfg(target_os = "linux")]

#[path = "clients/channels.rs"]
mod channels;
#[path = "clients/desk.rs"]
mod desk;
#[path = "clients/hostile.rs"]
mod hostile;
#[path = "clients/openpgp.rs"]
mod openpgp;
#[path = "clients/piv.rs"]
mod piv;
