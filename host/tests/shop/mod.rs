//! A data folder with a test center that sells one photograph.

use saifu_center::catalogue::{NewWork, PreviewSource};
use saifu_center::config::{Config, PurseConfig};
use saifu_center::preview;
use saifu_center::store::Validity;
use saifu_center::{Center, Options};
use saifu_wire::signed::PaymentOrder;
use saifu_wire::value::{Kind, Price, ScopeKind, Unit};
use std::env;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

pub(crate) const PIN: &str = "1234";
pub(crate) const TITLE: &str = "A Photograph";
pub(crate) const GIFT: &str = "A Gift";
pub(crate) const PRICE: u64 = 300;

/// A folder, and what a test needs to know of it.
pub(crate) struct Shop {
    folder: TempDir,
    pub(crate) work: String,
}

impl Shop {
    /// A center whose accounts begin with `initial` JPY.
    pub(crate) fn new(initial: u64) -> Self {
        let purses = vec![PurseConfig::new(1, "bit-cash", "JPY", 1_000_000, initial)];
        Self::with(Config { purses, ..Config::default() })
    }

    /// A center as its owner has decided; the photograph is for sale where a purse can pay it.
    pub(crate) fn with(config: Config) -> Self {
        let folder = folder();
        let options = Options { config, ..Options::default() };
        let center = Center::open(&folder.path().join("data/center"), options).unwrap();
        let purses = &center.config().purses;
        let pays = purses.iter().any(|purse| (&*purse.kind, &*purse.unit) == ("bit-cash", "JPY"));
        let photograph = || add(&center, photograph(), TITLE, "image/jpeg", PaymentOrder::PayFirst);
        let work = if pays { photograph() } else { String::new() };
        let text = media("alice.txt");
        add(&center, text, GIFT, "text/plain; charset=utf-8", PaymentOrder::AlreadyPaid);
        Self { folder, work }
    }

    /// Sells the photograph once more, under another title and as `change` has it.
    #[allow(dead_code, reason = "only some of the test programs sell more")]
    pub(crate) fn sell(&self, title: &str, change: impl FnOnce(NewWork) -> NewWork) {
        let center = Center::open(&self.data().join("center"), Options::default()).unwrap();
        let work = change(describe(title, "image/jpeg", PaymentOrder::PayFirst));
        publish(&center, photograph(), work);
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.path("data")
    }
}

/// Where `SAIFU_LEAVINGS` says so, data folders are left there, to be searched for secrets.
impl Drop for Shop {
    fn drop(&mut self) {
        let others = fs::read_dir(self.folder.path()).into_iter().flatten().flatten();
        for other in others.filter(|entry| entry.file_name() != "data") {
            // What was bought is no secret of its buyer's; a folder goes with the rest.
            let _ = fs::remove_file(other.path());
        }
    }
}

fn folder() -> TempDir {
    let Some(place) = env::var_os("SAIFU_LEAVINGS") else { return tempfile::tempdir().unwrap() };
    let mut folder = tempfile::Builder::new().prefix("host-").tempdir_in(place).unwrap();
    folder.disable_cleanup(true);
    folder
}

/// The photograph that is sold.
fn photograph() -> PathBuf {
    media("seeding.jpg")
}

fn media(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/media").join(name)
}

pub(crate) fn photograph_bytes() -> Vec<u8> {
    fs::read(photograph()).unwrap()
}

fn add(
    center: &Center,
    file: PathBuf,
    title: &str,
    media_type: &str,
    payment: PaymentOrder,
) -> String {
    publish(center, file, describe(title, media_type, payment))
}

fn publish(center: &Center, file: PathBuf, work: NewWork) -> String {
    let row = center.add_work(&mut File::open(file).unwrap(), work).unwrap();
    center.publish(row.added.work, row.version).unwrap();
    row.added.work.to_string()
}

fn describe(title: &str, media_type: &str, payment: PaymentOrder) -> NewWork {
    let unit = Unit::new("JPY").unwrap();
    let price = Price { kind: Kind::BitCash, unit, amount: PRICE, scope: ScopeKind::Any };
    NewWork {
        shop: None,
        edition_of: None,
        sha256: None,
        title: title.into(),
        creator: "A Photographer".into(),
        description: String::new(),
        media_type: media_type.parse().unwrap(),
        prices: if payment == PaymentOrder::AlreadyPaid { vec![] } else { vec![price] },
        payment,
        uses: 0,
        validity: Validity::default(),
        preview: PreviewSource::Made(preview::Options::default()),
    }
}
