-- Read-only links of sessions, and ratings. A workspace may do without the links.
ALTER TABLE workspaces ADD COLUMN sharing boolean NOT NULL DEFAULT true;

-- The link holds the secret, behind its #; the table its SHA-256. A share is good for as long as its maker may post where the session is
-- (functions/share.sql).
CREATE TABLE shares (
    id           text PRIMARY KEY,          -- shr_…
    workspace_id text NOT NULL REFERENCES workspaces,
    session_id   text COLLATE "C" NOT NULL REFERENCES agent_sessions,
    made_by      text NOT NULL REFERENCES users,
    hash         bytea NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    expires_at   timestamptz NOT NULL,
    revoked_at   timestamptz
);
CREATE INDEX shares_session ON shares (session_id);
CREATE INDEX shares_workspace ON shares (workspace_id, id);

-- What the secret is exchanged for: it opens the share for some minutes, and is no use for another ticket.
CREATE TABLE share_tickets (
    hash       bytea PRIMARY KEY,
    share_id   text NOT NULL REFERENCES shares ON DELETE CASCADE,
    expires_at timestamptz NOT NULL
);
CREATE INDEX share_tickets_share ON share_tickets (share_id, expires_at);
CREATE INDEX share_tickets_expiry ON share_tickets (expires_at);

-- What people and evaluators think of a session, of one of its steps, or of a message that its agent wrote: one rating a rater, target
-- and name. A person's has no name.
CREATE TABLE ratings (
    id         text PRIMARY KEY,            -- rat_…
    session_id text COLLATE "C" NOT NULL REFERENCES agent_sessions,
    target     text NOT NULL,               -- ses_… stp_… msg_…
    rater_id   text NOT NULL,               -- usr_… or per_…
    name       text NOT NULL DEFAULT '',    -- of what was measured
    thumb      smallint CHECK (thumb IN (-1, 1)),
    score      double precision,
    note       text,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    UNIQUE (session_id, target, rater_id, name)
);
CREATE INDEX ratings_rater ON ratings (rater_id);

-- Their sums, which lists show and filter by.
ALTER TABLE agent_sessions
    ADD COLUMN thumbs_up   integer NOT NULL DEFAULT 0,
    ADD COLUMN thumbs_down integer NOT NULL DEFAULT 0,
    ADD COLUMN notes       integer NOT NULL DEFAULT 0,
    ADD COLUMN scores      text;            -- printed JSON: the mean of each name

-- change_session() takes its place, for people too (functions/change_session.sql).
DROP FUNCTION IF EXISTS patch_session(text, text, text, json);
