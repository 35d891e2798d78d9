-- Events that are counted: for an entry of a metered race, or for a pot that grows with them.

-- How many events have released a part of the reserve.
ALTER TABLE task ADD COLUMN growth_events {bigint} NOT NULL DEFAULT 0;

CREATE TABLE race_event (
    id {uuid} NOT NULL PRIMARY KEY,
    task_id {uuid} NOT NULL REFERENCES task (id),
    entry_id {uuid} NULL REFERENCES entry (id),
    event_count {bigint} NOT NULL CHECK (event_count > 0),
    evidence TEXT NOT NULL,
    by_id {uuid} NOT NULL REFERENCES person (id),
    at {bigint} NOT NULL,
    record_id {uuid} NOT NULL
) {strict};
CREATE INDEX race_event_task ON race_event (task_id, at);
