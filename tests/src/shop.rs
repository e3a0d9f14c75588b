//! A center with the three real works, and a terminal with a test card: all in one folder.

use std::fs;
use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use saifu_center::catalogue::{NewWork, PreviewSource};
use saifu_center::ledger::reconcile;
use saifu_center::preview::{MediaType, Options as PreviewOptions};
use saifu_center::store::{Validity, VersionRow};
use saifu_center::{Center, Options, money};
use saifu_host::card::{Card, Pin};
use saifu_host::center::{Client, Exchange};
use saifu_host::embedded::{self, EmbeddedCenter, TEST_PIN};
use saifu_host::sale::{Customer, NoCustomer, Offer};
use saifu_host::session::Session;
use saifu_host::transport::Transport;
use saifu_wire::answer::PurseState;
use saifu_wire::personalise::PinnedRoot;
use saifu_wire::signed::PaymentOrder;
use saifu_wire::test_root;

/// Whatever goes wrong here ends the program that asked.
pub type Anything = Box<dyn std::error::Error + Send + Sync>;

/// A real work of `tests/media`, and what it costs.
#[derive(Debug, Clone, Copy)]
pub struct RealWork {
    /// Its file in `tests/media`.
    pub file: &'static str,
    /// Its media type.
    pub media_type: &'static str,
    /// Its title.
    pub title: &'static str,
    /// Who made it.
    pub creator: &'static str,
    /// Its price in JPY.
    pub price: u64,
    /// In which order paying and decrypting come.
    pub payment: PaymentOrder,
}

/// The real works, by kind: a picture, a sound, a text. The sound is decrypted first.
pub const REAL_WORKS: [RealWork; 3] = [
    RealWork {
        file: "seeding.jpg",
        media_type: "image/jpeg",
        title: "Seeding",
        creator: "Clemens Engelhardt",
        price: 300,
        payment: PaymentOrder::PayFirst,
    },
    RealWork {
        file: "inaugural.wav",
        media_type: "audio/wav",
        title: "Inaugural address (excerpt)",
        creator: "John F. Kennedy",
        price: 500,
        payment: PaymentOrder::DecryptFirst,
    },
    RealWork {
        file: "alice.txt",
        media_type: "text/plain",
        title: "Alice's Adventures in Wonderland",
        creator: "Lewis Carroll",
        price: 120,
        payment: PaymentOrder::PayFirst,
    },
];

impl RealWork {
    /// The work itself: M.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn read(&self) -> Result<Vec<u8>, Anything> {
        Ok(fs::read(self.path())?)
    }

    /// Where it is.
    pub fn path(&self) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("media").join(self.file)
    }

    /// What a publisher says of it.
    ///
    /// # Errors
    /// None in practice: the table is well formed.
    pub fn describe(&self) -> Result<NewWork, Anything> {
        Ok(NewWork {
            shop: None,
            edition_of: None,
            sha256: None,
            title: self.title.into(),
            creator: self.creator.into(),
            description: String::new(),
            media_type: self.media_type.parse::<MediaType>()?,
            prices: vec![money::parse_price(&format!("JPY:{}", self.price))?],
            payment: self.payment,
            uses: 0,
            validity: Validity::default(),
            preview: PreviewSource::Made(PreviewOptions::default()),
        })
    }
}

/// A center, and the folder of a terminal beside it.
pub struct Shop {
    /// The center.
    pub center: Arc<Center>,
    /// The terminal's data folder.
    pub data: PathBuf,
    /// The root that the terminal trusts.
    pub root: PinnedRoot,
}

impl Shop {
    /// Opens a center and a terminal in `data`.
    ///
    /// # Errors
    /// The folder cannot be used.
    pub fn open(data: &Path) -> Result<Self, Anything> {
        Self::of(Arc::new(Center::open(&data.join("center"), Options::default())?), data)
    }

