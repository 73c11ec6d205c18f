-- What a repeat of a write is known by: a keyed hash of what its client sent, taken before anything was redacted or filled in, and apart
-- for what started the step and what ended it. The key is the token, which the database does not have, so that the hash tells nothing
-- of what was taken out. NULL: put, by a door for foreign agents, or from before.

ALTER TABLE steps
    ADD COLUMN start_mark bytea,
    ADD COLUMN end_mark   bytea;

ALTER TYPE step_said ADD ATTRIBUTE start_mark bytea, ADD ATTRIBUTE end_mark bytea,
    ADD ATTRIBUTE start_redacted text[],   -- fields of which something was taken out before they came here
    ADD ATTRIBUTE end_redacted   text[];

-- What lists and events leave out of a session: answers to its agent, and the event that tells of a change of it, have it.
ALTER TYPE session_news ADD ATTRIBUTE metadata text;

-- An actor's entries, and those of one action, the newest first: they may be few among many.
CREATE INDEX audit_log_actor ON audit_log (workspace_id, actor, id);
CREATE INDEX audit_log_action ON audit_log (workspace_id, action, id);

-- Whether any of a persona's tokens was used lately.
CREATE INDEX tokens_persona ON tokens (persona_id);
