//! However much is said to a card, what its process needs does not grow (row AP13).
//!
//! One test, in a process of its own: another beside it would need memory too.
#![cfg(target_os = "linux")]

use std::fs;

use saifu_tests::attacks::random::{Life, SESSION, sessions};
use saifu_tests::fixture::Draws;

/// Bytes of a page: what `/proc/self/statm` counts in.
const PAGE_BYTES: usize = 4096;

/// The most that may be added. The allocator rounds up by some pages per size of block, which is
/// tens of KiB; 100 bytes kept of each of the 20,000 commands would be 2 MB.
const MOST_BYTES: usize = 1024 * 1024;

/// After these, whatever is made once has been made, and every size of block was asked for.
const WARM_UP: usize = 20;

/// How much of this process is in memory, in bytes.
fn resident() -> usize {
    let statm = fs::read_to_string("/proc/self/statm").expect("the system's own count");
    let pages = statm.split(' ').nth(1).and_then(|pages| pages.parse::<usize>().ok());
    pages.expect("a number of pages") * PAGE_BYTES
}

/// Plays sessions and leaks so many bytes of each command; by how much the process grew.
fn growth(life: &Life, draws: &mut Draws, sessions: usize, leaked_bytes: usize) -> usize {
    let mut kept = Vec::new();
    let before = resident();
    for _ in 0..sessions {
        life.session(draws).unwrap_or_else(|wrong| panic!("{wrong}"));
        kept.extend((0..SESSION).filter(|_| leaked_bytes > 0).map(|_| vec![0x5A_u8; leaked_bytes]));
    }
    resident().saturating_sub(before)
}

#[test]
fn ap13_however_many_random_commands_the_memory_does_not_grow_and_a_leak_would_be_seen() {
    let life = Life::new();
    let mut draws = Draws::new("growth");
    growth(&life, &mut draws, WARM_UP, 0);
    let grown = growth(&life, &mut draws, sessions(), 0);
    println!("{} commands: {grown} bytes more", sessions() * SESSION);
    assert!(grown <= MOST_BYTES, "{} commands added {grown} bytes", sessions() * SESSION);
    let leaked = growth(&life, &mut draws, 40, 100);
    println!("with 100 bytes kept of each: {leaked} bytes more");
    assert!(leaked > MOST_BYTES, "what was kept of each command is not seen: {leaked} bytes");
}
