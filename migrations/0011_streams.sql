-- Channels and scratchpads, and who is in them: by people, who must be allowed to, and by an operator's hand.

-- Without `persona_id` a scratchpad is with the workspace's first persona.
CREATE FUNCTION create_stream(secret text, workspace text, kind text, title text, is_private boolean, persona text)
RETURNS SETOF told LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    c caller := who_calls(secret, false, workspace, NULL);
    answer told;
    s streams;
    fresh CONSTANT text := new_id('str');
    partner text;
BEGIN
    IF kind = 'scratchpad' THEN
        SELECT p.id INTO partner FROM personas p WHERE p.workspace_id = workspace AND p.id = coalesce(persona, p.id)
        ORDER BY p.created_at, p.id LIMIT 1;
    END IF;
    answer := CASE
        WHEN c.refused IS NOT NULL THEN told_answer(c.refused)
        WHEN kind = 'channel' AND EXISTS (SELECT FROM streams x WHERE x.workspace_id = workspace AND x.type = 'channel'
                                                                AND lower(x.name) = lower(title))
            THEN told_answer(409, problem => 'name_taken')
        WHEN kind = 'scratchpad' AND partner IS NULL THEN told_answer(404)
    END;
    IF answer.kind IS NOT NULL THEN
        RETURN NEXT answer;
        RETURN;
    END IF;
    INSERT INTO streams (id, workspace_id, type, name, private, root_id, owner_id, persona_id)
    VALUES (fresh, workspace, kind, title, is_private OR kind = 'scratchpad', fresh, CASE WHEN kind = 'scratchpad' THEN c.id END, partner)
    RETURNING * INTO s;
    INSERT INTO stream_members (stream_id, member_id, role) VALUES (s.id, c.id, 'owner');
    IF partner IS NOT NULL THEN
        INSERT INTO stream_members (stream_id, member_id) VALUES (s.id, partner);
    END IF;
    RETURN NEXT told_answer(201, stream_json(s, c.id));
    RETURN NEXT told_person(c.id, 'stream:added', concat('"streamId":"', s.id, '"'));
    IF NOT s.private THEN
        RETURN NEXT told_activity(s.id);
    END IF;
END $$;

CREATE FUNCTION told_member(s streams, status integer, member text) RETURNS told LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        SELECT told_answer(status, concat('{"type":"', p.type, '",', p.members, ',"role":"', m.role, '"}'))
        FROM people p JOIN stream_members m ON m.stream_id = s.id AND m.member_id = p.id
        WHERE p.workspace_id = s.workspace_id AND p.id = member);
END $$;

-- The channel, locked before a change of its members; NULL where the reader sees no such channel or the workspace no such member.
CREATE FUNCTION lock_members(reader text, workspace text, stream text, member text) RETURNS streams LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    s streams := lock_stream(reader, workspace, stream);
BEGIN
    IF EXISTS (SELECT FROM people p WHERE p.workspace_id = workspace AND p.id = member) THEN
        RETURN s;
    END IF;
    RETURN NULL;
END $$;

-- The event of a member who comes; NULL if they are there. What was said before is not news to them. `s` is locked.
CREATE FUNCTION join_channel(s streams, member text, actor text) RETURNS stream_events LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    e stream_events;
BEGIN
    INSERT INTO stream_members (stream_id, member_id) VALUES (s.id, member) ON CONFLICT DO NOTHING;
    IF FOUND THEN
        e := write_event(s.id, 'stream:updated', 'members', actor, NULL);
        INSERT INTO stream_reads (user_id, stream_id, read_seq) SELECT member, s.id, e.seq WHERE member LIKE 'usr\_%'
        ON CONFLICT DO NOTHING;
    END IF;
    RETURN e;
END $$;

-- The event of a member who goes; NULL if they were not there. Who loses access loses open event streams too. `s` is locked.
CREATE FUNCTION leave_channel(s streams, member text, actor text) RETURNS stream_events LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    DELETE FROM stream_members m WHERE m.stream_id = s.id AND m.member_id = member;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    IF s.private THEN
        INSERT INTO revocations (principal) VALUES (member);
        DELETE FROM message_mentions x WHERE x.user_id = member
                                         AND x.stream_id IN (SELECT t.id FROM streams t WHERE t.root_id = s.id);
    END IF;
    RETURN write_event(s.id, 'stream:updated', 'members', actor, NULL);
END $$;

-- Everyone in a channel may bring somebody; NULL is oneself.
CREATE FUNCTION add_member(secret text, workspace text, stream text, whom text) RETURNS SETOF told LANGUAGE plpgsql VOLATILE AS $$
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
    RETURN NEXT told_member(s, 201, member);
    RETURN NEXT told_event(e);
    IF member LIKE 'usr\_%' THEN
        RETURN NEXT told_person(member, 'stream:added', concat('"streamId":"', s.id, '"'));
    END IF;
    RETURN NEXT told_activity(s.id);
END $$;

-- Oneself, or anybody by a channel's owner or the workspace's admins.
CREATE FUNCTION remove_member(secret text, workspace text, stream text, whom text) RETURNS SETOF told LANGUAGE plpgsql VOLATILE AS $$
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
    RETURN NEXT told_event(e);
    IF member LIKE 'usr\_%' THEN
        RETURN NEXT told_person(member, 'stream:removed', concat('"streamId":"', s.id, '"'));
    END IF;
    RETURN NEXT told_activity(s.id);
END $$;

-- By an operator, whom nobody asks for permission. Both return whether anything changed.
CREATE FUNCTION enrol_member(channel text, member text) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    s streams;
BEGIN
    SELECT * INTO s FROM streams x WHERE x.id = channel FOR NO KEY UPDATE;
    RETURN (join_channel(s, member, NULL)).seq IS NOT NULL;
END $$;

CREATE FUNCTION expel_member(channel text, member text) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    s streams;
BEGIN
    SELECT * INTO s FROM streams x WHERE x.id = channel FOR NO KEY UPDATE;
    RETURN (leave_channel(s, member, NULL)).seq IS NOT NULL;
END $$;
