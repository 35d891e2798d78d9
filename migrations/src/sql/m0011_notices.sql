-- The outbox: written in the same database transaction as what it tells of, so that nothing is lost and
-- nothing is told that did not happen. No text lies here: `facts` are ids as JSON.

CREATE TABLE mailing (
    person_id {uuid} NOT NULL PRIMARY KEY REFERENCES person (id),
    mode TEXT NOT NULL CHECK (mode IN ('at_once', 'daily', 'none')),
    language TEXT NOT NULL
) {strict};

-- `due_at` is when it is to be sent, or tried again; nothing once it was sent or given up.
CREATE TABLE notice (
    id {uuid} NOT NULL PRIMARY KEY,
    person_id {uuid} NOT NULL REFERENCES person (id),
    kind TEXT NOT NULL,
    facts TEXT NOT NULL,
    at {bigint} NOT NULL,
    digest {bool} NOT NULL,
    due_at {bigint} NULL,
    tries {bigint} NOT NULL,
    sent_at {bigint} NULL,
    trouble TEXT NULL
) {strict};
CREATE INDEX notice_due ON notice (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX notice_person ON notice (person_id, at);

-- Races of which it was told that their clock has stopped.
CREATE TABLE told_closed (
    task_id {uuid} NOT NULL PRIMARY KEY REFERENCES task (id),
    at {bigint} NOT NULL
) {strict};
