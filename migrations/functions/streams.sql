-- Making channels and scratchpads.

-- Without `persona_id` a scratchpad is with the workspace's first persona.
CREATE OR REPLACE FUNCTION create_stream(secret text, workspace text, kind text, title text, is_private boolean, persona text)
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
