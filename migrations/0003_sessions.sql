-- Sessions and their steps. `last_seq` is the session room's gapless counter: it is raised only in a statement that writes
-- the row of that number, a session_events row or a step's start_seq or end_seq.
-- No index on heartbeat_at, last_seq, step_count or current_step_type, and half-filled pages: every step rewrites the session's row in place (HOT).

CREATE TABLE agent_sessions (
    id                  text PRIMARY KEY,
    workspace_id        text NOT NULL REFERENCES workspaces,
    stream_id           text REFERENCES streams,
    parent_stream_id    text,               -- of a thread: copied from the stream, which never changes them
    parent_message_id   text,
    persona_id          text NOT NULL REFERENCES personas,
    title               text,
    trigger_message_id  text,
    chain_id            text NOT NULL,      -- the first attempt's id
    retry_of            text REFERENCES agent_sessions,
    attempt             integer NOT NULL DEFAULT 1,
    status              text NOT NULL CHECK (status IN ('pending', 'running', 'completed', 'failed', 'cancelled')),
    current_step_type   text,
    step_count          integer NOT NULL DEFAULT 0,
    open_steps          integer NOT NULL DEFAULT 0,
    message_count       integer NOT NULL DEFAULT 0,     -- completed message_sent steps
    source_count        integer NOT NULL DEFAULT 0,     -- distinct ones, see session_sources
    usage_model         text,
    input_tokens        bigint,
    output_tokens       bigint,
    reasoning_tokens    bigint,
    cost_usd            numeric,
    last_seq            bigint NOT NULL DEFAULT 0,
    created_at          timestamptz NOT NULL DEFAULT clock_timestamp(),
    started_at          timestamptz,
    completed_at        timestamptz,
    heartbeat_at        timestamptz,
    checkpoint_at       timestamptz,        -- the last stored progress: part of the ETag
    worker_id           text,
    response_message_id text,
    error_code          text,
    error_message       text,
    ended_by_type       text CHECK (ended_by_type IN ('user', 'persona', 'system')),
    ended_by_id         text,
    ended_by_name       text,
    metadata            text,               -- printed JSON
    pruned_at           timestamptz,        -- its steps, sources and events were deleted (trace-admin prune); nothing can be replayed
    CHECK ((status IN ('completed', 'failed', 'cancelled')) = (completed_at IS NOT NULL)),
    CHECK (status <> 'running' OR started_at IS NOT NULL)
) WITH (fillfactor = 50);
-- One running session per stream and persona: an index, because a check would be outrun.
CREATE UNIQUE INDEX agent_sessions_one_running ON agent_sessions (stream_id, persona_id) WHERE status = 'running';
CREATE UNIQUE INDEX agent_sessions_one_per_trigger ON agent_sessions (trigger_message_id, persona_id)
    WHERE trigger_message_id IS NOT NULL AND retry_of IS NULL;
CREATE UNIQUE INDEX agent_sessions_one_retry ON agent_sessions (retry_of) WHERE retry_of IS NOT NULL;
CREATE INDEX agent_sessions_active ON agent_sessions (workspace_id, persona_id) WHERE status IN ('pending', 'running');
CREATE INDEX agent_sessions_active_stream ON agent_sessions (stream_id) WHERE status IN ('pending', 'running');
CREATE INDEX agent_sessions_active_parent ON agent_sessions (parent_stream_id) WHERE status IN ('pending', 'running');
CREATE INDEX agent_sessions_newest ON agent_sessions (workspace_id, created_at DESC, id DESC);
CREATE INDEX agent_sessions_stream ON agent_sessions (stream_id, created_at DESC);
CREATE INDEX agent_sessions_chain ON agent_sessions (chain_id);
-- Sessions that ended lately, for the pushers: they tell again what only a lost hint had told. Set once, by the update that
-- also changes the status, so no other update pays for it.
CREATE INDEX agent_sessions_ended ON agent_sessions (completed_at) WHERE completed_at IS NOT NULL;

-- The session's own lifecycle events (requested, started, completed, failed, cancelled) in its room.
CREATE TABLE session_events (
    session_id text NOT NULL REFERENCES agent_sessions,
    seq        bigint NOT NULL,
    type       text NOT NULL,               -- the SSE name
    session    text NOT NULL,               -- printed, without its trigger
    PRIMARY KEY (session_id, seq)
);

-- JSON columns are text: they were validated when written and pass through as they are.
CREATE TABLE steps (
    session_id     text NOT NULL REFERENCES agent_sessions,
    id             text NOT NULL,
    step_number    integer NOT NULL,
    step_type      text NOT NULL,
    name           text,
    parent_step_id text,
    failed         boolean NOT NULL DEFAULT false,
    start_seq      bigint NOT NULL,         -- number of its step:started; of a whole step: the same as end_seq
    end_seq        bigint,                  -- number of its step:completed; NULL: open
    seq            bigint NOT NULL,         -- the higher of the two: what changed after N is one range of an index
    start_content  text,                    -- as it started …
    start_length   integer,                 -- bytes: of a string its UTF-8 text, else of the printed JSON
    content        text,                    -- … and since then, the last checkpoint included; NULL: still as it started
    content_length integer,
    sources        text,
    message_id     text,
    usage          text,
    error          text,
    started_at     timestamptz NOT NULL,
    completed_at   timestamptz,
    PRIMARY KEY (session_id, id),
    UNIQUE (session_id, step_number)
) WITH (fillfactor = 70);
-- Nothing is known about which sessions have how many steps: what is known when a plan is made is wrong when a new session has grown.
-- One that the statistics had not seen was taken for one step, so that any index of its session was as good as the key, and each
-- look at a step read all the session's steps: seconds for thousands of them. Without statistics a session is one 200th of the table.
ALTER TABLE steps ALTER COLUMN session_id SET STATISTICS 0;
CREATE INDEX steps_seq ON steps (session_id, seq);
CREATE INDEX steps_message ON steps (session_id, message_id) WHERE message_id IS NOT NULL;

-- What a session has quoted, each source once: by URL, or by message, or by title.
CREATE TABLE session_sources (
    session_id text NOT NULL REFERENCES agent_sessions,
    key        text NOT NULL,
    PRIMARY KEY (session_id, key)
);
