-- From 0020, where the numbering of before ended, to what 0001_baseline.sql makes: the collation of sessions' ids, and the partitions.
-- It runs in one transaction with the later migrations and the functions, of which it uses naming.sql and partitions.sql; programs that
-- run meanwhile wait, and go on with what they had prepared. Rows are moved, so that no partition begins with another's dead ones.

LOCK TABLE agent_sessions, session_events, session_sources, steps IN ACCESS EXCLUSIVE MODE;

-- Its argument has the type of a row of the old table.
DROP FUNCTION session_event_json(session_events);

ALTER TABLE session_events RENAME TO session_events_before;
ALTER TABLE session_sources RENAME TO session_sources_before;
ALTER TABLE steps RENAME TO steps_before;
DROP INDEX steps_seq, steps_message;
ALTER TABLE session_events_before DROP CONSTRAINT session_events_pkey, DROP CONSTRAINT session_events_session_id_fkey;
ALTER TABLE session_sources_before DROP CONSTRAINT session_sources_pkey, DROP CONSTRAINT session_sources_session_id_fkey;
ALTER TABLE steps_before DROP CONSTRAINT steps_pkey, DROP CONSTRAINT steps_session_id_fkey, DROP CONSTRAINT steps_session_id_step_number_key;

ALTER TABLE agent_sessions
    ALTER COLUMN id TYPE text COLLATE "C",
    ALTER COLUMN chain_id TYPE text COLLATE "C",
    ALTER COLUMN retry_of TYPE text COLLATE "C";

CREATE TABLE session_events (
    session_id text COLLATE "C" NOT NULL REFERENCES agent_sessions,
    seq        bigint NOT NULL,
    type       text NOT NULL,
    session    text NOT NULL,
    PRIMARY KEY (session_id, seq)
) PARTITION BY RANGE (session_id);

CREATE TABLE steps (
    session_id     text COLLATE "C" NOT NULL REFERENCES agent_sessions,
    id             text NOT NULL,
    step_number    integer NOT NULL,
    step_type      text NOT NULL,
    name           text,
    parent_step_id text,
    failed         boolean NOT NULL DEFAULT false,
    start_seq      bigint NOT NULL,
    end_seq        bigint,
    seq            bigint NOT NULL,
    start_content  text,
    start_length   integer,
    content        text,
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

CREATE TABLE session_sources (
    session_id text COLLATE "C" NOT NULL REFERENCES agent_sessions,
    key        text NOT NULL,
    PRIMARY KEY (session_id, key)
) PARTITION BY RANGE (session_id);

-- A quarter each for the sessions that there are, as far back as a table should have partitions; older ones lie in the default partition.
SELECT make_partition(parent, quarter)
FROM (VALUES ('session_events'), ('session_sources'), ('steps')) p(parent),
     (SELECT quarter_of(now() - make_interval(months => 3 * n)) AS quarter FROM generate_series(0, 9) n) q
WHERE EXISTS (SELECT FROM agent_sessions s
              WHERE s.id >= partition_bound(quarter) AND s.id < partition_bound((quarter + interval '3 months')::date));
SELECT make_partitions();

INSERT INTO session_events SELECT * FROM session_events_before;
INSERT INTO session_sources SELECT * FROM session_sources_before;
INSERT INTO steps SELECT * FROM steps_before;
DROP TABLE session_events_before, session_sources_before, steps_before;
