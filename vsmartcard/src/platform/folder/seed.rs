//! Random numbers that repeat, for a card of class test whose maker gave a seed.
//!
//! ```text
//! secure/seed     "SEED" ‖ 01 ‖ seed (32) ‖ draws so far (8, big-endian)
//! a draw          SHA-256 of seed ‖ number of the draw (8) ‖ number of the block (8), block after block
//! ```
//! The count is written before a draw is used, so that a card that is killed does not draw the
//! same again. Two cards of one seed that are asked the same answer the same, whenever they are.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use saifu_applet::crypto::hash::sha256;
use saifu_applet::crypto::{RandomFailed, Secret, SecretVec};

use super::files;

const MAGIC: [u8; 5] = *b"SEED\x01";
const SEED_BYTES: usize = 32;
const BYTES: usize = MAGIC.len() + SEED_BYTES + 8;

/// What all random numbers of a card come from.
#[derive(Clone)]
pub struct Seed(Secret<SEED_BYTES>);

impl Seed {
    /// The seed of a text, such as the name of a test.
    #[must_use]
    pub fn of(text: &str) -> Self {
        Self(Secret::new(sha256(&[b"Saifu seed", text.as_bytes()])))
    }

    /// Fills `out` with what the draw of this number gives.
    pub(crate) fn draw(&self, number: u64, out: &mut [u8]) {
        for (block, bytes) in (0_u64..).zip(out.chunks_mut(32)) {
            let drawn = sha256(&[self.0.expose(), &number.to_be_bytes(), &block.to_be_bytes()]);
            bytes.iter_mut().zip(drawn).for_each(|(byte, drawn)| *byte = drawn);
        }
    }
}

impl fmt::Debug for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Seed")
    }
}

/// A card's seed, and how much of it was drawn.
#[derive(Debug)]
pub(super) struct Seeded {
    path: PathBuf,
    seed: Seed,
    draws: u64,
}

impl Seeded {
    /// Gives a card its seed.
    pub(super) fn make(secure: &Path, seed: &Seed) -> io::Result<()> {
        Self { path: secure.join("seed"), seed: seed.clone(), draws: 0 }.write()
    }

    /// Reads a card's seed; `None` when it has none.
    pub(super) fn read(secure: &Path) -> io::Result<Option<Self>> {
        let path = secure.join("seed");
        let Some(bytes) = files::read_secret(&path, BYTES)? else { return Ok(None) };
        let (magic, rest) = bytes.expose().split_at_checked(MAGIC.len()).unwrap_or_default();
        let (seed, draws) = rest.split_at_checked(SEED_BYTES).unwrap_or_default();
        let damaged = || io::Error::from(io::ErrorKind::InvalidData);
        let draws = u64::from_be_bytes(draws.try_into().map_err(|_| damaged())?);
        let seed = Seed(Secret::try_from(seed).map_err(|_| damaged())?);
        if magic == MAGIC { Ok(Some(Self { path, seed, draws })) } else { Err(damaged()) }
    }

    /// Fills `out` with what no draw before gave.
    pub(super) fn fill(&mut self, out: &mut [u8]) -> Result<(), RandomFailed> {
        let number = self.draws;
        self.draws = number.checked_add(1).ok_or(RandomFailed)?;
        self.write().map_err(|_| RandomFailed)?;
        self.seed.draw(number, out);
        Ok(())
    }

    /// Not synced: what is at stake when the machine fails is a test.
    fn write(&self) -> io::Result<()> {
        let mut bytes = Vec::with_capacity(BYTES);
        bytes.extend_from_slice(&MAGIC);
        bytes.extend_from_slice(self.seed.0.expose());
        bytes.extend_from_slice(&self.draws.to_be_bytes());
        files::overwrite_unsynced(&self.path, SecretVec::new(bytes).expose()).map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(seeded: &mut Seeded) -> [u8; 100] {
        let mut out = [0; 100];
        seeded.fill(&mut out).unwrap();
        out
    }

    #[test]
    fn a_seed_repeats_itself_on_another_card_and_never_on_the_same() {
        let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        assert!(Seeded::read(one.path()).unwrap().is_none());
        for folder in [one.path(), other.path()] {
            Seeded::make(folder, &Seed::of("a test")).unwrap();
        }
        let mut first = Seeded::read(one.path()).unwrap().unwrap();
        let draws = [drawn(&mut first), drawn(&mut first)];
        drop(first);
        let later = drawn(&mut Seeded::read(one.path()).unwrap().unwrap());
        assert!(draws[0] != draws[1] && !draws.contains(&later), "killed, it goes on");
        let mut second = Seeded::read(other.path()).unwrap().unwrap();
        assert_eq!([drawn(&mut second), drawn(&mut second), drawn(&mut second)][..2], draws);
        Seeded::make(other.path(), &Seed::of("another")).unwrap();
        assert_ne!(drawn(&mut Seeded::read(other.path()).unwrap().unwrap()), draws[0]);
    }

    #[test]
    fn a_damaged_seed_is_none_to_draw_from() {
        let folder = tempfile::tempdir().unwrap();
        Seeded::make(folder.path(), &Seed::of("a test")).unwrap();
        let path = folder.path().join("seed");
        let good = std::fs::read(&path).unwrap();
        for bytes in [&b""[..], &good[..BYTES - 1], &[&b"DEES\x01"[..], &good[5..]].concat()] {
            std::fs::write(&path, bytes).unwrap();
            let refused = Seeded::read(folder.path()).unwrap_err();
            assert_eq!(refused.kind(), io::ErrorKind::InvalidData);
        }
    }
}
