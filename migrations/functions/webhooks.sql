-- Webhooks: made and removed by a workspace's admins and by an operator; what is to be delivered to them; and what is.

CREATE OR REPLACE FUNCTION webhook_json(w webhooks) RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN concat('{"id":"', w.id, '","url":', to_json(w.url), ',"events":', to_json(w.events), ',"makerId":"', w.maker_id,
                  '","createdAt":', json_time(w.created_at), ',"deliveredAt":' || json_time(w.delivered_at),
                  ',"stoppedAt":' || json_time(w.stopped_at), ',"lastError":' || to_json(w.last_error)::text, '}');
END $$;

CREATE OR REPLACE FUNCTION list_webhooks(secret text, workspace text) RETURNS told LANGUAGE plpgsql STABLE AS $$
DECLARE
    c caller := who_administers(secret, workspace);
BEGIN
    RETURN coalesce(told_refusal(c), told_answer(200, (
        SELECT concat('{"webhooks":[', string_agg(webhook_json(w), ',' ORDER BY w.id), ']}')
        FROM webhooks w WHERE w.workspace_id = workspace)));
END $$;

-- `maker`: an id or an address. Nothing comes back where the workspace has no such member.
CREATE OR REPLACE FUNCTION make_webhook(workspace text, maker text, target text, wanted text[], signing_secret text, actor text)
RETURNS SETOF webhooks LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    w webhooks;
BEGIN
    INSERT INTO webhooks (id, workspace_id, maker_id, url, events, secret)
    SELECT new_id('whk'), m.workspace_id, u.id, target, wanted, signing_secret
    FROM workspace_members m JOIN users u ON u.id = m.user_id
    WHERE m.workspace_id = workspace AND (u.id = maker OR lower(u.email) = lower(maker)) RETURNING * INTO w;
    IF w.id IS NOT NULL THEN
        PERFORM write_audit(actor, 'create-webhook', w.id, workspace, json_build_object('events', w.events));
        RETURN NEXT w;
    END IF;
END $$;

CREATE OR REPLACE FUNCTION remove_webhook(webhook text, actor text) RETURNS SETOF webhooks LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    w webhooks;
BEGIN
    DELETE FROM webhooks x WHERE x.id = webhook RETURNING * INTO w;
    IF w.id IS NOT NULL THEN
        PERFORM write_audit(actor, 'remove-webhook', w.id, w.workspace_id);
        RETURN NEXT w;
    END IF;
END $$;

CREATE OR REPLACE FUNCTION create_webhook(secret text, workspace text, target text, wanted text[], signing_secret text) RETURNS told
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    c caller := who_administers(secret, workspace);
BEGIN
    RETURN coalesce(told_refusal(c), (
        SELECT told_answer(201, webhook_json(w)) FROM make_webhook(workspace, c.id, target, wanted, signing_secret, c.id) w));
END $$;

CREATE OR REPLACE FUNCTION withdraw_webhook(secret text, workspace text, webhook text) RETURNS told LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    c caller := who_administers(secret, workspace);
BEGIN
    RETURN coalesce(told_refusal(c), (
        SELECT told_answer(204) FROM webhooks w, remove_webhook(w.id, c.id) WHERE w.id = webhook AND w.workspace_id = workspace),
        told_answer(404));
END $$;

-- In the transaction that ends the session or asks the question, so that nothing is told that did not happen, and nothing is forgotten.
CREATE OR REPLACE FUNCTION tell_webhooks_of_session() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO webhook_deliveries (id, webhook_id, type, session_id)
    SELECT new_id('msg'), w.id, 'session.' || NEW.status, NEW.id FROM webhooks w
    WHERE w.workspace_id = NEW.workspace_id AND 'session.' || NEW.status = ANY (w.events) AND w.stopped_at IS NULL;
    RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER agent_sessions_webhooks AFTER UPDATE OF status ON agent_sessions FOR EACH ROW
    WHEN (OLD.status IS DISTINCT FROM NEW.status AND NEW.status IN ('completed', 'failed'))
    EXECUTE FUNCTION tell_webhooks_of_session();

CREATE OR REPLACE FUNCTION tell_webhooks_of_question() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO webhook_deliveries (id, webhook_id, type, session_id, step_id)
    SELECT new_id('msg'), w.id, 'session.decision_needed', NEW.session_id, NEW.id
    FROM agent_sessions s JOIN webhooks w ON w.workspace_id = s.workspace_id
    WHERE s.id = NEW.session_id AND 'session.decision_needed' = ANY (w.events) AND w.stopped_at IS NULL;
    RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER steps_webhooks AFTER INSERT ON steps FOR EACH ROW
    WHEN (NEW.step_type = 'approval' AND NEW.end_seq IS NULL)
    EXECUTE FUNCTION tell_webhooks_of_question();

-- A put may make a question of what was open as something else.
CREATE OR REPLACE TRIGGER steps_webhooks_of_type AFTER UPDATE OF step_type ON steps FOR EACH ROW
    WHEN (NEW.step_type = 'approval' AND NEW.end_seq IS NULL AND OLD.step_type <> NEW.step_type)
    EXECUTE FUNCTION tell_webhooks_of_question();

-- The body of a delivery; NULL: it may not be told any more, or a question was answered meanwhile.
CREATE OR REPLACE FUNCTION webhook_body(w webhooks, d webhook_deliveries) RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        SELECT concat('{"type":"', d.type, '","timestamp":', json_time(d.at), ',"data":{"session":', session_whole_json(s), '}}')
        FROM agent_sessions s JOIN users u ON u.id = w.maker_id
        WHERE s.id = d.session_id AND w.stopped_at IS NULL AND u.deactivated_at IS NULL
          AND can_read_session(u.id, s.workspace_id, s.stream_id, s.persona_id)
          AND (d.step_id IS NULL
               OR s.status = 'running' AND EXISTS (SELECT FROM steps p WHERE p.session_id = s.id AND p.id = d.step_id
                                                                         AND p.end_seq IS NULL)));
END $$;
