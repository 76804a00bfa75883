-- Where people are paid to. Another account is another row: what was paid to one names it for ever.
CREATE TABLE payee_account (
    id            BLOB PRIMARY KEY NOT NULL,
    person_id     BLOB NOT NULL REFERENCES person (id),
    method        TEXT NOT NULL,
    -- All of it, sealed with a key that is not in the database; and its ends, to know it by.
    sealed        TEXT NOT NULL,
    shown         TEXT NOT NULL,
    -- The same for the same account, whoever has it. It is made with the key, so that nobody else can try numbers.
    known_by      BLOB,
    entered_by    BLOB NOT NULL REFERENCES person (id),
    entered_at    TIMESTAMP NOT NULL,
    -- A change is held until then, unless somebody else releases it.
    counts_from   TIMESTAMP NOT NULL,
    released_by   BLOB REFERENCES person (id),
    withdrawn_by  BLOB REFERENCES person (id),
    withdrawn_at  TIMESTAMP
) WITHOUT ROWID;
CREATE INDEX payee_account_of ON payee_account (person_id, id);
CREATE INDEX payee_account_same ON payee_account (known_by) WHERE known_by IS NOT NULL AND withdrawn_at IS NULL;
CREATE INDEX payee_account_recent ON payee_account (counts_from) WHERE withdrawn_at IS NULL;

-- Where an approved payment goes to.
ALTER TABLE payment ADD COLUMN account_id BLOB REFERENCES payee_account (id);
CREATE INDEX payment_by_account ON payment (account_id) WHERE account_id IS NOT NULL;

-- When a batch is to be looked through again though nothing of it changes: a hold ends.
ALTER TABLE pay_batch ADD COLUMN look_again_at TIMESTAMP;
