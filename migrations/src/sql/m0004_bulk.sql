-- A layout that stays flat however long the log gets, and guards that cost the same for one row and for
-- a thousand.
--
-- An era is a stretch of the log (16,384 records). A posting carries the era that its account was in,
-- and the unique key begins with it: new postings touch the newest end of that key only, never pages all
-- over it. An account knows its newest era and its first number there; the first posting of each era
-- names the era before. So a statement walks from era to era, and a number is still given once: a
-- posting must be in its account's newest era, between the first number there and the account's count.
-- `lines` is how many postings a record has: all of them come with it, and none later.

ALTER TABLE account ADD COLUMN era {bigint} NOT NULL DEFAULT 0 CHECK (era >= 0);
ALTER TABLE account ADD COLUMN era_from {bigint} NOT NULL DEFAULT 1 CHECK (era_from >= 1);
ALTER TABLE record ADD COLUMN lines {bigint} NOT NULL DEFAULT 0 CHECK (lines >= 0);
DROP INDEX record_subject;
CREATE INDEX record_subject ON record (subject, posted_at) WHERE subject IS NOT NULL;
--sqlite
DROP TRIGGER record_balances;
DROP TRIGGER record_unchanged;
DROP TRIGGER account_moves_forward;
UPDATE record SET lines = (SELECT COUNT(*) FROM posting WHERE posting.record_id = record.id);
CREATE TABLE posting_by_era (
    record_id BLOB NOT NULL REFERENCES record (id) DEFERRABLE INITIALLY DEFERRED,
    line INTEGER NOT NULL,
    account_id BLOB NOT NULL,
    asset INTEGER NOT NULL,
    side INTEGER NOT NULL CHECK (side IN (0, 1)),
    amount INTEGER NOT NULL CHECK (amount > 0),
    seq INTEGER NOT NULL CHECK (seq > 0),
    debits INTEGER NOT NULL CHECK (debits >= 0),
    credits INTEGER NOT NULL CHECK (credits >= 0),
    era INTEGER NOT NULL CHECK (era >= prev_era),
    prev_era INTEGER NOT NULL CHECK (prev_era >= 0),
    PRIMARY KEY (record_id, line),
    UNIQUE (era, account_id, seq)
) STRICT, WITHOUT ROWID;
INSERT INTO posting_by_era
    SELECT record_id, line, account_id, asset, side, amount, seq, debits, credits, 0, 0
    FROM posting ORDER BY record_id, line;
DROP TABLE posting;
ALTER TABLE posting_by_era RENAME TO posting;
CREATE TRIGGER record_balances BEFORE INSERT ON record
WHEN NEW.lines <> (SELECT COUNT(*) FROM posting WHERE record_id = NEW.id) OR EXISTS (
    SELECT 1 FROM posting WHERE record_id = NEW.id
    GROUP BY asset HAVING SUM(CASE side WHEN 0 THEN amount ELSE -amount END) <> 0
) BEGIN SELECT RAISE(ABORT, 'saima: the postings of a record must balance'); END;
CREATE TRIGGER record_unchanged BEFORE UPDATE ON record BEGIN SELECT RAISE(ABORT, 'saima: a record is never changed'); END;
CREATE TRIGGER posting_first BEFORE INSERT ON posting
WHEN EXISTS (SELECT 1 FROM record WHERE id = NEW.record_id)
BEGIN SELECT RAISE(ABORT, 'saima: a record takes no more postings'); END;
CREATE TRIGGER posting_carries_on BEFORE INSERT ON posting
WHEN NOT EXISTS (
    SELECT 1 FROM account WHERE id = NEW.account_id AND asset = NEW.asset AND era = NEW.era
        AND NEW.seq BETWEEN era_from AND seq
) BEGIN SELECT RAISE(ABORT, 'saima: a posting carries on its account'); END;
CREATE TRIGGER posting_unchanged BEFORE UPDATE ON posting BEGIN SELECT RAISE(ABORT, 'saima: a posting is never changed'); END;
CREATE TRIGGER posting_kept BEFORE DELETE ON posting BEGIN SELECT RAISE(ABORT, 'saima: a posting is never deleted'); END;
CREATE TRIGGER account_moves_forward BEFORE UPDATE ON account
WHEN NEW.id <> OLD.id OR NEW.kind <> OLD.kind OR NEW.owner <> OLD.owner OR NEW.asset <> OLD.asset
    OR NEW.debits < OLD.debits OR NEW.credits < OLD.credits OR NEW.seq < OLD.seq OR NEW.era < OLD.era
    OR NEW.era_from <> CASE WHEN NEW.era = OLD.era THEN OLD.era_from ELSE OLD.seq + 1 END
