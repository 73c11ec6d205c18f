-- How single values are printed in the API's objects. Objects have a function each, so that REST, live events and replay show the
-- same text. concat() leaves out NULLs, and NULL || text is NULL: that is how an absent member is left out. Steps, which are by far
-- the most frequent, are printed by the programs from their columns instead (store/step_json.c).

CREATE OR REPLACE FUNCTION json_time(t timestamptz) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT to_char(t AT TIME ZONE 'UTC', '"\""YYYY-MM-DD"T"HH24:MI:SS.MS"Z\""')
$$;

-- Whole milliseconds between two times, never negative; NULL while there is no end.
CREATE OR REPLACE FUNCTION duration_ms(began timestamptz, ended timestamptz) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN ended IS NOT NULL AND began IS NOT NULL THEN greatest(0, round(extract(epoch FROM ended - began) * 1000))::bigint END
$$;

-- A user or persona as an author or actor: {type,id,name,slug,avatar}.
CREATE OR REPLACE FUNCTION actor_json(actor text, workspace text) RETURNS text LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
DECLARE
    a record;
BEGIN
    IF actor LIKE 'per\_%' THEN
        SELECT 'persona' AS type, name, slug, avatar INTO a FROM personas WHERE id = actor;
    ELSE
        SELECT 'user' AS type, u.name, m.slug, u.avatar INTO a
        FROM users u LEFT JOIN workspace_members m ON m.user_id = u.id AND m.workspace_id = workspace WHERE u.id = actor;
    END IF;
    RETURN concat('{"type":"', a.type, '","id":"', actor, '","name":', to_json(a.name), ',"slug":', to_json(coalesce(a.slug, '')),
                  ',"avatar":', to_json(a.avatar), '}');
END $$;
