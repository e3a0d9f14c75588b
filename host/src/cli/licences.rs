//! `saifu card licences` and `saifu card forget`: what the card may open, and what no more.

use super::agree::expect_yes;
use super::arguments::PinSource;
use super::context::{Context, pin};
use super::failure::VALUE_WAITS;
use super::text::table;
use super::{ExitCode, Failure, Report};
use crate::card::{CardError, Selected};
use clap::Args;
use saifu_wire::answer::{LicenceState, LicenceStatus, UNLIMITED};
use saifu_wire::ins::Ins;
use saifu_wire::request::LicenceRef;
use saifu_wire::{CenterId, Status};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Which licence is meant.
#[derive(Debug, Args)]
pub(super) struct Named {
    /// The licence: its number, as `saifu card licences` lists it
    number: u64,
    /// Its center, where the card has that number of more than one: the beginning of the id
    #[arg(long, value_name = "ID", default_value = "")]
    at: String,
}

/// Which licence is forgotten.
#[derive(Debug, Args)]
pub(super) struct Forget {
    #[command(flatten)]
    licence: Named,
    #[command(flatten)]
    pin: PinSource,
    /// Forget it without being asked
    #[arg(long)]
    yes: bool,
}

/// Lists the licences of all centers.
pub(super) fn list(context: &Context) -> Result<Report, Failure> {
    let _sales = context.sales()?;
    let mut card = context.card()?;
    let licences = of_all_centers(&mut card.select()?)?;
    let rows: Vec<_> = licences.iter().map(row).collect();
    let json = json!({ "licences": licences.iter().map(object).collect::<Vec<_>>() });
    Ok(Report::new(table(["NUMBER", "CENTER", "WORK", "STATUS", "USES LEFT"], &rows), json))
}

/// Forgets one, after a question.
pub(super) fn forget(context: &Context, asked: &Forget) -> Result<Report, Failure> {
    let _sales = context.sales()?;
    let mut card = context.card()?;
    let mut selected = card.select()?;
    let (center, licence) = find(&mut selected, &asked.licence)?;
    let number = licence.number;
    let told = format!(
        "licence {number} of center {center}, {}\n\
         forgotten, it never opens again: what was paid for it and its uses do not come back\n",
        status(licence.status),
    );
    expect_yes(asked.yes, &told, "Forget it? [y/N] ")?;
    let named = LicenceRef { center, number };
    let mut verified = selected.verify(&pin(&asked.pin)?)?;
    verified.delete_licence(&named).map_err(refused)?;
    let text = format!("licence {number} is forgotten\n");
    Ok(Report::new(text, json!({ "center": center.to_string(), "number": number })))
}

/// The licences of every center whose keys the card holds.
fn of_all_centers(selected: &mut Selected<'_>) -> Result<Vec<(CenterId, LicenceState)>, CardError> {
    let keys = selected.center_keys()?.0;
    let centers: BTreeSet<_> = keys.iter().map(|key| key.center).collect();
    let mut all = Vec::new();
    for center in centers {
        all.extend(selected.licences(center)?.into_iter().map(|licence| (center, licence)));
    }
    Ok(all)
}

/// The one licence of the card's that is meant, and its center.
pub(super) fn find(
    selected: &mut Selected<'_>,
    asked: &Named,
) -> Result<(CenterId, LicenceState), Failure> {
    only(&of_all_centers(selected)?, asked)
}

fn only(
    licences: &[(CenterId, LicenceState)],
    asked: &Named,
) -> Result<(CenterId, LicenceState), Failure> {
    let meant = |(center, licence): &&(CenterId, LicenceState)| {
        licence.number == asked.number && center.to_string().starts_with(&asked.at)
    };
    let mut found = licences.iter().filter(meant);
    match (found.next(), found.next()) {
        (Some(licence), None) => Ok(licence.clone()),
        (None, _) => Err(Failure::new(
            ExitCode::Failed,
            format!("the card has no licence {} of such a center", asked.number),
            "`saifu card licences` lists them",
        )),
        _ => Err(Failure::new(
            ExitCode::Usage,
            format!("the card has a licence {} of more than one center", asked.number),
            "name the center with --at ID; `saifu card licences` lists them",
        )),
    }
}

fn refused(error: CardError) -> Failure {
    let waits = matches!(&error, CardError::Refused(refusal)
        if refusal.command == Ins::DeleteLicence && refusal.is(Status::ConditionsNotSatisfied));
    if waits {
        return Failure::new(ExitCode::CardRefused, error, VALUE_WAITS);
    }
    error.into()
}

fn row((center, licence): &(CenterId, LicenceState)) -> [String; 5] {
    [
        licence.number.to_string(),
        center.to_string(),
        licence.content.to_string(),
        status(licence.status).to_owned(),
        match licence.uses_left {
            UNLIMITED => "any number".to_owned(),
            uses => uses.to_string(),
        },
    ]
}

fn object((center, licence): &(CenterId, LicenceState)) -> Value {
    json!({
        "number": licence.number,
        "center": center.to_string(),
        "work": licence.content.to_string(),
        "status": status(licence.status),
        "uses_left": (licence.uses_left != UNLIMITED).then_some(licence.uses_left),
    })
}

pub(super) fn status(status: LicenceStatus) -> &'static str {
    match status {
        LicenceStatus::Loaded => "not paid",
        LicenceStatus::Held => "price on hold",
        LicenceStatus::Paid => "paid",
        LicenceStatus::Released => "released",
        LicenceStatus::Refunded => "refunded",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use saifu_wire::signed::PaymentOrder;
    use saifu_wire::{ContentId, Digest};

    fn licence(number: u64) -> LicenceState {
        LicenceState {
            number,
            identity: Digest::ZERO,
            content: ContentId::ZERO,
            content_version: 1,
            total_bytes: 1,
            payment: PaymentOrder::PayFirst,
            status: LicenceStatus::Paid,
            uses_left: UNLIMITED,
            token: 1,
            acknowledged: true,
        }
    }

    #[test]
    fn a_licence_is_named_by_its_number_and_where_need_be_by_its_center() {
        let (one, other) = (CenterId([0x1A; 16]), CenterId([0x2B; 16]));
        let held = [(one, licence(1)), (other, licence(1)), (other, licence(2))];
        let find = |number, at: &str| {
            let asked = Named { number, at: at.to_owned() };
            only(&held, &asked).map(|(center, _)| center).map_err(|failure| failure.code)
        };
        assert_eq!(find(2, ""), Ok(other));
        assert_eq!(find(1, "1a"), Ok(one));
        assert_eq!(find(1, ""), Err(ExitCode::Usage));
        assert_eq!(find(2, "1a"), Err(ExitCode::Failed));
        assert_eq!(find(3, ""), Err(ExitCode::Failed));
    }
}
