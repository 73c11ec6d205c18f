-- The table of sessions: sorted by start, duration, tokens and cost, and filtered, among millions.

-- A printed list as an array. A stored column depends on it, so it never changes.
CREATE FUNCTION tags_of(printed text) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN printed IS NOT NULL THEN ARRAY(SELECT json_array_elements_text(printed::json)) END
$$;

-- What a session came to is copied when it ends (functions/session_settled.sql), and NULL before: an index on a column that every step
-- changes would make each of those updates write into all indexes. -1 is a value that there is not.
ALTER TABLE agent_sessions
    ADD COLUMN began_us bigint GENERATED ALWAYS AS
        ((extract(epoch FROM coalesce(started_at, created_at) - timestamptz '1970-01-01 00:00:00+00') * 1000000)::bigint) STORED,
    ADD COLUMN tag_list text[] GENERATED ALWAYS AS (tags_of(tags)) STORED,
    ADD COLUMN settled_duration_us bigint,
    ADD COLUMN settled_tokens      bigint,
    ADD COLUMN settled_cost_usd    numeric,
    ADD COLUMN settled_model       text;

UPDATE agent_sessions
SET settled_duration_us = coalesce((extract(epoch FROM completed_at - started_at) * 1000000)::bigint, -1),
    settled_tokens = CASE WHEN num_nonnulls(input_tokens, output_tokens) > 0 THEN coalesce(input_tokens, 0) + coalesce(output_tokens, 0)
                          ELSE coalesce(total_tokens, -1) END,
    settled_cost_usd = coalesce(cost_usd, -1), settled_model = usage_model
WHERE completed_at IS NOT NULL;

-- Each has all that decides whether a session is listed, so that those which are not are passed over without being read.
CREATE INDEX agent_sessions_began ON agent_sessions (workspace_id, began_us, id)
    INCLUDE (status, persona_id, stream_id, parent_stream_id, settled_model, settled_duration_us);
CREATE INDEX agent_sessions_duration ON agent_sessions (workspace_id, settled_duration_us, id)
    INCLUDE (status, persona_id, stream_id, parent_stream_id, settled_model, began_us) WHERE settled_duration_us IS NOT NULL;
CREATE INDEX agent_sessions_tokens ON agent_sessions (workspace_id, settled_tokens, id)
    INCLUDE (status, persona_id, stream_id, parent_stream_id, settled_model, began_us, settled_duration_us) WHERE settled_tokens IS NOT NULL;
CREATE INDEX agent_sessions_cost ON agent_sessions (workspace_id, settled_cost_usd, id)
    INCLUDE (status, persona_id, stream_id, parent_stream_id, settled_model, began_us, settled_duration_us) WHERE settled_cost_usd IS NOT NULL;
CREATE INDEX agent_sessions_unsettled ON agent_sessions (workspace_id) WHERE settled_duration_us IS NULL;
CREATE INDEX agent_sessions_status ON agent_sessions (workspace_id, status, began_us, id)
    INCLUDE (persona_id, stream_id, parent_stream_id, settled_model, settled_duration_us, settled_tokens, settled_cost_usd);
CREATE INDEX agent_sessions_persona ON agent_sessions (persona_id, began_us, id)
    INCLUDE (workspace_id, status, stream_id, parent_stream_id, settled_model, settled_duration_us, settled_tokens, settled_cost_usd);
CREATE INDEX agent_sessions_model ON agent_sessions (workspace_id, settled_model, began_us, id)
    INCLUDE (status, persona_id, stream_id, parent_stream_id, settled_duration_us, settled_tokens, settled_cost_usd) WHERE settled_model IS NOT NULL;
CREATE INDEX agent_sessions_streamless ON agent_sessions (workspace_id, persona_id) INCLUDE (id) WHERE stream_id IS NULL;
CREATE INDEX agent_sessions_tags ON agent_sessions USING gin (tag_list);

-- What a list is asked for: read from JSON, whose members have these names.
CREATE TYPE session_query AS (
    statuses    text[],
    stream_id   text,
    persona_id  text,
    model       text,
    tag         text,
    external_id text,
    from_us     bigint,         -- begun at or after it …
    to_us       bigint,         -- … and before that
    text        text,
    sort        text,           -- started, duration, tokens or cost
    ascending   boolean,
    at_us       bigint,         -- when its first page was read: how long a running session has taken by then
    after_rank  integer,        -- the place behind which the page begins; 1: that session has no such value
    after_key   text,
    after_id    text,
    page_size   integer
);

-- What a reader may see, as sets.
CREATE TYPE session_reach AS (
    reader    text,
    workspace text,
    is_member boolean,
    roots     text[],           -- channels and scratchpads
    few       text[]            -- the sessions themselves, where they are few; otherwise NULL
);
