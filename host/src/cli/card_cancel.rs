//! `saifu card cancel`: what is on hold goes back to its purse, although no purchase of this
//! data folder knows of it.

use super::agree::expect_yes;
use super::arguments::PinSource;
use super::context::{Context, pin};
use super::licences::{Named, find, status};
use super::{ExitCode, Failure, Report};
use crate::card::Verified;
use crate::money::Money;
use crate::sale::Word;
use crate::session::{fresh_nonce, unix_time};
use crate::trust::{CardIdentity, Held, check_hold};
use clap::Args;
use saifu_wire::CenterId;
use saifu_wire::answer::{Balances, LicenceState, LicenceStatus, PurseState};
use saifu_wire::request::LicenceRef;
use saifu_wire::signed::{Event, EventKind, Signed};
use serde_json::json;

/// Whose price is given back.
#[derive(Debug, Args)]
pub(super) struct Cancel {
    #[command(flatten)]
    licence: Named,
    #[command(flatten)]
    pin: PinSource,
    /// Give it back without being asked
    #[arg(long)]
    yes: bool,
}

pub(super) fn run(context: &Context, asked: &Cancel) -> Result<Report, Failure> {
    let sales = context.sales()?;
    let mut card = context.card()?;
    let mut selected = card.select()?;
    let identity = selected.authenticate(&context.root()?, &fresh_nonce(), unix_time())?;
    let (center, licence) = find(&mut selected, &asked.licence)?;
    expect_held(&licence)?;
    let number = licence.number;
    let told = format!(
        "licence {number} of center {center}, work {}\n\
         what is on hold for it goes back to its purse, and the work is not opened\n",
        licence.content
    );
    expect_yes(asked.yes, &told, "Give it back? [y/N] ")?;
    let mut verified = selected.verify(&pin(&asked.pin)?)?;
    let (event, purse) = cancel(&mut verified, &identity, center, &licence)?;
    sales.outgoing().keep(center, Word::Event, &event.to_bytes())?;
    context.tell_center(&sales.outgoing())?;
    let Event { amount, balance, .. } = *event.message();
    let (back, now) = (Money::new(amount, purse.unit), Money::new(balance, purse.unit));
    let json = json!({
        "center": center.to_string(),
        "number": number,
        "purse": purse.purse,
        "amount": amount,
        "unit": purse.unit.to_string(),
        "balance": balance,
        "event": hex::encode(event.to_bytes()),
    });
    let text = format!("{back} are back in purse {}, which holds {now}\n", purse.purse);
    Ok(Report::new(text, json))
}

/// Has the card give the price back, and verifies its word on that by what its purses say.
fn cancel(
    card: &mut Verified<'_>,
    identity: &CardIdentity,
    center: CenterId,
    licence: &LicenceState,
) -> Result<(Signed<Event>, PurseState), Failure> {
    let before = card.balances(center)?;
    let event = card.cancel(&LicenceRef { center, number: licence.number })?;
    let after = card.balances(center)?;
    let account = after.account;
    let (purse, amount) = gave_back(before, after).ok_or_else(unmoved)?;
    let held = Held {
        kind: EventKind::Cancelled,
        center,
        licence: licence.identity,
        account,
        purse: purse.purse,
        amount,
    };
    check_hold(&event, identity, &held)?;
    Ok((event, purse))
}

/// The purse that has less on hold than before, as it is now, and how much less.
fn gave_back(before: Balances, after: Balances) -> Option<(PurseState, u64)> {
    after.purses.0.into_iter().find_map(|now| {
        let then = before.purses.0.iter().find(|then| then.purse == now.purse)?;
        let amount = then.held.checked_sub(now.held).filter(|amount| *amount > 0)?;
        Some((now, amount))
    })
}

fn unmoved() -> Failure {
    let what = "the card says that it gave the price back, and no purse has less on hold";
    Failure::new(ExitCode::NotAuthentic, what, "do not trust this card; nothing more was done")
}

/// Refuses a licence that has nothing on hold.
fn expect_held(licence: &LicenceState) -> Result<(), Failure> {
    let next = match licence.status {
        LicenceStatus::Held => return Ok(()),
        LicenceStatus::Loaded => "nothing was taken for it",
        LicenceStatus::Paid | LicenceStatus::Released => {
            "what is paid does not come back; `saifu resume` settles it"
        }
        LicenceStatus::Refunded => "the payment was taken back already",
    };
    let what = format!(
        "nothing is on hold for licence {}: its status is \"{}\"",
        licence.number,
        status(licence.status)
    );
    Err(Failure::new(ExitCode::Failed, what, next))
}
