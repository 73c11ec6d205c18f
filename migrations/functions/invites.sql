-- Inviting people by a link: an admin makes it for an address, and whoever has it comes in with that address, once and within a week.

CREATE OR REPLACE FUNCTION invite_json(i invites) RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN concat('{"id":"', i.id, '","email":', to_json(i.email), ',"role":"', i.role, '","invitedBy":', actor_json(i.invited_by, i.workspace_id),
                  ',"createdAt":', json_time(i.created_at), ',"expiresAt":', json_time(i.expires_at), '}');
END $$;

CREATE OR REPLACE FUNCTION list_invites(secret text, workspace text) RETURNS told LANGUAGE plpgsql STABLE AS $$
DECLARE
    c caller := who_administers(secret, workspace);
BEGIN
    RETURN coalesce(told_refusal(c), told_answer(200, (
        SELECT concat('{"invites":[', string_agg(invite_json(i), ',' ORDER BY i.created_at DESC, i.id DESC), ']}')
        FROM invites i WHERE i.workspace_id = workspace)));
END $$;

-- A new invitation takes the place of an older one for the same address.
CREATE OR REPLACE FUNCTION create_invite(secret text, workspace text, address text, wanted_role text, fresh_hash bytea) RETURNS told
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    c caller := who_administers(secret, workspace);
    answer told := told_refusal(c);
    i invites;
BEGIN
    IF answer.kind IS NULL AND EXISTS (SELECT FROM workspace_members m JOIN users u ON u.id = m.user_id
                                       WHERE m.workspace_id = workspace AND lower(u.email) = lower(address)) THEN
        answer := told_answer(409, problem => 'already_member');
    END IF;
    IF answer.kind IS NOT NULL THEN
        RETURN answer;
    END IF;
    PERFORM FROM workspaces w WHERE w.id = workspace FOR NO KEY UPDATE;
    DELETE FROM invites x WHERE x.workspace_id = workspace AND lower(x.email) = lower(address);
    INSERT INTO invites (id, workspace_id, email, role, hash, invited_by, expires_at)
    VALUES (new_id('inv'), workspace, address, wanted_role, fresh_hash, c.id, now() + interval '7 days') RETURNING * INTO i;
    PERFORM write_audit(c.id, 'invite', i.id, workspace, json_build_object('role', wanted_role));
    RETURN told_answer(201, invite_json(i));
END $$;

CREATE OR REPLACE FUNCTION withdraw_invite(secret text, workspace text, invite text) RETURNS told LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    c caller := who_administers(secret, workspace);
    answer told := told_refusal(c);
BEGIN
    IF answer.kind IS NOT NULL THEN
        RETURN answer;
    END IF;
    DELETE FROM invites x WHERE x.id = invite AND x.workspace_id = workspace;
    IF NOT FOUND THEN
        RETURN told_answer(404);
    END IF;
    PERFORM write_audit(c.id, 'withdraw-invite', invite, workspace);
    RETURN told_answer(204);
END $$;

-- While an invitation is good: for as long as whoever made it could make another one, so that nobody comes back by one of their own.
CREATE OR REPLACE FUNCTION invite_is_good(i invites) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT i.expires_at > now()
       AND EXISTS (SELECT FROM workspace_members m JOIN users u ON u.id = m.user_id
                   WHERE m.workspace_id = i.workspace_id AND m.user_id = i.invited_by AND m.role = 'admin' AND u.deactivated_at IS NULL)
$$;

-- The good invitation that a link with this secret is for. The workspace's row comes first, as everywhere.
CREATE OR REPLACE FUNCTION valid_invite(invite text, given_hash bytea) RETURNS SETOF invites LANGUAGE sql STABLE AS $$
    SELECT * FROM invites x WHERE x.id = invite AND x.hash = given_hash AND invite_is_good(x)
$$;

-- The invitation is good once.
CREATE OR REPLACE FUNCTION join_by_invite(i invites, u users) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    DELETE FROM invites x WHERE x.id = i.id;
    IF NOT EXISTS (SELECT FROM workspace_members m WHERE m.workspace_id = i.workspace_id AND m.user_id = u.id) THEN
        INSERT INTO workspace_members (workspace_id, user_id, slug, role)
        VALUES (i.workspace_id, u.id, free_slug(i.workspace_id, u.name), i.role);
        PERFORM write_audit(u.id, 'accept-invite', u.id, i.workspace_id, json_build_object('invite', i.id, 'role', i.role));
    END IF;
END $$;

-- What the page shows before one comes in.
CREATE OR REPLACE FUNCTION show_invite(invite text, given_hash bytea) RETURNS told LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN coalesce((
        SELECT told_answer(200, concat('{"id":"', i.id, '","email":', to_json(i.email), ',"role":"', i.role, '","workspace":{"id":"', w.id,
                                       '","name":', to_json(w.name), '},"expiresAt":', json_time(i.expires_at), ',"hasAccount":',
                                       to_json(EXISTS (SELECT FROM users u WHERE lower(u.email) = lower(i.email))), '}'))
        FROM valid_invite(invite, given_hash) i JOIN workspaces w ON w.id = i.workspace_id), told_answer(404));
END $$;

-- Whoever comes: with a new account of the name and password given, which is signed in at once, or with the account of that address, if
-- that is who is signed in. `kept` is the cookie's secret or NULL; `fresh_*` are those of the new sign-in.
CREATE OR REPLACE FUNCTION accept_invite(invite text, given_hash bytea, kept text, title text, password text, fresh_login text,
                                         fresh_secret text, days integer) RETURNS told LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    i invites;
    u users;
    is_new boolean;
BEGIN
    PERFORM FROM workspaces w WHERE w.id = (SELECT workspace_id FROM valid_invite(invite, given_hash)) FOR NO KEY UPDATE;
    SELECT * INTO i FROM valid_invite(invite, given_hash);
    IF i.id IS NULL THEN
        RETURN told_answer(404);
    END IF;
    SELECT * INTO u FROM users x WHERE lower(x.email) = lower(i.email);
    is_new := u.id IS NULL;
    IF is_new AND (title IS NULL OR password IS NULL) THEN
        RETURN told_answer(400, CASE WHEN title IS NULL THEN 'name' ELSE 'password' END);
    ELSIF NOT is_new AND NOT EXISTS (SELECT FROM login_sessions l WHERE l.hash = sha256(convert_to(kept, 'UTF8')) AND l.user_id = u.id
                                                                   AND l.ended_at IS NULL AND l.expires_at > now()) THEN
        RETURN told_answer(409, problem => 'account_exists');
    END IF;
    IF is_new THEN
        INSERT INTO users (id, email, name, avatar, password_hash) VALUES (new_id('usr'), i.email, title, initials(title), password)
        RETURNING * INTO u;
        PERFORM end_sign_in(kept);
        INSERT INTO login_sessions (id, user_id, hash, expires_at)
        VALUES (fresh_login, u.id, sha256(convert_to(fresh_secret, 'UTF8')), now() + make_interval(days => days));
    END IF;
    PERFORM join_by_invite(i, u);
    RETURN told_answer(CASE WHEN is_new THEN 201 ELSE 200 END, account_json(u));
EXCEPTION WHEN unique_violation THEN
    RETURN told_answer(0); -- somebody else took the address at the same time: it is looked at again
END $$;
