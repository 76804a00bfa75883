-- Runs: items on their way through a workflow. What is hot (task) is small and apart from what is kept (run, attempt,
-- run_event), which only grows. These tables refer to one another without foreign keys: a row is only ever written by
-- whoever holds the run's task, and looking the other row up again for every step would be a large part of the work.

CREATE TABLE run (
    id            BLOB PRIMARY KEY NOT NULL,
    workflow_id   BLOB NOT NULL,
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
    origin_id     BLOB,
    created_by    TEXT NOT NULL,
    created_at    TIMESTAMP NOT NULL,
    started_at    TIMESTAMP,
    finished_at   TIMESTAMP
) WITHOUT ROWID;
CREATE INDEX run_by_state ON run (state, id);
CREATE INDEX run_by_workflow ON run (workflow_id, state, id);
CREATE UNIQUE INDEX run_by_key ON run (key, workflow_id) WHERE key IS NOT NULL;

-- Something is to be done for a run, now or later. The row is gone when the run has ended.
CREATE TABLE task (
    run_id        BLOB PRIMARY KEY NOT NULL,
    state         TEXT NOT NULL CHECK (state IN ('pending', 'running')),
    -- 0 before 1 before 2.
    priority      BIGINT NOT NULL,
    run_at        TIMESTAMP NOT NULL,
    -- Raised by every claim. A result that names another epoch is stale.
    lease_epoch   BIGINT NOT NULL DEFAULT 0,
    lease_until   TIMESTAMP,
    worker        TEXT,
    -- How often its worker was lost since the last progress.
    crashes       BIGINT NOT NULL DEFAULT 0,
    -- How many signals were sent to the run. A worker that puts it down knowing of fewer has to look again.
    signals       BIGINT NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE INDEX task_due ON task (priority, run_at) WHERE state = 'pending';
CREATE INDEX task_leased ON task (lease_until) WHERE state = 'running';

-- Every try of every step. A successful or skipped one is a checkpoint.
CREATE TABLE attempt (
    run_id        BLOB NOT NULL,
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
    due_at        TIMESTAMP NOT NULL,
    started_at    TIMESTAMP NOT NULL,
    finished_at   TIMESTAMP NOT NULL,
    retry_at      TIMESTAMP,
    -- Somebody had the step done again: it counts no more.
    superseded    BOOLEAN NOT NULL DEFAULT FALSE,
    PRIMARY KEY (run_id, step, number)
) WITHOUT ROWID;

-- What else happened to a run: lost workers, cancelling, trying again.
CREATE TABLE run_event (
    run_id        BLOB NOT NULL,
    id            BLOB NOT NULL,
    at            TIMESTAMP NOT NULL,
    kind          TEXT NOT NULL,
    actor_name    TEXT NOT NULL,
    detail        TEXT NOT NULL,
    PRIMARY KEY (run_id, id)
) WITHOUT ROWID;

-- Signals sent to runs, each name once. One that comes before anybody waits for it is kept.
CREATE TABLE run_signal (
    run_id        BLOB NOT NULL,
    name          TEXT NOT NULL,
    payload       TEXT NOT NULL,
    sent_by       TEXT NOT NULL,
    sent_at       TIMESTAMP NOT NULL,
    PRIMARY KEY (run_id, name)
) WITHOUT ROWID;

-- Steps that wait, for a signal or for time to pass.
CREATE TABLE run_wait (
    run_id        BLOB NOT NULL,
    step          TEXT NOT NULL,
    signal        TEXT,
    since         TIMESTAMP NOT NULL,
    until         TIMESTAMP NOT NULL,
    PRIMARY KEY (run_id, step)
) WITHOUT ROWID;

-- Runs that could not be brought to an end.
CREATE TABLE dead_letter (
    run_id        BLOB PRIMARY KEY NOT NULL,
    workflow_id   BLOB NOT NULL,
    reason        TEXT NOT NULL CHECK (reason IN ('faulty', 'exhausted', 'poison')),
    -- Empty if it was between two steps.
    step          TEXT NOT NULL,
    error         TEXT NOT NULL,
    attempts      BIGINT NOT NULL,
    at            TIMESTAMP NOT NULL
) WITHOUT ROWID;
CREATE INDEX dead_letter_by_workflow ON dead_letter (workflow_id, run_id);
CREATE INDEX dead_letter_by_reason ON dead_letter (reason, run_id);

-- The processes that work on runs.
CREATE TABLE worker (
    id            TEXT PRIMARY KEY NOT NULL,
    slots         BIGINT NOT NULL,
    started_at    TIMESTAMP NOT NULL,
    seen_at       TIMESTAMP NOT NULL,
    -- Until then it need not be heard of.
    silent_after  TIMESTAMP NOT NULL
) WITHOUT ROWID;

-- What happened in each hour, counted in the transaction in which it happened. Each process that counts has rows of its
-- own, so that none waits for another; whoever reads adds them up.
CREATE TABLE hourly (
    workflow_id   BLOB NOT NULL,
    hour          TIMESTAMP NOT NULL,
    -- Empty for runs as a whole.
    step          TEXT NOT NULL,
    -- How it ended (success, failed, …), retried, dead; or waited and took, with how long.
    measure       TEXT NOT NULL,
    -- Of a span of time: the bucket it fell into.
    bucket        BIGINT NOT NULL,
    counter       BIGINT NOT NULL,
    count         BIGINT NOT NULL,
    PRIMARY KEY (workflow_id, hour, step, measure, bucket, counter)
) WITHOUT ROWID;
