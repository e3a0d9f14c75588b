//! What is read of the tables in which most of a store lies, and rows that belong to nothing.
//!
//! The rest of the audit reads links, payments and entries through these views alone, so that how
//! a store lays them out is nobody else's matter.

use super::Audit;
use super::finding::Rule;

/// The views, of the reading connection alone.
pub(super) const VIEWS: &str = "
    CREATE TEMP VIEW read_links AS
        SELECT l.account, l.counter, l.identity, l.previous, l.purse, l.balance, l.entry, coalesce(
            l.signed, (SELECT signed FROM main.tokens t WHERE t.entry = l.entry)) AS signed
        FROM main.links l;
    CREATE TEMP VIEW read_refunded AS
        SELECT t.* FROM main.refunds r JOIN main.tokens t
            ON t.order_id = r.order_id AND t.identity = r.token AND t.outcome = 1
        UNION ALL SELECT * FROM main.tokens WHERE outcome = 2;
    CREATE TEMP VIEW read_tokens AS
        SELECT identity, entry, account, counter, order_id, shop, kind, unit, amount, licence, outcome,
            receipt, payload, booked
        FROM main.tokens;
    CREATE TEMP VIEW read_entries AS
        SELECT entry, booked, kind, unit, amount, source, source_id, target, target_id, account,
            purse, evidence
        FROM main.ledger;";

/// Finds rows that belong to nothing: no walk of the audit has come to them, or two tables do not
/// agree about one thing.
pub(super) fn orphans(audit: &mut Audit<'_>) -> rusqlite::Result<()> {
    for (rule, what, sql) in ORPHANS {
        let sql = format!("SELECT count(*) FROM {sql}");
        let count: i64 = audit.moment.connection.query_row(&sql, [], |row| row.get(0))?;
        audit.findings.unless(count == 0, rule, || format!("{count} {what}"));
    }
    Ok(())
}

