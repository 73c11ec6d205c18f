-- New steps that are put, all at once: one statement, whose steps take the session's next numbers in the order of the list. The row of the
-- session is locked.

-- What the door marks as the total of a run is the sum of others where these have told theirs.
CREATE OR REPLACE FUNCTION usage_of_total(usage text, others_told boolean) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN usage LIKE '%"isTotal":true}'
                THEN replace(usage, '"isTotal":true}', CASE WHEN others_told THEN '"isSum":true}' ELSE '"isSum":false}' END)
                ELSE usage END
$$;

-- A late step of a session that stays ended belongs to it if it began before the end, or hardly after: until when.
CREATE OR REPLACE FUNCTION takes_steps_until(s agent_sessions) RETURNS timestamptz LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN s.status = 'running' THEN 'infinity'
                WHEN s.completed_at > clock_timestamp() - interval '1 day' THEN s.completed_at + interval '1 minute'
                ELSE '-infinity' END
$$;

-- The fields that a new step has, by the names that clients know.
CREATE OR REPLACE FUNCTION told_fields(p steps) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT array_remove(ARRAY[
        'stepType', CASE WHEN p.name IS NOT NULL THEN 'name' END, CASE WHEN p.parent_step_id IS NOT NULL THEN 'parentStepId' END,
        CASE WHEN coalesce(p.content, p.start_content) IS NOT NULL THEN 'content' END, CASE WHEN p.sources IS NOT NULL THEN 'sources' END,
        CASE WHEN p.message_id IS NOT NULL THEN 'messageId' END, CASE WHEN p.usage IS NOT NULL THEN 'usage' END,
        CASE WHEN p.error IS NOT NULL THEN 'error' END, CASE WHEN p.start_given THEN 'startedAt' END,
        CASE WHEN p.end_given THEN 'completedAt' END, CASE WHEN p.input IS NOT NULL THEN 'input' END,
        CASE WHEN p.output IS NOT NULL THEN 'output' END, CASE WHEN p.attributes IS NOT NULL THEN 'attributes' END,
        CASE WHEN p.events IS NOT NULL THEN 'events' END, CASE WHEN p.links IS NOT NULL THEN 'links' END], NULL)
$$;

-- `said`: of steps that are not there, each once, and none above itself. What is refused is left out and answered with its code. `s` is the
-- session in memory, whose counters go on. If it is to be brief, only what is refused is answered.
CREATE OR REPLACE FUNCTION make_steps(INOUT s agent_sessions, said step_said[], brief boolean, OUT answers put_answer[])
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    arrival CONSTANT timestamptz := clock_timestamp();
    until CONSTANT timestamptz := takes_steps_until(s);
    has_told CONSTANT boolean := num_nonnulls(s.input_tokens, s.output_tokens) > 0;
    refused put_answer[];
    sums record;
