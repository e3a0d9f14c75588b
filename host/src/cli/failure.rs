//! Errors as the user reads them: what, why, and what next.

use super::ExitCode;
use crate::card::{CardError, NotAPin};
use crate::center::{CenterError, Damaged, NoAnswer};
use crate::sale::{JournalError, NoCustomer, Record, SaleError};
use crate::session::SessionError;
use crate::transport::TransportError;
use crate::trust::Untrusted;
use saifu_center_api::ProblemCode;
use saifu_wire::Status;
use saifu_wire::ins::Ins;
use std::io;
use std::path::Path;

/// Why the program ends with another code than 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The exit code.
    pub code: ExitCode,
    /// What happened, and why.
    pub what: String,
    /// What to do; empty where the first says it all.
    pub next: String,
}

const RESUME: &str = "run `saifu resume`: it goes on where this stopped, and nothing is paid twice";

/// How value that is on its way comes to rest.
pub(super) const VALUE_WAITS: &str = "value waits: `saifu resume` settles what is paid, \
                                      `saifu resume --give-up` gives back what is on hold, \
                                      `saifu card cancel` what no purchase here knows";

/// Why a card opens no stream for a licence.
const CLOSED: &str = "the licence opens the work no more: no use is left, or its time is over";

impl Failure {
    /// A failure with all its parts.
    pub fn new(code: ExitCode, what: impl ToString, next: impl ToString) -> Self {
        Self { code, what: what.to_string(), next: next.to_string() }
    }

    /// A file or folder that cannot be used.
    pub fn file(path: &Path, why: &io::Error) -> Self {
        let what = format!("{}: {why}", path.display());
        Self::new(ExitCode::Failed, what, "check the path and its permissions")
    }

    /// A journal that cannot be read.
    pub fn of_journal(path: &Path, error: JournalError) -> Self {
        let names_it = matches!(error, JournalError::Disk { .. } | JournalError::Line { .. });
        let mut failure = Self::from(error);
        if !names_it {
            failure.what = format!("{}: {}", path.display(), failure.what);
        }
        failure
    }

    /// A failed sale, by how far it had come.
    pub fn of_sale(error: SaleError, record: &Record) -> Self {
        let may_have_paid = record.loaded && record.approved.iter().flatten().next().is_some();
        let says_all = record.abandoned.is_some()
            || matches!(
                &error,
                SaleError::OtherParty(_) | SaleError::Customer(NoCustomer::Declined(_))
            );
        let lasting = lasting(&error).filter(|_| may_have_paid);
        let is_refused = !is_garbled(&error);
        let mut failure = Self::from(error);
        match failure.code {
            _ if says_all => {}
            _ if lasting.is_some() => {
                failure.next = lasting.unwrap_or_default().into();
                if record.is_on_hold() {
                    failure.next += "; the price is on hold: `saifu resume SALE --give-up` gives \
                                     it back";
                }
            }
            ExitCode::Damaged | ExitCode::NotAuthentic if record.debited => {
                failure.next = format!("the payment is safe; {RESUME}");
            }
            ExitCode::CardRefused | ExitCode::PinBlocked | ExitCode::NotAuthentic
                if !record.debited && (is_refused || !may_have_paid) => {}
            _ if may_have_paid => failure = Self::new(ExitCode::Interrupted, failure.what, RESUME),
            _ => failure.next = RESUME.into(),
        }
        failure
    }
}

/// Whether an answer was lost on its way rather than that the card refused: what came is none
/// that a card gives. What it answered to, the card may have done.
fn is_garbled(error: &SaleError) -> bool {
    let SaleError::Session(SessionError::Card(error)) = error else { return false };
    match error {
        CardError::Malformed { .. } | CardError::Length { .. } => true,
        CardError::Refused(refusal) => Status::from_word(refusal.status).is_none(),
        _ => false,
    }
}

/// What to do about an error that is the same the next time; none where going on may help.
fn lasting(error: &SaleError) -> Option<&'static str> {
    let refused = match error {
        SaleError::File { source, .. } if source.kind() == io::ErrorKind::AlreadyExists => {
            return Some(
                "the payment is safe; move away what is there and run `saifu resume`, or name \
                 another file with `saifu resume SALE --output FILE`",
            );
        }
        SaleError::File { .. } => {
            return Some(
                "the payment is safe; mend that and run `saifu resume`, or name another file with \
                 `saifu resume SALE --output FILE`",
            );
        }
        SaleError::Session(SessionError::Center(CenterError::Refused(_))) if error.is_final() => {
            return Some("ask the center why: its answer will be the same; nothing is paid twice");
        }
        SaleError::Session(SessionError::Card(CardError::Refused(refused))) => refused,
        _ => return None,
    };
    if refused.command == Ins::StoreContent && refused.is(Status::NotEnoughMemory) {
        return Some(
            "the payment is safe; `saifu contents` shows what to delete, then run `saifu resume`, \
             or have the work opened instead with `saifu resume SALE --output FILE`",
        );
    }
    let closed = refused.command == Ins::OpenStream && refused.is(Status::ConditionsNotSatisfied);
    closed.then_some(CLOSED)
}