BEGIN SELECT RAISE(ABORT, 'saima: an account only moves forward'); END;
--postgres
DROP TRIGGER record_balances ON record;
DROP TRIGGER record_kept ON record;
DROP TRIGGER posting_first ON posting;
DROP TRIGGER account_moves_forward ON account;
DROP FUNCTION saima_weigh();
DROP FUNCTION saima_postings_first();
UPDATE record SET lines = (SELECT COUNT(*) FROM posting WHERE posting.record_id = record.id);
ALTER TABLE posting ADD COLUMN era BIGINT NOT NULL DEFAULT 0;
ALTER TABLE posting ADD COLUMN prev_era BIGINT NOT NULL DEFAULT 0 CHECK (prev_era >= 0);
ALTER TABLE posting ADD CHECK (era >= prev_era);
ALTER TABLE posting DROP CONSTRAINT posting_account_id_seq_key;
ALTER TABLE posting ADD UNIQUE (era, account_id, seq);
-- A foreign key is checked row by row; the triggers below check the same, and more, for all rows at once.
-- What they look for can't go away: neither records nor accounts are ever deleted or given another id.
ALTER TABLE posting DROP CONSTRAINT posting_record_id_fkey;
ALTER TABLE posting DROP CONSTRAINT posting_account_id_fkey;
ALTER TABLE posting DROP CONSTRAINT posting_asset_fkey;
ALTER TABLE leaf DROP CONSTRAINT leaf_record_id_fkey;
ALTER TABLE disclosure DROP CONSTRAINT disclosure_record_id_fkey;
ALTER TABLE record DROP CONSTRAINT record_reversed_key;
CREATE UNIQUE INDEX record_reversed ON record (reversed) WHERE reversed IS NOT NULL;
-- Plans are made once for a connection, maybe while the tables are still empty, and kept: each must be by
-- index, whatever the tables seem to hold at that moment.
CREATE FUNCTION saima_weigh_records() RETURNS trigger LANGUAGE plpgsql
    SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM given WHERE given.lines > 0
            AND NOT EXISTS (SELECT 1 FROM posting WHERE posting.record_id = given.id AND posting.line = 0)
    ) THEN RAISE EXCEPTION 'saima: a record comes with its postings, and they must balance'; END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION saima_weigh_postings() RETURNS trigger LANGUAGE plpgsql
    SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM given GROUP BY record_id, asset
        HAVING SUM(CASE side WHEN 0 THEN amount ELSE -amount END) <> 0
    ) THEN RAISE EXCEPTION 'saima: the postings of a record must balance'; END IF;
    -- Lines are unique within a record: as many as it has, from 0 on, are all of them.
    IF EXISTS (
        SELECT 1 FROM (
            SELECT record_id, COUNT(*) AS lines, MIN(line) AS first, MAX(line) AS last FROM given GROUP BY record_id
        ) AS sets LEFT JOIN record ON record.id = sets.record_id
        WHERE record.lines IS DISTINCT FROM sets.lines OR sets.first <> 0 OR sets.last <> sets.lines - 1
    ) THEN RAISE EXCEPTION 'saima: a posting needs its record, and a record takes no more postings'; END IF;
    IF EXISTS (
        SELECT 1 FROM given LEFT JOIN account ON account.id = given.account_id AND account.asset = given.asset
            AND account.era = given.era AND given.seq BETWEEN account.era_from AND account.seq
        WHERE account.id IS NULL
    ) THEN RAISE EXCEPTION 'saima: a posting carries on its account'; END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION saima_need_records() RETURNS trigger LANGUAGE plpgsql
    SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM given LEFT JOIN record ON record.id = given.record_id WHERE record.id IS NULL
    ) THEN RAISE EXCEPTION 'saima: a row of % needs its record', TG_TABLE_NAME; END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER record_weighed AFTER INSERT ON record
    REFERENCING NEW TABLE AS given FOR EACH STATEMENT EXECUTE FUNCTION saima_weigh_records();
CREATE TRIGGER record_kept BEFORE UPDATE OR DELETE ON record FOR EACH ROW EXECUTE FUNCTION saima_refuse();
CREATE TRIGGER posting_weighed AFTER INSERT ON posting
    REFERENCING NEW TABLE AS given FOR EACH STATEMENT EXECUTE FUNCTION saima_weigh_postings();
CREATE TRIGGER leaf_of_record AFTER INSERT ON leaf
    REFERENCING NEW TABLE AS given FOR EACH STATEMENT EXECUTE FUNCTION saima_need_records();
CREATE TRIGGER disclosure_of_record AFTER INSERT ON disclosure
    REFERENCING NEW TABLE AS given FOR EACH STATEMENT EXECUTE FUNCTION saima_need_records();
CREATE TRIGGER disclosure_moved AFTER UPDATE ON disclosure
    REFERENCING NEW TABLE AS given FOR EACH STATEMENT EXECUTE FUNCTION saima_need_records();
CREATE TRIGGER account_moves_forward BEFORE UPDATE ON account FOR EACH ROW
    WHEN (NEW.id <> OLD.id OR NEW.kind <> OLD.kind OR NEW.owner <> OLD.owner OR NEW.asset <> OLD.asset
        OR NEW.debits < OLD.debits OR NEW.credits < OLD.credits OR NEW.seq < OLD.seq OR NEW.era < OLD.era
        OR NEW.era_from <> CASE WHEN NEW.era = OLD.era THEN OLD.era_from ELSE OLD.seq + 1 END)
    EXECUTE FUNCTION saima_refuse();
-- Rows that are written again and again stay on their page; hashes are not worth an attempt to squeeze.
ALTER TABLE account SET (fillfactor = 60);
ALTER TABLE log_head SET (fillfactor = 20);
ALTER TABLE tile ALTER COLUMN hashes SET STORAGE EXTERNAL;
ALTER TABLE seal_queue SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);
--all
