-- Panels: rounds of scoring, each judge's sheet in them, and who is tied to which entry.

-- The first round of a race has no row before its first sheet; later ones were opened by a granted appeal.
CREATE TABLE panel_round (
    task_id {uuid} NOT NULL REFERENCES task (id),
    stage {bigint} NOT NULL CHECK (stage >= 0),
    round {bigint} NOT NULL CHECK (round > 0),
    criterion {bigint} NULL CHECK (criterion >= 0),
    due_at {bigint} NOT NULL,
    PRIMARY KEY (task_id, stage, round)
) {strict};
CREATE INDEX panel_round_due ON panel_round (due_at);

CREATE TABLE sheet (
    id {uuid} NOT NULL PRIMARY KEY,
    task_id {uuid} NOT NULL REFERENCES task (id),
    stage {bigint} NOT NULL CHECK (stage >= 0),
    round {bigint} NOT NULL CHECK (round > 0),
    judge_id {uuid} NOT NULL REFERENCES person (id),
    locked_at {bigint} NULL,
    record_id {uuid} NULL,
    UNIQUE (task_id, stage, round, judge_id),
    CHECK ((locked_at IS NULL) = (record_id IS NULL))
) {strict};
CREATE INDEX sheet_record ON sheet (record_id);

CREATE TABLE sheet_score (
    sheet_id {uuid} NOT NULL REFERENCES sheet (id),
    entry_id {uuid} NOT NULL REFERENCES entry (id),
    criterion {bigint} NOT NULL CHECK (criterion >= 0),
    score {bigint} NOT NULL CHECK (score BETWEEN 0 AND 10000),
    PRIMARY KEY (sheet_id, entry_id, criterion)
) {strict};

CREATE TABLE sheet_comment (
    sheet_id {uuid} NOT NULL REFERENCES sheet (id),
    entry_id {uuid} NOT NULL REFERENCES entry (id),
    comment TEXT NOT NULL,
    PRIMARY KEY (sheet_id, entry_id)
) {strict};

-- What a judge has declared; ties that can be seen (a crew, a unit) need no row.
CREATE TABLE judge_conflict (
    entry_id {uuid} NOT NULL REFERENCES entry (id),
    judge_id {uuid} NOT NULL REFERENCES person (id),
    task_id {uuid} NOT NULL REFERENCES task (id),
    reason TEXT NOT NULL,
    at {bigint} NOT NULL,
    PRIMARY KEY (entry_id, judge_id)
) {strict};
CREATE INDEX judge_conflict_task ON judge_conflict (task_id);

-- A locked sheet never changes.
--sqlite
CREATE TRIGGER sheet_locked BEFORE UPDATE OF id, task_id, stage, round, judge_id, locked_at, record_id ON sheet
WHEN OLD.locked_at IS NOT NULL
BEGIN
    SELECT RAISE(ABORT, 'saima: a locked sheet never changes');
END;
CREATE TRIGGER sheet_score_locked BEFORE INSERT ON sheet_score
WHEN (SELECT locked_at FROM sheet WHERE id = NEW.sheet_id) IS NOT NULL
BEGIN
    SELECT RAISE(ABORT, 'saima: a locked sheet never changes');
END;
CREATE TRIGGER sheet_score_kept BEFORE DELETE ON sheet_score
WHEN (SELECT locked_at FROM sheet WHERE id = OLD.sheet_id) IS NOT NULL
BEGIN
    SELECT RAISE(ABORT, 'saima: a locked sheet never changes');
END;
CREATE TRIGGER sheet_score_fixed BEFORE UPDATE ON sheet_score
WHEN (SELECT locked_at FROM sheet WHERE id = OLD.sheet_id) IS NOT NULL
BEGIN
    SELECT RAISE(ABORT, 'saima: a locked sheet never changes');
END;
--postgres
CREATE FUNCTION sheet_locked() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.locked_at IS NOT NULL THEN
        RAISE EXCEPTION 'saima: a locked sheet never changes';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER sheet_locked BEFORE UPDATE ON sheet FOR EACH ROW EXECUTE FUNCTION sheet_locked();
CREATE FUNCTION sheet_score_locked() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    of_sheet UUID := CASE WHEN TG_OP = 'INSERT' THEN NEW.sheet_id ELSE OLD.sheet_id END;
BEGIN
    IF (SELECT locked_at FROM sheet WHERE id = of_sheet) IS NOT NULL THEN
        RAISE EXCEPTION 'saima: a locked sheet never changes';
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER sheet_score_locked BEFORE INSERT OR UPDATE OR DELETE ON sheet_score
    FOR EACH ROW EXECUTE FUNCTION sheet_score_locked();
--all
