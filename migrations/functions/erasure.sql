-- Erasing a person: what names them goes, and what they wrote stays by "Deleted person" unless that is to go as well. Only an operator
-- does it (store/person.c), in steps that may be interrupted and done again: their texts, one a transaction; what else is theirs, in
-- portions; the account; their name where it was written down, in portions. They read whole tables.

-- Deletes the next text of theirs behind `after`, as if they had done it, and tells its readers. 404: none is left that no hold keeps.
CREATE OR REPLACE FUNCTION erase_next_text(who text, after text) RETURNS SETOF told LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    author text;
    m messages;
BEGIN
    SELECT u.id INTO author FROM users u WHERE u.id = who OR lower(u.email) = lower(who);
    SELECT * INTO m FROM messages x
    WHERE x.id > after AND x.author_id = author AND x.deleted_at IS NULL AND NOT is_held(x.workspace_id, x.stream_id)
    ORDER BY x.id LIMIT 1;
    IF m.id IS NULL THEN
        RETURN NEXT told_answer(404);
        RETURN;
    END IF;
    -- They may have left that stream since; the lock is all that is wanted.
    PERFORM lock_stream(author, m.workspace_id, m.stream_id);
    RETURN NEXT ROW('answer', 200, m.workspace_id, NULL, NULL, m.id, NULL)::told;
    RETURN QUERY SELECT t.* FROM messages x, remove_message(x, author) t WHERE x.id = m.id AND x.deleted_at IS NULL;
END $$;

