-- Erasures of a person's texts and names: asked for by one, approved by another.

CREATE TABLE erasure (
    id {uuid} NOT NULL PRIMARY KEY,
    person_id {uuid} NOT NULL REFERENCES person (id),
    ground TEXT NOT NULL,
    records TEXT NOT NULL,
    requested_by {uuid} NOT NULL REFERENCES person (id),
    requested_at {bigint} NOT NULL,
    approved_by {uuid} NULL REFERENCES person (id),
    approved_at {bigint} NULL,
    record_id {uuid} NULL REFERENCES record (id),
    CHECK ((approved_by IS NULL) = (record_id IS NULL)),
    CHECK ((approved_by IS NULL) = (approved_at IS NULL)),
    CHECK (approved_by <> requested_by AND approved_by <> person_id)
) {strict};
CREATE UNIQUE INDEX erasure_asked ON erasure (person_id) WHERE approved_at IS NULL;
