-- Models and the prompts they are asked with, each in numbered versions that never change. What a try of a step has cost.

CREATE TABLE model (
    id            BLOB PRIMARY KEY NOT NULL,
    name          TEXT NOT NULL UNIQUE,
    title         TEXT NOT NULL,
    -- The newest version.
    version       BIGINT NOT NULL,
    changed_at    TIMESTAMP NOT NULL
) WITHOUT ROWID;

CREATE TABLE model_version (
    model_id      BLOB NOT NULL REFERENCES model (id),
    number        BIGINT NOT NULL,
    -- Of what was read: the same words under another layout of the file are the same version.
    hash          TEXT NOT NULL,
    -- The file as it was applied, for people; and what was read from it, as JSON.
    source        TEXT NOT NULL,
    definition    TEXT NOT NULL,
    author_id     BLOB REFERENCES person (id),
    author_name   TEXT NOT NULL,
    applied_at    TIMESTAMP NOT NULL,
    PRIMARY KEY (model_id, number)
) WITHOUT ROWID;

CREATE TABLE prompt (
    id            BLOB PRIMARY KEY NOT NULL,
    name          TEXT NOT NULL UNIQUE,
    title         TEXT NOT NULL,
    -- The newest version.
    version       BIGINT NOT NULL,
    changed_at    TIMESTAMP NOT NULL
) WITHOUT ROWID;

CREATE TABLE prompt_version (
    prompt_id     BLOB NOT NULL REFERENCES prompt (id),
    number        BIGINT NOT NULL,
    -- Of what was read: the same words under another layout of the file are the same version.
    hash          TEXT NOT NULL,
    -- The file as it was applied, for people; and what was read from it, as JSON.
    source        TEXT NOT NULL,
    definition    TEXT NOT NULL,
    author_id     BLOB REFERENCES person (id),
    author_name   TEXT NOT NULL,
    applied_at    TIMESTAMP NOT NULL,
    PRIMARY KEY (prompt_id, number)
) WITHOUT ROWID;

-- In millionths of a US dollar; nothing if nobody bills for it.
ALTER TABLE attempt ADD COLUMN cost BIGINT;
