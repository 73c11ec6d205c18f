-- A repeat is a repeat only if it says the same: what a write says of a step that is there already, and that would be lost.
--
-- It says the same if its client sent the same (the marks of 0021_record.sql): then it does not matter what has become of the step, of
-- the texts that it quotes, or of the rules of redaction since. Otherwise what the step has is compared.

CREATE OR REPLACE FUNCTION is_lost(has text, says text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT says IS NOT NULL AND has IS DISTINCT FROM says
$$;

-- The fields whose values the step does not have. What is said only starts it unless it `ends`; while the step is open nothing of an end
-- is a repeat, and its end may have replaced the last five that a start has told. One expression, which becomes part of the
-- statement that calls it: a batch compares thousands of lines.
CREATE OR REPLACE FUNCTION differences_of_step(p steps, x step_said) RETURNS text[] LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT array_remove(ARRAY[
        CASE WHEN is_lost(p.step_type, x.type) THEN 'stepType' END,
        CASE WHEN is_lost(p.name, x.name) THEN 'name' END,
        CASE WHEN is_lost(p.parent_step_id, x.parent) THEN 'parentStepId' END,
        CASE WHEN is_lost(coalesce(p.start_content, p.content), x.start_content::text)
                  OR p.end_seq IS NOT NULL AND is_lost(p.content, x.content::text) THEN 'content' END,
        CASE WHEN p.end_seq IS NOT NULL AND is_lost(p.sources, x.sources::text) THEN 'sources' END,
        CASE WHEN p.end_seq IS NOT NULL AND is_lost(p.message_id, x.message_id) THEN 'messageId' END,
        CASE WHEN p.end_seq IS NOT NULL AND is_lost(p.usage, x.usage::text) THEN 'usage' END,
        CASE WHEN p.end_seq IS NOT NULL AND is_lost(p.error, x.error::text) THEN 'error' END,
        CASE WHEN NOT p.times_adjusted AND is_lost(time_text(p.started_at, p.start_given), x.started::text) THEN 'startedAt' END,
        -- An end before its start was taken for the start.
        CASE WHEN p.end_seq IS NOT NULL AND NOT p.times_adjusted AND x.completed IS NOT NULL
                  AND is_lost(time_text(p.completed_at, p.end_given),
                              time_text(greatest(p.started_at, timestamptz 'epoch' + x.completed * interval '1 microsecond'), true))
             THEN 'completedAt' END,
        CASE WHEN x.ends = (p.end_seq IS NOT NULL) AND is_lost(p.input, x.input::text) THEN 'input' END,
        CASE WHEN x.ends = (p.end_seq IS NOT NULL) AND is_lost(p.output, x.output::text) THEN 'output' END,
        CASE WHEN x.ends = (p.end_seq IS NOT NULL) AND is_lost(p.attributes, x.attributes::text) THEN 'attributes' END,
        CASE WHEN x.ends = (p.end_seq IS NOT NULL) AND is_lost(p.events, x.events::text) THEN 'events' END,
        CASE WHEN x.ends = (p.end_seq IS NOT NULL) AND is_lost(p.links, x.links::text) THEN 'links' END], NULL)
$$;

-- Did the client send what it sent then? While the step is open nothing of an end is a repeat.
CREATE OR REPLACE FUNCTION is_same_again(p steps, x step_said) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT coalesce(x.start_mark = p.start_mark, x.start_mark IS NULL)
       AND (p.end_seq IS NULL OR coalesce(x.end_mark = p.end_mark, x.end_mark IS NULL))
       AND num_nonnulls(x.start_mark, x.end_mark) > 0
$$;

-- Did it send something else? Marks by different tokens, as when one has replaced the other, do not say: their first bytes name the key.
CREATE OR REPLACE FUNCTION is_other_mark(x bytea, p bytea) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT x <> p AND substr(x, 1, 4) = substr(p, 1, 4)
$$;

-- The fields for which a write is no repeat: none, if it is one. Of two that differ only in what was taken out of them, these fields.
CREATE OR REPLACE FUNCTION conflicts_of_step(p steps, x step_said) RETURNS text[] LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN is_same_again(p, x) THEN '{}'
                ELSE coalesce(nullif(differences_of_step(p, x), '{}'),
                              CASE WHEN is_other_mark(x.start_mark, p.start_mark) THEN x.start_redacted END
                              || CASE WHEN is_other_mark(x.end_mark, p.end_mark) THEN x.end_redacted END, '{}') END
$$;
