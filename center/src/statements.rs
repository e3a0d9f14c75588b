//! A shop's statement as it is told, by the interface and by the owner's program alike.

use saifu_center_api as api;

use crate::center::Center;
use crate::clock::rfc3339;
use crate::ledger::{Line, LineKind, ShopSums, Statement, StatementAsked, fee};
use crate::money;
use crate::refusal::{Refusal, Result};
use crate::store::ShopRow;

impl Center {
    /// A shop's account as it is told: with the fee that the shop has now, on all it earned in
    /// the period.
    ///
    /// # Errors
    /// As [`Center::statement`].
    pub fn told_statement(&self, shop: &ShopRow, asked: StatementAsked) -> Result<api::Statement> {
        told(shop, &self.statement(StatementAsked { shop: shop.id, ..asked })?)
    }
}

fn told(shop: &ShopRow, statement: &Statement) -> Result<api::Statement> {
    let (asked, moved) = (statement.asked, statement.moved()?);
    let of = |kind| ShopSums::of(&moved, kind);
    let gross = moved.gross();
    let fee = fee(gross, shop.fee_basis_points);
    Ok(api::Statement {
        shop: shop.id.to_string(),
        slug: shop.slug.clone(),
        kind: money::kind_name(asked.kind).into(),
        unit: asked.unit.to_string(),
        from: (asked.from > 0).then(|| rfc3339(asked.from)),
        to: asked.to.map(rfc3339),
        opening: amount(statement.opening.balance())?,
        sales: of(LineKind::Sale).amount,
        sales_count: of(LineKind::Sale).count,
        resolved: of(LineKind::Resolved).amount,
        refunds: of(LineKind::Refund).amount,
        returned: of(LineKind::Returned).amount,
        payouts: of(LineKind::Payout).amount,
        closing: amount(statement.closing.balance())?,
        gross: amount(gross)?,
        fee_basis_points: shop.fee_basis_points,
        fee: amount(fee)?,
        net: amount(gross - fee)?,
        to_suspense: of(LineKind::Suspense).amount,
        to_suspense_count: of(LineKind::Suspense).count,
        lines: statement.lines.iter().map(line).collect::<Result<_>>()?,
        next: statement.next(),
    })
}

fn line(line: &Line) -> Result<api::StatementLine> {
    let sign = if line.kind == LineKind::Suspense { 1 } else { line.kind.sign() };
    Ok(api::StatementLine {
        entry: line.entry,
        booked: rfc3339(line.booked),
        what: what(line.kind).into(),
        amount: amount(i128::from(line.amount) * i128::from(sign))?,
        account: line.account.to_string(),
        order: line.order.map(|order| order.to_string()),
        note: line.note.clone(),
        evidence: line.evidence.to_string(),
    })
}

fn what(kind: LineKind) -> &'static str {
    match kind {
        LineKind::Sale => "sale",
        LineKind::Resolved => "settled from suspense",
        LineKind::Refund => "refund",
        LineKind::Returned => "refund returned",
        LineKind::Payout => "payout",
        LineKind::Suspense => "in suspense",
    }
}

/// An amount as it travels.
fn amount(amount: i128) -> Result<i64> {
    i64::try_from(amount)
        .map_err(|_| Refusal::internal("a shop's account is larger than any amount can be"))
}
