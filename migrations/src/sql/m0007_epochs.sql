-- The log's epochs, and the public keys that its checkpoints are signed with.

-- A new one begins under a name of its own when a backup was restored or a key was lost.
CREATE TABLE epoch (
    no {bigint} NOT NULL PRIMARY KEY CHECK (no > 0),
    origin TEXT NOT NULL UNIQUE,
    from_size {bigint} NOT NULL CHECK (from_size >= 0),
    from_root {bytes} NOT NULL,
    record_id {uuid} NULL UNIQUE REFERENCES record (id),
    reason TEXT NOT NULL,
    at {bigint} NOT NULL,
    CHECK (no = 1 OR record_id IS NOT NULL)
) {strict};

-- Every key that ever signed in an epoch; one that is not retired signs every checkpoint.
CREATE TABLE log_key (
    epoch {bigint} NOT NULL REFERENCES epoch (no),
    public_key {bytes} NOT NULL,
    from_size {bigint} NOT NULL CHECK (from_size >= 0),
    until_size {bigint} NULL CHECK (until_size >= from_size),
    record_id {uuid} NULL REFERENCES record (id),
    retired_by {uuid} NULL REFERENCES record (id),
    at {bigint} NOT NULL,
    PRIMARY KEY (epoch, public_key)
) {strict};

--sqlite
CREATE TRIGGER epoch_unchanged BEFORE UPDATE ON epoch BEGIN SELECT RAISE(ABORT, 'saima: an epoch is never changed'); END;
CREATE TRIGGER epoch_kept BEFORE DELETE ON epoch BEGIN SELECT RAISE(ABORT, 'saima: an epoch is never deleted'); END;
CREATE TRIGGER log_key_unchanged BEFORE UPDATE ON log_key
WHEN NEW.epoch <> OLD.epoch OR NEW.public_key <> OLD.public_key OR NEW.from_size <> OLD.from_size
    OR NEW.record_id IS NOT OLD.record_id OR NEW.at <> OLD.at OR OLD.until_size IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'saima: a key of the log is retired once and never changed'); END;
CREATE TRIGGER log_key_kept BEFORE DELETE ON log_key BEGIN SELECT RAISE(ABORT, 'saima: a key of the log is never deleted'); END;
--postgres
CREATE TRIGGER epoch_kept BEFORE UPDATE OR DELETE ON epoch FOR EACH ROW EXECUTE FUNCTION saima_refuse();
CREATE TRIGGER log_key_unchanged BEFORE UPDATE ON log_key FOR EACH ROW
    WHEN (NEW.epoch <> OLD.epoch OR NEW.public_key <> OLD.public_key OR NEW.from_size <> OLD.from_size
        OR NEW.record_id IS DISTINCT FROM OLD.record_id OR NEW.at <> OLD.at OR OLD.until_size IS NOT NULL)
    EXECUTE FUNCTION saima_refuse();
CREATE TRIGGER log_key_kept BEFORE DELETE ON log_key FOR EACH ROW EXECUTE FUNCTION saima_refuse();
--all
