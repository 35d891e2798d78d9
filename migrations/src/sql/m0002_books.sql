-- Double entry and the transparency log. What the code checks is guarded here once more: floors by
-- CHECK, balanced postings and the immutability of records by triggers.

CREATE TABLE asset (
    no {bigint} NOT NULL PRIMARY KEY,
    code TEXT NOT NULL UNIQUE,
    scale {bigint} NOT NULL CHECK (scale BETWEEN 0 AND 9),
    name TEXT NOT NULL,
    created_at {bigint} NOT NULL
) {strict};

-- balance = credits - debits; only the mint may go below zero, and its debt is the supply.
CREATE TABLE account (
    id {uuid} NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('mint', 'treasury', 'programme', 'person', 'unit', 'escrow', 'hold', 'retired')),
    owner {uuid} NOT NULL,
    asset {bigint} NOT NULL REFERENCES asset (no),
    seq {bigint} NOT NULL DEFAULT 0 CHECK (seq >= 0),
    debits {bigint} NOT NULL DEFAULT 0 CHECK (debits >= 0),
    credits {bigint} NOT NULL DEFAULT 0 CHECK (credits >= 0),
    last_posted_at {bigint} NOT NULL DEFAULT 0,
    UNIQUE (kind, owner, asset),
    CHECK (kind = 'mint' OR credits >= debits)
) {strict};

CREATE TABLE record (
    id {uuid} NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    posted_at {bigint} NOT NULL,
    subject {uuid} NULL,
    reversed {uuid} NULL UNIQUE,
    made_by {uuid} NULL,
    bytes {bytes} NOT NULL
) {strict};
CREATE INDEX record_subject ON record (subject, posted_at);

-- Written before their record, in the same database transaction; the record's trigger then weighs them.
CREATE TABLE posting (
    record_id {uuid} NOT NULL REFERENCES record (id) DEFERRABLE INITIALLY DEFERRED,
    line {bigint} NOT NULL,
    account_id {uuid} NOT NULL REFERENCES account (id),
    asset {bigint} NOT NULL REFERENCES asset (no),
    side {bigint} NOT NULL CHECK (side IN (0, 1)),
    amount {bigint} NOT NULL CHECK (amount > 0),
    seq {bigint} NOT NULL CHECK (seq > 0),
    debits {bigint} NOT NULL CHECK (debits >= 0),
    credits {bigint} NOT NULL CHECK (credits >= 0),
    PRIMARY KEY (record_id, line),
    UNIQUE (account_id, seq)
) {strict};

-- Posted, not yet sealed.
CREATE TABLE seal_queue (
    record_id {uuid} NOT NULL PRIMARY KEY REFERENCES record (id),
    posted_at {bigint} NOT NULL
) {strict};
CREATE INDEX seal_queue_order ON seal_queue (posted_at, record_id);

-- A sealed record's place in the log.
CREATE TABLE leaf (
    idx {bigint} NOT NULL PRIMARY KEY,
    record_id {uuid} NOT NULL UNIQUE REFERENCES record (id),
    hash {bytes} NOT NULL
) {strict};

-- The one row whose change decides who sealed what.
CREATE TABLE log_head (
    id {bigint} NOT NULL PRIMARY KEY CHECK (id = 1),
    origin TEXT NOT NULL,
    epoch {bigint} NOT NULL,
    size {bigint} NOT NULL CHECK (size >= 0),
    root {bytes} NOT NULL
) {strict};

-- Up to 256 hashes each; the last of a level grows, full ones never change.
CREATE TABLE tile (
    level {bigint} NOT NULL,
    idx {bigint} NOT NULL,
    hashes {bytes} NOT NULL,
    PRIMARY KEY (level, idx)
) {strict};

CREATE TABLE checkpoint (
    size {bigint} NOT NULL PRIMARY KEY,
    root {bytes} NOT NULL,
    note TEXT NOT NULL,
    signed_at {bigint} NOT NULL
) {strict};

-- What stands behind a record's commitments: the texts and their salts, which may be erased one day.
CREATE TABLE disclosure (
    record_id {uuid} NOT NULL REFERENCES record (id) DEFERRABLE INITIALLY DEFERRED,
    line {bigint} NOT NULL,
    label TEXT NOT NULL,
    salt {bytes} NOT NULL,
    data {bytes} NOT NULL,
    PRIMARY KEY (record_id, line)
) {strict};

