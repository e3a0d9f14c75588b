//! `saifu resume`: finishes sales that were interrupted.

use super::arguments::Consent;
use super::buy::said;
use super::context::Context;
use super::customer::Typing;
use super::progress::Progress;
use super::purchases::object;
use super::{Failure, Report};
use crate::sale::{JournalError, Next, Sale, Sales};
use crate::session::Session;
use serde_json::json;

pub(super) fn run(
    context: &Context,
    sale: Option<&str>,
    give_up: bool,
    consent: &Consent,
) -> Result<Report, Failure> {
    let sales = context.sales()?;
    let mut chosen = chosen(&sales, sale)?;
    if chosen.is_empty() {
        let text = "nothing is left to be finished\n";
        return Ok(Report::new(text, json!({ "purchases": [] })));
    }
    let mut customer = Typing::new(consent)?;
    let (mut card, client) = (context.card()?, context.client()?);
    let mut session = Session::open(&mut card, &client, &context.root()?)?;
    customer.meet(&session.center);
    let mut failed = None;
    for sale in &mut chosen {
        let told = &mut Progress::new(context.json);
        let given_up = if give_up { sale.give_up(&mut session, told) } else { Ok(false) };
        let done = match given_up {
            Ok(false) => sale.run(&mut session, &mut customer, told),
            given_up => given_up.map(drop),
        };
        if let Err(error) = done {
            // The others may still be finished; the first failure is the one to be told.
            failed.get_or_insert(Failure::of_sale(error, sale.record()));
        }
    }
    match failed {
        Some(failure) => Err(failure),
        None => Ok(Report::new(
            chosen.iter().map(|sale| said(sale.record())).collect::<String>(),
            json!({ "purchases": chosen.iter().map(object).collect::<Vec<_>>() }),
        )),
    }
}

/// The sale that was named, or all that are not at their end.
fn chosen(sales: &Sales, sale: Option<&str>) -> Result<Vec<Sale>, Failure> {
    let Some(id) = sale else { return Ok(sales.unfinished()?) };
    let sale = sales.load(id)?.ok_or_else(|| JournalError::Unknown(id.to_owned()))?;
    Ok(Vec::from_iter((sale.record().next() != Next::Nothing).then_some(sale)))
}
