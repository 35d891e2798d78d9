-- What witnesses add to our checkpoints, and other logs' checkpoints that we record.

-- Signature lines by witnesses, checked before they were stored; the key stands beside, so that each line
-- can be checked for ever, whatever the policy of the day is.
CREATE TABLE cosignature (
    size {bigint} NOT NULL REFERENCES checkpoint (size),
    witness TEXT NOT NULL,
    line TEXT NOT NULL,
    PRIMARY KEY (size, witness)
) {strict};

-- Other installations' logs whose checkpoints are anchored here, by origin.
CREATE TABLE followed_log (
    origin TEXT NOT NULL PRIMARY KEY,
    verifier_key TEXT NOT NULL,
    url TEXT NOT NULL,
    since {bigint} NOT NULL
) {strict};

-- The records that anchor them. The checkpoint itself is the text behind the record.
CREATE TABLE anchor (
    record_id {uuid} NOT NULL PRIMARY KEY REFERENCES record (id),
    origin TEXT NOT NULL REFERENCES followed_log (origin),
    size {bigint} NOT NULL CHECK (size >= 0),
    UNIQUE (origin, size)
) {strict};

--sqlite
CREATE TRIGGER cosignature_unchanged BEFORE UPDATE ON cosignature BEGIN SELECT RAISE(ABORT, 'saima: a cosignature is never changed'); END;
CREATE TRIGGER anchor_unchanged BEFORE UPDATE ON anchor BEGIN SELECT RAISE(ABORT, 'saima: an anchor is never changed'); END;
CREATE TRIGGER anchor_kept BEFORE DELETE ON anchor BEGIN SELECT RAISE(ABORT, 'saima: an anchor is never deleted'); END;
--postgres
CREATE TRIGGER cosignature_unchanged BEFORE UPDATE ON cosignature FOR EACH ROW EXECUTE FUNCTION saima_refuse();
CREATE TRIGGER anchor_kept BEFORE UPDATE OR DELETE ON anchor FOR EACH ROW EXECUTE FUNCTION saima_refuse();
--all
