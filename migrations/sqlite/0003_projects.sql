-- What people work on, and who works on what.

CREATE TABLE project (
    id            BLOB PRIMARY KEY NOT NULL,
    code          TEXT NOT NULL UNIQUE,
    name          TEXT NOT NULL,
    client        TEXT NOT NULL,
    currency      TEXT NOT NULL,
    status        TEXT NOT NULL CHECK (status IN ('active', 'paused', 'closed')),
    version       BIGINT NOT NULL DEFAULT 1,
    created_at    TIMESTAMP NOT NULL
) WITHOUT ROWID;

CREATE TABLE project_member (
    project_id    BLOB NOT NULL REFERENCES project (id),
    person_id     BLOB NOT NULL REFERENCES person (id),
    role          TEXT NOT NULL CHECK (role IN ('annotator', 'reviewer', 'manager')),
    added_at      TIMESTAMP NOT NULL,
    PRIMARY KEY (project_id, person_id)
) WITHOUT ROWID;
CREATE INDEX project_member_by_person ON project_member (person_id, project_id);
