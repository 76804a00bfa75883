-- What is done with each item: definitions, each in numbered versions that never change.

CREATE TABLE workflow (
    id            BLOB PRIMARY KEY NOT NULL,
    name          TEXT NOT NULL UNIQUE,
    title         TEXT NOT NULL,
    -- The newest version.
    version       BIGINT NOT NULL,
    changed_at    TIMESTAMP NOT NULL
) WITHOUT ROWID;

CREATE TABLE workflow_version (
    workflow_id   BLOB NOT NULL REFERENCES workflow (id),
    number        BIGINT NOT NULL,
    -- Of the definition: the same steps under another layout of the file are the same version.
    hash          TEXT NOT NULL,
    -- The file as it was applied, for people; and what was read from it, as JSON.
    source        TEXT NOT NULL,
    definition    TEXT NOT NULL,
    author_id     BLOB REFERENCES person (id),
    author_name   TEXT NOT NULL,
    applied_at    TIMESTAMP NOT NULL,
    PRIMARY KEY (workflow_id, number)
) WITHOUT ROWID;
