-- What a race costs, beside its bounty: the hours that people declare, and what its poster says a result is worth.
CREATE TABLE race_value (
    task_id {uuid} NOT NULL PRIMARY KEY REFERENCES task (id),
    amount {bigint} NOT NULL CHECK (amount > 0),
    public {bool} NOT NULL,
    at {bigint} NOT NULL
) {strict};

-- One row a person and race; shown to nobody else but as a sum.
CREATE TABLE effort (
    task_id {uuid} NOT NULL REFERENCES task (id),
    person_id {uuid} NOT NULL REFERENCES person (id),
    judging {bool} NOT NULL,
    minutes {bigint} NOT NULL CHECK (minutes > 0),
    at {bigint} NOT NULL,
    PRIMARY KEY (task_id, person_id)
) {strict};
