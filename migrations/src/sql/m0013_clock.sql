-- The clock and silence. `edge_at` is the next instant at which the clock has something to do with a task;
-- it follows from the rest of the state and is written with every change of it. `judging_since` is when the
-- decision that is due now began to wait, `passed_at` when it passed on to the deputies.
ALTER TABLE task ADD COLUMN edge_at {bigint} NULL;
ALTER TABLE task ADD COLUMN judging_since {bigint} NULL;
ALTER TABLE task ADD COLUMN reminded_at {bigint} NULL;
ALTER TABLE task ADD COLUMN passed_at {bigint} NULL;
CREATE INDEX task_edge_at ON task (edge_at, id) WHERE edge_at IS NOT NULL;
UPDATE task SET judging_since = closes_at WHERE state = 'open' AND id IN (SELECT task_id FROM told_closed);
UPDATE task SET edge_at = closes_at WHERE state = 'open' AND judging_since IS NULL;
UPDATE task SET edge_at = appeals_until WHERE state = 'provisional';
DROP TABLE told_closed;

-- What the clock has done, each once: when it was due, and when it was done (later, where no server ran).
-- `subject` is the appeal that it was about, or the task.
CREATE TABLE task_edge (
    task_id {uuid} NOT NULL REFERENCES task (id),
    no {bigint} NOT NULL,
    kind TEXT NOT NULL,
    subject {uuid} NOT NULL,
    due_at {bigint} NOT NULL,
    done_at {bigint} NOT NULL CHECK (done_at >= due_at),
    PRIMARY KEY (task_id, no),
    UNIQUE (task_id, kind, subject, due_at)
) {strict};

-- By the clock: nobody ruled in time, and the default of the rules was executed; `ruled_by` is the poster then.
-- `since` and `due_at` say since when the decision waited, and until when it should have been given.
ALTER TABLE ruling ADD COLUMN by_clock {bool} NOT NULL DEFAULT FALSE;
ALTER TABLE ruling ADD COLUMN since {bigint} NULL;
ALTER TABLE ruling ADD COLUMN due_at {bigint} NULL;
CREATE INDEX ruling_by ON ruling (ruled_by);
