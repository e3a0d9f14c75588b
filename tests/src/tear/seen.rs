//! All that a card says of itself, answer by answer.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::{Mutex, OnceLock, PoisonError};

use saifu_vsmartcard::virtual_card::select;
use saifu_wire::answer::{Balances, CardStatus, LICENCES_PER_LIST, Licences, Outbox};
use saifu_wire::ins::Ins;
use saifu_wire::request::{
    ChallengeRequest, LicenceRef, PurseRef, SegmentRange, TokenRef, segments_data,
};
use saifu_wire::signed::{Signed, Token};
use saifu_wire::{CenterId, Nonce, Wire};

use crate::fixture::{Delivery, TestCard, TestCenter};

/// An answer's data, or the status word of a refusal.
pub type Answer = Result<Vec<u8>, u16>;

/// Amounts by center and purse.
pub type Sums = BTreeMap<(CenterId, u32), u64>;

/// What somebody who reads a card knows of it.
#[derive(Clone, Default)]
pub struct View {
    /// The PINs it may have, tried in this order.
    pub pins: Vec<Vec<u8>>,
    /// The centers it may know.
    pub centers: Vec<TestCenter>,
    /// The deliveries it may open.
    pub works: Vec<(TestCenter, u64, Delivery)>,
}

/// What a card answers to every command that reads; two cards that say the same hold the same.
#[derive(Clone, PartialEq, Eq)]
pub struct Seen(Vec<(String, Answer)>);

/// What the names of answers begin with, behind the center, to commands that do something.
const PROBE: &str = ": work ";

/// What is told whatever the state of the memory.
const PUBLIC: [&str; 4] = ["SELECT", "DF01", "DF02", "7F66"];

impl Seen {
    /// Reads a card that has power; the PIN is verified, so that this costs what VERIFY costs.
    pub fn read(card: &mut TestCard, view: &View) -> Self {
        let mut seen = Self(Vec::new());
        seen.read_card(card);
        seen.read_pin(card, &view.pins);
        for center in &view.centers {
            seen.read_purses(card, center);
            seen.read_licences(card, center);
        }
        seen.read_outbox(card);
        for (center, number, delivery) in &view.works {
            seen.read_work(card, center, *number, delivery);
        }
        seen
    }

