-- What a step has cost where its agent did not say it: its usage times the price of its model. A cost is computed when a step has ended
-- and then kept, so that a new price changes no history; recompute_costs() does so on demand.

-- The names under which a model may have a price, the nearest first: as it was said, without the date or the word "latest" at its end,
-- and each of both without what stands before a slash ("openrouter/anthropic/claude-opus-4-5"). A later variant (":free", "-preview") is
-- another model.
CREATE OR REPLACE FUNCTION model_names(model text) RETURNS text[] LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    rest text := lower(model);
    names text[] := '{}';
BEGIN
    LOOP
        names := names || rest || regexp_replace(rest, '[-@](\d{4}-\d\d-\d\d|20\d{6}|latest)$', '');
        EXIT WHEN strpos(rest, '/') = 0;
        rest := substr(rest, strpos(rest, '/') + 1);
    END LOOP;
    RETURN names;
END $$;

CREATE OR REPLACE FUNCTION model_price(workspace text, wanted text) RETURNS model_prices LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
DECLARE
    names CONSTANT text[] := model_names(wanted);
    price model_prices;
BEGIN
    SELECT * INTO price FROM model_prices p
    WHERE p.model = ANY (names) AND coalesce(p.workspace_id, '') IN (workspace, '')
    ORDER BY p.workspace_id IS NULL, array_position(names, p.model) LIMIT 1;
    RETURN price;
END $$;

-- Cached tokens are contained in the input, as in OpenTelemetry's conventions; where there are more of them than of input, they stand
-- beside it.
CREATE OR REPLACE FUNCTION cost_at(price model_prices, input bigint, cached bigint, written bigint, output bigint) RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT trim_scale(round((
        CASE WHEN coalesce(input, 0) >= coalesce(cached, 0) + coalesce(written, 0)
             THEN coalesce(input, 0) - coalesce(cached, 0) - coalesce(written, 0) ELSE coalesce(input, 0) END * price.input_usd
        + coalesce(cached, 0) * coalesce(price.cache_read_usd, price.input_usd)
        + coalesce(written, 0) * coalesce(price.cache_write_usd, price.input_usd)
        + coalesce(output, 0) * price.output_usd) / 1000000, 12))
$$;

-- NULL: the agent said the cost, or it counts in other steps, or it cannot be known.
CREATE OR REPLACE FUNCTION computed_cost(workspace text, usage text) RETURNS numeric LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
DECLARE
    u jsonb;
    price model_prices;
BEGIN
    IF usage IS NULL OR strpos(usage, '"model"') = 0 THEN
        RETURN NULL;
    END IF;
    u := usage;
    IF (u ->> 'costUsd' IS NOT NULL) OR coalesce((u ->> 'isSum')::boolean, false)
       OR num_nonnulls(u ->> 'inputTokens', u ->> 'outputTokens') = 0 THEN
        RETURN NULL;
    END IF;
    price := model_price(workspace, u ->> 'model');
    IF price.model IS NULL THEN
        RETURN NULL;
    END IF;
    RETURN cost_at(price, (u ->> 'inputTokens')::bigint, (u ->> 'cacheReadTokens')::bigint, (u ->> 'cacheWriteTokens')::bigint,
                   (u ->> 'outputTokens')::bigint);
END $$;

-- A step's usage as it is shown, with the cost that was computed.
CREATE OR REPLACE FUNCTION usage_with_cost(usage text, computed numeric) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN computed IS NULL THEN usage
                ELSE left(usage, -1) || ',"costUsd":' || computed::text || ',"costComputed":true}' END
$$;

-- Computes the costs of a session's steps anew, by the prices of now. Each step whose cost changes is an update of its own, and the
-- session is told of once. Returns how many steps have changed.
CREATE OR REPLACE FUNCTION recompute_costs(session text) RETURNS integer LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    s agent_sessions;
    was steps;
    step steps;
    changed integer := 0;
