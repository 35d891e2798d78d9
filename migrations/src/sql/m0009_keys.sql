-- People's own keys, and what was signed with them. The private halves never come here.

CREATE TABLE person_key (
    id {bytes} NOT NULL PRIMARY KEY,
    person_id {uuid} NOT NULL REFERENCES person (id),
    public_key {bytes} NOT NULL UNIQUE,
    label TEXT NOT NULL,
    enrolled_by {uuid} NOT NULL REFERENCES record (id),
    enrolled_at {bigint} NOT NULL,
    revoked_by {uuid} NULL REFERENCES record (id),
    revoked_at {bigint} NULL,
    used_at {bigint} NOT NULL,
    CHECK ((revoked_by IS NULL) = (revoked_at IS NULL))
) {strict};
CREATE INDEX person_key_person ON person_key (person_id);

-- Each decision is carried out once: its hash stands in the record, its bytes behind the record.
CREATE TABLE intent (
    hash {bytes} NOT NULL PRIMARY KEY,
    record_id {uuid} NOT NULL REFERENCES record (id),
    key_id {bytes} NOT NULL REFERENCES person_key (id),
    act TEXT NOT NULL,
    at {bigint} NOT NULL
) {strict};

--sqlite
CREATE TRIGGER person_key_fixed BEFORE UPDATE ON person_key
WHEN NEW.id <> OLD.id OR NEW.public_key <> OLD.public_key OR NEW.person_id <> OLD.person_id
    OR NEW.enrolled_by <> OLD.enrolled_by OR NEW.enrolled_at <> OLD.enrolled_at
    OR (OLD.revoked_by IS NOT NULL AND (NEW.revoked_by IS NULL OR NEW.revoked_by <> OLD.revoked_by))
BEGIN SELECT RAISE(ABORT, 'saima: a key is never changed, and stays revoked'); END;
CREATE TRIGGER person_key_kept BEFORE DELETE ON person_key BEGIN SELECT RAISE(ABORT, 'saima: a key is never deleted'); END;
CREATE TRIGGER intent_unchanged BEFORE UPDATE ON intent BEGIN SELECT RAISE(ABORT, 'saima: an intent is never changed'); END;
CREATE TRIGGER intent_kept BEFORE DELETE ON intent BEGIN SELECT RAISE(ABORT, 'saima: an intent is never deleted'); END;
--postgres
CREATE TRIGGER person_key_fixed BEFORE UPDATE ON person_key FOR EACH ROW
    WHEN (NEW.id <> OLD.id OR NEW.public_key <> OLD.public_key OR NEW.person_id <> OLD.person_id
        OR NEW.enrolled_by <> OLD.enrolled_by OR NEW.enrolled_at <> OLD.enrolled_at
        OR (OLD.revoked_by IS NOT NULL AND NEW.revoked_by IS DISTINCT FROM OLD.revoked_by)) EXECUTE FUNCTION saima_refuse();
CREATE TRIGGER person_key_kept BEFORE DELETE ON person_key FOR EACH ROW EXECUTE FUNCTION saima_refuse();
CREATE TRIGGER intent_kept BEFORE UPDATE OR DELETE ON intent FOR EACH ROW EXECUTE FUNCTION saima_refuse();
--all
