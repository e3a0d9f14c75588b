//! `saifu expire`: a purse past its date; its value is written off on the card's evidence.

use super::context::Context;
use super::{Failure, Report};
use crate::session::Session;
use crate::trust::{Expected, check_event};
use saifu_wire::LoadId;
use saifu_wire::request::PurseRef;
use saifu_wire::signed::{Event, EventKind};
use serde_json::json;

pub(super) fn run(context: &Context, purse: u32) -> Result<Report, Failure> {
    let _sales = context.sales()?;
    let (mut card, client) = (context.card()?, context.client()?);
    let mut session = Session::open(&mut card, &client, &context.root()?)?;
    let center = session.center.id;
    let event = session.selected.expire(&PurseRef { center, purse })?;
    let Event { account, amount, sequence, .. } = *event.message();
    let (kind, load) = (EventKind::Expired, LoadId::ZERO);
    let expected = Expected { kind, center, account, purse, amount, sequence, load };
    check_event(&event, &session.card, &expected)?;
    let text = format!("purse {purse} is past its date: {amount} minor units are written off\n");
    Ok(Report::new(
        text,
        json!({ "purse": purse, "amount": amount, "event": hex::encode(event.to_bytes()) }),
    ))
}