BEGIN
    SELECT * INTO s FROM agent_sessions x WHERE x.id = session AND x.pruned_at IS NULL FOR NO KEY UPDATE;
    FOR was IN SELECT * FROM steps x WHERE x.session_id = s.id AND x.end_seq IS NOT NULL AND x.usage IS NOT NULL ORDER BY x.step_number LOOP
        step := was;
        step.computed_cost_usd := computed_cost(s.workspace_id, was.usage);
        IF step.computed_cost_usd IS NOT DISTINCT FROM was.computed_cost_usd THEN
            CONTINUE;
        END IF;
        changed := changed + 1;
        s.last_seq := s.last_seq + 1;
        UPDATE steps x SET computed_cost_usd = step.computed_cost_usd, seq = s.last_seq WHERE x.session_id = s.id AND x.id = step.id;
        INSERT INTO session_events (session_id, seq, type, step_id) VALUES (s.id, s.last_seq, 'agent_session:step:updated', step.id);
        s := add_usage(s, was, step);
    END LOOP;
    IF changed > 0 THEN
        UPDATE agent_sessions x SET last_seq = s.last_seq + 1, cost_usd = s.cost_usd, computed_cost_usd = s.computed_cost_usd,
            settled_cost_usd = (session_settled(s, s.completed_at)).cost_usd
        WHERE x.id = s.id RETURNING * INTO s;
        PERFORM write_session_updated(s, NULL);
    END IF;
    RETURN changed;
END $$;

CREATE OR REPLACE FUNCTION price_json(p model_prices) RETURNS text LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
    RETURN concat('{"model":', to_json(p.model), ',"inputUsd":', p.input_usd, ',"outputUsd":', p.output_usd,
                  ',"cacheReadUsd":' || p.cache_read_usd, ',"cacheWriteUsd":' || p.cache_write_usd,
                  ',"own":', CASE WHEN p.workspace_id IS NULL THEN 'false' ELSE 'true' END,
                  ',"source":' || to_json(p.source)::text, ',"asOf":"', p.as_of, '"}');
END $$;

-- Enters a workspace's own price, or removes it: without `input`. `code`: 200 entered, 204 removed, 404 there is none to remove, 409 it is not
-- as it was `seen`. Without an actor nothing is done.
CREATE OR REPLACE FUNCTION change_price(actor text, workspace text, wanted text, input numeric, output numeric, cache_read numeric,
                                        cache_write numeric, seen jsonb)
RETURNS TABLE (code integer, price model_prices) LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    was model_prices;
    written model_prices;
BEGIN
    IF actor IS NULL THEN
        RETURN;
    END IF;
    PERFORM FROM workspaces w WHERE w.id = workspace FOR NO KEY UPDATE;
    SELECT * INTO was FROM model_prices p WHERE p.workspace_id = workspace AND p.model = lower(wanted);
    IF NOT is_as_seen(seen, CASE WHEN was.model IS NOT NULL THEN
           jsonb_build_object('inputUsd', was.input_usd, 'outputUsd', was.output_usd, 'cacheReadUsd', was.cache_read_usd,
                              'cacheWriteUsd', was.cache_write_usd) END) THEN
        RETURN QUERY SELECT 409, NULL::model_prices;
    ELSIF input IS NULL AND was.model IS NULL THEN
        RETURN QUERY SELECT 404, NULL::model_prices;
    ELSIF input IS NULL THEN
        DELETE FROM model_prices p WHERE p.workspace_id = workspace AND p.model = was.model;
        INSERT INTO audit_log (actor, action, subject, workspace_id, details)
        VALUES (actor, 'remove-price', was.model, workspace, price_json(was)::json);
        RETURN QUERY SELECT 204, NULL::model_prices;
    ELSE
        INSERT INTO model_prices (workspace_id, model, input_usd, output_usd, cache_read_usd, cache_write_usd)
        VALUES (workspace, lower(wanted), input, output, cache_read, cache_write)
        ON CONFLICT (model, coalesce(workspace_id, '')) DO UPDATE
            SET (input_usd, output_usd, cache_read_usd, cache_write_usd, source, as_of) =
                (excluded.input_usd, excluded.output_usd, excluded.cache_read_usd, excluded.cache_write_usd, excluded.source, excluded.as_of)
        RETURNING * INTO written;
        INSERT INTO audit_log (actor, action, subject, workspace_id, details)
        VALUES (actor, 'set-price', written.model, workspace, price_json(written)::json);
        RETURN QUERY SELECT 200, written;
    END IF;
END $$;
