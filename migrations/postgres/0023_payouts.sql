-- How approved payments reach people: transfers, and the files that order them.

-- Of an IBAN: which file pays it depends on that.
ALTER TABLE payee_account ADD COLUMN country TEXT;
UPDATE payee_account SET country = substr(shown, 1, 2) WHERE method = 'iban';

-- Who pays, as JSON.
CREATE TABLE payer (
    id            BIGINT PRIMARY KEY NOT NULL CHECK (id = 1),
    payer         TEXT NOT NULL,
    version       BIGINT NOT NULL
);

CREATE TABLE payout_file (
    id            UUID PRIMARY KEY NOT NULL,
    batch_id      UUID NOT NULL REFERENCES pay_batch (id),
    format        TEXT NOT NULL,
    name          TEXT NOT NULL,
    -- SHA-256 of what is in it.
    digest        BYTEA NOT NULL,
    size          BIGINT NOT NULL,
    transfers     BIGINT NOT NULL,
    minor         BIGINT NOT NULL,
    -- When the bank is to carry it out.
    pay_on        DATE NOT NULL,
    made_by       UUID NOT NULL REFERENCES person (id),
    made_at       TIMESTAMPTZ NOT NULL,
    -- It was not sent to anybody.
    withdrawn_by  UUID REFERENCES person (id),
    withdrawn_at  TIMESTAMPTZ
);
CREATE INDEX payout_file_of ON payout_file (batch_id, id);

-- Byte for byte, sealed: it names accounts in full.
CREATE TABLE payout_content (
    file_id       UUID PRIMARY KEY NOT NULL REFERENCES payout_file (id),
    sealed        BYTEA NOT NULL
);

-- One way of a payment to an account. Where one fails, another follows it.
CREATE TABLE transfer (
    id            UUID PRIMARY KEY NOT NULL,
    -- What banks and people call it.
    reference     TEXT NOT NULL UNIQUE,
    payment_id    UUID NOT NULL REFERENCES payment (id),
    batch_id      UUID NOT NULL REFERENCES pay_batch (id),
    account_id    UUID NOT NULL REFERENCES payee_account (id),
    minor         BIGINT NOT NULL CHECK (minor > 0),
    state         TEXT NOT NULL CHECK (state IN ('ready', 'sent', 'paid', 'failed', 'returned')),
    -- Why it has failed, or come back.
    reason        TEXT,
    state_at      TIMESTAMPTZ NOT NULL,
    file_id       UUID REFERENCES payout_file (id),
    follows       UUID UNIQUE REFERENCES transfer (id),
    made_by       UUID REFERENCES person (id),
    made_at       TIMESTAMPTZ NOT NULL
);
-- Nothing is paid twice: of all that were ever to pay a payment, one at most does, or may yet.
CREATE UNIQUE INDEX transfer_live ON transfer (payment_id) WHERE state IN ('ready', 'sent', 'paid');
CREATE INDEX transfer_of_payment ON transfer (payment_id, id);
CREATE INDEX transfer_of_batch ON transfer (batch_id, state);
CREATE INDEX transfer_of_file ON transfer (file_id) WHERE file_id IS NOT NULL;

-- What a file says stays true.
CREATE FUNCTION payout_stays() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'what was sent is never changed'; END $$;
CREATE TRIGGER payout_content_stays BEFORE UPDATE OR DELETE ON payout_content FOR EACH ROW EXECUTE FUNCTION payout_stays();
CREATE TRIGGER payout_file_is_kept BEFORE DELETE ON payout_file FOR EACH ROW EXECUTE FUNCTION payout_stays();
CREATE TRIGGER transfer_is_kept BEFORE DELETE ON transfer FOR EACH ROW EXECUTE FUNCTION payout_stays();
CREATE TRIGGER payout_file_stays BEFORE UPDATE ON payout_file FOR EACH ROW
    WHEN (OLD.digest <> NEW.digest OR OLD.minor <> NEW.minor OR OLD.transfers <> NEW.transfers OR OLD.format <> NEW.format)
    EXECUTE FUNCTION payout_stays();
CREATE TRIGGER transfer_stays BEFORE UPDATE ON transfer FOR EACH ROW
    WHEN (OLD.payment_id <> NEW.payment_id OR OLD.batch_id <> NEW.batch_id OR OLD.account_id <> NEW.account_id
        OR OLD.minor <> NEW.minor OR OLD.reference <> NEW.reference OR NEW.follows IS DISTINCT FROM OLD.follows
        OR (OLD.file_id IS NOT NULL AND NEW.file_id IS DISTINCT FROM OLD.file_id)
        OR OLD.state IN ('failed', 'returned') OR (OLD.state = 'paid' AND NEW.state NOT IN ('paid', 'returned'))
        OR (OLD.state = 'sent' AND NEW.state = 'ready'))
    EXECUTE FUNCTION payout_stays();
