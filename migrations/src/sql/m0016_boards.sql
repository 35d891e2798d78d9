-- Races measured by the server: the answer key, and what each version scored.

-- The bytes lie in the file store under their SHA-256 and are shown to nobody but the poster and auditors.
-- `salt` draws the split where the key has none of its own; `public_share` is in basis points. What the key
-- was read for must still be what the rules say when the race opens.
CREATE TABLE answer_key (
    task_id {uuid} NOT NULL PRIMARY KEY REFERENCES task (id),
    sha256 {bytes} NOT NULL,
    size {bigint} NOT NULL,
    row_count {bigint} NOT NULL CHECK (row_count > 0),
    public_rows {bigint} NOT NULL CHECK (public_rows > 0),
    salt {bytes} NOT NULL,
    metric TEXT NOT NULL,
    positive TEXT NOT NULL,
    public_share {bigint} NOT NULL,
    uploaded_at {bigint} NOT NULL
) {strict};

-- Figures are doubles as texts, exact. `moved` is 1 where the version moved the board, `chosen` where its crew
-- chose it to count. `private` is null until the clock has stopped and the race is ruled.
CREATE TABLE version_score (
    submission_id {uuid} NOT NULL PRIMARY KEY REFERENCES submission (id),
    task_id {uuid} NOT NULL REFERENCES task (id),
    entry_id {uuid} NOT NULL REFERENCES entry (id),
    version {bigint} NOT NULL,
    at {bigint} NOT NULL,
    file_id {uuid} NOT NULL REFERENCES file (id),
    public TEXT NOT NULL,
    private TEXT NULL,
    moved {bigint} NOT NULL CHECK (moved IN (0, 1)),
    chosen {bigint} NOT NULL CHECK (chosen IN (0, 1))
) {strict};
CREATE INDEX version_score_task ON version_score (task_id, at);
CREATE INDEX version_score_entry ON version_score (entry_id, version);
