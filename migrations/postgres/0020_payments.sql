-- What was submitted becomes payments: computed from the lines whenever they change, until it is approved.

-- Whose open lines have changed, or what they are paid by, since they were consolidated. Every change leaves another mark,
-- so that whoever has read the lines before it sees that they are not what there is.
CREATE TABLE pay_due (
    person_id     UUID PRIMARY KEY NOT NULL REFERENCES person (id),
    mark          UUID NOT NULL,
    since         TIMESTAMPTZ NOT NULL
);
INSERT INTO pay_due (person_id, mark, since)
    SELECT DISTINCT person_id, CAST('00000000-0000-0000-0000-000000000000' AS UUID), CAST('2026-01-01T00:00:00Z' AS TIMESTAMPTZ)
    FROM timesheet_line WHERE state = 'submitted';

-- Consolidating and approving take turns. What is paid with what depends on which batches are approved: they are counted.
CREATE TABLE pay_turn (
    id            BIGINT PRIMARY KEY NOT NULL CHECK (id = 1),
    approvals     BIGINT NOT NULL
);
INSERT INTO pay_turn (id, approvals) VALUES (1, 0);

-- From when on something is said about a payment; without a row, as is usual.
CREATE TABLE pay_thresholds (
    id            BIGINT PRIMARY KEY NOT NULL CHECK (id = 1),
    thresholds    TEXT NOT NULL,
    version       BIGINT NOT NULL
);

CREATE INDEX timesheet_line_open ON timesheet_line (person_id) WHERE state = 'submitted';
CREATE INDEX timesheet_line_unsent ON timesheet_line (work_on) WHERE state IN ('draft', 'returned');

-- What all people get for one period in one currency.
CREATE TABLE pay_batch (
    id            UUID PRIMARY KEY NOT NULL,
    from_on       DATE NOT NULL,
    until_on      DATE NOT NULL,
    currency      TEXT NOT NULL,
    -- The latest of what its projects say.
    cut_off_on    DATE NOT NULL,
    pay_on        DATE NOT NULL,
    state         TEXT NOT NULL CHECK (state IN ('open', 'approved')),
    -- Rises whenever a payment of it changes; it was looked through as it was at `settled`.
    version       BIGINT NOT NULL DEFAULT 0,
    settled       BIGINT NOT NULL DEFAULT -1,
    -- SHA-256 of all that was approved.
    digest        BYTEA,
    approved_at   TIMESTAMPTZ,
    UNIQUE (from_on, until_on, currency)
);
CREATE INDEX pay_batch_by_day ON pay_batch (until_on, id);
CREATE INDEX pay_batch_open ON pay_batch (until_on) WHERE state = 'open';

CREATE TABLE pay_batch_project (
    batch_id      UUID NOT NULL REFERENCES pay_batch (id),
    project_id    UUID NOT NULL REFERENCES project (id),
    PRIMARY KEY (batch_id, project_id)
);

-- What one person gets with one batch.
CREATE TABLE payment (
    id            UUID PRIMARY KEY NOT NULL,
    batch_id      UUID NOT NULL REFERENCES pay_batch (id),
    person_id     UUID NOT NULL REFERENCES person (id),
    lines         BIGINT NOT NULL,
    minutes       BIGINT NOT NULL,
    units         BIGINT NOT NULL,
    minor         BIGINT NOT NULL,
    -- What was owed from before, and so is at most zero; and what is paid of both, which is zero at least.
    carried_minor BIGINT NOT NULL,
    pay_minor     BIGINT NOT NULL,
    -- What is to be known of its lines besides, as JSON.
    marks         TEXT NOT NULL,
    -- SHA-256 of its lines.
    digest        BYTEA NOT NULL,
    -- Why it is not paid with this batch but with the next one.
    held_for      TEXT,
    held_by       UUID REFERENCES person (id),
    held_at       TIMESTAMPTZ,
    UNIQUE (batch_id, person_id)
);
CREATE INDEX payment_by_person ON payment (person_id);

-- A line is in one payment and no other. It is no foreign key: until it is approved a line can be deleted, and the payment
-- follows.
CREATE TABLE payment_line (
    line_id       UUID PRIMARY KEY NOT NULL,
    line_version  BIGINT NOT NULL,
    payment_id    UUID NOT NULL REFERENCES payment (id),
    rate_id       UUID NOT NULL REFERENCES rate (id),
    hour_price    BIGINT,
    unit_price    BIGINT,
    minor         BIGINT NOT NULL
);
CREATE INDEX payment_line_by_payment ON payment_line (payment_id);

-- Its sums by project, task and week: a pace must not be asked by reading a million lines.
CREATE TABLE payment_share (
    payment_id    UUID NOT NULL REFERENCES payment (id),
    project_id    UUID NOT NULL REFERENCES project (id),
    task_type_id  UUID NOT NULL REFERENCES task_type (id),
    monday        DATE NOT NULL,
    lines         BIGINT NOT NULL,
    minutes       BIGINT NOT NULL,
    units         BIGINT NOT NULL,
    minor         BIGINT NOT NULL,
    PRIMARY KEY (payment_id, task_type_id, monday)
);

-- The rates it is paid by: whoever wrote one of them does not approve it alone.
CREATE TABLE payment_rate (
    payment_id    UUID NOT NULL REFERENCES payment (id),
    rate_id       UUID NOT NULL REFERENCES rate (id),
    PRIMARY KEY (payment_id, rate_id)
);

