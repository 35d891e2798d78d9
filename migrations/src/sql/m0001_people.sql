-- People, the doors they come through, and the units they belong to.
-- Instants are microseconds since 1970 UTC; secrets are kept as SHA-256 digests only.

CREATE TABLE person (
    id {uuid} NOT NULL PRIMARY KEY,
    handle TEXT NOT NULL UNIQUE,
    email TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('member', 'contributor')),
    password TEXT NOT NULL,
    created_at {bigint} NOT NULL
) {strict};

CREATE TABLE role_grant (
    person_id {uuid} NOT NULL REFERENCES person (id),
    role TEXT NOT NULL CHECK (role IN ('manager', 'treasurer', 'auditor', 'admin')),
    granted_by {uuid} NULL,
    granted_at {bigint} NOT NULL,
    PRIMARY KEY (person_id, role)
) {strict};

CREATE TABLE invitation (
    id {uuid} NOT NULL PRIMARY KEY,
    digest {bytes} NOT NULL UNIQUE,
    email TEXT NOT NULL,
    roles TEXT NOT NULL,
    invited_by {uuid} NOT NULL REFERENCES person (id),
    created_at {bigint} NOT NULL,
    expires_at {bigint} NOT NULL,
    person_id {uuid} NULL REFERENCES person (id)
) {strict};

CREATE TABLE session (
    id {uuid} NOT NULL PRIMARY KEY,
    digest {bytes} NOT NULL UNIQUE,
    person_id {uuid} NOT NULL REFERENCES person (id),
    csrf TEXT NOT NULL,
    created_at {bigint} NOT NULL,
    expires_at {bigint} NOT NULL
) {strict};
CREATE INDEX session_person ON session (person_id);

-- One family for each sign-in through the API; a token used twice betrays a theft and ends its family.
CREATE TABLE refresh_token (
    id {uuid} NOT NULL PRIMARY KEY,
    family {uuid} NOT NULL,
    digest {bytes} NOT NULL UNIQUE,
    person_id {uuid} NOT NULL REFERENCES person (id),
    created_at {bigint} NOT NULL,
    expires_at {bigint} NOT NULL,
    used_at {bigint} NULL
) {strict};
CREATE INDEX refresh_token_family ON refresh_token (family);
CREATE INDEX refresh_token_person ON refresh_token (person_id);

-- Attempts counted by what they aim at or come from, in windows.
CREATE TABLE throttle (
    bucket TEXT NOT NULL PRIMARY KEY,
    attempts {bigint} NOT NULL,
    since {bigint} NOT NULL
) {strict};

CREATE TABLE unit (
    id {uuid} NOT NULL PRIMARY KEY,
    slug TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    purpose TEXT NOT NULL,
    lead_id {uuid} NOT NULL REFERENCES person (id),
    created_at {bigint} NOT NULL
) {strict};
CREATE INDEX unit_lead ON unit (lead_id);

CREATE TABLE unit_member (
    unit_id {uuid} NOT NULL REFERENCES unit (id),
    person_id {uuid} NOT NULL REFERENCES person (id),
    since {bigint} NOT NULL,
    PRIMARY KEY (unit_id, person_id)
) {strict};
CREATE INDEX unit_member_person ON unit_member (person_id);

-- First outcomes of idempotency keys, kept for ever.
CREATE TABLE command (
    asker {uuid} NOT NULL,
    key TEXT NOT NULL,
    act TEXT NOT NULL,
    input {bytes} NOT NULL,
    outcome TEXT NOT NULL,
    at {bigint} NOT NULL,
    PRIMARY KEY (asker, key)
) {strict};
