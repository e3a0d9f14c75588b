//! A card that plays the commands of a sale: it signs and counts, and ciphers nothing.

use super::{Fuse, world};
use crate::transport::{Transport, TransportError};
use crate::trust::identity;
use saifu_wire::answer::{
    Balances, CERTIFICATES, CenterKeys, DataObject, LicenceState, LicenceStatus, LifeCycle,
    PurseState, Selected, UNLIMITED,
};
use saifu_wire::apdu::Command;
use saifu_wire::certificate::Assurance;
use saifu_wire::codec::{Bytes, List};
use saifu_wire::ins::Ins;
use saifu_wire::request::PayRequest;
use saifu_wire::signed::{Authentication, Event, Licence, PaymentOrder, Receipt, Signed, Token};
use saifu_wire::value::{Kind, ScopeKind, Unit};
use saifu_wire::{AccountId, Digest, Nonce, Status, Wire};
use std::cell::RefCell;
use std::collections::BTreeMap;
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
    /// What is on hold.
    pub(crate) held: u64,
    /// The event of the last hold, or of its end.
    pub(crate) event: Option<Signed<Event>>,
    pub(crate) paid: bool,
    pub(crate) acknowledged: bool,
    /// The works it keeps, by whether it keeps them as they came.
    pub(crate) kept: BTreeMap<bool, Vec<u8>>,
    /// What its content memory can hold.
    pub(crate) room: u64,
    /// How often it was told the time.
    pub(crate) times: usize,
}

/// A card, and what breaks on the way to it.
#[derive(Clone)]
pub(crate) struct PlayCard {
    pub(crate) stored: Rc<RefCell<Stored>>,
    pub(crate) fuse: Fuse,
    /// Whether a broken exchange loses the answer and not the command.
    pub(crate) loses_answers: bool,
    pub(super) verified: bool,
    pub(super) authorised: bool,
    pub(super) open: bool,
    pub(super) timed: bool,
    /// What is being stored as it comes.
    pub(super) storing: Vec<u8>,
}

pub(super) type Played = Result<Vec<u8>, u16>;

impl PlayCard {
    pub(crate) fn new(balance: u64) -> Self {
        let stored = Stored { balance, room: 1 << 20, ..Stored::default() };
        Self {
            stored: Rc::new(RefCell::new(stored)),
            fuse: Fuse::default(),
            loses_answers: false,
            verified: false,
            authorised: false,
            open: false,
            timed: false,
            storing: Vec::new(),
        }
    }

    fn forget(&mut self) {
        (self.verified, self.authorised, self.open, self.timed) = (false, false, false, false);
        self.storing.clear();
    }

    fn play(&mut self, apdu: &[u8]) -> Played {
        let command = Command::parse(apdu).map_err(|_| 0x6700_u16)?;
        let ins = Ins::find(command.cla & 0x80 != 0, command.ins).ok_or(0x6D00_u16)?;
        let data = command.data;
        match ins {
            Ins::Select => {
                self.forget();
                Ok(Selected::new(LifeCycle::Activated, Assurance::Test).to_fci())
            }
            Ins::GetData => self.get_data([command.p1, command.p2]),
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
            Ins::Hold => self.hold(&PayRequest::from_bytes(data).unwrap()),
            Ins::Release => self.release(),
            Ins::Cancel if self.verified => self.cancel(),
            Ins::GetChallenge => Ok(vec![7; 32]),
            Ins::SetTime => self.set_time(data),
            Ins::OpenStream => self.open_stream(command.p1, data),
            Ins::Decrypt if self.open => self.decrypt(command.p1, data),
            Ins::StoreContent => self.store(command.p1, data),
            Ins::HandBack => self.hand_back(command.p1, data),
            Ins::ReadContent if self.open => self.read_content(data),
            Ins::ListContents if self.verified => Ok(self.contents()),
            Ins::DeleteContent if self.verified => self.delete_content(command.p1),
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
            held: self.stored.borrow().held,
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
        let status = match (stored.paid, message.payment) {
            (true, PaymentOrder::DecryptFirst) => LicenceStatus::Released,
            (true, _) => LicenceStatus::Paid,
            (false, _) if stored.held != 0 => LicenceStatus::Held,
            (false, _) => LicenceStatus::Loaded,
        };
        let state = LicenceState {
            number: message.number,
            identity: identity(licence),
            content: message.content,
            content_version: message.content_version,
            total_bytes: message.total_bytes,
            payment: message.payment,
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

    fn get_data(&self, tag: [u8; 2]) -> Played {
        if tag == CERTIFICATES.to_be_bytes() {
            return Ok(world::card_certificates().map(|c| c.to_bytes()).concat());
        }
        match DataObject::from_code(tag[1]) {
            Some(DataObject::CenterKeys) => Ok(CenterKeys::default().to_bytes()),
            Some(DataObject::ContentMemory) => Ok(self.content_memory()),
            _ => Err(Status::NotFound as u16),
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

pub(super) fn token(licence: &Licence, account: AccountId) -> Signed<Token> {
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
        self.forget();
        Ok(())
    }

    fn name(&self) -> &str {
        "play"
    }
}
