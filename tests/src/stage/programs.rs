//! Where the three programs are.

use std::env;
use std::path::{Path, PathBuf};

use crate::shop::Anything;

/// The three programs.
#[derive(Debug, Clone)]
pub struct Programs {
    /// `saifu`.
    pub terminal: PathBuf,
    /// `saifu-center`.
    pub center: PathBuf,
    /// `saifu-card`.
    pub card: PathBuf,
}

impl Programs {
    /// Finds them beside this program, or above it where it is a test.
    ///
    /// # Errors
    /// One of them is not built.
    pub fn find() -> Result<Self, Anything> {
        let this = env::current_exe()?;
        let folders: Vec<_> = this.ancestors().skip(1).take(2).collect();
        let find = |name: &str| find(&folders, name);
        Ok(Self {
            terminal: find("saifu")?,
            center: find("saifu-center")?,
            card: find("saifu-card")?,
        })
    }
}

fn find(folders: &[&Path], name: &str) -> Result<PathBuf, Anything> {
    let name = format!("{name}{}", env::consts::EXE_SUFFIX);
    let mut places = folders.iter().map(|folder| folder.join(&name));
    let found = places.find(|place| place.is_file());
    found.ok_or_else(|| format!("{name} is not built: run `make build`").into())
}