impl From<SaleError> for Failure {
    fn from(error: SaleError) -> Self {
        let what = error.to_string();
        match error {
            SaleError::Session(error) => error.into(),
            SaleError::Journal(error) => error.into(),
            SaleError::Damaged(Damaged::Broken(_)) => {
                let next = "no file was left; run `saifu resume` to fetch it again";
                Self::new(ExitCode::NoCenter, what, next)
            }
            SaleError::Damaged(_) => {
                let next = "no file was left; run `saifu resume` to fetch it again";
                Self::new(ExitCode::Damaged, what, next)
            }
            SaleError::File { path, source } => Self::file(&path, &source),
            SaleError::NotEnough { .. } => {
                let next = "nothing was paid; load value, or choose another work";
                Self::new(ExitCode::NotEnough, what, next)
            }
            SaleError::Customer(NoCustomer::Declined(_)) => {
                Self::new(ExitCode::Failed, what, "nothing was paid")
            }
            SaleError::Customer(NoCustomer::Absent(_)) => Self::new(ExitCode::Failed, what, ""),
            SaleError::OtherParty(party) => {
                let next = format!("use the {party} it was begun with, and run `saifu resume`");
                Self::new(ExitCode::Failed, what, next)
            }
            SaleError::NoRoom { .. } => {
                let next = "nothing was paid; `saifu contents` shows what to delete, or buy it \
                            without having the card keep it";
                Self::new(ExitCode::CardRefused, what, next)
            }
            SaleError::Closed(_) => {
                Self::new(ExitCode::CenterRefused, what, "nothing was paid; buy the work again")
            }
            SaleError::OutOfOrder => Self::new(ExitCode::Failed, what, RESUME),
        }
    }
}

impl From<JournalError> for Failure {
    fn from(error: JournalError) -> Self {
        let next = match &error {
            JournalError::Locked(_) => "wait until it has ended, or name another --data",
            JournalError::Unknown(_) => "`saifu purchases` lists them",
            JournalError::Disk { .. } => "check the disk and its permissions",
            JournalError::Line { .. } | JournalError::Order | JournalError::Format(_) => {
                "keep the file, it may hold a payment: put back a good copy, or move it out of \
                 the folder; the card has its token, too"
            }
        };
        Self::new(ExitCode::Failed, &error, next)
    }
}

impl From<SessionError> for Failure {
    fn from(error: SessionError) -> Self {
        match error {
            SessionError::Card(error) => error.into(),
            SessionError::Center(error) => error.into(),
            SessionError::Untrusted(error) => error.into(),
        }
    }
}

impl From<TransportError> for Failure {
    fn from(error: TransportError) -> Self {
        use TransportError as Lost;
        let (code, next) = match &error {
            Lost::NoService(_) => (
                ExitCode::NoCard,
                "start it (on Debian: apt install pcscd; systemctl start pcscd), and try again",
            ),
            Lost::NoReader { .. } => {
                (ExitCode::NoCard, "connect the reader, or name another with --card pcsc:READER")
            }
            Lost::ManyCards(_) => (ExitCode::Usage, "name one of them with --card pcsc:READER"),
            Lost::NoCard { .. } => (ExitCode::NoCard, "put the card into it, and try again"),
            Lost::Busy { .. } => (
                ExitCode::NoCard,
                "end that program, or wait, and try again; if that does not help, take the card \
                 out and put it back",
            ),
            Lost::Silent { .. } => (
                ExitCode::NoCard,
                "take the card out, put it back and try again; --card-timeout waits longer",
            ),
            _ => (ExitCode::NoCard, "check that the card is there, and try again"),
        };
        Self::new(code, &error, next)
    }
}

