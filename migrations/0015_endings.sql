-- Sessions that ended lately, for the pushers: they tell again what only a lost hint had told. Set once, by the update that
-- also changes the status, so no other update pays for it.
CREATE INDEX agent_sessions_ended ON agent_sessions (completed_at) WHERE completed_at IS NOT NULL;
