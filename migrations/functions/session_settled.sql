-- What a session came to, for its columns settled_…, which the table of sessions is sorted and filtered by. Every statement that ends a
-- session sets them, and whatever changes an ended one; one that runs again has none. Where they are absent, session_list()
-- computes them.

CREATE OR REPLACE FUNCTION session_tokens(s agent_sessions) RETURNS bigint LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
    RETURN CASE WHEN num_nonnulls(s.input_tokens, s.output_tokens) > 0 THEN coalesce(s.input_tokens, 0) + coalesce(s.output_tokens, 0)
                ELSE s.total_tokens END;
END $$;

CREATE OR REPLACE FUNCTION session_settled(s agent_sessions, ended timestamptz,
                                           OUT duration_us bigint, OUT tokens bigint, OUT cost_usd numeric, OUT model text)
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
    IF ended IS NOT NULL THEN
        duration_us := coalesce((extract(epoch FROM ended - s.started_at) * 1000000)::bigint, -1);
        tokens := coalesce(session_tokens(s), -1);
        cost_usd := coalesce(s.cost_usd, -1);
        model := s.usage_model;
    END IF;
END $$;
