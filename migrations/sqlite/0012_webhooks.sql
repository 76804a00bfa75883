-- What runs tell others: written in the transaction of the step that says so, and delivered afterwards.

CREATE TABLE message (
    id            BLOB PRIMARY KEY NOT NULL,
    run_id        BLOB NOT NULL,
    step          TEXT NOT NULL,
    workflow      TEXT NOT NULL,
    kind          TEXT NOT NULL,
    url           TEXT NOT NULL,
    -- As it is sent and signed.
    body          TEXT NOT NULL,
    -- The name of the secret that signs it.
    secret        TEXT NOT NULL,
    state         TEXT NOT NULL CHECK (state IN ('pending', 'delivered', 'failed')),
    -- Failed tries since it was written, or sent again by hand.
    failed        BIGINT NOT NULL,
    -- When it is tried next; whoever tries it moves that on first, and names the epoch afterwards.
    next_at       TIMESTAMP NOT NULL,
    lease_epoch   BIGINT NOT NULL DEFAULT 0,
    written_at    TIMESTAMP NOT NULL,
    ended_at      TIMESTAMP
) WITHOUT ROWID;
CREATE INDEX message_due ON message (next_at) WHERE state = 'pending';
CREATE INDEX message_by_state ON message (state, id);
CREATE INDEX message_of_run ON message (run_id, id);

-- Every try to deliver one.
CREATE TABLE delivery (
    message_id    BLOB NOT NULL,
    number        BIGINT NOT NULL,
    at            TIMESTAMP NOT NULL,
    took_ms       BIGINT NOT NULL,
    status        BIGINT,
    -- Empty if it was taken.
    error         TEXT NOT NULL,
    PRIMARY KEY (message_id, number)
) WITHOUT ROWID;
