-- The table of sessions. Its statements are put together from the constants below and planned for the values at hand: which index is
-- best depends on what is asked for, and a plan for all values would be right for one of them. Values are parameters: $1 is what is
-- asked for, $2 the reader's reach.

CREATE OR REPLACE FUNCTION session_reach_of(reader text, workspace text) RETURNS session_reach LANGUAGE plpgsql STABLE AS $$
DECLARE
    most CONSTANT integer := 2000;
    r session_reach;
BEGIN
    r.reader := reader;
    r.workspace := workspace;
    r.is_member := EXISTS (SELECT FROM workspace_members w WHERE w.workspace_id = workspace AND w.user_id = reader);
    r.roots := ARRAY(SELECT roots_readable_by(reader, workspace));
    -- In the order of their index: otherwise it is taken for granted that they soon come among all others.
    r.few := ARRAY(SELECT x.id FROM agent_sessions x
                   WHERE x.workspace_id = workspace AND x.stream_id IS NULL AND (r.is_member OR x.persona_id = reader)
                   ORDER BY x.persona_id LIMIT most + 1);
    IF cardinality(r.few) <= most THEN
        r.few := r.few || ARRAY(SELECT x.id FROM unnest(r.roots) root JOIN streams t ON t.root_id = root
                                JOIN agent_sessions x ON x.stream_id = t.id LIMIT most + 1);
    END IF;
    IF cardinality(r.few) > most THEN
        r.few := NULL;
    END IF;
    RETURN r;
END $$;

