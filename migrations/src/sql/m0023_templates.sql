-- Rules of races under a name, to begin tasks with: copies that nothing refers to. `content` is JSON.
CREATE TABLE template (
    id {uuid} NOT NULL PRIMARY KEY,
    by_id {uuid} NOT NULL REFERENCES person (id),
    name TEXT NOT NULL,
    shared {bool} NOT NULL,
    content TEXT NOT NULL,
    at {bigint} NOT NULL,
    UNIQUE (by_id, name)
) {strict};
CREATE INDEX template_shared ON template (shared, name);
