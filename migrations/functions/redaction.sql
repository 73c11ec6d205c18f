-- The rules of a workspace by which texts are redacted before they are kept (base/redactor.h). Names and patterns were checked by whoever
-- calls. Without an actor nothing is done.

CREATE OR REPLACE FUNCTION redaction_rule_json(r redaction_rules) RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN concat('{"name":', to_json(r.name), ',"pattern":', to_json(r.pattern), ',"changedAt":', json_time(r.changed_at), '}');
END $$;

-- Makes the rule of that name, or changes it. `code`: 201 made, 200 changed or as it was, 409 there are as many as there may be.
CREATE OR REPLACE FUNCTION put_redaction(actor text, workspace text, rule_name text, rule_pattern text)
RETURNS TABLE (code integer, problem text, rule redaction_rules) LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    was redaction_rules;
BEGIN
    IF actor IS NULL THEN
        RETURN;
    END IF;
    PERFORM FROM workspaces w WHERE w.id = workspace FOR NO KEY UPDATE;
    SELECT * INTO was FROM redaction_rules r WHERE r.workspace_id = workspace AND r.name = rule_name;
    IF was.name IS NULL AND (SELECT count(*) FROM redaction_rules r WHERE r.workspace_id = workspace) >= 32 THEN
        RETURN QUERY SELECT 409, 'too_many_rules', NULL::redaction_rules;
        RETURN;
    END IF;
    IF was.pattern = rule_pattern THEN
        RETURN QUERY SELECT 200, NULL::text, was;
        RETURN;
    END IF;
    INSERT INTO redaction_rules (workspace_id, name, pattern) VALUES (workspace, rule_name, rule_pattern)
    ON CONFLICT (workspace_id, name) DO UPDATE SET pattern = excluded.pattern, changed_at = excluded.changed_at;
    INSERT INTO audit_log (actor, action, subject, workspace_id, details)
    VALUES (actor, 'set-redaction', rule_name, workspace, json_strip_nulls(json_build_object('pattern', rule_pattern, 'before', was.pattern)));
    RETURN QUERY SELECT CASE WHEN was.name IS NULL THEN 201 ELSE 200 END, NULL::text, r FROM redaction_rules r
                 WHERE r.workspace_id = workspace AND r.name = rule_name;
END $$;

CREATE OR REPLACE FUNCTION remove_redaction(actor text, workspace text, rule_name text) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    was redaction_rules;
BEGIN
    DELETE FROM redaction_rules r WHERE actor IS NOT NULL AND r.workspace_id = workspace AND r.name = rule_name RETURNING * INTO was;
    IF was.name IS NOT NULL THEN
        INSERT INTO audit_log (actor, action, subject, workspace_id, details)
        VALUES (actor, 'remove-redaction', rule_name, workspace, json_build_object('before', was.pattern));
    END IF;
    RETURN was.name IS NOT NULL;
END $$;
