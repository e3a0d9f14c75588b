//! What can be done to what is signed, and to the rows that keep it.

use saifu_center::audit::Rule;

use super::Tampering;

pub(super) const TAMPERINGS: &[Tampering] = &[
    ("UPDATE tokens SET outcome = 2 WHERE identity = {settled}", Rule::Receipt, "the outcome"),
    ("UPDATE tokens SET outcome = 1 WHERE identity = {suspended}", Rule::Receipt, "the outcome"),
    ("UPDATE tokens SET amount = 1 WHERE identity = {settled}", Rule::Row, "the amount"),
    ("UPDATE tokens SET kind = 2 WHERE identity = {settled}", Rule::Row, "the kind"),
    ("UPDATE tokens SET unit = 'USD' WHERE identity = {settled}", Rule::Row, "the unit"),
    (
        "UPDATE tokens SET order_id = zeroblob(16) WHERE identity = {settled}",
        Rule::Row,
        "the order",
    ),
    (
        "UPDATE tokens SET shop = x'11111111111111111111111111111111' WHERE identity =
            {settled}",
        Rule::Row,
        "the shop",
    ),
    (
        "UPDATE tokens SET account = zeroblob(16) WHERE identity = {settled}",
        Rule::Row,
        "the account",
    ),
    (
        "UPDATE links SET entry = 900 WHERE identity = {settled};
            UPDATE tokens SET entry = 900 WHERE identity = {settled}",
        Rule::Receipt,
        "the entry",
    ),
    ("UPDATE tokens SET booked = booked + 1 WHERE identity = {settled}", Rule::Receipt, "the time"),
    (
        "UPDATE tokens SET receipt = (SELECT receipt FROM tokens WHERE identity =
            {other}) WHERE identity = {settled}",
        Rule::Receipt,
        "the account",
    ),
    ("UPDATE tokens SET receipt = x'00' WHERE identity = {settled}", Rule::Receipt, "is none"),
    (
        "UPDATE tokens SET receipt = cast(substr(receipt, 1, length(receipt) - 1) ||
            x'00' AS BLOB) WHERE identity = {settled}",
        Rule::Signature,
        "receipt key",
    ),
    (
        "UPDATE tokens SET licence = (SELECT licence FROM tokens WHERE identity =
            {other}) WHERE identity = {settled}",
        Rule::Licence,
        "another licence",
    ),
    ("UPDATE tokens SET licence = x'00' WHERE identity = {settled}", Rule::Licence, "is none"),
    (
        "UPDATE tokens SET licence = cast(substr(licence, 1, length(licence) - 1) ||
            x'00' AS BLOB) WHERE identity = {settled}",
        Rule::Signature,
        "licence key",
    ),
    (
        "UPDATE tokens SET payload = zeroblob(154) WHERE identity = {settled}",
        Rule::Payload,
        "commit",
    ),
    (
        "UPDATE tokens SET payload = cast(substr(payload, 1, 153) || x'00' AS BLOB)
            WHERE identity = {settled}",
        Rule::Payload,
        "commit",
    ),
    (
        "UPDATE accounts SET opening = (SELECT opening FROM accounts LIMIT 1)
            WHERE id NOT IN (SELECT account FROM loads)",
        Rule::Opening,
        "another center, account or card",
    ),
    ("DELETE FROM tokens WHERE identity = {settled}", Rule::EntryMissing, "is not kept"),
    ("DELETE FROM links WHERE identity = {settled}", Rule::Row, "in no chain"),
    (
        "UPDATE tokens SET signed = cast(substr(signed, 1, length(signed) - 1) || x'00'
            AS BLOB) WHERE identity = {settled}",
        Rule::Signature,
        "not signed by its card",
    ),
    (
        "UPDATE links SET signed = cast(substr(signed, 1, length(signed) - 1) || x'00'
            AS BLOB) WHERE counter = 2",
        Rule::Signature,
        "not signed by its card",
    ),
    ("UPDATE tokens SET signed = x'00' WHERE identity = {settled}", Rule::Unreadable, "neither"),
    (
        "UPDATE links SET counter = -1 WHERE identity = {settled}",
        Rule::Unreadable,
        "cannot be read",
    ),
    ("UPDATE links SET previous = zeroblob(32) WHERE identity = {settled}", Rule::Row, "its row"),
    ("UPDATE links SET counter = 900 WHERE identity = {settled}", Rule::Row, "its row"),
    (
        "UPDATE links SET account = (SELECT account FROM links WHERE identity =
            {other}), counter = 900 WHERE identity = {settled}",
        Rule::Chain,
        "another center or account",
    ),
    (
        "UPDATE links SET account = zeroblob(16) WHERE identity = {settled}",
        Rule::Row,
        "of no account",
    ),
    ("UPDATE links SET balance = 1 WHERE counter = 2", Rule::Row, "another purse or balance"),
    ("UPDATE links SET purse = 2 WHERE counter = 2", Rule::Row, "another purse or balance"),
    (
        "PRAGMA ignore_check_constraints = ON; UPDATE links SET entry = 5 WHERE counter = 2",
        Rule::Row,
        "an event is booked as a payment",
    ),
    (
        "CREATE TEMP TABLE other AS SELECT * FROM tokens WHERE identity = {settled};
            UPDATE other SET entry = 900, counter = 900; INSERT INTO tokens SELECT * FROM other",
        Rule::Row,
        "in no chain",
    ),
    ("DELETE FROM links WHERE counter = 2", Rule::Load, "its card's events say on its way"),
    ("UPDATE loads SET amount = 9999 WHERE state = 3", Rule::Credit, "9999"),
    ("UPDATE loads SET purse = 2 WHERE state = 3", Rule::Credit, "the load of"),
    ("UPDATE loads SET opened = opened + 1 WHERE place = 1", Rule::Credit, "its credit is of"),
    ("UPDATE loads SET state = 4 WHERE state = 3", Rule::Load, "is voided"),
    ("UPDATE loads SET state = 3 WHERE state = 4", Rule::Load, "is applied"),
    ("UPDATE loads SET state = 4 WHERE state = 2", Rule::Load, "is voided"),
    ("UPDATE loads SET state = 9 WHERE state = 2", Rule::Load, "in no state"),
    ("UPDATE loads SET credit = NULL WHERE state = 3", Rule::Load, "without a credit"),
    ("UPDATE loads SET credit = x'00' WHERE state = 3", Rule::Credit, "is none"),
    ("UPDATE loads SET receipt = NULL WHERE state = 3", Rule::Load, "is applied"),
    (
        "UPDATE loads SET receipt = (SELECT receipt FROM loads WHERE state = 4 LIMIT 1)
            WHERE state = 3",
        Rule::Load,
        "is applied",
    ),
    (
        "UPDATE loads SET credit = cast(substr(credit, 1, length(credit) - 1) || x'00'
            AS BLOB) WHERE state = 3",
        Rule::Signature,
        "credit key",
    ),
    ("DELETE FROM loads WHERE state = 3", Rule::Load, "never opened"),
    (
        "UPDATE loads SET account = zeroblob(16) WHERE state = 2",
        Rule::Row,
        "loads are of no account",
    ),
    (
        "INSERT INTO cards_words SELECT zeroblob(16), id, 1, 1, 'JPY', 5, zeroblob(32),
            1 FROM accounts LIMIT 1",
        Rule::Load,
        "that it did not give",
    ),
    (
        "UPDATE accounts SET signature_certificate = (SELECT signature_certificate FROM
            accounts ORDER BY id DESC LIMIT 1) WHERE id = (SELECT min(id) FROM accounts)",
        Rule::Certificate,
        "another card",
    ),
    ("UPDATE accounts SET signature_certificate = x'00'", Rule::Certificate, "is none"),
    (
        "UPDATE accounts SET encryption_certificate = signature_certificate",
        Rule::Certificate,
        "another role",
    ),
    ("UPDATE accounts SET assurance = 2", Rule::Certificate, "another card or class"),
    (
        "UPDATE accounts SET opening = (SELECT opening FROM accounts ORDER BY id DESC
            LIMIT 1) WHERE id = (SELECT min(id) FROM accounts)",
        Rule::Opening,
        "another center, account or card",
    ),
    (
        "UPDATE accounts SET opening = x'00' WHERE rowid = (SELECT max(rowid) FROM
            accounts)",
        Rule::Opening,
        "its opening is none",
    ),
    (
        "UPDATE accounts SET opening = cast(substr(opening, 1, length(opening) - 1) ||
            x'00' AS BLOB)",
        Rule::Signature,
        "its opening",
    ),
    ("UPDATE accounts SET card = x'00' WHERE rowid = 1", Rule::Unreadable, "a row cannot be read"),
    ("UPDATE accounts SET frozen = NULL", Rule::Row, "replaced and not frozen"),
    ("DELETE FROM accounts", Rule::Row, "of no account"),
    (
        "INSERT INTO evidence SELECT 9, 2, account, identity, 'made up', signed, 1 FROM
            tokens WHERE identity = {settled}; UPDATE evidence SET signed =
            cast(substr(signed, 1, length(signed) - 1) || x'00' AS BLOB)",
        Rule::Signature,
        "kept against its card",
    ),
    (
        "UPDATE orders SET licence = (SELECT licence FROM orders ORDER BY id DESC LIMIT
            1)",
        Rule::Order,
        "another licence",
    ),
    ("UPDATE orders SET licence = x'00' WHERE id = {again}", Rule::Order, "its licence is none"),
    ("UPDATE orders SET number = 900 + rowid", Rule::Order, "another order, number or card"),
    (
        "UPDATE orders SET account = (SELECT min(id) FROM accounts), idempotency_key = hex(id), number = 900 + rowid",
        Rule::Order,
        "another order, number or card",
    ),
    (
        "UPDATE orders SET licence = cast(substr(licence, 1, length(licence) - 1) ||
            x'00' AS BLOB) WHERE id = {again}",
        Rule::Signature,
        "licence key",
    ),
    ("DELETE FROM again_orders", Rule::Order, "the work is not free"),
    (
        "UPDATE again_orders SET root = (SELECT id FROM orders WHERE id NOT IN (SELECT
            order_id FROM settled_orders) AND id NOT IN (SELECT order_id FROM
            again_orders) LIMIT 1)",
        Rule::Order,
        "what was not paid",
    ),
    (
        "UPDATE again_orders SET root = (SELECT r.order_id FROM refunds r JOIN fundings
            f ON f.id = r.funding WHERE f.state = 3 LIMIT 1)",
        Rule::Order,
        "is given back",
    ),
    (
        "UPDATE again_orders SET root = (SELECT t.order_id FROM tokens t WHERE
            t.identity = {other})",
        Rule::Order,
        "in the place of the one that paid",
    ),
    ("UPDATE again_orders SET root = zeroblob(16)", Rule::Order, "an order that is not there"),
    (
        "INSERT INTO again_orders SELECT order_id, order_id FROM tokens WHERE identity
            = {settled}",
        Rule::Order,
        "has paid anew",
    ),
    ("DELETE FROM orders WHERE id = {again}", Rule::Order, "and are not there"),
];
