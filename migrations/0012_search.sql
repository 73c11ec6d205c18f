-- How a person's words become a query, and how well a message fits them.

-- What web search boxes understand ("phrase", OR, -not), and beside it the last word as the beginning of one: it is often still
-- being typed. Not inside a phrase and not after a minus.
CREATE FUNCTION search_query(asked text) RETURNS tsquery LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    -- More than 32 negations of one another are an error to PostgreSQL ("tsquery stack too small").
    words CONSTANT text := regexp_replace(asked, '-[^[:alnum:]"]*-', '-', 'g');
    whole CONSTANT tsquery := websearch_to_tsquery('english', words);
    last CONSTANT text := substring(words FROM '[[:alnum:]]+$');
    before text;
BEGIN
    before := left(words, -length(last));
    IF last IS NULL OR before LIKE '%-' OR length(before) - length(replace(before, '"', '')) NOT IN (0, 2, 4, 6, 8) THEN
        RETURN whole;
    END IF;
    -- "or" at the end of the rest has lost its right side.
    before := regexp_replace(before, '\sor\s*$', '', 'i');
    RETURN whole || (websearch_to_tsquery('english', before) && to_tsquery('simple', lower(last) || ':*'));
END $$;

-- Fit, halved with every month of age.
CREATE FUNCTION search_rank(found tsvector, query tsquery, said_at timestamptz) RETURNS double precision LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT ts_rank_cd(found, query, 1) / (1 + greatest(0, extract(epoch FROM now() - said_at)) / 2592000)
$$;
