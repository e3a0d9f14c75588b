//! From bytes to a command, and from the command to the one file that carries it out (§6).
//!
//! [`Order`] knows class, instruction, P1 and P2; [`Command::parse`] adds the data. After
//! that nobody reads P1 or P2 any more.

mod acknowledge;
mod cancel;
mod change_reference_data;
mod credit;
mod debit;
mod decrypt;
mod delete_content;
mod delete_licence;
mod expire;
mod external_authenticate;
mod generate_key_pair;
mod get_balance;
mod get_challenge;
mod get_credit_challenge;
mod get_data;
mod get_licence;
mod get_token;
mod hand_back;
mod hold;
mod initialise;
mod initialize_update;
mod internal_authenticate;
mod list_contents;
mod list_outbox;
mod load;
mod load_licence;
mod open_account;
mod open_stream;
mod order;
mod payment;
mod plaintext;
mod prove_keys;
mod read_content;
mod release;
mod reset_retry_counter;
mod select;
mod set_status;
mod set_time;
mod store_content;
mod store_data;
mod terminate;
mod verify;
mod verify_certificate;
mod void;

use alloc::boxed::Box;
use alloc::vec::Vec;
use saifu_wire::certificate::Certificate;
use saifu_wire::ins::Ins;
use saifu_wire::personalise::InitialiseRequest;
use saifu_wire::request::{
    ChallengeRequest, LicenceRef, PayRequest, PurseRef, SegmentRange, TokenRef, UnblockRequest,
    parse_change_pin, parse_segments,
};
use saifu_wire::signed::{Credit, Licence, Opening, Receipt, Signed, TimeOrder};
use saifu_wire::{CenterId, Nonce, Status, Wire};

use crate::memory::Store;
use crate::platform::Platform;
use crate::refusal::Refusal;
use crate::session::Session;

pub use order::Order;

