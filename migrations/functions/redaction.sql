-- The rules of a workspace by which texts are redacted before they are kept (base/redactor.h). Names and patterns were checked by whoever
-- calls. Without an actor nothing is done.

CREATE OR REPLACE FUNCTION redaction_rule_json(r redaction_rules) RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN concat('{"name":', to_json(r.name), ',"pattern":', to_json(r.pattern), ',"changedAt":', json_time(r.changed_at), '}');
END $$;

-- Makes the rule of that name, changes it, or removes it: without a pattern. `code`: 201 made, 200 changed or as it was, 204 removed, 404 there
-- is none to remove, 409 with a problem: it is not as it was `seen`, or there are as many as there may be.
CREATE OR REPLACE FUNCTION change_redaction(actor text, workspace text, rule_name text, rule_pattern text, seen jsonb)
RETURNS TABLE (code integer, problem text, rule redaction_rules) LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    was redaction_rules;
    is_new boolean;
BEGIN
    IF actor IS NULL THEN
        RETURN;
    END IF;
    PERFORM FROM workspaces w WHERE w.id = workspace FOR NO KEY UPDATE;
    SELECT * INTO was FROM redaction_rules r WHERE r.workspace_id = workspace AND r.name = rule_name;
    is_new := was.name IS NULL;
    IF NOT is_as_seen(seen, CASE WHEN NOT is_new THEN jsonb_build_object('pattern', was.pattern) END) THEN
        RETURN QUERY SELECT 409, 'changed_meanwhile', NULL::redaction_rules;
    ELSIF rule_pattern IS NULL THEN
        DELETE FROM redaction_rules r WHERE r.workspace_id = workspace AND r.name = rule_name;
        INSERT INTO audit_log (actor, action, subject, workspace_id, details)
        SELECT actor, 'remove-redaction', rule_name, workspace, json_build_object('before', was.pattern) WHERE NOT is_new;
        RETURN QUERY SELECT CASE WHEN is_new THEN 404 ELSE 204 END, NULL::text, NULL::redaction_rules;
    ELSIF is_new AND (SELECT count(*) FROM redaction_rules r WHERE r.workspace_id = workspace) >= 32 THEN
        RETURN QUERY SELECT 409, 'too_many_rules', NULL::redaction_rules;
    ELSIF was.pattern = rule_pattern THEN
        RETURN QUERY SELECT 200, NULL::text, was;
    ELSE
        INSERT INTO redaction_rules (workspace_id, name, pattern) VALUES (workspace, rule_name, rule_pattern)
        ON CONFLICT (workspace_id, name) DO UPDATE SET pattern = excluded.pattern, changed_at = excluded.changed_at;
        INSERT INTO audit_log (actor, action, subject, workspace_id, details)
        VALUES (actor, 'set-redaction', rule_name, workspace, json_strip_nulls(json_build_object('pattern', rule_pattern, 'before', was.pattern)));
        RETURN QUERY SELECT CASE WHEN is_new THEN 201 ELSE 200 END, NULL::text, r FROM redaction_rules r
                     WHERE r.workspace_id = workspace AND r.name = rule_name;
    END IF;
END $$;

-- The same, whatever there was.
CREATE OR REPLACE FUNCTION put_redaction(actor text, workspace text, rule_name text, rule_pattern text)
RETURNS TABLE (code integer, problem text, rule redaction_rules) LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    RETURN QUERY SELECT * FROM change_redaction(actor, workspace, rule_name, rule_pattern, NULL);
END $$;

CREATE OR REPLACE FUNCTION remove_redaction(actor text, workspace text, rule_name text) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    RETURN EXISTS (SELECT FROM change_redaction(actor, workspace, rule_name, NULL, NULL) c WHERE c.code = 204);
END $$;
