-- How long the steps of ended sessions are kept. A session follows the rule of its channel or scratchpad, a thread that of its root, and
-- everything else the workspace's; a hold of the stream or of the workspace keeps it whatever the days are. Without an actor nothing
-- is changed.

-- What a reader may know: rules of streams that they do not read are not shown. Volatile, so that it sees what the statement that calls
-- it has changed.
CREATE OR REPLACE FUNCTION retention_json(workspace text, reader text) RETURNS text LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    RETURN concat(
        '{"workspace":',
        coalesce((SELECT concat('{"days":', coalesce(r.days::text, 'null'), ',"held":', to_json(r.held), '}')
                  FROM retention_rules r WHERE r.workspace_id = workspace AND r.stream_id IS NULL), '{"days":null,"held":false}'),
        ',"streams":[',
        (SELECT string_agg(concat('{"streamId":"', s.id, '","name":', to_json(s.name), ',"days":', coalesce(r.days::text, 'null'),
                                  ',"held":', to_json(r.held), '}'), ',' ORDER BY s.name, s.id)
         FROM retention_rules r JOIN streams s ON s.id = r.stream_id
         WHERE r.workspace_id = workspace AND can_read_stream(reader, s.id)),
        ']}');
END $$;

-- `stream` is NULL, or a channel or scratchpad of the workspace. Without `is_held` its rule is removed. 200; 404: there is none of these, or
-- nothing to remove; 409: the rule is not as it was `seen`.
CREATE OR REPLACE FUNCTION change_retention(actor text, workspace text, stream text, kept_days integer, is_held boolean, seen jsonb) RETURNS integer
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    was retention_rules;
    is_new boolean;
BEGIN
    IF actor IS NULL
       OR stream IS NOT NULL AND NOT EXISTS (SELECT FROM streams s WHERE s.id = stream AND s.workspace_id = workspace AND s.type <> 'thread')
    THEN
        RETURN 404;
    END IF;
    PERFORM FROM workspaces w WHERE w.id = workspace FOR NO KEY UPDATE;
    SELECT * INTO was FROM retention_rules r WHERE r.workspace_id = workspace AND r.stream_id IS NOT DISTINCT FROM stream;
    is_new := was.workspace_id IS NULL;
    -- A workspace without a rule is shown as one that keeps for ever.
    IF NOT is_as_seen(seen, CASE WHEN NOT is_new OR stream IS NULL THEN jsonb_build_object('days', was.days, 'held', coalesce(was.held, false)) END) THEN
        RETURN 409;
    ELSIF is_held IS NULL THEN
        DELETE FROM retention_rules r WHERE r.workspace_id = workspace AND r.stream_id IS NOT DISTINCT FROM stream;
        INSERT INTO audit_log (actor, action, subject, workspace_id, details)
        SELECT actor, 'clear-retention', coalesce(stream, workspace), workspace,
               json_build_object('before', json_build_object('days', was.days, 'held', was.held)) WHERE NOT is_new;
        RETURN CASE WHEN is_new THEN 404 ELSE 200 END;
    ELSIF is_new OR (was.days, was.held) IS DISTINCT FROM (kept_days, is_held) THEN
        INSERT INTO retention_rules (workspace_id, stream_id, days, held) VALUES (workspace, stream, kept_days, is_held)
        ON CONFLICT (workspace_id, stream_id) DO UPDATE SET days = excluded.days, held = excluded.held, changed_at = clock_timestamp();
        INSERT INTO audit_log (actor, action, subject, workspace_id, details)
        VALUES (actor, 'set-retention', coalesce(stream, workspace), workspace,
                json_build_object('days', kept_days, 'held', is_held, 'before', json_build_object('days', was.days, 'held', coalesce(was.held, false))));
    END IF;
    RETURN 200;
END $$;

-- The same, whatever there was.
CREATE OR REPLACE FUNCTION set_retention(actor text, workspace text, stream text, kept_days integer, is_held boolean) RETURNS boolean
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    RETURN change_retention(actor, workspace, stream, kept_days, is_held, NULL) = 200;
END $$;

CREATE OR REPLACE FUNCTION clear_retention(actor text, workspace text, stream text) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    RETURN change_retention(actor, workspace, stream, NULL, NULL, NULL) = 200;
END $$;

-- Whether a hold keeps what belongs to that stream (NULL: to none).
CREATE OR REPLACE FUNCTION is_held(workspace text, stream text) RETURNS boolean LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
    RETURN EXISTS (
        SELECT FROM retention_rules r
        WHERE r.workspace_id = workspace AND r.held
          AND (r.stream_id IS NULL OR r.stream_id = (SELECT s.root_id FROM streams s WHERE s.id = stream)));
END $$;
