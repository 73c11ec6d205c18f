-- Which database this is. Clients' positions name the epoch; a copy that was restored elsewhere has another system identifier
-- or oid, and draws a new epoch before anybody works with it (functions/epoch.sql).
CREATE TABLE epoch (
    one               boolean PRIMARY KEY DEFAULT true CHECK (one),
    name              text NOT NULL CHECK (name ~ '^[0-9A-HJKMNP-TV-Z]{6}$'),
    system_identifier bigint NOT NULL,
    database_oid      oid NOT NULL,
    drawn_at          timestamptz NOT NULL DEFAULT clock_timestamp());

INSERT INTO epoch (name, system_identifier, database_oid)
SELECT (SELECT string_agg(substr('0123456789ABCDEFGHJKMNPQRSTVWXYZ', 1 + (get_byte(random, i) & 31), 1), '')
        FROM uuid_send(gen_random_uuid()) random, generate_series(0, 5) i),
       s.system_identifier, d.oid
FROM pg_control_system() s, pg_database d WHERE d.datname = current_database();

-- People come and go. Who is deactivated cannot sign in; who was erased has left no name and no address.
ALTER TABLE users ADD COLUMN deactivated_at timestamptz, ADD COLUMN erased_at timestamptz;
CREATE INDEX login_sessions_user ON login_sessions (user_id);

-- A token may end by itself, and says what it is for.
ALTER TABLE tokens ADD COLUMN label text, ADD COLUMN expires_at timestamptz;

-- Who did what to whom: rows are added and never changed (functions/audit.sql). Ids only, so that erasing a person leaves
-- nothing of them here.
CREATE TABLE audit_log (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at           timestamptz NOT NULL DEFAULT clock_timestamp(),
    actor        text NOT NULL,             -- "shell:root", of the machine that trace-admin ran on
    action       text NOT NULL,
    subject      text,                      -- usr_… tok_… ws_…
    workspace_id text,
    details      json NOT NULL DEFAULT '{}');
