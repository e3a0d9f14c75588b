//! A Saifu card on a PC: the applet in a runtime, on a folder or on any other machine.

use std::fmt;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use saifu_applet::Card;
use saifu_applet::crypto::self_test::{self, Algorithm, SelfTestFailed};
use saifu_applet::crypto::{RandomFailed, Secret};
use saifu_applet::platform::{DEFAULT_CONTENT_BYTES, Manufacture, Platform};
use saifu_wire::apdu::Command;
use saifu_wire::applet::AID;
use saifu_wire::certificate::{Assurance, Certificate, Date};
use saifu_wire::ins::Ins;
use saifu_wire::personalise::{Limits, Personalisation};
use saifu_wire::{CardId, test_root};

use crate::faults::Faults;
use crate::personalise::{self, Order, PersonaliseError, Proven, TestIssuer, Validity};
use crate::platform::{
    FolderError, FolderPlatform, Seed, SeededRam, Shared, Tearable, Torn, Watched,
};
use crate::runtime::Runtime;

/// The PIN of a test card whose maker chose no other.
pub const TEST_PIN: &str = "1234";

/// A card that answers APDUs.
pub struct VirtualCard {
    runtime: Runtime,
}

/// What a new test card shall be; its PIN is not printed.
#[derive(Clone)]
pub struct NewCard {
    /// Its id; drawn at random if there is none.
    pub card: Option<CardId>,
    /// Its PIN, 4 to 12 digits.
    pub pin: String,
    /// What may be paid how.
    pub limits: Limits,
    /// The bits of `Kup`: 2048 or 3072.
    pub rsa_bits: u16,
    /// The size of its content memory, in bytes as they are sealed.
    pub content_bytes: u64,
    /// Where all its random numbers come from, in the making and later, so that a test repeats;
    /// the system's if there is none.
    pub seed: Option<Seed>,
}

impl fmt::Debug for NewCard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut told = f.debug_struct("NewCard");
        told.field("card", &self.card).field("rsa_bits", &self.rsa_bits);
        told.finish_non_exhaustive()
    }
}

impl Default for NewCard {
    fn default() -> Self {
        let limits =
            Limits { per_payment: u64::MAX, per_payment_without_pin: 0, total_without_pin: 0 };
        Self {
            card: None,
            pin: TEST_PIN.into(),
            limits,
            rsa_bits: 2048,
            content_bytes: DEFAULT_CONTENT_BYTES,
            seed: None,
        }
    }
}

impl NewCard {
    /// Makes it in RAM, personalised, by its seed: the machine to put under a card, or under as
    /// many as it has clones.
    ///
    /// # Errors
    /// [`CardError::NoSeed`]; as [`VirtualCard::create`].
    pub fn in_ram(&self) -> Result<SeededRam, CardError> {
        let blank = self.blank_in_ram()?;
        let card = blank.manufacture().card;
        let machine = Shared::new(blank);
        VirtualCard::on(machine.clone()).personalise(card, self)?;
        let made = machine.lock().clone();
        Ok(made)
    }

    /// Makes it in RAM, blank, by its seed.
    ///
    /// # Errors
    /// [`CardError::NoSeed`].
    pub fn blank_in_ram(&self) -> Result<SeededRam, CardError> {
        let seed = self.seed.clone().ok_or(CardError::NoSeed)?;
        Ok(SeededRam::new(self.manufacture(Assurance::Test)?, seed))
    }

    /// What its manufacturer puts into it.
    fn manufacture(&self, class: Assurance) -> Result<Manufacture, CardError> {
        let card = match self.card {
            Some(card) => card,
            None => {
                let mut card = CardId::ZERO;
                self.random()(&mut card.0).map_err(|_| CardError::Random)?;
                card
            }
        };
        let master = Secret::new(test_root::SCP03_MASTER);
        let version = test_root::SCP03_KEY_VERSION;
        let usual = Manufacture::diversified(card, class, version, &master);
        Ok(Manufacture { content_bytes: self.content_bytes, ..usual })
    }

    /// The random numbers of those who make it: of its seed, too, but none of its own.
    fn random(&self) -> impl FnMut(&mut [u8]) -> Result<(), RandomFailed> {
        let (seed, mut draws) = (self.seed.clone(), MAKERS_DRAWS..);
        move |out| match (&seed, draws.next()) {
            (Some(seed), Some(number)) => {
                seed.draw(number, out);
                Ok(())
            }
            _ => system_random(out),
        }
    }

