-- What a version brought for the evidence checklist of its race: a JSON list of texts.
ALTER TABLE submission ADD COLUMN evidence TEXT NOT NULL DEFAULT '[]';

-- Entries that a judge returned unread: they qualify for nothing, until it is taken back.
CREATE TABLE returned (
    entry_id {uuid} NOT NULL PRIMARY KEY REFERENCES entry (id),
    task_id {uuid} NOT NULL REFERENCES task (id),
    by_id {uuid} NOT NULL REFERENCES person (id),
    at {bigint} NOT NULL,
    reason TEXT NOT NULL,
    note TEXT NOT NULL,
    record_id {uuid} NOT NULL
) {strict};
CREATE INDEX returned_task ON returned (task_id);

-- The same artefact in two lanes is found by its digest.
CREATE INDEX file_digest ON file (sha256);
