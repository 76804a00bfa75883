-- What people have worked: a line for each person, day and task.

CREATE TABLE timesheet_line (
    id            BLOB PRIMARY KEY NOT NULL,
    person_id     BLOB NOT NULL REFERENCES person (id),
    project_id    BLOB NOT NULL REFERENCES project (id),
    task_type_id  BLOB NOT NULL REFERENCES task_type (id),
    work_on       DATE NOT NULL,
    minutes       BIGINT NOT NULL,
    units         BIGINT NOT NULL,
    -- What it comes to by the rate of the day it was entered, in minor units. What is paid is computed when it is paid.
    minor         BIGINT NOT NULL,
    note          TEXT,
    state         TEXT NOT NULL CHECK (state IN ('draft', 'submitted', 'returned', 'approved')),
    confirmed     BOOLEAN NOT NULL DEFAULT FALSE,
    source        TEXT NOT NULL,
    external_id   TEXT,
    returned_for  TEXT,
    changed_at    TIMESTAMP NOT NULL,
    submitted_at  TIMESTAMP,
    version       BIGINT NOT NULL DEFAULT 1
) WITHOUT ROWID;
CREATE UNIQUE INDEX timesheet_line_of_day ON timesheet_line (person_id, work_on, task_type_id);
CREATE UNIQUE INDEX timesheet_line_external ON timesheet_line (project_id, external_id) WHERE external_id IS NOT NULL;

-- What somebody has said about a week; its version rises with every change to it or to its lines.
CREATE TABLE timesheet_week (
    person_id     BLOB NOT NULL REFERENCES person (id),
    monday        DATE NOT NULL,
    idle          BOOLEAN NOT NULL DEFAULT FALSE,
    submitted_at  TIMESTAMP,
    version       BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (person_id, monday)
) WITHOUT ROWID;

-- Whoever changes lines of a person takes this row first: what is judged by what else they have entered must not change
-- meanwhile.
CREATE TABLE timesheet_turn (
    person_id     BLOB PRIMARY KEY NOT NULL REFERENCES person (id),
    turn          BIGINT NOT NULL
) WITHOUT ROWID;

-- The sums of all lines of a project, kept with them: a budget must not be asked by adding up a million lines.
CREATE TABLE timesheet_total (
    project_id    BLOB PRIMARY KEY NOT NULL REFERENCES project (id),
    minutes       BIGINT NOT NULL,
    units         BIGINT NOT NULL,
    minor         BIGINT NOT NULL
) WITHOUT ROWID;
