-- The audit log is only ever appended to, by everybody.

CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is only appended to', TG_TABLE_NAME;
END $$;

CREATE OR REPLACE TRIGGER audit_log_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_log FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Whom an entry names, by what they are called now: an erased person's name is nowhere here.
CREATE OR REPLACE FUNCTION audit_party_json(party text, workspace text) RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN CASE split_part(party, '_', 1)
        WHEN 'usr' THEN actor_json(party, workspace)
        WHEN 'per' THEN actor_json(party, workspace)
        WHEN 'tok' THEN concat('{"type":"token","id":"', party, '"',
                               ',"name":' || (SELECT to_json(t.label)::text FROM tokens t WHERE t.id = party), '}')
        WHEN 'str' THEN concat('{"type":"stream","id":"', party, '"',
                               ',"name":' || (SELECT to_json(s.name)::text FROM streams s WHERE s.id = party), '}')
        WHEN 'inv' THEN concat('{"type":"invite","id":"', party, '"',
                               ',"name":' || (SELECT to_json(i.email)::text FROM invites i WHERE i.id = party), '}')
        WHEN 'shr' THEN concat('{"type":"share","id":"', party, '"}')
        WHEN 'whk' THEN concat('{"type":"webhook","id":"', party, '"',
                               ',"name":' || (SELECT to_json(h.url)::text FROM webhooks h WHERE h.id = party), '}')
        WHEN 'ws' THEN concat('{"type":"workspace","id":"', party, '"',
                              ',"name":' || (SELECT to_json(w.name)::text FROM workspaces w WHERE w.id = party), '}')
        ELSE concat('{"type":"operator","name":', to_json(regexp_replace(party, '^shell:', '')), '}') END;
END $$;

-- Of a session that the admin may not read there is not even the id.
CREATE OR REPLACE FUNCTION audit_details(reader text, details json) RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN CASE WHEN details ->> 'session' IS NULL
                     OR EXISTS (SELECT FROM agent_sessions s WHERE s.id = details ->> 'session'
                                                               AND can_read_session(reader, s.workspace_id, s.stream_id, s.persona_id))
                THEN details::text ELSE (details::jsonb - 'session')::text END;
END $$;

-- The newest `most` entries before that one, of the workspace or (NULL) of accounts, for which `seen` holds, a condition on `a` that may name
-- the parameters: $5 the reader, $6 the workspace. An actor or an action that is not asked for is no part of the query: the index of one
-- that is finds its few entries without reading all the others.
CREATE OR REPLACE FUNCTION audit_entries(concerned text, before bigint, most integer, whose text, what text, seen text, reader text, workspace text)
RETURNS SETOF audit_log LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY EXECUTE concat(
        'SELECT a.* FROM audit_log a WHERE a.id < $1 AND a.workspace_id ', CASE WHEN concerned IS NULL THEN 'IS NULL' ELSE '= $6' END,
        CASE WHEN whose IS NOT NULL THEN ' AND a.actor = $3' END, CASE WHEN what IS NOT NULL THEN ' AND a.action = $4' END,
        ' AND ', seen, ' ORDER BY a.id DESC LIMIT $2')
    USING before, most, whose, what, reader, workspace;
END $$;

-- What an operator did to an account concerns each of its workspaces. Of a private channel only those hear who are in it.
CREATE OR REPLACE FUNCTION list_audit(secret text, workspace text, before bigint, most integer, whose text, what text) RETURNS told
LANGUAGE plpgsql STABLE AS $$
DECLARE
    c caller := who_administers(secret, workspace);
BEGIN
    RETURN coalesce(told_refusal(c), (
        WITH own AS (
            SELECT * FROM audit_entries(workspace, before, most + 1, whose, what,
                '(a.details ->> ''stream'' IS NULL OR can_read_stream($5, a.details ->> ''stream''))
                 AND (a.action NOT IN (''set-retention'', ''clear-retention'') OR a.subject = $6 OR can_read_stream($5, a.subject))', c.id, workspace)),
        accounts AS (
            SELECT * FROM audit_entries(NULL, before, most + 1, whose, what,
                'a.subject IN (SELECT m.user_id FROM workspace_members m WHERE m.workspace_id = $6)', c.id, workspace)),
        found AS MATERIALIZED (SELECT *, row_number() OVER (ORDER BY id DESC) AS place FROM (TABLE own UNION ALL TABLE accounts) x)
        SELECT told_answer(200, concat(
            '{"entries":[', (SELECT string_agg(concat(
                '{"id":"', f.id, '","at":', json_time(f.at), ',"actor":', audit_party_json(f.actor, workspace), ',"action":', to_json(f.action),
                ',"subject":' || CASE WHEN f.action IN ('set-price', 'remove-price') THEN concat('{"type":"model","name":', to_json(f.subject), '}')
                                      WHEN f.action IN ('set-redaction', 'remove-redaction') THEN concat('{"type":"rule","name":', to_json(f.subject), '}')
                                      ELSE audit_party_json(f.subject, workspace) END,
                ',"details":', audit_details(c.id, f.details), '}'), ',' ORDER BY f.id DESC)
                FROM found f WHERE f.place <= most),
            ']', (SELECT ',"nextBefore":"' || f.id || '"' FROM found f WHERE f.place = most AND EXISTS (SELECT FROM found g WHERE g.place > most)), '}'))));
END $$;