-- The condition that `asked` makes of a session x. `among`: those that are settled, those that are not, or all.
CREATE OR REPLACE FUNCTION session_list_filter(asked session_query, among text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RETURN concat(
        'x.workspace_id = ($2).workspace',
        CASE among WHEN 'settled' THEN ' AND x.settled_duration_us IS NOT NULL' WHEN 'unsettled' THEN ' AND x.settled_duration_us IS NULL' END,
        CASE WHEN cardinality(asked.statuses) = 1 THEN ' AND x.status = (($1).statuses)[1]'
             WHEN asked.statuses IS NOT NULL THEN ' AND x.status = ANY (($1).statuses)' END,
        CASE WHEN asked.stream_id IS NOT NULL THEN ' AND (x.stream_id = ($1).stream_id OR x.parent_stream_id = ($1).stream_id)' END,
        CASE WHEN asked.persona_id IS NOT NULL THEN ' AND x.persona_id = ($1).persona_id' END,
        CASE WHEN asked.model IS NOT NULL THEN
            CASE among WHEN 'settled' THEN ' AND x.settled_model = ($1).model'
                       WHEN 'unsettled' THEN ' AND x.usage_model = ($1).model'
                       ELSE ' AND (x.settled_model = ($1).model OR x.settled_duration_us IS NULL AND x.usage_model = ($1).model)' END END,
        CASE WHEN asked.tag IS NOT NULL THEN ' AND x.tag_list @> ARRAY[($1).tag]' END,
        CASE asked.rating WHEN 'up' THEN ' AND x.thumbs_up > 0'
                          WHEN 'down' THEN ' AND x.thumbs_down > 0'
                          WHEN 'any' THEN ' AND (x.thumbs_up > 0 OR x.thumbs_down > 0 OR x.notes > 0 OR x.scores IS NOT NULL)' END,
        CASE WHEN asked.external_id IS NOT NULL THEN ' AND x.external_id = ($1).external_id' END,
        CASE WHEN asked.from_us IS NOT NULL THEN ' AND x.began_us >= ($1).from_us' END,
        CASE WHEN asked.to_us IS NOT NULL THEN ' AND x.began_us < ($1).to_us' END);
END $$;

-- The condition that x may be read: can_read_session() by sets.
CREATE OR REPLACE FUNCTION session_list_readable(reach session_reach) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RETURN CASE WHEN reach.few IS NOT NULL THEN 'x.id = ANY (($2).few)' ELSE
        '(x.stream_id IS NULL AND (($2).is_member OR x.persona_id = ($2).reader) '
        'OR coalesce(x.parent_stream_id, x.stream_id) IN (SELECT unnest(($2).roots)))' END;
END $$;

-- How far an index of the order is worth following until those are found that are asked for; NULL: so few fit, by the planner's estimate,
-- that all of them are read and sorted at once. Both are cheaper for each where the indexes alone tell what is asked for, and following the
-- index takes about ten times as long for each as reading all that fit, which lie together. VOLATILE, as all that call it, because
-- EXPLAIN may stand in no other.
CREATE OR REPLACE FUNCTION session_list_walk(asked session_query, reach session_reach) RETURNS integer LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    farthest CONSTANT integer := 50000;
    by_indexes CONSTANT boolean := num_nonnulls(asked.tag, asked.rating, asked.stream_id) = 0;
    plan json;
    fit double precision;
BEGIN
    IF reach.few IS NOT NULL OR asked.external_id IS NOT NULL OR asked.statuses <@ '{pending,running}' THEN
        RETURN NULL;
    ELSIF num_nonnulls(asked.statuses, asked.stream_id, asked.persona_id, asked.model, asked.tag, asked.rating, asked.from_us, asked.to_us) = 0 THEN
        RETURN farthest;
    END IF;
    EXECUTE format('EXPLAIN (FORMAT json) SELECT FROM agent_sessions x WHERE %s', session_list_filter(asked, 'all')) INTO plan USING asked, reach;
    fit := (plan #>> '{0,Plan,Plan Rows}')::double precision;
    RETURN CASE WHEN fit > CASE WHEN by_indexes THEN 100000 ELSE 20000 END
                THEN least(farthest, fit / CASE WHEN by_indexes THEN 10 ELSE 2 END) END;
END $$;

-- CTEs of those that have ended and have the value that is sorted by (rank 0), or none (1): `part_0` or `part_1`, in order. An index has them
-- in this order, and `walk` goes along it; but where those that are asked for come last in it, it would read all others first. So it
-- passes `walked` of them and no more, and if it has not found enough by then, all that are asked for are read and sorted: `sorted`.
CREATE OR REPLACE FUNCTION session_list_part(rank integer, gate text, key text, walk text, filter text, sorted text, way text, walked integer,
                                             most integer) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RETURN format(
        'walked_%1$s AS MATERIALIZED (SELECT %1$s AS rank, x.%2$I AS key, x.id FROM (%3$s LIMIT %4$s) x '
        'WHERE %5$s AND %6$s ORDER BY x.%2$I %7$s, x.id %7$s LIMIT %8$s), '
        'cut_%1$s AS MATERIALIZED (SELECT CASE WHEN %6$s AND (SELECT count(*) FROM walked_%1$s) < %8$s THEN EXISTS (%3$s OFFSET %4$s) '
        'ELSE false END AS is_cut), '
        'part_%1$s AS (SELECT * FROM walked_%1$s WHERE NOT (SELECT is_cut FROM cut_%1$s) '
        'UNION ALL SELECT * FROM %9$s s WHERE (SELECT is_cut FROM cut_%1$s))',
        rank, key, walk, walked, filter, gate, way, most, sorted);
END $$;

-- The sessions in their order: rows of (rank, key, id), of which no more than `most` are asked for. They come from up to three parts, each
-- in order: those that have ended and have the value that is sorted by; those that have not ended, computed; and those that have ended
-- without one, which come last in either direction (rank 1). A small list is sorted as a whole: its rank is computed, so that no
-- index of the order fits.
CREATE OR REPLACE FUNCTION session_list_order(asked session_query, reach session_reach, most integer) RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    settled CONSTANT text := CASE asked.sort WHEN 'duration' THEN 'settled_duration_us' WHEN 'tokens' THEN 'settled_tokens'
                                             WHEN 'cost' THEN 'settled_cost_usd' ELSE 'began_us' END;
    now_is CONSTANT text := CASE asked.sort
        WHEN 'duration' THEN 'CASE WHEN x.completed_at IS NOT NULL THEN (session_settled(x, x.completed_at)).duration_us '
                             'WHEN x.status = ''running'' THEN greatest(0, ($1).at_us - x.began_us) ELSE -1 END'
        WHEN 'tokens' THEN 'coalesce(session_tokens(x), -1)'
        WHEN 'cost' THEN 'coalesce(x.cost_usd, -1)'
        ELSE 'x.began_us' END;
    after_key CONSTANT text := CASE asked.sort WHEN 'cost' THEN '($1).after_key::numeric' ELSE '($1).after_key::bigint' END;
    way CONSTANT text := CASE WHEN asked.ascending THEN 'ASC' ELSE 'DESC' END;
    beyond CONSTANT text := CASE WHEN asked.ascending THEN '>' ELSE '<' END;
    readable CONSTANT text := session_list_readable(reach);
    among_settled CONSTANT text := format('%s AND %s', session_list_filter(asked, 'settled'), readable);
    computed CONSTANT text := format(
        '(SELECT rank, key, id FROM (SELECT (key < 0)::integer AS rank, key, id '
        'FROM (SELECT %%s AS key, x.id FROM agent_sessions x WHERE %%s AND %s) c) r WHERE %s ORDER BY rank, key %s, id %s LIMIT %s)',
        readable,
        CASE asked.after_rank WHEN 0 THEN format('rank = 1 OR (key, id) %s (%s, ($1).after_id)', beyond, after_key)
                              WHEN 1 THEN format('rank = 1 AND id %s ($1).after_id', beyond) ELSE 'true' END,
        way, way, most);
    unsettled CONSTANT text := format(computed, now_is, session_list_filter(asked, 'unsettled'));
    walked CONSTANT integer := session_list_walk(asked, reach) + most;
    times CONSTANT text := concat(CASE WHEN settled = 'began_us' AND asked.from_us IS NOT NULL THEN ' AND x.began_us >= ($1).from_us' END,
                                  CASE WHEN settled = 'began_us' AND asked.to_us IS NOT NULL THEN ' AND x.began_us < ($1).to_us' END);
    walk CONSTANT text := format('SELECT * FROM agent_sessions x WHERE x.workspace_id = ($2).workspace AND x.%1$I %%s AND %%s%3$s '
                                 'ORDER BY x.%1$I %2$s, x.id %2$s', settled, way, times);
BEGIN
    IF walked IS NULL THEN
        -- The model of one that has not ended is in no index.
        RETURN CASE WHEN settled = 'began_us' AND asked.model IS NULL THEN format(computed, now_is, session_list_filter(asked, 'all')) ELSE format(
            'SELECT * FROM (%s UNION ALL %s) parts ORDER BY rank, key %s, id %s LIMIT %s',
            format(computed, 'x.' || settled, session_list_filter(asked, 'settled')), unsettled, way, way, most) END;
    END IF;
    RETURN format(
        'WITH unsettled AS MATERIALIZED (SELECT * FROM %s u)%s, valued AS MATERIALIZED (SELECT * FROM unsettled%s)%s '
        'SELECT * FROM (SELECT * FROM valued%s) parts ORDER BY rank, key %s, id %s LIMIT %s',
        unsettled,
        CASE WHEN asked.after_rank IS DISTINCT FROM 1 THEN ', ' || session_list_part(
            0, 'true', settled,
            format(walk, '>= 0', CASE WHEN asked.after_rank = 0 THEN format('(x.%I, x.id) %s (%s, ($1).after_id)', settled, beyond, after_key) ELSE 'true' END),
            among_settled, format(computed, 'x.' || settled, format('%s AND x.%I >= 0', session_list_filter(asked, 'settled'), settled)), way, walked, most) END,
        CASE WHEN asked.after_rank IS DISTINCT FROM 1 THEN ' UNION ALL SELECT * FROM part_0' END,
        -- Only where the others leave room.
        CASE WHEN settled <> 'began_us' THEN ', ' || session_list_part(
            1, format('(SELECT count(*) FROM valued WHERE rank = 0) < %s', most), settled,
            format(walk, '= -1', CASE WHEN asked.after_rank = 1 THEN format('x.id %s ($1).after_id', beyond) ELSE 'true' END),
            among_settled, format(computed, 'x.' || settled, format('%s AND x.%I = -1', session_list_filter(asked, 'settled'), settled)), way, walked, most) END,
        CASE WHEN settled <> 'began_us' THEN ' UNION ALL SELECT * FROM part_1' END,
        way, way, most);
END $$;

-- The order, and whether the text that is looked for stands in a session's title, its persona's name or its trigger, whatever the case.
-- Nothing but a number of sessions that are looked at bounds what has to be read when it is rare.
CREATE OR REPLACE FUNCTION session_list_looked_at() RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT 4000 $$;

CREATE OR REPLACE FUNCTION session_list_search(asked session_query, reach session_reach) RETURNS text LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    RETURN format(
        'SELECT o.rank, o.key, o.id, strpos(lower(concat_ws('' '', x.title, (SELECT p.name FROM personas p WHERE p.id = x.persona_id), '
        '(SELECT m.content FROM messages m WHERE m.id = x.trigger_message_id))), lower(($1).text)) > 0 AS is_hit '
        'FROM (%s) o JOIN agent_sessions x ON x.id = o.id', session_list_order(asked, reach, session_list_looked_at()));
END $$;

-- A page and one row more, if there are more. A last row without a session is the place up to which a text was looked for.
CREATE OR REPLACE FUNCTION session_list(asked session_query, reach session_reach)
RETURNS TABLE (session text, rank integer, key text, id text) LANGUAGE plpgsql VOLATILE ROWS 50 AS $$
DECLARE
    in_order CONSTANT text := CASE WHEN asked.ascending THEN 'rank, key ASC, id ASC' ELSE 'rank, key DESC, id DESC' END;
BEGIN
    IF asked.text IS NULL THEN
        RETURN QUERY EXECUTE format(
            'SELECT (SELECT session_json(x) FROM agent_sessions x WHERE x.id = o.id), rank, key::text AS printed_key, id FROM (%s) o ORDER BY %s',
            session_list_order(asked, reach, asked.page_size + 1), in_order)
        USING asked, reach;
        RETURN;
    END IF;
    RETURN QUERY EXECUTE format(
        'WITH seen AS MATERIALIZED (%s), hit AS MATERIALIZED (SELECT * FROM seen WHERE is_hit ORDER BY %s LIMIT ($1).page_size + 1) '
        '(SELECT (SELECT session_json(x) FROM agent_sessions x WHERE x.id = hit.id), rank, key::text AS printed_key, id FROM hit ORDER BY %s) '
        'UNION ALL (SELECT NULL, rank, key::text AS printed_key, id FROM seen '
        'WHERE (SELECT count(*) FROM seen) = %s AND (SELECT count(*) FROM hit) <= ($1).page_size ORDER BY %s OFFSET %s - 1)',
        session_list_search(asked, reach), in_order, in_order, session_list_looked_at(), in_order, session_list_looked_at())
    USING asked, reach;
END $$;

-- How many there are, from the first on. `is_least`: counting ended before they did.
CREATE OR REPLACE FUNCTION session_list_count(asked session_query, reach session_reach, OUT total integer, OUT is_least boolean)
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    most CONSTANT integer := 1000;
BEGIN
    IF asked.text IS NULL THEN
        -- In two parts, because those that have ended are counted by an index alone.
        EXECUTE (SELECT format('SELECT count(*) FROM (%s LIMIT %s) counted',
                               string_agg(format('SELECT FROM agent_sessions x WHERE %s AND %s', session_list_filter(asked, among),
                                                 session_list_readable(reach)), ' UNION ALL '), most + 1)
                 FROM unnest('{settled,unsettled}'::text[]) among)
        INTO total USING asked, reach;
        is_least := total > most;
    ELSE
        asked.after_rank := NULL;
        EXECUTE format('SELECT count(*) FILTER (WHERE is_hit), count(*) = %s FROM (%s) seen', session_list_looked_at(), session_list_search(asked, reach))
        INTO total, is_least USING asked, reach;
        is_least := is_least OR total > most;
    END IF;
    total := least(total, most);
END $$;
