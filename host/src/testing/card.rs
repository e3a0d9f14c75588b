//! A card that plays the commands of a sale: it signs and counts, and ciphers nothing.

use super::{Fuse, world};
use crate::transport::{Transport, TransportError};
use crate::trust::{identity, sha256};
use saifu_wire::answer::{
    Balances, CERTIFICATES, CenterKeys, DataObject, LicenceState, LicenceStatus, LifeCycle,
    PurseState, Selected, StreamOpened, UNLIMITED,
};
use saifu_wire::apdu::Command;
use saifu_wire::certificate::Assurance;
use saifu_wire::codec::{Bytes, List};
use saifu_wire::ins::Ins;
use saifu_wire::request::{PayRequest, parse_segments};
use saifu_wire::signed::{Authentication, Licence, PaymentOrder, Receipt, Signed, Token};
use saifu_wire::stream::HEADER_BYTES;
use saifu_wire::value::{Kind, ScopeKind, Unit};
use saifu_wire::{AccountId, Digest, Nonce, Status, Wire};
use std::cell::RefCell;
use std::rc::Rc;

/// What outlives a session.
#[derive(Default)]
pub(crate) struct Stored {
    pub(crate) balance: u64,
    pub(crate) debits: usize,
    /// Streams that were opened.
    pub(crate) opens: usize,
    /// The account its tokens name, if not the right one.
    pub(crate) pays_from: Option<AccountId>,
    pub(crate) licence: Option<Signed<Licence>>,
    pub(crate) token: Option<Signed<Token>>,
    pub(crate) paid: bool,
    pub(crate) acknowledged: bool,
}

/// A card, and what breaks on the way to it.
#[derive(Clone)]
pub(crate) struct PlayCard {
    pub(crate) stored: Rc<RefCell<Stored>>,
    pub(crate) fuse: Fuse,
    /// Whether a broken exchange loses the answer and not the command.
    pub(crate) loses_answers: bool,
    verified: bool,
    authorised: bool,
    open: bool,
}

type Played = Result<Vec<u8>, u16>;

impl PlayCard {
    pub(crate) fn new(balance: u64) -> Self {
        let stored = Stored { balance, ..Stored::default() };
        Self {
            stored: Rc::new(RefCell::new(stored)),
            fuse: Fuse::default(),
            loses_answers: false,
            verified: false,
            authorised: false,
            open: false,
        }
    }

    fn play(&mut self, apdu: &[u8]) -> Played {
        let command = Command::parse(apdu).map_err(|_| 0x6700_u16)?;
        let ins = Ins::find(command.cla & 0x80 != 0, command.ins).ok_or(0x6D00_u16)?;
        let data = command.data;
        match ins {
            Ins::Select => {
                (self.verified, self.authorised, self.open) = (false, false, false);
                Ok(Selected::new(LifeCycle::Activated, Assurance::Test).to_fci())
            }
            Ins::GetData => get_data([command.p1, command.p2]),
            Ins::InternalAuthenticate => {
                let nonce = Nonce::from_bytes(data).map_err(|_| 0x6A80_u16)?;
                Ok(world::card_signs(Authentication { card: world::CARD, nonce }).to_bytes())
            }
            Ins::VerifyCertificate => Ok(Vec::new()),
            Ins::Verify if data == world::PIN.as_bytes() => {
                (self.verified, self.authorised) = (true, true);
                Ok(Vec::new())
            }
            Ins::Verify => Err(0x63C2),
            Ins::GetBalance if self.verified => Ok(self.balances()),
            Ins::LoadLicence => self.load(data),
            Ins::GetLicence => self.state().ok_or(Status::NotFound as u16),
            Ins::Debit => self.debit(&PayRequest::from_bytes(data).unwrap()),
            Ins::GetToken => {
                let token = self.stored.borrow().token.as_ref().map(Signed::to_bytes);
                token.ok_or(Status::NotFound as u16)
            }
            Ins::OpenStream => self.open_stream(data),
            Ins::Decrypt if self.open => decrypt(data),
            Ins::Acknowledge => self.acknowledge(data),
            Ins::GetBalance => Err(0x6982),
            _ => Err(0x6D00),
        }
    }

    fn balances(&self) -> Vec<u8> {
        let purse = PurseState {
            purse: 1,
            kind: Kind::BitCash,
            unit: Unit::new("JPY").unwrap(),
            scope: ScopeKind::Any,
            scope_id: [0; 16],
            face_amount: 0,
            max_balance: 1_000_000,
            not_after: 0,
            balance: self.stored.borrow().balance,
            held: 0,
            sequence: 1,
        };
        let purses = List(vec![purse]);
        Balances { account: world::ACCOUNT, counter: 2, purses }.to_bytes()
    }

    fn load(&mut self, licence: &[u8]) -> Played {
        let licence = Signed::parse(licence).map_err(|_| 0x6A80_u16)?;
        self.stored.borrow_mut().licence.get_or_insert(licence);
        self.state().ok_or(0x6A80)
    }

