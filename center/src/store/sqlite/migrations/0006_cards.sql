-- Revoked, replaced and closed cards.

-- Cards that begin nothing new anywhere, registered here or not.
CREATE TABLE revocations (
    card    BLOB PRIMARY KEY,
    reason  TEXT NOT NULL,
    revoked INTEGER NOT NULL
) STRICT;

-- The newest list of revoked cards that was taken of each issuer.
CREATE TABLE revocation_lists (
    issuer TEXT PRIMARY KEY,
    number INTEGER NOT NULL,
    signed INTEGER NOT NULL,
    taken  INTEGER NOT NULL
) STRICT;

CREATE TRIGGER lists_grow BEFORE UPDATE ON revocation_lists WHEN new.number < old.number
BEGIN SELECT RAISE(ABORT, 'lists of revoked cards only grow'); END;

-- The last word of cards that were terminated: number and identity of the chain's last link.
CREATE TABLE closings (
    account  BLOB PRIMARY KEY REFERENCES accounts (id),
    counter  INTEGER NOT NULL,
    previous BLOB NOT NULL,
    closing  BLOB NOT NULL,
    booked   INTEGER NOT NULL
) STRICT;

-- What was decided about a card, and why.
CREATE TABLE card_notes (
    place   INTEGER PRIMARY KEY AUTOINCREMENT,
    account BLOB NOT NULL REFERENCES accounts (id),
    what    INTEGER NOT NULL,
    reason  TEXT NOT NULL,
    noted   INTEGER NOT NULL
) STRICT;

CREATE INDEX notes_of_card ON card_notes (account, place);

CREATE TRIGGER closings_grow BEFORE UPDATE ON closings BEGIN SELECT RAISE(ABORT, 'closings only grow'); END;
CREATE TRIGGER closings_stay BEFORE DELETE ON closings BEGIN SELECT RAISE(ABORT, 'closings only grow'); END;
CREATE TRIGGER notes_grow BEFORE UPDATE ON card_notes BEGIN SELECT RAISE(ABORT, 'notes only grow'); END;
CREATE TRIGGER notes_stay BEFORE DELETE ON card_notes BEGIN SELECT RAISE(ABORT, 'notes only grow'); END;

-- Orders that license again what another order, the root, paid for.
CREATE TABLE again_orders (
    order_id BLOB PRIMARY KEY REFERENCES orders (id),
    root     BLOB NOT NULL REFERENCES orders (id)
) STRICT;

CREATE INDEX again_of_root ON again_orders (root);

-- Orders whose payment is given back.
CREATE TABLE refunds (
    order_id BLOB PRIMARY KEY,
    token    BLOB NOT NULL UNIQUE,
    funding  BLOB NOT NULL REFERENCES fundings (id)
) STRICT;

-- Cards that take the place of others.
CREATE TABLE replacements (
    old          BLOB PRIMARY KEY REFERENCES accounts (id),
    new          BLOB NOT NULL REFERENCES accounts (id),
    reason       TEXT NOT NULL,
    made         INTEGER NOT NULL,
    due          INTEGER NOT NULL,
    with_limited INTEGER NOT NULL,
    funded       INTEGER
) STRICT;

CREATE INDEX replaced_by ON replacements (new);

-- What holders of closed cards were paid.
CREATE TABLE card_payouts (
    account     BLOB NOT NULL REFERENCES accounts (id),
    purse       INTEGER NOT NULL,
    entry       INTEGER NOT NULL UNIQUE REFERENCES ledger (entry),
    instruction BLOB NOT NULL REFERENCES instructions (identity),
    PRIMARY KEY (account, purse)
) STRICT;

CREATE TRIGGER card_payouts_grow BEFORE UPDATE ON card_payouts BEGIN SELECT RAISE(ABORT, 'payouts only grow'); END;
CREATE TRIGGER card_payouts_stay BEFORE DELETE ON card_payouts BEGIN SELECT RAISE(ABORT, 'payouts only grow'); END;
