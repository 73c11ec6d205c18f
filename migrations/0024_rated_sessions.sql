-- The table of sessions by what was thought of them, and of a channel together with its threads.

ALTER TYPE session_query ADD ATTRIBUTE rating text;     -- up, down, or any

-- functions/session_list.sql asks for the whole of this condition, or for a part of it.
CREATE INDEX agent_sessions_rated ON agent_sessions (workspace_id, began_us, id)
    WHERE thumbs_up > 0 OR thumbs_down > 0 OR notes > 0 OR scores IS NOT NULL;
CREATE INDEX agent_sessions_parent ON agent_sessions (parent_stream_id, created_at DESC) WHERE parent_stream_id IS NOT NULL;
