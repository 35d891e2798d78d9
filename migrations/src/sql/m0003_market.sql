-- Programmes, tasks, races, submissions, rulings.

CREATE TABLE programme (
    id {uuid} NOT NULL PRIMARY KEY,
    slug TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    purpose TEXT NOT NULL,
    owner_id {uuid} NOT NULL REFERENCES person (id),
    created_at {bigint} NOT NULL
) {strict};

CREATE TABLE programme_manager (
    programme_id {uuid} NOT NULL REFERENCES programme (id),
    person_id {uuid} NOT NULL REFERENCES person (id),
    since {bigint} NOT NULL,
    PRIMARY KEY (programme_id, person_id)
) {strict};
CREATE INDEX programme_manager_person ON programme_manager (person_id);

-- What is wanted, and the clock of its race. `rules` is JSON: a draft's may change, a published one's
-- digest is on the ledger. There is no state "judging" here: an open race whose clock has stopped is judged.
CREATE TABLE task (
    id {uuid} NOT NULL PRIMARY KEY,
    handle TEXT NOT NULL UNIQUE,
    poster_id {uuid} NOT NULL REFERENCES person (id),
    title TEXT NOT NULL,
    brief TEXT NOT NULL,
    criteria TEXT NOT NULL,
    rules TEXT NOT NULL,
    visibility TEXT NOT NULL CHECK (visibility IN ('internal', 'open')),
    source_kind TEXT NOT NULL CHECK (source_kind IN ('programme', 'person', 'unit')),
    source_id {uuid} NOT NULL,
    asset {bigint} NOT NULL REFERENCES asset (no),
    bounty {bigint} NOT NULL CHECK (bounty >= 0),
    state TEXT NOT NULL CHECK (state IN ('draft', 'open', 'provisional', 'settled', 'cancelled', 'expired')),
    closes_at {bigint} NOT NULL,
    created_at {bigint} NOT NULL,
    published_at {bigint} NULL,
    appeals_until {bigint} NULL,
    ended_at {bigint} NULL,
    rules_record {uuid} NULL,
    rules_digest {bytes} NULL,
    ruling_id {uuid} NULL,
    CHECK (state = 'draft' OR published_at IS NOT NULL)
) {strict};
CREATE INDEX task_state ON task (state, closes_at);
CREATE INDEX task_poster ON task (poster_id);
CREATE INDEX task_published ON task (published_at, id);

-- The judges that the frozen rules name (where they name any), to find their races by.
CREATE TABLE task_judge (
    task_id {uuid} NOT NULL REFERENCES task (id),
    person_id {uuid} NOT NULL REFERENCES person (id),
    PRIMARY KEY (task_id, person_id)
) {strict};
CREATE INDEX task_judge_person ON task_judge (person_id);

-- Who put how much into the escrow.
CREATE TABLE funding (
    id {uuid} NOT NULL PRIMARY KEY,
    task_id {uuid} NOT NULL REFERENCES task (id),
    account_id {uuid} NOT NULL REFERENCES account (id),
    funder_id {uuid} NOT NULL REFERENCES person (id),
    amount {bigint} NOT NULL CHECK (amount > 0),
    record_id {uuid} NOT NULL,
    at {bigint} NOT NULL
) {strict};
CREATE INDEX funding_task ON funding (task_id, at);

CREATE TABLE entry (
    id {uuid} NOT NULL PRIMARY KEY,
    task_id {uuid} NOT NULL REFERENCES task (id),
    lane {bigint} NOT NULL,
    name TEXT NOT NULL,
    captain_id {uuid} NOT NULL REFERENCES person (id),
    unit_id {uuid} NULL REFERENCES unit (id),
    unit_share {bigint} NOT NULL DEFAULT 0 CHECK (unit_share BETWEEN 0 AND 10000),
    state TEXT NOT NULL CHECK (state IN ('forming', 'running', 'withdrawn')),
    entered_at {bigint} NOT NULL,
    running_since {bigint} NULL,
    UNIQUE (task_id, lane)
) {strict};

