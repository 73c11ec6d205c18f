-- A restored database is another one than that which it was copied from.

-- False in a copy: the programs refuse to work with it until draw_epoch() has made it a database of its own.
CREATE OR REPLACE FUNCTION epoch_holds() RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM epoch e, pg_control_system() s, pg_database d
                   WHERE d.datname = current_database() AND e.system_identifier = s.system_identifier
                   AND e.database_oid = d.oid)
$$;

-- 30 random bits in Crockford's base 32. The bytes of the identifier that are used are all random.
CREATE OR REPLACE FUNCTION draw_epoch() RETURNS text LANGUAGE sql VOLATILE AS $$
    INSERT INTO epoch (name, system_identifier, database_oid)
    SELECT (SELECT string_agg(substr('0123456789ABCDEFGHJKMNPQRSTVWXYZ', 1 + (get_byte(random, i) & 31), 1), '')
            FROM uuid_send(gen_random_uuid()) random, generate_series(0, 5) i), s.system_identifier, d.oid
    FROM pg_control_system() s, pg_database d WHERE d.datname = current_database()
    ON CONFLICT (one) DO UPDATE SET name = excluded.name, system_identifier = excluded.system_identifier,
        database_oid = excluded.database_oid, drawn_at = clock_timestamp()
    RETURNING name
$$;
