-- Identifiers and digests are blobs; times are seconds since 1970; amounts are minor units.
-- Codes are those of the wire formats, of LoadState, EvidenceKind and ledger::Holder.

CREATE TABLE center (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    id   BLOB NOT NULL
) STRICT;

-- The catalogue -------------------------------------------------------------------------

CREATE TABLE versions (
    place              INTEGER PRIMARY KEY AUTOINCREMENT,
    work               BLOB NOT NULL,
    version            INTEGER NOT NULL,
    shop               BLOB NOT NULL,
    title              TEXT NOT NULL,
    creator            TEXT NOT NULL,
    description        TEXT NOT NULL,
    media_type         TEXT NOT NULL,
    content            BLOB NOT NULL,
    content_bytes      INTEGER NOT NULL,
    preview_media_type TEXT NOT NULL,
    preview            BLOB NOT NULL,
    preview_bytes      INTEGER NOT NULL,
    prices             BLOB NOT NULL,
    payment            INTEGER NOT NULL,
    uses               INTEGER NOT NULL,
    added              INTEGER NOT NULL,
    published          INTEGER,
    UNIQUE (work, version)
) STRICT;

-- A work keeps the place at which it was first published.
CREATE TABLE catalogue (
    place   INTEGER PRIMARY KEY AUTOINCREMENT,
    work    BLOB NOT NULL UNIQUE,
    version INTEGER NOT NULL,
    FOREIGN KEY (work, version) REFERENCES versions (work, version)
) STRICT;

-- Accounts ------------------------------------------------------------------------------

CREATE TABLE accounts (
    id                     BLOB PRIMARY KEY,
    card                   BLOB NOT NULL UNIQUE,
    assurance              INTEGER NOT NULL,
    signature_certificate  BLOB NOT NULL,
    encryption_certificate BLOB NOT NULL,
    opening                BLOB NOT NULL,
    opened                 INTEGER NOT NULL,
    next_licence           INTEGER NOT NULL DEFAULT 1,
    frozen                 TEXT
) STRICT;

CREATE TABLE loads (
    place   INTEGER PRIMARY KEY AUTOINCREMENT,
    id      BLOB NOT NULL UNIQUE,
    account BLOB NOT NULL REFERENCES accounts (id),
    purse   INTEGER NOT NULL,
    kind    INTEGER NOT NULL,
    unit    TEXT NOT NULL,
    amount  INTEGER NOT NULL CHECK (amount > 0),
    nonce   BLOB NOT NULL,
    opened  INTEGER NOT NULL,
    state   INTEGER NOT NULL,
    credit  BLOB,
    receipt BLOB
) STRICT;

-- One load is open per purse (state 1 or 2), and the initial value is given once.
CREATE UNIQUE INDEX one_open_load ON loads (account, purse) WHERE state IN (1, 2);
CREATE UNIQUE INDEX one_initial_load ON loads (account, purse) WHERE state <> 4;

-- Orders --------------------------------------------------------------------------------

CREATE TABLE orders (
    id              BLOB PRIMARY KEY,
    account         BLOB NOT NULL REFERENCES accounts (id),
    idempotency_key TEXT NOT NULL,
    work            BLOB NOT NULL,
    version         INTEGER NOT NULL,
    asked_version   INTEGER,
    number          INTEGER NOT NULL,
    licence         BLOB NOT NULL,
    header          BLOB NOT NULL,
    placed          INTEGER NOT NULL,
    expires         INTEGER NOT NULL,
    to_pay          INTEGER NOT NULL,
    UNIQUE (account, idempotency_key),
    UNIQUE (account, number),
    FOREIGN KEY (work, version) REFERENCES versions (work, version)
) STRICT;

-- Those of an account that may be open still: what is counted before each order.
CREATE INDEX orders_to_pay ON orders (account, expires) WHERE to_pay;

-- Apart from all else, for these are the only secrets among the rows.
CREATE TABLE content_keys (
    order_id    BLOB PRIMARY KEY REFERENCES orders (id),
    content_key BLOB NOT NULL CHECK (length(content_key) = 32)
) STRICT;

