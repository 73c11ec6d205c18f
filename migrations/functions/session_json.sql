-- Sessions and the lifecycle events of their own rooms, printed. Metadata may be large: only what is about one session has them, and lists
-- and events, which come again and again, say that there are some.

-- A session without its trigger: what lifecycle events store.
CREATE OR REPLACE FUNCTION session_core_json(s agent_sessions) RETURNS text LANGUAGE plpgsql STABLE PARALLEL RESTRICTED AS $$
DECLARE
    persona text;
    stream text;
    retry text;
    usage text;
BEGIN
    SELECT concat('{"id":"', id, '","name":', to_json(name), ',"slug":', to_json(slug), ',"avatar":', to_json(avatar), '}')
    INTO persona FROM personas WHERE id = s.persona_id;
    IF s.stream_id IS NOT NULL THEN
        SELECT concat(',"streamId":"', id, '","stream":{"id":"', id, '","type":"', type, '","name":', to_json(name), '}')
        INTO stream FROM streams WHERE id = s.stream_id;
    END IF;
    IF s.status IN ('failed', 'cancelled') THEN
        SELECT concat(',"retriedBy":"', id, '"') INTO retry FROM agent_sessions WHERE retry_of = s.id;
    END IF;
    IF num_nonnulls(s.usage_model, s.input_tokens, s.output_tokens, s.reasoning_tokens, s.cache_read_tokens, s.cache_write_tokens,
                    s.total_tokens, s.cost_usd) > 0 THEN
        usage := substr(concat(',"model":' || to_json(s.usage_model)::text, ',"inputTokens":' || s.input_tokens, ',"outputTokens":' || s.output_tokens,
                               ',"reasoningTokens":' || s.reasoning_tokens, ',"cacheReadTokens":' || s.cache_read_tokens,
                               ',"cacheWriteTokens":' || s.cache_write_tokens, ',"totalTokens":' || s.total_tokens, ',"costUsd":' || s.cost_usd,
                               CASE WHEN s.computed_cost_usd IS NOT NULL THEN ',"costComputed":true' END), 2);
    END IF;
    RETURN concat(
        '{"id":"', s.id, '","workspaceId":"', s.workspace_id, '"', stream,
        ',"parentStreamId":"' || s.parent_stream_id || '","parentMessageId":"' || s.parent_message_id || '"',
        ',"personaId":"', s.persona_id, '","persona":', persona,
        ',"title":' || to_json(s.title)::text,
        ',"triggerMessageId":"' || s.trigger_message_id || '"',
        ',"retryOf":"' || s.retry_of || '"', retry,
        ',"attempt":', s.attempt, ',"status":"', s.status, '"',
        ',"currentStepType":"' || s.current_step_type || '"',
        ',"approval":' || session_approval_json(s),
        ',"stepCount":', s.step_count, ',"openSteps":', s.open_steps, ',"messageCount":', s.message_count, ',"sourceCount":', s.source_count,
        ',"usage":{' || usage || '}',
        ',"lastSeq":', s.last_seq,
        ',"createdAt":', json_time(s.created_at),
        ',"startedAt":' || json_time(s.started_at),
        ',"completedAt":' || json_time(s.completed_at),
        ',"durationMs":' || duration_ms(s.started_at, s.completed_at),
        ',"prunedAt":' || json_time(s.pruned_at),
        CASE WHEN s.times_adjusted THEN ',"timesAdjusted":true' END,
        ',"heartbeatAt":' || json_time(s.heartbeat_at),
        ',"error":{"code":' || to_json(s.error_code)::text || ',"message":' || to_json(s.error_message)::text || '}',
        ',"endedBy":{"type":"' || s.ended_by_type || '"' || coalesce(',"id":"' || s.ended_by_id || '"', '')
                               || coalesce(',"name":' || to_json(s.ended_by_name)::text, '') || '}',
        ',"source":' || s.source, ',"externalId":' || to_json(s.external_id)::text, ',"threadKey":' || to_json(s.thread_key)::text,
        ',"userId":' || to_json(s.user_key)::text, ',"tags":' || s.tags, ',"environment":' || to_json(s.environment)::text,
        ',"project":' || to_json(s.project)::text, CASE WHEN s.silence_s IS NOT NULL THEN ',"heartbeat":"none"' END,
        CASE WHEN num_nonnulls(s.system_prompt, s.tools) > 0 THEN ',"hasInstructions":true' END,
        CASE WHEN s.metadata IS NOT NULL THEN ',"hasMetadata":true' END,
        ',"rating":' || session_rating_json(s),
        '}');
END $$;

-- `core` with its trigger as the message is now: a deleted or edited text does not come back with an old event.
CREATE OR REPLACE FUNCTION session_with_trigger_json(core text, trigger_message text) RETURNS text LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
DECLARE
    t record;
BEGIN
    IF trigger_message IS NULL THEN
        RETURN core;
    END IF;
    SELECT left(m.content, 200) AS excerpt, m.author_id,
           CASE WHEN m.author_id LIKE 'per\_%' THEN (SELECT name FROM personas WHERE id = m.author_id)
                ELSE (SELECT name FROM users WHERE id = m.author_id) END AS author
    INTO t FROM messages m WHERE m.id = trigger_message;
    IF NOT FOUND THEN
        RETURN core;
    END IF;
    RETURN concat(left(core, -1), ',"trigger":{"messageId":"', trigger_message, '","authorId":"', t.author_id, '","authorName":', to_json(t.author), ',"excerpt":', to_json(t.excerpt), '}}');
END $$;

CREATE OR REPLACE FUNCTION session_json(s agent_sessions) RETURNS text LANGUAGE plpgsql STABLE PARALLEL RESTRICTED AS $$
BEGIN
    RETURN session_with_trigger_json(session_core_json(s), s.trigger_message_id);
END $$;

-- The session with its metadata; store/notify.c adds them in the same way.
CREATE OR REPLACE FUNCTION session_whole_json(s agent_sessions) RETURNS text LANGUAGE plpgsql STABLE PARALLEL RESTRICTED AS $$
BEGIN
    RETURN concat(left(session_json(s), -1), ',"metadata":' || s.metadata, '}');
END $$;

-- The data of an event of the session's room that is not about a step. agent_session:updated keeps no copy: it is printed from the
-- session as it is now.
CREATE OR REPLACE FUNCTION session_event_json(e session_events) RETURNS text LANGUAGE plpgsql STABLE PARALLEL RESTRICTED AS $$
BEGIN
    RETURN (
        SELECT concat('{"room":"session:', e.session_id, '","seq":', e.seq, ',"session":',
                      CASE WHEN e.session IS NULL THEN session_whole_json(s)
                           ELSE session_with_trigger_json(e.session, s.trigger_message_id) END, '}')
        FROM agent_sessions s WHERE s.id = e.session_id);
END $$;
