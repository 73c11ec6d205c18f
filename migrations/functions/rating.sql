-- Ratings: by people and, as scores, by evaluators; of a session, a step or an agent's message. Whoever may read the session reads them,
-- notes too; no share and no export has them.

CREATE OR REPLACE FUNCTION rating_json(r ratings, workspace text) RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN concat('{"id":"', r.id, '","target":"', r.target, '","by":', actor_json(r.rater_id, workspace),
                  ',"thumb":"' || CASE r.thumb WHEN 1 THEN 'up' WHEN -1 THEN 'down' END || '"',
                  ',"name":' || to_json(nullif(r.name, ''))::text, ',"score":' || r.score, ',"note":' || to_json(r.note)::text,
                  ',"createdAt":', json_time(r.created_at), ',"updatedAt":', json_time(r.updated_at), '}');
END $$;

-- What is said of a session's ratings beside it; NULL: it has none.
CREATE OR REPLACE FUNCTION session_rating_json(s agent_sessions) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN s.thumbs_up + s.thumbs_down + s.notes > 0 OR s.scores IS NOT NULL
                THEN concat('{"up":', s.thumbs_up, ',"down":', s.thumbs_down, ',"notes":', s.notes, ',"scores":' || s.scores, '}') END
$$;

-- The session for its readers, without what only they see beside it: for exports.
CREATE OR REPLACE FUNCTION session_unrated_json(s agent_sessions) RETURNS text LANGUAGE plpgsql STABLE PARALLEL RESTRICTED AS $$
BEGIN
    s.thumbs_up := 0;
    s.thumbs_down := 0;
    s.notes := 0;
    s.scores := NULL;
    RETURN session_whole_json(s);
END $$;

-- Counts the ratings again; the session's row is locked.
CREATE OR REPLACE FUNCTION sum_ratings(session text, raised integer) RETURNS agent_sessions LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    s agent_sessions;
BEGIN
    UPDATE agent_sessions x SET (thumbs_up, thumbs_down, notes, scores, last_seq) = (
        SELECT count(*) FILTER (WHERE r.thumb = 1), count(*) FILTER (WHERE r.thumb = -1), count(r.note),
               (SELECT json_object_agg(m.name, m.mean ORDER BY m.name) FROM (
                    SELECT q.name, round(avg(q.score)::numeric, 4) AS mean FROM ratings q
                    WHERE q.session_id = session AND q.score IS NOT NULL GROUP BY q.name) m)::text,
               x.last_seq + raised
        FROM ratings r WHERE r.session_id = session)
    WHERE x.id = session RETURNING * INTO s;
    RETURN s;
END $$;

-- The session, locked, if the caller may read it.
CREATE OR REPLACE FUNCTION lock_rated(c caller, workspace text, session text) RETURNS agent_sessions LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    s agent_sessions;
BEGIN
    IF c.refused IS NULL THEN
        SELECT * INTO s FROM agent_sessions x
        WHERE x.id = session AND x.workspace_id = workspace
          AND can_read_session(c.id, x.workspace_id, x.stream_id, x.persona_id) FOR NO KEY UPDATE;
    END IF;
    RETURN s;
END $$;

CREATE OR REPLACE FUNCTION is_ratable(s agent_sessions, target text) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN target = s.id
        OR EXISTS (SELECT FROM steps x WHERE x.session_id = s.id AND x.id = target)
        OR EXISTS (SELECT FROM messages m WHERE m.id = target AND m.session_id = s.id AND m.author_id = s.persona_id AND m.deleted_at IS NULL);
END $$;

-- Makes or replaces the caller's rating of the target under that name. 201 it is new, 200 it stands, with news where it has changed;
-- 409 too_many_ratings beyond `most` of one session.
CREATE OR REPLACE FUNCTION rate_session(secret text, program boolean, workspace text, session text, target text, label text, thumb integer,
                                        score double precision, note text, most integer)
RETURNS TABLE (code integer, problem text, printed text, news session_news) LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_variable
DECLARE
    c caller := who_calls(secret, program, workspace, 'scores:write');
    s agent_sessions := lock_rated(c, workspace, session);
    was ratings;
    r ratings;
BEGIN
    IF c.refused IS NOT NULL OR s.id IS NULL OR NOT is_ratable(s, target) THEN
        RETURN QUERY SELECT coalesce(c.refused, 404), NULL::text, NULL::text, NULL::session_news;
        RETURN;
    END IF;
    SELECT * INTO was FROM ratings x WHERE x.session_id = s.id AND x.target = target AND x.rater_id = c.id AND x.name = label;
    IF was.id IS NOT NULL AND (was.thumb, was.score, was.note) IS NOT DISTINCT FROM (thumb::smallint, score, note) THEN
        RETURN QUERY SELECT 200, NULL::text, rating_json(was, workspace), NULL::session_news;
        RETURN;
    ELSIF was.id IS NULL AND (SELECT count(*) FROM ratings x WHERE x.session_id = s.id) >= most THEN
        RETURN QUERY SELECT 409, 'too_many_ratings', NULL::text, NULL::session_news;
        RETURN;
    END IF;
    IF was.id IS NULL THEN
        INSERT INTO ratings AS x (id, session_id, target, rater_id, name, thumb, score, note)
        VALUES (new_id('rat'), s.id, target, c.id, label, thumb, score, note) RETURNING x.* INTO r;
    ELSE
        UPDATE ratings x SET thumb = rate_session.thumb, score = rate_session.score, note = rate_session.note, updated_at = clock_timestamp()
        WHERE x.id = was.id RETURNING x.* INTO r;
    END IF;
    s := sum_ratings(s.id, 1);
    RETURN QUERY SELECT CASE WHEN was.id IS NULL THEN 201 ELSE 200 END, NULL::text, rating_json(r, workspace), write_session_updated(s, c.id);
END $$;

-- Takes back a rating of the caller's own.
CREATE OR REPLACE FUNCTION unrate_session(secret text, program boolean, workspace text, session text, rating text)
RETURNS TABLE (code integer, problem text, printed text, news session_news) LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    c caller := who_calls(secret, program, workspace, 'scores:write');
    s agent_sessions := lock_rated(c, workspace, session);
BEGIN
    DELETE FROM ratings x WHERE x.id = rating AND x.session_id = s.id AND x.rater_id = c.id;
    IF c.refused IS NOT NULL OR NOT FOUND THEN
        RETURN QUERY SELECT coalesce(c.refused, 404), NULL::text, NULL::text, NULL::session_news;
        RETURN;
    END IF;
    s := sum_ratings(s.id, 1);
    RETURN QUERY SELECT 204, NULL::text, NULL::text, write_session_updated(s, c.id);
END $$;
