-- A conversation from a file, as if it had been held here at its times. Each verb does nothing if it was done before, and a line that
-- is refused has made nothing, not even a thread. The order of locks is that of writing.sql.

CREATE OR REPLACE FUNCTION import_event_at(e stream_events, at timestamptz) RETURNS void LANGUAGE sql VOLATILE AS $$
    UPDATE stream_events x SET created_at = at WHERE x.stream_id = e.stream_id AND x.seq = e.seq
$$;

CREATE OR REPLACE FUNCTION import_author(workspace text, address text) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT u.id FROM users u JOIN workspace_members m ON m.user_id = u.id
    WHERE m.workspace_id = workspace AND lower(u.email) = lower(address)
$$;

CREATE OR REPLACE FUNCTION import_channel(workspace text, title text) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT id FROM streams WHERE workspace_id = workspace AND type = 'channel' AND lower(name) = lower(title)
$$;

-- From the beginning: not an event of the channel.
CREATE OR REPLACE FUNCTION import_member(workspace text, channel text, address text) RETURNS imported LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    member CONSTANT text := import_author(workspace, address);
BEGIN
    IF member IS NULL THEN
        RETURN (404, concat('person ', address))::imported;
    END IF;
    INSERT INTO stream_members (stream_id, member_id) VALUES (import_channel(workspace, channel), member) ON CONFLICT DO NOTHING;
    RETURN (CASE WHEN FOUND THEN 201 ELSE 200 END, NULL)::imported;
END $$;

-- The thread of the message `root`, made at `at` if there is none; NULL if it would have to be made by somebody who may not read the
-- channel.
CREATE OR REPLACE FUNCTION import_thread(workspace text, author text, root messages, at timestamptz) RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    thread text;
    s streams;
BEGIN
    SELECT t.id INTO thread FROM streams t WHERE t.parent_message_id = root.id;
    IF FOUND THEN
        RETURN thread;
    END IF;
    s := lock_stream(author, workspace, root.stream_id);
    IF s.id IS NULL THEN
        RETURN NULL;
    END IF;
    SELECT t.id INTO thread FROM make_thread(s, root.id) t;
    UPDATE messages x SET version = x.version + 1 WHERE x.id = root.id;
    PERFORM import_event_at(write_event(s.id, 'thread:created', NULL, author, root.id), at);
    RETURN thread;
END $$;

-- The person has read the channel and its threads up to here, unless they have a mark of their own. Marks are kept of members only.
CREATE OR REPLACE FUNCTION import_read(workspace text, channel text, address text) RETURNS imported LANGUAGE plpgsql VOLATILE AS $$
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
        INSERT INTO stream_reads (stream_id, user_id, read_seq)
        SELECT s.id, reader, s.last_seq FROM streams s
        WHERE s.root_id = root AND EXISTS (SELECT FROM stream_members m WHERE m.stream_id = root AND m.member_id = reader)
        ON CONFLICT DO NOTHING RETURNING stream_id, read_seq),
    seen AS (
        DELETE FROM message_mentions x USING marked WHERE x.user_id = reader AND x.stream_id = marked.stream_id AND x.seq <= marked.read_seq)
    SELECT count(*) INTO made FROM marked;
    RETURN (CASE WHEN made > 0 THEN 201 ELSE 200 END, NULL)::imported;
END $$;
