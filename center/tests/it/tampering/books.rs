//! What can be done to the books: the ledger, and what is noted beside it.

use saifu_center::audit::Rule;

use super::Tampering;

pub(super) const TAMPERINGS: &[Tampering] = &[
    ("UPDATE ledger SET amount = 299 WHERE target = 4 AND entry % 2", Rule::EntryDiffers, "299"),
    ("UPDATE ledger SET amount = amount + 1 WHERE entry = 5", Rule::Sums, "other sums"),
    ("UPDATE ledger SET unit = 'USD' WHERE entry = 3", Rule::EntryDiffers, "USD"),
    ("UPDATE ledger SET kind = 3 WHERE entry = 3", Rule::EntryDiffers, "kind 3"),
    ("UPDATE ledger SET purse = 2 WHERE entry = 2", Rule::EntryUnfounded, "entry 2"),
    ("UPDATE ledger SET account = zeroblob(16) WHERE entry = 2", Rule::EntryDiffers, "entry 2"),
    ("UPDATE ledger SET target_id = zeroblob(16) WHERE entry = 2", Rule::EntryDiffers, "entry 2"),
    ("UPDATE ledger SET source_id = zeroblob(16) WHERE entry = 2", Rule::EntryDiffers, "entry 2"),
    (
        "UPDATE ledger SET target_id = x'11111111111111111111111111111111' WHERE entry
            = 5",
        Rule::EntryDiffers,
        "entry 5",
    ),
    ("UPDATE ledger SET target = 5 WHERE entry = 5", Rule::EntryUnfounded, "to suspense"),
    ("UPDATE ledger SET evidence = zeroblob(32) WHERE entry = 5", Rule::EntryUnfounded, "entry 5"),
    ("UPDATE ledger SET entry = 900 WHERE entry = 5", Rule::EntryDiffers, "entry 900"),
    (
        "UPDATE ledger SET booked = booked + 1 WHERE entry = 5",
        Rule::EntryDiffers,
        "not when it was signed",
    ),
    ("UPDATE ledger SET booked = 1 WHERE entry = 2", Rule::EntryDiffers, "the second 1, after"),
    ("DELETE FROM ledger WHERE entry = 1", Rule::EntryMissing, "from issued to unapplied"),
    ("DELETE FROM ledger WHERE entry = 5", Rule::EntryMissing, "300 JPY"),
    (
        "DELETE FROM ledger WHERE target = 5 AND source = 3",
        Rule::EntryMissing,
        "from card to suspense",
    ),
    (
        "DELETE FROM ledger WHERE target = 5 AND source = 2",
        Rule::EntryMissing,
        "from unapplied to suspense",
    ),
    ("DELETE FROM ledger WHERE target = 6", Rule::EntryMissing, "from card to expired"),
    (
        "DELETE FROM ledger WHERE source = 5 AND target = 4",
        Rule::EntryMissing,
        "from suspense to settled",
    ),
    (
        "DELETE FROM ledger WHERE target = 7 AND source = 4",
        Rule::EntryMissing,
        "from settled to redeemed",
    ),
    (
        "DELETE FROM ledger WHERE target = 7 AND source = 3",
        Rule::EntryMissing,
        "from card to redeemed",
    ),
    (
        "DELETE FROM ledger WHERE source = 3 AND target = 2",
        Rule::EntryMissing,
        "from card to unapplied",
    ),
    (
        "DELETE FROM ledger WHERE source = 4 AND target = 2",
        Rule::EntryMissing,
        "from settled to unapplied",
    ),
    (
        "DELETE FROM ledger WHERE source = 2 AND target = 4",
        Rule::EntryMissing,
        "from unapplied to settled",
    ),
    (
        "DELETE FROM ledger WHERE source = 2 AND target = 1",
        Rule::EntryMissing,
        "from unapplied to issued",
    ),
    ("DELETE FROM ledger WHERE target = 4 AND source = 3", Rule::Statement, "than was payable"),
    (
        "INSERT INTO ledger SELECT 900, 2000000000, kind, unit, amount, source,
            source_id, target, target_id, account, purse, evidence FROM ledger WHERE entry
            = 2",
        Rule::EntryTwice,
        "entry 900",
    ),
    (
        "INSERT INTO ledger SELECT 900, 2000000000, kind, unit, amount, source,
            source_id, target, target_id, account, purse, zeroblob(32) FROM ledger WHERE
            entry = 5",
        Rule::EntryUnfounded,
        "entry 900",
    ),
    (
        "INSERT INTO ledger SELECT 900, 2000000000, kind, unit, amount, 4,
            zeroblob(16), 5, target_id, account, purse, zeroblob(32) FROM ledger WHERE
            entry = 5",
        Rule::EntryUnfounded,
        "from settled to suspense",
    ),
    ("UPDATE shop_fees SET basis_points = 9000", Rule::Statement, "more than was payable to it"),
    ("UPDATE shops SET fee_basis_points = 1", Rule::Statement, "another fee than the last"),
    ("UPDATE positions SET on_card = on_card + 1", Rule::Position, "are noted"),
    ("UPDATE positions SET unapplied = unapplied - 1", Rule::Position, "are noted"),
    ("DELETE FROM positions", Rule::Position, "the evidence says"),
    ("INSERT INTO positions VALUES (zeroblob(16), 1, 5, 0)", Rule::Position, "5 on the card"),
    (
        "INSERT INTO rollups SELECT zeroblob(16), 1, 'JPY', 8, 9, 9, 0, 0, 0, 0, 0, 0,
            0, 0, 0, 0",
        Rule::Statement,
        "noted at entry 8",
    ),
    (
        "INSERT INTO rollups SELECT zeroblob(16), 1, 'JPY', 8, 9, 9, 0, 0, 0, 0, 0, 0,
            0, 0, 0, 0",
        Rule::Statement,
        "are not filed under it",
    ),
    (
        "INSERT INTO shop_entries VALUES (zeroblob(16), 1, 'JPY', 1, 3, 300)",
        Rule::Statement,
        "filed as what did not come in to that shop",
    ),
    (
        "INSERT INTO shop_entries SELECT target_id, kind, unit, entry, source, amount + 1
            FROM ledger WHERE target = 4",
        Rule::Statement,
        "filed as what did not come in to that shop",
    ),
    (
        "INSERT INTO shop_entries SELECT target_id, kind, unit, entry, 5, amount FROM ledger
            WHERE target = 4 AND source = 3",
        Rule::Statement,
        "filed as what did not come in to that shop",
    ),
    (
        "INSERT INTO rollups SELECT zeroblob(16), 1, 'JPY', 8, 4, 1200, 0, 0, 0, 0, 0,
            0, 1, 9, 0, 0",
        Rule::Statement,
        "noted at entry 8",
    ),
    (
        "INSERT INTO rollups SELECT zeroblob(16), 1, 'JPY', 9000, 0, 0, 0, 0, 0, 0, 0,
            0, 0, 0, 0, 0",
        Rule::Statement,
        "entries that are not there",
    ),
    (
        "UPDATE minted SET amount = amount - 1 WHERE day = (SELECT min(day) FROM
            minted)",
        Rule::Row,
        "given out",
    ),
    ("INSERT INTO minted VALUES (1, 1, 'USD', 5)", Rule::Row, "given out"),
    ("DELETE FROM minted", Rule::Row, "given out"),
];
