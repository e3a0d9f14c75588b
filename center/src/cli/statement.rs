//! `saifu-center statement` and `payout`.

use clap::Args;
use saifu_center_api::{Statement, StatementLine};
use saifu_wire::ShopId;
use saifu_wire::value::{Kind, Unit};
use serde::Serialize;

use super::output::{Output, table};
use super::work::second;
use crate::center::Center;
use crate::clock::rfc3339;
use crate::ledger::StatementAsked;
use crate::money;
use crate::refusal::Result;
use crate::store::{NewPayout, ShopRow};

#[derive(Args)]
pub(super) struct Asked {
    /// The shop: its slug or its id [default: the center itself]
    #[arg(value_name = "SHOP")]
    shop: Option<String>,
    /// From this moment on, as 2026-11-01T00:00:00Z [default: the beginning]
    #[arg(long, value_name = "TIME", value_parser = second)]
    from: Option<u64>,
    /// Up to this moment, itself not included [default: now]
    #[arg(long, value_name = "TIME", value_parser = second)]
    to: Option<u64>,
    /// Only this kind of value
    #[arg(long, value_name = "KIND")]
    kind: Option<String>,
    /// Only this unit
    #[arg(long, value_name = "UNIT")]
    unit: Option<String>,
    /// Lines after this entry of the ledger, as the page before says
    #[arg(long, value_name = "ENTRY", default_value_t = 0)]
    cursor: u64,
    /// At most as many lines of each kind and unit
    #[arg(long, value_name = "LINES", default_value_t = 100)]
    limit: u32,
    /// The lines as comma-separated values
    #[arg(long)]
    csv: bool,
}

#[derive(Args)]
pub(super) struct PayOut {
    /// What is paid, as jpy:5000, or coupon:jpy:5000 with its kind
    #[arg(value_name = "AMOUNT")]
    amount: String,
    /// The shop: its slug or its id [default: the center itself]
    #[arg(long, value_name = "SHOP")]
    shop: Option<String>,
    /// What the payout is called, as on the transfer: with the same reference it is made once
    #[arg(long, value_name = "TEXT")]
    reference: String,
}

pub(super) fn statement(center: &Center, asked: &Asked, output: &Output) -> Result<()> {
    let shop = shop(center, asked.shop.as_deref())?;
    let accounts: Vec<Statement> = units(center, shop.id, asked)?
        .into_iter()
        .map(|(kind, unit)| {
            let (to, after, limit) = (asked.to, asked.cursor, asked.limit);
            let from = asked.from.unwrap_or(0);
            let asked = StatementAsked { shop: shop.id, kind, unit, from, to, after, limit };
            center.told_statement(&shop, asked)
        })
        .collect::<Result<_>>()?;
    if asked.csv {
        return output.say(&accounts, |accounts| csv(accounts));
    }
    output.say(&accounts, |accounts| text(accounts))
}

/// The kinds and units that are asked for and that the shop has.
fn units(center: &Center, shop: ShopId, asked: &Asked) -> Result<Vec<(Kind, Unit)>> {
    let kind = asked.kind.as_deref().map(money::kind).transpose()?;
    let unit = asked.unit.as_ref().map(|unit| money::unit(&unit.to_ascii_uppercase()));
    center.shop_units_of(shop, (kind, unit.transpose()?), asked.cursor > 0)
}

pub(super) fn pay_out(center: &Center, asked: &PayOut, output: &Output) -> Result<()> {
    #[derive(Serialize)]
    struct PaidOut {
        entry: u64,
        booked: String,
        shop: String,
        slug: String,
        kind: &'static str,
        unit: String,
        amount: u64,
        reference: String,
    }
    let price = money::parse_price(&asked.amount)?;
    let shop = shop(center, asked.shop.as_deref())?;
    let payout = NewPayout {
        shop: shop.id,
        kind: price.kind,
        unit: price.unit,
        amount: price.amount,
        reference: asked.reference.clone(),
    };
    let row = center.pay_out(payout)?;
    let paid = PaidOut {
        entry: row.entry,
        booked: rfc3339(row.booked),
        shop: row.payout.shop.to_string(),
        slug: shop.slug,
        kind: money::kind_name(row.payout.kind),
        unit: row.payout.unit.to_string(),
        amount: row.payout.amount,
        reference: row.payout.reference,
    };
    output.say(&paid, |paid| {
        let PaidOut { entry, booked, amount, unit, slug, reference, .. } = paid;
        format!("entry {entry}, {booked}: {amount} {unit} paid out to shop {slug}, {reference}")
    })
}

