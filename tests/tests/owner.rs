//! What the center's owner sees, by the real programs and the real card: a lost card is replaced
//! and its late payment turns up; the books are audited; the center is backed up while it sells,
//! and put back.
#![cfg(target_os = "linux")]

#[path = "owner/backups.rs"]
mod backups;
#[path = "owner/lost.rs"]
mod lost;
#[path = "owner/world.rs"]
mod world;
