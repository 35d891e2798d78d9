-- Stages. `stages_ended` counts the stages that the clock has ended, `stages_done` those that have been cut;
-- `paid` is what stages have paid out of the bounty. A lane that was cut still rides in its crew's history: it
-- stays what it was, with the stage that it was cut at.
ALTER TABLE task ADD COLUMN stages_ended {bigint} NOT NULL DEFAULT 0;
ALTER TABLE task ADD COLUMN stages_done {bigint} NOT NULL DEFAULT 0;
ALTER TABLE task ADD COLUMN paid {bigint} NOT NULL DEFAULT 0;
ALTER TABLE entry ADD COLUMN cut_stage {bigint} NULL CHECK (cut_stage > 0);

-- How a stage came out. `by_id` is who gave the scores; nobody where the clock cut by the scores that there were.
CREATE TABLE stage_ruling (
    task_id {uuid} NOT NULL REFERENCES task (id),
    stage {bigint} NOT NULL CHECK (stage > 0),
    by_id {uuid} NULL REFERENCES person (id),
    summary TEXT NOT NULL,
    stopped {bool} NOT NULL,
    at {bigint} NOT NULL,
    record_id {uuid} NOT NULL,
    PRIMARY KEY (task_id, stage)
) {strict};

CREATE TABLE stage_line (
    task_id {uuid} NOT NULL REFERENCES task (id),
    stage {bigint} NOT NULL CHECK (stage > 0),
    entry_id {uuid} NOT NULL REFERENCES entry (id),
    place {bigint} NULL CHECK (place > 0),
    score {bigint} NULL CHECK (score BETWEEN 0 AND 10000),
    award {bigint} NOT NULL CHECK (award >= 0),
    cut {bool} NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (task_id, stage, entry_id)
) {strict};
