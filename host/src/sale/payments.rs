//! The key of a payment that was begun, kept until its beginning is told: whoever begins the same
//! once more after a loss goes on with that one.

use super::journal::{disk, sync_folder_of};
use super::private::PrivateFile;
use super::{JournalError, Sales};
use crate::trust::sha256;
use saifu_wire::{AccountId, CenterId};
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// The digits of a key, and of the name of its file.
const DIGITS: usize = 32;

/// A payment that is begun.
#[derive(Debug)]
pub struct BegunPayment {
    key: String,
    path: PathBuf,
}

impl Sales {
    /// The payment of `amount` into a purse that was begun and not told, or a new one.
    ///
    /// # Errors
    /// The disk refuses, or there is no random source.
    pub fn begun_payment(
        &self,
        center: CenterId,
        account: AccountId,
        (purse, amount): (u32, u64),
    ) -> Result<BegunPayment, JournalError> {
        let asked = format!("{center} {account} {purse} {amount}");
        let name = &sha256(asked.as_bytes()).to_string()[..DIGITS];
        let path = self.folder().join(format!("payment-{name}.key"));
        if let Some(key) = read(&path).map_err(disk(&path))? {
            return Ok(BegunPayment { key, path });
        }
        let mut drawn = [0; DIGITS / 2];
        getrandom::fill(&mut drawn)
            .map_err(|why| disk(&path)(io::Error::other(why.to_string())))?;
        let key = hex::encode(drawn);
        write(&path, &key)?;
        Ok(BegunPayment { key, path })
    }
}

impl BegunPayment {
    /// The key under which the center is asked.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// What the center answered was told: the next one is another payment.
    ///
    /// # Errors
    /// The disk refuses.
    pub fn end(self) -> Result<(), JournalError> {
        fs::remove_file(&self.path).map_err(disk(&self.path))
    }
}

/// The key in a file; none where there is no whole one.
fn read(path: &Path) -> io::Result<Option<String>> {
    let mut key = String::new();
    match File::open(path) {
        Err(why) if why.kind() == io::ErrorKind::NotFound => return Ok(None),
        file => file?.take(DIGITS as u64 + 1).read_to_string(&mut key)?,
    };
    let whole = key.len() == DIGITS && key.bytes().all(|byte| byte.is_ascii_hexdigit());
    Ok(whole.then_some(key))
}

fn write(path: &Path, key: &str) -> Result<(), JournalError> {
    let near = || {
        let mut file = PrivateFile::create(path.with_extension("part"))?;
        file.write(key.as_bytes())?;
        file.keep()
    };
    let near = near().map_err(|why| disk(path)(io::Error::other(why.to_string())))?;
    fs::rename(near, path).map_err(disk(path))?;
    sync_folder_of(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::world::{ACCOUNT, CENTER};

    #[test]
    fn the_same_payment_has_the_same_key_until_it_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let begin = |amount| {
            let sales = Sales::open(folder.path()).unwrap();
            sales.begun_payment(CENTER, ACCOUNT, (1, amount)).unwrap()
        };
        let first = begin(700).key().to_owned();
        assert_eq!(begin(700).key(), first);
        assert_ne!(begin(701).key(), first);
        begin(700).end().unwrap();
        assert_ne!(begin(700).key(), first);
    }
}
