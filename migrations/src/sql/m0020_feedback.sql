-- Feedback while a race runs, and the second appeal.

-- Versions that their crew has opened to the judges.
CREATE TABLE feedback_request (
    submission_id {uuid} NOT NULL PRIMARY KEY REFERENCES submission (id),
    entry_id {uuid} NOT NULL REFERENCES entry (id),
    by_id {uuid} NOT NULL REFERENCES person (id),
    at {bigint} NOT NULL
) {strict};
CREATE INDEX feedback_request_entry ON feedback_request (entry_id);

CREATE TABLE feedback (
    id {uuid} NOT NULL PRIMARY KEY,
    submission_id {uuid} NOT NULL REFERENCES submission (id),
    entry_id {uuid} NOT NULL REFERENCES entry (id),
    by_id {uuid} NOT NULL REFERENCES person (id),
    body TEXT NOT NULL,
    at {bigint} NOT NULL,
    record_id {uuid} NOT NULL
) {strict};
CREATE INDEX feedback_entry ON feedback (entry_id, at);

-- One for an appeal that was turned down, answered by somebody else again.
CREATE TABLE second_appeal (
    appeal_id {uuid} NOT NULL PRIMARY KEY REFERENCES appeal (id),
    task_id {uuid} NOT NULL REFERENCES task (id),
    ruling_id {uuid} NOT NULL REFERENCES ruling (id),
    by_id {uuid} NOT NULL REFERENCES person (id),
    grounds TEXT NOT NULL,
    at {bigint} NOT NULL,
    verdict TEXT NULL CHECK (verdict IN ('upheld', 'rejected')),
    answer TEXT NULL,
    answered_by {uuid} NULL REFERENCES person (id),
    answered_at {bigint} NULL
) {strict};
CREATE INDEX second_appeal_task ON second_appeal (task_id, at);

-- What of an award is the start prize.
ALTER TABLE ruling_line ADD COLUMN start_prize {bigint} NOT NULL DEFAULT 0 CHECK (start_prize >= 0);
