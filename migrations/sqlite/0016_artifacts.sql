-- What is too large for the rows that are read all the time: it stands here once, by what it hashes to, and a reference
-- stands in its place.

CREATE TABLE artifact (
    -- SHA-256 of the content.
    hash          BLOB PRIMARY KEY NOT NULL,
    content       BLOB NOT NULL
);

-- Which runs need it. The last one that is forgotten takes it along.
CREATE TABLE artifact_use (
    run_id        BLOB NOT NULL,
    hash          BLOB NOT NULL REFERENCES artifact (hash),
    PRIMARY KEY (run_id, hash)
) WITHOUT ROWID;
CREATE INDEX artifact_use_by_hash ON artifact_use (hash);
