//! `saifu pin`: tries the PIN, changes it, sets it anew by order of the issuer.

use super::arguments::PinSource;
use super::context::{Context, new_pin, pin, read_short};
use super::{ExitCode, Failure, Report};
use crate::card::{CardError, IssuerOrder, Selected};
use clap::{Args, Subcommand};
use saifu_wire::Status;
use saifu_wire::ins::Ins;
use serde_json::json;
use std::path::{Path, PathBuf};

/// What is done with the PIN.
#[derive(Debug, Subcommand)]
pub(super) enum PinCommand {
    /// Try the PIN: a wrong one costs a try, the right one gives all tries back
    Verify(PinSource),
    /// Change the PIN
    Change {
        #[command(flatten)]
        old: PinSource,
        #[command(flatten)]
        new: NewPin,
    },
    /// Set a new PIN by order of the card's issuer, blocked or not
    Unblock {
        /// The issuer's order; for a test card `saifu-card order unblock --card ID` prints one
        #[arg(long, value_name = "FILE")]
        order: PathBuf,
        #[command(flatten)]
        new: NewPin,
    },
}

/// Where the new PIN comes from. It is never an argument: others can read those.
#[derive(Debug, Args)]
pub(super) struct NewPin {
    /// Read the new PIN from a file [default: $SAIFU_NEW_PIN, else it is asked for]
    #[arg(long, value_name = "FILE")]
    new_pin_file: Option<PathBuf>,
}

pub(super) fn run(context: &Context, command: &PinCommand) -> Result<Report, Failure> {
    let _sales = context.sales()?;
    let mut card = context.card()?;
    let mut selected = card.select()?;
    let done = match command {
        PinCommand::Verify(source) => {
            selected.verify(&pin(source)?)?;
            "the PIN is right"
        }
        PinCommand::Change { old, new } => {
            let (old, new) = (pin(old)?, new_pin(new.new_pin_file.as_deref())?);
            selected.change_pin(&old, &new)?;
            "the PIN is changed"
        }
        PinCommand::Unblock { order, new } => {
            let order = read_order(order)?;
            let new = new_pin(new.new_pin_file.as_deref())?;
            show(&mut selected, &order)?;
            selected.unblock(&order.order, &new).map_err(|error| refused(&error))?;
            "the PIN is set, and all tries are there again"
        }
    };
    let tries = selected.status()?.pin_tries;
    Ok(Report::new(format!("{done}\n"), json!({ "done": done, "pin_tries": tries })))
}

fn read_order(path: &Path) -> Result<IssuerOrder, Failure> {
    let text = read_short(path)?;
    text.parse().map_err(|why| {
        let what = format!("{}: {why}", path.display());
        Failure::new(ExitCode::Failed, what, "ask the card's issuer for the order; no try was used")
    })
}

/// Shows the card who signed an order.
pub(super) fn show(selected: &mut Selected<'_>, order: &IssuerOrder) -> Result<(), Failure> {
    selected.verify_certificate(&order.certificate).map_err(|error| match error {
        CardError::Refused(refusal) if refusal.is(Status::WrongData) => Failure::new(
            ExitCode::NotAuthentic,
            error,
            "the order is not of this card's issuer; ask the issuer for one",
        ),
        error => error.into(),
    })
}

/// Why the card does not take an order to unblock it.
fn refused(error: &CardError) -> Failure {
    let refusal = match error {
        CardError::Refused(refusal) if refusal.command == Ins::ResetRetryCounter => refusal,
        error => return error.clone().into(),
    };
    match Status::from_word(refusal.status) {
        Some(Status::ConditionsNotSatisfied) => Failure::new(
            ExitCode::CardRefused,
            error,
            "the order was used, or a later one was; ask the issuer for a new one",
        ),
        Some(Status::WrongData) => Failure::new(
            ExitCode::NotAuthentic,
            error,
            "the order is not for this card; `saifu card` shows the card's id",
        ),
        _ => error.clone().into(),
    }
}