impl From<CardError> for Failure {
    fn from(error: CardError) -> Self {
        let what = error.to_string();
        match error {
            CardError::Transport(error) => error.into(),
            CardError::WrongPin { .. } => {
                let next = "nothing was paid; after the last try the card blocks its PIN";
                Self::new(ExitCode::CardRefused, what, next)
            }
            CardError::PinBlocked => {
                let next =
                    "only the card's issuer can unblock it: `saifu pin unblock` takes its order";
                Self::new(ExitCode::PinBlocked, what, next)
            }
            CardError::Refused(refusal) => {
                let damaged = refusal.command == Ins::Decrypt && refusal.is(Status::WrongData);
                let code = if damaged { ExitCode::Damaged } else { ExitCode::CardRefused };
                Self::new(code, what, advice(&error))
            }
            CardError::Untrusted(error) => error.into(),
            CardError::Malformed { .. } | CardError::Length { .. } | CardError::Version(_) => {
                Self::new(ExitCode::CardRefused, what, "this card does not fit this terminal")
            }
        }
    }
}

fn advice(error: &CardError) -> &'static str {
    let CardError::Refused(refusal) = error else { return "" };
    match (refusal.command, Status::from_word(refusal.status)) {
        (Ins::GetBalance | Ins::GetCreditChallenge, Some(Status::NotFound)) => {
            "the card has no account at this center: run `saifu register`"
        }
        (Ins::Select, Some(Status::Terminated)) => {
            "its life is over, and nothing is on it any more: its issuer pays out what its closings say"
        }
        (Ins::Select, Some(Status::ApplicationNotFound)) => "this card is not a Saifu card",
        (Ins::OpenStream, Some(Status::ConditionsNotSatisfied)) => CLOSED,
        (Ins::Decrypt, _) => "no file was left; run `saifu resume` to fetch it again",
        (_, Some(Status::MemoryFailure)) => {
            "the card's memory is not the one it last wrote: put that one back"
        }
        (_, Some(Status::NotEnoughMemory)) => {
            "the card is full: `saifu resume` settles what is still in its outbox"
        }
        _ => "`saifu card` shows the state of the card",
    }
}

impl From<CenterError> for Failure {
    fn from(error: CenterError) -> Self {
        let next = match (&error, error.code()) {
            (CenterError::Unreachable(why), _) => no_answer(why),
            (CenterError::NotUnderstood { .. }, _) => {
                "check that the address is a center's, and its path if it has one; it may be of \
                 another version"
            }
            (_, Some(ProblemCode::CardFrozen | ProblemCode::CardNotAccepted)) => {
                "ask the center why"
            }
            (_, Some(ProblemCode::NotFound)) => "`saifu browse` lists what there is",
            _ if error.is_passing() => "try again later; nothing is done twice",
            _ => "",
        };
        let code = match error {
            CenterError::Unreachable(_) => ExitCode::NoCenter,
            CenterError::Refused(_) | CenterError::NotUnderstood { .. } => ExitCode::CenterRefused,
        };
        Self::new(code, error, next)
    }
}

fn no_answer(why: &NoAnswer) -> &'static str {
    match why {
        NoAnswer::Lost(_) => {
            "check the address and that the center runs (`saifu-center serve`), and try again; \
             nothing is done twice"
        }
        NoAnswer::NotProven(_) => {
            "nothing was sent to it; check the address, and ask the center's owner about its \
             certificate"
        }
        NoAnswer::Proxy(_) => {
            "check the proxy that ALL_PROXY or its like names, or name the center's host in \
             NO_PROXY; nothing is done twice"
        }
    }
}

impl From<Untrusted> for Failure {
    fn from(error: Untrusted) -> Self {
        let next = match error {
            Untrusted::PriceChanged { .. } | Untrusted::TermsChanged { .. } => {
                "nothing was paid; `saifu browse` shows the present price"
            }
            Untrusted::NotValidNow { .. } => "check this machine's clock",
            Untrusted::OtherRoot { .. } => {
                "nothing more was done; if you trust that issuer, name the file of its root with \
                 --root (SAIFU_ROOT)"
            }
            Untrusted::Apart { .. } => {
                "nothing more was done; use a card that the center's issuer has certified"
            }
            _ => "do not trust this card or center; nothing more was done",
        };
        let code = if error.is_delivery() { ExitCode::Damaged } else { ExitCode::NotAuthentic };
        Self::new(code, error, next)
    }
}

impl From<NotAPin> for Failure {
    fn from(error: NotAPin) -> Self {
        Self::new(ExitCode::Usage, error, "")
    }
}

#[cfg(feature = "embedded")]
impl From<crate::embedded::EmbeddedError> for Failure {
    fn from(error: crate::embedded::EmbeddedError) -> Self {
        let code = match error {
            crate::embedded::EmbeddedError::Center(_) => ExitCode::NoCenter,
            _ => ExitCode::NoCard,
        };
        Self::new(code, error, "")
    }
}

#[cfg(test)]
mod tests;
