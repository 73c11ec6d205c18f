-- What coding agents ask by the Model Context Protocol (cgi/mcp_tools.c): lines of plain text. The first row's `code` is the outcome;
-- `place` is where a next call goes on behind that line.

CREATE OR REPLACE FUNCTION mcp_reader(secret text) RETURNS TABLE (code integer, id text, workspace_id text) LANGUAGE sql STABLE AS $$
    SELECT coalesce((who_calls(secret, true, t.workspace_id, 'read')).refused, 200), t.persona_id, t.workspace_id
    FROM (VALUES (1)) one LEFT JOIN tokens t ON t.hash = sha256(convert_to(secret, 'UTF8')) AND t.revoked_at IS NULL
$$;

-- The beginning of a text, on one line.
CREATE OR REPLACE FUNCTION mcp_cut(said text, most integer) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN length(said) > most THEN left(one, most - 1) || '…' ELSE one END
    FROM regexp_replace(left(said, most + 1), '\s+', ' ', 'g') one
$$;

CREATE OR REPLACE FUNCTION mcp_session_line(s agent_sessions) RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN concat_ws(' | ', s.id, s.status, to_char(s.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
                     duration_ms(s.started_at, s.completed_at) || ' ms', s.step_count || ' steps',
                     coalesce(s.input_tokens, 0) + coalesce(s.output_tokens, 0) || ' tokens',
                     (SELECT name FROM personas WHERE id = s.persona_id), mcp_cut(s.title, 120), 'thread ' || s.thread_key,
                     'error ' || s.error_code || ': ' || mcp_cut(s.error_message, 160));
END $$;

CREATE OR REPLACE FUNCTION mcp_step_line(p steps) RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN concat_ws(' ', '#' || p.step_number, p.step_type, mcp_cut(p.name, 100),
                     CASE WHEN p.end_seq IS NULL THEN '(open)' ELSE duration_ms(p.started_at, p.completed_at) || ' ms' END,
                     CASE WHEN p.failed THEN 'FAILED ' || concat_ws(': ', p.error::json ->> 'code', mcp_cut(p.error::json ->> 'message', 200)) END);
END $$;

-- A session that this token may read.
CREATE OR REPLACE FUNCTION mcp_session(secret text, wanted text) RETURNS TABLE (code integer, s agent_sessions) LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN c.code <> 200 THEN c.code WHEN x.id IS NULL THEN 404 ELSE 200 END, x
    FROM mcp_reader(secret) c LEFT JOIN agent_sessions x
      ON x.id = wanted AND x.workspace_id IS NOT DISTINCT FROM c.workspace_id AND c.code = 200
     AND can_read_session(c.id, x.workspace_id, x.stream_id, x.persona_id)
$$;

-- The newest sessions that fit and that the reader may read, behind the one of `last_at` and `last_id`, at most `most`. However rare they
-- are, no more are looked at than the numbers below say; then a last row has no session, and the place where looking is to go on.
CREATE OR REPLACE FUNCTION mcp_walk(reader text, workspace text, q text, wanted_status text, began timestamptz, thread text,
                                    last_at timestamptz, last_id text, most integer)
RETURNS TABLE (at timestamptz, id text, s agent_sessions) LANGUAGE plpgsql STABLE AS $$
DECLARE
    farthest CONSTANT integer := 50000;
    looked_at CONSTANT integer := session_list_looked_at();
    walked integer := 0;
    looked integer := 0;
    found_n integer := 0;
BEGIN
    FOR s IN SELECT * FROM agent_sessions x
             WHERE x.workspace_id = workspace AND (began IS NULL OR x.created_at >= began)
               AND (last_id IS NULL OR (x.created_at, x.id) < (last_at, last_id))
             ORDER BY x.created_at DESC, x.id DESC LIMIT farthest LOOP
        at := s.created_at;
        id := s.id;
        walked := walked + 1;
        IF (wanted_status IS NULL OR s.status = wanted_status) AND (thread IS NULL OR s.thread_key = thread) THEN
            looked := looked + 1;
            IF (q IS NULL OR strpos(lower(concat_ws(' ', s.title, s.error_code, s.error_message, s.project, s.tags,
                                                    (SELECT name FROM personas p WHERE p.id = s.persona_id))), lower(q)) > 0)
               AND can_read_session(reader, s.workspace_id, s.stream_id, s.persona_id) THEN
                found_n := found_n + 1;
                RETURN NEXT;
                EXIT WHEN found_n = most;
            END IF;
        END IF;
        IF looked = looked_at OR walked = farthest THEN
            s := NULL;
            RETURN NEXT;
            EXIT;
        END IF;
    END LOOP;
END $$;

CREATE OR REPLACE FUNCTION mcp_search_sessions(secret text, q text, wanted_status text, since text, thread text, after text)
RETURNS TABLE (code integer, place text, line text) LANGUAGE plpgsql STABLE AS $$
DECLARE
    c record;
    began CONSTANT timestamptz := since;
    last_us CONSTANT bigint := split_part(after, '.', 1);
BEGIN
    SELECT * INTO c FROM mcp_reader(secret);
    RETURN QUERY SELECT c.code, NULL::text, NULL::text;
    IF c.code <> 200 THEN
        RETURN;
    END IF;
    RETURN QUERY
    SELECT NULL::integer, concat((extract(epoch FROM w.at) * 1000000)::bigint, '.', w.id),
           CASE WHEN (w.s).id IS NOT NULL THEN mcp_session_line(w.s) END
    FROM mcp_walk(c.id, c.workspace_id, q, wanted_status, began, thread, timestamptz 'epoch' + last_us * interval '1 us',
                  split_part(after, '.', 2), 200) w;
END $$;

-- The steps of a session in the order of a tree: each below its parent, siblings by their start. What stands deeper than a hundred
-- parents stands among those without one.
CREATE OR REPLACE FUNCTION mcp_tree(session text) RETURNS TABLE (place bigint, depth integer, step steps) LANGUAGE sql STABLE AS $$
    WITH RECURSIVE p AS MATERIALIZED (
        SELECT x AS step, x.id, x.parent_step_id,
               lpad((extract(epoch FROM x.started_at) * 1000000)::bigint::text, 17, '0') || lpad(x.step_number::text, 9, '0') AS key
        FROM steps x WHERE x.session_id = session),
    tree AS (
        SELECT p.step, p.id, 0 AS depth, ARRAY[p.key] AS path FROM p
        WHERE p.parent_step_id IS NULL OR NOT EXISTS (SELECT FROM p up WHERE up.id = p.parent_step_id)
        UNION ALL
        SELECT p.step, p.id, tree.depth + 1, tree.path || p.key FROM tree JOIN p ON p.parent_step_id = tree.id WHERE tree.depth < 100)
    SELECT row_number() OVER (ORDER BY x.path), x.depth, x.step
    FROM (SELECT tree.path, tree.depth, tree.step FROM tree
          UNION ALL SELECT ARRAY[p.key], 0, p.step FROM p WHERE p.id NOT IN (SELECT tree.id FROM tree)) x ORDER BY x.path
$$;

CREATE OR REPLACE FUNCTION mcp_get_session(secret text, wanted text, after text) RETURNS TABLE (code integer, place text, line text) LANGUAGE plpgsql STABLE AS $$
DECLARE
    x record;
    behind CONSTANT bigint := after;
BEGIN
    SELECT * INTO x FROM mcp_session(secret, wanted);
    RETURN QUERY SELECT x.code, '0', CASE WHEN x.code = 200 AND after IS NULL THEN mcp_session_line(x.s) END;
    IF x.code <> 200 THEN
        RETURN;
    END IF;
    IF (x.s).pruned_at IS NOT NULL THEN
        RETURN QUERY SELECT NULL::integer, '0', 'Its steps are no longer kept.';
    END IF;
    RETURN QUERY
    SELECT NULL::integer, t.place::text,
           concat(repeat('  ', least(t.depth, 20)), mcp_step_line(t.step),
                  CASE WHEN t.depth = 0 THEN (SELECT ' (below #' || p.step_number || ')' FROM steps p
                                              WHERE p.session_id = wanted AND p.id = (t.step).parent_step_id) END)
    FROM mcp_tree(wanted) t WHERE t.place > coalesce(behind, 0) ORDER BY t.place LIMIT 1000;
END $$;

-- A range of characters of one step's text, `part` of it; never more than 16,000 bytes. Only a content quotes messages, so only for one
-- are their texts put back.
CREATE OR REPLACE FUNCTION mcp_get_step(secret text, wanted text, number integer, part text, first integer, most integer)
RETURNS TABLE (code integer, place text, line text) LANGUAGE plpgsql STABLE AS $$
DECLARE
    x record;
    p steps;
    whole text;
    piece text;
BEGIN
    SELECT * INTO x FROM mcp_session(secret, wanted);
    IF x.code = 200 THEN
        SELECT t.* INTO p FROM steps t WHERE t.session_id = wanted AND t.step_number = number;
    END IF;
    RETURN QUERY SELECT CASE WHEN x.code = 200 AND p.id IS NULL THEN 404 ELSE x.code END, NULL::text, mcp_step_line(p);
    IF p.id IS NULL THEN
        RETURN;
    END IF;
    IF coalesce(part, 'content') = 'content' THEN
        p := step_with_texts((SELECT r.id FROM mcp_reader(secret) r), p);
    END IF;
    whole := CASE coalesce(part, 'content') WHEN 'content' THEN coalesce(p.content, p.start_content) WHEN 'input' THEN p.input
             WHEN 'output' THEN p.output WHEN 'attributes' THEN p.attributes WHEN 'events' THEN p.events WHEN 'error' THEN p.error END;
    IF left(whole, 1) = '"' THEN
        whole := whole::json #>> '{}';
    END IF;
    piece := substr(whole, coalesce(first, 0) + 1, least(coalesce(most, 8000), 16000));
    WHILE octet_length(piece) > 16000 LOOP
        piece := left(piece, (length(piece)::bigint * 15900 / octet_length(piece))::integer);
    END LOOP;
    RETURN QUERY SELECT NULL::integer, NULL::text, concat_ws(' ', coalesce(part, 'content') || ':',
        CASE WHEN whole IS NULL THEN 'nothing'
             ELSE concat('characters ', coalesce(first, 0), ' to ', coalesce(first, 0) + length(piece), ' of ', length(whole)) END,
        'other parts: ' || nullif(concat_ws(', ', CASE WHEN p.input IS NOT NULL THEN 'input ' || length(p.input) END,
                                            CASE WHEN p.output IS NOT NULL THEN 'output ' || length(p.output) END,
                                            CASE WHEN p.attributes IS NOT NULL THEN 'attributes ' || length(p.attributes) END,
                                            CASE WHEN p.events IS NOT NULL THEN 'events ' || length(p.events) END), ''));
    IF whole IS NOT NULL THEN
        RETURN QUERY SELECT NULL::integer, NULL::text, piece;
    END IF;
    IF coalesce(first, 0) + length(piece) < length(whole) THEN
        RETURN QUERY SELECT NULL::integer, NULL::text, concat('Call again with "from": ', coalesce(first, 0) + length(piece), ' for what follows.');
    END IF;
END $$;

-- What failed in a session; without one, the sessions that failed since then, each with its first failed step.
CREATE OR REPLACE FUNCTION mcp_session_errors(secret text, wanted text, since text, after text) RETURNS TABLE (code integer, place text, line text) LANGUAGE plpgsql STABLE AS $$
DECLARE
    c record;
    x record;
    began CONSTANT timestamptz := coalesce(since::timestamptz, now() - interval '1 day');
BEGIN
    IF wanted IS NOT NULL THEN
        SELECT * INTO x FROM mcp_session(secret, wanted);
        RETURN QUERY SELECT x.code, '0', CASE WHEN x.code = 200 AND after IS NULL THEN mcp_session_line(x.s) END;
        RETURN QUERY
        SELECT NULL::integer, p.step_number::text,
               concat_ws(E'\n    ', mcp_step_line(p), mcp_cut(p.error::json ->> 'message', 1000), 'said: ' || mcp_cut(coalesce(p.content, p.start_content), 400))
        FROM steps p WHERE x.code = 200 AND p.session_id = wanted AND p.failed AND p.step_number > coalesce(after::bigint, 0)
        ORDER BY p.step_number LIMIT 200;
        RETURN;
    END IF;
    SELECT * INTO c FROM mcp_reader(secret);
    RETURN QUERY SELECT c.code, NULL::text, NULL::text;
    IF c.code = 200 THEN
        RETURN QUERY
        SELECT NULL::integer, w.id,
               nullif(concat_ws(E'\n    ', CASE WHEN (w.s).id IS NOT NULL THEN mcp_session_line(w.s) END,
                         (SELECT mcp_step_line(p) FROM steps p WHERE p.session_id = (w.s).id AND p.failed ORDER BY p.started_at, p.step_number LIMIT 1)), '')
        FROM mcp_walk(c.id, c.workspace_id, NULL, 'failed', began, NULL, (SELECT b.created_at FROM agent_sessions b WHERE b.id = after), after, 100) w;
    END IF;
END $$;

-- Two sessions side by side: what they are, and where their steps differ.
CREATE OR REPLACE FUNCTION mcp_compare_sessions(secret text, one text, other text, after text) RETURNS TABLE (code integer, place text, line text) LANGUAGE plpgsql STABLE AS $$
DECLARE
    a record;
    b record;
    behind CONSTANT bigint := after;
BEGIN
    SELECT * INTO a FROM mcp_session(secret, one);
    SELECT * INTO b FROM mcp_session(secret, other);
    RETURN QUERY SELECT greatest(a.code, b.code), '0', NULL::text;
    IF greatest(a.code, b.code) <> 200 THEN
        RETURN;
    END IF;
    IF after IS NULL THEN
        RETURN QUERY SELECT NULL::integer, '0', unnest(ARRAY['a: ' || mcp_session_line(a.s), 'b: ' || mcp_session_line(b.s)]);
        RETURN QUERY
        SELECT NULL::integer, '0', concat('steps of type ', coalesce(l.step_type, r.step_type), ': a ', coalesce(l.n, 0), ', b ', coalesce(r.n, 0))
        FROM (SELECT step_type, count(*) AS n FROM steps WHERE session_id = one GROUP BY 1) l
        FULL JOIN (SELECT step_type, count(*) AS n FROM steps WHERE session_id = other GROUP BY 1) r USING (step_type)
        ORDER BY 3;
        RETURN QUERY SELECT NULL::integer, '0', 'Where the trees differ, line by line:'::text;
    END IF;
    RETURN QUERY
    SELECT NULL::integer, t.at::text, concat('- a: ', CASE WHEN (t.l).id IS NULL THEN 'nothing' ELSE mcp_step_line(t.l) END,
                                                 E'\n  b: ', CASE WHEN (t.r).id IS NULL THEN 'nothing' ELSE mcp_step_line(t.r) END)
    FROM (SELECT coalesce(l.place, r.place) AS at, l.step AS l, r.step AS r
          FROM mcp_tree(one) l FULL JOIN mcp_tree(other) r USING (place)
          WHERE ((l.step).step_type, (l.step).name, (l.step).failed, l.depth) IS DISTINCT FROM ((r.step).step_type, (r.step).name, (r.step).failed, r.depth)) t
    WHERE t.at > coalesce(behind, 0) ORDER BY t.at LIMIT 300;
END $$;