    /// The answer of this name, if it was asked for.
    pub fn answer(&self, name: &str) -> Option<&Answer> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, answer)| answer)
    }

    /// Whether the memory was found good, or blank as in the factory.
    pub fn status(&self) -> Option<CardStatus> {
        let answer = self.answer("DF02")?.as_ref().ok()?;
        CardStatus::from_bytes(answer).ok()
    }

    /// The first of the answers that is not as in `other`, but for what cards draw anew.
    pub fn differs(&self, other: &Self) -> Option<String> {
        let pairs = self.0.iter().zip(&other.0);
        let mut different = pairs.filter(|(a, b)| a.0 != b.0 || !alike(&a.1, &b.1));
        let named = different.next().map(|((name, is), (_, was))| Difference { name, is, was });
        let count = (self.0.len() != other.0.len()).then(|| "another number of answers".into());
        named.map(|difference| difference.to_string()).or(count)
    }

    /// The first answer that a locked card must not give: what it tells but for its status, or
    /// a refusal that is neither 6581 nor what `right` refuses for its life cycle.
    pub fn not_locked(&self, right: &Self) -> Option<String> {
        let told = self.0.iter().filter(|(name, _)| !PUBLIC.contains(&name.as_str()));
        let mut wrong = told.filter(|(name, answer)| {
            let refused_anyway = answer.is_err() && right.answer(name) == Some(answer);
            *answer != Err(0x6581) && !refused_anyway
        });
        wrong.next().map(|(name, answer)| format!("{name} answers {}", Shown(answer)))
    }

    /// The first answer that is neither as in `right` nor 6581. Where a command that does
    /// something is answered 6581, those after it may be answered otherwise.
    pub fn wrong(&self, right: &Self) -> Option<String> {
        let acts = |name: &str| name == "PIN" || name.contains(PROBE);
        let failed = |(name, answer): &(String, Answer)| acts(name) && *answer == Err(0x6581);
        let end = self.0.iter().position(failed).unwrap_or(self.0.len());
        let mut wrong = self.0[..end].iter().filter(|(name, answer)| {
            let public = PUBLIC.contains(&name.as_str());
            !public && *answer != Err(0x6581) && right.answer(name) != Some(answer)
        });
        wrong.next().map(|(name, answer)| format!("{name} answers {}", Shown(answer)))
    }

    /// The value in the card, by purse: balances, holds, and what the tokens of the outbox pay.
    /// `None` where the card does not tell.
    pub fn value(&self, card: &mut TestCard, centers: &[TestCenter]) -> Option<Sums> {
        let mut sums = Sums::new();
        for center in centers {
            let answer = match self.answer(&at(center, "balances"))? {
                Err(0x6A88) => continue,
                answer => answer.as_ref().ok()?,
            };
            let balances = Balances::from_bytes(answer).ok()?;
            for purse in &balances.purses.0 {
                *sums.entry((center.id(), purse.purse)).or_default() += purse.balance + purse.held;
            }
        }
        for (_, answer) in self.0.iter().filter(|(name, _)| name.starts_with("token ")) {
            let token = answer.as_ref().ok()?;
            let (center, purse, amount) = paid(card, centers, token)?;
            *sums.entry((center, purse)).or_default() += amount;
        }
        sums.retain(|_, amount| *amount > 0);
        Some(sums)
    }

    fn note(&mut self, name: impl Into<String>, answer: Answer) {
        self.0.push((name.into(), answer));
    }

    fn read_card(&mut self, card: &mut TestCard) {
        self.note("SELECT", Ok(card.transmit(&select())));
        for tag in [0xDF01_u16, 0xDF02, 0xDF03, 0xDF04, 0xDF05, 0x7F66, 0x7F21] {
            self.note(format!("{tag:04X}"), card.get_data(tag));
        }
        let nonce = [0x11; 32];
        self.note("authentication", card.send(Ins::InternalAuthenticate, 0, 0, &nonce));
    }

    /// Tries the PINs until one is right; its number among them.
    fn read_pin(&mut self, card: &mut TestCard, pins: &[Vec<u8>]) {
        let mut verified = Err(0);
        for (pin, number) in pins.iter().zip(0..) {
            verified = card.verify(pin).map(|_| vec![number]);
            if verified.is_ok() {
                break;
            }
        }
        self.note("PIN", verified);
    }

    fn read_purses(&mut self, card: &mut TestCard, center: &TestCenter) {
        let balances = card.send(Ins::GetBalance, 0, 0, &center.id().0);
        let parsed = balances.as_ref().ok().and_then(|answer| Balances::from_bytes(answer).ok());
        self.note(at(center, "balances"), balances);
        for state in parsed.iter().flat_map(|balances| &balances.purses.0) {
            let purse = PurseRef { center: center.id(), purse: state.purse };
            let request = ChallengeRequest { purse, nonce: Nonce([0x11; 32]) };
            let challenge = card.send(Ins::GetCreditChallenge, 0, 0, &request.to_bytes());
            self.note(at(center, &format!("challenge {}", state.purse)), challenge);
        }
    }

    fn read_licences(&mut self, card: &mut TestCard, center: &TestCenter) {
        let mut number = 0;
        loop {
            let from = LicenceRef { center: center.id(), number }.to_bytes();
            let list = card.send(Ins::GetLicence, 1, 0, &from);
            let parsed = list.as_ref().ok().and_then(|answer| Licences::from_bytes(answer).ok());
            self.note(at(center, &format!("licences from {number}")), list);
            let full = parsed.filter(|list| list.0.len() == usize::from(LICENCES_PER_LIST));
            let Some(last) = full.and_then(|list| list.0.last().map(|last| last.number)) else {
                break;
            };
            number = last + 1;
        }
        let from = LicenceRef { center: center.id(), number: 0 }.to_bytes();
        self.note(at(center, "contents"), card.send(Ins::ListContents, 0, 0, &from));
    }

    fn read_outbox(&mut self, card: &mut TestCard) {
        let outbox = card.send(Ins::ListOutbox, 0, 0, &[]);
        let parsed = outbox.as_ref().ok().and_then(|answer| Outbox::from_bytes(answer).ok());
        self.note("outbox", outbox);
        for entry in parsed.iter().flat_map(|outbox| &outbox.0) {
            let token = TokenRef { center: entry.center, counter: entry.counter };
            let name = format!("token {:02x} {}", entry.center.0[0], entry.counter);
            self.note(name, card.send(Ins::GetToken, 0, 0, &token.to_bytes()));
        }
    }

    /// Opens a work as it is delivered and as it is stored, and loads its licence again: that
    /// shows a number that is used.
    fn read_work(
        &mut self,
        card: &mut TestCard,
        center: &TestCenter,
        number: u64,
        work: &Delivery,
    ) {
        let licence = LicenceRef { center: center.id(), number }.to_bytes();
        let segments = segments_data(0, &work.segments.concat());
        let all = SegmentRange { first: 0, count: work.segments.len() as u8 }.to_bytes();
        let opening = [licence.clone(), work.header.to_bytes()].concat();
        let sent = [
            ("stream", Ins::OpenStream, 0, &opening),
            ("plaintext", Ins::Decrypt, 0, &segments),
            ("stored stream", Ins::OpenStream, 1, &licence),
            ("stored plaintext", Ins::ReadContent, 0, &all),
            ("stored header", Ins::HandBack, 0, &licence),
            ("stored segments", Ins::HandBack, 1, &all),
            ("licence again", Ins::LoadLicence, 0, &work.licence.to_bytes()),
        ];
        for (what, ins, p1, data) in sent {
            self.note(at(center, &format!("work {number}, {what}")), card.send(ins, p1, 0, data));
        }
    }
}

