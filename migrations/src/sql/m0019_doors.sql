-- Who was invited to a race, who accepted its terms, and entries that wait for a lane.

CREATE TABLE race_invitation (
    id {uuid} NOT NULL PRIMARY KEY,
    task_id {uuid} NOT NULL REFERENCES task (id),
    person_id {uuid} NULL REFERENCES person (id),
    unit_id {uuid} NULL REFERENCES unit (id),
    invited_by {uuid} NOT NULL REFERENCES person (id),
    at {bigint} NOT NULL,
    UNIQUE (task_id, person_id),
    UNIQUE (task_id, unit_id),
    CHECK ((person_id IS NULL) <> (unit_id IS NULL))
) {strict};

CREATE TABLE terms_accepted (
    task_id {uuid} NOT NULL REFERENCES task (id),
    person_id {uuid} NOT NULL REFERENCES person (id),
    version TEXT NOT NULL,
    digest {bytes} NOT NULL,
    at {bigint} NOT NULL,
    record_id {uuid} NOT NULL,
    PRIMARY KEY (task_id, person_id)
) {strict};

-- Since when an entry waits for a lane; NULL once it has one.
ALTER TABLE entry ADD COLUMN waits_since {bigint} NULL;

-- Where the rules ask for check-ins: when something falls due for a running entry, the last sign of life, and
-- whether its crew was warned since.
ALTER TABLE entry ADD COLUMN check_in_due {bigint} NULL;
ALTER TABLE entry ADD COLUMN seen_at {bigint} NULL;
ALTER TABLE entry ADD COLUMN warned_at {bigint} NULL;
CREATE INDEX entry_check_in ON entry (check_in_due);
