//! `saifu load`: redeem a voucher or begin a payment, then load whatever waits.

use super::arguments::Load;
use super::context::{Context, pin};
use super::text::plain;
use super::{ExitCode, Failure, Report};
use crate::account;
use crate::money::Money;
use crate::sale::Step;
use crate::session::Session;
use serde_json::{Value, json};

/// What a purse was loaded with: its number, the amount, the balance.
type Loaded = (u32, Money, u64);

pub(super) fn run(context: &Context, asked: &Load) -> Result<Report, Failure> {
    let _sales = context.sales()?;
    let (mut card, client) = (context.card()?, context.client()?);
    let mut session = Session::open(&mut card, &client, &context.root()?)?;
    let account = account::enter(&mut session)?;
    let (mut text, mut answer) = (String::new(), json!({}));
    if let Some(code) = &asked.voucher {
        let funding = client.redeem(account, code, asked.purse)?;
        let money = Money::new(funding.amount, plain(&funding.unit));
        text += &format!("the voucher brings {money} to purse {}\n", funding.purse);
        answer["voucher"] = json!(funding);
    }
    if let Some(amount) = asked.amount {
        let purse = asked.purse.unwrap_or(1);
        let payment = client.begin_payment(&key()?, account, (purse, amount))?;
        let money = Money::new(payment.amount, plain(&payment.unit));
        let (at, id) = (plain(&payment.pay_at), plain(&payment.id));
        text += &format!("to pay {money} for purse {purse}: {at}\npayment {id}\n");
        text += "once it is paid, `saifu load` loads it\n";
        answer["payment"] = json!(payment);
    }
    let mut loaded = Vec::new();
    let mut observer = |step: &Step| {
        if let Step::ValueLoaded { purse, amount, unit, balance } = step {
            loaded.push((*purse, Money::new(*amount, unit), *balance));
        }
    };
    let pin = pin(&asked.pin)?;
    account::load_due(&mut session, account, asked.purse, &pin, &mut observer)?;
    text += &told(&loaded, text.is_empty());
    answer["loaded"] = loaded.iter().map(entry).collect::<Vec<Value>>().into();
    Ok(Report::new(text, answer))
}

fn told(loaded: &[Loaded], alone: bool) -> String {
    if loaded.is_empty() {
        return if alone { "nothing waits to be loaded\n".into() } else { String::new() };
    }
    let line = |(purse, money, balance): &Loaded| {
        let balance = Money::new(*balance, &money.unit);
        format!("loaded {money} into purse {purse}, which holds {balance}\n")
    };
    loaded.iter().map(line).collect()
}

fn entry((purse, money, balance): &Loaded) -> Value {
    json!({ "purse": purse, "amount": money.amount, "unit": money.unit, "balance": balance })
}

/// A key of its own for the payment.
fn key() -> Result<String, Failure> {
    let mut drawn = [0; 16];
    getrandom::fill(&mut drawn).map_err(|why| Failure::new(ExitCode::Failed, why, ""))?;
    Ok(hex::encode(drawn))
}
