-- Tokens: made, replaced and revoked by a workspace's admins and by an operator. `fresh_hash` is the SHA-256 of a secret that is kept
-- nowhere, `ends` when the token does; NULL: never, or not said.

CREATE OR REPLACE FUNCTION token_json(t tokens) RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN concat('{"id":"', t.id, '","personaId":"', t.persona_id, '"', ',"label":' || to_json(t.label)::text,
                  ',"scopes":', to_json(t.scopes), ',"createdAt":', json_time(t.created_at),
                  ',"expiresAt":' || json_time(t.expires_at), ',"revokedAt":' || json_time(t.revoked_at),
                  ',"lastUsedAt":' || json_time((SELECT u.used_at FROM token_uses u WHERE u.token_id = t.id)), '}');
END $$;

-- The first use of each quarter of a minute is written, and not waited for: whoever loses a machine loses a time of day.
CREATE OR REPLACE FUNCTION note_token_use(used_hash bytea) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    token text;
BEGIN
    SELECT t.id INTO token FROM tokens t
    WHERE t.hash = used_hash AND t.revoked_at IS NULL AND coalesce(t.expires_at > now(), true)
      AND NOT EXISTS (SELECT FROM token_uses u WHERE u.token_id = t.id AND u.used_at >= date_bin('15 seconds', now(), timestamptz 'epoch'));
    IF token IS NOT NULL THEN
        PERFORM set_config('synchronous_commit', 'off', true);
        INSERT INTO token_uses AS u (token_id, used_at) VALUES (token, now())
        ON CONFLICT (token_id) DO UPDATE SET used_at = greatest(u.used_at, excluded.used_at);
    END IF;
END $$;

-- The newest first, those that have ended among them.
CREATE OR REPLACE FUNCTION list_tokens(secret text, workspace text) RETURNS told LANGUAGE plpgsql STABLE AS $$
DECLARE
    c caller := who_administers(secret, workspace);
BEGIN
    RETURN coalesce(told_refusal(c), told_answer(200, (
        SELECT concat('{"tokens":[', string_agg(token_json(t), ',' ORDER BY t.created_at DESC, t.id DESC), ']}')
        FROM tokens t WHERE t.workspace_id = workspace)));
END $$;

-- `persona`: an id or a slug. Nothing comes back where the workspace has none of it.
CREATE OR REPLACE FUNCTION make_token(fresh text, workspace text, persona text, fresh_hash bytea, wanted text[], title text,
                                      ends timestamptz, actor text) RETURNS SETOF tokens LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    t tokens;
BEGIN
    INSERT INTO tokens (id, workspace_id, persona_id, hash, scopes, label, expires_at)
    SELECT fresh, workspace, p.id, fresh_hash, wanted, title, ends FROM personas p
    WHERE p.workspace_id = workspace AND (p.id = persona OR p.slug = persona) RETURNING * INTO t;
    IF t.id IS NOT NULL THEN
        PERFORM write_audit(actor, 'create-token', t.id, workspace, json_build_object('persona', t.persona_id, 'scopes', t.scopes));
        RETURN NEXT t;
    END IF;
END $$;

-- Another token like `old_id`, which ends after the overlap at the latest. Without an end of its own the new one has that of the old one:
-- replacing a secret does not make it good for longer. If that one was replaced before, its end is only that of the overlap, and its
-- successor's counts. Streams that the old one opened were told of no such end, so they end now, and
-- whoever opens them again gets the new one. Nothing comes back where there is none, or it has ended.
CREATE OR REPLACE FUNCTION replace_token(fresh text, old_id text, fresh_hash bytea, overlap_s bigint, ends timestamptz, actor text)
RETURNS SETOF tokens LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    old tokens;
    t tokens;
    lasts timestamptz;
BEGIN
    SELECT * INTO old FROM tokens x
    WHERE x.id = old_id AND x.revoked_at IS NULL AND coalesce(x.expires_at > now(), true) FOR NO KEY UPDATE;
    IF old.id IS NULL THEN
        RETURN;
    END IF;
    SELECT x.expires_at INTO lasts FROM audit_log a JOIN tokens x ON x.id = a.details ->> 'successor'
    WHERE a.workspace_id = old.workspace_id AND a.action = 'rotate-token' AND a.subject = old.id ORDER BY a.id DESC LIMIT 1;
    lasts := coalesce(ends, CASE WHEN FOUND THEN lasts ELSE old.expires_at END);
    UPDATE tokens x SET expires_at = least(x.expires_at, now() + make_interval(secs => overlap_s)) WHERE x.id = old.id;
    INSERT INTO revocations (principal) VALUES (old.id);
    INSERT INTO tokens (id, workspace_id, persona_id, hash, scopes, label, expires_at, silence_s)
    VALUES (fresh, old.workspace_id, old.persona_id, fresh_hash, old.scopes, old.label, lasts, old.silence_s) RETURNING * INTO t;
    PERFORM write_audit(actor, 'rotate-token', old.id, old.workspace_id, json_build_object('successor', t.id));
    RETURN NEXT t;
END $$;

-- The token as it is afterwards; a second call changes nothing. NULL: there is none.
CREATE OR REPLACE FUNCTION revoke_token(token text, actor text) RETURNS SETOF tokens LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    t tokens;
BEGIN
    UPDATE tokens x SET revoked_at = clock_timestamp() WHERE x.id = token AND x.revoked_at IS NULL RETURNING * INTO t;
    IF t.id IS NOT NULL THEN
        INSERT INTO revocations (principal, at) VALUES (t.id, t.revoked_at);
        PERFORM write_audit(actor, 'revoke-token', t.id, t.workspace_id);
    END IF;
    RETURN QUERY SELECT x.* FROM tokens x WHERE x.id = token;
END $$;

CREATE OR REPLACE FUNCTION create_token(secret text, workspace text, persona text, fresh_hash bytea, wanted text[], title text,
                                        ends timestamptz) RETURNS told LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    c caller := who_administers(secret, workspace);
BEGIN
    RETURN coalesce(told_refusal(c), (
        SELECT told_answer(201, token_json(t)) FROM make_token(new_id('tok'), workspace, persona, fresh_hash, wanted, title, ends, c.id) t),
        told_answer(404));
END $$;

CREATE OR REPLACE FUNCTION rotate_token(secret text, workspace text, token text, fresh_hash bytea, overlap_s bigint, ends timestamptz)
RETURNS told LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    c caller := who_administers(secret, workspace);
BEGIN
    RETURN coalesce(told_refusal(c), CASE
        WHEN NOT EXISTS (SELECT FROM tokens t WHERE t.id = token AND t.workspace_id = workspace) THEN told_answer(404) END, (
        SELECT told_answer(201, token_json(t)) FROM replace_token(new_id('tok'), token, fresh_hash, overlap_s, ends, c.id) t),
        told_answer(409, problem => 'token_ended'));
END $$;

CREATE OR REPLACE FUNCTION withdraw_token(secret text, workspace text, token text) RETURNS told LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    c caller := who_administers(secret, workspace);
BEGIN
    RETURN coalesce(told_refusal(c), (
        SELECT told_answer(204) FROM tokens t, revoke_token(t.id, c.id) WHERE t.id = token AND t.workspace_id = workspace),
        told_answer(404));
END $$;
