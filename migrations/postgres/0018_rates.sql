-- What work on a project there is, how it is paid, and when.

CREATE TABLE task_type (
    id            UUID PRIMARY KEY NOT NULL,
    project_id    UUID NOT NULL REFERENCES project (id),
    name          TEXT NOT NULL,
    name_key      TEXT NOT NULL,
    paid_by       TEXT NOT NULL CHECK (paid_by IN ('hours', 'units', 'both')),
    unit          TEXT,
    day_minutes   BIGINT,
    day_units     BIGINT,
    active        BOOLEAN NOT NULL DEFAULT TRUE,
    version       BIGINT NOT NULL DEFAULT 1,
    UNIQUE (project_id, name_key)
);

-- A project without a row pays as is usual.
CREATE TABLE project_terms (
    project_id     UUID PRIMARY KEY NOT NULL REFERENCES project (id),
    rhythm         TEXT NOT NULL CHECK (rhythm IN ('weekly', 'fortnightly', 'half-monthly', 'monthly')),
    starts_on      DATE NOT NULL,
    cut_off_days   BIGINT NOT NULL,
    grace_days     BIGINT NOT NULL,
    pay_days       BIGINT NOT NULL,
    zone           TEXT NOT NULL,
    backdate_days  BIGINT NOT NULL,
    period_minutes BIGINT,
    budget_minutes BIGINT,
    budget_units   BIGINT,
    budget_minor   BIGINT,
    version        BIGINT NOT NULL
);

-- From when until when somebody works on a project; without a day, always.
ALTER TABLE project_member ADD COLUMN starts_on DATE;
ALTER TABLE project_member ADD COLUMN ends_on DATE;

-- A level holds from its day until the next one. Kept when somebody leaves: what they have done is still to be paid.
CREATE TABLE member_level (
    project_id    UUID NOT NULL REFERENCES project (id),
    person_id     UUID NOT NULL REFERENCES person (id),
    from_on       DATE NOT NULL,
    level         TEXT,
    PRIMARY KEY (project_id, person_id, from_on)
);

-- Prices are in millionths of the major unit of the project's currency.
CREATE TABLE rate (
    id            UUID PRIMARY KEY NOT NULL,
    project_id    UUID NOT NULL REFERENCES project (id),
    task_type_id  UUID REFERENCES task_type (id),
    level         TEXT,
    person_id     UUID REFERENCES person (id),
    from_on       DATE NOT NULL,
    hour_price    BIGINT,
    unit_price    BIGINT,
    written_by    UUID REFERENCES person (id),
    written_at    TIMESTAMPTZ NOT NULL
);
CREATE INDEX rate_by_project ON rate (project_id, id);

-- A rate is superseded, never changed.
CREATE FUNCTION rate_stays() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'a rate is never changed'; END $$;
CREATE TRIGGER rate_stays BEFORE UPDATE OR DELETE ON rate FOR EACH ROW EXECUTE FUNCTION rate_stays();