/// Such rows, in words and in SQL.
const ORPHANS: [(Rule, &str, &str); 20] = [
    (
        Rule::Statement,
        "shops have another fee than the last that is kept of them",
        "shops s WHERE fee_basis_points IS NOT (
            SELECT basis_points FROM shop_fees f WHERE f.shop = s.id ORDER BY after DESC LIMIT 1)",
    ),
    (
        Rule::Statement,
        "entries are filed as what did not come in to that shop",
        "shop_entries s WHERE NOT EXISTS (
            SELECT 1 FROM read_entries l WHERE l.entry = s.entry
            AND (l.target, l.target_id, l.kind, l.unit) = (4, s.shop, s.kind, s.unit)
            AND (l.source, l.amount) = (s.source, s.amount))",
    ),
    (
        Rule::Statement,
        "entries came in to a shop and are not filed under it",
        "read_entries l WHERE target = 4
            AND entry <= (SELECT coalesce(max(through), 0) FROM rollups)
            AND NOT EXISTS (SELECT 1 FROM shop_entries s
                WHERE (s.shop, s.kind, s.unit, s.entry)
                    = (l.target_id, l.kind, l.unit, l.entry))",
    ),
    (
        Rule::Row,
        "tokens are in no chain",
        "read_tokens t WHERE NOT EXISTS (
            SELECT 1 FROM read_links l WHERE (l.account, l.counter) = (t.account, t.counter)
            AND (l.entry, l.identity) = (t.entry, t.identity))",
    ),
    (
        Rule::Row,
        "links are of no account",
        "read_links WHERE account NOT IN (SELECT id FROM accounts)",
    ),
    (Rule::Row, "loads are of no account", "loads WHERE account NOT IN (SELECT id FROM accounts)"),
    (
        Rule::Funding,
        "fundings are of vouchers that were redeemed twice, or for another amount",
        "fundings f WHERE source = 2 AND state <> 4 AND NOT EXISTS (
            SELECT 1 FROM vouchers v JOIN voucher_batches b ON b.id = v.batch
            WHERE v.funding = f.id AND v.state = 2
            AND (b.kind, b.unit, b.amount) = (f.kind, f.unit, f.amount))",
    ),
    (
        Rule::Funding,
        "vouchers are redeemed, and nobody has their value",
        "vouchers v WHERE state = 2 AND NOT EXISTS (
            SELECT 1 FROM fundings f WHERE f.id = v.funding AND f.source = 2 AND f.state <> 4)",
    ),
    (
        Rule::Funding,
        "fundings are of payments that nobody made, or of another amount",
        "fundings f WHERE source = 3 AND NOT EXISTS (
            SELECT 1 FROM payments p WHERE lower(hex(p.id)) = f.reference
            AND (p.account, p.purse, p.kind, p.unit, p.amount)
                = (f.account, f.purse, f.kind, f.unit, f.amount)
            AND EXISTS (SELECT 1 FROM payment_messages m WHERE m.payment = p.id))",
    ),
    (
        Rule::Funding,
        "payments are repaid, or are to be, whose value no card gave up; or are not to be, though \
         one did",
        "fundings f JOIN payments p ON lower(hex(p.id)) = f.reference
        WHERE f.source = 3 AND (f.state = 4 OR p.state > 2) AND NOT (
            f.state = 4 AND p.state > 2 AND EXISTS (
                SELECT 1 FROM loads l WHERE l.funding = f.id AND l.state = 4
                AND l.receipt = p.void_event))",
    ),
    (
        Rule::Funding,
        "payments are paid or repaid, and no value was made of them",
        "payments p WHERE state > 1 AND NOT EXISTS (
            SELECT 1 FROM fundings f WHERE f.source = 3 AND f.reference = lower(hex(p.id)))",
    ),
    (
        Rule::Instruction,
        "payments were settled out of suspense without an instruction",
        "resolutions WHERE token NOT IN (SELECT id FROM once WHERE what = 'resolved')",
    ),
    (
        Rule::Instruction,
        "payouts to shops are kept without an instruction of their own",
        "payouts p WHERE entry NOT IN (
            SELECT entry FROM expected e WHERE e.evidence = p.instruction AND e.source = 4)",
    ),
    (
        Rule::Instruction,
        "payouts to holders of cards are kept without an instruction of their own",
        "card_payouts p WHERE entry NOT IN (
            SELECT entry FROM expected e WHERE e.evidence = p.instruction AND e.source = 3)",
    ),
    (
        Rule::Refund,
        "refunds are kept of another order or payment than their funding's",
        "refunds r WHERE NOT EXISTS (
            SELECT 1 FROM fundings f JOIN read_refunded t ON t.identity = f.refunded_token
            WHERE f.id = r.funding AND f.source = 5 AND r.token = f.refunded_token
            AND t.order_id = r.order_id)",
    ),
    (
        Rule::Refund,
        "refunds are not kept with their order",
        "fundings WHERE source = 5 AND id NOT IN (SELECT funding FROM refunds)",
    ),
    (
        Rule::Row,
        "cards are replaced and not frozen",
        "replacements r JOIN accounts a ON a.id = r.old WHERE a.frozen IS NULL",
    ),
    (
        Rule::Load,
        "loads are taken for closed on a card's word that it did not give",
        "cards_words WHERE event NOT IN (SELECT identity FROM read_links)",
    ),
    (
        Rule::Order,
        "orders license again, and are not there",
        "again_orders WHERE order_id NOT IN (SELECT id FROM orders)",
    ),
    (
        Rule::Row,
        "days' sums of what was given out are not what the ledger says",
        "(SELECT kind, unit, sum(amount) AS amount FROM minted GROUP BY kind, unit) m
        FULL JOIN (
            SELECT e.kind, e.unit, sum(e.amount) AS amount FROM read_entries e
            WHERE e.source = 1 AND e.target = 2 GROUP BY e.kind, e.unit) g
        USING (kind, unit) WHERE m.amount IS NOT g.amount",
    ),
];
