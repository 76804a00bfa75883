-- Reviews: what a step of a run has found waits until a person has looked at it. What was decided is kept, also if the
-- step is done again later.

CREATE TABLE review (
    id            BLOB PRIMARY KEY NOT NULL,
    run_id        BLOB NOT NULL,
    step          TEXT NOT NULL,
    workflow_id   BLOB NOT NULL,
    state         TEXT NOT NULL CHECK (state IN ('open', 'decided', 'lapsed', 'withdrawn')),
    -- Whether it counts for its run; one that does not was followed by another, or will be.
    current       BOOLEAN NOT NULL DEFAULT TRUE,
    level         TEXT NOT NULL CHECK (level IN ('reviewers', 'managers')),
    -- The first of the grounds, and all of them as JSON.
    trigger       TEXT NOT NULL,
    grounds       TEXT NOT NULL,
    -- What the step has found, as JSON; nothing if it could not be done. And how sure it was.
    found         TEXT,
    confidence    DOUBLE PRECISION,
    opened_at     TIMESTAMP NOT NULL,
    due_at        TIMESTAMP NOT NULL,
    -- What somebody has decided.
    verdict       TEXT CHECK (verdict IN ('accept', 'correct', 'reject')),
    output        TEXT,
    reason        TEXT,
    comment       TEXT,
    decided_by    BLOB,
    decided_name  TEXT,
    decided_at    TIMESTAMP
) WITHOUT ROWID;
CREATE UNIQUE INDEX review_of_step ON review (run_id, step) WHERE current;
CREATE INDEX review_of_run ON review (run_id, id);
CREATE INDEX review_open ON review (due_at, id) WHERE state = 'open';
CREATE INDEX review_open_by_workflow ON review (workflow_id, due_at, id) WHERE state = 'open';
CREATE INDEX review_open_by_level ON review (level, due_at, id) WHERE state = 'open';
CREATE INDEX review_open_by_trigger ON review (trigger, due_at, id) WHERE state = 'open';
CREATE INDEX review_by_state ON review (state, id);
CREATE INDEX review_by_workflow ON review (workflow_id, state, id);
