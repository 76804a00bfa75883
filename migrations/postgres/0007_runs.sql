-- Runs: items on their way through a workflow. What is hot (task) is small and apart from what is kept (run, attempt,
-- run_event), which only grows. These tables refer to one another without foreign keys: a row is only ever written by
-- whoever holds the run's task, and looking the other row up again for every step would be a large part of the work.

CREATE TABLE run (
    id            UUID PRIMARY KEY NOT NULL,
    workflow_id   UUID NOT NULL,
    -- The version of the definition it stays on.
    version       BIGINT NOT NULL,
    -- Of its task: 0 before 1 before 2.
    priority      BIGINT NOT NULL,
    state         TEXT NOT NULL CHECK (state IN ('pending', 'running', 'needs_review', 'success', 'failed', 'cancelled')),
    -- What its caller calls it: the same key again is the same run, if the input hashes to the same.
    key           TEXT,
    input_hash    TEXT,
    input         TEXT NOT NULL,
    output        TEXT,
    -- Why it failed.
    error         TEXT,
    -- The last epoch of its task before that was gone: a task it is given later goes on from there, so that whoever
    -- still works on it then is known to be stale.
    lease_epoch   BIGINT NOT NULL DEFAULT 0,
    -- The run it does over again.
    origin_id     UUID,
    created_by    TEXT NOT NULL,
    created_at    TIMESTAMPTZ NOT NULL,
    started_at    TIMESTAMPTZ,
    finished_at   TIMESTAMPTZ
);
CREATE INDEX run_by_state ON run (state, id);
CREATE INDEX run_by_workflow ON run (workflow_id, state, id);
CREATE UNIQUE INDEX run_by_key ON run (key, workflow_id) WHERE key IS NOT NULL;

-- Something is to be done for a run, now or later. The row is gone when the run has ended. Rows come and go all the
-- time, so there is room for new versions beside the old ones, and what is dead is swept early.
CREATE TABLE task (
    run_id        UUID PRIMARY KEY NOT NULL,
    state         TEXT NOT NULL CHECK (state IN ('pending', 'running')),
    -- 0 before 1 before 2.
    priority      BIGINT NOT NULL,
    run_at        TIMESTAMPTZ NOT NULL,
    -- Raised by every claim. A result that names another epoch is stale.
    lease_epoch   BIGINT NOT NULL DEFAULT 0,
    lease_until   TIMESTAMPTZ,
    worker        TEXT,
    -- How often its worker was lost since the last progress.
    crashes       BIGINT NOT NULL DEFAULT 0,
    -- How many signals were sent to the run. A worker that puts it down knowing of fewer has to look again.
    signals       BIGINT NOT NULL DEFAULT 0
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000);
CREATE INDEX task_due ON task (priority, run_at) WHERE state = 'pending';
CREATE INDEX task_leased ON task (lease_until) WHERE state = 'running';

-- Every try of every step. A successful or skipped one is a checkpoint.
CREATE TABLE attempt (
    run_id        UUID NOT NULL,
    step          TEXT NOT NULL,
    number        BIGINT NOT NULL,
    state         TEXT NOT NULL CHECK (state IN ('success', 'skipped', 'failed')),
    output        TEXT,
    confidence    DOUBLE PRECISION,
    error         TEXT,
    -- What a person may want to see besides, as JSON: the request, the status of the answer.
    detail        TEXT,
    worker        TEXT NOT NULL,
    lease_epoch   BIGINT NOT NULL,
    -- When it could have begun, began and ended; and when it is tried again if it failed and will be.
    due_at        TIMESTAMPTZ NOT NULL,
    started_at    TIMESTAMPTZ NOT NULL,
    finished_at   TIMESTAMPTZ NOT NULL,
    retry_at      TIMESTAMPTZ,
    -- Somebody had the step done again: it counts no more.
    superseded    BOOLEAN NOT NULL DEFAULT FALSE,
    PRIMARY KEY (run_id, step, number)
);

-- What else happened to a run: lost workers, cancelling, trying again.
CREATE TABLE run_event (
    run_id        UUID NOT NULL,
    id            UUID NOT NULL,
    at            TIMESTAMPTZ NOT NULL,
    kind          TEXT NOT NULL,
    actor_name    TEXT NOT NULL,
    detail        TEXT NOT NULL,
    PRIMARY KEY (run_id, id)
);

-- Signals sent to runs, each name once. One that comes before anybody waits for it is kept.
CREATE TABLE run_signal (
    run_id        UUID NOT NULL,
    name          TEXT NOT NULL,
    payload       TEXT NOT NULL,
    sent_by       TEXT NOT NULL,
    sent_at       TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (run_id, name)
);

-- Steps that wait, for a signal or for time to pass.
CREATE TABLE run_wait (
    run_id        UUID NOT NULL,
    step          TEXT NOT NULL,
    signal        TEXT,
    since         TIMESTAMPTZ NOT NULL,
    until         TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (run_id, step)
);

-- Runs that could not be brought to an end.
CREATE TABLE dead_letter (
    run_id        UUID PRIMARY KEY NOT NULL,
    workflow_id   UUID NOT NULL,
    reason        TEXT NOT NULL CHECK (reason IN ('faulty', 'exhausted', 'poison')),
    -- Empty if it was between two steps.
    step          TEXT NOT NULL,
    error         TEXT NOT NULL,
    attempts      BIGINT NOT NULL,
    at            TIMESTAMPTZ NOT NULL
);
CREATE INDEX dead_letter_by_workflow ON dead_letter (workflow_id, run_id);
CREATE INDEX dead_letter_by_reason ON dead_letter (reason, run_id);

-- The processes that work on runs.
CREATE TABLE worker (
    id            TEXT PRIMARY KEY NOT NULL,
    slots         BIGINT NOT NULL,
    started_at    TIMESTAMPTZ NOT NULL,
    seen_at       TIMESTAMPTZ NOT NULL,
    -- Until then it need not be heard of.
    silent_after  TIMESTAMPTZ NOT NULL
);

-- What happened in each hour, counted in the transaction in which it happened. Each process that counts has rows of its
-- own, so that none waits for another; whoever reads adds them up.
CREATE TABLE hourly (
    workflow_id   UUID NOT NULL,
    hour          TIMESTAMPTZ NOT NULL,
    -- Empty for runs as a whole.
    step          TEXT NOT NULL,
    -- How it ended (success, failed, …), retried, dead; or waited and took, with how long.
    measure       TEXT NOT NULL,
    -- Of a span of time: the bucket it fell into.
    bucket        BIGINT NOT NULL,
    counter       BIGINT NOT NULL,
    count         BIGINT NOT NULL,
    PRIMARY KEY (workflow_id, hour, step, measure, bucket, counter)
);
