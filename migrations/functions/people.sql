-- People and personas, printed.
--
-- The functions print a user's or persona's object without its brackets, so that the caller may append to them (`connected` is known to
-- the pusher alone).

CREATE OR REPLACE FUNCTION user_members(u users, slug text) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT concat('"id":"', u.id, '","name":', to_json(u.name), ',"slug":', to_json(slug), ',"avatar":', to_json(u.avatar))
$$;

CREATE OR REPLACE FUNCTION persona_members(p personas) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT concat('"id":"', p.id, '","name":', to_json(p.name), ',"slug":', to_json(p.slug), ',"avatar":', to_json(p.avatar),
                  ',"description":' || to_json(p.description)::text, CASE WHEN p.demo THEN ',"demo":true' END,
                  ',"modelStatus":"' || p.model_status || '"')
$$;

-- The beginning of a piece of cgi/actors.h: the id, and whether a persona's agent has called within the last minute.
CREATE OR REPLACE FUNCTION actor_head(id text) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT concat(id, E'\x1f', (SELECT 't' FROM tokens t JOIN token_uses u ON u.token_id = t.id
                                WHERE t.persona_id = actor_head.id AND u.used_at > now() - interval '1 minute' LIMIT 1), E'\x1f')
$$;

-- Everybody of a workspace with their printed members; rows are found by id or slug.
CREATE OR REPLACE VIEW people AS
    SELECT m.workspace_id, 'user' AS type, u.id, u.name, m.slug, user_members(u, m.slug) AS members
    FROM workspace_members m JOIN users u ON u.id = m.user_id
    UNION ALL
    SELECT p.workspace_id, 'persona', p.id, p.name, p.slug, persona_members(p) FROM personas p;

-- A person with all their workspaces, without brackets. Slugs belong to workspaces; the one beside the person is that of the first.
CREATE OR REPLACE FUNCTION account_json(u users) RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN concat(
        '"user":{',
        user_members(u, coalesce((SELECT m.slug FROM workspace_members m WHERE m.user_id = u.id ORDER BY m.joined_at, m.workspace_id LIMIT 1), '')),
        ',"email":', to_json(u.email), '},"workspaces":[',
        (SELECT string_agg(concat('{"id":"', w.id, '","name":', to_json(w.name), ',"slug":', to_json(m.slug), ',"role":"', m.role, '"}'),
                           ',' ORDER BY m.joined_at, w.id)
         FROM workspace_members m JOIN workspaces w ON w.id = m.workspace_id WHERE m.user_id = u.id), ']');
END $$;

-- Ends the sign-in that a browser had before another one; its live streams end as well. NULL: there was none.
CREATE OR REPLACE FUNCTION end_sign_in(kept text) RETURNS void LANGUAGE sql VOLATILE AS $$
    WITH l AS (UPDATE login_sessions x SET ended_at = clock_timestamp()
               WHERE x.hash = sha256(convert_to(kept, 'UTF8')) AND x.ended_at IS NULL RETURNING x.id)
    INSERT INTO revocations (principal) SELECT id FROM l
$$;
