-- Who may ask under /v1/admin/: each token's role and what proves its secret (argon2id, 32 bytes).
CREATE TABLE operators (
    id BLOB PRIMARY KEY CHECK (length(id) = 8),
    role INTEGER NOT NULL,
    -- The shop that a token of role shop is bound to; empty for all others.
    shop TEXT NOT NULL,
    salt BLOB NOT NULL CHECK (length(salt) = 16),
    memory_kib INTEGER NOT NULL,
    passes INTEGER NOT NULL,
    hash BLOB NOT NULL CHECK (length(hash) = 32),
    made INTEGER NOT NULL,
    -- The second from which it is worth nothing; 0 for never.
    expires INTEGER NOT NULL,
    revoked INTEGER,
    last_used INTEGER
) STRICT;
