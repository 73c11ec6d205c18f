-- Partitions of what sessions consist of: a quarter each, by the time in the session's id, and one for ids of other times.
--
-- The locks are SHARE ROW EXCLUSIVE on agent_sessions and on the partitioned table, which a new partition's foreign key takes anyway:
-- writers wait, readers do not. A lock is waited for less long than PostgreSQL waits before it looks for deadlocks, so that it is
-- never a writer who is given up for one; whoever called comes again later.

CREATE OR REPLACE FUNCTION quarter_of(t timestamptz) RETURNS date LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT date_trunc('quarter', t AT TIME ZONE 'UTC')::date
$$;

-- The first id of the sessions of a quarter.
CREATE OR REPLACE FUNCTION partition_bound(quarter date) RETURNS text LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
    RETURN 'ses_' || ulid_time(quarter::timestamp AT TIME ZONE 'UTC');
END $$;

CREATE OR REPLACE FUNCTION partition_name(parent text, quarter date) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT parent || coalesce(to_char(quarter, '_YYYY"q"Q'), '_default')
$$;

-- The one function that makes a partition, that of `quarter` or (NULL) the default one; false if it is there. What the default partition
-- has of the quarter moves over in the same transaction, because a partition is refused whose rows lie in the default one.
--
-- Storage parameters are not inherited, nor is the statistics target of a column. Nothing is to be known about which sessions have
-- how many steps: what is known when a plan is made is wrong when a new session has grown. One that the statistics had not seen
-- was taken for one step, so that any index of its session was as good as the key, and each look at a step read all the session's
-- steps: seconds for thousands of them. Without statistics a session is one 200th of its partition.
CREATE OR REPLACE FUNCTION make_partition(parent text, quarter date) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    made CONSTANT text := partition_name(parent, quarter);
    remains CONSTANT text := partition_name(parent, NULL);
    first CONSTANT text := partition_bound(quarter);
    beyond CONSTANT text := partition_bound((quarter + interval '3 months')::date);
BEGIN
    IF to_regclass(made) IS NOT NULL THEN
        RETURN false;
    END IF;
    LOCK TABLE agent_sessions IN SHARE ROW EXCLUSIVE MODE;
    EXECUTE format('LOCK TABLE %I IN SHARE ROW EXCLUSIVE MODE', parent);
    EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING DEFAULTS)', made, parent);
    IF parent = 'steps' THEN
        EXECUTE format('ALTER TABLE %I SET (fillfactor = 70)', made);
        EXECUTE format('ALTER TABLE %I ALTER COLUMN session_id SET STATISTICS 0', made);
    END IF;
    IF quarter IS NULL THEN
        EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I DEFAULT', parent, made);
        RETURN true;
    END IF;
    PERFORM make_partition(parent, NULL);
    EXECUTE format('WITH moved AS (DELETE FROM %I WHERE session_id >= %L AND session_id < %L RETURNING *)
                    INSERT INTO %I SELECT * FROM moved', remains, first, beyond, made);
    EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', parent, made, first, beyond);
    RETURN true;
END $$;

-- Makes what is missing of the partitions of this quarter and of the next three months. Returns how many; NULL: a lock could not be had
-- now. It is called by programs that may change no schema, for whom it runs with its owner's rights.
CREATE OR REPLACE FUNCTION make_partitions() RETURNS integer LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path FROM CURRENT SET lock_timeout = '500ms' AS $$
DECLARE
    made integer;
BEGIN
    SELECT count(*) INTO made
    FROM (VALUES (quarter_of(now())), (quarter_of(now() + interval '3 months'))) q(quarter),
         (VALUES ('session_events'), ('session_sources'), ('steps')) p(parent)
    WHERE make_partition(parent, quarter);
    RETURN made;
EXCEPTION WHEN lock_not_available THEN
    RETURN NULL;
END $$;

-- Drops one partition that is empty, and whose sessions are all pruned, if its quarter is over: a session that may still be written has
-- its place. Returns its name; NULL: there is none, or a lock could not be had now.
CREATE OR REPLACE FUNCTION drop_partition() RETURNS text LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path FROM CURRENT SET lock_timeout = '1s' AS $$
DECLARE
    parent text;
    quarter date;
    candidate text;
    used boolean;
BEGIN
    FOR parent, quarter, candidate IN
        SELECT p.relname, make_date(substr(right(c.relname, 6), 1, 4)::integer, 3 * right(c.relname, 1)::integer - 2, 1), c.relname
        FROM pg_inherits i JOIN pg_class p ON p.oid = i.inhparent JOIN pg_class c ON c.oid = i.inhrelid
        WHERE i.inhparent IN ('session_events'::regclass, 'session_sources'::regclass, 'steps'::regclass)
          AND c.relname ~ '_\d{4}q[1-4]$'
        ORDER BY c.relname
    LOOP
        CONTINUE WHEN quarter + interval '3 months' > now() - interval '1 day';
        EXECUTE format('SELECT EXISTS (SELECT FROM %I)', candidate) INTO used;
        CONTINUE WHEN used OR EXISTS (
            SELECT FROM agent_sessions s
            WHERE s.id >= partition_bound(quarter) AND s.id < partition_bound((quarter + interval '3 months')::date)
              AND s.pruned_at IS NULL);
        EXECUTE format('LOCK TABLE %I IN ACCESS EXCLUSIVE MODE', parent);
        EXECUTE format('SELECT EXISTS (SELECT FROM %I)', candidate) INTO used;
        CONTINUE WHEN used;
        EXECUTE format('DROP TABLE %I', candidate);
        RETURN candidate;
    END LOOP;
    RETURN NULL;
EXCEPTION WHEN lock_not_available THEN
    RETURN NULL;
END $$;
