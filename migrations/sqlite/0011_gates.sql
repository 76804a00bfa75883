-- Whom steps ask, and what is known of whoever has failed of late. Shared by all who work on this database.

CREATE TABLE breaker (
    -- A kind and a name: model:claims-reader, host:erp.example.com.
    dependency    TEXT PRIMARY KEY NOT NULL,
    -- Without any success between them.
    failures      BIGINT NOT NULL,
    -- How often in a row it was opened.
    opened        BIGINT NOT NULL,
    -- Nobody asks before then.
    open_until    TIMESTAMP,
    -- Somebody was let in to see whether it is well again, and has until then to come back.
    trial_until   TIMESTAMP,
    last_error    TEXT NOT NULL,
    failed_at     TIMESTAMP
) WITHOUT ROWID;

-- Until when a run may go on at all; nothing if there is no such time, or somebody has had it tried again.
ALTER TABLE task ADD COLUMN deadline TIMESTAMP;

-- What models have cost on a day.
CREATE INDEX hourly_cost ON hourly (workflow_id, hour) WHERE measure = 'cost';
