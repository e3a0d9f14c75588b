-- When the center was put back from a backup, and the last entry that was in it.
CREATE TABLE restores (
    time        INTEGER NOT NULL,
    backup_time INTEGER NOT NULL,
    entry       INTEGER NOT NULL
) STRICT;

-- Loads that the center does not remember, since it was put back, and that cards have closed: each
-- used up a sequence of its purse. What was credited is booked on the card's word.
CREATE TABLE cards_words (
    load    BLOB PRIMARY KEY,
    account BLOB NOT NULL REFERENCES accounts (id),
    purse   INTEGER NOT NULL,
    kind    INTEGER NOT NULL,
    unit    TEXT NOT NULL,
    amount  INTEGER NOT NULL,
    event   BLOB NOT NULL,
    booked  INTEGER NOT NULL
) STRICT;

CREATE INDEX cards_words_of_purse ON cards_words (account, purse);
