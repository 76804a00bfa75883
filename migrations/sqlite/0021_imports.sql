-- Timesheets as files: some are dropped together, looked at, and taken one by one.

CREATE TABLE import_drop (
    id            BLOB PRIMARY KEY NOT NULL,
    made_by       BLOB NOT NULL REFERENCES person (id),
    made_at       TIMESTAMP NOT NULL
) WITHOUT ROWID;
CREATE INDEX import_drop_of ON import_drop (made_by, id);

CREATE TABLE import_file (
    id            BLOB PRIMARY KEY NOT NULL,
    drop_id       BLOB NOT NULL REFERENCES import_drop (id),
    place         BIGINT NOT NULL,
    name          TEXT NOT NULL,
    -- SHA-256 of what is in it, by which the same file is recognised.
    digest        BLOB NOT NULL,
    size          BIGINT NOT NULL,
    state         TEXT NOT NULL CHECK (state IN ('waiting', 'taken')),
    -- What its columns say, where somebody has said so.
    mapping       TEXT,
    -- What would come of it, as it was looked at last.
    preview       TEXT NOT NULL,
    taken_at      TIMESTAMP,
    UNIQUE (drop_id, place)
) WITHOUT ROWID;
-- The same file is taken once.
CREATE UNIQUE INDEX import_file_taken ON import_file (digest) WHERE state = 'taken';

-- Byte for byte, apart from what lists read.
CREATE TABLE import_content (
    file_id       BLOB PRIMARY KEY NOT NULL REFERENCES import_file (id),
    content       BLOB NOT NULL
) WITHOUT ROWID;

-- What the columns of files of one layout say.
CREATE TABLE import_layout (
    key           BLOB PRIMARY KEY NOT NULL,
    mapping       TEXT NOT NULL,
    changed_by    BLOB NOT NULL REFERENCES person (id),
    changed_at    TIMESTAMP NOT NULL
) WITHOUT ROWID;

-- The file a line came in with.
ALTER TABLE timesheet_line ADD COLUMN file_id BLOB REFERENCES import_file (id);
