-- Members of channels by an operator's hand: what 0011_streams.sql does for people, without asking who may. Both return whether anything
-- changed.

CREATE FUNCTION enrol_member(channel text, member text) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    s streams;
BEGIN
    SELECT * INTO s FROM streams x WHERE x.id = channel FOR NO KEY UPDATE;
    INSERT INTO stream_members (stream_id, member_id) VALUES (channel, member) ON CONFLICT DO NOTHING;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    IF member LIKE 'usr\_%' THEN
        -- What was said before is not news.
        INSERT INTO stream_reads (user_id, stream_id, read_seq) VALUES (member, channel, s.last_seq) ON CONFLICT DO NOTHING;
    END IF;
    PERFORM write_event(channel, 'stream:updated', 'members', NULL, NULL);
    RETURN true;
END $$;

CREATE FUNCTION expel_member(channel text, member text) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    s streams;
BEGIN
    SELECT * INTO s FROM streams x WHERE x.id = channel FOR NO KEY UPDATE;
    DELETE FROM stream_members m WHERE m.stream_id = channel AND m.member_id = member;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    INSERT INTO revocations (principal) VALUES (member);
    IF s.private THEN
        DELETE FROM message_mentions x WHERE x.user_id = member
                                         AND x.stream_id IN (SELECT t.id FROM streams t WHERE t.root_id = channel);
    END IF;
    PERFORM write_event(channel, 'stream:updated', 'members', NULL, NULL);
    RETURN true;
END $$;
