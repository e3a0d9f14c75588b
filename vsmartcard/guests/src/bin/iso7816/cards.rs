//! The cards, each in a pcscd of its own.

use std::time::Duration;

use saifu_guests::nitrokey;
use saifu_vsmartcard::harness::{CardThread, PrivatePcscd};
use saifu_vsmartcard::platform::RamPlatform;
use saifu_vsmartcard::runtime::Runtime;
use saifu_vsmartcard::{NewCard, VirtualCard};
use saifu_wire::CardId;

use super::Anything;
use super::revived::Revived;

/// pcscd looks for cards every 400 ms; Python takes a second or two to start.
const NOTICED_WITHIN: Duration = Duration::from_secs(30);
/// A card that the suite runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Card {
    /// The Saifu applet in our runtime.
    Ours,
    /// Nitrokey's OpenPGP card there.
    Opcard,
    /// Nitrokey's PIV card there.
    Piv,
    /// Debian's card in Python.
    Vicc,
}

/// A card in its reader; dropped, both are gone.
pub(crate) struct InReader {
    pub(crate) pcscd: PrivatePcscd,
    /// What must live as long as the card shall be there.
    _card: Box<dyn Send>,
}

impl Card {
    pub(crate) const ALL: [Self; 4] = [Self::Ours, Self::Opcard, Self::Piv, Self::Vicc];

    /// What the list of deviations calls it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Ours => "ours",
            Self::Opcard => "opcard",
            Self::Piv => "piv",
            Self::Vicc => "vicc",
        }
    }

    /// Whether its program ends with some commands.
    pub(crate) const fn dies(self) -> bool {
        matches!(self, Self::Vicc)
    }

    /// What the suite is told of it: `tests/iso7816/card.inc` says what each variable is.
    pub(crate) const fn variables(self) -> &'static [&'static str] {
        match self {
            Self::Ours => &[
                "aid=F0534149465501",
                "read=CADF02",
                "ask=00880000",
                "ask_chained=10880000",
                "ask_1=000102030405060708090A0B0C0D0E0F",
                "ask_2=101112131415161718191A1B1C1D1E1F",
            ],
            Self::Opcard => &[
                "aid=D27600012401",
                "read=CA006E",
                "ask=00A50004",
                "ask_chained=10A50004",
                "ask_1=60045C",
                "ask_2=027F21",
            ],
            Self::Piv => {
                &["aid=A00000030800001000", "read=CB3FFF035C017E", "ask_1=5C", "ask_2=017E"]
            }
            // What it cannot do, answer with an FCI, is asked once and not in each section.
            Self::Vicc => {
                &["aid=F04445424941", "select=A4040C06F04445424941", "read=B08100", "long=840000"]
            }
        }
    }

    /// Puts a new card of this kind into a reader of its own.
    pub(crate) fn insert(self) -> Result<InReader, Anything> {
        let pcscd = PrivatePcscd::start()?;
        let port = pcscd.vpcd_port();
        let card: Box<dyn Send> = match self {
            Self::Ours => Box::new(CardThread::start(ours()?, port)?),
            Self::Opcard => {
                let (openpgp, _) = nitrokey::applets();
                Box::new(CardThread::start(Runtime::new(vec![Box::new(openpgp)]), port)?)
            }
            Self::Piv => {
                let (_, piv) = nitrokey::applets();
                Box::new(CardThread::start(Runtime::new(vec![Box::new(piv)]), port)?)
            }
            Self::Vicc => Box::new(CardThread::start(Revived::start()?, port)?),
        };
        if !pcscd.wait_for_cards(1, NOTICED_WITHIN) {
            return Err(format!("no card within {NOTICED_WITHIN:?}; {}", pcscd.log()).into());
        }
        Ok(InReader { pcscd, _card: card })
    }
}

fn ours() -> Result<VirtualCard, Anything> {
    let mut card = VirtualCard::on(RamPlatform::new(7));
    card.personalise(CardId([7; 16]), &NewCard::default())?;
    Ok(card)
}
