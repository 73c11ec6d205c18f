-- A line that is refused has made nothing, a thread neither.

-- As in 0013_import.sql; NULL if it would have to be made by somebody who may not read the channel.
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
