-- Entries of several units, changes of a running crew, and why an entry left. `entry.unit_id` and
-- `entry.unit_share` are not used any more: they are carried over here.

-- One row for each unit of an entry, in the order in which they are paid. `active` is 1, or NULL once the
-- entry has left the race or the unit's lead declined.
CREATE TABLE entry_unit (
    entry_id {uuid} NOT NULL REFERENCES entry (id),
    unit_id {uuid} NOT NULL REFERENCES unit (id),
    task_id {uuid} NOT NULL REFERENCES task (id),
    place {bigint} NOT NULL,
    share {bigint} NOT NULL CHECK (share BETWEEN 0 AND 10000),
    answer TEXT NOT NULL CHECK (answer IN ('asked', 'agreed', 'declined')),
    answered_by {uuid} NULL REFERENCES person (id),
    answered_at {bigint} NULL,
    active {bigint} NULL CHECK (active = 1),
    PRIMARY KEY (entry_id, unit_id)
) {strict};
CREATE INDEX entry_unit_task ON entry_unit (task_id);
CREATE INDEX entry_unit_unit ON entry_unit (unit_id, answer);
INSERT INTO entry_unit (entry_id, unit_id, task_id, place, share, answer, answered_by, answered_at, active)
SELECT id, unit_id, task_id, 0, unit_share, 'agreed', captain_id, entered_at,
    CASE WHEN state = 'withdrawn' THEN NULL ELSE 1 END
FROM entry WHERE unit_id IS NOT NULL;

-- Why an entry is out where its captain did not just withdraw it; who decided it; and where it went.
ALTER TABLE entry ADD COLUMN out_as TEXT NULL CHECK (out_as IN ('merged', 'disqualified', 'lapsed', 'left'));
ALTER TABLE entry ADD COLUMN out_reason TEXT NULL;
ALTER TABLE entry ADD COLUMN out_by {uuid} NULL REFERENCES person (id);
ALTER TABLE entry ADD COLUMN out_at {bigint} NULL;
ALTER TABLE entry ADD COLUMN merged_into {uuid} NULL REFERENCES entry (id);

-- What a captain proposes for a running entry; one at a time is open.
CREATE TABLE crew_change (
    id {uuid} NOT NULL PRIMARY KEY,
    entry_id {uuid} NOT NULL REFERENCES entry (id),
    other_id {uuid} NULL REFERENCES entry (id),
    task_id {uuid} NOT NULL REFERENCES task (id),
    kind TEXT NOT NULL CHECK (kind IN ('crew', 'merge', 'captain')),
    proposed_by {uuid} NOT NULL REFERENCES person (id),
    at {bigint} NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'done', 'declined', 'dropped')),
    ended_at {bigint} NULL
) {strict};
CREATE INDEX crew_change_entry ON crew_change (entry_id, state);
CREATE INDEX crew_change_other ON crew_change (other_id, state);

-- One row for each person or unit who must agree. No share: they would leave the crew.
CREATE TABLE crew_change_part (
    change_id {uuid} NOT NULL REFERENCES crew_change (id),
    place {bigint} NOT NULL,
    person_id {uuid} NULL REFERENCES person (id),
    unit_id {uuid} NULL REFERENCES unit (id),
    share {bigint} NULL CHECK (share BETWEEN 0 AND 10000),
    answer TEXT NOT NULL CHECK (answer IN ('asked', 'agreed', 'declined')),
    answered_by {uuid} NULL REFERENCES person (id),
    answered_at {bigint} NULL,
    PRIMARY KEY (change_id, place),
    CHECK ((person_id IS NULL) <> (unit_id IS NULL))
) {strict};
CREATE INDEX crew_change_part_person ON crew_change_part (person_id, answer);
CREATE INDEX crew_change_part_unit ON crew_change_part (unit_id, answer);
