-- What a workspace's admins do to its people, personas and tokens. trace-admin, whom nobody asks for permission, uses the same parts.
-- An admin administers a workspace; the account of somebody who is in others, too, belongs to them only where they administer all of them.

CREATE OR REPLACE FUNCTION who_administers(secret text, workspace text) RETURNS caller LANGUAGE plpgsql STABLE AS $$
DECLARE
    c caller := who_calls(secret, false, workspace, NULL);
BEGIN
    IF c.refused IS NULL AND c.role <> 'admin' THEN
        c.refused := 403;
    END IF;
    RETURN c;
END $$;

-- Why an admin's call goes no further; NULL: it does.
CREATE OR REPLACE FUNCTION told_refusal(c caller) RETURNS told LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RETURN CASE WHEN c.refused IS NOT NULL
                THEN told_answer(c.refused, problem => CASE WHEN c.refused = 403 THEN 'admin_only' END) END;
END $$;

CREATE OR REPLACE FUNCTION write_audit(who text, what text, whom text, workspace text, more json DEFAULT '{}') RETURNS void
LANGUAGE sql VOLATILE AS $$
    INSERT INTO audit_log (actor, action, subject, workspace_id, details) VALUES (who, what, whom, workspace, more)
$$;

-- Ends a person's sign-ins and, by their revocations, the live streams that these opened. Returns how many there were. A sign-in holds
-- the person's row while it is written (store/auth.c), so none is under way behind the lock, and a statement of its own sees them all.
CREATE OR REPLACE FUNCTION end_sign_ins(person text) RETURNS bigint LANGUAGE sql VOLATILE AS $$
    SELECT FROM users u WHERE u.id = person FOR NO KEY UPDATE;
    WITH l AS (UPDATE login_sessions x SET ended_at = clock_timestamp()
               WHERE x.user_id = person AND x.ended_at IS NULL AND x.expires_at > now() RETURNING x.id),
    r AS (INSERT INTO revocations (principal) SELECT id FROM l)
    SELECT count(*) FROM l
$$;

CREATE OR REPLACE FUNCTION administered_person_json(m workspace_members) RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        SELECT concat('{', user_members(u, m.slug), ',"email":', to_json(u.email), ',"role":"', m.role, '","joinedAt":', json_time(m.joined_at),
                      ',"lastSeenAt":' || json_time((SELECT s.at FROM last_seen s WHERE s.workspace_id = m.workspace_id AND s.user_id = u.id)),
                      ',"deactivatedAt":' || json_time(u.deactivated_at),
                      CASE WHEN EXISTS (SELECT FROM workspace_members o WHERE o.user_id = u.id AND o.workspace_id <> m.workspace_id)
                           THEN ',"elsewhere":true' END, '}')
        FROM users u WHERE u.id = m.user_id);
END $$;

CREATE OR REPLACE FUNCTION list_people(secret text, workspace text) RETURNS told LANGUAGE plpgsql STABLE AS $$
DECLARE
    c caller := who_administers(secret, workspace);
BEGIN
    RETURN coalesce(told_refusal(c), told_answer(200, (
        SELECT concat('{"people":[', string_agg(administered_person_json(m), ',' ORDER BY lower(u.name), u.id), ']}')
        FROM workspace_members m JOIN users u ON u.id = m.user_id WHERE m.workspace_id = workspace AND u.erased_at IS NULL)));
END $$;

-- A member of the workspace, with all workspaces of theirs locked: who is the last admin of one stays true until the commit.
CREATE OR REPLACE FUNCTION lock_person(workspace text, person text) RETURNS workspace_members LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    m workspace_members;
BEGIN
    PERFORM FROM workspaces w WHERE w.id IN (SELECT x.workspace_id FROM workspace_members x WHERE x.user_id = person)
    ORDER BY w.id FOR NO KEY UPDATE;
    SELECT x.* INTO m FROM workspace_members x JOIN users u ON u.id = x.user_id
    WHERE x.workspace_id = workspace AND x.user_id = person AND u.erased_at IS NULL;
    RETURN m;
END $$;

