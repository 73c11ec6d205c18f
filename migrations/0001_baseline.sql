-- The schema: people, conversation, sessions and steps, and the composite types of functions/*.sql, where the functions are.
-- This file was applied elsewhere and never changes again.
--
-- Ids are a prefix and a ULID, made by whoever inserts the row. Texts that a client may choose are bounded in the programs, not here.

-- Workspaces, the people and personas in them, and what they sign in with.

CREATE TABLE workspaces (
    id         text PRIMARY KEY,
    name       text NOT NULL UNIQUE,
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE users (
    id            text PRIMARY KEY,
    email         text NOT NULL,
    name          text NOT NULL,
    avatar        text NOT NULL,
    password_hash text NOT NULL,            -- argon2id, encoded form
    created_at    timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX users_email ON users (lower(email));

-- A slug is what one types after "@". It is unique among the people and the personas of a workspace:
-- within a table by its index, across the two by the statements that insert.
CREATE TABLE workspace_members (
    workspace_id text NOT NULL REFERENCES workspaces,
    user_id      text NOT NULL REFERENCES users,
    slug         text NOT NULL,
    role         text NOT NULL DEFAULT 'member' CHECK (role IN ('admin', 'member')),
    joined_at    timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (workspace_id, user_id),
    UNIQUE (workspace_id, slug)
);
CREATE INDEX workspace_members_user ON workspace_members (user_id);

CREATE TABLE personas (
    id           text PRIMARY KEY,
    workspace_id text NOT NULL REFERENCES workspaces,
    name         text NOT NULL,
    slug         text NOT NULL,
    avatar       text NOT NULL,
    description  text,
    demo         boolean NOT NULL DEFAULT false,
    created_at   timestamptz NOT NULL DEFAULT now(),
    UNIQUE (workspace_id, slug)
);

-- A browser's sign-in. The cookie holds the secret, the table its SHA-256.
CREATE TABLE login_sessions (
    id         text PRIMARY KEY,            -- lgn_…
    user_id    text NOT NULL REFERENCES users,
    hash       bytea NOT NULL UNIQUE,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    ended_at   timestamptz
);
CREATE INDEX login_sessions_expiry ON login_sessions (expires_at);

CREATE TABLE login_failures (
    account text NOT NULL,                  -- the lower-cased e-mail address that was tried
    address text NOT NULL,                  -- where from
    at      timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX login_failures_address ON login_failures (address, at);
CREATE INDEX login_failures_at ON login_failures (at);

-- A program's credential: acts as one persona of one workspace.
CREATE TABLE tokens (
    id           text PRIMARY KEY,
    workspace_id text NOT NULL REFERENCES workspaces,
    persona_id   text NOT NULL REFERENCES personas,
    hash         bytea NOT NULL UNIQUE,
    scopes       text[] NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now(),
    revoked_at   timestamptz
);

-- What ended for whom: the pushers close live streams that were authorised before `at`, or shortly after. A trigger announces each
-- row (functions/revocations.sql).
CREATE TABLE revocations (
    principal text NOT NULL,                -- usr_… per_… lgn_… tok_…
    at        timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX revocations_at ON revocations (at);

-- Streams, who is in them, and what was said. `last_seq` is the stream room's gapless counter: it is raised only in a
-- statement that writes the stream_events row of that number.

CREATE TABLE streams (
    id                text PRIMARY KEY,
    workspace_id      text NOT NULL REFERENCES workspaces,
    type              text NOT NULL CHECK (type IN ('channel', 'thread', 'scratchpad')),
    name              text NOT NULL,
    private           boolean NOT NULL,
    root_id           text NOT NULL,        -- a thread's channel or scratchpad, else itself: access follows the root
    parent_stream_id  text REFERENCES streams,
    parent_message_id text UNIQUE,          -- a message has at most one thread
    owner_id          text REFERENCES users,        -- a scratchpad's person …
    persona_id        text REFERENCES personas,     -- … and persona
    last_seq          bigint NOT NULL DEFAULT 0,
    created_at        timestamptz NOT NULL DEFAULT now(),
    CHECK ((type = 'thread') = (parent_message_id IS NOT NULL AND parent_stream_id IS NOT NULL)),
    CHECK ((type = 'scratchpad') = (owner_id IS NOT NULL AND persona_id IS NOT NULL)),
    CHECK (type <> 'scratchpad' OR private)
) WITH (fillfactor = 50);
CREATE INDEX streams_root ON streams (root_id);
CREATE UNIQUE INDEX streams_channel_name ON streams (workspace_id, lower(name)) WHERE type = 'channel';
CREATE INDEX streams_workspace ON streams (workspace_id) WHERE type <> 'thread';

-- Members of channels and scratchpads (never of threads). `member_id` is a user or a persona; a persona that was called
-- in by a mention is a member from then on.
CREATE TABLE stream_members (
    stream_id text NOT NULL REFERENCES streams,
    member_id text NOT NULL,
    role      text NOT NULL DEFAULT 'member' CHECK (role IN ('owner', 'member')),
    joined_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (stream_id, member_id)
);
CREATE INDEX stream_members_member ON stream_members (member_id);

CREATE TABLE stream_reads (
    stream_id text NOT NULL REFERENCES streams,
    user_id   text NOT NULL REFERENCES users,
    read_seq  bigint NOT NULL,
    PRIMARY KEY (user_id, stream_id)
);

CREATE TABLE messages (
    id                text PRIMARY KEY,
    workspace_id      text NOT NULL,
    stream_id         text NOT NULL REFERENCES streams,
    seq               bigint NOT NULL,      -- of its message:created
    version           integer NOT NULL DEFAULT 1,   -- raised by every change that is an event, reply counts included
    author_id         text NOT NULL,        -- usr_… or per_…
    content           text NOT NULL,        -- empty once deleted
    mentions          text NOT NULL DEFAULT '[]',   -- printed JSON, as the API shows it
    sources           text,                 -- printed JSON
    client_message_id text,
    session_id        text,
    created_at        timestamptz NOT NULL DEFAULT clock_timestamp(),
    edited_at         timestamptz,
    deleted_at        timestamptz,
    reply_count       integer NOT NULL DEFAULT 0,
    last_reply_at     timestamptz,
    last_reply_author_id text,
    search            tsvector GENERATED ALWAYS AS (to_tsvector('english', left(content, 200000))) STORED, -- a tsvector has at most 1 MiB
    UNIQUE (stream_id, seq)
) WITH (fillfactor = 80);
CREATE UNIQUE INDEX messages_client_id ON messages (stream_id, author_id, client_message_id) WHERE client_message_id IS NOT NULL;
CREATE INDEX messages_search ON messages USING gin (search);

-- Who was mentioned where: for the counts beside a stream.
CREATE TABLE message_mentions (
    user_id    text NOT NULL,
    stream_id  text NOT NULL,
    seq        bigint NOT NULL,
    message_id text NOT NULL REFERENCES messages,
    PRIMARY KEY (user_id, stream_id, seq)
);

-- The timeline. Message events are rendered from the message as it is now (a deleted text must not return), lifecycle events
-- keep the session as it was, printed without its trigger, which is likewise added when they are read.
CREATE TABLE stream_events (
    stream_id   text NOT NULL REFERENCES streams,
    seq         bigint NOT NULL,
    type        text NOT NULL,              -- the SSE name
    update_type text,                       -- message:updated: content | reply_count
    actor_id    text,                       -- usr_… or per_…
    message_id  text,
    session_id  text,
    session     text,
    created_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (stream_id, seq)
);
CREATE INDEX stream_events_message ON stream_events (message_id) WHERE message_id IS NOT NULL;

-- Sessions and their steps. `last_seq` is the session room's gapless counter: it is raised only in a statement that writes
-- the row of that number, a session_events row or a step's start_seq or end_seq.
-- No index on heartbeat_at, last_seq, step_count or current_step_type, and half-filled pages: every step rewrites the session's row in place (HOT).
-- Ids of sessions are compared in the collation "C", in which a range of them is a span of time: the tables below are partitioned by it.

CREATE TABLE agent_sessions (
    id                  text COLLATE "C" PRIMARY KEY,
    workspace_id        text NOT NULL REFERENCES workspaces,
    stream_id           text REFERENCES streams,
    parent_stream_id    text,               -- of a thread: copied from the stream, which never changes them
    parent_message_id   text,
    persona_id          text NOT NULL REFERENCES personas,
    title               text,
    trigger_message_id  text,
    chain_id            text COLLATE "C" NOT NULL,      -- the first attempt's id
    retry_of            text COLLATE "C" REFERENCES agent_sessions,
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

-- What a session consists of, partitioned by range of its id: a quarter's sessions lie together, and when all of them are pruned their
-- partition is dropped. Statements name the session, so that they touch one partition. Ids of other times lie in a default
-- partition. functions/partitions.sql makes the partitions, with the storage parameters that partitioned tables refuse.

-- The session's own lifecycle events (requested, started, completed, failed, cancelled) in its room.
CREATE TABLE session_events (
    session_id text COLLATE "C" NOT NULL REFERENCES agent_sessions,
    seq        bigint NOT NULL,
    type       text NOT NULL,               -- the SSE name
    session    text NOT NULL,               -- printed, without its trigger
    PRIMARY KEY (session_id, seq)
) PARTITION BY RANGE (session_id);

-- JSON columns are text: they were validated when written and pass through as they are.
CREATE TABLE steps (
    session_id     text COLLATE "C" NOT NULL REFERENCES agent_sessions,
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
) PARTITION BY RANGE (session_id);
CREATE INDEX steps_seq ON steps (session_id, seq);
CREATE INDEX steps_message ON steps (session_id, message_id) WHERE message_id IS NOT NULL;

-- What a session has quoted, each source once: by URL, or by message, or by title.
CREATE TABLE session_sources (
    session_id text COLLATE "C" NOT NULL REFERENCES agent_sessions,
    key        text NOT NULL,
    PRIMARY KEY (session_id, key)
) PARTITION BY RANGE (session_id);

-- Who calls: what who_calls() in functions/access.sql returns.
CREATE TYPE caller AS (
    id         text,        -- usr_… or per_…
    credential text,        -- lgn_… or tok_…
    role       text,        -- in the workspace: admin, member or persona
    refused    integer      -- the HTTP status of a refusal; NULL: go on
);

-- A session's change of status: the columns that store/notify.h reads, in its order.
CREATE TYPE session_news AS (
    session_id text, session_seq bigint, workspace_id text, persona_id text, stream_id text, stream_seq bigint, at timestamptz,
    actor_object text, parent_stream_id text, parent_message_id text, root_id text, root_last_seq bigint, others_active bigint,
    followers text, session text);

-- What a verb answers: first the answer, then what is to be told after the commit, a row each (store/notify.h).
CREATE TYPE told AS (
    kind text,          -- answer, event, session, activity or person
    code integer,       -- answer: the HTTP status
    id   text,          -- event: the stream; person: the user
    seq  bigint,        -- event: its number
    name text,          -- event, person: the event's name; answer: the code of a problem
    body text,          -- event: its data; person: the members behind "room"; answer: the object, or what the problem carries
    news session_news   -- session; of an activity only the root's part
);

-- The outcome of a verb of an import: 201 made, 200 there already, 404 and what is missing.
CREATE TYPE imported AS (code integer, missing text);
