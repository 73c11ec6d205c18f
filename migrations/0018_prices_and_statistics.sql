-- What models cost, what steps therefore have cost, and what is summed up of sessions for the statistics of a workspace.

-- US dollars for 10^6 tokens. What a workspace has entered wins over what all of them share.
CREATE TABLE model_prices (
    workspace_id    text REFERENCES workspaces,     -- NULL: shared by all
    model           text NOT NULL CHECK (model = lower(model) AND model <> ''),
    input_usd       numeric NOT NULL CHECK (input_usd >= 0),
    output_usd      numeric NOT NULL CHECK (output_usd >= 0),
    cache_read_usd  numeric CHECK (cache_read_usd >= 0),    -- NULL: as any other input
    cache_write_usd numeric CHECK (cache_write_usd >= 0),
    source          text,                           -- where it was published; NULL: somebody has entered it
    as_of           date NOT NULL DEFAULT current_date
);
CREATE UNIQUE INDEX model_prices_model ON model_prices (model, coalesce(workspace_id, ''));

-- The part of a cost that was computed from such prices, because the agent had not said it. Of a step it is the whole cost or absent;
-- of a session it is contained in cost_usd.
ALTER TABLE steps ADD COLUMN computed_cost_usd numeric;
ALTER TABLE agent_sessions ADD COLUMN computed_cost_usd numeric;

-- Sessions whose statistics are to be counted anew, by the sweeper (functions/statistics.sql). Rows are only added and deleted, so that
-- nobody who writes a session waits for the sweeper.
CREATE TABLE statistics_queue (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    session_id text COLLATE "C" NOT NULL);

-- What a session has of one tool, one error or one model. Durations are counts of logarithmic buckets, which can be added.
CREATE TYPE statistics_part AS (
    kind     text,      -- tool, error (by its code), message (an error without one) or model
    name     text,
    calls    integer,
    failed   integer,
    buckets  smallint[],
    counts   integer[],
    longest_ms bigint,
    step_id  text,      -- that took longest; of an error the last one
    tokens   bigint,
    cost_usd numeric
);

-- As what each session is counted. The tables below are sums of these rows, which outlive the steps that they were counted from.
CREATE TABLE session_statistics (
    session_id        text COLLATE "C" PRIMARY KEY,
    workspace_id      text NOT NULL,
    hour              timestamptz NOT NULL,         -- in which it started
    persona_id        text NOT NULL,
    root_id           text NOT NULL,                -- the channel or scratchpad, also of a thread; '': without a stream
    model             text NOT NULL,                -- '': none is known
    status            text NOT NULL,
    duration_ms       bigint,                       -- this and what follows: of sessions that have ended
    first_step_ms     bigint,
    steps             integer,
    input_tokens      bigint,
    output_tokens     bigint,
    cache_read_tokens bigint,
    cost_usd          numeric,
    computed_cost_usd numeric,
    parts             statistics_part[]
);
CREATE INDEX session_statistics_hour ON session_statistics (workspace_id, hour, persona_id);

CREATE TABLE statistics_hours (
    workspace_id      text NOT NULL,
    hour              timestamptz NOT NULL,
    persona_id        text NOT NULL,
    root_id           text NOT NULL,
    model             text NOT NULL,
    sessions          integer NOT NULL,
    completed         integer NOT NULL,
    failed            integer NOT NULL,
    cancelled         integer NOT NULL,
    steps             bigint NOT NULL,
    input_tokens      bigint,
    output_tokens     bigint,
    cache_read_tokens bigint,
    cost_usd          numeric,
    computed_cost_usd numeric,
    duration_buckets  smallint[] NOT NULL,
    duration_counts   integer[] NOT NULL,
    first_buckets     smallint[] NOT NULL,          -- time to the first step
    first_counts      integer[] NOT NULL,
    PRIMARY KEY (workspace_id, hour, persona_id, root_id, model)
);

CREATE TABLE statistics_part_hours (
    workspace_id text NOT NULL,
    kind         text NOT NULL,
    hour         timestamptz NOT NULL,
    persona_id   text NOT NULL,
    root_id      text NOT NULL,
    name         text NOT NULL,
    calls        bigint NOT NULL,
    failed       bigint NOT NULL,
    buckets      smallint[] NOT NULL,
    counts       integer[] NOT NULL,
    longest_ms   bigint,
    session_id   text COLLATE "C",                  -- of the step that took longest, or of the last error
    step_id      text,
    tokens       bigint,
    cost_usd     numeric,
    PRIMARY KEY (workspace_id, kind, hour, persona_id, root_id, name)
);

-- The same for days of UTC that are over, so that a long time is read from few rows. They are summed from their hours.
CREATE TABLE statistics_days (LIKE statistics_hours INCLUDING ALL);
CREATE TABLE statistics_part_days (LIKE statistics_part_hours INCLUDING ALL);
CREATE TABLE statistics_stale_days (
    workspace_id text NOT NULL,
    day          timestamptz NOT NULL,
    persona_id   text NOT NULL,
    PRIMARY KEY (workspace_id, day, persona_id)
);

-- What was there before is counted as well.
INSERT INTO statistics_queue (session_id) SELECT id FROM agent_sessions ORDER BY id;
