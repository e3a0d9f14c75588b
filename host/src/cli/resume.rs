//! `saifu resume`: finishes sales that were interrupted.

use super::arguments::Unfinished;
use super::buy::{place, said};
use super::context::Context;
use super::customer::Typing;
use super::outbox::{self, Settled};
use super::progress::Progress;
use super::purchases::{object, readable};
use super::report::tell;
use super::text::heading;
use super::{Failure, Report};
use crate::card::CardError;
use crate::sale::{JournalError, Next, Parties, Sale, SaleError, Sales};
use crate::session::{Session, SessionError};
use serde_json::json;
use std::path::Path;

/// Said where a work that was bought for later has its price on hold.
const STILL_ON_HOLD: &str = "a work for later has its price on hold: `saifu purchases` names its \
     sale; `saifu resume SALE --output FILE` opens it, `saifu resume SALE --give-up` gives the price back\n";

pub(super) fn run(context: &Context, asked: &Unfinished) -> Result<Report, Failure> {
    let sales = context.sales()?;
    context.tell_center(&sales.outgoing())?;
    let (mut chosen, unreadable) = chosen(&sales, asked)?;
    // What waits for its user is opened by `saifu contents open`, or given up.
    let all = chosen.len();
    chosen.retain(|sale| asked.give_up || asked.sale.is_some() || !waits(sale));
    if chosen.len() < all {
        tell(STILL_ON_HOLD);
    }
    if let (Some(output), [sale]) = (&asked.output, &mut chosen[..]) {
        move_to(sale, output)?;
    }
    let mut customer = Typing::new(&asked.consent);
    // Who names a sale with --yes means that one; who names none has not agreed to each.
    let agrees = customer.can_agree() || asked.sale.is_some() && asked.consent.yes;
    let goes_on = |sale: &Sale| asked.give_up || agrees || sale.record().approved.is_some();
    let (mut going, waiting): (Vec<_>, Vec<_>) = chosen.into_iter().partition(goes_on);
    let mut failures = Vec::new();
    if !going.is_empty() {
        failures = go_on(context, &mut going, asked.give_up, &mut customer)?;
    }
    // Once all is finished that is known here, what waits in the outbox is not.
    let mut strays = Vec::new();
    if asked.sale.is_none() && failures.is_empty() {
        match outbox::settle(context, &asked.consent.pin) {
            Ok(settled) => strays = settled,
            Err(failure) => failures.push(failure),
        }
    }
    if going.is_empty() && waiting.is_empty() && strays.is_empty() && failures.is_empty() {
        let json = json!({ "purchases": [], "outbox": [] });
        return Ok(Report::new("nothing is left to be finished\n", json).with(unreadable));
    }
    failures.extend(unreadable);
    let told = going.iter().map(|sale| said(sale.record()));
    let left = waiting.iter().map(|sale| {
        let what = heading(&sale.record().intent.work);
        let id = sale.id();
        format!("{what}: not agreed to: run `saifu resume {id}`, with --yes to agree unasked\n")
    });
    let text: String = told.chain(left).chain(strays.iter().map(Settled::line)).collect();
    let all: Vec<_> = going.iter().chain(&waiting).map(object).collect();
    let strays: Vec<_> = strays.iter().map(Settled::object).collect();
    Ok(Report::new(text, json!({ "purchases": all, "outbox": strays })).with(failures))
}

fn waits(sale: &Sale) -> bool {
    sale.record().next() == Next::Wait
}

/// Names another place for the file; one that is in its place stays there.
fn move_to(sale: &mut Sale, output: &Path) -> Result<(), Failure> {
    if sale.record().file.is_some() {
        let there = sale.record().intent.output.display();
        tell(&format!("the file is in its place already: {there}\n"));
        return Ok(());
    }
    let output = place(Some(output.to_owned()), &sale.record().intent.work)?;
    Ok(sale.move_to(output)?)
}

/// Goes on with each sale, and tells which failed.
fn go_on(
    context: &Context,
    going: &mut [Sale],
    give_up: bool,
    customer: &mut Typing<'_>,
) -> Result<Vec<Failure>, Failure> {
    let told = &mut Progress::new(context.json);
    let mut left = Vec::new();
    for sale in going {
        if !(give_up && sale.give_up_unloaded(told)?) {
            left.push(sale);
        }
    }
    if left.is_empty() {
        return Ok(Vec::new());
    }
    let (mut card, client, root) = (context.card()?, context.client()?, context.root()?);
    let mut parties = Parties { card: &mut card, client: &client, root: &root };
    let mut failures = Vec::new();
    for sale in left {
        let done = match give_up {
            true => end(sale, &mut parties, customer, told),
            false => finish(sale, &mut parties, customer, told),
        };
        let Err(error) = done else { continue };
        let stops = concerns_all(&error);
        failures.push(Failure::of_sale(error, sale.record()));
        if stops {
            break;
        }
    }
    Ok(failures)
}

/// Gives up what is not paid yet; what is paid is finished.
fn end(
    sale: &mut Sale,
    parties: &mut Parties<'_>,
    customer: &mut Typing<'_>,
    told: &mut Progress,
) -> Result<(), SaleError> {
    let mut session = Session::open(parties.card, parties.client, parties.root)?;
    match sale.give_up(&mut session, customer, told)? {
        true => Ok(()),
        false => finish(sale, parties, customer, told),
    }
}

pub(super) fn finish(
    sale: &mut Sale,
    parties: &mut Parties<'_>,
    customer: &mut Typing<'_>,
    told: &mut Progress,
) -> Result<(), SaleError> {
    let session = Session::open(parties.card, parties.client, parties.root);
    let done = session.map_err(SaleError::from).and_then(|mut session| {
        customer.meet(&session.center);
        sale.run(&mut session, customer, told)
    });
    done.or_else(|error| sale.recover(error, parties, customer, told))
}

/// Whether the other sales would fail alike, at a cost: a wrong PIN costs a try for each, a
/// card that is not there the time to wait for it.
fn concerns_all(error: &SaleError) -> bool {
    use CardError::{PinBlocked, Transport, WrongPin};
    let SaleError::Session(SessionError::Card(error)) = error else { return false };
    matches!(error, WrongPin { .. } | PinBlocked | Transport(_))
}

/// The sale that was named, or all that are not at their end; and what cannot be read.
///
/// A work that was bought for later goes on, too, once a file is named for it.
fn chosen(sales: &Sales, asked: &Unfinished) -> Result<(Vec<Sale>, Vec<Failure>), Failure> {
    let (mut chosen, unreadable) = match asked.sale.as_deref() {
        None => readable(sales.each()?),
        Some(id) => {
            let sale = sales.load(id)?.ok_or_else(|| JournalError::Unknown(id.to_owned()))?;
            (vec![sale], Vec::new())
        }
    };
    chosen.retain(|sale| {
        let record = sale.record();
        let wanted = asked.output.is_some() && record.is_for_later() && record.abandoned.is_none();
        wanted || record.next() != Next::Nothing
    });
    Ok((chosen, unreadable))
}