/// A command with everything it says, each field of its type.
#[derive(Debug)]
pub enum Command<'a> {
    /// §6.1: the AID.
    Select(&'a [u8]),
    /// §6.3.
    GetData(get_data::Object),
    /// §6.4.
    GetChallenge,
    /// §6.5.
    InternalAuthenticate(Nonce),
    /// §6.6: the PIN as it came; empty asks whether one is needed.
    Verify(&'a [u8]),
    /// §6.7: the old and the new PIN, as they came.
    ChangeReferenceData(&'a [u8], &'a [u8]),
    /// §6.8.
    ResetRetryCounter(UnblockRequest),
    /// §6.9.
    VerifyCertificate(Box<Certificate>),
    /// §6.10.
    OpenAccount(Signed<Opening>),
    /// §6.11.
    LoadLicence(Box<Signed<Licence>>, load_licence::Kept),
    /// §6.12.
    GetLicence(get_licence::Query),
    /// §6.13.
    DeleteLicence(LicenceRef),
    /// §6.14.
    Debit(PayRequest),
    /// §6.15.
    GetToken(TokenRef),
    /// §6.16.
    ListOutbox,
    /// §6.17.
    Acknowledge(Signed<Receipt>),
    /// §6.18.
    OpenStream(open_stream::Source<'a>),
    /// §6.19.
    Decrypt(decrypt::Request<'a>),
    /// §6.20.
    ReadContent(SegmentRange),
    /// §6.21.
    StoreContent(store_content::Step<'a>),
    /// §6.22.
    HandBack(hand_back::Step),
    /// §6.23.
    ListContents(LicenceRef),
    /// §6.24.
    DeleteContent(delete_content::Stored),
    /// §6.25.
    GetBalance(CenterId),
    /// §6.26.
    Hold(PayRequest),
    /// §6.27.
    Release(LicenceRef),
    /// §6.28.
    Cancel(LicenceRef),
    /// §6.29.
    GetCreditChallenge(ChallengeRequest),
    /// §6.30.
    Credit(Box<Signed<Credit>>),
    /// §6.31.
    Void(Box<Signed<Credit>>),
    /// §6.32.
    SetTime(Signed<TimeOrder>),
    /// §6.33.
    Expire(PurseRef),
    /// §6.34.
    Terminate(terminate::Step),
    /// §14.2.
    InitializeUpdate(initialize_update::Request),
    /// §14.2: the header and the data as they came.
    ExternalAuthenticate([u8; 4], &'a [u8]),
    /// §14.3.
    Initialise(InitialiseRequest),
    /// §14.4.
    GenerateKeyPair(generate_key_pair::Kind),
    /// §14.5: the issuer's nonce, the wrapped secret.
    ProveKeys(Nonce, &'a [u8]),
    /// §14.6.
    StoreData(store_data::Block<'a>),
    /// §14.7.
    SetStatus,
}

/// What a command works on.
pub struct Context<'c, P: Platform> {
    /// Everything that is stored.
    pub store: &'c mut Store<P>,
    /// The session of the command's channel.
    pub session: &'c mut Session,
    /// Where the answer's data go.
    pub answer: &'c mut Vec<u8>,
}

impl<'a> Command<'a> {
    /// Takes the data field of an order apart.
    ///
    /// # Errors
    /// 6A80 for data that are not what the layout says; 6D00 for what is not offered.
    pub fn parse(order: Order, header: [u8; 4], data: &'a [u8]) -> Result<Self, Refusal> {
        let (p1, p2) = order.parameters();
        Ok(match order.ins() {
            Ins::Select => Self::Select(data),
            Ins::GetData => Self::GetData(get_data::Object::find(u16::from_be_bytes([p1, p2]))?),
            Ins::GetChallenge => Self::GetChallenge,
            Ins::InternalAuthenticate => Self::InternalAuthenticate(Wire::from_bytes(data)?),
            Ins::Verify => Self::Verify(data),
            Ins::ChangeReferenceData => {
                let (old, new) = parse_change_pin(data)?;
                Self::ChangeReferenceData(old, new)
            }
            Ins::ResetRetryCounter => Self::ResetRetryCounter(Wire::from_bytes(data)?),
            Ins::VerifyCertificate => {
                Self::VerifyCertificate(Box::new(Certificate::parse_content(data)?))
            }
            Ins::OpenAccount => Self::OpenAccount(Signed::parse(data)?),
            Ins::LoadLicence => {
                Self::LoadLicence(Box::new(Signed::parse(data)?), load_licence::Kept::parse(p1))
            }
            Ins::GetLicence => Self::GetLicence(get_licence::Query::parse(p1, data)?),
            Ins::DeleteLicence => Self::DeleteLicence(Wire::from_bytes(data)?),
            Ins::Debit => Self::Debit(Wire::from_bytes(data)?),
            Ins::GetToken => Self::GetToken(Wire::from_bytes(data)?),
            Ins::ListOutbox => Self::ListOutbox,
            Ins::Acknowledge => Self::Acknowledge(Signed::parse(data)?),
            Ins::OpenStream => Self::OpenStream(open_stream::Source::parse(p1, data)?),
            Ins::Decrypt => {
                let (first, segments) = parse_segments(data)?;
                Self::Decrypt(decrypt::Request { first, segments, keep: p1 == 1 })
            }
            Ins::ReadContent => Self::ReadContent(Wire::from_bytes(data)?),
            Ins::StoreContent => Self::StoreContent(store_content::Step::parse(p1, data)?),
            Ins::HandBack => Self::HandBack(hand_back::Step::parse(p1, data)?),
            Ins::ListContents => Self::ListContents(Wire::from_bytes(data)?),
            Ins::DeleteContent => Self::DeleteContent(delete_content::Stored::parse(p1, data)?),
            Ins::GetBalance => Self::GetBalance(Wire::from_bytes(data)?),
            Ins::Hold => Self::Hold(Wire::from_bytes(data)?),
            Ins::Release => Self::Release(Wire::from_bytes(data)?),
            Ins::Cancel => Self::Cancel(Wire::from_bytes(data)?),
            Ins::GetCreditChallenge => Self::GetCreditChallenge(Wire::from_bytes(data)?),
            Ins::Credit => Self::Credit(Box::new(Signed::parse(data)?)),
            Ins::Void => Self::Void(Box::new(Signed::parse(data)?)),
            Ins::SetTime => Self::SetTime(Signed::parse(data)?),
            Ins::Expire => Self::Expire(Wire::from_bytes(data)?),
            Ins::Terminate => Self::Terminate(terminate::Step::parse(p1, p2, data)?),
            Ins::InitializeUpdate => {
                Self::InitializeUpdate(initialize_update::Request::parse(p1, data)?)
            }
            Ins::ExternalAuthenticate => Self::ExternalAuthenticate(header, data),
            Ins::Initialise => Self::Initialise(Wire::from_bytes(data)?),
            Ins::GenerateKeyPair => {
                Self::GenerateKeyPair(generate_key_pair::Kind::parse(p2, data)?)
            }
            Ins::ProveKeys => prove_keys::parse(data)?,
            Ins::StoreData => Self::StoreData(store_data::Block::parse(p1, p2, data)),
            Ins::SetStatus => Self::SetStatus,
            Ins::GetResponse => return Err(Status::InsNotSupported.into()),
        })
    }

    /// Carries the command out; its answer's data go to the context.
    ///
    /// # Errors
    /// As the command's section says; then nothing that is stored has changed.
    pub fn act<P: Platform>(self, context: &mut Context<'_, P>) -> Result<Status, Refusal> {
        match self {
            Self::Select(aid) => return select::act(aid, context),
            Self::GetData(object) => get_data::act(object, context),
            Self::GetChallenge => get_challenge::act(context),
            Self::InternalAuthenticate(nonce) => internal_authenticate::act(nonce, context),
            Self::Verify(pin) => verify::act(pin, context),
            Self::ChangeReferenceData(old, new) => change_reference_data::act(old, new, context),
            Self::ResetRetryCounter(request) => reset_retry_counter::act(&request, context),
            Self::VerifyCertificate(certificate) => verify_certificate::act(&certificate, context),
            Self::OpenAccount(opening) => open_account::act(&opening, context),
            Self::LoadLicence(licence, kept) => load_licence::act(&licence, kept, context),
            Self::GetLicence(query) => get_licence::act(&query, context),
            Self::DeleteLicence(licence) => delete_licence::act(&licence, context),
            Self::Debit(request) => debit::act(&request, context),
            Self::GetToken(token) => get_token::act(&token, context),
            Self::ListOutbox => list_outbox::act(context),
            Self::Acknowledge(receipt) => acknowledge::act(&receipt, context),
            Self::OpenStream(source) => open_stream::act(source, context),
            Self::Decrypt(request) => decrypt::act(&request, context),
            Self::ReadContent(range) => read_content::act(&range, context),
            Self::StoreContent(step) => store_content::act(&step, context),
            Self::HandBack(step) => hand_back::act(&step, context),
            Self::ListContents(first) => list_contents::act(&first, context),
            Self::DeleteContent(stored) => delete_content::act(&stored, context),
            Self::GetBalance(center) => get_balance::act(center, context),
            Self::Hold(request) => hold::act(&request, context),
            Self::Release(licence) => release::act(&licence, context),
            Self::Cancel(licence) => cancel::act(&licence, context),
            Self::GetCreditChallenge(request) => get_credit_challenge::act(&request, context),
            Self::Credit(credit) => credit::act(&credit, context),
            Self::Void(credit) => void::act(&credit, context),
            Self::SetTime(order) => set_time::act(&order, context),
            Self::Expire(purse) => expire::act(&purse, context),
            Self::Terminate(step) => terminate::act(&step, context),
            Self::InitializeUpdate(request) => initialize_update::act(&request, context),
            Self::ExternalAuthenticate(header, data) => {
                external_authenticate::act(header, data, context)
            }
            Self::Initialise(request) => initialise::act(&request, context),
            Self::GenerateKeyPair(kind) => generate_key_pair::act(kind, context),
            Self::ProveKeys(nonce, wrapped) => prove_keys::act(nonce, wrapped, context),
            Self::StoreData(block) => store_data::act(&block, context),
            Self::SetStatus => set_status::act(context),
        }?;
        Ok(Status::Ok)
    }
}
