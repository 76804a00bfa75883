-- When workflows start by themselves: as their newest versions say.

CREATE TABLE schedule (
    workflow_id   UUID NOT NULL REFERENCES workflow (id),
    number        BIGINT NOT NULL,
    cron          TEXT NOT NULL,
    zone          TEXT NOT NULL,
    input         TEXT NOT NULL,
    next_at       TIMESTAMPTZ NOT NULL,
    last_at       TIMESTAMPTZ,
    last_run      UUID,
    -- Why nothing was started last; empty if something was.
    last_error    TEXT NOT NULL,
    PRIMARY KEY (workflow_id, number)
);
CREATE INDEX schedule_due ON schedule (next_at);

-- Of runs of which there is to be one at a time: what they share. Whoever starts another while one has not ended gets that.
ALTER TABLE run ADD COLUMN single TEXT;
CREATE UNIQUE INDEX run_single ON run (workflow_id, single)
    WHERE single IS NOT NULL AND state IN ('pending', 'running', 'needs_review');

-- What goes with a run when it is forgotten.
CREATE INDEX errand_of_run ON errand (run_id);
