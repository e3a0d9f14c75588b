-- Payments, statements and instructions.

-- What a token's commitment commits to, opened: whoever has no private key can check it.
ALTER TABLE tokens ADD COLUMN payload BLOB NOT NULL DEFAULT x'';

-- What the ledger sums up to for one purse. Kept with each entry, so that settling sums nothing.
CREATE TABLE positions (
    account   BLOB NOT NULL,
    purse     INTEGER NOT NULL,
    on_card   INTEGER NOT NULL,
    unapplied INTEGER NOT NULL,
    PRIMARY KEY (account, purse)
) STRICT, WITHOUT ROWID;

INSERT INTO positions (account, purse, on_card, unapplied)
SELECT account, purse,
    sum(CASE WHEN target = 3 THEN amount ELSE 0 END - CASE WHEN source = 3 THEN amount ELSE 0 END),
    sum(CASE WHEN target = 2 THEN amount ELSE 0 END - CASE WHEN source = 2 THEN amount ELSE 0 END)
FROM ledger GROUP BY account, purse;

DROP INDEX ledger_of_purse;

-- What a purse has on hold after an event; none where the link is a token, which does not say.
ALTER TABLE links ADD COLUMN held INTEGER;

-- The owner's word ----------------------------------------------------------------------

-- What the center decided about value, signed: evidence like a card's word.
CREATE TABLE instructions (
    identity BLOB PRIMARY KEY,
    why      INTEGER NOT NULL,
    kind     INTEGER NOT NULL,
    unit     TEXT NOT NULL,
    amount   INTEGER NOT NULL CHECK (amount > 0),
    signed   BLOB NOT NULL,
    made     INTEGER NOT NULL
) STRICT;

-- Payments that were settled after they had been in suspense, with their second receipt.
CREATE TABLE resolutions (
    token       BLOB PRIMARY KEY,
    entry       INTEGER NOT NULL UNIQUE REFERENCES ledger (entry),
    order_id    BLOB NOT NULL UNIQUE,
    instruction BLOB NOT NULL REFERENCES instructions (identity),
    receipt     BLOB NOT NULL
) STRICT;

-- An order is settled by one token, at once or later.
CREATE VIEW settled_orders AS
    SELECT order_id, identity AS token FROM tokens WHERE outcome = 1
    UNION ALL SELECT order_id, token FROM resolutions;

CREATE TRIGGER one_resolution BEFORE INSERT ON resolutions
WHEN EXISTS (SELECT 1 FROM tokens WHERE order_id = NEW.order_id AND outcome = 1)
BEGIN SELECT RAISE(ABORT, 'the order is settled'); END;
CREATE TRIGGER not_resolved BEFORE INSERT ON tokens
WHEN NEW.outcome = 1 AND EXISTS (SELECT 1 FROM resolutions WHERE order_id = NEW.order_id)
BEGIN SELECT RAISE(ABORT, 'the order is settled'); END;

CREATE TABLE payouts (
    shop        BLOB NOT NULL,
    reference   TEXT NOT NULL,
    entry       INTEGER NOT NULL UNIQUE REFERENCES ledger (entry),
    instruction BLOB NOT NULL REFERENCES instructions (identity),
    PRIMARY KEY (shop, reference)
) STRICT;

-- Statements ----------------------------------------------------------------------------

-- A shop's account, in the order of the ledger: what came in, what went out, what is in suspense.
CREATE INDEX ledger_from_shop ON ledger (source_id, kind, unit) WHERE source = 4;
CREATE INDEX tokens_in_suspense ON tokens (shop, kind, unit, entry) WHERE outcome = 2;
CREATE INDEX suspense_in_order ON tokens (entry) WHERE outcome = 2;
CREATE INDEX suspense_of_order ON tokens (order_id) WHERE outcome = 2;
CREATE UNIQUE INDEX suspense_by_identity ON tokens (identity) WHERE outcome = 2;

-- What came in of each shop's account, filed every so many entries of the ledger: an index of it
-- would cost each sale a write to a page of its own. It has what sums need, so that they need no
-- look at the ledger.
CREATE TABLE shop_entries (
    shop   BLOB NOT NULL,
    kind   INTEGER NOT NULL,
    unit   TEXT NOT NULL,
    entry  INTEGER NOT NULL,
    source INTEGER NOT NULL,
    amount INTEGER NOT NULL,
    PRIMARY KEY (shop, kind, unit, entry)
) STRICT, WITHOUT ROWID;

-- What each account of a shop summed up to after an entry, from the beginning: how many and how
-- much of each kind of line.
CREATE TABLE rollups (
    shop             BLOB NOT NULL,
    kind             INTEGER NOT NULL,
    unit             TEXT NOT NULL,
    through          INTEGER NOT NULL,
    sales            INTEGER NOT NULL,
    sales_amount     INTEGER NOT NULL,
    resolved         INTEGER NOT NULL,
    resolved_amount  INTEGER NOT NULL,
    refunds          INTEGER NOT NULL,
    refunds_amount   INTEGER NOT NULL,
    returned         INTEGER NOT NULL,
    returned_amount  INTEGER NOT NULL,
    payouts          INTEGER NOT NULL,
    payouts_amount   INTEGER NOT NULL,
    suspense         INTEGER NOT NULL,
    suspense_amount  INTEGER NOT NULL,
    PRIMARY KEY (shop, kind, unit, through)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER instructions_grow BEFORE UPDATE ON instructions
BEGIN SELECT RAISE(ABORT, 'instructions only grow'); END;
CREATE TRIGGER instructions_stay BEFORE DELETE ON instructions
BEGIN SELECT RAISE(ABORT, 'instructions only grow'); END;
CREATE TRIGGER resolutions_grow BEFORE UPDATE ON resolutions
BEGIN SELECT RAISE(ABORT, 'resolutions only grow'); END;
CREATE TRIGGER resolutions_stay BEFORE DELETE ON resolutions
BEGIN SELECT RAISE(ABORT, 'resolutions only grow'); END;
CREATE TRIGGER payouts_grow BEFORE UPDATE ON payouts
BEGIN SELECT RAISE(ABORT, 'payouts only grow'); END;
CREATE TRIGGER payouts_stay BEFORE DELETE ON payouts
BEGIN SELECT RAISE(ABORT, 'payouts only grow'); END;
CREATE TRIGGER shop_entries_grow BEFORE UPDATE ON shop_entries
BEGIN SELECT RAISE(ABORT, 'what is filed stays'); END;
CREATE TRIGGER shop_entries_stay BEFORE DELETE ON shop_entries
BEGIN SELECT RAISE(ABORT, 'what is filed stays'); END;
CREATE TRIGGER rollups_grow BEFORE UPDATE ON rollups
BEGIN SELECT RAISE(ABORT, 'sums that are noted stay'); END;
CREATE TRIGGER rollups_stay BEFORE DELETE ON rollups
BEGIN SELECT RAISE(ABORT, 'sums that are noted stay'); END;
