-- When a work opens. Those that are there already open at any time.
ALTER TABLE versions ADD COLUMN not_before INTEGER NOT NULL DEFAULT 0;
ALTER TABLE versions ADD COLUMN not_after INTEGER NOT NULL DEFAULT 0;
ALTER TABLE versions ADD COLUMN needs_time INTEGER NOT NULL DEFAULT 0;