/// The shop that is meant; the center itself where none is named.
fn shop(center: &Center, named: Option<&str>) -> Result<ShopRow> {
    named.map_or_else(|| center.shop_by_id(ShopId::ZERO), |named| center.shop(named))
}

fn text(accounts: &[Statement]) -> String {
    if accounts.is_empty() {
        return "nothing was ever paid to this shop\n".into();
    }
    accounts.iter().map(account_text).collect::<Vec<_>>().join("\n")
}

fn account_text(account: &Statement) -> String {
    let period = |end: &Option<String>, open: &str| end.clone().unwrap_or_else(|| open.into());
    let mut text = format!(
        "shop {}: {} {}, from {} to {}\n",
        account.slug,
        account.kind,
        account.unit,
        period(&account.from, "the beginning"),
        period(&account.to, "now")
    );
    let row = |name: &str, amount: String| [name.to_owned(), amount];
    let mut rows = vec![
        row("opening", account.opening.to_string()),
        row("sales", account.sales.to_string()),
        row("settled from suspense", account.resolved.to_string()),
        row("refunds", format!("-{}", account.refunds)),
        row("refunds returned", account.returned.to_string()),
        row("payouts", format!("-{}", account.payouts)),
        row("closing", account.closing.to_string()),
        row("gross", account.gross.to_string()),
        row(&format!("fee ({} basis points)", account.fee_basis_points), account.fee.to_string()),
        row("net", account.net.to_string()),
        row("fee of all time", account.fee_of_all.to_string()),
        row("payable", account.payable.to_string()),
    ];
    if account.to_suspense_count > 0 {
        let count = account.to_suspense_count;
        rows.push(row(&format!("booked to suspense ({count})"), account.to_suspense.to_string()));
    }
    text.push_str(&table(["", "amount"], [false, true], &rows));
    text + "\n" + &lines_text(account)
}

fn lines_text(account: &Statement) -> String {
    if account.lines.is_empty() {
        return "no lines in this period\n".into();
    }
    let row = |line: &StatementLine| {
        let (entry, amount) = (line.entry.to_string(), line.amount.to_string());
        [entry, line.booked.clone(), line.what.clone(), amount, line.note.clone()]
    };
    let rows: Vec<_> = account.lines.iter().map(row).collect();
    let head = ["entry", "booked", "what", "amount", "note"];
    let mut text = table(head, [true, false, false, true, false], &rows);
    if let Some(next) = account.next {
        let Statement { kind, unit, .. } = account;
        text.push_str(&format!("more: --kind {kind} --unit {unit} --cursor {next}\n"));
    }
    text
}

/// The lines for a spreadsheet (RFC 4180), and below each account's last one what it comes to. What would be taken for a formula there is led in by an
/// apostrophe.
fn csv(accounts: &[Statement]) -> String {
    let head = "shop,kind,unit,entry,booked,what,amount,account,order,note,evidence\r\n";
    let lines = accounts.iter().flat_map(|account| {
        let lines = account.lines.iter().map(|line| csv_line(account, line));
        lines.chain(csv_end(account))
    });
    std::iter::once(head.to_owned()).chain(lines).collect()
}

fn csv_line(account: &Statement, line: &StatementLine) -> String {
    let order = line.order.clone().unwrap_or_default();
    let (entry, amount) = (line.entry.to_string(), line.amount.to_string());
    let note = quoted(&line.note);
    let of = [&account.shop, &account.kind, &account.unit];
    let cells = [&entry, &line.booked, &line.what, &amount, &line.account];
    let last = [&order, &note, &line.evidence];
    let cells: Vec<&str> = of.into_iter().chain(cells).chain(last).map(|c| &**c).collect();
    cells.join(",") + "\r\n"
}

/// What an account comes to, below its last line: rows without an entry.
fn csv_end(account: &Statement) -> Vec<String> {
    if account.next.is_some() {
        return Vec::new();
    }
    let Statement { shop, kind, unit, closing, fee_of_all, payable, .. } = account;
    [("closing", *closing), ("fee of all time", -fee_of_all), ("payable", *payable)]
        .map(|(what, amount)| format!("{shop},{kind},{unit},,,{what},{amount},,,,\r\n"))
        .into()
}

fn quoted(text: &str) -> String {
    let lead = if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { "'" } else { "" };
    format!("\"{lead}{}\"", text.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_stays_one_cell_and_no_formula() {
        assert_eq!(quoted("Song, \"live\""), "\"Song, \"\"live\"\"\"");
        assert_eq!(quoted("=1+1"), "\"'=1+1\"");
        assert_eq!(quoted(""), "\"\"");
    }
}
