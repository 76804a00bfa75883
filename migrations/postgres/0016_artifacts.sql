-- What is too large for the rows that are read all the time: it stands here once, by what it hashes to, and a reference
-- stands in its place.

CREATE TABLE artifact (
    -- SHA-256 of the content.
    hash          BYTEA PRIMARY KEY NOT NULL,
    content       BYTEA NOT NULL
);

-- Which runs need it. The last one that is forgotten takes it along.
CREATE TABLE artifact_use (
    run_id        UUID NOT NULL,
    hash          BYTEA NOT NULL REFERENCES artifact (hash),
    PRIMARY KEY (run_id, hash)
);
CREATE INDEX artifact_use_by_hash ON artifact_use (hash);
