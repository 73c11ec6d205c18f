-- Steps that are put: their own times, what they were given and gave, and what tells of a change that is neither a start nor an end;
-- sessions that come from somewhere else, and may be silent.

-- A time that a client has not given counts as empty and is filled by one that comes later.
ALTER TABLE steps
    ADD COLUMN received_at    timestamptz,                      -- when the server first heard of it; NULL: as started_at
    ADD COLUMN start_given    boolean NOT NULL DEFAULT false,
    ADD COLUMN end_given      boolean NOT NULL DEFAULT false,
    ADD COLUMN times_adjusted boolean NOT NULL DEFAULT false,   -- a given time was out of bounds, and is the arrival's
    ADD COLUMN input          text,                             -- these five are shown with the single step alone
    ADD COLUMN output         text,
    ADD COLUMN attributes     text,
    ADD COLUMN events         text,
    ADD COLUMN links          text;

-- A page of a trace is a range of this order, and what changed after N is found by the number of the event, whichever it was.
CREATE INDEX steps_started ON steps (session_id, started_at, step_number);
CREATE INDEX steps_start_seq ON steps (session_id, start_seq);
CREATE INDEX steps_end_seq ON steps (session_id, end_seq) WHERE end_seq IS NOT NULL;

-- agent_session:updated and agent_session:step:updated, which are printed from the session or the step as it is when they are read.
ALTER TABLE session_events
    ALTER COLUMN session DROP NOT NULL,
    ADD COLUMN step_id text;

ALTER TABLE agent_sessions
    ADD COLUMN cache_read_tokens  bigint,
    ADD COLUMN cache_write_tokens bigint,
    ADD COLUMN total_tokens       bigint,
    ADD COLUMN start_given        boolean NOT NULL DEFAULT false,
    ADD COLUMN source             text,         -- printed JSON {kind,client,version}
    ADD COLUMN source_kind        text,
    ADD COLUMN external_id        text,
    ADD COLUMN thread_key         text,
    ADD COLUMN user_key           text,         -- whom the agent worked for, in its own terms
    ADD COLUMN tags               text,         -- a printed JSON list
    ADD COLUMN environment        text,
    ADD COLUMN project            text,
    ADD COLUMN silence_s          integer;      -- nobody heartbeats: it may be silent for so long; NULL: it heartbeats
-- Made by ON CONFLICT DO NOTHING, and read again.
CREATE UNIQUE INDEX agent_sessions_external ON agent_sessions (workspace_id, persona_id, source_kind, external_id)
    WHERE external_id IS NOT NULL;

-- How long a session may be silent that its agent begins with "heartbeat":"none".
ALTER TABLE tokens ADD COLUMN silence_s integer NOT NULL DEFAULT 600 CHECK (silence_s BETWEEN 10 AND 86400);

-- What became of one step that was put: a row each, of functions/put.sql.
CREATE TYPE put_answer AS (
    code     integer,       -- 200 or 201 (made); a refusal is the only row
    status   text,          -- of the session
    problem  text,          -- of a refusal: its code, where the status says not enough
    field    text,          -- of a 400
    place    integer,       -- of the step among those that were put; of a refusal that of the step which is refused
    seq      bigint,        -- number of its event; NULL: nothing was changed
    event    text,          -- started, completed or updated
    changed  text[],
    ignored  text[],
    counters text[],        -- what publish_read_progress() reads; in the first row
    reopened session_news,  -- in the first row, of a session that runs again
    step     steps
);
