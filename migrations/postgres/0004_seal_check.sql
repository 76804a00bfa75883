-- Something the first key has sealed: a later key that cannot open it is not the one this database was made with.

CREATE TABLE seal_check (
    id            BIGINT PRIMARY KEY NOT NULL CHECK (id = 1),
    sealed        TEXT NOT NULL
);
