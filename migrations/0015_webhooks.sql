-- Other services that are told of sessions: where, of what, and what is still to be delivered.
-- Admins make webhooks by hand: their table stays small.

CREATE TABLE webhooks (
    id           text COLLATE "C" PRIMARY KEY,
    workspace_id text NOT NULL REFERENCES workspaces,
    maker_id     text NOT NULL REFERENCES users,    -- it is told of what this person may read
    url          text NOT NULL,
    events       text[] NOT NULL,
    secret       text NOT NULL,                     -- as its maker was shown it; deliveries are signed with it
    created_at   timestamptz NOT NULL DEFAULT now(),
    stopped_at   timestamptz,                       -- its receiver has answered that it is gone
    delivered_at timestamptz,                       -- the last time
    last_error   text                               -- of the last attempt, unless it was a success
);
CREATE INDEX webhooks_workspace ON webhooks (workspace_id);

-- A row goes once it is delivered or given up. Whoever delivers it moves due_at on first, so that another one takes it up if that
-- program dies: a receiver may see it twice, under the same id.
CREATE TABLE webhook_deliveries (
    id         text COLLATE "C" PRIMARY KEY,
    webhook_id text COLLATE "C" NOT NULL REFERENCES webhooks ON DELETE CASCADE,
    type       text NOT NULL,
    session_id text COLLATE "C" NOT NULL,
    step_id    text COLLATE "C",                    -- that asks for a decision
    at         timestamptz NOT NULL DEFAULT clock_timestamp(),
    attempts   integer NOT NULL DEFAULT 0,
    due_at     timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (due_at);
CREATE INDEX webhook_deliveries_webhook ON webhook_deliveries (webhook_id);
