//! `saifu buy`: one work from order to receipt (ST5 to ST12).

use super::arguments::Purchase;
use super::browse::find;
use super::context::Context;
use super::customer::Typing;
use super::progress::Progress;
use super::purchases::{object, state};
use super::text::{file_name, heading, size};
use super::{ExitCode, Failure, Report};
use crate::money::Money;
use crate::sale::{Opened, Parties, Plan, Record, Sale, Wish};
use saifu_center_api::Work;
use std::path::{Path, PathBuf};

pub(super) fn run(context: &Context, purchase: Purchase) -> Result<Report, Failure> {
    let Purchase { work, output, keep, later, purse, consent } = purchase;
    let plan = plan(keep, later);
    let mut customer = Typing::new(&consent);
    customer.expect_consent()?;
    customer.take_pin()?;
    let sales = context.sales()?;
    let (mut card, client) = (context.card()?, context.client()?);
    let work = find(&client, &work)?;
    let output = match plan {
        Plan::Later => absolute(Path::new(&file_name(&work.title, &work.media_type)))?,
        Plan::Open | Plan::Keep => place(output, &work)?,
    };
    let root = context.root()?;
    let mut session = context.session(&sales, &mut card, &client)?;
    customer.meet(&session.center);
    let wish = Wish { output, plan, purse, again: None };
    let mut sale = Sale::begin_as(&sales, &mut session, &mut customer, work, wish)?;
    let told = &mut Progress::new(context.json);
    let done = sale.run(&mut session, &mut customer, told).or_else(|error| {
        let mut parties = Parties { card: &mut card, client: &client, root: &root };
        sale.recover(error, &mut parties, &mut customer, told)
    });
    done.map_err(|error| Failure::of_sale(error, sale.record()))?;
    Ok(Report::new(said(sale.record()), object(&sale)))
}

pub(super) fn plan(keep: bool, later: bool) -> Plan {
    match (keep, later) {
        (_, true) => Plan::Later,
        (true, false) => Plan::Keep,
        (false, false) => Plan::Open,
    }
}

pub(super) fn absolute(path: &Path) -> Result<PathBuf, Failure> {
    std::path::absolute(path).map_err(|why| Failure::file(path, &why))
}

/// Where the work goes; never over something that is there.
pub(super) fn place(output: Option<PathBuf>, work: &Work) -> Result<PathBuf, Failure> {
    let name = file_name(&work.title, &work.media_type);
    place_as(output.unwrap_or_else(|| PathBuf::from(&name)), &name)
}

/// The same, by the name that it has in a folder.
pub(super) fn place_as(output: PathBuf, name: &str) -> Result<PathBuf, Failure> {
    let path = if output.is_dir() { output.join(name) } else { output };
    let path = absolute(&path)?;
    // A link that leads nowhere is something, too.
    if path.symlink_metadata().is_ok() {
        let what = format!("{} is there already", path.display());
        return Err(Failure::new(ExitCode::Failed, what, "name another file with --output"));
    }
    match path.parent() {
        Some(folder) if folder.is_dir() => Ok(path),
        folder => {
            let what = format!("{} is no folder", folder.unwrap_or(Path::new("/")).display());
            Err(Failure::new(ExitCode::Failed, what, "make it, or name another with --output"))
        }
    }
}

/// What was bought, paid and left.
pub(super) fn said(record: &Record) -> String {
    let intent = &record.intent;
    let mut text = format!("{}: {}\n", heading(&intent.work), state(record));
    if let Some((bytes, _)) = &record.file {
        text += &format!("{} in {}\n", size(*bytes), intent.output.display());
    }
    if let Some(Opened { kept, .. }) = record.opened.as_ref().filter(|_| intent.plan == Plan::Keep)
    {
        text += match kept {
            true => "the card keeps it, too: `saifu contents` lists it\n",
            false => "the card has no room to keep it: `saifu contents` shows what to delete\n",
        };
    }
    if record.stored && record.is_for_later() && record.abandoned.is_none() {
        let number = record.licence_ref().map_or(0, |licence| licence.number);
        text += &format!("open it with `saifu contents open {number} --output FILE`\n");
    }
    let choice = record.approved.iter().flatten().next();
    if let Some(choice) = choice.filter(|_| record.debited || record.is_on_hold()) {
        let paid = Money::new(choice.amount, &choice.unit);
        let left = record.balance_after.map(|left| Money::new(left, &choice.unit));
        let left = left.map_or(String::new(), |left| format!(", {left} left"));
        let done = if record.debited { "paid from" } else { "on hold in" };
        text += &format!("{paid} {done} purse {}{left}\n", choice.purse);
    }
    text
}
