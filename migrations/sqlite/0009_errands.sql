-- Errands: steps that programs of the user do. They take them from a queue, under a lease, and bring back what came of it.

CREATE TABLE errand (
    id            BLOB PRIMARY KEY NOT NULL,
    run_id        BLOB NOT NULL,
    step          TEXT NOT NULL,
    number        BIGINT NOT NULL,
    workflow      TEXT NOT NULL,
    queue         TEXT NOT NULL,
    -- Of the run: 0 before 1 before 2.
    priority      BIGINT NOT NULL,
    state         TEXT NOT NULL CHECK (state IN ('offered', 'taken', 'done', 'failed', 'lapsed', 'withdrawn')),
    -- Whether it counts for its run; one that does not was followed by another, or will be.
    current       BOOLEAN NOT NULL DEFAULT TRUE,
    input         TEXT NOT NULL,
    offered_at    TIMESTAMP NOT NULL,
    until         TIMESTAMP NOT NULL,
    -- Raised whenever somebody takes it. A result that names another epoch is stale.
    lease_epoch   BIGINT NOT NULL DEFAULT 0,
    lease_until   TIMESTAMP,
    worker        TEXT,
    taken_at      TIMESTAMP,
    -- How often whoever had it was not heard of in time.
    losses        BIGINT NOT NULL DEFAULT 0,
    output        TEXT,
    confidence    DOUBLE PRECISION,
    error         TEXT,
    -- What kind of failure it was.
    mishap        TEXT,
    ended_at      TIMESTAMP
) WITHOUT ROWID;
CREATE UNIQUE INDEX errand_of_step ON errand (run_id, step) WHERE current;
CREATE INDEX errand_offered ON errand (queue, priority, id) WHERE state = 'offered';
CREATE INDEX errand_taken ON errand (lease_until) WHERE state = 'taken';
