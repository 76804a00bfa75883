-- Who did what, each line holding the hash of the line before.

CREATE TABLE audit_line (
    seq           BIGINT PRIMARY KEY NOT NULL,
    at            TIMESTAMP NOT NULL,
    actor_id      BLOB REFERENCES person (id),
    -- As it was called then: names change, the past does not.
    actor_name    TEXT NOT NULL,
    action        TEXT NOT NULL,
    thing         TEXT NOT NULL,
    thing_id      TEXT NOT NULL,
    thing_name    TEXT NOT NULL,
    -- JSON as text, byte for byte as it was hashed.
    before        TEXT,
    after         TEXT,
    request_id    TEXT NOT NULL,
    previous_hash TEXT NOT NULL,
    hash          TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX audit_by_actor ON audit_line (actor_id, seq);
CREATE INDEX audit_by_action ON audit_line (action, seq);
CREATE INDEX audit_by_thing ON audit_line (thing, thing_id, seq);
CREATE INDEX audit_by_time ON audit_line (at, seq);

-- One row: the end of the chain. Updating it is what puts writers into one order, and what shows a cut-off tail.
CREATE TABLE audit_head (
    id            BIGINT PRIMARY KEY NOT NULL CHECK (id = 1),
    seq           BIGINT NOT NULL,
    hash          TEXT NOT NULL
) WITHOUT ROWID;
INSERT INTO audit_head (id, seq, hash) VALUES (1, 0, '');
