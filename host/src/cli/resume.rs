//! `saifu resume`: finishes sales that were interrupted.

use super::arguments::Unfinished;
use super::buy::{place, said};
use super::context::Context;
use super::customer::Typing;
use super::progress::Progress;
use super::purchases::{object, readable};
use super::text::heading;
use super::{Failure, Report};
use crate::card::CardError;
use crate::sale::{JournalError, Next, Sale, SaleError, Sales};
use crate::session::{Session, SessionError};
use serde_json::json;

pub(super) fn run(context: &Context, asked: &Unfinished) -> Result<Report, Failure> {
    let sales = context.sales()?;
    let (mut chosen, unreadable) = chosen(&sales, asked.sale.as_deref())?;
    if let (Some(output), [sale]) = (&asked.output, &mut chosen[..]) {
        let output = place(Some(output.clone()), &sale.record().intent.work)?;
        sale.move_to(output).map_err(Failure::from)?;
    }
    if chosen.is_empty() {
        let text = "nothing is left to be finished\n";
        return Ok(Report::new(text, json!({ "purchases": [] })).with(unreadable));
    }
    let mut customer = Typing::new(&asked.consent);
    let goes_on =
        |sale: &Sale| asked.give_up || customer.can_agree() || sale.record().approved.is_some();
    let (mut going, waiting): (Vec<_>, Vec<_>) = chosen.into_iter().partition(goes_on);
    let mut failures = Vec::new();
    if !going.is_empty() {
        failures = go_on(context, &mut going, asked.give_up, &mut customer)?;
    }
    failures.extend(unreadable);
    let told = going.iter().map(|sale| said(sale.record()));
    let left = waiting.iter().map(|sale| {
        let what = heading(&sale.record().intent.work);
        format!("{what}: not agreed to: buy again or resume without --yes\n")
    });
    let text: String = told.chain(left).collect();
    let all: Vec<_> = going.iter().chain(&waiting).map(object).collect();
    Ok(Report::new(text, json!({ "purchases": all })).with(failures))
}

/// Goes on with each sale, and tells which failed.
fn go_on(
    context: &Context,
    going: &mut [Sale],
    give_up: bool,
    customer: &mut Typing<'_>,
) -> Result<Vec<Failure>, Failure> {
    let (mut card, client) = (context.card()?, context.client()?);
    let mut session = Session::open(&mut card, &client, &context.root()?)?;
    customer.meet(&session.center);
    let mut failures = Vec::new();
    for sale in going {
        let told = &mut Progress::new(context.json);
        let given_up = if give_up { sale.give_up(&mut session, told) } else { Ok(false) };
        let done = match given_up {
            Ok(false) => sale.run(&mut session, customer, told),
            given_up => given_up.map(drop),
        };
        // The others may still be finished, but not with a PIN that is wrong: that would
        // cost a try for each.
        let Err(error) = done else { continue };
        let stops = is_wrong_pin(&error);
        failures.push(Failure::of_sale(error, sale.record()));
        if stops {
            break;
        }
    }
    Ok(failures)
}

fn is_wrong_pin(error: &SaleError) -> bool {
    use CardError::{PinBlocked, WrongPin};
    matches!(error, SaleError::Session(SessionError::Card(WrongPin { .. } | PinBlocked)))
}

/// The sale that was named, or all that are not at their end; and what cannot be read.
fn chosen(sales: &Sales, sale: Option<&str>) -> Result<(Vec<Sale>, Vec<Failure>), Failure> {
    let (mut chosen, unreadable) = match sale {
        None => readable(sales.each()?),
        Some(id) => {
            let sale = sales.load(id)?.ok_or_else(|| JournalError::Unknown(id.to_owned()))?;
            (vec![sale], Vec::new())
        }
    };
    chosen.retain(|sale| sale.record().next() != Next::Nothing);
    Ok((chosen, unreadable))
}
