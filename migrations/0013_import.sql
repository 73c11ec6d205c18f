-- A conversation from a file, as if it had been held here at its times. Each verb does nothing if it was done before. The order
-- of locks is that of 0008_writing.sql.

-- A verb's outcome: 201 made, 200 there already, 404 and what is missing.
CREATE TYPE imported AS (code integer, missing text);

CREATE FUNCTION import_event_at(e stream_events, at timestamptz) RETURNS void LANGUAGE sql VOLATILE AS $$
    UPDATE stream_events x SET created_at = at WHERE x.stream_id = e.stream_id AND x.seq = e.seq
$$;

CREATE FUNCTION import_author(workspace text, address text) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT u.id FROM users u JOIN workspace_members m ON m.user_id = u.id
    WHERE m.workspace_id = workspace AND lower(u.email) = lower(address)
$$;

CREATE FUNCTION import_channel(workspace text, title text) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT id FROM streams WHERE workspace_id = workspace AND type = 'channel' AND lower(name) = lower(title)
$$;

-- From the beginning: not an event of the channel.
CREATE FUNCTION import_member(workspace text, channel text, address text) RETURNS imported LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    member CONSTANT text := import_author(workspace, address);
BEGIN
    IF member IS NULL THEN
        RETURN (404, concat('person ', address))::imported;
    END IF;
    INSERT INTO stream_members (stream_id, member_id) VALUES (import_channel(workspace, channel), member) ON CONFLICT DO NOTHING;
    RETURN (CASE WHEN FOUND THEN 201 ELSE 200 END, NULL)::imported;
END $$;

-- The thread of the message `root`, made at `at` if there is none.
CREATE FUNCTION import_thread(workspace text, author text, root messages, at timestamptz) RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    thread text;
    s streams;
BEGIN
    SELECT t.id INTO thread FROM streams t WHERE t.parent_message_id = root.id;
    IF FOUND THEN
        RETURN thread;
    END IF;
    SELECT * INTO s FROM streams x WHERE x.id = root.stream_id FOR NO KEY UPDATE;
    SELECT t.id INTO thread FROM make_thread(s, root.id) t;
    UPDATE messages x SET version = x.version + 1 WHERE x.id = root.id;
    PERFORM import_event_at(write_event(s.id, 'thread:created', NULL, author, root.id), at);
    RETURN thread;
END $$;

-- `key` names the message in its file, `reply_to` is the key of a message in the same channel, or NULL.
CREATE FUNCTION import_message(workspace text, channel text, address text, key text, reply_to text, said text, at timestamptz)
RETURNS imported LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    author CONSTANT text := import_author(workspace, address);
    place text := import_channel(workspace, channel);
    root messages;
    s streams;
    e stream_events;
    m messages;
    slugs CONSTANT text[] := ARRAY(SELECT DISTINCT x[1] FROM regexp_matches(said, '(?:^|[^a-z0-9])@([a-z0-9][a-z0-9-]*)', 'g') x);
BEGIN
    IF author IS NULL THEN
        RETURN (404, concat('person ', address))::imported;
    ELSIF place IS NULL THEN
        RETURN (404, concat('channel ', channel))::imported;
    END IF;
    IF reply_to IS NOT NULL THEN
        SELECT * INTO root FROM messages x WHERE x.stream_id = place AND x.client_message_id = 'import:' || reply_to;
        IF NOT FOUND THEN
            RETURN (404, concat('message ', reply_to, ' in ', channel))::imported;
        END IF;
        place := import_thread(workspace, author, root, at);
    END IF;
    s := lock_stream(author, workspace, place);
    IF s.id IS NULL THEN
        RETURN (404, concat(address, ' among the members of ', channel))::imported;
    END IF;
    PERFORM FROM messages x WHERE x.stream_id = s.id AND x.author_id = author AND x.client_message_id = 'import:' || key;
    IF FOUND THEN
        RETURN (200, NULL)::imported;
    END IF;
    e := write_event(s.id, 'message:created', NULL, author, new_id('msg'));
    PERFORM import_event_at(e, at);
    INSERT INTO messages (id, workspace_id, stream_id, seq, author_id, content, mentions, client_message_id, created_at)
    VALUES (e.message_id, workspace, s.id, e.seq, author, said, mentions_json(workspace, slugs), 'import:' || key, at)
    RETURNING * INTO m;
    PERFORM count_mentions(m, slugs);
    IF root.id IS NOT NULL THEN
        UPDATE messages x SET reply_count = x.reply_count + 1, version = x.version + 1, last_reply_at = at, last_reply_author_id = author
        WHERE x.id = root.id;
        PERFORM import_event_at(write_event(root.stream_id, 'message:updated', 'reply_count', author, root.id), at);
    END IF;
    RETURN (201, NULL)::imported;
END $$;

-- The person has read the channel and its threads up to here, unless they have a mark of their own.
CREATE FUNCTION import_read(workspace text, channel text, address text) RETURNS imported LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    reader CONSTANT text := import_author(workspace, address);
    root CONSTANT text := import_channel(workspace, channel);
    made bigint;
BEGIN
    IF reader IS NULL THEN
        RETURN (404, concat('person ', address))::imported;
    ELSIF root IS NULL THEN
        RETURN (404, concat('channel ', channel))::imported;
    END IF;
    WITH marked AS (
        INSERT INTO stream_reads (stream_id, user_id, read_seq) SELECT s.id, reader, s.last_seq FROM streams s WHERE s.root_id = root
        ON CONFLICT DO NOTHING RETURNING stream_id, read_seq),
    seen AS (
        DELETE FROM message_mentions x USING marked WHERE x.user_id = reader AND x.stream_id = marked.stream_id AND x.seq <= marked.read_seq)
    SELECT count(*) INTO made FROM marked;
    RETURN (CASE WHEN made > 0 THEN 201 ELSE 200 END, NULL)::imported;
END $$;
