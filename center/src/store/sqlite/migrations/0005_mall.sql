-- Shops and their works.
CREATE TABLE shops (
    place            INTEGER PRIMARY KEY AUTOINCREMENT,
    id               BLOB NOT NULL UNIQUE,
    slug             TEXT NOT NULL UNIQUE,
    name             TEXT NOT NULL,
    terms            TEXT NOT NULL,
    fee_basis_points INTEGER NOT NULL CHECK (fee_basis_points BETWEEN 0 AND 10000),
    opened           INTEGER NOT NULL,
    closed           INTEGER
) STRICT;

-- The center itself sells, too. Without a name of its own it has the center's.
INSERT INTO shops (id, slug, name, terms, fee_basis_points, opened)
VALUES (zeroblob(16), 'center', '', '', 0, 0);

-- Each shop's fees: which holds for the entries of the ledger after an entry, up to the next.
CREATE TABLE shop_fees (
    shop         BLOB NOT NULL,
    after        INTEGER NOT NULL,
    basis_points INTEGER NOT NULL CHECK (basis_points BETWEEN 0 AND 10000),
    PRIMARY KEY (shop, after)
) STRICT, WITHOUT ROWID;

INSERT INTO shop_fees (shop, after, basis_points) SELECT id, 0, fee_basis_points FROM shops;

CREATE TRIGGER shop_fees_grow BEFORE UPDATE ON shop_fees
WHEN EXISTS (SELECT 1 FROM ledger WHERE entry > OLD.after)
BEGIN SELECT RAISE(ABORT, 'a fee that was taken stays'); END;
CREATE TRIGGER shop_fees_late BEFORE INSERT ON shop_fees
WHEN NEW.after > 0 AND EXISTS (SELECT 1 FROM ledger WHERE entry > NEW.after)
BEGIN SELECT RAISE(ABORT, 'a fee that was taken stays'); END;
CREATE TRIGGER shop_fees_stay BEFORE DELETE ON shop_fees
BEGIN SELECT RAISE(ABORT, 'a fee that was taken stays'); END;

-- Works that are there already are the center's own. What is searched is in lower case.
ALTER TABLE catalogue ADD COLUMN shop BLOB NOT NULL DEFAULT x'00000000000000000000000000000000';
ALTER TABLE catalogue ADD COLUMN search TEXT NOT NULL DEFAULT '';
ALTER TABLE catalogue ADD COLUMN withdrawn INTEGER;

UPDATE catalogue SET search =
    (SELECT lower(title || char(10) || creator) FROM versions v
     WHERE v.work = catalogue.work AND v.version = catalogue.version);

CREATE INDEX catalogue_of_shop ON catalogue (shop, place);
CREATE INDEX versions_of_shop ON versions (shop, place);
