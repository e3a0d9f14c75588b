//! What a card does for anybody: its public data, certificates, licences and streams.

use super::link::{Answer, Link};
use super::{Authorised, CardError, Pin};
use saifu_wire::answer::{
    self, CERTIFICATES, CardStatus, CenterKeys, DataObject, LICENCES_PER_LIST, LicenceState,
    Licences, StreamOpened,
};
use saifu_wire::apdu::MAX_COMMAND_DATA;
use saifu_wire::certificate::Certificate;
use saifu_wire::codec::Reader;
use saifu_wire::ins::Ins;
use saifu_wire::personalise::{Limits, PinnedRoot};
use saifu_wire::request::{LicenceRef, TokenRef, segments_data};
use saifu_wire::signed::{Authentication, Event, Message, Signed, Token};
use saifu_wire::stream::Header;
use saifu_wire::{CardId, CenterId, Malformed, Nonce, Wire};

/// A card whose applet is selected.
pub struct Selected<'a> {
    link: &'a mut Link,
    about: answer::Selected,
}

impl<'a> Selected<'a> {
    pub(super) fn new(link: &'a mut Link, about: answer::Selected) -> Self {
        Self { link, about }
    }

    /// What SELECT said of the card.
    pub fn about(&self) -> answer::Selected {
        self.about
    }