-- Nobody else could administer the workspace. Whoever is deactivated cannot.
CREATE OR REPLACE FUNCTION is_last_admin(m workspace_members) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN m.role = 'admin' AND NOT EXISTS (
        SELECT FROM workspace_members x JOIN users u ON u.id = x.user_id
        WHERE x.workspace_id = m.workspace_id AND x.user_id <> m.user_id AND x.role = 'admin' AND u.deactivated_at IS NULL);
END $$;

-- The same for every workspace that the person is in: an account is one.
CREATE OR REPLACE FUNCTION is_last_admin_anywhere(person text) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN EXISTS (SELECT FROM workspace_members m WHERE m.user_id = person AND is_last_admin(m));
END $$;

CREATE OR REPLACE FUNCTION administers_account(admin text, person text) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN NOT EXISTS (
        SELECT FROM workspace_members theirs
        WHERE theirs.user_id = person AND NOT EXISTS (
            SELECT FROM workspace_members mine
            WHERE mine.workspace_id = theirs.workspace_id AND mine.user_id = admin AND mine.role = 'admin'));
END $$;

-- The name belongs to the account, the role to the workspace. NULL: stays.
CREATE OR REPLACE FUNCTION change_person(secret text, workspace text, person text, new_name text, new_role text) RETURNS told
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    c caller := who_administers(secret, workspace);
    m workspace_members;
    answer told := told_refusal(c);
BEGIN
    IF answer.kind IS NULL THEN
        m := lock_person(workspace, person);
        -- Of two admins who take each other's rights, the second has none any more.
        c := who_administers(secret, workspace);
        answer := CASE
            WHEN c.refused IS NOT NULL THEN told_refusal(c)
            WHEN m.user_id IS NULL THEN told_answer(404)
            WHEN new_name IS NOT NULL AND NOT administers_account(c.id, person) THEN told_answer(409, problem => 'in_other_workspaces')
            WHEN new_role = 'member' AND is_last_admin(m) THEN told_answer(409, problem => 'last_admin')
        END;
    END IF;
    IF answer.kind IS NOT NULL THEN
        RETURN answer;
    END IF;
    IF new_name IS NOT NULL THEN
        UPDATE users u SET name = new_name WHERE u.id = person AND u.name <> new_name;
        IF FOUND THEN
            PERFORM write_audit(c.id, 'rename', person, workspace);
        END IF;
    END IF;
    IF new_role IS NOT NULL AND new_role <> m.role THEN
        UPDATE workspace_members x SET role = new_role WHERE x.workspace_id = workspace AND x.user_id = person RETURNING * INTO m;
        PERFORM write_audit(c.id, 'set-role', person, workspace, json_build_object('role', new_role));
    END IF;
    RETURN told_answer(200, administered_person_json(m));
END $$;

-- `what`: sign-out-everywhere, deactivate or activate.
CREATE OR REPLACE FUNCTION change_account(secret text, workspace text, person text, what text) RETURNS told LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    c caller := who_administers(secret, workspace);
    m workspace_members;
    answer told := told_refusal(c);
BEGIN
    IF answer.kind IS NULL THEN
        m := lock_person(workspace, person);
        -- Of two admins who take each other's rights, the second has none any more.
        c := who_administers(secret, workspace);
        answer := CASE
            WHEN c.refused IS NOT NULL THEN told_refusal(c)
            WHEN m.user_id IS NULL THEN told_answer(404)
            WHEN NOT administers_account(c.id, person) THEN told_answer(409, problem => 'in_other_workspaces')
            WHEN what = 'deactivate' AND is_last_admin_anywhere(person) THEN told_answer(409, problem => 'last_admin')
        END;
    END IF;
    IF answer.kind IS NOT NULL THEN
        RETURN answer;
    END IF;
    IF what = 'deactivate' THEN
        UPDATE users u SET deactivated_at = coalesce(u.deactivated_at, clock_timestamp()) WHERE u.id = person;
        INSERT INTO revocations (principal) VALUES (person); -- what was shared by them ends, too
    ELSIF what = 'activate' THEN
        UPDATE users u SET deactivated_at = NULL WHERE u.id = person;
    END IF;
    IF what <> 'activate' THEN
        PERFORM end_sign_ins(person);
    END IF;
    PERFORM write_audit(c.id, what, person, workspace);
    RETURN told_answer(204);
END $$;
