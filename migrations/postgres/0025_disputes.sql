-- Lines that somebody says are wrong, and what was answered.

CREATE TABLE dispute (
    id            UUID PRIMARY KEY NOT NULL,
    -- As it was then: a line that is returned can be deleted, what was said about it stays.
    line_id       UUID NOT NULL,
    person_id     UUID NOT NULL REFERENCES person (id),
    project_id    UUID NOT NULL REFERENCES project (id),
    work_on       DATE NOT NULL,
    minutes       BIGINT NOT NULL,
    units         BIGINT NOT NULL,
    said          TEXT NOT NULL,
    made_at       TIMESTAMPTZ NOT NULL,
    -- Until when an answer was promised.
    answer_by     TIMESTAMPTZ NOT NULL,
    outcome       TEXT NOT NULL CHECK (outcome IN ('open', 'put_right', 'stays', 'withdrawn')),
    answer        TEXT,
    ended_by      UUID REFERENCES person (id),
    ended_at      TIMESTAMPTZ
);
CREATE UNIQUE INDEX dispute_once ON dispute (line_id) WHERE outcome = 'open';
CREATE INDEX dispute_of_line ON dispute (line_id, id);
CREATE INDEX dispute_waiting ON dispute (answer_by, id) WHERE outcome = 'open';
CREATE INDEX dispute_ended ON dispute (ended_at, id) WHERE ended_at IS NOT NULL;