-- `active` is 1, or NULL once the entry is withdrawn or the person declined: one crew a person and race.
CREATE TABLE crew_member (
    entry_id {uuid} NOT NULL REFERENCES entry (id),
    person_id {uuid} NOT NULL REFERENCES person (id),
    task_id {uuid} NOT NULL REFERENCES task (id),
    place {bigint} NOT NULL,
    share {bigint} NOT NULL CHECK (share BETWEEN 0 AND 10000),
    answer TEXT NOT NULL CHECK (answer IN ('asked', 'agreed', 'declined')),
    answered_at {bigint} NULL,
    active {bigint} NULL CHECK (active = 1),
    PRIMARY KEY (entry_id, person_id),
    UNIQUE (task_id, person_id, active)
) {strict};
CREATE INDEX crew_member_person ON crew_member (person_id, answer);

CREATE TABLE submission (
    id {uuid} NOT NULL PRIMARY KEY,
    entry_id {uuid} NOT NULL REFERENCES entry (id),
    task_id {uuid} NOT NULL REFERENCES task (id),
    version {bigint} NOT NULL CHECK (version > 0),
    body TEXT NOT NULL,
    links TEXT NOT NULL,
    by_id {uuid} NOT NULL REFERENCES person (id),
    at {bigint} NOT NULL,
    record_id {uuid} NOT NULL,
    digest {bytes} NOT NULL,
    UNIQUE (entry_id, version)
) {strict};
CREATE INDEX submission_task ON submission (task_id, at);

-- The bytes lie in the file store under their SHA-256.
CREATE TABLE file (
    id {uuid} NOT NULL PRIMARY KEY,
    submission_id {uuid} NOT NULL REFERENCES submission (id),
    place {bigint} NOT NULL,
    name TEXT NOT NULL,
    media_type TEXT NOT NULL,
    size {bigint} NOT NULL,
    sha256 {bytes} NOT NULL
) {strict};
CREATE INDEX file_submission ON file (submission_id, place);

CREATE TABLE ruling (
    id {uuid} NOT NULL PRIMARY KEY,
    task_id {uuid} NOT NULL REFERENCES task (id),
    version {bigint} NOT NULL CHECK (version > 0),
    ruled_by {uuid} NOT NULL REFERENCES person (id),
    summary TEXT NOT NULL,
    at {bigint} NOT NULL,
    record_id {uuid} NOT NULL,
    UNIQUE (task_id, version)
) {strict};

CREATE TABLE ruling_line (
    ruling_id {uuid} NOT NULL REFERENCES ruling (id),
    entry_id {uuid} NOT NULL REFERENCES entry (id),
    place {bigint} NULL CHECK (place > 0),
    score {bigint} NULL CHECK (score BETWEEN 0 AND 10000),
    reason TEXT NOT NULL,
    award {bigint} NOT NULL CHECK (award >= 0),
    PRIMARY KEY (ruling_id, entry_id)
) {strict};

CREATE TABLE appeal (
    id {uuid} NOT NULL PRIMARY KEY,
    task_id {uuid} NOT NULL REFERENCES task (id),
    ruling_id {uuid} NOT NULL REFERENCES ruling (id),
    entry_id {uuid} NOT NULL REFERENCES entry (id),
    by_id {uuid} NOT NULL REFERENCES person (id),
    grounds TEXT NOT NULL,
    at {bigint} NOT NULL,
    verdict TEXT NULL CHECK (verdict IN ('upheld', 'rejected')),
    answer TEXT NULL,
    answered_by {uuid} NULL REFERENCES person (id),
    answered_at {bigint} NULL,
    UNIQUE (ruling_id, entry_id)
) {strict};
CREATE INDEX appeal_task ON appeal (task_id, at);
