-- Timesheets as files: some are dropped together, looked at, and taken one by one.

CREATE TABLE import_drop (
    id            UUID PRIMARY KEY NOT NULL,
    made_by       UUID NOT NULL REFERENCES person (id),
    made_at       TIMESTAMPTZ NOT NULL
);
CREATE INDEX import_drop_of ON import_drop (made_by, id);

CREATE TABLE import_file (
    id            UUID PRIMARY KEY NOT NULL,
    drop_id       UUID NOT NULL REFERENCES import_drop (id),
    place         BIGINT NOT NULL,
    name          TEXT NOT NULL,
    -- SHA-256 of what is in it.
    digest        BYTEA NOT NULL,
    -- The same with what is said of it besides: two projects may send the very same hours.
    identity      BYTEA NOT NULL,
    size          BIGINT NOT NULL,
    state         TEXT NOT NULL CHECK (state IN ('waiting', 'taken')),
    -- What its columns say, where somebody has said so.
    mapping       TEXT,
    -- What would come of it, as it was looked at last.
    preview       TEXT NOT NULL,
    taken_at      TIMESTAMPTZ,
    UNIQUE (drop_id, place)
);
-- The same file is taken once.
CREATE UNIQUE INDEX import_file_taken ON import_file (identity) WHERE state = 'taken';

-- Byte for byte, apart from what lists read.
CREATE TABLE import_content (
    file_id       UUID PRIMARY KEY NOT NULL REFERENCES import_file (id),
    content       BYTEA NOT NULL
);

-- What the columns of files of one layout say.
CREATE TABLE import_layout (
    key           BYTEA PRIMARY KEY NOT NULL,
    mapping       TEXT NOT NULL,
    changed_by    UUID NOT NULL REFERENCES person (id),
    changed_at    TIMESTAMPTZ NOT NULL
);

-- The file a line came in with.
ALTER TABLE timesheet_line ADD COLUMN file_id UUID REFERENCES import_file (id);

-- What a file is judged by: the lines of its project, and how long each person has worked on each day.
CREATE INDEX timesheet_line_by_project ON timesheet_line (project_id, person_id, work_on);
CREATE INDEX timesheet_line_by_day ON timesheet_line (person_id, work_on, minutes);
