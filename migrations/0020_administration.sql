-- What a workspace's admins see and do in the page.

-- People who were invited by a link and have not come yet. The link holds the secret, the table its SHA-256; whoever comes takes the row
-- with them, so that it is good once and no address stays behind.
-- The table stays small.
CREATE TABLE invites (
    id           text PRIMARY KEY,          -- inv_…
    workspace_id text NOT NULL REFERENCES workspaces,
    email        text NOT NULL,
    role         text NOT NULL CHECK (role IN ('admin', 'member')),
    hash         bytea NOT NULL,
    invited_by   text NOT NULL REFERENCES users,
    created_at   timestamptz NOT NULL DEFAULT now(),
    expires_at   timestamptz NOT NULL);
CREATE INDEX invites_workspace ON invites (workspace_id);

-- When a person last had a workspace open, to five minutes: apart from the rows that requests read to know who calls.
CREATE TABLE last_seen (
    workspace_id text NOT NULL REFERENCES workspaces,
    user_id      text NOT NULL REFERENCES users,
    at           timestamptz NOT NULL,
    PRIMARY KEY (user_id, workspace_id)
) WITH (fillfactor = 50);

-- A workspace's entries, and with NULL those that concern a person in all of theirs, the newest first.
CREATE INDEX audit_log_workspace ON audit_log (workspace_id, id);