--sqlite
CREATE TRIGGER record_balances BEFORE INSERT ON record
WHEN EXISTS (
    SELECT 1 FROM posting WHERE record_id = NEW.id
    GROUP BY asset HAVING SUM(CASE side WHEN 0 THEN amount ELSE -amount END) <> 0
) BEGIN SELECT RAISE(ABORT, 'saima: the postings of a record must balance'); END;
CREATE TRIGGER record_unchanged BEFORE UPDATE ON record BEGIN SELECT RAISE(ABORT, 'saima: a record is never changed'); END;
CREATE TRIGGER record_kept BEFORE DELETE ON record BEGIN SELECT RAISE(ABORT, 'saima: a record is never deleted'); END;
CREATE TRIGGER posting_first BEFORE INSERT ON posting
WHEN EXISTS (SELECT 1 FROM record WHERE id = NEW.record_id)
BEGIN SELECT RAISE(ABORT, 'saima: a record takes no more postings'); END;
CREATE TRIGGER posting_unchanged BEFORE UPDATE ON posting BEGIN SELECT RAISE(ABORT, 'saima: a posting is never changed'); END;
CREATE TRIGGER posting_kept BEFORE DELETE ON posting BEGIN SELECT RAISE(ABORT, 'saima: a posting is never deleted'); END;
CREATE TRIGGER leaf_unchanged BEFORE UPDATE ON leaf BEGIN SELECT RAISE(ABORT, 'saima: a leaf is never changed'); END;
CREATE TRIGGER leaf_kept BEFORE DELETE ON leaf BEGIN SELECT RAISE(ABORT, 'saima: a leaf is never deleted'); END;
CREATE TRIGGER checkpoint_unchanged BEFORE UPDATE ON checkpoint WHEN NEW.size <> OLD.size OR NEW.root <> OLD.root
BEGIN SELECT RAISE(ABORT, 'saima: a checkpoint is never changed'); END;
CREATE TRIGGER checkpoint_kept BEFORE DELETE ON checkpoint BEGIN SELECT RAISE(ABORT, 'saima: a checkpoint is never deleted'); END;
CREATE TRIGGER asset_fixed BEFORE UPDATE ON asset WHEN NEW.no <> OLD.no OR NEW.code <> OLD.code OR NEW.scale <> OLD.scale
BEGIN SELECT RAISE(ABORT, 'saima: code and scale of an asset are fixed'); END;
CREATE TRIGGER account_moves_forward BEFORE UPDATE ON account
WHEN NEW.id <> OLD.id OR NEW.kind <> OLD.kind OR NEW.owner <> OLD.owner OR NEW.asset <> OLD.asset
    OR NEW.debits < OLD.debits OR NEW.credits < OLD.credits OR NEW.seq < OLD.seq
BEGIN SELECT RAISE(ABORT, 'saima: an account only moves forward'); END;
CREATE TRIGGER account_kept BEFORE DELETE ON account BEGIN SELECT RAISE(ABORT, 'saima: an account is never deleted'); END;
CREATE TRIGGER log_head_moves_forward BEFORE UPDATE ON log_head WHEN NEW.size < OLD.size AND NEW.epoch <= OLD.epoch
BEGIN SELECT RAISE(ABORT, 'saima: the log only grows'); END;
--postgres
CREATE FUNCTION saima_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'saima: % on % is refused', TG_OP, TG_TABLE_NAME; END $$;
CREATE FUNCTION saima_weigh() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM posting WHERE record_id = NEW.id
        GROUP BY asset HAVING SUM(CASE side WHEN 0 THEN amount ELSE -amount END) <> 0
    ) THEN RAISE EXCEPTION 'saima: the postings of a record must balance'; END IF;
    RETURN NEW;
END $$;
CREATE FUNCTION saima_postings_first() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM record WHERE id = NEW.record_id) THEN
        RAISE EXCEPTION 'saima: a record takes no more postings';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER record_balances BEFORE INSERT ON record FOR EACH ROW EXECUTE FUNCTION saima_weigh();
CREATE TRIGGER record_kept BEFORE UPDATE OR DELETE ON record FOR EACH ROW EXECUTE FUNCTION saima_refuse();
CREATE TRIGGER record_not_emptied BEFORE TRUNCATE ON record EXECUTE FUNCTION saima_refuse();
CREATE TRIGGER posting_first BEFORE INSERT ON posting FOR EACH ROW EXECUTE FUNCTION saima_postings_first();
CREATE TRIGGER posting_kept BEFORE UPDATE OR DELETE ON posting FOR EACH ROW EXECUTE FUNCTION saima_refuse();
CREATE TRIGGER posting_not_emptied BEFORE TRUNCATE ON posting EXECUTE FUNCTION saima_refuse();
CREATE TRIGGER leaf_kept BEFORE UPDATE OR DELETE ON leaf FOR EACH ROW EXECUTE FUNCTION saima_refuse();
CREATE TRIGGER leaf_not_emptied BEFORE TRUNCATE ON leaf EXECUTE FUNCTION saima_refuse();
CREATE TRIGGER checkpoint_unchanged BEFORE UPDATE ON checkpoint FOR EACH ROW
    WHEN (NEW.size <> OLD.size OR NEW.root <> OLD.root) EXECUTE FUNCTION saima_refuse();
CREATE TRIGGER checkpoint_kept BEFORE DELETE ON checkpoint FOR EACH ROW EXECUTE FUNCTION saima_refuse();
CREATE TRIGGER asset_fixed BEFORE UPDATE ON asset FOR EACH ROW
    WHEN (NEW.no <> OLD.no OR NEW.code <> OLD.code OR NEW.scale <> OLD.scale) EXECUTE FUNCTION saima_refuse();
CREATE TRIGGER account_moves_forward BEFORE UPDATE ON account FOR EACH ROW
    WHEN (NEW.id <> OLD.id OR NEW.kind <> OLD.kind OR NEW.owner <> OLD.owner OR NEW.asset <> OLD.asset
        OR NEW.debits < OLD.debits OR NEW.credits < OLD.credits OR NEW.seq < OLD.seq) EXECUTE FUNCTION saima_refuse();
CREATE TRIGGER account_kept BEFORE DELETE ON account FOR EACH ROW EXECUTE FUNCTION saima_refuse();
CREATE TRIGGER log_head_moves_forward BEFORE UPDATE ON log_head FOR EACH ROW
    WHEN (NEW.size < OLD.size AND NEW.epoch <= OLD.epoch) EXECUTE FUNCTION saima_refuse();
--all
