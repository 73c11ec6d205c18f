-- Personas, the faces of agents: made and changed by a workspace's admins and by an operator.

-- NULL where the slug is taken; an absent one is made from the name.
CREATE OR REPLACE FUNCTION make_persona(fresh text, workspace text, title text, wanted text, face text, about text, is_demo boolean)
RETURNS personas LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    p personas;
    free text := free_slug(workspace, coalesce(wanted, title), wanted IS NOT NULL);
BEGIN
    IF free IS NOT NULL THEN
        INSERT INTO personas (id, workspace_id, name, slug, avatar, description, demo)
        VALUES (fresh, workspace, title, free, coalesce(face, initials(title)), about, is_demo) RETURNING * INTO p;
    END IF;
    RETURN p;
END $$;

-- The answers have the form of cgi/actors.h, because whether a persona is connected is known to the pushers alone.
CREATE OR REPLACE FUNCTION create_persona(secret text, workspace text, title text, wanted text, face text, about text) RETURNS told
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    c caller := who_administers(secret, workspace);
    answer told := told_refusal(c);
    p personas;
BEGIN
    IF answer.kind IS NOT NULL THEN
        RETURN answer;
    END IF;
    p := make_persona(new_id('per'), workspace, title, wanted, face, about, false);
    IF p.id IS NULL THEN
        RETURN told_answer(409, problem => 'slug_taken');
    END IF;
    PERFORM write_audit(c.id, 'create-persona', p.id, workspace);
    RETURN told_answer(201, actor_head(p.id) || persona_members(p));
END $$;

-- NULL: stays. The slug stays in any case, because people call by it. An empty description is none.
CREATE OR REPLACE FUNCTION change_persona(secret text, workspace text, persona text, title text, face text, about text) RETURNS told
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    c caller := who_administers(secret, workspace);
    answer told := told_refusal(c);
    p personas;
BEGIN
    IF answer.kind IS NOT NULL THEN
        RETURN answer;
    END IF;
    UPDATE personas x SET name = coalesce(title, x.name), avatar = coalesce(face, x.avatar),
                          description = nullif(coalesce(about, x.description), '')
    WHERE x.id = persona AND x.workspace_id = workspace RETURNING * INTO p;
    IF p.id IS NULL THEN
        RETURN told_answer(404);
    END IF;
    PERFORM write_audit(c.id, 'change-persona', p.id, workspace);
    RETURN told_answer(200, actor_head(p.id) || persona_members(p));
END $$;
