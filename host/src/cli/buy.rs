//! `saifu buy`: one work from order to receipt (ST5 to ST12).

use super::arguments::Consent;
use super::browse::find;
use super::context::Context;
use super::customer::Typing;
use super::progress::Progress;
use super::purchases::{object, state};
use super::text::{file_name, heading, size};
use super::{ExitCode, Failure, Report};
use crate::money::Money;
use crate::sale::{Parties, Record, Sale};
use crate::session::Session;
use saifu_center_api::Work;
use std::path::{Path, PathBuf};

pub(super) fn run(
    context: &Context,
    text: &str,
    output: Option<PathBuf>,
    consent: &Consent,
) -> Result<Report, Failure> {
    let mut customer = Typing::new(consent);
    customer.expect_consent()?;
    customer.take_pin()?;
    let sales = context.sales()?;
    let (mut card, client) = (context.card()?, context.client()?);
    let work = find(&client, text)?;
    let output = place(output, &work)?;
    let root = context.root()?;
    let mut session = Session::open(&mut card, &client, &root)?;
    customer.meet(&session.center);
    let mut sale = Sale::begin(&sales, &mut session, &mut customer, work, output)?;
    let told = &mut Progress::new(context.json);
    let done = sale.run(&mut session, &mut customer, told).or_else(|error| {
        let mut parties = Parties { card: &mut card, client: &client, root: &root };
        sale.recover(error, &mut parties, &mut customer, told)
    });
    done.map_err(|error| Failure::of_sale(error, sale.record()))?;
    Ok(Report::new(said(sale.record()), object(&sale)))
}

/// Where the work goes; never over something that is there.
pub(super) fn place(output: Option<PathBuf>, work: &Work) -> Result<PathBuf, Failure> {
    let name = file_name(&work.title, &work.media_type);
    let path = match output {
        None => PathBuf::from(name),
        Some(folder) if folder.is_dir() => folder.join(name),
        Some(file) => file,
    };
    let path = std::path::absolute(&path).map_err(|why| Failure::file(&path, &why))?;
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
    if let Some(choice) = record.approved.iter().flatten().next().filter(|_| record.debited) {
        let paid = Money::new(choice.amount, &choice.unit);
        let left = record.balance_after.map(|left| Money::new(left, &choice.unit));
        let left = left.map_or(String::new(), |left| format!(", {left} left"));
        text += &format!("{paid} paid from purse {}{left}\n", choice.purse);
    }
    text
}
