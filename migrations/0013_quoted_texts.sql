-- What steps quote of messages lies beside them, so that it goes when the message is deleted, and is shown to those only who may read the
-- message. A quote is an object with `messageId` and `text` in a list of a step's content, or a source with `messageId` and `snippet`; the
-- step keeps the object with `textVersion` in place of the text. functions/quotes.sql puts the texts back for readers.

CREATE TABLE quoted_texts (
    session_id   text COLLATE "C" NOT NULL REFERENCES agent_sessions,
    message_id   text NOT NULL,
    version      integer NOT NULL,          -- of the texts that the session quotes of this message, from 1
    text         text,                      -- NULL: the message was deleted
    forgotten_at timestamptz,               -- when: part of the ETags of the session
    PRIMARY KEY (session_id, message_id, version)
);
CREATE INDEX quoted_texts_message ON quoted_texts (message_id) WHERE text IS NOT NULL;

ALTER TABLE steps ADD COLUMN has_quotes boolean; -- set by the trigger below: something has to be put back

-- The message by which a persona came into a private channel; NULL for all who came otherwise. Its deletion ends that.
ALTER TABLE stream_members ADD COLUMN called_by text;

-- These functions stand here because the rows of before have to pass through them.

-- The version of that text among those that the session quotes. The session is locked by whoever writes the step. The lock on the
-- message lets its deletion either see this row or be seen here.
CREATE FUNCTION quote_version(session text, message text, said text) RETURNS integer LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    gone timestamptz;
    found_version integer;
BEGIN
    SELECT m.deleted_at INTO gone FROM messages m WHERE m.id = message FOR SHARE;
    SELECT q.version INTO found_version FROM quoted_texts q
    WHERE q.session_id = session AND q.message_id = message AND q.text IS NOT DISTINCT FROM CASE WHEN gone IS NULL THEN said END LIMIT 1;
    IF found_version IS NULL THEN
        INSERT INTO quoted_texts (session_id, message_id, version, text, forgotten_at)
        SELECT session, message, coalesce(max(q.version), 0) + 1, CASE WHEN gone IS NULL THEN said END, gone
        FROM quoted_texts q WHERE q.session_id = session AND q.message_id = message
        RETURNING version INTO found_version;
    END IF;
    RETURN found_version;
END $$;

CREATE FUNCTION is_quote(item json, member text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN json_typeof(item) = 'object' THEN
                coalesce(item ->> 'messageId' ~ '^msg_[0-9A-HJKMNP-TV-Z]{26}$' AND json_typeof(item -> member) = 'string', false)
           ELSE false END
$$;

-- A list with the texts of its quotes taken out. What is no quote stays as it was printed.
CREATE FUNCTION items_without_texts(session text, items json, member text) RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    item json;
    version integer;
    printed text[] := '{}';
BEGIN
    FOR item IN SELECT * FROM json_array_elements(items) LOOP
        IF NOT is_quote(item, member) THEN
            printed := printed || item::text;
            CONTINUE;
        END IF;
        version := quote_version(session, item ->> 'messageId', item ->> member);
        printed := printed || (
            SELECT concat('{', string_agg(CASE WHEN x.key = member THEN '"textVersion":' || version
                                               ELSE concat(to_json(x.key), ':', x.value) END, ',' ORDER BY x.place), '}')
            FROM json_each(item) WITH ORDINALITY x(key, value, place) WHERE x.key <> 'textVersion');
    END LOOP;
    RETURN concat('[', array_to_string(printed, ','), ']');
END $$;

CREATE FUNCTION content_without_texts(session text, said text) RETURNS text LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    IF left(said, 1) IS DISTINCT FROM '{' THEN
        RETURN said;
    END IF;
    -- Whoever deletes a message of a thread locks it before the thread's root.
    PERFORM FROM messages m
    WHERE m.id IN (SELECT item ->> 'messageId' FROM json_each(said::json) x,
                          json_array_elements(CASE WHEN json_typeof(x.value) = 'array' THEN x.value ELSE '[]' END) item
                   WHERE is_quote(item, 'text'))
    ORDER BY m.id DESC FOR SHARE;
    IF NOT FOUND AND strpos(said, '"text"') = 0 THEN
        RETURN said;
    END IF;
    RETURN (
        SELECT concat('{', string_agg(concat(to_json(x.key), ':',
                                             CASE WHEN json_typeof(x.value) = 'array' AND strpos(x.value::text, '"messageId"') > 0
                                                  THEN items_without_texts(session, x.value, 'text') ELSE x.value::text END),
                                      ',' ORDER BY x.place), '}')
        FROM json_each(said::json) WITH ORDINALITY x(key, value, place));
END $$;

CREATE FUNCTION keep_texts_apart() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF strpos(NEW.start_content, '"messageId"') > 0 THEN
        NEW.start_content := content_without_texts(NEW.session_id, NEW.start_content);
        NEW.start_length := octet_length(NEW.start_content);
    END IF;
    IF strpos(NEW.content, '"messageId"') > 0 THEN
        NEW.content := content_without_texts(NEW.session_id, NEW.content);
        NEW.content_length := octet_length(NEW.content);
    END IF;
    IF strpos(NEW.sources, '"messageId"') > 0 THEN
        NEW.sources := items_without_texts(NEW.session_id, NEW.sources::json, 'snippet');
    END IF;
    NEW.has_quotes := strpos(coalesce(NEW.content, NEW.start_content), '"textVersion"') > 0
                      OR strpos(NEW.start_content, '"textVersion"') > 0 OR strpos(NEW.sources, '"textVersion"') > 0;
    RETURN NEW;
END $$;

CREATE TRIGGER steps_quotes BEFORE INSERT OR UPDATE OF start_content, content, sources ON steps FOR EACH ROW
    WHEN (strpos(NEW.start_content, '"messageId"') > 0 OR strpos(NEW.content, '"messageId"') > 0 OR strpos(NEW.sources, '"messageId"') > 0)
    EXECUTE FUNCTION keep_texts_apart();

UPDATE steps SET content = content
WHERE strpos(start_content, '"messageId"') > 0 OR strpos(content, '"messageId"') > 0 OR strpos(sources, '"messageId"') > 0;
