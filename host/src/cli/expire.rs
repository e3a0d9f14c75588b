//! `saifu expire`: a purse past its date; its value is written off on the card's evidence.

use super::arguments::PinSource;
use super::context::{Context, deliver, pin};
use super::text::time;
use super::{ExitCode, Failure, Report};
use crate::card::CardError;
use crate::money::Money;
use crate::sale::Word;
use crate::trust::{Expected, check_event};
use saifu_wire::answer::PurseState;
use saifu_wire::ins::Ins;
use saifu_wire::request::PurseRef;
use saifu_wire::signed::{Event, EventKind};
use saifu_wire::{LoadId, Status};
use serde_json::json;

pub(super) fn run(context: &Context, number: u32, source: &PinSource) -> Result<Report, Failure> {
    let sales = context.sales()?;
    let (mut card, client) = (context.card()?, context.client()?);
    let mut session = context.session(&sales, &mut card, &client)?;
    let center = session.center.id;
    let balances = session.selected.verify(&pin(source)?)?.balances(center)?;
    let account = balances.account;
    let purse = balances.purses.0.into_iter().find(|purse| purse.purse == number);
    let purse = purse.ok_or_else(|| none(number))?;
    // A card has no clock, and may have heard of no time as late as this.
    session.tell_time(account)?;
    let event = session.selected.expire(&PurseRef { center, purse: number });
    let event = event.map_err(|error| refused(error, &purse))?;
    let Event { amount, sequence, .. } = *event.message();
    let (kind, load) = (EventKind::Expired, LoadId::ZERO);
    let expected = Expected { kind, center, account, purse: number, amount, sequence, load };
    check_event(&event, &session.card, &expected)?;
    sales.outgoing().keep(center, Word::Event, &event.to_bytes())?;
    deliver(&sales.outgoing(), &client, center)?;
    let gone = Money::new(amount, purse.unit);
    Ok(Report::new(
        format!("purse {number} is past its date: {gone} are written off\n"),
        json!({ "purse": number, "amount": amount, "event": hex::encode(event.to_bytes()) }),
    ))
}

fn none(number: u32) -> Failure {
    let what = format!("the card has no purse {number} at this center");
    Failure::new(ExitCode::Failed, what, "`saifu balance` lists them")
}

/// Why the card writes nothing off.
fn refused(error: CardError, purse: &PurseState) -> Failure {
    let number = purse.purse;
    let is_not_now = match &error {
        CardError::Refused(refusal) => {
            refusal.command == Ins::Expire && refusal.is(Status::ConditionsNotSatisfied)
        }
        _ => false,
    };
    let (why, next) = match (purse.held, purse.not_after) {
        _ if !is_not_now => return error.into(),
        (1.., _) => (
            "something in it is on hold".to_owned(),
            "`saifu resume` finishes that sale, `saifu resume SALE --give-up` gives it back",
        ),
        (_, 0) => ("it has no date".to_owned(), "nothing was written off"),
        (_, second) => (format!("its date is {}", time(second)), "nothing was written off"),
    };
    Failure::new(ExitCode::CardRefused, format!("purse {number} does not expire: {why}"), next)
}
