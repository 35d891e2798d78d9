-- Invitations to a race that were taken back: since when; who takes them back is who may invite.
ALTER TABLE race_invitation ADD COLUMN revoked_at {bigint} NULL;
