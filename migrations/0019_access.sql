-- Rules of a workspace: what is taken out of texts before they are kept, and how long what agents did is kept; people who sign in by
-- another service; when a token was last used.

-- functions/redaction.sql changes them; base/redactor.h says what a rule does.
CREATE TABLE redaction_rules (
    workspace_id text NOT NULL REFERENCES workspaces,
    name         text NOT NULL CHECK (name ~ '^[a-z0-9][a-z0-9-]{0,39}$'),
    pattern      text NOT NULL,             -- in the syntax of RE2
    changed_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (workspace_id, name)
);

-- functions/retention.sql changes and applies them. The rule of a channel or scratchpad replaces the workspace's for its days; a hold of
-- either keeps everything.
CREATE TABLE retention_rules (
    workspace_id text NOT NULL REFERENCES workspaces,
    stream_id    text REFERENCES streams,   -- NULL: the workspace's
    days         integer CHECK (days BETWEEN 1 AND 36500),  -- NULL: for ever
    held         boolean NOT NULL DEFAULT false,
    changed_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    UNIQUE NULLS NOT DISTINCT (workspace_id, stream_id)
);
-- Sessions that have ended and still have their steps, the oldest first. Only its end and its pruning change a session's entry.
CREATE INDEX agent_sessions_kept ON agent_sessions (workspace_id, completed_at) WHERE completed_at IS NOT NULL AND pruned_at IS NULL;

-- Whom another service knows under which name: a person has one there. Nobody is linked by an address that the service has not verified.
CREATE TABLE user_identities (
    issuer     text NOT NULL,               -- as the service names itself (OpenID Connect)
    subject    text NOT NULL,
    user_id    text NOT NULL REFERENCES users,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (issuer, subject)
);
CREATE UNIQUE INDEX user_identities_user ON user_identities (user_id, issuer);

-- What the service has published of itself, for all workers: its metadata and its keys.
CREATE TABLE oidc_providers (
    issuer      text PRIMARY KEY,
    metadata    text NOT NULL,
    keys        text NOT NULL,
    read_at     timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- In a table of its own, because requests do not write the row of their token.
CREATE TABLE token_uses (
    token_id text PRIMARY KEY REFERENCES tokens ON DELETE CASCADE,
    used_at  timestamptz NOT NULL
) WITH (fillfactor = 50);
