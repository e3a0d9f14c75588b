//! Orders: each licence is of its order, and what needs not be paid was paid before, or is free.

use rusqlite::{OptionalExtension, Row};
use saifu_wire::certificate::Role;
use saifu_wire::signed::{Licence, PaymentOrder, Signed};

use super::Audit;
use super::finding::Rule;
use super::moment::uint;

/// The most cards that replaced one another, one after the other.
const MAX_HEIRS: usize = 1_000;

/// The payment order of works that cost nothing, by its code.
const FREE: u64 = PaymentOrder::AlreadyPaid as u64;

const ORDERS: &str = "
    SELECT o.id, o.account, o.number, o.licence, a.card, v.payment, g.root
    FROM orders o LEFT JOIN accounts a ON a.id = o.account
    LEFT JOIN versions v ON v.work = o.work AND v.version = o.version
    LEFT JOIN again_orders g ON g.order_id = o.id";

/// An order, as its row says.
struct Order {
    name: String,
    account: [u8; 16],
    licence: Licence,
}

/// Judges all orders.
pub(super) fn read(audit: &mut Audit<'_>) -> rusqlite::Result<()> {
    let moment = audit.moment;
    let mut statement = moment.connection.prepare(ORDERS)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        judge(audit, row)?;
        audit.step();
    }
    Ok(())
}

fn judge(audit: &mut Audit<'_>, row: &Row<'_>) -> rusqlite::Result<()> {
    let id: [u8; 16] = row.get("id")?;
    let name = format!("order {}", hex::encode(id));
    let Ok(signed) = Signed::<Licence>::parse(&row.get::<_, Vec<u8>>("licence")?) else {
        audit.findings.add(Rule::Order, || format!("{name}: its licence is none"));
        return Ok(());
    };
    let said = signed.message();
    let is = (said.center, said.order.0, said.number, Some(said.card.0));
    let should = (audit.keys.center, id, uint(row, "number")?, row.get("card")?);
    audit.findings.unless(is == should, Rule::Order, || {
        format!("{name}: its licence is of another order, number or card")
    });
    let root: Option<[u8; 16]> = row.get("root")?;
    if said.payment != PaymentOrder::AlreadyPaid {
        audit.findings.unless(root.is_none(), Rule::Order, || {
            format!("{name} licenses again what its licence has paid anew")
        });
        return Ok(());
    }
    let good = audit.keys.signed(Role::Licence, said.signer, &signed);
    audit.findings.unless(good, Rule::Signature, || {
        format!("{name}: its licence is not signed by the center's licence key")
    });
    let order = Order { name, account: row.get("account")?, licence: said.clone() };
    match root {
        Some(root) => again(audit, &order, root),
        None => {
            let free = row.get::<_, Option<i64>>("payment")? == Some(FREE.cast_signed());
            audit.findings.unless(free, Rule::Order, || {
                format!("{}: its licence asks for no payment, and the work is not free", order.name)
            });
            Ok(())
        }
    }
}

/// What is licensed again is of an order that is settled, or was free, and not given back: the
/// same work, for the same card or one in its place.
fn again(audit: &mut Audit<'_>, order: &Order, root: [u8; 16]) -> rusqlite::Result<()> {
    let name = &order.name;
    let sql = "
        SELECT o.account, o.licence, EXISTS (
            SELECT 1 FROM settled_orders s WHERE s.order_id = o.id) AS settled, EXISTS (
            SELECT 1 FROM refunds r JOIN fundings f ON f.id = r.funding
            WHERE r.order_id = o.id AND f.state <> 4) AS given_back
        FROM orders o WHERE o.id = ?1";
    let mut statement = audit.moment.connection.prepare_cached(sql)?;
    let mut rows = statement.query([root])?;
    let Some(row) = rows.next()? else {
        audit.findings.add(Rule::Order, || format!("{name} licenses an order that is not there"));
        return Ok(());
    };
    let bought = Signed::<Licence>::parse(&row.get::<_, Vec<u8>>("licence")?);
    let same = bought.is_ok_and(|bought| {
        let (bought, said) = (bought.message(), &order.licence);
        let what = |of: &Licence| (of.shop, of.content, of.content_version, of.uses);
        let paid = bought.payment == PaymentOrder::AlreadyPaid || row.get("settled") == Ok(true);
        what(bought) == what(said) && paid && said.prices.0.is_empty()
    });
    let given_back: bool = row.get("given_back")?;
    audit.findings.unless(same && !given_back, Rule::Order, || {
        format!("{name} licenses again what was not paid, or is given back, or another work")
    });
    let heir = is_heir(audit, row.get("account")?, order.account)?;
    audit.findings.unless(heir, Rule::Order, || {
        format!("{name} licenses again, and its card is not in the place of the one that paid")
    });
    Ok(())
}

/// Whether `account` is `of`, or its card was put into the place of that account's.
pub(super) fn is_heir(
    audit: &Audit<'_>,
    of: [u8; 16],
    account: [u8; 16],
) -> rusqlite::Result<bool> {
    let sql = "SELECT new FROM replacements WHERE old = ?1";
    let mut statement = audit.moment.connection.prepare_cached(sql)?;
    let mut at = of;
    for _ in 0..MAX_HEIRS {
        if at == account {
            return Ok(true);
        }
        let next = statement.query_row([at], |row| row.get(0)).optional()?;
        let Some(next) = next else { return Ok(false) };
        at = next;
    }
    Ok(false)
}
