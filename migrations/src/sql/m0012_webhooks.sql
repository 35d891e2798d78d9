-- Addresses that are told of events, and what was sent there. A secret signs what is sent, so it is kept as it
-- is; it is shown once.

CREATE TABLE webhook (
    id {uuid} NOT NULL PRIMARY KEY,
    of_kind TEXT NOT NULL CHECK (of_kind IN ('house', 'unit', 'programme')),
    of_id {uuid} NOT NULL,
    url TEXT NOT NULL,
    secret {bytes} NOT NULL,
    old_secret {bytes} NULL,
    old_until {bigint} NULL,
    state TEXT NOT NULL CHECK (state IN ('active', 'failing', 'disabled')),
    made_by {uuid} NOT NULL REFERENCES person (id),
    made_at {bigint} NOT NULL
) {strict};
CREATE INDEX webhook_of ON webhook (of_kind, of_id);

CREATE TABLE delivery (
    id {uuid} NOT NULL PRIMARY KEY,
    webhook_id {uuid} NOT NULL REFERENCES webhook (id),
    event_id {uuid} NOT NULL,
    kind TEXT NOT NULL,
    facts TEXT NOT NULL,
    at {bigint} NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'delivered', 'failed')),
    due_at {bigint} NULL,
    tries {bigint} NOT NULL,
    tried_at {bigint} NULL,
    answer TEXT NULL
) {strict};
CREATE INDEX delivery_due ON delivery (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX delivery_webhook ON delivery (webhook_id, at);