    /// How long its certificates are valid; what repeats has no year of its own.
    fn validity(&self) -> Result<Validity, CardError> {
        let day = |year, month, day| Date::new(year, month, day).map_err(|_| CardError::Clock);
        match self.seed {
            None => validity_from_now().ok_or(CardError::Clock),
            Some(_) => Ok(Validity { effective: day(20, 1, 1)?, expires: day(99, 12, 31)? }),
        }
    }
}

/// The first draw of a seed that is its makers' and not the card's.
const MAKERS_DRAWS: u64 = 1 << 63;

/// Why a card cannot be made or taken up.
#[derive(Debug, thiserror::Error)]
pub enum CardError {
    /// Its folder.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// Its personalisation.
    #[error(transparent)]
    Personalise(#[from] PersonaliseError),
    /// It does not take the certificate of the administration.
    #[error("the card does not take its administration's certificate: take the issuer's answer")]
    Administration,
    /// It is made in RAM, where only a test is.
    #[error("a card in RAM needs a seed: its random numbers are no secret")]
    NoSeed,
    /// The system has no random numbers.
    #[error("the system's random source failed")]
    Random,
    /// The system's clock is outside 2000 to 2099.
    #[error("the system's clock is not set: a certificate needs a day from 2000 to 2099")]
    Clock,
}

impl VirtualCard {
    /// Takes up the card in `folder`.
    ///
    /// # Errors
    /// As [`FolderPlatform::open`].
    pub fn open(folder: &Path) -> Result<Self, CardError> {
        Ok(Self::on(FolderPlatform::open(folder)?))
    }

    /// Takes up the card in `folder`; `faults` may tear its writes and have its memory, its random
    /// source and its self-test fail, and a test may end it before and after each commit.
    ///
    /// # Errors
    /// As [`FolderPlatform::open`].
    pub fn open_faulty(folder: &Path, faults: &Faults) -> Result<Self, CardError> {
        Ok(Self::on_faulty(FolderPlatform::open(folder)?, faults))
    }

    /// Puts the applet on any machine, as [`VirtualCard::open_faulty`] does on one in a folder.
    pub fn on_faulty(machine: impl Tearable + Send + 'static, faults: &Faults) -> Self {
        let torn = Torn::new(machine, faults.clone());
        let faults = faults.clone();
        let tested = move || {
            if faults.meet_power_up() {
                Err(SelfTestFailed(Algorithm::Hash))
            } else {
                self_test::run()
            }
        };
        Self::of(Card::with_self_test(Watched::new(torn), tested))
    }

    /// Makes a card of class test in `folder`, which must not be there yet.
    ///
    /// # Errors
    /// [`CardError`]; then nothing is in `folder`, and neither when the process is killed: a
    /// card is whole or not there.
    pub fn create(folder: &Path, new: &NewCard) -> Result<Self, CardError> {
        let manufacture = new.manufacture(Assurance::Test)?;
        let finish = |blank| Self::on(blank).personalise(manufacture.card, new);
        let made =
            FolderPlatform::create_finished(folder, &manufacture, new.seed.as_ref(), finish)?;
        Ok(Self::on(made))
    }

    /// Makes a blank card of class test in `folder`, which must not be there yet: as it comes from
    /// its manufacturer, for an issuer to personalise. Its PIN and limits are its issuer's affair.
    ///
    /// # Errors
    /// As [`VirtualCard::create`].
    pub fn create_blank(folder: &Path, new: &NewCard) -> Result<Self, CardError> {
        let manufacture = new.manufacture(Assurance::Test)?;
        let finish = |_| Ok::<_, CardError>(());
        let made =
            FolderPlatform::create_finished(folder, &manufacture, new.seed.as_ref(), finish)?;
        Ok(Self::on(made))
    }

    /// Prepares a card of `class` in `folder`, which must not be there yet, until its issuer has
    /// to certify it; gives its id and the keys that it has proven.
    ///
    /// # Errors
    /// As [`VirtualCard::create`].
    pub fn prepare(
        folder: &Path,
        new: &NewCard,
        class: Assurance,
    ) -> Result<(CardId, Proven), CardError> {
        let manufacture = new.manufacture(class)?;
        let card = manufacture.card;
        let mut proven = None;
        let prepare = |blank| {
            let mut prepared = Self::on(blank);
            prepared.transmit(&select());
            let transmit = &mut |apdu: &[u8]| prepared.runtime.transmit(apdu);
            let (issuer, what) = (TestIssuer::new()?, (card, new.rsa_bits));
            proven = Some(personalise::prepare(transmit, &issuer, what, &mut system_random)?);
            Ok::<_, CardError>(())
        };
        FolderPlatform::create_finished(folder, &manufacture, None, prepare)?;
        let proven = proven.ok_or(PersonaliseError::NotProven)?;
        Ok((card, proven))
    }

