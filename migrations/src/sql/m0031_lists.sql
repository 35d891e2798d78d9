-- Lists are read by what they are ordered by, however long they have become; what waits is found without looking at
-- all that does not.

CREATE INDEX task_created ON task (created_at, id);
CREATE INDEX task_closes ON task (closes_at, id);
CREATE INDEX task_bounty ON task (bounty, id);
CREATE INDEX task_ended ON task (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX task_edge_due ON task_edge (due_at);
CREATE INDEX record_payout ON record (posted_at, id) WHERE kind = 'payout';
CREATE INDEX entry_captain ON entry (captain_id);
CREATE INDEX appeal_open ON appeal (at) WHERE verdict IS NULL;
CREATE INDEX second_appeal_open ON second_appeal (at) WHERE verdict IS NULL;
CREATE INDEX task_visible ON task (visibility, state, poster_id);
CREATE INDEX crew_change_task ON crew_change (task_id, state);
CREATE INDEX crew_change_state ON crew_change (state, proposed_by);
CREATE INDEX part_offer_state ON part_offer (state, until);