    /// A center that is open already, and a terminal in `data`.
    ///
    /// # Errors
    /// None in practice: the test root is well formed.
    pub fn of(center: Arc<Center>, data: &Path) -> Result<Self, Anything> {
        let root = test_root::pinned().ok_or("the test root is well formed")?;
        Ok(Self { center, data: data.to_owned(), root })
    }

    /// Registers a work with its preview and publishes it (ST1 to ST3).
    ///
    /// # Errors
    /// The center refuses.
    pub fn publish(&self, work: &RealWork) -> Result<VersionRow, Anything> {
        let added = self.center.add_work(&mut Cursor::new(work.read()?), work.describe()?)?;
        Ok(self.center.publish(added.added.work, added.version)?)
    }

    /// The way to the center.
    ///
    /// # Errors
    /// The system gives no thread.
    pub fn client(&self) -> Result<Client, Anything> {
        Ok(Client::new(Box::new(self.exchange()?)))
    }

    /// The way to the center, to be put behind something hostile.
    ///
    /// # Errors
    /// The system gives no thread.
    pub fn exchange(&self) -> Result<impl Exchange + 'static, Anything> {
        Ok(EmbeddedCenter::new(Arc::clone(&self.center))?)
    }

    /// The terminal's card, made on first use.
    ///
    /// # Errors
    /// The folder cannot be used, or another has the card.
    pub fn card(&self) -> Result<Card, Anything> {
        Ok(Card::new(Box::new(self.transport("terminal")?)))
    }

    /// A card in a folder of its own, to be put behind something hostile.
    ///
    /// # Errors
    /// The folder cannot be used, or another has the card.
    pub fn transport(&self, name: &str) -> Result<impl Transport + 'static, Anything> {
        Ok(embedded::card(&self.data.join(name))?.it)
    }

    /// What the center's ledger finds wrong with the value; empty when all of it is accounted.
    ///
    /// # Errors
    /// The store fails.
    pub fn findings(&self) -> Result<Vec<String>, Anything> {
        Ok(reconcile(&self.center.books()?).findings)
    }

    /// What all cards hold, what is settled, and what was issued, by the center's ledger: JPY.
    ///
    /// # Errors
    /// The store fails, or there is no such value.
    pub fn ledger(&self) -> Result<LedgerSums, Anything> {
        let books = reconcile(&self.center.books()?);
        let sums = books.kinds.first().ok_or("no value was issued yet")?;
        Ok(LedgerSums {
            issued: u64::try_from(sums.issued)?,
            cards: u64::try_from(sums.cards)?,
            settled: u64::try_from(sums.settled)?,
        })
    }
}

/// Where the value is, in minor units of the first kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LedgerSums {
    /// What was given out.
    pub issued: u64,
    /// What cards hold, as far as the center has heard.
    pub cards: u64,
    /// What is settled.
    pub settled: u64,
}

/// A customer who knows the PIN and agrees to everything.
#[derive(Debug, Clone)]
pub struct Willing {
    /// The PIN that is entered.
    pub pin: String,
}

impl Default for Willing {
    fn default() -> Self {
        Self { pin: TEST_PIN.into() }
    }
}

impl Customer for Willing {
    fn pin(&mut self) -> Result<Pin, NoCustomer> {
        Pin::new(&self.pin).map_err(|error| NoCustomer::Absent(error.to_string()))
    }

    fn approve(&mut self, _offer: &Offer) -> Result<(), NoCustomer> {
        Ok(())
    }
}

/// The PIN of the shop's cards.
///
/// # Errors
/// None in practice: it is a PIN.
pub fn pin() -> Result<Pin, Anything> {
    Ok(Pin::new(TEST_PIN)?)
}

/// The card's own word on its first purse at the session's center.
///
/// # Errors
/// The card refuses, or has no purse there.
pub fn purse(session: &mut Session<'_>) -> Result<PurseState, Anything> {
    let center = session.center.id;
    let balances = session.selected.verify(&pin()?)?.balances(center)?;
    Ok(balances.purses.0.into_iter().next().ok_or("the card has no purse here")?)
}
