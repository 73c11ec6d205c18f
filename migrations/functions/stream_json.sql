-- Streams, their messages and their timeline events, printed.

-- In lists and events a message has at most this many printed bytes of text, and as many of sources.
CREATE OR REPLACE FUNCTION brief_bytes() RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT 16384 $$;

-- The beginning of a text, with the members that say that there is more.
CREATE OR REPLACE FUNCTION brief_content(said text) RETURNS text LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    shown text := left(said, brief_bytes());
    printed text := to_json(shown);
BEGIN
    WHILE octet_length(printed) - 2 > brief_bytes() LOOP
        shown := left(shown, least(length(shown) - 1, length(shown) * brief_bytes() / octet_length(printed)));
        printed := to_json(shown);
    END LOOP;
    RETURN concat(',"content":', printed,
                  CASE WHEN length(shown) < length(said) THEN concat(',"truncated":true,"contentLength":', octet_length(said)) END);
END $$;

-- The first sources, whole ones only.
CREATE OR REPLACE FUNCTION brief_sources(sources text) RETURNS text LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
    IF sources IS NULL OR octet_length(sources) <= brief_bytes() THEN
        RETURN ',"sources":' || sources;
    END IF;
    RETURN (
        SELECT concat(',"sources":[', string_agg(x.printed, ',' ORDER BY x.place), '],"sourcesTruncated":true')
        FROM (SELECT s.value::text AS printed, s.place, sum(octet_length(s.value::text) + 1) OVER (ORDER BY s.place) AS bytes
              FROM json_array_elements(sources::json) WITH ORDINALITY s(value, place)) x
        WHERE x.bytes < brief_bytes());
END $$;

CREATE OR REPLACE FUNCTION message_json(m messages) RETURNS text LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
    RETURN message_members_json(m, concat(',"content":', to_json(m.content)), ',"sources":' || m.sources);
END $$;

-- In lists and events. The whole is GET …/messages/{msg}.
CREATE OR REPLACE FUNCTION message_brief_json(m messages) RETURNS text LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
    RETURN message_members_json(m, brief_content(m.content), brief_sources(m.sources));
END $$;

CREATE OR REPLACE FUNCTION message_members_json(m messages, content text, sources text) RETURNS text LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
    RETURN concat(
        '{"id":"', m.id, '","streamId":"', m.stream_id, '","seq":', m.seq, ',"version":', m.version,
        ',"author":', actor_json(m.author_id, m.workspace_id), content, ',"mentions":', m.mentions,
        ',"createdAt":', json_time(m.created_at),
        ',"editedAt":' || json_time(m.edited_at),
        CASE WHEN m.deleted_at IS NOT NULL THEN ',"deleted":true' END,
        ',"clientMessageId":' || to_json(m.client_message_id)::text,
        ',"sessionId":"' || m.session_id || '"',
        sources,
        ',"threadId":"' || (SELECT t.id FROM streams t WHERE t.parent_message_id = m.id) || '"',
        ',"replyCount":', m.reply_count,
        ',"lastReplyAt":' || json_time(m.last_reply_at),
        ',"lastReplyAuthor":' || CASE WHEN m.last_reply_author_id IS NOT NULL THEN actor_json(m.last_reply_author_id, m.workspace_id) END,
        '}');
END $$;

-- A timeline event: the same in lists, live and replayed.
CREATE OR REPLACE FUNCTION stream_event_json(e stream_events) RETURNS text LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
    RETURN concat(
        '{"room":"stream:', e.stream_id, '","seq":', e.seq, ',"type":"', e.type, '","createdAt":', json_time(e.created_at),
        ',"updateType":"' || e.update_type || '"',
        ',"actor":' || CASE WHEN e.actor_id IS NOT NULL
                            THEN actor_json(e.actor_id, (SELECT workspace_id FROM streams WHERE id = e.stream_id)) END,
        CASE WHEN e.type = 'message:deleted' THEN ',"messageId":"' || e.message_id || '"'
             WHEN e.session IS NOT NULL THEN
                 ',"session":' || session_with_trigger_json(e.session, (SELECT trigger_message_id FROM agent_sessions WHERE id = e.session_id))
             ELSE ',"message":' || (SELECT message_brief_json(m) FROM messages m WHERE m.id = e.message_id) END,
        '}');
END $$;

-- Messages that mention the reader, unread, in the stream and (of a channel or scratchpad) in its threads.
CREATE OR REPLACE FUNCTION unread_mentions(reader text, stream text) RETURNS bigint LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
    RETURN (
        SELECT count(*) FROM message_mentions x JOIN streams t ON t.id = x.stream_id
        WHERE x.user_id = reader AND (t.id = stream OR t.parent_stream_id = stream));
END $$;

-- The same once the calling statement has deleted what it deletes, and others have at the same time: it reads a snapshot of its own.
CREATE OR REPLACE FUNCTION unread_mentions_left(reader text, stream text) RETURNS bigint LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    RETURN unread_mentions(reader, stream);
END $$;

-- How many sessions are pending or running in a channel or scratchpad and in its threads, `besides` not counted: a statement
-- that changes a session still sees it as it was.
CREATE OR REPLACE FUNCTION sessions_active(root text, besides text) RETURNS bigint LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
    RETURN (
        SELECT count(*) FROM agent_sessions
        WHERE status IN ('pending', 'running') AND (stream_id = root OR parent_stream_id = root) AND id <> coalesce(besides, ''));
END $$;

-- A stream as `reader` sees it. Who never joined has nothing unread; a persona keeps no marks; 1000 unread messages are "many" and
-- counted no further.
CREATE OR REPLACE FUNCTION stream_json(s streams, reader text) RETURNS text LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
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

-- "{message, stream}"
CREATE OR REPLACE FUNCTION message_in_stream_json(m messages, reader text) RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        SELECT concat('{"message":', message_json(m), ',"stream":', stream_json(s, reader), '}') FROM streams s WHERE s.id = m.stream_id);
END $$;
