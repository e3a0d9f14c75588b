//! `saifu card end`: the card says what it leaves at each center, and then forgets everything.

use super::agree::expect_yes;
use super::context::Context;
use super::failure::VALUE_WAITS;
use super::issuer::{Asked, Issuer};
use super::pin::show;
use super::{ExitCode, Failure, Report};
use crate::card::{CardError, Selected};
use crate::money::Money;
use crate::sale::{Outgoing, Word};
use crate::session::unix_time;
use crate::trust::{CardIdentity, Untrusted};
use clap::Args;
use saifu_wire::answer::LifeCycle;
use saifu_wire::ins::Ins;
use saifu_wire::signed::{Closing, Signed};
use saifu_wire::{CardId, Nonce, Status};
use serde_json::json;
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

const CLOSING: &str = "the card's closing";

/// Who ends the card, and where its last words go.
#[derive(Debug, Args)]
pub(super) struct End {
    /// The issuer's program; it is run with `close` or `erase`, --card ID and --challenge HEX
    /// after its own arguments, and prints the order. For a test card: "saifu-card order"
    #[arg(long, value_name = "PROGRAM")]
    issuer: String,
    /// Where the signed closings go, one a line: a file that is not there yet
    #[arg(long, value_name = "FILE")]
    closings: PathBuf,
    /// End it without being asked
    #[arg(long)]
    yes: bool,
}

pub(super) fn run(context: &Context, end: &End) -> Result<Report, Failure> {
    let sales = context.sales()?;
    let mut card = context.card()?;
    let mut selected = card.select()?;
    let certificates = selected.certificates()?;
    let identity = CardIdentity::verify(certificates, &context.root()?, unix_time())?;
    let told = format!(
        "card {}\nended, it opens nothing and pays nothing any more, and nothing brings it back\n",
        identity.id
    );
    expect_yes(end.yes, &told, "End it? [y/N] ")?;
    let ending = Ending { issuer: Issuer::new(&end.issuer), identity };
    let mut kept = Kept::new(&end.closings, sales.outgoing())?;
    let closings = ending.close(&mut selected, &mut kept)?;
    ending.step(&mut selected, Asked::Erase, |selected, order, _| selected.erase(order))?;
    context.tell_center(&sales.outgoing())?;
    Ok(report(ending.identity.id, &closings))
}

/// A card that is being ended, and who orders it.
struct Ending<'a> {
    issuer: Issuer<'a>,
    identity: CardIdentity,
}

impl Ending<'_> {
    /// Has the card answer the closing of every center, and keeps each before the next.
    fn close(&self, selected: &mut Selected<'_>, kept: &mut Kept) -> Result<Vec<Closing>, Failure> {
        let mut closings = Vec::new();
        for number in 0..=u8::MAX {
            let asked =
                self.step(selected, Asked::Close, |selected, order, nonce| {
                    match selected.close(number, order) {
                        Err(error) if error.is_refusal(Status::NotFound) => Ok(None),
                        closing => self.check(closing?, nonce).map(Some),
                    }
                })?;
            let Some(closing) = asked else { break };
            kept.keep(&closing)?;
            closings.push(closing.message().clone());
        }
        Ok(closings)
    }

    /// One order of the issuer's, carried out for a fresh challenge of the card.
    fn step<T>(
        &self,
        selected: &mut Selected<'_>,
        what: Asked,
        act: impl FnOnce(&mut Selected<'_>, &[u8], &Nonce) -> Result<T, CardError>,
    ) -> Result<T, Failure> {
        let nonce = selected.challenge()?;
        let order = self.issuer.ask(what, self.identity.id, &nonce)?;
        // A card that is being closed knows who orders it, and takes no certificate.
        if selected.status()?.life_cycle == LifeCycle::Activated {
            show(selected, &order)?;
        }
        act(selected, &order.order, &nonce).map_err(refused)
    }

    /// The closing must be this card's, for this challenge.
    fn check(&self, closing: Signed<Closing>, nonce: &Nonce) -> Result<Signed<Closing>, CardError> {
        self.identity.check(&closing, CLOSING)?;
        let said = closing.message();
        if said.card != self.identity.id || said.nonce != *nonce {
            return Err(Untrusted::Other { what: CLOSING, field: "card or challenge" }.into());
        }
        Ok(closing)
    }
}

fn refused(error: CardError) -> Failure {
    let refusal = match &error {
        CardError::Refused(refusal) if refusal.command == Ins::Terminate => refusal,
        _ => return error.into(),
    };
    let (code, next) = match Status::from_word(refusal.status) {
        Some(Status::ConditionsNotSatisfied) => (ExitCode::CardRefused, VALUE_WAITS),
        Some(Status::SecurityNotSatisfied) => {
            (ExitCode::NotAuthentic, "the order is not of this card's issuer, or not for this card")
        }
        _ => return error.into(),
    };
    Failure::new(code, error, next)
}

/// The file of the closings, and what is sent to their centers.
struct Kept {
    file: File,
    path: PathBuf,
    outgoing: Outgoing,
}

impl Kept {
    fn new(path: &Path, outgoing: Outgoing) -> Result<Self, Failure> {
        let file = File::create_new(path).map_err(|why| match why.kind() {
            io::ErrorKind::AlreadyExists => Failure::new(
                ExitCode::Failed,
                format!("{} is there already", path.display()),
                "nothing was done; name another file with --closings",
            ),
            _ => Failure::file(path, &why),
        })?;
        Ok(Self { file, path: path.to_owned(), outgoing })
    }

    /// Adds a line, durably.
    fn keep(&mut self, closing: &Signed<Closing>) -> Result<(), Failure> {
        let line = hex::encode(closing.to_bytes());
        let written = writeln!(self.file, "{line}").and_then(|()| self.file.sync_all());
        written.map_err(|why| Failure::file(&self.path, &why))?;
        let center = closing.message().center;
        Ok(self.outgoing.keep(center, Word::Closing, &closing.to_bytes())?)
    }
}

fn report(card: CardId, closings: &[Closing]) -> Report {
    let mut text = format!("card {card} is terminated\n");
    let left = || closings.iter().flat_map(|at| at.purses.0.iter().map(move |purse| (at, purse)));
    for (at, purse) in left() {
        let money = Money::new(purse.balance, purse.unit);
        text += &format!("it left {money} in purse {} of center {}\n", purse.purse, at.center);
    }
    let objects = left().map(|(at, purse)| {
        json!({
            "center": at.center.to_string(),
            "account": at.account.to_string(),
            "purse": purse.purse,
            "unit": purse.unit.as_str(),
            "balance": purse.balance,
            "loads": purse.sequence,
        })
    });
    Report::new(text, json!({ "card": card.to_string(), "left": objects.collect::<Vec<_>>() }))
}
