-- People whom an identity provider knows (OpenID Connect).

-- Whoever the provider has told of: found by their name there, then by an address that it has verified, and else made, if they were
-- invited by that address, which is as good as having the link, or the domain of the address lets them in: `join_workspace` is the id or name of a workspace, empty for the oldest one, NULL for none. An address that belongs
-- to somebody who has another name at the provider may have changed hands, so it opens nothing.
CREATE OR REPLACE FUNCTION identify_person(provider text, known_as text, mail text, shown text, join_workspace text)
RETURNS TABLE (code integer, problem text, user_id text) LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
    u users;
    home text;
    invited invites[] := '{}';
    i invites;
    is_linked boolean;
    made text;
BEGIN
    SELECT x.* INTO u FROM user_identities i JOIN users x ON x.id = i.user_id WHERE i.issuer = provider AND i.subject = known_as;
    is_linked := FOUND;
    IF NOT is_linked THEN
        SELECT x.* INTO u FROM users x WHERE lower(x.email) = lower(mail) FOR UPDATE;
    END IF;
    IF u.id IS NULL THEN
        SELECT w.id INTO home FROM workspaces w
        WHERE join_workspace = '' OR w.id = join_workspace OR w.name = join_workspace ORDER BY w.created_at, w.id LIMIT 1;
        PERFORM FROM workspaces w WHERE w.id IN (SELECT x.workspace_id FROM invites x WHERE lower(x.email) = lower(mail))
        ORDER BY w.id FOR NO KEY UPDATE;
        invited := ARRAY(SELECT x FROM invites x WHERE lower(x.email) = lower(mail) AND invite_is_good(x) ORDER BY x.created_at, x.id);
    END IF;
    problem := CASE
        WHEN u.id IS NULL AND home IS NULL AND invited = '{}' THEN 'unknown_person'
        WHEN u.deactivated_at IS NOT NULL THEN 'deactivated'
        WHEN NOT is_linked AND u.id IS NOT NULL AND EXISTS (SELECT FROM user_identities i WHERE i.user_id = u.id AND i.issuer = provider)
            THEN 'address_taken'
    END;
    IF problem IS NOT NULL THEN
        RETURN QUERY SELECT 403, problem, NULL::text;
        RETURN;
    END IF;
    IF u.id IS NULL THEN
        made := new_id('usr');
        INSERT INTO users (id, email, name, avatar, password_hash) VALUES (made, mail, shown, initials(shown), '') RETURNING * INTO u;
        FOREACH i IN ARRAY invited LOOP
            PERFORM join_by_invite(i, u);
        END LOOP;
        IF home IS NOT NULL AND NOT EXISTS (SELECT FROM workspace_members m WHERE m.workspace_id = home AND m.user_id = u.id) THEN
            INSERT INTO workspace_members (workspace_id, user_id, slug) VALUES (home, u.id, free_slug(home, shown, false));
            PERFORM write_audit(u.id, 'join', u.id, home);
        END IF;
    END IF;
    IF NOT is_linked THEN
        INSERT INTO user_identities (issuer, subject, user_id) VALUES (provider, known_as, u.id);
        INSERT INTO audit_log (actor, action, subject, details) VALUES (u.id, 'link-identity', u.id, json_build_object('issuer', provider));
    END IF;
    RETURN QUERY SELECT 200, NULL::text, u.id;
END $$;
