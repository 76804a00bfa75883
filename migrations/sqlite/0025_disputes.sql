-- Lines that somebody says are wrong, and what was answered.

CREATE TABLE dispute (
    id            BLOB PRIMARY KEY NOT NULL,
    -- As it was then: a line that is returned can be deleted, what was said about it stays.
    line_id       BLOB NOT NULL,
    person_id     BLOB NOT NULL REFERENCES person (id),
    project_id    BLOB NOT NULL REFERENCES project (id),
    work_on       DATE NOT NULL,
    minutes       BIGINT NOT NULL,
    units         BIGINT NOT NULL,
    said          TEXT NOT NULL,
    made_at       TIMESTAMP NOT NULL,
    -- Until when an answer was promised.
    answer_by     TIMESTAMP NOT NULL,
    outcome       TEXT NOT NULL CHECK (outcome IN ('open', 'put_right', 'stays', 'withdrawn')),
    answer        TEXT,
    ended_by      BLOB REFERENCES person (id),
    ended_at      TIMESTAMP
) WITHOUT ROWID;
CREATE UNIQUE INDEX dispute_once ON dispute (line_id) WHERE outcome = 'open';
CREATE INDEX dispute_of_line ON dispute (line_id, id);
CREATE INDEX dispute_waiting ON dispute (answer_by, id) WHERE outcome = 'open';
CREATE INDEX dispute_ended ON dispute (ended_at, id) WHERE ended_at IS NOT NULL;
