-- Races that are decided by a vote.

-- Since a race opened that a vote decides: for how long after the clock has stopped people may vote.
CREATE TABLE vote_window (
    task_id {uuid} NOT NULL PRIMARY KEY REFERENCES task (id),
    seconds {bigint} NOT NULL CHECK (seconds > 0)
) {strict};

-- One ballot a person; `votes` is JSON: an entry and its votes, each. Read by nobody else before it is counted.
CREATE TABLE ballot (
    task_id {uuid} NOT NULL REFERENCES task (id),
    person_id {uuid} NOT NULL REFERENCES person (id),
    votes TEXT NOT NULL,
    at {bigint} NOT NULL,
    PRIMARY KEY (task_id, person_id)
) {strict};
CREATE INDEX ballot_person ON ballot (person_id);
