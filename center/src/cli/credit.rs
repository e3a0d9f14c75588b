//! `saifu-center credit give`, `list`, `confirm` and `repayments`.

use clap::{Args, Subcommand};
use saifu_center_api::Credit;
use serde::Serialize;

use super::output::{Output, table};
use crate::center::Center;
use crate::clock::rfc3339;
use crate::funding::{Gift, told_credit, told_state};
use crate::refusal::{Refusal, Result};
use crate::store::{PaymentId, PaymentRow, Said};

/// The rows that are listed.
const MAX_LISTED: u32 = 1_000;

#[derive(Subcommand)]
pub(super) enum CreditCommand {
    /// Give value to a purse; the card loads it with `saifu load`
    Give(Give),
    /// List the credits that were given, newest first
    List,
    /// Confirm a payment of the test provider, in test mode
    Confirm {
        /// The payment
        payment: String,
    },
    /// List the payments that are due back to their payers, because the card gave the value up
    Repayments(Repayments),
}

#[derive(Args)]
pub(super) struct Give {
    /// The account, or the card: its id or the beginning of it
    to: String,
    /// The purse
    #[arg(long, value_name = "NUMBER")]
    purse: u32,
    /// How much, in minor units
    #[arg(long)]
    amount: u64,
    /// Why, in words
    #[arg(long)]
    reason: String,
    /// Your own name for it: the same one again gives nothing more
    #[arg(long)]
    reference: String,
}

#[derive(Args)]
pub(super) struct Repayments {
    /// List those that were paid back
    #[arg(long)]
    done: bool,
    /// Pay this one back through its provider, or note with --reference that you have
    #[arg(long, value_name = "PAYMENT", conflicts_with = "done")]
    pay: Option<String>,
    /// The provider's reference of the repayment
    #[arg(long, requires = "pay")]
    reference: Option<String>,
}

#[derive(Serialize)]
struct Due {
    payment: String,
    account: String,
    amount: u64,
    unit: String,
    provider: String,
    repaid: Option<String>,
    begun: String,
}

/// Carries out a command on credits and payments.
///
/// # Errors
/// What the center refuses.
pub(super) fn run(center: &Center, command: CreditCommand, output: &Output) -> Result<()> {
    match command {
        CreditCommand::Give(asked) => give(center, asked, output),
        CreditCommand::List => list(center, output),
        CreditCommand::Confirm { payment } => confirm(center, &payment, output),
        CreditCommand::Repayments(asked) => repayments(center, &asked, output),
    }
}

fn give(center: &Center, asked: Give, output: &Output) -> Result<()> {
    let account = center.card_named(&asked.to)?.id;
    let Give { purse, amount, reason, reference, .. } = asked;
    let given = center.give(&Gift { account, purse, amount, reference, reason })?;
    let unit = given.what.unit.to_string();
    let answer = serde_json::json!({
        "funding": given.id.to_string(), "account": account.to_string(), "purse": purse,
        "amount": amount, "unit": unit, "state": told_state(given.state),
    });
    output.say(&answer, |_| {
        format!(
            "{amount} {unit} for purse {purse} of account {account}: {}; the card takes it with \
             `saifu load`\n",
            told_state(given.state)
        )
    })
}

fn list(center: &Center, output: &Output) -> Result<()> {
    let given = center.gifts(MAX_LISTED)?;
    let given = given.into_iter().map(|(row, reason)| told_credit(row, reason));
    output.say(&given.collect::<Vec<_>>(), |given| {
        let row = |of: &Credit| {
            let amount = format!("{} {}", of.amount, of.unit);
            let words = [&of.account, &amount, &of.reference, &of.reason, &of.given];
            let [account, amount, reference, reason, given] = words.map(Clone::clone);
            [account, of.purse.to_string(), amount, of.state.clone(), reference, reason, given]
        };
        let head = ["account", "purse", "amount", "state", "reference", "reason", "given"];
        let right = [false, true, true, false, false, false, false];
        table(head, right, &given.iter().map(row).collect::<Vec<_>>())
    })
}

fn confirm(center: &Center, payment: &str, output: &Output) -> Result<()> {
    let outcome = match center.confirm_test_payment(payment_id(payment)?)? {
        Said::Funded => "confirmed: the card takes it with `saifu load`",
        Said::Kept => "kept: nothing follows from it",
        Said::Known => "confirmed before",
    };
    output.say(&serde_json::json!({ "payment": payment, "outcome": outcome }), |_| {
        format!("{outcome}\n")
    })
}

fn repayments(center: &Center, asked: &Repayments, output: &Output) -> Result<()> {
    let rows = match &asked.pay {
        Some(payment) => vec![center.repay(payment_id(payment)?, asked.reference.as_deref())?],
        None => center.repayments(asked.done, MAX_LISTED)?,
    };
    output.say(&rows.into_iter().map(due).collect::<Vec<_>>(), |rows| {
        let row = |of: &Due| {
            let repaid = of.repaid.clone().unwrap_or_else(|| "due".into());
            let amount = format!("{} {}", of.amount, of.unit);
            [of.payment.clone(), amount, of.provider.clone(), repaid, of.begun.clone()]
        };
        let head = ["payment", "amount", "provider", "repaid", "begun"];
        let right = [false, true, false, false, false];
        table(head, right, &rows.iter().map(row).collect::<Vec<_>>())
    })
}

fn due(row: PaymentRow) -> Due {
    Due {
        payment: hex::encode(row.id),
        account: row.account.to_string(),
        amount: row.amount,
        unit: row.unit.to_string(),
        provider: row.provider,
        repaid: row.repaid,
        begun: rfc3339(row.begun),
    }
}

fn payment_id(text: &str) -> Result<PaymentId> {
    let id = hex::decode(text).ok().and_then(|bytes| bytes.try_into().ok());
    id.ok_or_else(|| Refusal::malformed("a payment is 32 hex digits: see where it was begun"))
}
