//! `saifu balance`: what the purses hold.

use super::arguments::PinSource;
use super::context::{Context, pin};
use super::text::{table, time};
use super::{Failure, Report};
use crate::center::words;
use crate::money::Money;
use crate::session::unix_time;
use saifu_wire::answer::PurseState;
use saifu_wire::value::Kind;
use serde_json::{Value, json};

/// The digits of an id that are shown.
const SHOWN_DIGITS: usize = 8;

pub(super) fn run(context: &Context, source: &PinSource) -> Result<Report, Failure> {
    let sales = context.sales()?;
    let (mut card, client) = (context.card()?, context.client()?);
    let mut session = context.session(&sales, &mut card, &client)?;
    let center = session.center.id;
    let balances = session.selected.verify(&pin(source)?)?.balances(center)?;
    let purses = &balances.purses.0;
    let rows: Vec<_> = purses.iter().map(row).collect();
    let json = json!({
        "center": center.to_string(),
        "account": balances.account.to_string(),
        "purses": purses.iter().map(object).collect::<Vec<_>>(),
    });
    let heading = ["PURSE", "KIND", "UNIT", "BALANCE", "ON HOLD", "AT MOST", "PAYS", "UNTIL"];
    let mut text = table(heading, &rows);
    for purse in purses.iter().filter(|purse| is_over(purse) && purse.balance != 0) {
        let number = purse.purse;
        text +=
            &format!("purse {number} is past its date: `saifu expire {number}` writes it off\n");
    }
    Ok(Report::new(text, json))
}

fn row(purse: &PurseState) -> [String; 8] {
    let money = |amount| Money::new(amount, purse.unit).to_string();
    // Of a credit line, the balance is what is still available.
    let balance = match purse.kind {
        Kind::CreditCard => format!("{} available", money(purse.balance)),
        _ => money(purse.balance),
    };
    [
        purse.purse.to_string(),
        words::kind(purse.kind).to_owned(),
        purse.unit.to_string(),
        balance,
        money(purse.held),
        money(purse.max_balance),
        pays(purse),
        match purse.not_after {
            0 => "for ever".to_owned(),
            second => time(second),
        },
    ]
}

/// What a purse pays, and how.
fn pays(purse: &PurseState) -> String {
    let what = match words::scope(purse.scope) {
        None => "anything".to_owned(),
        Some(scope) => format!("one {scope} ({})", &hex::encode(purse.scope_id)[..SHOWN_DIGITS]),
    };
    match purse.face_amount {
        0 => what,
        face => format!("{what}, {} at once", Money::new(face, purse.unit)),
    }
}

/// Whether a purse is past its date by this terminal's clock.
fn is_over(purse: &PurseState) -> bool {
    purse.not_after != 0 && purse.not_after < unix_time()
}

fn object(purse: &PurseState) -> Value {
    json!({
        "purse": purse.purse,
        "kind": words::kind(purse.kind),
        "unit": purse.unit.as_str(),
        "balance": purse.balance,
        "held": purse.held,
        "max_balance": purse.max_balance,
        "face_amount": purse.face_amount,
        "scope": words::scope(purse.scope),
        "scope_id": words::scope(purse.scope).map(|_| hex::encode(purse.scope_id)),
        "not_after": (purse.not_after != 0).then(|| words::time(purse.not_after)),
    })
}
