-- Where the value of loads comes from. Codes are those of FundingSource, FundingState and
-- ledger::Holder.

CREATE TABLE fundings (
    place            INTEGER PRIMARY KEY AUTOINCREMENT,
    id               BLOB NOT NULL UNIQUE,
    account          BLOB NOT NULL REFERENCES accounts (id),
    purse            INTEGER NOT NULL,
    kind             INTEGER NOT NULL,
    unit             TEXT NOT NULL,
    amount           INTEGER NOT NULL CHECK (amount > 0),
    source           INTEGER NOT NULL,
    reference        TEXT NOT NULL,
    available_from   INTEGER NOT NULL,
    made             INTEGER NOT NULL,
    state            INTEGER NOT NULL,
    source_holder    INTEGER NOT NULL,
    source_id        BLOB NOT NULL,
    refunded_token   BLOB NOT NULL,
    refunded_licence INTEGER NOT NULL,
    evidence         BLOB NOT NULL,
    UNIQUE (source, reference)
) STRICT;

-- What waits to be loaded, per purse.
CREATE INDEX funding_queue ON fundings (account, purse, state);

-- Until now a load was a purse's initial value. Those that are there get the funding that they
-- would have come from: given out, loaded, or ready again where all were given up.
INSERT INTO fundings (id, account, purse, kind, unit, amount, source, reference, available_from,
    made, state, source_holder, source_id, refunded_token, refunded_licence, evidence)
SELECT randomblob(16), account, purse, kind, unit, amount, 1,
    lower(hex(account)) || '/' || purse, 0, min(opened),
    CASE WHEN max(state = 3) THEN 3 WHEN max(state IN (1, 2)) THEN 2 ELSE 1 END,
    1, zeroblob(16), zeroblob(32), 0, x''
FROM loads GROUP BY account, purse;

CREATE TABLE funded_loads (
    place   INTEGER PRIMARY KEY AUTOINCREMENT,
    id      BLOB NOT NULL UNIQUE,
    funding BLOB NOT NULL REFERENCES fundings (id),
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

INSERT INTO funded_loads
SELECT loads.place, loads.id, fundings.id, loads.account, loads.purse, loads.kind, loads.unit,
    loads.amount, loads.nonce, loads.opened, loads.state, loads.credit, loads.receipt
FROM loads JOIN fundings USING (account, purse);

DROP TABLE loads;
ALTER TABLE funded_loads RENAME TO loads;

-- One load is open per purse (state 1 or 2), and one stands for a funding: the others of it were
-- voided.
CREATE UNIQUE INDEX one_open_load ON loads (account, purse) WHERE state IN (1, 2);
CREATE UNIQUE INDEX one_standing_load ON loads (funding) WHERE state <> 4;
CREATE INDEX loads_of_account ON loads (account, state);

-- What was given out on a day (days since 1970), of all sources that make value: its limit is
-- kept without counting credits.
CREATE TABLE minted (
    day    INTEGER NOT NULL,
    kind   INTEGER NOT NULL,
    unit   TEXT NOT NULL,
    amount INTEGER NOT NULL,
    PRIMARY KEY (day, kind, unit)
) STRICT;

INSERT INTO minted (day, kind, unit, amount)
SELECT booked / 86400, kind, unit, sum(amount) FROM ledger WHERE source = 1 AND target = 2
GROUP BY 1, 2, 3;

-- Vouchers ------------------------------------------------------------------------------

CREATE TABLE voucher_batches (
    place   INTEGER PRIMARY KEY AUTOINCREMENT,
    id      BLOB NOT NULL UNIQUE,
    kind    INTEGER NOT NULL,
    unit    TEXT NOT NULL,
    amount  INTEGER NOT NULL CHECK (amount > 0),
    shop    BLOB NOT NULL,
    expires INTEGER NOT NULL,
    made    INTEGER NOT NULL,
    sold    INTEGER
) STRICT;

-- A code is known by its hash alone. State: that of VoucherState; redemptions count on when a
-- card gave a voucher's value up and its code was used again.
CREATE TABLE vouchers (
    code        BLOB PRIMARY KEY,
    batch       BLOB NOT NULL REFERENCES voucher_batches (id),
    state       INTEGER NOT NULL,
    redemptions INTEGER NOT NULL DEFAULT 0,
    funding     BLOB REFERENCES fundings (id)
) STRICT;

CREATE INDEX vouchers_of_batch ON vouchers (batch, state);
CREATE INDEX voucher_of_funding ON vouchers (funding) WHERE funding IS NOT NULL;

-- Payments ------------------------------------------------------------------------------

CREATE TABLE payments (
    place           INTEGER PRIMARY KEY AUTOINCREMENT,
    id              BLOB NOT NULL UNIQUE,
    account         BLOB NOT NULL REFERENCES accounts (id),
    idempotency_key TEXT NOT NULL,
    purse           INTEGER NOT NULL,
    kind            INTEGER NOT NULL,
    unit            TEXT NOT NULL,
    amount          INTEGER NOT NULL CHECK (amount > 0),
    provider        TEXT NOT NULL,
    pay_at          TEXT NOT NULL,
    begun           INTEGER NOT NULL,
    state           INTEGER NOT NULL,
    void_event      BLOB,
    repaid          TEXT,
    UNIQUE (account, idempotency_key)
) STRICT;

CREATE INDEX payments_of_state ON payments (state, place);
CREATE INDEX payments_begun ON payments (account, begun) WHERE state = 1;

-- What a provider said, once for each of its messages, whatever came of it.
CREATE TABLE payment_messages (
    place    INTEGER PRIMARY KEY AUTOINCREMENT,
    provider TEXT NOT NULL,
    message  TEXT NOT NULL,
    payment  BLOB,
    outcome  TEXT NOT NULL,
    body     BLOB NOT NULL,
    came     INTEGER NOT NULL,
    UNIQUE (provider, message)
) STRICT;

CREATE TRIGGER payment_messages_grow BEFORE UPDATE ON payment_messages BEGIN SELECT RAISE(ABORT, 'messages only grow'); END;
CREATE TRIGGER payment_messages_stay BEFORE DELETE ON payment_messages BEGIN SELECT RAISE(ABORT, 'messages only grow'); END;

-- Why an operator gave a credit, in words.
CREATE TABLE funding_notes (
    funding BLOB PRIMARY KEY REFERENCES fundings (id),
    note    TEXT NOT NULL
) STRICT;
