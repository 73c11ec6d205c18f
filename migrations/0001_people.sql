-- Workspaces, the people and personas in them, and what they sign in with.
-- Ids are a prefix and a ULID; whoever inserts makes them. Texts that a client may choose are bounded in the program, not here.

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

-- What ended for whom: live streams that were authorised before (or shortly after) `at` are closed by the pushers.
-- The trigger puts the NOTIFY into the transaction that revokes.
CREATE TABLE revocations (
    principal text NOT NULL,                -- usr_… per_… lgn_… tok_…
    at        timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX revocations_at ON revocations (at);

CREATE FUNCTION notify_revocation() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('trace_revocations', NEW.principal);
    RETURN NULL;
END $$;
CREATE TRIGGER revocations_notify AFTER INSERT ON revocations FOR EACH ROW EXECUTE FUNCTION notify_revocation();
