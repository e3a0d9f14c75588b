//! `saifu load`: redeem a voucher or begin a payment, then load whatever waits.

use super::arguments::Load;
use super::context::{Context, pin};
use super::text::plain;
use super::{Failure, Report};
use crate::account;
use crate::center::CenterError;
use crate::money::Money;
use crate::sale::{BegunPayment, Step};
use saifu_center_api::FundingPayment;
use serde_json::{Value, json};

/// What a purse was loaded with: its number, the amount, the balance.
type Loaded = (u32, Money, u64);

pub(super) fn run(context: &Context, asked: &Load) -> Result<Report, Failure> {
    let sales = context.sales()?;
    let (mut card, client) = (context.card()?, context.client()?);
    let mut session = context.session(&sales, &mut card, &client)?;
    let account = account::enter(&mut session)?;
    let (mut text, mut answer) = (String::new(), json!({}));
    if let Some(code) = &asked.voucher {
        let funding = client.redeem(account, code, asked.purse)?;
        let money = Money::new(funding.amount, plain(&funding.unit));
        text += &format!("the voucher brings {money} to purse {}\n", funding.purse);
        answer["voucher"] = json!(funding);
    }
    let mut begun = None;
    if let Some(amount) = asked.amount {
        let of = (asked.purse.unwrap_or(1), amount);
        let kept = sales.begun_payment(session.center.id, account, of)?;
        let payment = match client.begin_payment(kept.key(), account, of) {
            Err(error) if matches!(error, CenterError::Refused(_)) && !error.is_passing() => {
                kept.end()?;
                return Err(error.into());
            }
            payment => payment?,
        };
        text += &to_pay(&payment);
        answer["payment"] = json!(payment);
        begun = Some(kept);
    }
    let mut loaded = Vec::new();
    let mut observer = |step: &Step| {
        if let Step::ValueLoaded { purse, amount, unit, balance } = step {
            loaded.push((*purse, Money::new(*amount, unit), *balance));
        }
    };
    let pin = pin(&asked.pin)?;
    account::load_due(&mut session, account, asked.purse, &pin, &mut observer)?;
    begun.map_or(Ok(()), BegunPayment::end)?;
    text += &told(&loaded, text.is_empty());
    answer["loaded"] = loaded.iter().map(entry).collect::<Vec<Value>>().into();
    Ok(Report::new(text, answer))
}

/// What is to be paid, or was.
fn to_pay(payment: &FundingPayment) -> String {
    let money = Money::new(payment.amount, plain(&payment.unit));
    let (at, id, purse) = (plain(&payment.pay_at), plain(&payment.id), payment.purse);
    if payment.state == "begun" {
        return format!(
            "to pay {money} for purse {purse}: {at}\npayment {id}\nonce it is paid, `saifu load` \
             loads it\n"
        );
    }
    let state = plain(&payment.state);
    format!(
        "the payment of {money} for purse {purse} that was begun before is {state}: payment {id}\n\
         the same command again begins another\n"
    )
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
