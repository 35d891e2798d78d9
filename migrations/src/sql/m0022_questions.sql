-- Questions about a race with their answers; where nobody asked, the poster made something clear.
CREATE TABLE question (
    id {uuid} NOT NULL PRIMARY KEY,
    task_id {uuid} NOT NULL REFERENCES task (id),
    asked_by {uuid} NULL REFERENCES person (id),
    asked_at {bigint} NOT NULL,
    question TEXT NOT NULL,
    question_record {uuid} NULL,
    answer TEXT NULL,
    answered_by {uuid} NULL REFERENCES person (id),
    answered_at {bigint} NULL,
    answer_record {uuid} NULL
) {strict};
CREATE INDEX question_task ON question (task_id, asked_at);
