-- Who can sign in, and how they prove who they are.

CREATE TABLE person (
    id            UUID PRIMARY KEY NOT NULL,
    email         TEXT NOT NULL UNIQUE,
    name          TEXT NOT NULL,
    -- The name in lower case, to sort and search by.
    name_key      TEXT NOT NULL,
    -- annotator 1, reviewer 2, manager 4, admin 8
    roles         BIGINT NOT NULL CHECK (roles BETWEEN 1 AND 15),
    zone          TEXT NOT NULL,
    status        TEXT NOT NULL CHECK (status IN ('invited', 'active', 'disabled')),
    version       BIGINT NOT NULL DEFAULT 1,
    created_at    TIMESTAMPTZ NOT NULL,
    seen_at       TIMESTAMPTZ
);
CREATE INDEX person_by_name ON person (name_key, id);

-- What proves a person, apart from who they are: nothing that lists people ever reads it.
CREATE TABLE credential (
    person_id     UUID PRIMARY KEY NOT NULL REFERENCES person (id),
    password_hash TEXT NOT NULL,
    -- Sealed with the key that is not in the database. Set once the person has shown a right code.
    totp_secret   TEXT,
    totp_enabled  BOOLEAN NOT NULL DEFAULT FALSE,
    -- The last time step a code was accepted for: a code that was seen over a shoulder works once.
    totp_step     BIGINT NOT NULL DEFAULT 0,
    changed_at    TIMESTAMPTZ NOT NULL
);

CREATE TABLE recovery_code (
    person_id     UUID NOT NULL REFERENCES person (id),
    code_hash     TEXT NOT NULL,
    used_at       TIMESTAMPTZ,
    PRIMARY KEY (person_id, code_hash)
);

-- One-time links: the first admin's set-up, invitations, password resets.
CREATE TABLE link (
    id            UUID PRIMARY KEY NOT NULL,
    kind          TEXT NOT NULL CHECK (kind IN ('setup', 'invite', 'reset')),
    secret_hash   TEXT NOT NULL UNIQUE,
    person_id     UUID REFERENCES person (id),
    created_at    TIMESTAMPTZ NOT NULL,
    expires_at    TIMESTAMPTZ NOT NULL,
    used_at       TIMESTAMPTZ
);
CREATE INDEX link_by_person ON link (person_id);

CREATE TABLE session (
    -- The hash of what stands in the cookie.
    id            TEXT PRIMARY KEY NOT NULL,
    person_id     UUID REFERENCES person (id),
    data          TEXT NOT NULL,
    address       TEXT NOT NULL DEFAULT '',
    agent         TEXT NOT NULL DEFAULT '',
    created_at    TIMESTAMPTZ NOT NULL,
    seen_at       TIMESTAMPTZ NOT NULL,
    expires_at    TIMESTAMPTZ NOT NULL
);
CREATE INDEX session_by_person ON session (person_id, seen_at);
CREATE INDEX session_by_expiry ON session (expires_at);

CREATE TABLE token (
    id            UUID PRIMARY KEY NOT NULL,
    person_id     UUID NOT NULL REFERENCES person (id),
    name          TEXT NOT NULL,
    secret_hash   TEXT NOT NULL UNIQUE,
    -- The first characters, to know a token again.
    hint          TEXT NOT NULL,
    scopes        TEXT NOT NULL,
    created_at    TIMESTAMPTZ NOT NULL,
    expires_at    TIMESTAMPTZ NOT NULL,
    used_at       TIMESTAMPTZ,
    revoked_at    TIMESTAMPTZ
);
CREATE INDEX token_by_person ON token (person_id, created_at);

-- How fast somebody may try; `horizon` in microseconds since 1970, see domain::people::Throttle.
CREATE TABLE throttle (
    key           TEXT PRIMARY KEY NOT NULL,
    horizon       BIGINT NOT NULL
);
CREATE INDEX throttle_by_horizon ON throttle (horizon);