-- Evidence ------------------------------------------------------------------------------

-- Every event and token that a card's chain is known to have. An identity covers account and
-- counter, so that no two links have one. A token itself is kept where it is booked.
CREATE TABLE links (
    account  BLOB NOT NULL,
    counter  INTEGER NOT NULL,
    identity BLOB NOT NULL,
    previous BLOB NOT NULL,
    purse    INTEGER NOT NULL,
    balance  INTEGER NOT NULL,
    entry    INTEGER,
    signed   BLOB CHECK ((signed IS NULL) <> (entry IS NULL)),
    booked   INTEGER NOT NULL,
    PRIMARY KEY (account, counter)
) STRICT, WITHOUT ROWID;

CREATE TABLE ledger (
    entry     INTEGER PRIMARY KEY,
    booked    INTEGER NOT NULL,
    kind      INTEGER NOT NULL,
    unit      TEXT NOT NULL,
    amount    INTEGER NOT NULL CHECK (amount > 0),
    source    INTEGER NOT NULL,
    source_id BLOB NOT NULL,
    target    INTEGER NOT NULL,
    target_id BLOB NOT NULL,
    account   BLOB NOT NULL,
    purse     INTEGER NOT NULL,
    evidence  BLOB NOT NULL
) STRICT;

CREATE INDEX ledger_of_purse ON ledger (account, purse);

-- Payments, in the order of the ledger. One of them is found by its link, its order, or its entry:
-- an index by identity would cost each sale a write to a page of its own.
CREATE TABLE tokens (
    entry    INTEGER PRIMARY KEY,
    identity BLOB NOT NULL,
    account  BLOB NOT NULL,
    counter  INTEGER NOT NULL,
    order_id BLOB NOT NULL,
    shop     BLOB NOT NULL,
    kind     INTEGER NOT NULL,
    unit     TEXT NOT NULL,
    amount   INTEGER NOT NULL,
    outcome  INTEGER NOT NULL,
    reason   TEXT NOT NULL,
    booked   INTEGER NOT NULL,
    signed   BLOB NOT NULL,
    licence  BLOB NOT NULL,
    receipt  BLOB NOT NULL
) STRICT;

-- An order is settled by one token (outcome 1).
CREATE UNIQUE INDEX one_settlement ON tokens (order_id) WHERE outcome = 1;

CREATE TABLE evidence (
    place    INTEGER PRIMARY KEY AUTOINCREMENT,
    kind     INTEGER NOT NULL,
    account  BLOB NOT NULL REFERENCES accounts (id),
    identity BLOB NOT NULL,
    detail   TEXT NOT NULL,
    signed   BLOB NOT NULL,
    found    INTEGER NOT NULL,
    UNIQUE (kind, identity)
) STRICT;

CREATE INDEX evidence_of_account ON evidence (account);

-- What happened is not rewritten.
CREATE TRIGGER links_grow BEFORE UPDATE ON links BEGIN SELECT RAISE(ABORT, 'links only grow'); END;
CREATE TRIGGER links_stay BEFORE DELETE ON links BEGIN SELECT RAISE(ABORT, 'links only grow'); END;
CREATE TRIGGER ledger_grows BEFORE UPDATE ON ledger BEGIN SELECT RAISE(ABORT, 'the ledger only grows'); END;
CREATE TRIGGER ledger_stays BEFORE DELETE ON ledger BEGIN SELECT RAISE(ABORT, 'the ledger only grows'); END;
CREATE TRIGGER tokens_grow BEFORE UPDATE ON tokens BEGIN SELECT RAISE(ABORT, 'tokens only grow'); END;
CREATE TRIGGER tokens_stay BEFORE DELETE ON tokens BEGIN SELECT RAISE(ABORT, 'tokens only grow'); END;
CREATE TRIGGER evidence_grows BEFORE UPDATE ON evidence BEGIN SELECT RAISE(ABORT, 'evidence only grows'); END;
CREATE TRIGGER evidence_stays BEFORE DELETE ON evidence BEGIN SELECT RAISE(ABORT, 'evidence only grows'); END;
