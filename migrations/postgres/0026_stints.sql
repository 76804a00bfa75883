-- From when until when something was worked, where somebody has said so, as JSON; and clocks that run.

ALTER TABLE timesheet_line ADD COLUMN stints JSONB;
-- Few say so: whoever does must not be in two places at once.
CREATE INDEX timesheet_line_clocked ON timesheet_line (person_id, work_on) WHERE stints IS NOT NULL;

CREATE TABLE timesheet_timer (
    person_id     UUID PRIMARY KEY NOT NULL REFERENCES person (id),
    task_type_id  UUID NOT NULL REFERENCES task_type (id),
    since         TIMESTAMPTZ NOT NULL
);