CREATE OR REPLACE FUNCTION erased_slug(person text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT concat('deleted-', lower(right(person, 10)))
$$;

-- A printed content or list of sources without that author's name: of a quote, and of what a search found (agent/tools_workspace_search.c).
CREATE OR REPLACE FUNCTION without_author(printed text, name text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT replace(replace(printed, concat('"authorName":', to_json(name)::text), '"authorName":"Deleted person"'),
                   concat('"title":', left(to_json(name)::text, -1), ' in '), '"title":"Deleted person in ')
$$;

-- The same of quotes of these messages, whatever name their author had when they were quoted. All else stays as it was printed.
CREATE OR REPLACE FUNCTION without_authors_of(said json, messages text[]) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT AS $$
DECLARE
    is_theirs CONSTANT boolean := json_typeof(said) = 'object' AND coalesce(said ->> 'messageId' = ANY (messages), false);
    name CONSTANT text := CASE WHEN is_theirs THEN said ->> 'authorName' END;
BEGIN
    IF strpos(said::text, '"messageId"') = 0 OR json_typeof(said) NOT IN ('array', 'object') THEN
        RETURN said::text;
    END IF;
    IF json_typeof(said) = 'array' THEN
        RETURN (SELECT concat('[', string_agg(without_authors_of(x.value, messages), ',' ORDER BY x.place), ']')
                FROM json_array_elements(said) WITH ORDINALITY x(value, place));
    END IF;
    RETURN (
        SELECT concat('{', string_agg(concat(to_json(x.key), ':',
                                             CASE WHEN is_theirs AND x.key = 'authorName' THEN '"Deleted person"'
                                                  WHEN x.key = 'title' AND starts_with(said ->> 'title', name || ' in ')
                                                  THEN to_json(concat('Deleted person', substr(said ->> 'title', length(name) + 1)))::text
                                                  ELSE without_authors_of(x.value, messages) END), ',' ORDER BY x.place), '}')
        FROM json_each(said) WITH ORDINALITY x(key, value, place));
END $$;

CREATE OR REPLACE FUNCTION without_quoted(printed text, messages text[], called text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT without_author(without_authors_of(printed::json, messages), called)
$$;

CREATE OR REPLACE FUNCTION quotes_any(s steps, messages text[], called text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT s.has_quotes AND (s.start_content, s.content, s.sources) IS DISTINCT FROM
           (without_quoted(s.start_content, messages, called), without_quoted(s.content, messages, called),
            without_quoted(s.sources, messages, called))
$$;

-- What is theirs beside the account goes in passes, each in portions behind `after`, one a transaction: a session that names them in its
-- 'quotes' (whoever has the same name and is quoted in the same trace loses it there, too) or that they have given 'ratings', one of
-- their 'webhooks', five hundred 'marks' of what they have read or 'mentions' of them. The answer's body is what a portion has come to;
-- 404: nothing is left. Each can be done again, until erase_person() has taken the name. The pushers forget the names of quotes.
CREATE OR REPLACE FUNCTION erase_belongings_portion(person text, pass text, after text) RETURNS SETOF told LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    called CONSTANT text := (SELECT u.name FROM users u WHERE u.id = person);
    came_to text;
    quoted text[]; -- messages of theirs
BEGIN
    CASE pass
    WHEN 'quotes' THEN
        SELECT q.session_id, t.ids INTO came_to, quoted FROM quoted_texts q, LATERAL (
            SELECT array_agg(DISTINCT m.id) AS ids FROM quoted_texts x JOIN messages m ON m.id = x.message_id
            WHERE x.session_id = q.session_id AND m.author_id = person) t
        WHERE q.session_id > after AND t.ids IS NOT NULL
          AND EXISTS (SELECT FROM steps s WHERE s.session_id = q.session_id AND quotes_any(s, t.ids, called))
        ORDER BY q.session_id LIMIT 1;
        -- Whoever puts a step has its session's row, and writes what stood there before.
        PERFORM FROM agent_sessions x WHERE x.id = came_to FOR UPDATE;
        UPDATE steps s SET start_content = without_quoted(s.start_content, quoted, called),
                           content = without_quoted(s.content, quoted, called), sources = without_quoted(s.sources, quoted, called)
        WHERE s.session_id = came_to AND quotes_any(s, quoted, called);
    WHEN 'ratings' THEN
        SELECT min(x.session_id) INTO came_to FROM ratings x WHERE x.rater_id = person AND x.session_id > after;
        PERFORM FROM agent_sessions x WHERE x.id = came_to FOR NO KEY UPDATE;
        DELETE FROM ratings x WHERE x.session_id = came_to AND x.rater_id = person;
        PERFORM sum_ratings(came_to, 0) WHERE came_to IS NOT NULL;
    WHEN 'webhooks' THEN
        DELETE FROM webhooks x WHERE x.id = (SELECT min(w.id) FROM webhooks w WHERE w.maker_id = person AND w.id > after)
        RETURNING x.id INTO came_to;
    WHEN 'marks' THEN
        WITH gone AS (
            DELETE FROM stream_reads x WHERE x.user_id = person AND x.stream_id IN (
                SELECT r.stream_id FROM stream_reads r WHERE r.user_id = person AND r.stream_id > after ORDER BY r.stream_id LIMIT 500)
            RETURNING x.stream_id)
        SELECT max(stream_id) INTO came_to FROM gone;
    WHEN 'mentions' THEN
        WITH gone AS (
            DELETE FROM message_mentions x WHERE x.user_id = person AND (x.stream_id, x.seq) IN (
                SELECT m.stream_id, m.seq FROM message_mentions m WHERE m.user_id = person ORDER BY m.stream_id, m.seq LIMIT 500)
            RETURNING x.stream_id)
        SELECT max(stream_id) INTO came_to FROM gone;
    END CASE;
    IF came_to IS NULL THEN
        RETURN NEXT told_answer(404);
        RETURN;
    END IF;
    RETURN NEXT ROW('answer', 200, NULL, NULL, NULL, came_to, NULL)::told;
    IF pass = 'quotes' THEN
        RETURN NEXT ROW('forgotten', NULL, concat('session:', came_to), NULL, NULL, NULL, NULL)::told;
    END IF;
END $$;

-- What the account itself knows of the person goes: nobody finds them by their address any more. Returns how many sign-ins ended.
CREATE OR REPLACE FUNCTION erase_person(person text) RETURNS bigint LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    u users;
BEGIN
    SELECT * INTO u FROM users x WHERE x.id = person FOR NO KEY UPDATE;
    DELETE FROM login_failures x WHERE x.account = lower(u.email);
    DELETE FROM invites x WHERE lower(x.email) = lower(u.email);
    DELETE FROM user_identities x WHERE x.user_id = u.id;
    DELETE FROM last_seen x WHERE x.user_id = u.id;
    UPDATE workspace_members x SET slug = erased_slug(u.id) WHERE x.user_id = u.id;
    UPDATE users x SET name = 'Deleted person', email = concat(lower(x.id), '@deleted.invalid'), avatar = '–', password_hash = '',
                       deactivated_at = coalesce(x.deactivated_at, clock_timestamp()), erased_at = coalesce(x.erased_at, clock_timestamp())
    WHERE x.id = u.id;
    INSERT INTO revocations (principal) VALUES (u.id); -- what was shared by them is streamed in their name
    RETURN end_sign_ins(u.id);
END $$;

-- A printed text without that person's name behind their id.
CREATE OR REPLACE FUNCTION without_name(printed text, person text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT regexp_replace(
        regexp_replace(printed, concat('("id":"', person, '","name":)"(?:[^"\\]|\\.)*"'), '\1"Deleted person"', 'g'),
        concat('("id":"', person, '","slug":)"[^"]*","name":"(?:[^"\\]|\\.)*"'),
        concat('\1"', erased_slug(person), '","name":"Deleted person"'), 'g')
$$;

-- Where others mentioned them, where they stopped an agent and where they decided for one, the name stands in what was written. It goes
-- in passes, each in portions behind `after`, one a transaction: a session that they 'stopped' or have 'decided' in, the 'events' of a
-- stream, or a hundred 'messages'. The answer's body is what a portion has come to; 404: nothing is left. So no portion keeps more than
-- one session from its agent, and each can be done again. The pushers forget all that they have printed with the name.
CREATE OR REPLACE FUNCTION erase_name_portion(person text, pass text, after text) RETURNS SETOF told LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    known CONSTANT text := concat('"id":"', person, '"');
    came_to text;
    found_ids text[];
    rooms text[];
BEGIN
    CASE pass
    WHEN 'stopped' THEN
        UPDATE agent_sessions s SET ended_by_name = 'Deleted person'
        WHERE s.id = (SELECT x.id FROM agent_sessions x WHERE x.id > after AND x.ended_by_id = person ORDER BY x.id LIMIT 1)
        RETURNING s.id INTO came_to;
        UPDATE session_events e SET session = without_name(e.session, person) WHERE e.session_id = came_to AND strpos(e.session, known) > 0;
        rooms := ARRAY[concat('session:', came_to)];
    WHEN 'decided' THEN
        SELECT s.session_id INTO came_to FROM steps s
        WHERE s.session_id > after AND s.step_type = 'approval' AND strpos(s.content, known) > 0 ORDER BY s.session_id LIMIT 1;
        -- Whoever puts a step has its session's row, and writes what stood there before.
        PERFORM FROM agent_sessions x WHERE x.id = came_to FOR UPDATE;
        UPDATE steps s SET (content, content_length) = (SELECT c, octet_length(c) FROM without_name(s.content, person) c)
        WHERE s.session_id = came_to AND s.step_type = 'approval' AND strpos(s.content, known) > 0;
        rooms := ARRAY[concat('session:', came_to)];
    WHEN 'events' THEN
        SELECT e.stream_id INTO came_to FROM stream_events e
        WHERE e.stream_id > after AND (e.actor_id = person OR strpos(e.session, known) > 0) ORDER BY e.stream_id LIMIT 1;
        UPDATE stream_events e SET session = without_name(e.session, person) WHERE e.stream_id = came_to AND strpos(e.session, known) > 0;
        rooms := ARRAY[concat('stream:', came_to)];
    WHEN 'messages' THEN
        SELECT array_agg(x.id), max(x.id) INTO found_ids, came_to FROM (
            SELECT m.id FROM messages m
            WHERE m.id > after AND (m.author_id = person OR m.last_reply_author_id = person OR strpos(m.mentions, known) > 0)
            ORDER BY m.id LIMIT 100) x;
        UPDATE messages m SET mentions = without_name(m.mentions, person) WHERE m.id = ANY (found_ids) AND strpos(m.mentions, known) > 0;
        SELECT array_agg(DISTINCT r.room) INTO rooms FROM (
            SELECT t.id AS room FROM messages m, told_forgotten(m) t WHERE m.id = ANY (found_ids) AND m.author_id = person
            UNION ALL SELECT concat('stream:', m.stream_id) FROM messages m
            WHERE m.id = ANY (found_ids) AND (m.last_reply_author_id = person OR strpos(m.mentions, known) > 0)) r;
    END CASE;
    IF came_to IS NULL THEN
        RETURN NEXT told_answer(404);
        RETURN;
    END IF;
    RETURN NEXT ROW('answer', 200, NULL, NULL, NULL, came_to, NULL)::told;
    RETURN QUERY SELECT 'forgotten', NULL::integer, x, NULL::bigint, NULL, NULL, NULL::session_news FROM unnest(rooms) x;
END $$;

-- Programs of the release before call these two, each of which is one transaction. They are dropped a release later.
CREATE OR REPLACE FUNCTION erase_account(person text) RETURNS bigint LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    pass text;
    after text;
BEGIN
    FOREACH pass IN ARRAY ARRAY['quotes', 'ratings', 'webhooks', 'marks', 'mentions'] LOOP
        after := '';
        WHILE after IS NOT NULL LOOP
            SELECT t.body INTO after FROM erase_belongings_portion(person, pass, after) t WHERE t.kind = 'answer';
        END LOOP;
    END LOOP;
    RETURN erase_person(person);
END $$;

CREATE OR REPLACE FUNCTION erase_name(person text) RETURNS SETOF told LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    pass text;
    after text;
    t told;
BEGIN
    RETURN NEXT told_answer(200);
    FOREACH pass IN ARRAY ARRAY['stopped', 'decided', 'events', 'messages'] LOOP
        after := '';
        WHILE after IS NOT NULL LOOP
            FOR t IN SELECT * FROM erase_name_portion(person, pass, after) LOOP
                IF t.kind = 'answer' THEN
                    after := t.body;
                ELSE
                    RETURN NEXT t;
                END IF;
            END LOOP;
        END LOOP;
    END LOOP;
END $$;