    /// Finishes a card that was prepared with what its issuer certified, and shows it the
    /// certificate of its administration, so that it follows no other (§12.1).
    ///
    /// # Errors
    /// [`CardError::Personalise`]: the card refuses what it is given, and stays as it was.
    pub fn certify(
        &mut self,
        card: CardId,
        data: &Personalisation,
        administration: &Certificate,
    ) -> Result<(), CardError> {
        self.transmit(&select());
        let transmit = &mut |apdu: &[u8]| self.runtime.transmit(apdu);
        personalise::finish(transmit, &TestIssuer::new()?, (card, data), &mut system_random)?;
        self.reset();
        self.transmit(&select());
        let ins = Ins::VerifyCertificate;
        let content = administration.content();
        let show = Command {
            cla: ins.cla(),
            ins: ins.code(),
            p1: 0x00,
            p2: 0xBE,
            data: &content,
            le: None,
            extended: content.len() > 255,
        };
        let shown = self.transmit(&show.to_bytes());
        self.reset();
        if shown == [0x90, 0x00] { Ok(()) } else { Err(CardError::Administration) }
    }

    /// Puts the applet on any machine, and gives it power.
    pub fn on(platform: impl Platform + Send + 'static) -> Self {
        Self::of(Card::new(platform))
    }

    /// Gives a card power that was put together before.
    pub fn of(card: Card<impl Platform + Send + 'static>) -> Self {
        let mut runtime = Runtime::new(vec![Box::new(card)]);
        runtime.power_up();
        Self { runtime }
    }

    /// Lends the runtime, where other applets are installed beside the Saifu one.
    pub fn runtime(&mut self) -> &mut Runtime {
        &mut self.runtime
    }

    /// Personalises a blank card of class test; it is reset afterwards.
    ///
    /// # Errors
    /// [`CardError::Personalise`], [`CardError::Clock`].
    pub fn personalise(&mut self, card: CardId, new: &NewCard) -> Result<(), CardError> {
        let order = Order {
            card,
            assurance: Assurance::Test,
            pin: new.pin.clone().into_bytes(),
            limits: new.limits.clone(),
            rsa_bits: new.rsa_bits,
            validity: new.validity()?,
        };
        self.transmit(&select());
        let transmit = &mut |apdu: &[u8]| self.runtime.transmit(apdu);
        let mut random = new.random();
        personalise::personalise(transmit, &TestIssuer::new()?, &order, &mut random)?;
        self.reset();
        Ok(())
    }

    /// Answers a command APDU with data and status word.
    pub fn transmit(&mut self, apdu: &[u8]) -> Vec<u8> {
        self.runtime.transmit(apdu)
    }

    /// Takes power away.
    pub fn power_down(&mut self) {
        self.runtime.power_down();
    }

    /// Takes power away and gives it back.
    pub fn power_up(&mut self) {
        self.runtime.power_down();
        self.runtime.power_up();
    }

    /// Resets the card.
    pub fn reset(&mut self) {
        self.runtime.reset();
    }
}

/// SELECT of the Saifu applet.
pub fn select() -> Vec<u8> {
    let ins = Ins::Select;
    let (cla, ins, le) = (ins.cla(), ins.code(), Some(256));
    Command { cla, ins, p1: 0x04, p2: 0x00, data: &AID, le, extended: false }.to_bytes()
}

fn system_random(out: &mut [u8]) -> Result<(), RandomFailed> {
    getrandom::fill(out).map_err(|_| RandomFailed)
}

/// From the first day of this year to the last day of the twentieth after it.
pub(crate) fn validity_from_now() -> Option<Validity> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).ok()?.as_secs();
    let year = (0..=99).find(|year| Date::new(*year, 12, 31).is_ok_and(|day| now < day.ends()))?;
    let effective = Date::new(year, 1, 1).ok().filter(|day| day.begins() <= now)?;
    let expires = Date::new((year + 20).min(99), 12, 31).ok()?;
    Some(Validity { effective, expires })
}

#[cfg(test)]
mod tests;
