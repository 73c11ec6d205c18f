-- What a share shows: the trace and its trigger, and nothing else of the workspace. Every reading of a share passes through these
-- functions, the search in its steps included. They name what is shown, so that what is added elsewhere stays out until it is
-- named here.

-- The session without its stream, metadata, other attempts, tags, ratings, and the names that are the workspace's own.
CREATE OR REPLACE FUNCTION share_session_json(s agent_sessions) RETURNS text LANGUAGE plpgsql STABLE PARALLEL RESTRICTED AS $$
DECLARE
    whole CONSTANT json := session_json(s)::json;
    shown CONSTANT text[] := ARRAY['id', 'title', 'attempt', 'status', 'currentStepType', 'stepCount', 'openSteps', 'messageCount', 'sourceCount',
                                   'usage', 'lastSeq', 'createdAt', 'startedAt', 'completedAt', 'durationMs', 'timesAdjusted', 'error'];
BEGIN
    RETURN concat(
        '{', (SELECT string_agg(concat(to_json(x.key), ':', x.value), ',' ORDER BY x.place)
              FROM json_each(whole) WITH ORDINALITY x(key, value, place) WHERE x.key = ANY (shown)),
        ',"persona":{"name":', whole #> '{persona,name}', ',"avatar":', whole #> '{persona,avatar}', '}',
        ',"endedBy":{"type":' || (whole #> '{endedBy,type}')::text || '}',
        ',"trigger":{"authorName":' || (whole #> '{trigger,authorName}')::text || ',"excerpt":' || (whole #> '{trigger,excerpt}')::text || '}',
        '}');
END $$;

-- One entry of a list in a step's content, or NULL where it is not shown. What names a message is shown only if that is the trigger,
-- and then without its place.
CREATE OR REPLACE FUNCTION share_item(item json, trigger_message text) RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF json_typeof(item) <> 'object' OR item -> 'messageId' IS NULL THEN
        RETURN item::text;
    ELSIF item ->> 'messageId' IS DISTINCT FROM trigger_message THEN
        RETURN NULL;
    END IF;
    RETURN (
        SELECT concat('{', string_agg(concat(to_json(x.key), ':', x.value), ',' ORDER BY x.place), '}')
        FROM json_each(item) WITH ORDINALITY x(key, value, place)
        WHERE x.key IN ('authorName', 'authorType', 'createdAt', 'text', 'trigger', 'withheld'));
END $$;

-- `quotes`: the step's lists are messages of the conversation, whether they name them or not.
CREATE OR REPLACE FUNCTION share_items(items json, trigger_message text, quotes boolean) RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        SELECT concat('[', string_agg(share_item(x.item, trigger_message), ',' ORDER BY x.place), ']')
        FROM json_array_elements(items) WITH ORDINALITY x(item, place)
        WHERE NOT quotes OR CASE WHEN json_typeof(x.item) = 'object' THEN x.item -> 'messageId' IS NOT NULL ELSE false END);
END $$;

-- The content of a step whose texts have been put back. A conversation that was recorded as a mere text cannot be taken apart, so it
-- is not shown.
CREATE OR REPLACE FUNCTION share_content(kind text, said text, trigger_message text) RETURNS text LANGUAGE plpgsql STABLE AS $$
DECLARE
    quotes CONSTANT boolean := kind IN ('context_received', 'reconsidering');
BEGIN
    IF kind = 'context_received' AND left(said, 1) <> '{' THEN
        RETURN NULL;
    ELSIF left(said, 1) IS DISTINCT FROM '{' THEN
        RETURN said;
    END IF;
    RETURN (
        SELECT concat('{', string_agg(concat(
            to_json(x.key), ':',
            CASE WHEN json_typeof(x.value) = 'array' THEN share_items(x.value, trigger_message, quotes)
                 WHEN kind = 'approval' AND x.key = 'decision'
                 THEN concat('{"option":', x.value -> 'option', ',"at":', x.value -> 'at', '}')
                 ELSE x.value::text END), ',' ORDER BY x.place), '}')
        FROM json_each(said::json) WITH ORDINALITY x(key, value, place)
        WHERE x.key NOT IN ('messageId', 'streamId', 'threadId', 'workspaceId') AND (kind <> 'context_received' OR x.key = 'messages'));
END $$;

-- A source that is a message says no more than that.
CREATE OR REPLACE FUNCTION share_sources(sources json) RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        SELECT concat('[', string_agg(
            CASE WHEN x.item ->> 'type' = 'message' OR num_nonnulls(x.item -> 'messageId', x.item -> 'streamId') > 0
                 THEN '{"type":"message","title":"A message"}' ELSE x.item::text END, ',' ORDER BY x.place), ']')
        FROM json_array_elements(sources) WITH ORDINALITY x(item, place));
END $$;

-- The step as a share shows it: texts by the rights of the share's maker, and what it was given and gave, but not what its
-- client keeps beside that.
CREATE OR REPLACE FUNCTION share_step(maker text, trigger_message text, step steps) RETURNS steps LANGUAGE plpgsql STABLE AS $$
DECLARE
    shown steps := step_with_texts(maker, step);
BEGIN
    IF left(shown.start_content, 1) = '{' OR shown.step_type = 'context_received' THEN
        shown.start_content := share_content(shown.step_type, shown.start_content, trigger_message);
        shown.start_length := octet_length(shown.start_content);
    END IF;
    IF left(shown.content, 1) = '{' OR shown.step_type = 'context_received' THEN
        shown.content := share_content(shown.step_type, shown.content, trigger_message);
        shown.content_length := octet_length(shown.content);
    END IF;
    IF shown.step_type = 'context_received' THEN
        shown.input := NULL;
        shown.output := NULL;
    END IF;
    IF shown.sources IS NOT NULL THEN
        shown.sources := share_sources(shown.sources::json);
    END IF;
    shown.has_quotes := false;
    shown.message_id := NULL;
    shown.attributes := NULL;
    shown.events := NULL;
    shown.links := NULL;
    RETURN shown;
END $$;
