-- Authentication of a caller, and the one rule of access: REST, the door to the pusher, search and the pusher's snapshots all ask
-- these functions. They do not say who may write; each verb decides that.
--
-- They are in plpgsql, whose plans a connection keeps: a function in SQL that cannot be inlined is planned anew in every statement
-- that calls it (measured for the first one: 0.9 ms against 0.05).

-- `reader` is a user (usr_…) or a persona (per_…). Threads follow their root: a public channel is open to the whole workspace,
-- everything else to its members. Each condition is one row by its key; as EXISTS it would be planned as a table of all that the reader
-- is a member of.
CREATE OR REPLACE FUNCTION can_read_stream(reader text, stream text) RETURNS boolean LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
    RETURN EXISTS (
        SELECT FROM streams s JOIN streams root ON root.id = s.root_id
        WHERE s.id = stream
          AND (NOT root.private
               AND ((SELECT true FROM workspace_members w WHERE w.workspace_id = root.workspace_id AND w.user_id = reader)
                    OR (SELECT true FROM personas p WHERE p.id = reader AND p.workspace_id = root.workspace_id))
               OR (SELECT true FROM stream_members m WHERE m.stream_id = root.id AND m.member_id = reader)));
END $$;

-- A session follows its stream; one without a stream is open to all members of its workspace and to its own persona.
CREATE OR REPLACE FUNCTION can_read_session(reader text, workspace text, stream text, persona text) RETURNS boolean LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
    -- By itself this is no query to plpgsql, which would take as long as the rule.
    IF stream IS NOT NULL THEN
        RETURN can_read_stream(reader, stream);
    END IF;
    RETURN reader = persona OR EXISTS (SELECT FROM workspace_members w WHERE w.workspace_id = workspace AND w.user_id = reader);
END $$;

-- May this person do something to the session, such as sharing or tagging it? Whoever may post in its stream, which is whoever reads it;
-- without a stream an administrator of its workspace.
CREATE OR REPLACE FUNCTION may_act_on_session(person text, s agent_sessions) RETURNS boolean LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
    RETURN EXISTS (SELECT FROM users u WHERE u.id = person AND u.deactivated_at IS NULL)
       AND CASE WHEN s.stream_id IS NOT NULL THEN can_read_stream(person, s.stream_id)
                ELSE EXISTS (SELECT FROM workspace_members m
                             WHERE m.workspace_id = s.workspace_id AND m.user_id = person AND m.role = 'admin') END;
END $$;

-- The channels and scratchpads that `reader` may read: can_read_stream() as a set, for lists. Threads follow their root.
CREATE OR REPLACE FUNCTION roots_readable_by(reader text, workspace text) RETURNS SETOF text LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
DECLARE
    is_inside CONSTANT boolean := EXISTS (SELECT FROM workspace_members w WHERE w.workspace_id = workspace AND w.user_id = reader)
                                  OR EXISTS (SELECT FROM personas p WHERE p.id = reader AND p.workspace_id = workspace);
BEGIN
    RETURN QUERY
    SELECT s.id FROM streams s
    WHERE s.workspace_id = workspace AND s.type <> 'thread'
      AND (is_inside AND NOT s.private OR EXISTS (SELECT FROM stream_members m WHERE m.stream_id = s.id AND m.member_id = reader));
END $$;

-- May everyone who reads `audience` also read `stream`? True for the stream's own family and for the workspace's public channels;
-- a private stream is readable by all of another's readers only if that one is private too and its members, people and personas
-- alike, are among this one's.
CREATE OR REPLACE FUNCTION readers_may_read(audience text, stream text) RETURNS boolean LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
    RETURN EXISTS (
        SELECT FROM streams a JOIN streams a_root ON a_root.id = a.root_id,
                    streams s JOIN streams s_root ON s_root.id = s.root_id
        WHERE a.id = audience AND s.id = stream AND a.workspace_id = s.workspace_id
          AND (a_root.id = s_root.id
               OR NOT s_root.private
               OR a_root.private AND NOT EXISTS (
                      SELECT FROM stream_members m WHERE m.stream_id = a_root.id
                      AND NOT EXISTS (SELECT FROM stream_members n WHERE n.stream_id = s_root.id AND n.member_id = m.member_id))));
END $$;

-- Always a row. `scope`: what a token needs; people need none. A workspace that is not theirs does not exist for them.
CREATE OR REPLACE FUNCTION who_calls(secret text, program boolean, workspace text, scope text) RETURNS caller LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
DECLARE
    c caller;
    may boolean := true;
BEGIN
    IF program THEN
        SELECT t.persona_id, t.id, CASE WHEN t.workspace_id = workspace THEN 'persona' END, scope = ANY (t.scopes)
        INTO c.id, c.credential, c.role, may
        FROM tokens t WHERE t.hash = sha256(convert_to(secret, 'UTF8')) AND t.revoked_at IS NULL
            AND coalesce(t.expires_at > now(), true);
    ELSE
        SELECT l.user_id, l.id, m.role INTO c.id, c.credential, c.role
        FROM login_sessions l LEFT JOIN workspace_members m ON m.user_id = l.user_id AND m.workspace_id = workspace
        WHERE l.hash = sha256(convert_to(secret, 'UTF8')) AND l.ended_at IS NULL AND l.expires_at > now();
    END IF;
    c.refused := CASE WHEN c.id IS NULL THEN 401 WHEN c.role IS NULL THEN 404 WHEN NOT may THEN 403 END;
    RETURN c;
END $$;
