-- Who calls, and how people, personas and streams are printed for them.

CREATE TYPE caller AS (
    id         text,        -- usr_… or per_…
    credential text,        -- lgn_… or tok_…
    role       text,        -- in the workspace: admin, member or persona
    refused    integer      -- the HTTP status of a refusal; NULL: go on
);

-- Always a row. `scope`: what a token needs; people need none. A workspace that is not theirs does not exist for them.
CREATE FUNCTION who_calls(secret text, program boolean, workspace text, scope text) RETURNS caller LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
DECLARE
    c caller;
    may boolean := true;
BEGIN
    IF program THEN
        SELECT t.persona_id, t.id, CASE WHEN t.workspace_id = workspace THEN 'persona' END, scope = ANY (t.scopes)
        INTO c.id, c.credential, c.role, may
        FROM tokens t WHERE t.hash = sha256(convert_to(secret, 'UTF8')) AND t.revoked_at IS NULL;
    ELSE
        SELECT l.user_id, l.id, m.role INTO c.id, c.credential, c.role
        FROM login_sessions l LEFT JOIN workspace_members m ON m.user_id = l.user_id AND m.workspace_id = workspace
        WHERE l.hash = sha256(convert_to(secret, 'UTF8')) AND l.ended_at IS NULL AND l.expires_at > now();
    END IF;
    c.refused := CASE WHEN c.id IS NULL THEN 401 WHEN c.role IS NULL THEN 404 WHEN NOT may THEN 403 END;
    RETURN c;
END $$;

-- Messages that mention the reader, unread, in the stream and (of a channel or scratchpad) in its threads.
CREATE FUNCTION unread_mentions(reader text, stream text) RETURNS bigint LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
    RETURN (
        SELECT count(*) FROM message_mentions x JOIN streams t ON t.id = x.stream_id
        WHERE x.user_id = reader AND (t.id = stream OR t.parent_stream_id = stream));
END $$;

-- A stream as `reader` sees it. Who never joined has nothing unread; a persona keeps no marks; 1000 unread messages are "many" and
-- counted no further.
CREATE FUNCTION stream_json(s streams, reader text) RETURNS text LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
DECLARE
    their_role text;
    mark bigint;
    unread bigint := 0;
BEGIN
    SELECT m.role INTO their_role FROM stream_members m WHERE m.stream_id = s.root_id AND m.member_id = reader;
    SELECT r.read_seq INTO mark FROM stream_reads r WHERE r.user_id = reader AND r.stream_id = s.id;
    IF mark IS NULL THEN
        mark := CASE WHEN their_role IS NOT NULL AND reader LIKE 'usr\_%' THEN 0 ELSE s.last_seq END;
    END IF;
    IF mark < s.last_seq THEN
        SELECT count(*) INTO unread FROM (
            SELECT FROM messages m WHERE m.stream_id = s.id AND m.seq > mark AND m.author_id <> reader AND m.deleted_at IS NULL
            LIMIT 1000) x;
    END IF;
    RETURN concat(
        '{"id":"', s.id, '","type":"', s.type, '","name":', to_json(s.name), ',"private":', to_json(s.private),
        ',"parentStreamId":"' || s.parent_stream_id || '","parentMessageId":"' || s.parent_message_id || '"',
        ',"personaId":"' || s.persona_id || '"',
        ',"lastSeq":', s.last_seq, ',"readSeq":', mark, ',"unreadCount":', unread,
        ',"mentionCount":', unread_mentions(reader, s.id), ',"running":', sessions_active(s.id, NULL),
        ',"me":{"member":', to_json(their_role IS NOT NULL), ',"canPost":true,"role":"', coalesce(their_role, 'reader'), '"}}');
END $$;

-- The members of a user's or persona's object without its brackets: who prints it may append to it (`connected` is known to
-- the pusher, not here).
CREATE FUNCTION user_members(u users, slug text) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT concat('"id":"', u.id, '","name":', to_json(u.name), ',"slug":', to_json(slug), ',"avatar":', to_json(u.avatar))
$$;
CREATE FUNCTION persona_members(p personas) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT concat('"id":"', p.id, '","name":', to_json(p.name), ',"slug":', to_json(p.slug), ',"avatar":', to_json(p.avatar),
                  ',"description":' || to_json(p.description)::text, CASE WHEN p.demo THEN ',"demo":true' END)
$$;

-- Everybody of a workspace with their printed members; rows are found by id or slug.
CREATE VIEW people AS
    SELECT m.workspace_id, 'user' AS type, u.id, u.name, m.slug, user_members(u, m.slug) AS members
    FROM workspace_members m JOIN users u ON u.id = m.user_id
    UNION ALL
    SELECT p.workspace_id, 'persona', p.id, p.name, p.slug, persona_members(p) FROM personas p;

-- A ULID with a prefix, as lib/id.h makes them: milliseconds and 80 random bits.
CREATE FUNCTION new_id(prefix text) RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    digits CONSTANT text := '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
    ms bigint := floor(extract(epoch FROM clock_timestamp()) * 1000);
    -- Of a random UUID the bytes 6 and 8 carry its version and variant: they are left out.
    random bytea := substr(uuid_send(gen_random_uuid()), 10, 7) || substr(uuid_send(gen_random_uuid()), 10, 7)
                    || substr(uuid_send(gen_random_uuid()), 1, 2);
    id text := '';
BEGIN
    FOR i IN REVERSE 9..0 LOOP
        id := id || substr(digits, ((ms >> (5 * i)) & 31)::integer + 1, 1);
    END LOOP;
    FOR i IN 0..15 LOOP
        id := id || substr(digits, (get_byte(random, i) & 31) + 1, 1);
    END LOOP;
    RETURN prefix || '_' || id;
END $$;