    /// Verifies the PIN (§6.6), which authorises one payment.
    ///
    /// Fails with [`CardError::WrongPin`], which has cost a try, or [`CardError::PinBlocked`].
    pub fn verify(&mut self, pin: &Pin) -> Result<Authorised<'_>, CardError> {
        match self.call(Ins::Verify, [0x00, 0x81], pin.digits(), Answer::None) {
            Ok(_) => Ok(Authorised::new(Selected { link: &mut *self.link, about: self.about })),
            Err(CardError::Refused(refusal)) => Err(pin_error(refusal)),
            Err(error) => Err(error),
        }
    }

    /// The card's id (§6.3).
    pub fn card_id(&mut self) -> Result<CardId, CardError> {
        self.object(DataObject::CardId)
    }

    /// What anybody may know of the card (§6.3).
    pub fn status(&mut self) -> Result<CardStatus, CardError> {
        self.object(DataObject::Status)
    }

    /// What may be paid how (§4.4).
    pub fn limits(&mut self) -> Result<Limits, CardError> {
        self.object(DataObject::Limits)
    }

    /// The issuer's root that the card trusts.
    pub fn root(&mut self) -> Result<PinnedRoot, CardError> {
        self.object(DataObject::Root)
    }

    /// The center certificates the card holds.
    pub fn center_keys(&mut self) -> Result<CenterKeys, CardError> {
        self.object(DataObject::CenterKeys)
    }

    /// The card's certificates, of its signature key and of its encryption key; unverified.
    pub fn certificates(&mut self) -> Result<[Certificate; 2], CardError> {
        let bytes = self.call(Ins::GetData, CERTIFICATES.to_be_bytes(), &[], Answer::Long)?;
        let mut reader = Reader::new(&bytes);
        let mut next = || Certificate::read_next(&mut reader);
        let both = next().and_then(|first| Ok([first, next()?]));
        both.and_then(|both| reader.finish().map(|()| both)).map_err(malformed(Ins::GetData))
    }

    /// The card's signature over `nonce` (§6.5); unverified.
    pub fn internal_authenticate(
        &mut self,
        nonce: &Nonce,
    ) -> Result<Signed<Authentication>, CardError> {
        self.signed(Ins::InternalAuthenticate, &nonce.0)
    }

    /// Shows the card a center's certificate (§6.9).
    pub fn verify_certificate(&mut self, certificate: &Certificate) -> Result<(), CardError> {
        let content = certificate.content();
        self.call(Ins::VerifyCertificate, [0x00, 0xBE], &content, Answer::None).map(drop)
    }

    /// Opens an account, or adds purses to it (§6.10): the signed opening, the card's event.
    pub fn open_account(&mut self, opening: &[u8]) -> Result<Signed<Event>, CardError> {
        self.signed(Ins::OpenAccount, opening)
    }

    /// Loads value (§6.30): the signed credit, the card's event.
    pub fn credit(&mut self, credit: &[u8]) -> Result<Signed<Event>, CardError> {
        self.signed(Ins::Credit, credit)
    }

    /// Loads a licence (§6.11): the signed licence, where it stands.
    pub fn load_licence(&mut self, licence: &[u8]) -> Result<LicenceState, CardError> {
        self.read(Ins::LoadLicence, [0, 0], licence)
    }

    /// Where a licence stands (§6.12); `None` where the card does not have it.
    pub fn licence(&mut self, licence: &LicenceRef) -> Result<Option<LicenceState>, CardError> {
        use saifu_wire::Status;
        match self.read(Ins::GetLicence, [0, 0], &licence.to_bytes()) {
            Err(error) if error.is_refusal(Status::NotFound) => Ok(None),
            answer => answer.map(Some),
        }
    }

    /// All licences of a center (§6.12), by number.
    pub fn licences(&mut self, center: CenterId) -> Result<Vec<LicenceState>, CardError> {
        let mut all = Vec::new();
        let mut number = 0;
        loop {
            let from = LicenceRef { center, number };
            let Licences { 0: page } = self.read(Ins::GetLicence, [1, 0], &from.to_bytes())?;
            let full = page.len() == usize::from(LICENCES_PER_LIST);
            let last = page.last().map(|licence| licence.number);
            all.extend(page);
            match last.and_then(|last| last.checked_add(1)) {
                Some(next) if full && next > number => number = next,
                _ => return Ok(all),
            }
        }
    }

    /// A token of the outbox (§6.15).
    pub fn token(&mut self, token: &TokenRef) -> Result<Signed<Token>, CardError> {
        self.signed(Ins::GetToken, &token.to_bytes())
    }

    /// Shows the card that a token was booked (§6.17), so that it leaves the outbox.
    pub fn acknowledge(&mut self, receipt: &[u8]) -> Result<(), CardError> {
        self.call(Ins::Acknowledge, [0, 0], receipt, Answer::None).map(drop)
    }

    /// Opens the session's stream (§6.18); where uses are limited, this takes one.
    pub fn open_stream(
        &mut self,
        licence: &LicenceRef,
        header: &Header,
    ) -> Result<StreamOpened, CardError> {
        let data = [licence.to_bytes(), header.to_bytes()].concat();
        self.read(Ins::OpenStream, [0, 0], &data)
    }

    /// Decrypts whole segments from index `first` on (§6.19).
    ///
    /// Nothing comes back unless every one of them is authentic (else 6A80).
    pub fn decrypt(&mut self, first: u64, segments: &[u8]) -> Result<Vec<u8>, CardError> {
        self.call(Ins::Decrypt, [0, 0], &segments_data(first, segments), Answer::Long)
    }

    /// How many segments of such a stream one DECRYPT carries, there and back.
    pub fn segments_per_command(&self, header: &Header) -> u64 {
        let there = MAX_COMMAND_DATA.min(usize::from(self.about.max_command_data));
        let segment = u64::from(header.segment_bytes.max(1));
        let back = u64::from(self.about.max_response_data) / segment;
        header.segments_per_command(there).min(back).max(1)
    }

    pub(super) fn object<T: Wire>(&mut self, object: DataObject) -> Result<T, CardError> {
        self.read(Ins::GetData, [0xDF, object as u8], &[])
    }

    pub(super) fn read<T: Wire>(
        &mut self,
        ins: Ins,
        p1_p2: [u8; 2],
        data: &[u8],
    ) -> Result<T, CardError> {
        T::from_bytes(&self.call(ins, p1_p2, data, Answer::Long)?).map_err(malformed(ins))
    }

    pub(super) fn signed<M: Message>(
        &mut self,
        ins: Ins,
        data: &[u8],
    ) -> Result<Signed<M>, CardError> {
        Signed::parse(&self.call(ins, [0, 0], data, Answer::Long)?).map_err(malformed(ins))
    }

    pub(super) fn call(
        &mut self,
        ins: Ins,
        p1_p2: [u8; 2],
        data: &[u8],
        answer: Answer,
    ) -> Result<Vec<u8>, CardError> {
        self.link.call(ins, p1_p2, data, answer)
    }
}

pub(super) fn malformed(command: Ins) -> impl Fn(Malformed) -> CardError {
    move |why| CardError::Malformed { command, why }
}

/// 63C0 is the answer to the last wrong try: the PIN is blocked from then on.
pub(super) fn pin_error(refusal: super::CardRefusal) -> CardError {
    match refusal.tries_left() {
        Some(0) => CardError::PinBlocked,
        Some(tries_left) => CardError::WrongPin { tries_left },
        None if refusal.is(saifu_wire::Status::PinBlocked) => CardError::PinBlocked,
        None => CardError::Refused(refusal),
    }
}
