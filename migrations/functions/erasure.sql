-- Erasing a person: what names them goes, and what they wrote stays by "Deleted person" unless that is to go as well. Only an operator
-- does it (store/person.c), in three steps that may be done again: their texts, one a transaction; the account; their name where it
-- was written down, in portions. The first and the last read whole tables.

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

-- Where traces quote what they wrote, their name goes. Whoever has the same name and is quoted in the same trace loses it there, too.
CREATE OR REPLACE FUNCTION erase_quoted_name(person text, called text) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    UPDATE steps s
    SET start_content = without_author(s.start_content, called), content = without_author(s.content, called),
        sources = without_author(s.sources, called)
    WHERE s.has_quotes AND s.session_id IN (SELECT q.session_id FROM messages m JOIN quoted_texts q ON q.message_id = m.id WHERE m.author_id = person)
      AND (s.start_content, s.content, s.sources) IS DISTINCT FROM
          (without_author(s.start_content, called), without_author(s.content, called), without_author(s.sources, called));
END $$;

-- What the account knows of the person goes. Returns how many sign-ins ended.
CREATE OR REPLACE FUNCTION erase_account(person text) RETURNS bigint LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    u users;
BEGIN
    SELECT * INTO u FROM users x WHERE x.id = person FOR NO KEY UPDATE;
    DELETE FROM login_failures x WHERE x.account = lower(u.email);
    DELETE FROM invites x WHERE lower(x.email) = lower(u.email);
    DELETE FROM user_identities x WHERE x.user_id = u.id;
    DELETE FROM last_seen x WHERE x.user_id = u.id;
    DELETE FROM stream_reads x WHERE x.user_id = u.id;
    DELETE FROM message_mentions x WHERE x.user_id = u.id;
    DELETE FROM webhooks x WHERE x.maker_id = u.id;
    PERFORM erase_ratings(u.id);
    IF u.erased_at IS NULL THEN
        PERFORM erase_quoted_name(u.id, u.name);
    END IF;
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

DROP FUNCTION IF EXISTS erase_name(text);

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
