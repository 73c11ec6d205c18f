-- What only hints had told is told again by the server's clock: `completed_at` may be the time of an agent, or of the source of a trace.

-- When the session was written as ended, by functions/session_ended.sql; NULL: it has not ended, or was written as ended at once.
ALTER TABLE agent_sessions ADD COLUMN ended_at timestamptz;
DROP INDEX agent_sessions_ended;
CREATE INDEX agent_sessions_ended ON agent_sessions (ended_at) WHERE ended_at IS NOT NULL;

-- The same for texts that were deleted.
CREATE INDEX messages_deleted ON messages (deleted_at) WHERE deleted_at IS NOT NULL;
CREATE INDEX quoted_texts_forgotten ON quoted_texts (forgotten_at) WHERE forgotten_at IS NOT NULL;
