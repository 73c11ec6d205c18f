-- Texts of messages that steps quote (migrations/0013_quoted_texts.sql takes them out). REST, exports and whatever else shows a step
-- to somebody puts them back by step_with_texts() or its parts; events and the pusher's memory have the references alone.

-- NULL: not for this reader, or no longer for anybody.
CREATE OR REPLACE FUNCTION quoted_text(reader text, session text, message text, version integer) RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        SELECT q.text FROM quoted_texts q LEFT JOIN messages m ON m.id = q.message_id
        WHERE q.session_id = session AND q.message_id = message AND q.version = quoted_text.version
          AND (m.id IS NULL OR m.deleted_at IS NULL AND can_read_stream(reader, m.stream_id)));
END $$;

-- A list whose quotes have their texts back, in the member of that name; those that the reader may not read are marked `withheld`.
CREATE OR REPLACE FUNCTION items_with_texts(reader text, session text, items json, member text) RETURNS text LANGUAGE plpgsql STABLE AS $$
DECLARE
    item json;
    said text;
    printed text[] := '{}';
BEGIN
    IF items IS NULL THEN
        RETURN NULL;
    END IF;
    FOR item IN SELECT * FROM json_array_elements(items) LOOP
        IF json_typeof(item) = 'object' AND item ->> 'textVersion' ~ '^[1-9][0-9]{0,8}$' THEN
            said := quoted_text(reader, session, item ->> 'messageId', (item ->> 'textVersion')::integer);
            printed := printed || (
                SELECT concat('{', string_agg(CASE WHEN x.key <> 'textVersion' THEN concat(to_json(x.key), ':', x.value)
                                                   WHEN said IS NULL THEN '"withheld":true'
                                                   ELSE concat(to_json(member), ':', to_json(said)) END, ',' ORDER BY x.place), '}')
                FROM json_each(item) WITH ORDINALITY x(key, value, place));
        ELSE
            printed := printed || item::text;
        END IF;
    END LOOP;
    RETURN concat('[', array_to_string(printed, ','), ']');
END $$;

CREATE OR REPLACE FUNCTION content_with_texts(reader text, session text, said text) RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF left(said, 1) IS DISTINCT FROM '{' THEN
        RETURN said;
    END IF;
    RETURN (
        SELECT concat('{', string_agg(concat(to_json(x.key), ':',
                                             CASE WHEN json_typeof(x.value) = 'array' AND strpos(x.value::text, '"textVersion"') > 0
                                                  THEN items_with_texts(reader, session, x.value, 'text') ELSE x.value::text END),
                                      ',' ORDER BY x.place), '}')
        FROM json_each(said::json) WITH ORDINALITY x(key, value, place));
END $$;

-- The step as that reader sees it.
CREATE OR REPLACE FUNCTION step_with_texts(reader text, step steps) RETURNS steps LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF step.has_quotes THEN
        step.start_content := content_with_texts(reader, step.session_id, step.start_content);
        step.content := content_with_texts(reader, step.session_id, step.content);
        step.sources := items_with_texts(reader, step.session_id, step.sources::json, 'snippet');
        IF left(step.start_content, 1) = '{' THEN
            step.start_length := octet_length(step.start_content);
        END IF;
        IF left(step.content, 1) = '{' THEN
            step.content_length := octet_length(step.content);
        END IF;
    END IF;
    RETURN step;
END $$;

-- Part of an ETag: what was shown before a deletion is no longer what there is.
CREATE OR REPLACE FUNCTION forgotten_at(session text) RETURNS timestamptz LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT max(q.forgotten_at) FROM quoted_texts q WHERE q.session_id = session);
END $$;

-- The message is being deleted and its row is locked.
CREATE OR REPLACE FUNCTION forget_quotes(m messages) RETURNS SETOF told LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    RETURN QUERY
    WITH gone AS (
        UPDATE quoted_texts q SET text = NULL, forgotten_at = clock_timestamp()
        WHERE q.message_id = m.id AND q.text IS NOT NULL RETURNING q.session_id)
    SELECT DISTINCT 'room', NULL::integer, 'session:' || g.session_id, NULL::bigint, 'message:deleted',
           concat('{"room":"session:', g.session_id, '","messageId":"', m.id, '"}'), NULL::session_news FROM gone g;
END $$;

-- Personas whom that message has called into a private channel: they leave it, unless another message there calls them too.
CREATE OR REPLACE FUNCTION end_calling(m messages, root streams, actor text) RETURNS stream_events[] LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    persona text;
    other text;
    events stream_events[] := '{}';
BEGIN
    FOR persona IN SELECT x.member_id FROM stream_members x WHERE x.stream_id = root.id AND x.called_by = m.id LOOP
        SELECT y.id INTO other FROM messages y JOIN streams t ON t.id = y.stream_id
        WHERE t.root_id = root.id AND y.deleted_at IS NULL AND y.author_id LIKE 'usr\_%' AND strpos(y.mentions, '"' || persona || '"') > 0
        ORDER BY y.id LIMIT 1;
        IF other IS NULL THEN
            events := events || leave_channel(root, persona, actor);
        ELSE
            UPDATE stream_members x SET called_by = other WHERE x.stream_id = root.id AND x.member_id = persona;
        END IF;
    END LOOP;
    RETURN events;
END $$;
