-- Workflows whose runs are not gone on with until somebody says so.

CREATE TABLE pause (
    workflow_id   BLOB PRIMARY KEY NOT NULL REFERENCES workflow (id),
    at            TIMESTAMP NOT NULL,
    by_name       TEXT NOT NULL,
    why           TEXT NOT NULL
) WITHOUT ROWID;
