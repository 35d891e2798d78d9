-- Offers to buy a part of an entry that did not win. While one is open, its price lies in the task's escrow.
CREATE TABLE part_offer (
    id {uuid} NOT NULL PRIMARY KEY,
    task_id {uuid} NOT NULL REFERENCES task (id),
    entry_id {uuid} NOT NULL REFERENCES entry (id),
    buyer_id {uuid} NOT NULL REFERENCES person (id),
    source_kind TEXT NOT NULL CHECK (source_kind IN ('programme', 'person', 'unit')),
    source_id {uuid} NOT NULL,
    account_id {uuid} NOT NULL REFERENCES account (id),
    part TEXT NOT NULL,
    purpose TEXT NOT NULL,
    price {bigint} NOT NULL CHECK (price > 0),
    offered_at {bigint} NOT NULL,
    until {bigint} NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'accepted', 'declined', 'withdrawn', 'lapsed')),
    ended_at {bigint} NULL,
    ended_by {uuid} NULL REFERENCES person (id),
    record_id {uuid} NOT NULL,
    end_record_id {uuid} NULL,
    CHECK ((state = 'open') = (ended_at IS NULL)),
    CHECK ((state = 'open') = (end_record_id IS NULL))
) {strict};
CREATE INDEX part_offer_entry ON part_offer (entry_id, offered_at);
CREATE INDEX part_offer_task ON part_offer (task_id, state);
CREATE INDEX part_offer_buyer ON part_offer (buyer_id, state);
CREATE INDEX part_offer_account ON part_offer (account_id, state);
-- What the clock looks for.
CREATE INDEX part_offer_due ON part_offer (until) WHERE state = 'open';
