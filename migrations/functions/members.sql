-- Who is in a channel: changed by people, who must be allowed to, and by an operator, whom nobody asks for permission.

-- The channel, locked before a change of its members; NULL where the reader sees no such channel or the workspace no such member.
CREATE OR REPLACE FUNCTION lock_members(reader text, workspace text, stream text, member text) RETURNS streams LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    s streams := lock_stream(reader, workspace, stream);
BEGIN
    IF EXISTS (SELECT FROM people p WHERE p.workspace_id = workspace AND p.id = member) THEN
        RETURN s;
    END IF;
    RETURN NULL;
END $$;

-- The event of a member who comes; NULL if they are there. What was said before, in the threads too, counts as read by them. `s` is
-- locked.
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

-- The event of a member who goes; NULL if they were not there. Their read marks go too, and with access to a private channel their
-- open event streams. `s` is locked.
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

-- Everyone in a channel may bring somebody; NULL is oneself.
CREATE OR REPLACE FUNCTION add_member(secret text, workspace text, stream text, whom text) RETURNS SETOF told LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    c caller := who_calls(secret, false, workspace, NULL);
    member CONSTANT text := coalesce(whom, c.id);
    answer told;
    s streams;
    e stream_events;
BEGIN
    IF c.refused IS NULL THEN
        s := lock_members(c.id, workspace, stream, member);
    END IF;
    answer := CASE
        WHEN c.refused IS NOT NULL THEN told_answer(c.refused)
        WHEN s.id IS NULL THEN told_answer(404)
        WHEN s.type <> 'channel' THEN told_answer(409, problem => 'not_a_channel')
    END;
    IF answer.kind IS NOT NULL THEN
        RETURN NEXT answer;
        RETURN;
    END IF;
    e := join_channel(s, member, c.id);
    IF e.seq IS NULL THEN
        RETURN NEXT told_member(s, 200, member);
        RETURN;
    END IF;
    IF member <> c.id THEN
        PERFORM write_audit(c.id, 'add-member', member, workspace, json_build_object('stream', s.id));
    END IF;
    RETURN NEXT told_member(s, 201, member);
    RETURN NEXT told_event(e);
    IF member LIKE 'usr\_%' THEN
        RETURN NEXT told_person(member, 'stream:added', concat('"streamId":"', s.id, '"'));
    END IF;
    RETURN NEXT told_activity(s.id);
END $$;

-- Oneself, or anybody by a channel's owner or the workspace's admins.
CREATE OR REPLACE FUNCTION remove_member(secret text, workspace text, stream text, whom text) RETURNS SETOF told LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    c caller := who_calls(secret, false, workspace, NULL);
    member CONSTANT text := coalesce(whom, c.id);
    answer told;
    s streams;
    e stream_events;
BEGIN
    IF c.refused IS NULL THEN
        s := lock_members(c.id, workspace, stream, member);
    END IF;
    answer := CASE
        WHEN c.refused IS NOT NULL THEN told_answer(c.refused)
        WHEN s.id IS NULL THEN told_answer(404)
        WHEN s.type <> 'channel' THEN told_answer(409, problem => 'not_a_channel')
        WHEN member <> c.id AND c.role <> 'admin'
             AND NOT EXISTS (SELECT FROM stream_members m WHERE m.stream_id = s.id AND m.member_id = c.id AND m.role = 'owner')
            THEN told_answer(404)
    END;
    IF answer.kind IS NOT NULL THEN
        RETURN NEXT answer;
        RETURN;
    END IF;
    RETURN NEXT told_answer(204);
    e := leave_channel(s, member, c.id);
    IF e.seq IS NULL THEN
        RETURN;
    END IF;
    IF member <> c.id THEN
        PERFORM write_audit(c.id, 'remove-member', member, workspace, json_build_object('stream', s.id));
    END IF;
    RETURN NEXT told_event(e);
    IF member LIKE 'usr\_%' THEN
        RETURN NEXT told_person(member, 'stream:removed', concat('"streamId":"', s.id, '"'));
    END IF;
    RETURN NEXT told_activity(s.id);
END $$;

-- By an operator, whom nobody asks for permission. Both return whether anything changed.
CREATE OR REPLACE FUNCTION enrol_member(channel text, member text) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    s streams;
BEGIN
    SELECT * INTO s FROM streams x WHERE x.id = channel FOR NO KEY UPDATE;
    RETURN (join_channel(s, member, NULL)).seq IS NOT NULL;
END $$;

CREATE OR REPLACE FUNCTION expel_member(channel text, member text) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    s streams;
BEGIN
    SELECT * INTO s FROM streams x WHERE x.id = channel FOR NO KEY UPDATE;
    RETURN (leave_channel(s, member, NULL)).seq IS NOT NULL;
END $$;

-- A workspace's channels for its admins: those that they may read themselves. Of the private ones they are not in there is the number.
CREATE OR REPLACE FUNCTION list_channels(secret text, workspace text) RETURNS told LANGUAGE plpgsql STABLE AS $$
DECLARE
    c caller := who_administers(secret, workspace);
BEGIN
    RETURN coalesce(told_refusal(c), (
        WITH s AS MATERIALIZED (
            SELECT x.*, can_read_stream(c.id, x.id) AS is_open FROM streams x WHERE x.workspace_id = workspace AND x.type = 'channel')
        SELECT told_answer(200, concat(
            '{"channels":[', string_agg(concat(
                '{"id":"', s.id, '","name":', to_json(s.name), ',"private":', to_json(s.private), ',"createdAt":', json_time(s.created_at),
                ',"memberCount":', (SELECT count(*) FROM stream_members m WHERE m.stream_id = s.id), '}'), ',' ORDER BY lower(s.name), s.id)
                FILTER (WHERE s.is_open),
            '],"hiddenCount":', count(*) FILTER (WHERE NOT s.is_open), '}')) FROM s));
END $$;
