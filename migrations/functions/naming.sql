-- Ids, and what names turn into: slugs and initials.

-- The ten digits that begin the ULIDs of a millisecond. What sorts before them (in the collation "C") was made before.
CREATE OR REPLACE FUNCTION ulid_time(t timestamptz) RETURNS text LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    ms CONSTANT bigint := floor(extract(epoch FROM t) * 1000);
BEGIN
    RETURN (SELECT string_agg(substr('0123456789ABCDEFGHJKMNPQRSTVWXYZ', ((ms >> (5 * i)) & 31)::integer + 1, 1), '' ORDER BY i DESC)
            FROM generate_series(0, 9) i);
END $$;

-- A ULID with a prefix, as base/id.h makes them: milliseconds and 80 random bits.
CREATE OR REPLACE FUNCTION new_id(prefix text) RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    digits CONSTANT text := '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
    -- Of a random UUID the bytes 6 and 8 carry its version and variant: they are left out.
    random bytea := substr(uuid_send(gen_random_uuid()), 10, 7) || substr(uuid_send(gen_random_uuid()), 10, 7)
                    || substr(uuid_send(gen_random_uuid()), 1, 2);
    id text := ulid_time(clock_timestamp());
BEGIN
    FOR i IN 0..15 LOOP
        id := id || substr(digits, (get_byte(random, i) & 31) + 1, 1);
    END LOOP;
    RETURN prefix || '_' || id;
END $$;

-- What one types after "@", made from a name: letters without their accents, digits, and hyphens between words.
CREATE OR REPLACE FUNCTION slug_of(name text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT coalesce(nullif(left(trim(BOTH '-' FROM regexp_replace(
        regexp_replace(normalize(lower(replace(name, 'ß', 'ss')), NFD), '[\u0300-\u036f]', '', 'g'), '[^a-z0-9]+', '-', 'g')), 40), ''), 'someone')
$$;

-- The first of wanted, wanted-2, wanted-3 … that nobody in the workspace has; `exact`: wanted or NULL. It holds the workspace's row
-- until the transaction ends, so two who ask at once get two answers.
CREATE OR REPLACE FUNCTION free_slug(workspace text, wanted text, exact boolean DEFAULT false) RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    base text := slug_of(wanted);
    found text := base;
    n integer := 1;
BEGIN
    PERFORM FROM workspaces WHERE id = workspace FOR NO KEY UPDATE;
    WHILE EXISTS (SELECT FROM workspace_members m WHERE m.workspace_id = workspace AND m.slug = found)
          OR EXISTS (SELECT FROM personas p WHERE p.workspace_id = workspace AND p.slug = found) LOOP
        IF exact THEN
            RETURN NULL;
        END IF;
        n := n + 1;
        found := base || '-' || n;
    END LOOP;
    RETURN found;
END $$;

-- An avatar until somebody chooses one: the first letters of the first two words.
CREATE OR REPLACE FUNCTION initials(name text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT upper(left(split_part(trim(name), ' ', 1), 1) || left(split_part(trim(name), ' ', 2), 1))
$$;
