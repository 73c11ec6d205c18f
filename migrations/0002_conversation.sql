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