-- What was approved wrongly is taken back by a fact of its own, with the figures it was paid by. `payment_id` is the payment
-- that has taken it back, once that is approved.
CREATE TABLE pay_reversal (
    id            UUID PRIMARY KEY NOT NULL,
    line_id       UUID NOT NULL UNIQUE REFERENCES timesheet_line (id),
    person_id     UUID NOT NULL REFERENCES person (id),
    project_id    UUID NOT NULL REFERENCES project (id),
    task_type_id  UUID NOT NULL REFERENCES task_type (id),
    work_on       DATE NOT NULL,
    minutes       BIGINT NOT NULL,
    units         BIGINT NOT NULL,
    rate_id       UUID NOT NULL REFERENCES rate (id),
    hour_price    BIGINT,
    unit_price    BIGINT,
    reason        TEXT NOT NULL,
    written_by    UUID REFERENCES person (id),
    written_at    TIMESTAMPTZ NOT NULL,
    payment_id    UUID REFERENCES payment (id)
);
CREATE INDEX pay_reversal_by_person ON pay_reversal (person_id, work_on);
CREATE INDEX pay_reversal_open ON pay_reversal (person_id) WHERE payment_id IS NULL;

-- After a reversal the same work can be entered once more.
ALTER TABLE timesheet_line ADD COLUMN take BIGINT NOT NULL DEFAULT 0;
DROP INDEX timesheet_line_of_day;
CREATE UNIQUE INDEX timesheet_line_of_day ON timesheet_line (person_id, work_on, task_type_id, take);

-- A payment that comes to less than nothing leaves the rest to the next one. `into_id` is the payment that has made up for
-- it, once that is approved.
CREATE TABLE pay_carry (
    payment_id    UUID PRIMARY KEY NOT NULL REFERENCES payment (id),
    person_id     UUID NOT NULL REFERENCES person (id),
    currency      TEXT NOT NULL,
    minor         BIGINT NOT NULL CHECK (minor < 0),
    into_id       UUID REFERENCES payment (id)
);
CREATE INDEX pay_carry_open ON pay_carry (person_id) WHERE into_id IS NULL;

-- What somebody should look at, about a person in a batch or about all of it.
CREATE TABLE pay_finding (
    batch_id      UUID NOT NULL REFERENCES pay_batch (id),
    subject_id    UUID NOT NULL,
    kind          TEXT NOT NULL,
    figure        TEXT NOT NULL,
    baseline      TEXT NOT NULL,
    sentence      TEXT NOT NULL,
    accepted_for  TEXT,
    accepted_by   UUID REFERENCES person (id),
    accepted_at   TIMESTAMPTZ,
    PRIMARY KEY (batch_id, subject_id, kind)
);

-- What has changed in a batch from version to version.
CREATE TABLE pay_change (
    batch_id      UUID NOT NULL REFERENCES pay_batch (id),
    version       BIGINT NOT NULL,
    person_id     UUID NOT NULL REFERENCES person (id),
    lines_before  BIGINT NOT NULL,
    minor_before  BIGINT NOT NULL,
    lines_after   BIGINT NOT NULL,
    minor_after   BIGINT NOT NULL,
    at            TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (batch_id, version, person_id)
);

-- Who has said yes, to exactly what.
CREATE TABLE pay_approval (
    batch_id      UUID NOT NULL REFERENCES pay_batch (id),
    person_id     UUID NOT NULL REFERENCES person (id),
    digest        BYTEA NOT NULL,
    at            TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (batch_id, person_id)
);

-- What was approved stays as it is.
CREATE FUNCTION approved_stays() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'what was approved is never changed'; END $$;
CREATE FUNCTION approved_payment_stays() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN
        IF (SELECT state FROM pay_batch WHERE id = OLD.batch_id) = 'approved' THEN
            RAISE EXCEPTION 'what was approved is never changed';
        END IF;
        RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
    END $$;
CREATE FUNCTION approved_payment_line_stays() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN
        IF EXISTS (
            SELECT 1 FROM gone g JOIN payment p ON p.id = g.payment_id JOIN pay_batch b ON b.id = p.batch_id
            WHERE b.state = 'approved'
        ) THEN
            RAISE EXCEPTION 'what was approved is never changed';
        END IF;
        RETURN NULL;
    END $$;
CREATE TRIGGER approved_line_stays BEFORE UPDATE OR DELETE ON timesheet_line FOR EACH ROW
    WHEN (OLD.state = 'approved') EXECUTE FUNCTION approved_stays();
CREATE TRIGGER approved_batch_stays BEFORE UPDATE OR DELETE ON pay_batch FOR EACH ROW
    WHEN (OLD.state = 'approved') EXECUTE FUNCTION approved_stays();
CREATE TRIGGER approved_payment_stays BEFORE UPDATE OR DELETE ON payment FOR EACH ROW
    EXECUTE FUNCTION approved_payment_stays();
CREATE TRIGGER approved_payment_line_stays BEFORE UPDATE ON payment_line FOR EACH ROW EXECUTE FUNCTION approved_stays();
-- Once for each statement: a payment may have thousands of lines.
CREATE TRIGGER approved_payment_line_is_kept AFTER DELETE ON payment_line REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION approved_payment_line_stays();
