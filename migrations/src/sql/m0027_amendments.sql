-- Amendments of frozen rules. The old texts are kept beside the new: the task's own row is overwritten once an
-- amendment is in force, and the history stays readable. `version` is that of the rules that it made.
CREATE TABLE amendment (
    id {uuid} NOT NULL PRIMARY KEY,
    task_id {uuid} NOT NULL REFERENCES task (id),
    by_id {uuid} NOT NULL REFERENCES person (id),
    reason TEXT NOT NULL,
    at {bigint} NOT NULL,
    answer_by {bigint} NULL,
    state TEXT NOT NULL,
    version {bigint} NULL CHECK (version > 1),
    ended_at {bigint} NULL,
    brief TEXT NOT NULL,
    criteria TEXT NOT NULL,
    closes_at {bigint} NOT NULL,
    rules TEXT NOT NULL,
    old_brief TEXT NOT NULL,
    old_criteria TEXT NOT NULL,
    old_closes_at {bigint} NOT NULL,
    old_rules TEXT NOT NULL,
    record_id {uuid} NOT NULL,
    end_record_id {uuid} NULL
) {strict};
CREATE INDEX amendment_task ON amendment (task_id, at);
-- One is open at a time.
CREATE UNIQUE INDEX amendment_open ON amendment (task_id) WHERE state = 'open';

CREATE TABLE amendment_answer (
    amendment_id {uuid} NOT NULL REFERENCES amendment (id),
    entry_id {uuid} NOT NULL REFERENCES entry (id),
    answer TEXT NOT NULL,
    by_id {uuid} NOT NULL REFERENCES person (id),
    at {bigint} NOT NULL,
    record_id {uuid} NOT NULL,
    PRIMARY KEY (amendment_id, entry_id)
) {strict};

-- Who entered while one was open said before that they ride under either.
CREATE TABLE amendment_accepted (
    amendment_id {uuid} NOT NULL REFERENCES amendment (id),
    person_id {uuid} NOT NULL REFERENCES person (id),
    at {bigint} NOT NULL,
    PRIMARY KEY (amendment_id, person_id)
) {strict};
