//! `saifu register`: an account at the center, and its initial value.

use super::arguments::PinSource;
use super::context::{Context, pin};
use super::text::plain;
use super::{Failure, Report};
use crate::account;
use crate::money::Money;
use crate::sale::Step;
use serde_json::json;

pub(super) fn run(context: &Context, source: &PinSource) -> Result<Report, Failure> {
    let sales = context.sales()?;
    let (mut card, client) = (context.card()?, context.client()?);
    let mut session = context.session(&sales, &mut card, &client)?;
    let mut loaded = Vec::new();
    let mut observer = |step: &Step| {
        if let Step::ValueLoaded { purse, amount, unit, .. } = step {
            loaded.push((*purse, Money::new(*amount, unit)));
        }
    };
    let account = account::register(&mut session, &pin(source)?, &mut observer)?;
    let center = plain(&session.center.name);
    let mut text = format!("account {account} at {center}\n");
    for (purse, money) in &loaded {
        text += &format!("loaded {money} into purse {purse}\n");
    }
    if loaded.is_empty() {
        text += "nothing was to be loaded\n";
    }
    let loads = loaded.iter().map(
        |(purse, money)| json!({ "purse": purse, "amount": money.amount, "unit": money.unit }),
    );
    Ok(Report::new(
        text,
        json!({
            "center": session.center.id.to_string(),
            "account": account.to_string(),
            "loaded": loads.collect::<Vec<_>>(),
        }),
    ))
}
