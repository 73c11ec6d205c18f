-- An import keeps marks of members only, too.

-- As in 0013_import.sql: the person has read the channel and its threads up to here, unless they have a mark of their own. Who is
-- not in it has nothing unread there.
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
