//! A virtual card and a test center in this very process, kept in one data folder.
//!
//! ```text
//! DATA/card     the card: its secure area and its memories
//! DATA/center   the center: works, keys, ledger
//! ```
//!
//! This is the only place where the terminal knows either from the inside, and it knows no
//! more than how to make them and how to call them. All of it is class test: what is bought
//! and paid here is worth nothing.

mod listening;

pub use listening::{Listening, NotListening};

use crate::center::{Body, Exchange, NoAnswer};
use crate::transport::{InProcess, VirtualCard};
use saifu_center::center::{Center, Options};
use saifu_center::in_process;
use saifu_center::keys::Unlock;
use saifu_vsmartcard::virtual_card::{self, CardError, NewCard};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use saifu_vsmartcard::TEST_PIN;

/// Why the card or the center of a data folder cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum EmbeddedError {
    /// The card.
    #[error("the virtual card: {0}")]
    Card(#[from] CardError),
    /// The center.
    #[error("the test center: {0}")]
    Center(#[from] saifu_center::Refusal),
    /// The folder.
    #[error("{}: {source}", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

/// A thing of the data folder, and whether it was made just now.
#[derive(Debug)]
pub struct Found<T> {
    /// The thing.
    pub it: T,
    /// Whether it was not there before.
    pub is_new: bool,
}

impl VirtualCard for virtual_card::VirtualCard {
    fn power_up(&mut self) {
        virtual_card::VirtualCard::power_up(self);
    }

    fn transmit(&mut self, command: &[u8]) -> Vec<u8> {
        virtual_card::VirtualCard::transmit(self, command)
    }
}

/// Takes up the card of a data folder; on first use makes one, with the PIN [`TEST_PIN`].
pub fn card(data: &Path) -> Result<Found<InProcess<virtual_card::VirtualCard>>, EmbeddedError> {
    let folder = data.join("card");
    let is_new = !folder.exists();
    if is_new {
        make_card(data, &folder)?;
    }
    let card = virtual_card::VirtualCard::open(&folder)?;
    let name = format!("virtual card in {}", folder.display());
    Ok(Found { it: InProcess::new(card, name), is_new })
}

/// Makes the card under another name first: a card is there whole or not at all.
fn make_card(data: &Path, folder: &Path) -> Result<(), EmbeddedError> {
    let begun = data.join("card.new");
    let at = |path: &Path| {
        let path = path.to_owned();
        move |source| EmbeddedError::Folder { path, source }
    };
    fs::create_dir_all(data).map_err(at(data))?;
    if begun.exists() {
        fs::remove_dir_all(&begun).map_err(at(&begun))?;
    }
    drop(virtual_card::VirtualCard::create(&begun, &NewCard::default())?);
    fs::rename(&begun, folder).map_err(at(folder))
}

/// A center in this process.
pub struct EmbeddedCenter(in_process::InProcess);

/// Opens the center of a data folder; on first use makes one.
pub fn center(data: &Path) -> Result<Found<EmbeddedCenter>, EmbeddedError> {
    let folder = data.join("center");
    let is_new = !folder.exists();
    let unlock = Unlock::from_env("SAIFU_CENTER").map_err(saifu_center::Refusal::from)?;
    let center = Arc::new(Center::open(&folder, Options { unlock, ..Options::default() })?);
    Ok(Found { it: EmbeddedCenter::new(center)?, is_new })
}

impl EmbeddedCenter {
    /// Calls `center` in this process.
    pub fn new(center: Arc<Center>) -> Result<Self, EmbeddedError> {
        Ok(Self(in_process::InProcess::new(center)?))
    }
}

impl Exchange for EmbeddedCenter {
    fn exchange(&self, request: http::Request<Vec<u8>>) -> Result<http::Response<Body>, NoAnswer> {
        self.0.call(request).map_err(|refusal| NoAnswer::Lost(refusal.to_string()))
    }
}