fn at(center: &TestCenter, what: &str) -> String {
    format!("center {:02x}: {what}", center.id().0[0])
}

/// Whether two answers say the same; tokens may differ in what is drawn for each.
pub(super) fn alike(one: &Answer, other: &Answer) -> bool {
    let token = |answer: &Answer| {
        let token = Signed::<Token>::parse(answer.as_ref().ok()?).ok()?;
        let Token { center, center_key, account, counter, previous, .. } = token.message().clone();
        Some((center, center_key, account, counter, previous))
    };
    one == other || token(one).is_some_and(|one| token(other) == Some(one))
}

/// Center, purse and amount of a token, as its center reads it; each is opened once.
fn paid(card: &mut TestCard, centers: &[TestCenter], token: &[u8]) -> Option<(CenterId, u32, u64)> {
    type Opened = Mutex<HashMap<Vec<u8>, (CenterId, u32, u64)>>;
    static OPENED: OnceLock<Opened> = OnceLock::new();
    let opened = OPENED.get_or_init(Opened::default);
    let known = opened.lock().unwrap_or_else(PoisonError::into_inner).get(token).copied();
    if known.is_some() {
        return known;
    }
    let id = Signed::<Token>::parse(token).ok()?.message().center;
    let center = centers.iter().find(|center| center.id() == id)?;
    let payload = center.open_token(&card.keys(), token);
    let paid = (id, payload.purse, payload.amount);
    opened.lock().unwrap_or_else(PoisonError::into_inner).insert(token.to_vec(), paid);
    Some(paid)
}

/// Shows an answer in a line.
struct Shown<'a>(&'a Answer);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Err(word) => write!(f, "{word:04X}"),
            Ok(data) => data.iter().try_for_each(|byte| write!(f, "{byte:02x}")),
        }
    }
}

struct Difference<'a> {
    name: &'a str,
    is: &'a Answer,
    was: &'a Answer,
}

impl fmt::Display for Difference<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} and not {}", self.name, Shown(self.is), Shown(self.was))
    }
}

/// One answer a line: its name, then data in hex or the status word of a refusal.
impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|(name, answer)| writeln!(f, "{name} = {}", Shown(answer)))
    }
}
