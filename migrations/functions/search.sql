-- How a person's words become a query, which messages it finds, how well one fits and what of it is shown. What a document is made
-- of: migration 0005.

-- The words of `said` in their order, the last as the beginning of one if `is_typed`; pairs of letters and pictographs in any order.
CREATE OR REPLACE FUNCTION search_literally(said text, is_typed boolean) RETURNS tsquery LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    spaced CONSTANT text := search_spaced(search_fold(said));
    words CONSTANT text[] := ARRAY(SELECT token FROM ts_parse('default', search_words(spaced)) WITH ORDINALITY t(kind, token, n)
                                   WHERE kind <> 12 ORDER BY n);
    pairs CONSTANT text[] := coalesce(search_pairs(spaced), '{}');
    phrase CONSTANT text := '''' || array_to_string(words, ''' <-> ''') || '''';
    pair text;
    built tsquery := '';
BEGIN
    IF words <> '{}' THEN
        built := to_tsquery('simple', phrase || CASE WHEN is_typed THEN ':*' ELSE '' END);
    END IF;
    FOREACH pair IN ARRAY pairs LOOP
        CONTINUE WHEN EXISTS (SELECT FROM unnest(pairs) other WHERE other LIKE '_' || pair); -- the end of a run
        built := built && ('''' || pair || ''':*')::tsquery;
    END LOOP;
    RETURN built;
END $$;

-- What the query consists of, in its order: quoted or bare, excluded or not; `or` stands between.
CREATE OR REPLACE FUNCTION search_items(asked text) RETURNS TABLE (n bigint, is_excluded boolean, is_quoted boolean, said text, is_last boolean)
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT n, coalesce(m[1], m[3]) LIKE '-%', m[2] IS NOT NULL, coalesce(m[2], ltrim(m[3], '-')),
        m[2] IS NULL AND n = count(*) OVER () AND asked ~ '[[:alnum:]]$'
    FROM regexp_matches(asked, '(-*)"([^"]*)"?|([^\s"]+)', 'g') WITH ORDINALITY i(m, n)
$$;

-- What web search boxes understand ("phrase", or, -not), and beside it the last word as the beginning of one: it is often still
-- being typed. A word that is nothing but letters and digits is found in all its English forms; one with punctuation in it, as an
-- address, or in a script without spaces, as it stands. Stop words alone are meant as a phrase, if they are several.
CREATE OR REPLACE FUNCTION search_query(asked text) RETURNS tsquery LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    item record;
    word text;
    part tsquery;
    conjunction tsquery := '';
    built tsquery := '';
BEGIN
    FOR item IN SELECT * FROM search_items(asked) ORDER BY n LOOP
        word := btrim(search_spaced(search_fold(item.said)));
        IF NOT item.is_quoted AND lower(item.said) = 'or' THEN
            built := built || conjunction;
            conjunction := '';
            CONTINUE;
        ELSIF NOT item.is_quoted AND word ~ '^[[:alnum:]]+$' AND search_pairs(word) IS NULL THEN
            part := plainto_tsquery('english', word);
            IF item.is_last AND NOT item.is_excluded AND numnode(part) > 0 THEN
                part := part || to_tsquery('simple', word || ':*');
            END IF;
        ELSE
            part := search_literally(item.said, item.is_last AND NOT item.is_excluded);
        END IF;
        conjunction := conjunction && CASE WHEN item.is_excluded AND numnode(part) > 0 THEN !!part ELSE part END;
    END LOOP;
    built := built || conjunction;
    IF numnode(built) = 0 AND btrim(asked) ~ '\s' THEN
        RETURN search_literally(asked, false);
    END IF;
    RETURN built;
END $$;

-- Fit, halved with every month of age.
CREATE OR REPLACE FUNCTION search_rank(found tsvector, query tsquery, said_at timestamptz) RETURNS double precision LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT ts_rank_cd(found, query, 1) / (1 + greatest(0, extract(epoch FROM now() - said_at)) / 2592000)
$$;

-- Where the words are: U+0002 stands before and U+0003 behind each of them. A snippet is cut from the first 200,000 characters.
CREATE OR REPLACE FUNCTION search_snippet(content text, asked text, query tsquery) RETURNS text LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    shown CONSTANT text := translate(left(content, 200000), E'\x02\x03', '');
    head CONSTANT text := ts_headline('english', shown, query, E'StartSel=\x02, StopSel=\x03, MinWords=15, MaxWords=35');
    plain text;
    folded text;
    sought text[];
    first integer;
    term text;
    at integer;
    snippet text := '';
BEGIN
    IF position(E'\x02' IN head) > 0 THEN
        RETURN head;
    END IF;
    plain := CASE WHEN octet_length(shown) = char_length(shown) THEN shown ELSE normalize(shown, NFC) END;
    folded := search_fold(plain);
    sought := ARRAY(SELECT search_fold(said) FROM search_items(asked) WHERE NOT is_excluded AND said <> '' ORDER BY char_length(said) DESC);
    SELECT min(p) INTO first FROM unnest(sought) t, strpos(folded, t) p WHERE p > 0;
    IF first IS NULL THEN
        RETURN head;
    END IF;
    plain := substr(plain, greatest(1, first - 60), 240);
    folded := substr(folded, greatest(1, first - 60), 240);
    LOOP
        SELECT t, p INTO term, at FROM unnest(sought) t, strpos(folded, t) p WHERE p > 0 ORDER BY p, char_length(t) DESC LIMIT 1;
        EXIT WHEN NOT FOUND;
        snippet := snippet || left(plain, at - 1) || E'\x02' || substr(plain, at, char_length(term)) || E'\x03';
        plain := substr(plain, at + char_length(term));
        folded := substr(folded, at + char_length(term));
    END LOOP;
    RETURN snippet || plain;
END $$;

-- What a search may show: what its reader may read, and with `audience`, a stream, all its readers.
CREATE OR REPLACE FUNCTION search_may_show(reader text, audience text, stream text) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT can_read_stream(reader, stream) AND (audience IS NULL OR readers_may_read(audience, stream))
$$;

-- The newest matches that the reader may read, at most `ranked`; with `audience`, a stream: only what all its readers may. The right
-- to read is checked once for each stream with a match. A word that is frequent among the newest messages is looked for by going
-- back in time, at most through `walked` of them, as its matches in all the index would have to be read and sorted by time. A deleted
-- message has no words, so it would match a query of exclusions alone.
CREATE OR REPLACE FUNCTION search_matches(reader text, workspace text, audience text, query tsquery, needed integer)
RETURNS TABLE (id text) LANGUAGE plpgsql STABLE ROWS 1 AS $$ -- so that its messages are looked up, whatever the table's size
DECLARE
    ranked CONSTANT integer := 500;
    walked CONSTANT integer := 15000;
    probed CONSTANT integer := 500;
    frequency double precision;
    found text[];
BEGIN
    SELECT count(*) FILTER (WHERE n.search @@ query)::double precision / probed INTO frequency
    FROM (SELECT m.search FROM messages m WHERE m.workspace_id = workspace AND m.deleted_at IS NULL
          ORDER BY m.created_at DESC, m.id DESC LIMIT probed) n;
    IF frequency * walked >= 4 * needed THEN
        WITH matches AS MATERIALIZED (
            SELECT n.id, n.stream_id FROM (
                SELECT m.id, m.stream_id, m.search FROM messages m WHERE m.workspace_id = workspace AND m.deleted_at IS NULL
                ORDER BY m.created_at DESC, m.id DESC LIMIT walked) n
            WHERE n.search @@ query LIMIT greatest(ranked, needed)),
        readable AS MATERIALIZED (
            SELECT s.stream_id FROM (SELECT DISTINCT f.stream_id FROM matches f) s WHERE search_may_show(reader, audience, s.stream_id))
        SELECT array_agg(f.id) INTO found FROM matches f JOIN readable USING (stream_id);
        IF cardinality(found) >= needed THEN
            RETURN QUERY SELECT unnest(found);
            RETURN;
        END IF;
    END IF;
    RETURN QUERY
        WITH matches AS MATERIALIZED (
            SELECT m.id, m.stream_id, m.created_at FROM messages m
            WHERE m.search @@ query AND m.workspace_id = workspace AND m.deleted_at IS NULL),
        readable AS MATERIALIZED (
            SELECT s.stream_id FROM (SELECT DISTINCT f.stream_id FROM matches f) s WHERE search_may_show(reader, audience, s.stream_id))
        SELECT f.id FROM matches f JOIN readable USING (stream_id)
        ORDER BY f.created_at DESC, f.id DESC LIMIT greatest(ranked, needed);
END $$;
