-- Workflows whose runs are not gone on with until somebody says so.

CREATE TABLE pause (
    workflow_id   UUID PRIMARY KEY NOT NULL REFERENCES workflow (id),
    at            TIMESTAMPTZ NOT NULL,
    by_name       TEXT NOT NULL,
    why           TEXT NOT NULL
);
