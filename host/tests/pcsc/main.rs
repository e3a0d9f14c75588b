//! The program with its card in a PC/SC reader, or in none: what goes wrong with readers, and
//! what the user is told, and that no sale is lost or paid twice of it.
//!
//! Each test has a private pcscd, and cards that are threads of the test. They need what
//! `scripts/setup test` installs; where something is missing they fail and say what.
#![cfg(all(target_os = "linux", feature = "embedded"))]

#[path = "../shop/mod.rs"]
mod shop;

mod absent;
mod card;
mod desk;
mod faults;
mod listening;
mod others;
mod program;
mod pulled;
mod service;
mod short;
mod silent;
mod traces;
