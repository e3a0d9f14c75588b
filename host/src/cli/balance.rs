//! `saifu balance`: what the purses hold.

use super::arguments::PinSource;
use super::context::{Context, pin};
use super::text::table;
use super::{Failure, Report};
use crate::center::words;
use crate::money::Money;
use crate::session::Session;
use saifu_wire::answer::PurseState;
use serde_json::{Value, json};

pub(super) fn run(context: &Context, source: &PinSource) -> Result<Report, Failure> {
    let _sales = context.sales()?;
    let (mut card, client) = (context.card()?, context.client()?);
    let mut session = Session::open(&mut card, &client, &context.root()?)?;
    let center = session.center.id;
    let balances = session.selected.verify(&pin(source)?)?.balances(center)?;
    let purses = &balances.purses.0;
    let rows: Vec<_> = purses.iter().map(row).collect();
    let json = json!({
        "center": center.to_string(),
        "account": balances.account.to_string(),
        "purses": purses.iter().map(object).collect::<Vec<_>>(),
    });
    Ok(Report::new(table(["PURSE", "KIND", "BALANCE", "ON HOLD", "AT MOST"], &rows), json))
}

fn row(purse: &PurseState) -> [String; 5] {
    let money = |amount| Money::new(amount, purse.unit).to_string();
    [
        purse.purse.to_string(),
        words::kind(purse.kind).to_owned(),
        money(purse.balance),
        money(purse.held),
        money(purse.max_balance),
    ]
}

fn object(purse: &PurseState) -> Value {
    json!({
        "purse": purse.purse,
        "kind": words::kind(purse.kind),
        "unit": purse.unit.as_str(),
        "balance": purse.balance,
        "held": purse.held,
        "max_balance": purse.max_balance,
    })
}
