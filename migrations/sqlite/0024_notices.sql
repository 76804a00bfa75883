-- What people are told.

CREATE TABLE notice (
    id            BLOB PRIMARY KEY NOT NULL,
    person_id     BLOB NOT NULL REFERENCES person (id),
    kind          TEXT NOT NULL,
    -- What tells it from others of its kind: nobody is told the same twice.
    about         TEXT NOT NULL,
    sentence      TEXT NOT NULL,
    -- The page where something can be done about it.
    path          TEXT NOT NULL,
    made_at       TIMESTAMP NOT NULL,
    read_at       TIMESTAMP,
    -- From when on it is to be mailed; nothing if it was, or need not be any more.
    mail_from     TIMESTAMP,
    tries         BIGINT NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE UNIQUE INDEX notice_once ON notice (kind, about, person_id);
CREATE INDEX notice_of ON notice (person_id, id);
CREATE INDEX notice_unread ON notice (person_id, id) WHERE read_at IS NULL;
CREATE INDEX notice_to_mail ON notice (mail_from) WHERE mail_from IS NOT NULL;
CREATE INDEX notice_read ON notice (read_at) WHERE read_at IS NOT NULL;

-- Those who want no mails about them.
CREATE TABLE notice_unmailed (
    person_id     BLOB PRIMARY KEY NOT NULL REFERENCES person (id)
) WITHOUT ROWID;
