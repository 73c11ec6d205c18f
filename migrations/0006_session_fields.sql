-- Sessions with times of their client, and found by the id that they have elsewhere.

ALTER TABLE agent_sessions
    ADD COLUMN times_adjusted boolean NOT NULL DEFAULT false;   -- a time that was given could not be, and is the arrival's

-- Whoever looks for an id of elsewhere knows neither the persona nor the kind of source, by which it is unique.
CREATE INDEX agent_sessions_external_id ON agent_sessions (workspace_id, external_id) WHERE external_id IS NOT NULL;