    fn state(&self) -> Option<Vec<u8>> {
        let stored = self.stored.borrow();
        let licence = stored.licence.as_ref()?;
        let message = licence.message();
        let status = if stored.paid { LicenceStatus::Paid } else { LicenceStatus::Loaded };
        let state = LicenceState {
            number: message.number,
            identity: identity(licence),
            content: message.content,
            content_version: message.content_version,
            total_bytes: message.total_bytes,
            payment: PaymentOrder::PayFirst,
            status,
            uses_left: UNLIMITED,
            token: u64::from(stored.paid) * 3,
            acknowledged: stored.acknowledged,
        };
        Some(state.to_bytes())
    }

    fn debit(&mut self, request: &PayRequest) -> Played {
        let mut stored = self.stored.borrow_mut();
        let licence = stored.licence.clone().ok_or(Status::NotFound as u16)?;
        if !stored.paid {
            if !self.authorised {
                return Err(0x6982);
            }
            let price = &licence.message().prices.0[usize::from(request.price_index)];
            stored.balance = stored.balance.checked_sub(price.amount).ok_or(0x6985_u16)?;
            stored.debits += 1;
            stored.paid = true;
            let account = stored.pays_from.unwrap_or(world::ACCOUNT);
            stored.token = Some(token(licence.message(), account));
        }
        self.authorised = false;
        Ok(stored.token.as_ref().map(Signed::to_bytes).unwrap_or_default())
    }

    fn open_stream(&mut self, data: &[u8]) -> Played {
        let mut stored = self.stored.borrow_mut();
        let licence = stored.licence.clone().ok_or(0x6A88_u16)?;
        let licence = licence.message();
        let header = &data[data.len() - HEADER_BYTES..];
        match () {
            () if sha256(header) != licence.header => Err(0x6A80),
            () if !stored.paid && licence.payment == PaymentOrder::PayFirst => Err(0x6985),
            () => {
                self.open = true;
                stored.opens += 1;
                let segments = world::header().segment_count();
                Ok(StreamOpened { segments, uses_left: UNLIMITED }.to_bytes())
            }
        }
    }

    fn acknowledge(&mut self, receipt: &[u8]) -> Played {
        let receipt: Signed<Receipt> = Signed::parse(receipt).map_err(|_| 0x6A80_u16)?;
        let mut stored = self.stored.borrow_mut();
        let known = stored.token.as_ref().is_some_and(|t| identity(t) == receipt.message().token);
        if !known && !stored.acknowledged {
            return Err(Status::NotFound as u16);
        }
        stored.token = None;
        stored.acknowledged = true;
        Ok(Vec::new())
    }
}

fn get_data(tag: [u8; 2]) -> Played {
    if tag == CERTIFICATES.to_be_bytes() {
        return Ok(world::card_certificates().map(|c| c.to_bytes()).concat());
    }
    match DataObject::from_code(tag[1]) {
        Some(DataObject::CenterKeys) => Ok(CenterKeys::default().to_bytes()),
        _ => Err(Status::NotFound as u16),
    }
}

/// All segments verified before any is given out, as a card does.
fn decrypt(data: &[u8]) -> Played {
    let (first, mut sealed) = parse_segments(data).unwrap();
    let mut plaintext = Vec::new();
    for index in first.. {
        let Some(segment) = world::header().segment(index) else { break };
        let Some((one, rest)) = sealed.split_at_checked(segment.sealed_bytes()) else { break };
        let plain = &one[..segment.plain_bytes as usize];
        if world::seal(index, plain) != one {
            return Err(Status::WrongData as u16);
        }
        plaintext.extend_from_slice(plain);
        sealed = rest;
    }
    if sealed.is_empty() { Ok(plaintext) } else { Err(Status::WrongData as u16) }
}

fn token(licence: &Licence, account: AccountId) -> Signed<Token> {
    world::card_signs(Token {
        center: licence.center,
        center_key: licence.center_key,
        account,
        counter: 3,
        previous: Digest([7; 32]),
        commitment: Digest([8; 32]),
        wrapped_key: Bytes(vec![9; 256]),
        sealed_payload: Bytes(vec![10; 176]),
    })
}

impl Transport for PlayCard {
    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, TransportError> {
        let broken = self.fuse.breaks();
        let lost = TransportError::Broken { name: "play".into(), reason: "cut".into() };
        if broken && !self.loses_answers {
            return Err(lost);
        }
        let (mut answer, status) = match self.play(command) {
            Ok(data) => (data, Status::Ok as u16),
            Err(status) => (Vec::new(), status),
        };
        answer.extend(status.to_be_bytes());
        if broken { Err(lost) } else { Ok(answer) }
    }

    fn reconnect(&mut self) -> Result<(), TransportError> {
        (self.verified, self.authorised, self.open) = (false, false, false);
        Ok(())
    }

    fn name(&self) -> &str {
        "play"
    }
}
