-- Erasing a person: what names them goes, and what they wrote stays by "Deleted person" unless that is to go as well. Only an operator
-- does it (store/person.c), in three steps that may be done again: their texts, one a transaction; the account; their name where it
-- was written down. The first and the last read whole tables.

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

-- Where others mentioned them, where they stopped an agent and where they decided for one, the name stands in what was written. The
-- pushers forget all that they have printed with it.
CREATE OR REPLACE FUNCTION erase_name(person text) RETURNS SETOF told LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    known CONSTANT text := concat('"id":"', person, '"');
    stopped text[];
    decided text[];
    streams text[];
BEGIN
    WITH x AS (UPDATE agent_sessions s SET ended_by_name = 'Deleted person' WHERE s.ended_by_id = person RETURNING s.id)
    SELECT array_agg(id) INTO stopped FROM x;
    UPDATE session_events e SET session = without_name(e.session, person) WHERE e.session_id = ANY (stopped) AND strpos(e.session, known) > 0;
    WITH x AS (
        UPDATE steps s SET (content, content_length) = (SELECT c, octet_length(c) FROM without_name(s.content, person) c)
        WHERE s.step_type = 'approval' AND strpos(s.content, known) > 0 RETURNING s.session_id)
    SELECT array_agg(session_id) INTO decided FROM x;
    WITH acted AS (
        UPDATE stream_events e SET session = without_name(e.session, person)
        WHERE e.actor_id = person OR e.session_id = ANY (stopped) RETURNING e.stream_id),
    mentioned AS (
        UPDATE messages m SET mentions = without_name(m.mentions, person) WHERE strpos(m.mentions, known) > 0 RETURNING m.stream_id),
    answered AS (SELECT m.stream_id FROM messages m WHERE m.last_reply_author_id = person)
    SELECT array_agg(DISTINCT stream_id) INTO streams FROM (TABLE acted UNION ALL TABLE mentioned UNION ALL TABLE answered) x;
    RETURN NEXT told_answer(200);
    RETURN QUERY
    SELECT 'forgotten', NULL::integer, r.room, NULL::bigint, NULL, NULL, NULL::session_news FROM (
        SELECT concat('stream:', x) AS room FROM unnest(streams) x
        UNION SELECT concat('session:', x) FROM unnest(stopped || decided) x
        UNION SELECT t.id FROM messages m, told_forgotten(m) t WHERE m.author_id = person) r;
END $$;
