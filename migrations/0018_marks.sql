-- How far somebody has read is kept of members only: who comes, or comes back, has read what was said before, in the threads too, and
-- who does not belong has nothing unread.

DELETE FROM stream_reads r
WHERE NOT EXISTS (SELECT FROM streams s JOIN stream_members m ON m.stream_id = s.root_id AND m.member_id = r.user_id
                  WHERE s.id = r.stream_id);

-- As in 0011_streams.sql; the marks go with the member.
CREATE OR REPLACE FUNCTION leave_channel(s streams, member text, actor text) RETURNS stream_events LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    DELETE FROM stream_members m WHERE m.stream_id = s.id AND m.member_id = member;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    DELETE FROM stream_reads r WHERE r.user_id = member AND r.stream_id IN (SELECT t.id FROM streams t WHERE t.root_id = s.id);
    IF s.private THEN
        INSERT INTO revocations (principal) VALUES (member);
        DELETE FROM message_mentions x WHERE x.user_id = member
                                         AND x.stream_id IN (SELECT t.id FROM streams t WHERE t.root_id = s.id);
    END IF;
    RETURN write_event(s.id, 'stream:updated', 'members', actor, NULL);
END $$;

-- As in 0011_streams.sql, with marks in the threads.
CREATE OR REPLACE FUNCTION join_channel(s streams, member text, actor text) RETURNS stream_events LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    e stream_events;
BEGIN
    INSERT INTO stream_members (stream_id, member_id) VALUES (s.id, member) ON CONFLICT DO NOTHING;
    IF FOUND THEN
        e := write_event(s.id, 'stream:updated', 'members', actor, NULL);
        INSERT INTO stream_reads (user_id, stream_id, read_seq)
        SELECT member, t.id, t.last_seq FROM streams t WHERE t.root_id = s.id AND member LIKE 'usr\_%'
        ON CONFLICT (user_id, stream_id) DO UPDATE SET read_seq = excluded.read_seq;
    END IF;
    RETURN e;
END $$;
