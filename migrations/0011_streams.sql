-- Making channels and scratchpads, and who is in them.

-- Without `persona_id` a scratchpad is with the workspace's first persona.
CREATE FUNCTION create_stream(secret text, workspace text, kind text, title text, is_private boolean, persona text)
RETURNS SETOF told LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    c caller := who_calls(secret, false, workspace, NULL);
    s streams;
    fresh CONSTANT text := new_id('str');
    partner text;
BEGIN
    IF c.refused IS NOT NULL THEN
        RETURN NEXT told_answer(c.refused, NULL);
        RETURN;
    END IF;
    IF kind = 'channel' AND EXISTS (SELECT FROM streams x WHERE x.workspace_id = workspace AND x.type = 'channel'
                                                          AND lower(x.name) = lower(title)) THEN
        RETURN NEXT told_answer(409, NULL, 'name_taken');
        RETURN;
    END IF;
    IF kind = 'scratchpad' THEN
        SELECT p.id INTO partner FROM personas p WHERE p.workspace_id = workspace AND p.id = coalesce(persona, p.id)
        ORDER BY p.created_at, p.id LIMIT 1;
        IF NOT FOUND THEN
            RETURN NEXT told_answer(404, NULL);
            RETURN;
        END IF;
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

-- Locks a channel before a change of its members. NULL, or the refusal.
CREATE FUNCTION lock_channel(reader text, workspace text, stream text, member text) RETURNS told LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    s streams := lock_stream(reader, workspace, stream);
BEGIN
    IF s.id IS NULL OR NOT EXISTS (SELECT FROM people p WHERE p.workspace_id = workspace AND p.id = member) THEN
        RETURN told_answer(404, NULL);
    ELSIF s.type <> 'channel' THEN
        RETURN told_answer(409, NULL, 'not_a_channel');
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION told_member(s streams, status integer, member text) RETURNS told LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        SELECT told_answer(status, concat('{"type":"', p.type, '",', p.members, ',"role":"', m.role, '"}'))
        FROM people p JOIN stream_members m ON m.stream_id = s.id AND m.member_id = p.id
        WHERE p.workspace_id = s.workspace_id AND p.id = member);
END $$;

-- Everyone in a channel may bring somebody; NULL is oneself.
CREATE FUNCTION add_member(secret text, workspace text, stream text, whom text) RETURNS SETOF told LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    c caller := who_calls(secret, false, workspace, NULL);
    member CONSTANT text := coalesce(whom, c.id);
    s streams;
    refusal told;
    e stream_events;
BEGIN
    IF c.refused IS NOT NULL THEN
        RETURN NEXT told_answer(c.refused, NULL);
        RETURN;
    END IF;
    refusal := lock_channel(c.id, workspace, stream, member);
    IF refusal.kind IS NOT NULL THEN
        RETURN NEXT refusal;
        RETURN;
    END IF;
    SELECT * INTO s FROM streams x WHERE x.id = stream;
    INSERT INTO stream_members (stream_id, member_id) VALUES (s.id, member) ON CONFLICT DO NOTHING;
    IF NOT FOUND THEN
        RETURN NEXT told_member(s, 200, member);
        RETURN;
    END IF;
    e := write_event(s.id, 'stream:updated', 'members', c.id, NULL);
    IF member LIKE 'usr\_%' THEN
        -- What was said before is not news.
        INSERT INTO stream_reads (user_id, stream_id, read_seq) VALUES (member, s.id, e.seq) ON CONFLICT DO NOTHING;
    END IF;
    RETURN NEXT told_member(s, 201, member);
    RETURN NEXT told_event(e);
    IF member LIKE 'usr\_%' THEN
        RETURN NEXT told_person(member, 'stream:added', concat('"streamId":"', s.id, '"'));
    END IF;
    RETURN NEXT told_activity(s.id);
END $$;

-- Oneself, or anybody by a channel's owner or the workspace's admins. Who loses access loses open event streams too.
CREATE FUNCTION remove_member(secret text, workspace text, stream text, whom text) RETURNS SETOF told LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    c caller := who_calls(secret, false, workspace, NULL);
    member CONSTANT text := coalesce(whom, c.id);
    s streams;
    refusal told;
    e stream_events;
BEGIN
    IF c.refused IS NOT NULL THEN
        RETURN NEXT told_answer(c.refused, NULL);
        RETURN;
    END IF;
    refusal := lock_channel(c.id, workspace, stream, member);
    IF refusal.kind IS NOT NULL THEN
        RETURN NEXT refusal;
        RETURN;
    END IF;
    SELECT * INTO s FROM streams x WHERE x.id = stream;
    IF member <> c.id AND c.role <> 'admin'
       AND NOT EXISTS (SELECT FROM stream_members m WHERE m.stream_id = s.id AND m.member_id = c.id AND m.role = 'owner') THEN
        RETURN NEXT told_answer(404, NULL);
        RETURN;
    END IF;
    RETURN NEXT told_answer(204, NULL);
    DELETE FROM stream_members m WHERE m.stream_id = s.id AND m.member_id = member;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    e := write_event(s.id, 'stream:updated', 'members', c.id, NULL);
    IF s.private THEN
        INSERT INTO revocations (principal) VALUES (member);
        DELETE FROM message_mentions x WHERE x.user_id = member
                                         AND x.stream_id IN (SELECT t.id FROM streams t WHERE t.root_id = s.id);
    END IF;
    RETURN NEXT told_event(e);
    IF member LIKE 'usr\_%' THEN
        RETURN NEXT told_person(member, 'stream:removed', concat('"streamId":"', s.id, '"'));
    END IF;
    RETURN NEXT told_activity(s.id);
END $$;
