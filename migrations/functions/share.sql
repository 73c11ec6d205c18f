-- Shares: whether one still opens anything, and the secret that is exchanged for a ticket. What a share shows is
-- functions/share_projection.sql.

-- A share is good for as long as its maker may make another one.
CREATE OR REPLACE FUNCTION share_is_open(h shares) RETURNS boolean LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
    RETURN h.revoked_at IS NULL AND h.expires_at > now()
       AND EXISTS (SELECT FROM workspaces w WHERE w.id = h.workspace_id AND w.sharing)
       AND EXISTS (SELECT FROM agent_sessions s WHERE s.id = h.session_id AND may_act_on_session(h.made_by, s));
END $$;

-- The share that this ticket opens, with the end of the ticket or of the share itself as its end; no row if it opens none.
CREATE OR REPLACE FUNCTION share_of_ticket(ticket text, share text) RETURNS SETOF shares LANGUAGE plpgsql STABLE AS $$
DECLARE
    h shares;
    ends timestamptz;
BEGIN
    SELECT t.expires_at INTO ends FROM share_tickets t
    WHERE t.hash = sha256(convert_to(ticket, 'UTF8')) AND t.share_id = share AND t.expires_at > now();
    SELECT * INTO h FROM shares x WHERE x.id = share AND ends IS NOT NULL;
    IF h.id IS NOT NULL AND share_is_open(h) THEN
        h.expires_at := least(h.expires_at, ends);
        RETURN NEXT h;
    END IF;
END $$;

-- An administrator sees that there is a share of a session that they may not read, and not of which.
CREATE OR REPLACE FUNCTION share_json(h shares, reader text) RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN concat('{"id":"', h.id, '"',
                  (SELECT ',"sessionId":"' || s.id || '"' FROM agent_sessions s
                   WHERE s.id = h.session_id AND can_read_session(reader, s.workspace_id, s.stream_id, s.persona_id)),
                  ',"createdBy":', actor_json(h.made_by, h.workspace_id),
                  ',"createdAt":', json_time(h.created_at), ',"expiresAt":', json_time(h.expires_at), '}');
END $$;

-- A link for the session, by somebody who may act on it. Its row is locked before its links are counted, so that not even two who make one
-- at once exceed `most`.
CREATE OR REPLACE FUNCTION make_share(secret text, workspace text, session text, link_secret text, days integer, most integer)
RETURNS TABLE (code integer, problem text, printed text) LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    c caller := who_calls(secret, false, workspace, NULL);
    s agent_sessions := lock_rated(c, workspace, session);
    why text;
    made shares;
BEGIN
    code := coalesce(c.refused, CASE WHEN s.id IS NULL THEN 404 WHEN NOT may_act_on_session(c.id, s) THEN 403 END);
    IF code IS NULL THEN
        -- Locked: whoever switches sharing off meanwhile waits, and ends this link with the others.
        PERFORM FROM workspaces w WHERE w.id = workspace AND w.sharing FOR SHARE;
        why := CASE WHEN NOT FOUND THEN 'sharing_off'
                    WHEN (SELECT count(*) FROM shares h WHERE h.session_id = s.id AND share_is_open(h)) >= most THEN 'too_many_shares' END;
        code := CASE WHEN why IS NOT NULL THEN 409 END;
    END IF;
    IF code IS NOT NULL THEN
        RETURN QUERY SELECT code, why, NULL::text;
        RETURN;
    END IF;
    INSERT INTO shares (id, workspace_id, session_id, made_by, hash, expires_at)
    VALUES (new_id('shr'), workspace, s.id, c.id, sha256(convert_to(link_secret, 'UTF8')), now() + make_interval(days => days))
    RETURNING * INTO made;
    PERFORM write_audit(c.id, 'make-share', made.id, workspace, json_build_object('session', s.id));
    RETURN QUERY SELECT 201, NULL::text, share_json(made, c.id);
END $$;

-- Whoever reads by one of these loses it like any other credential: tickets at once, event streams within a second.
CREATE OR REPLACE FUNCTION revoke_shares(ids text[]) RETURNS bigint LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    n bigint;
BEGIN
    WITH h AS (UPDATE shares x SET revoked_at = clock_timestamp() WHERE x.id = ANY (ids) AND x.revoked_at IS NULL RETURNING x.id),
    t AS (DELETE FROM share_tickets x USING h WHERE x.share_id = h.id),
    r AS (INSERT INTO revocations (principal) SELECT id FROM h RETURNING principal)
    SELECT count(*) INTO n FROM r;
    RETURN n;
END $$;

-- Off: all links of the workspace end. They are looked for once the switch is locked, so none is missed that is being made.
CREATE OR REPLACE FUNCTION switch_sharing(secret text, workspace text, is_on boolean) RETURNS integer LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    c caller := who_administers(secret, workspace);
BEGIN
    IF c.refused IS NOT NULL THEN
        RETURN c.refused;
    END IF;
    UPDATE workspaces w SET sharing = is_on WHERE w.id = workspace AND w.sharing <> is_on;
    IF FOUND THEN
        IF NOT is_on THEN
            PERFORM revoke_shares(array_agg(h.id)) FROM shares h WHERE h.workspace_id = workspace AND h.revoked_at IS NULL;
        END IF;
        PERFORM write_audit(c.id, 'set-sharing', workspace, workspace, json_build_object('enabled', is_on));
    END IF;
    RETURN 200;
END $$;

-- Another ticket for whoever has the secret. 404 is all that others learn, whether there is such a share or not; 429 after
-- `failures` wrong secrets from one network in `window_s` seconds, with the seconds to wait. A share has at most a thousand tickets:
-- the one that would end first makes room.
CREATE OR REPLACE FUNCTION open_share(share text, secret text, network text, ticket text, ticket_s integer, window_s integer, failures integer)
RETURNS TABLE (code integer, wait_s bigint, printed text) LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    h shares;
    blocked timestamptz;
    ends timestamptz;
BEGIN
    SELECT x.at INTO blocked FROM login_failures x
    WHERE x.account = 'share' AND x.address = network AND x.at > now() - make_interval(secs => window_s)
    ORDER BY x.at DESC OFFSET failures - 1 LIMIT 1;
    IF FOUND THEN
        RETURN QUERY SELECT 429, ceil(extract(epoch FROM blocked - now()) + window_s)::bigint, NULL::text;
        RETURN;
    END IF;
    SELECT * INTO h FROM shares x WHERE x.id = share AND x.hash = sha256(convert_to(secret, 'UTF8')) FOR NO KEY UPDATE;
    IF h.id IS NULL THEN
        INSERT INTO login_failures (account, address) VALUES ('share', network);
    END IF;
    IF h.id IS NULL OR NOT share_is_open(h) THEN
        RETURN QUERY SELECT 404, NULL::bigint, NULL::text;
        RETURN;
    END IF;
    ends := least(h.expires_at, now() + make_interval(secs => ticket_s));
    DELETE FROM share_tickets x WHERE x.hash IN (
        SELECT y.hash FROM share_tickets y WHERE y.share_id = h.id ORDER BY y.expires_at DESC OFFSET 999);
    INSERT INTO share_tickets (hash, share_id, expires_at) VALUES (sha256(convert_to(ticket, 'UTF8')), h.id, ends);
    RETURN QUERY SELECT 200, extract(epoch FROM ends - now())::bigint,
                        concat('{"id":"', h.id, '","sessionId":"', h.session_id, '","expiresAt":', json_time(h.expires_at), '}');
END $$;
