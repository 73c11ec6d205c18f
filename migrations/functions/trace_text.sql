-- Searching in what steps hold: what a reader reads, not how it is printed as JSON.

-- All texts, numbers and truth values of a printed JSON value, a line each; no keys. A string is itself. A jsonb takes no number that is
-- too large or too small for a numeric, and a search must not fail by what was recorded: a text with what may be such a number is cut into
-- its tokens, which takes up to eight times as long.
CREATE OR REPLACE FUNCTION shown_text(printed text) RETURNS text LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
    IF left(printed, 1) = '"' THEN
        RETURN printed::json #>> '{}';
    ELSIF printed ~ '\d[eE][-+]?\d{4}|\d{255}' THEN
        RETURN (
            SELECT string_agg(CASE WHEN m[3] IS NULL THEN m[1]::json #>> '{}' ELSE m[3] END, E'\n')
            FROM regexp_matches(printed, '("(?:[^"\\]|\\.)*")(\s*:)?|([-0-9][-+.0-9eE]*|true|false)', 'g') m
            WHERE m[2] IS NULL);
    END IF;
    RETURN (
        SELECT string_agg(x.leaf #>> '{}', E'\n') FROM jsonb_path_query(printed::jsonb, 'strict $.**') x(leaf)
        WHERE jsonb_typeof(x.leaf) IN ('string', 'number', 'boolean'));
END $$;

-- Whether a reader of the value reads `wanted` in it, in whatever case. `escaped` is the same as our programs print it in JSON. Only
-- where that occurs, or something is escaped, a value is worth taking apart.
CREATE OR REPLACE FUNCTION shows_text(printed text, wanted text, escaped text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
    RETURN printed IS NOT NULL AND (strpos(printed, '\') > 0 OR strpos(lower(printed), lower(escaped)) > 0)
       AND strpos(lower(shown_text(printed)), lower(wanted)) > 0;
END $$;
