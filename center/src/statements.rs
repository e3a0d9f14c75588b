//! A shop's statement as it is told, by the interface and by the owner's program alike.

use saifu_center_api as api;
use saifu_wire::ShopId;
use saifu_wire::signed::Outcome;
use saifu_wire::value::{Kind, Unit};

use crate::center::Center;
use crate::clock::rfc3339;
use crate::ledger::{Line, LineKind, ShopSums, Statement, StatementAsked};
use crate::money;
use crate::refusal::{Refusal, Result};
use crate::store::{Sale, ShopRow};

impl Center {
    /// A shop's account as it is told: with the center's fee of what it earned in the period, and
    /// what was payable to it at the end.
    ///
    /// # Errors
    /// As [`Center::statement`].
    pub fn told_statement(&self, shop: &ShopRow, asked: StatementAsked) -> Result<api::Statement> {
        told(shop, &self.statement(StatementAsked { shop: shop.id, ..asked })?)
    }

    /// The kinds and units in which a shop was ever paid, of this kind and unit alone where they
    /// are named; one alone where it `is_page` of an account.
    ///
    /// # Errors
    /// `malformed`: a page of several accounts is asked for.
    pub fn shop_units_of(
        &self,
        shop: ShopId,
        (kind, unit): (Option<Kind>, Option<Unit>),
        is_page: bool,
    ) -> Result<Vec<(Kind, Unit)>> {
        let mut units = self.shop_units(shop)?;
        units.retain(|has| kind.is_none_or(|of| of == has.0) && unit.is_none_or(|of| of == has.1));
        if is_page && units.len() > 1 {
            return Err(Refusal::malformed(
                "a next page belongs to one kind and unit: name them with the cursor",
            ));
        }
        Ok(units)
    }

    /// A page of a shop's payments after entry `after` of the ledger, oldest first, at most
    /// `limit`, and the entry after which the next begins. Whatever else its account has is passed
    /// over, so that a page may be shorter and another follow it.
    ///
    /// # Errors
    /// As [`Center::statement`].
    pub fn sales_of(
        &self,
        shop: ShopId,
        after: u64,
        limit: u32,
    ) -> Result<(Vec<Sale>, Option<u64>)> {
        let (mut sales, mut horizon) = (Vec::new(), None::<u64>);
        for (kind, unit) in self.shop_units(shop)? {
            let asked = StatementAsked { shop, kind, unit, from: 0, to: None, after, limit };
            let statement = self.statement(asked)?;
            // Beyond the last line of a full page another unit's lines may stand between.
            let reached = [horizon, statement.next()].into_iter().flatten().min();
            horizon = reached;
            sales.extend(statement.lines.iter().filter_map(|line| sale_of(line, &asked)));
        }
        sales.retain(|sale| horizon.is_none_or(|horizon| sale.entry <= horizon));
        sales.sort_by_key(|sale| sale.entry);
        if sales.len() > limit as usize {
            sales.truncate(limit as usize);
            horizon = sales.last().map(|sale| sale.entry);
        }
        Ok((sales, horizon))
    }
}

/// The payment that a line shows; none where it shows something else.
fn sale_of(line: &Line, asked: &StatementAsked) -> Option<Sale> {
    let (outcome, reason, title) = match line.kind {
        LineKind::Sale => (Outcome::Settled, String::new(), line.note.clone()),
        LineKind::Suspense => (Outcome::Suspense, line.note.clone(), String::new()),
        _ => return None,
    };
    Some(Sale {
        entry: line.entry,
        booked: line.booked,
        outcome,
        reason,
        token: line.evidence,
        resolved: None,
        order: line.order.unwrap_or_default(),
        account: line.account,
        shop: asked.shop,
        title,
        kind: asked.kind,
        unit: asked.unit,
        amount: line.amount,
    })
}

fn told(shop: &ShopRow, statement: &Statement) -> Result<api::Statement> {
    let (asked, moved) = (statement.asked, statement.moved()?);
    let of = |kind| ShopSums::of(&moved, kind);
    let (gross, fee) = (moved.gross(), statement.fee());
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
        fee_basis_points: statement.basis_points,
        fee: amount(fee)?,
        net: amount(gross - fee)?,
        fee_of_all: amount(statement.closing_fee)?,
        payable: amount(statement.payable())?,
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