BEGIN
    WITH said AS MATERIALIZED (
        SELECT x.*, coalesce(began.at, least(arrival, ended.at)) AS at, began.at AS began, ended.at AS ended,
               x.usage::text LIKE '%"isTotal":true}' AS is_total,
               CASE WHEN x.type IS NULL THEN 'stepType' WHEN x.type = ANY (x.misfits) THEN 'content'
                    WHEN coalesce(began.at, least(arrival, ended.at)) > until THEN 'startedAt' END AS misfit
        FROM unnest(said) x,
             LATERAL (SELECT given_time(x.started, s.created_at - interval '30 days', arrival + interval '5 minutes') AS at) began,
             LATERAL (SELECT given_time(x.completed, 'epoch', arrival + interval '1 day') AS at) ended),
    new AS MATERIALIZED (
        SELECT x.*, row_number() OVER (ORDER BY i) AS nth,
               has_told OR bool_or(ends AND NOT is_total AND num_nonnulls(input_tokens, output_tokens) > 0) OVER () AS others_told
        FROM said x WHERE misfit IS NULL),
    -- A list has few models, so each price is looked for once.
    prices AS MATERIALIZED (
        SELECT m.model, price FROM (SELECT DISTINCT model FROM new
                                    WHERE ends AND cost_usd IS NULL AND num_nonnulls(input_tokens, output_tokens) > 0) m,
             model_price(s.workspace_id, m.model) price
        WHERE m.model IS NOT NULL AND price.model IS NOT NULL),
    priced AS MATERIALIZED (
        SELECT x.*, x.ends AND NOT (x.is_total AND x.others_told) AS counts,
               CASE WHEN x.ends AND NOT (x.is_total AND x.others_told) AND x.cost_usd IS NULL
                         AND num_nonnulls(x.input_tokens, x.output_tokens) > 0
                    THEN cost_at(p.price, x.input_tokens, x.cache_read_tokens, x.cache_write_tokens, x.output_tokens) END AS computed
        FROM new x LEFT JOIN prices p ON p.model = x.model),
    made AS (
        INSERT INTO steps AS p (session_id, id, step_number, step_type, name, parent_step_id, failed, start_seq, end_seq, seq, start_content,
                           start_length, content, content_length, sources, message_id, usage, error, started_at, received_at,
                           start_given, end_given, times_adjusted, completed_at, input, output, attributes, events, links,
                           computed_cost_usd, start_mark, end_mark)
        SELECT s.id, id, s.step_count + nth, type, name, parent, error IS NOT NULL, s.last_seq + nth,
               CASE WHEN ends THEN s.last_seq + nth END, s.last_seq + nth,
               CASE WHEN NOT ends THEN content END, CASE WHEN NOT ends THEN content_length END,
               CASE WHEN ends THEN content END, CASE WHEN ends THEN content_length END,
               sources, message_id, usage_of_total(usage::text, others_told), error, at, arrival, began IS NOT NULL,
               ends AND ended IS NOT NULL,
               started IS NOT NULL AND began IS NULL OR completed IS NOT NULL AND ended IS NULL,
               CASE WHEN ends THEN greatest(at, coalesce(ended, arrival)) END, input, output, attributes, events, links,
               computed, start_mark, CASE WHEN ends THEN end_mark END
        FROM priced RETURNING p AS step),
    quoted AS (
        INSERT INTO session_sources (session_id, key) SELECT DISTINCT s.id, md5(key) FROM new, unnest(keys) key
        ON CONFLICT DO NOTHING RETURNING key)
    SELECT count(*) AS steps, count(*) FILTER (WHERE NOT ends) AS opened, (array_agg(type ORDER BY nth DESC))[1] AS type,
           count(*) FILTER (WHERE ends AND error IS NULL AND type = 'message_sent') AS messages,
           (array_agg(model ORDER BY nth DESC) FILTER (WHERE counts AND model IS NOT NULL))[1] AS model,
           sum(input_tokens) FILTER (WHERE counts) AS input, sum(output_tokens) FILTER (WHERE counts) AS output,
           sum(reasoning_tokens) FILTER (WHERE counts) AS reasoning, sum(cache_read_tokens) FILTER (WHERE counts) AS cache_read,
           sum(cache_write_tokens) FILTER (WHERE counts) AS cache_write, sum(total_tokens) FILTER (WHERE counts) AS total,
           sum(coalesce(cost_usd, computed)) FILTER (WHERE counts) AS cost, sum(computed) AS computed, (SELECT count(*) FROM quoted) AS sources,
           CASE WHEN NOT brief THEN
               (SELECT array_agg(ROW(201, s.status, NULL, NULL, (at.places)[(step).step_number - s.step_count], (step).seq,
                                     CASE WHEN (step).end_seq IS NULL THEN 'started' ELSE 'completed' END, told_fields(step), '{}', NULL,
                                     NULL, step)::put_answer)
                FROM made, (SELECT array_agg(i ORDER BY nth) AS places FROM new) at) END AS answers,
           (SELECT array_agg(put_refused(CASE misfit WHEN 'startedAt' THEN 409 ELSE 400 END, s, i, NULL, nullif(misfit, 'startedAt')))
            FROM said WHERE misfit IS NOT NULL) AS refused
    INTO sums FROM priced;
    answers := sums.answers;
    refused := sums.refused;
    s.last_seq := s.last_seq + sums.steps;
    s.step_count := s.step_count + sums.steps;
    s.open_steps := s.open_steps + sums.opened;
    s.current_step_type := coalesce(sums.type, s.current_step_type);
    s.message_count := s.message_count + sums.messages;
    s.source_count := s.source_count + sums.sources;
    s.usage_model := coalesce(sums.model, s.usage_model);
    s.input_tokens := coalesce(s.input_tokens + sums.input, s.input_tokens, sums.input);
    s.output_tokens := coalesce(s.output_tokens + sums.output, s.output_tokens, sums.output);
    s.reasoning_tokens := coalesce(s.reasoning_tokens + sums.reasoning, s.reasoning_tokens, sums.reasoning);
    s.cache_read_tokens := coalesce(s.cache_read_tokens + sums.cache_read, s.cache_read_tokens, sums.cache_read);
    s.cache_write_tokens := coalesce(s.cache_write_tokens + sums.cache_write, s.cache_write_tokens, sums.cache_write);
    s.total_tokens := coalesce(s.total_tokens + sums.total, s.total_tokens, sums.total);
    s.cost_usd := coalesce(s.cost_usd + sums.cost, s.cost_usd, sums.cost);
    s.computed_cost_usd := coalesce(s.computed_cost_usd + sums.computed, s.computed_cost_usd, sums.computed);
    answers := coalesce(answers, '{}') || coalesce(refused, '{}');
END $$;
