-- Models and the prompts they are asked with, each in numbered versions that never change. What a try of a step has cost.

CREATE TABLE model (
    id            UUID PRIMARY KEY NOT NULL,
    name          TEXT NOT NULL UNIQUE,
    title         TEXT NOT NULL,
    -- The newest version.
    version       BIGINT NOT NULL,
    changed_at    TIMESTAMPTZ NOT NULL
);

CREATE TABLE model_version (
    model_id      UUID NOT NULL REFERENCES model (id),
    number        BIGINT NOT NULL,
    -- Of what was read: the same words under another layout of the file are the same version.
    hash          TEXT NOT NULL,
    -- The file as it was applied, for people; and what was read from it, as JSON.
    source        TEXT NOT NULL,
    definition    TEXT NOT NULL,
    author_id     UUID REFERENCES person (id),
    author_name   TEXT NOT NULL,
    applied_at    TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (model_id, number)
);

CREATE TABLE prompt (
    id            UUID PRIMARY KEY NOT NULL,
    name          TEXT NOT NULL UNIQUE,
    title         TEXT NOT NULL,
    -- The newest version.
    version       BIGINT NOT NULL,
    changed_at    TIMESTAMPTZ NOT NULL
);

CREATE TABLE prompt_version (
    prompt_id     UUID NOT NULL REFERENCES prompt (id),
    number        BIGINT NOT NULL,
    -- Of what was read: the same words under another layout of the file are the same version.
    hash          TEXT NOT NULL,
    -- The file as it was applied, for people; and what was read from it, as JSON.
    source        TEXT NOT NULL,
    definition    TEXT NOT NULL,
    author_id     UUID REFERENCES person (id),
    author_name   TEXT NOT NULL,
    applied_at    TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (prompt_id, number)
);

-- In millionths of a US dollar; nothing if nobody bills for it.
ALTER TABLE attempt ADD COLUMN cost BIGINT;
